#!/usr/bin/env bash
# go_trace_test.sh CONTIG GO_TRACE: whatever a program prints, starts, sets or closes, its trace is whole or is refused.
# Also: files, folders, packages and tests as input; GODEBUG; bounds and signals.
set -euo pipefail

contig=$(realpath "$1")
go_trace=$(realpath "$2")
programs=$(dirname "$go_trace")/programs
out=${TEST_TMPDIR:-$(mktemp -d)}

if ! command -v go >/dev/null; then
  echo "SKIPPED: there is no go on this machine (ci/setup installs it)"
  exit 0
fi

fail() {
  echo "FAILED: $1"
  tail -n 20 "$out/messages"
  exit 1
}

# traced STATUS OPTION...: go_trace ends so.
traced() {
  local wanted=$1 status=0
  shift
  python3 "$go_trace" --keep "$out/kept" --out "$out/trace" "$@" \
    >"$out/output" 2>"$out/messages" || status=$?
  [ $status -eq "$wanted" ] || fail "$* ended with $status, not $wanted"
  ! grep -q Traceback "$out/messages" || fail "$* shows a traceback"
}

# conforms LEAST: the trace does, with so many allocations, and holds nothing but events.
conforms() {
  "$contig" conform --exact --json "$out/trace" >"$out/report" || fail "$(cat "$out/report")"
  [ "$(jq .allocations "$out/report")" -ge "$1" ] || fail "too few events"
  ! grep -qv '^@' "$out/trace" || fail "the trace has a line that is no event"
}

says() {
  grep -q -e "$1" "$out/messages" || fail "no message says '$1'"
}

# What a program prints stays the program's.
traced 0 "$programs/partial_line.go"
conforms 5
says '^\.\.\.\.\.$'
for procs in 1 2; do
  traced 0 --procs=$procs "$programs/log.go"
  conforms 1000
done
[ "$(grep -c 'request .* served$' "$out/messages")" -eq 1000 ] || fail "lines of the program are missing"

# Goroutines that wait for channels, on more processors: stacks shrink with slots that other threads may write to.
for procs in 4 8; do
  traced 0 --procs=$procs "$programs/channels.go" 40 60
  conforms 500
  [ "$(jq .shrinks "$out/report")" -ge 100 ] || fail "too few shrinks on $procs processors"
  traced 0 --moves --procs=$procs "$programs/channels.go" 8 8
  "$contig" conform --exact --moves --json "$out/trace" >"$out/report" || fail "$(cat "$out/report")"
  [ "$(grep -c '^@move .*chans=true' "$out/trace")" -ge 20 ] || fail "too few moves on $procs processors"
  [ "$(jq .records "$out/report")" -ge 20 ] || fail "too few slots that moved on $procs processors"
done

# The largest stack, lowered, raised, and above what Go permits at all.
traced 2 "$programs/maxstack.go" 1048576 0
conforms 5
grep -q '^@maxstack 1048576$' "$out/trace" && grep -q '^@overflow .* limit=1048576 ' "$out/trace" ||
  fail "the limit is not traced"
traced 0 "$programs/maxstack.go" 2000000000 600000
conforms 10
grep -q 'new=1073741824 ' "$out/trace" || fail "no growth above Go's own limit"
traced 0 "$programs/maxstack.go" 9000000000 10
grep -q '^@maxstack 2000000000$' "$out/trace" || fail "the ceiling is not traced"

# Children, and a program that closes what is not its own.
traced 0 --procs 2 "$programs/children.go"
conforms 4
traced 2 "$programs/closes.go"
says 'the program closed descriptor'

# GODEBUG is passed on, or refused by name.
GODEBUG=gcshrinkstackoff=1 traced 0 "$programs/settings.go"
conforms 1
grep -q '^GODEBUG=gcshrinkstackoff=1$' "$out/output" || fail "GODEBUG is not passed on"
grep -q '^@noshrink .* off ' "$out/trace" || fail "GODEBUG has no effect"
GODEBUG=gctrace=0,efence=1 traced 2 "$programs/settings.go"
says "GODEBUG has 'efence=1'"

# No run without a bound; a beginning of a trace is whole lines, and is said to be one.
traced 2 --seconds 2 "$programs/settings.go" forever
says 'did not end within 2 seconds'
conforms 1
: >"$out/output"
python3 "$go_trace" --keep "$out/kept" --out "$out/trace" "$programs/settings.go" forever \
  >"$out/output" 2>"$out/messages" &
tracer=$!
until grep -q GODEBUG= "$out/output"; do
  kill -0 $tracer || fail "go_trace ended"
  sleep 0.1
done
kill -TERM $tracer
status=0
wait $tracer || status=$?
[ $status -eq 143 ] || fail "SIGTERM ended go_trace with $status"
says 'is the beginning of a trace'
conforms 1
! kill -0 "$(sed -n 's/^process //p' "$out/output")" 2>/dev/null || fail "the program outlived go_trace"

# A module with two packages, at a place whose name needs quotes; nothing is written outside of the output folders.
module="$out/my 'module\""
mkdir -p "$module/cmd/paint" "$module/colour"
printf 'module example.org/paint\n\ngo 1.19\n' >"$module/go.mod"
printf 'package colour\n\nfunc Name() string { return "blue" }\n' >"$module/colour/colour.go"
printf '%s\n' 'package colour' 'import "testing"' \
  'func TestName(t *testing.T) { if Name() != "blue" { t.Fail() } }' \
  >"$module/colour/colour_test.go"
printf 'package main\n\nimport "example.org/paint/colour"\n\nfunc main() { println(colour.Name()) }\n' \
  >"$module/cmd/paint/main.go"
cd "$module"
find . | sort >"$out/before"
HOME=/nonexistent traced 0 ./cmd/paint
says '^blue$'
conforms 1
traced 0 example.org/paint/cmd/paint
traced 0 cmd/paint/main.go
conforms 1
traced 0 --test ./colour -test.v
grep -q '^--- PASS: TestName' "$out/output" || fail "the test did not run"
conforms 1
traced 2 ./colour
says 'no program: its package is named .colour.'
traced 2 --test ./cmd/paint
says 'has no tests'
traced 2 --test ./none
find . | sort | cmp - "$out/before" || fail "something was written into the module"
[ ! -e /nonexistent ] || fail "something was written to HOME"
cd "$out"
traced 0 --test container/heap -test.short
conforms 1

# Without a file the trace alone is standard output.
python3 "$go_trace" --keep "$out/kept" "$programs/settings.go" >"$out/trace" 2>"$out/messages" ||
  fail "a trace to standard output"
conforms 1
says '^GODEBUG='
status=0
python3 "$go_trace" --keep "$out/kept" "$programs/settings.go" \
  >/dev/full 2>"$out/messages" || status=$?
[ $status -eq 2 ] || fail "a full standard output ended with $status"
says 'cannot be written'
cp "$out/trace" "$out/old"
(ulimit -f 1 && python3 "$go_trace" --keep "$out/kept" --out "$out/old" "$programs/settings.go" \
  >/dev/null 2>&1) &&
  fail "a limit of file sizes is no failure"
cmp "$out/trace" "$out/old" || fail "a trace that could not be written took the place of another one"
echo "every trace is whole, or is refused"
