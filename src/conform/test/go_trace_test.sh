#!/usr/bin/env bash
# go_trace_test.sh CONFORM GO_TRACE: fresh traces of this machine's Go, on one and on two processors, conform exactly.
# Also: a Go whose sources do not match is refused with the anchor that is missing.
set -euo pipefail

conform=$1
go_trace=$2
temporary=${TEST_TMPDIR:-$(mktemp -d)}

if ! command -v go >/dev/null; then
  echo "SKIPPED: there is no go on this machine (ci/setup installs it)"
  exit 0
fi

fail() {
  echo "FAILED: $1"
  exit 1
}

# The number behind a name in the report of the trace.
count() {
  sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$temporary/report"
}

python3 "$go_trace" --keep "$temporary/kept" --out "$temporary/procs1.txt" 100 1 ||
  fail "no trace on one processor"
python3 "$go_trace" --keep "$temporary/kept" --procs 2 --out "$temporary/procs2.txt" 100 1 ||
  fail "no trace on two processors"
for procs in 1 2; do
  "$conform" --exact --json "$temporary/procs$procs.txt" >"$temporary/report" ||
    fail "a trace on $procs processors: $(cat "$temporary/report")"
  cat "$temporary/report"
  "$conform" "$temporary/procs$procs.txt" || fail "the same trace without --exact"
  [ "$(count allocations)" -ge 4000 ] && [ "$(count growths)" -ge 2500 ] &&
    [ "$(count shrinks)" -ge 500 ] ||
    fail "too few events on $procs processors"
done

# The same installation, seen through links, with one line of the runtime changed.
root=$(go env GOROOT)
other=$temporary/other
mkdir -p "$other/src/runtime" "$other/bin"
cp "$root"/src/runtime/*.go "$other/src/runtime/"
sed -i 's/s\.allocCount--/s.allocCount -= 1/' "$other/src/runtime/stack.go"
cat >"$other/bin/go" <<SCRIPT
#!/bin/sh
printf '%s\n%s\n' "$other" go1.99
SCRIPT
chmod +x "$other/bin/go"
status=0
python3 "$go_trace" --goroot "$other" --check >"$temporary/message" 2>&1 || status=$?
[ $status = 2 ] || fail "a Go that does not match ended with status $status"
grep -q 'go1.99 does not match: runtime/stack.go, func stackpoolfree, has no line like /s.*allocCount--/' \
  "$temporary/message" || fail "the missing anchor is not named: $(cat "$temporary/message")"

status=0
python3 "$go_trace" --goroot "$temporary/nowhere" --check >"$temporary/message" 2>&1 || status=$?
[ $status = 2 ] || fail "a Go that is not there ended with status $status"
echo "fresh traces conform; a Go that does not match is refused by name"
