#!/usr/bin/env bash
# google_bench_test.sh GOOGLE_BENCH: each benchmark runs to its end without an error, and gets a curve.
set -euo pipefail
program=$1
log=${TEST_TMPDIR:-$(mktemp -d)}/log

"$program" --benchmark_min_time=0.001 --benchmark_format=csv >"$log" 2>"$log.errors" ||
  { cat "$log.errors" >&2 && exit 1; }
for name in cycle spawn_run_exit recursion wake_one; do
  grep -q "^\"${name}_BigO\"" "$log" ||
    { echo "google_bench_test: no curve of $name" >&2 && exit 1; }
done
if grep -q ',true,' "$log"; then
  echo "google_bench_test: $(grep ',true,' "$log")" >&2
  exit 1
fi
echo "google_bench_test: ok"
