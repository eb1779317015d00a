#!/usr/bin/env bash
# real_test.sh REAL_PROGRAMS FLAGS_OF_THE_KIT: real_programs compares and measures a program that needs no package.
set -euo pipefail
real=("$(realpath "$1")" "--kit=$(dirname "$(realpath "$2")")")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# says STATUS PATTERN WORD...: real_programs with these words ends so ([01]: in either way), and says such a line
says() {
  local wanted=$1 pattern=$2 status=0
  shift 2
  "${real[@]}" "$@" "$out" >"$out/said" 2>&1 || status=$?
  # shellcheck disable=SC2053  # a pattern
  if [[ $status != $wanted ]] || ! grep -q -e "$pattern" "$out/said"; then
    echo "real_test: $*: status $status, not $wanted; or no line with '$pattern':" >&2
    cat "$out/said" >&2
    exit 1
  fi
}

says 0 '^fib, run 1: alike; .* with [1-9][0-9]* moves$' --only=fib
grep -q '^[1-9][0-9]* functions, 0 refused' "$out/said"
grep -q 'on the system stack [1-9][0-9]* of libraries:.* printf' "$out/said"
# On a busy machine a goal may be missed.
says [01] '^| fib(38) | 0\.[0-9]* s | 0\.[0-9]* s | [01]\.[0-9]* |' --only=fib --times=3
says [01] '| [01]\.[0-9]* to [01]\.[0-9]* | 1\.25 |$' --only=fib --times=1 --layouts=2
says 2 'lua: 0 folders in .* match lua' --only=lua
says 2 "no program is called 'fibs'" --only=fibs
