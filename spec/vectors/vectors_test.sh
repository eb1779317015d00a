#!/usr/bin/env bash
# vectors_test.sh CHECKER GENERATE HEAP SIZES COPY: the committed test vectors are what the core does now, the checker
# passes them, and it notices when one of them is wrong.
# SIZE-1 SIZE-2 SIZE-4 ALLOC-2 ALLOC-3 ALLOC-4 CACHE-1..CACHE-5 SPAN-2..SPAN-5 LARGE-1..LARGE-5 POOL-1 POOL-3
# GROW-2 GROW-3 GROW-9 SHRINK-1 SHRINK-2 COPY-1..COPY-8 COUNT-2 ERR-1
set -euo pipefail

checker=$1
generate=$2
shift 2
vectors=0

fail() {
  echo "FAILED: $1"
  exit 1
}

for file in "$@"; do
  what=$(basename "$file" .json)
  "$generate" "$what" >"$TEST_TMPDIR/new.json"
  cmp "$file" "$TEST_TMPDIR/new.json" || fail "$what.json is not what the core does; spec/vectors/README.md says how to renew it"
  vectors=$((vectors + $(grep -c '"kind":' "$file")))
done
"$checker" "$@" || fail "the core does not pass its own vectors"
[ $vectors -ge 200 ] || fail "only $vectors vectors"

# spoil WHAT FILE PATTERN REPLACEMENT: the first match changed, one vector must fail.
spoil() {
  awk -v pattern="$3" -v replacement="$4" '!done && sub(pattern, replacement) { done = 1 } { print }' "$2" \
    >"$TEST_TMPDIR/spoilt.json"
  cmp -s "$2" "$TEST_TMPDIR/spoilt.json" && fail "$1: nothing to spoil"
  status=0
  "$checker" "$TEST_TMPDIR/spoilt.json" >"$TEST_TMPDIR/output" || status=$?
  [ $status = 1 ] && grep -q ' 1 failed$' "$TEST_TMPDIR/output" || fail "$1: not noticed: $(tail -1 "$TEST_TMPDIR/output")"
}
spoil "an address" "$1" '"status":"OK","lo":1231453023' '"status":"OK","lo":1231453024'
spoil "a status" "$1" '"status":"BAD_SIZE"' '"status":"OK"'
spoil "a state" "$1" '"free":7' '"free":6'
spoil "a cached stack" "$1" '"stacks":\\[' '"stacks":[8,'
spoil "a size" "$2" '"result":4096' '"result":8192'
sed '0,/"after":{/{/"after":{/s/"words":\[/"words":[7,/}' "$3" >"$TEST_TMPDIR/spoilt.json"
if "$checker" "$TEST_TMPDIR/spoilt.json" >/dev/null; then fail "a word: not noticed"; fi

echo "$vectors vectors are the core's, and wrong ones are noticed"
