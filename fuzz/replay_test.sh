#!/bin/sh
# replay_test.sh CONTIG SCRIPT...: `contig replay` takes text and bytes, which say the same, and names what is wrong.
set -eu
contig=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "replay_test: $*"
  exit 1
}

for script; do
  "$contig" replay --text "$script" >"$work/text"
  "$contig" replay --bytes "$script" >"$work/bytes"
  "$contig" replay --text "$work/bytes" >"$work/again"
  cmp -s "$work/text" "$work/again" || fail "$script: text to bytes and back is not the identity"
  # Steps, not the stack traces of goroutines that ended: those show addresses of this run.
  "$contig" replay "$script" | grep -E '^ *[0-9]+  ' >"$work/steps"
  "$contig" replay "$work/bytes" | grep -E '^ *[0-9]+  ' >"$work/steps_of_bytes"
  cmp -s "$work/steps" "$work/steps_of_bytes" || fail "$script: text and bytes run differently"
  grep -q 'stack \[' "$work/steps" || fail "$script: no stack is shown"
  "$contig" replay --quiet --move-every=1 --no-caches --unmap "$script" >"$work/out" ||
    fail "$script: a violation under faults"
done

status=0
printf 'gc\nwake everybody\n' >"$work/wrong"
"$contig" replay "$work/wrong" 2>"$work/error" || status=$?
[ "$status" = 2 ] || fail "a wrong script ends with status $status, not 2"
grep -q 'line 2: expected a goroutine: g0 to g31, not `everybody`' "$work/error" ||
  fail "a wrong script is refused with $(cat "$work/error")"
status=0
"$contig" replay --reduce "$1" >"$work/reduced" 2>&1 || status=$?
[ "$status" = 0 ] || fail "a script without a violation cannot be reduced, and says so with status 0, not $status"
