#!/bin/sh
# c_test.sh FIB SIEVE JSON ECHO: the examples in C do what their first lines say, also with a move at every prologue.
set -eu
out=${TEST_TMPDIR:-$(mktemp -d)}

# prints LINE PROGRAM...: the program ends well, and one of its lines is this one
prints() {
  line=$1
  shift
  "$@" </dev/null >"$out/printed" || {
    echo "c_test: $* failed" >&2
    exit 1
  }
  grep -q -x -e "$line" "$out/printed" || {
    echo "c_test: $* does not print '$line'" >&2
    cat "$out/printed" >&2
    exit 1
  }
}

prints "fib(25) = 75025" "$1"
prints "1 + ... + 1000000 = 500000500000" "$1"
prints "[0-9]* growths, to 16777216 bytes" "$1"
prints "prime 1000 is 7919" "$2"
prints "1000000 values, 1000000 deep, on a stack of 134217728 bytes" "$3"
prints "[1-9][0-9]* connections, [1-9][0-9]* messages, [1-9][0-9]* goroutines" "$4"
printf '{"a": [1, -2.5e3, true], "b": {"c": null, "d\\"": ""}, "e": []}' >"$out/input"
"$3" <"$out/input" | grep -q "^9 values, 2 deep"
printf '[1, 2' >"$out/input"
! "$3" <"$out/input" >"$out/printed" || exit 1
grep -q "^expected a comma or the end" "$out/printed"

export CONTIG_FORCE_MOVES=1
prints "prime 1000 is 7919" "$2"
prints "50 connections, 150 messages, 101 goroutines" "$4" 50
printf '[%s]' "[[[[{\"a\": [1]}]]]]" >"$out/input"
"$3" <"$out/input" | grep -q "^8 values, 7 deep"
