#!/bin/sh
# backtrace_test.sh CONTIG_STACKS: gdb walks from a prologue that asks for more stack, through callers whose frames have
# moved four times, to the goroutine's start.
set -eu
contig=$1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
HOME=${TEST_TMPDIR:-/tmp} gdb -q -batch -nx -ex 'set confirm off' -ex 'break contig_morestack' -ex 'ignore 1 4' \
  -ex 'run demo deep 65536 >/dev/null' -ex 'bt' -ex 'kill' "$contig" >"$out" 2>&1 || true
frames=$(grep -c '^#[0-9].* in deep ()' "$out" || true)
if [ "$frames" -ne 285 ] || ! tail -3 "$out" | grep -q '^#287 .* in contig_goexit ()' ||
  ! grep -q '^#286 .* in body_deep ()' "$out" ||
  grep -qi 'corrupt stack\|Backtrace stopped' "$out"; then
  echo "backtrace_test: gdb did not walk 285 frames of deep to contig_goexit" >&2
  {
    head -20 "$out"
    echo ...
    tail -8 "$out"
  } >&2
  exit 1
fi
