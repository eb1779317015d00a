#!/bin/sh
# verify_test.sh VERIFY.py: what ci/verify writes is complete and fits its schema, and what falls short turns it red.
set -eu
verify=$(realpath "$1")
root=$(dirname "$(dirname "$(dirname "$verify")")")
out=${TEST_TMPDIR:-$(mktemp -d)}

fail() {
  echo "verify_test: $1" >&2
  exit 1
}

# //spec:requirements_test is the one to say whether this tree has gaps.
status=0
python3 "$verify" --only traceability --out "$out/good" >"$out/log" || status=$?
jq -e --argjson status $status '.schema == "contig-evidence-1" and .proof == null and .tests == null and .fuzz == null
  and (.verdict.passed == ($status == 0)) and (.verdict.passed == (.traceability.gaps == []))
  and (.traceability.requirements | length) >= 60 and (.source.sha256 | length) == 64' "$out/good/evidence.json" >/dev/null || fail "evidence.json"
grep -q "not measured" "$out/good/index.html" || fail "index.html hides that nothing was measured"
grep -q "does not fit its schema" "$out/log" && fail "evidence.json does not fit spec/evidence.schema.json"

# A tree with a gap.
mkdir "$out/tree"
(cd "$root" && tar -c --exclude='*.gz' --exclude=corpus --exclude=__pycache__ spec src proofs fuzz examples ci SOUNDNESS.md) | tar -x -C "$out/tree"
printf '\n### COPY-99\nA stack is blue.\n\n*Source: ours. Evidence: test.*\n' >>"$out/tree/spec/copying.md"
status=0
python3 "$out/tree/ci/report/verify.py" --only traceability --out "$out/bad" >"$out/log" || status=$?
[ $status -eq 1 ] || { cat "$out/log" >&2; fail "a gap ended with $status, not 1"; }
jq -e '(.verdict.passed | not) and (.traceability.gaps | length) >= 1' "$out/bad/evidence.json" >/dev/null || fail "the gap is not in evidence.json"
grep -q "COPY-99" "$out/bad/index.html" && grep -q "Something fell short" "$out/bad/index.html" || fail "the gap is not in index.html"

# Wrong use.
status=0
python3 "$verify" --minutes -1 >"$out/log" 2>&1 || status=$?
[ $status -eq 2 ] && grep -q "must not be negative" "$out/log" || fail "--minutes -1 ended with $status"
