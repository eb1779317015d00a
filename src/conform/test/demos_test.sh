#!/usr/bin/env bash
# demos_test.sh CONTIG: the traces of contig's own demonstrations conform, with the exact choices of contig.
set -euo pipefail

contig=$1
for demo in "fib 20" "deep 1048576" "million 20000" shrink overflow hotsplit; do
  # shellcheck disable=SC2086 # a name and its argument
  "$contig" demo $demo "--trace=$TEST_TMPDIR/trace.txt" >"$TEST_TMPDIR/output" 2>&1 ||
    { cat "$TEST_TMPDIR/output"; echo "FAILED: demo $demo"; exit 1; }
  "$contig" conform --exact "$TEST_TMPDIR/trace.txt" || { echo "FAILED: the trace of demo $demo"; exit 1; }
  rm "$TEST_TMPDIR/trace.txt"
done
