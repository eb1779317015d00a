#!/bin/sh
# explain_test.sh EXPLAIN: three hops from a function to its requirement, and on to contract, proof, test and bug.
set -eu
explain=$1
out=${TEST_TMPDIR:-$(mktemp -d)}/out

# shows NAME PATTERN...: status 0, and a line for each pattern
shows() {
  name=$1
  shift
  "$explain" "$name" >"$out" || { echo "explain_test: explain $name failed" >&2; exit 1; }
  for pattern in "$@"; do
    grep -q -- "$pattern" "$out" || { echo "explain_test: explain $name does not show '$pattern':" >&2; cat "$out" >&2; exit 1; }
  done
}

shows relocate "requires move" "COPY-2" "//proofs:relocate" "predicate *relocated (spec/relocate.acsl" "test *//src/core:copy_test"
shows COPY-2 "^chapter *spec/copying.md:[0-9]" "^source *Go" "^status" "^predicates" "^contracts" "^proofs" "^tests *//src/core:copy_test" "^bugs"
shows copy-2 "^COPY-2  "
shows LARGE-2 "^traces *contig conform  pool_rules.c"
shows CHAN-1 "^status *planned: "
shows ASSUME-MODEL-2 "^watched by" "^if false"
shows SWITCH "^SWITCH-1  " "^SWITCH-5  "
shows --list "^SIZE-1  " "^stackalloc  src/core/stackalloc.h"
shows --help "usage: contig explain"

status=0
"$explain" no_such_thing >"$out" 2>&1 || status=$?
[ $status -eq 1 ] && grep -q "called no_such_thing" "$out" || { echo "explain_test: an unknown name ended with $status" >&2; exit 1; }
status=0
"$explain" >"$out" 2>&1 || status=$?
[ $status -eq 2 ] || { echo "explain_test: no argument ended with $status" >&2; exit 1; }
