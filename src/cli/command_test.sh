#!/bin/sh
# command_test.sh CONTIG: wrong use gets one sentence on standard error and exit status 2.
# ERR-4.
set -eu
contig=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# refused PATTERN ARGUMENT...: exit status 2, the pattern on standard error
refused() {
  pattern=$1
  shift
  status=0
  "$contig" "$@" >"$out/out" 2>"$out/err" || status=$?
  [ "$status" -eq 2 ] || { echo "command_test: '$*' ended with $status, not 2" >&2; exit 1; }
  grep -q "$pattern" "$out/err" || { echo "command_test: '$*' did not say '$pattern' but:" >&2; cat "$out/err" >&2; exit 1; }
}

refused "usage: contig COMMAND"
refused "there is no command nonsense" nonsense
refused "there is no demo nonsense" demo nonsense
refused "usage: contig demo" demo
refused "unknown option --nonsense" demo fib --nonsense
refused "N must be a number up to 90, not many" demo fib many
refused "BYTES must be a number up to 536000000, not 99999999999999999999" demo deep 99999999999999999999
refused "cannot write the trace" demo fib 3 --trace=/nonexistent/file
refused "cannot read the script" replay /nonexistent/file
refused "arena must be a number" demo fib --arena=x
refused "an arena of 100 bytes is not a multiple" demo fib --arena=100
CONTIG_ARENA=many refused "CONTIG_ARENA=many is not a number of bytes" demo fib 3
CONTIG_ARENA=12345 refused "an arena of 12345 bytes is not a multiple" demo fib 3
# AddressSanitizer takes terabytes of addresses itself.
grep -q __asan_init "$contig" || (ulimit -v 1000000 && refused "cannot reserve 68719476736 bytes of addresses" demo fib 3)

# A full disk loses nothing silently.
if [ -w /dev/full ]; then
  status=0
  "$contig" demo fib 3 --trace=/dev/full >"$out/out" 2>"$out/err" || status=$?
  [ "$status" -ne 0 ] && grep -q "cannot write the trace /dev/full" "$out/err" || { echo "command_test: a full disk went unnoticed" >&2; exit 1; }
fi
"$contig" --help >"$out/out"
grep -q "usage: contig COMMAND" "$out/out"
"$contig" explain GROW-2 | grep -q newstack_size
"$contig" demo fib 20 --json | jq -e '.passed and ."fib(n)" == 6765' >/dev/null
