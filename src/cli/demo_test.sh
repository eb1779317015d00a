#!/bin/sh
# demo_test.sh CONTIG: every demonstration with its checkers, and the figures that they must show.
set -eu
contig=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

fail() {
  echo "demo_test: $1" >&2
  exit 1
}

# PROLOGUE-3, GROW-8, LIFE-1: goroutines check their own frames, and the checkers look on.
"$contig" demo all --check >"$out/all" 2>"$out/all.err" || {
  tail -50 "$out/all" "$out/all.err"
  fail "demo all --check failed"
}
[ "$(grep -c '^  passed$' "$out/all")" -eq 10 ] || fail "not all ten demonstrations passed"

# GROW-2, GROW-7: eighteen doublings, and one walk of the frames for each.
"$contig" demo deep 268435456 --check --json >"$out/deep"
jq -e '.passed and (.moves | length) == 18 and .moves[0].from == 2048 and .moves[17].to == 536870912
  and ."walks of all frames" == 18' "$out/deep" >/dev/null ||
  fail "demo deep does not show 18 growths from 2048 to 536870912"

# SHRINK-1, SHRINK-5: one halving a cycle.
"$contig" demo shrink --check --json >"$out/shrink"
jq -e '.passed and ([.moves[] | select(.kind == "shrink")] | .[-1].to == 2048 and
  all(.from == 2 * .to)) and .cycles == .shrinks' \
  "$out/shrink" >/dev/null || fail "demo shrink does not come back to 2048, one halving a cycle"

"$contig" demo million --json >"$out/million" 2>/dev/null
jq -e '.passed and ."resumed and verified" == 1000000 and ."peak bytes per goroutine" <= 2400
  and ."peak bytes per goroutine" > 2048' "$out/million" >/dev/null || {
  cat "$out/million"
  fail "demo million needs too much memory"
}

# CHAN-9: goroutines that wait for channels are woken through selects; THREAD-1, LIFE-12: also on several threads.
jq -e '."blocked on channels at once" == 1000000 and ."woken through selects and verified" == 1000000
  and ."threads that ran them" == 1' "$out/million" >/dev/null || fail "demo million: channels"
for procs in 2 8; do
  "$contig" demo million 50000 --procs=$procs --json >"$out/threads" 2>/dev/null
  jq -e '.passed and ."resumed and verified" == 50000 and ."woken through selects and verified" == 50000' \
    "$out/threads" >/dev/null || {
    cat "$out/threads"
    fail "demo million on $procs threads"
  }
done
for demo in "ring 500" "sieve 100" "select 1000" "overflow 100" "fib 20" "deep 1000000"; do
  # shellcheck disable=SC2086 # a name and its argument
  "$contig" demo $demo --procs=4 >"$out/threads" 2>&1 || {
    cat "$out/threads"
    fail "demo $demo on four threads"
  }
done

# GROW-6: one goroutine ends, with a report.
"$contig" demo overflow --json >"$out/overflow" 2>"$out/trace"
jq -e '.passed and .dead == 1 and ."because of" == "stack overflow"' "$out/overflow" >/dev/null ||
  fail "demo overflow"
grep -q '^runtime: goroutine stack exceeds 1000000000-byte limit$' "$out/trace" || fail "no report of the overflow"
grep -q '^goroutine [0-9]* \[running\]:$' "$out/trace" || fail "no stack trace of the overflow"
grep -q 'frames elided' "$out/trace" || fail "the stack trace of the overflow is not shortened"

# CHAN-2, CHAN-5 to CHAN-9: messages go from stack to stack, also to one that shrank while it waited.
"$contig" demo ring 500 --json >"$out/ring"
jq -e '.passed and .token == 1500 and .growths >= 500 and .shrinks >= 499' "$out/ring" >/dev/null ||
  fail "demo ring"
"$contig" demo sieve 100 --json >"$out/sieve"
jq -e '.passed and .primes == 100 and ."the last one" == 541 and ."goroutines that wait" == 100' \
  "$out/sieve" >/dev/null || fail "demo sieve"
"$contig" demo select 1000 --json >"$out/select"
jq -e '.passed and .received == 4000 and ."channels closed" == 4' "$out/select" >/dev/null ||
  fail "demo select"
