#!/bin/sh
# gdb_test.sh SIEVE CONTIG_GDB.py: gdb lists the goroutines of a program, and shows the calls of one that waits.
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT
HOME=${TEST_TMPDIR:-/tmp} gdb -q -batch -nx -ex 'set confirm off' -ex 'break contig_c_stub_exit' \
  -ex 'run >/dev/null' -ex "source $2" -ex 'contig goroutines' -ex 'contig backtrace 2' \
  -ex 'contig backtrace 77777' -ex kill "$1" >"$out" 2>&1 || true

# shows COUNT PATTERN: so many lines are like this
shows() {
  [ "$(grep -c -e "$2" "$out")" -eq "$1" ] || {
    echo "gdb_test: not $1 lines with '$2'" >&2
    tail -20 "$out" >&2
    exit 1
  }
}

shows 1 '^1 running, 2048 bytes of stack'
shows 1 '^2 [a-z]*, 2048 bytes of stack generate + [0-9]* at .*sieve\.c:[0-9]*$'
shows 999 '^[0-9]* [a-z]*, 2048 bytes of stack filter + [0-9]* at '
shows 1 '^#0 .* contig_c_chansend + '
shows 1 '^#1 .* generate + [0-9]* at .*sieve\.c:[0-9]*$'
shows 1 '^#2 .* contig_c_entry + '
shows 1 '^#3 .* contig_goexit'
shows 1 "there is no goroutine '77777'"
