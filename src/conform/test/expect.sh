#!/usr/bin/env bash
# expect.sh COMMAND...: what the tests of the conform command share; the words run it.  Sourced by them.
set -euo pipefail

conform=("$@")
out=${TEST_TMPDIR:-$(mktemp -d)}
checks=0

fail() {
  echo "FAILED: $1"
  exit 1
}

# expect STATUS PATTERN ARGUMENT...: runs conform on standard input; its output must have a line like PATTERN.
expect() {
  local wanted=$1 pattern=$2 status=0
  shift 2
  "${conform[@]}" "$@" >"$out/output" 2>&1 || status=$?
  [ $status = "$wanted" ] ||
    fail "status $status instead of $wanted for $*: $(head -c 500 "$out/output")"
  grep -q -- "$pattern" "$out/output" ||
    fail "no line like '$pattern' for $*: $(head -c 500 "$out/output")"
  checks=$((checks + 1))
}
