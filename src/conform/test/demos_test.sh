#!/usr/bin/env bash
# demos_test.sh CONTIG: the traces of contig's own demonstrations conform, with the exact choices of contig and every
# word of each move.
set -euo pipefail

contig=$1
moving=0
for demo in "fib 20" "deep 1048576" "million 20000" shrink overflow hotsplit \
  "ring 500" "sieve 100" "select 1000"; do
  # shellcheck disable=SC2086 # a name and its argument
  "$contig" demo $demo --moves "--trace=$TEST_TMPDIR/trace.txt" >"$TEST_TMPDIR/output" 2>&1 ||
    {
      cat "$TEST_TMPDIR/output"
      echo "FAILED: demo $demo"
      exit 1
    }
  moves=$(grep -q '^@moved ' "$TEST_TMPDIR/trace.txt" && echo --moves || true)
  [ -z "$moves" ] || moving=$((moving + 1))
  # shellcheck disable=SC2086 # no word, or one
  "$contig" conform --exact $moves "$TEST_TMPDIR/trace.txt" || {
    echo "FAILED: the trace of demo $demo"
    exit 1
  }
  rm "$TEST_TMPDIR/trace.txt"
done
# fib, million, sieve and select need no larger stack.
[ $moving = 5 ] || {
  echo "FAILED: $moving demonstrations instead of 5 wrote moves"
  exit 1
}
