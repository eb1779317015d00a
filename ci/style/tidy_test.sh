#!/usr/bin/env bash
# tidy_test.sh SOURCES.py: clang-tidy finds nothing in any file of C, and something in a wrong one.
set -euo pipefail
cd "$(dirname "$(realpath "$1")")/../.."
out=${TEST_TMPDIR:-$(mktemp -d)}

fail() {
  echo "tidy_test: $1" >&2
  exit 1
}

# Findings go to standard output; how many were left out goes to standard error.
tidy() {
  clang-tidy --quiet "$@" -- -std=c11 -I. 2>/dev/null
}
export -f tidy

# A header is read with the sources that include it.
ci/style/sources.py c | grep -zv '\.h$' >"$out/sources"
xargs -0 -P 2 -n 25 bash -c 'tidy "$@"' tidy <"$out/sources" || fail "there are findings"

cp .clang-tidy "$out"
printf 'int twice(int a)\n{\n    return a == 1 && a == 2;\n}\n' >"$out/wrong.c"
if tidy "$out/wrong.c" >"$out/log"; then
  fail "a wrong file goes unnoticed"
fi
grep -q misc-redundant-expression "$out/log" ||
  fail "the wrong file fails for another reason: $(cat "$out/log")"
