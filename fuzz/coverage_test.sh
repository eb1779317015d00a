#!/bin/sh
# coverage_test.sh COVERAGE: the corpora take 99 % of the core's branches; without those for stacks that move, the same
# check is red.
set -eu
corpus=$(dirname "$1")/corpus
out=${TEST_TMPDIR:-$(mktemp -d)}

"$1" --missing --require 99

mkdir "$out/fewer"
for target in "$corpus"/*_fuzz; do
  case $target in
  */copystack_fuzz | */unwind_fuzz) ;;
  *) ln -s "$(cd "$target" && pwd)" "$out/fewer/" ;;
  esac
done
if "$1" --corpus "$out/fewer" --require 99 >"$out/log" 2>&1; then
  echo "coverage_test: corpora that lack two targets pass" >&2
  exit 1
fi
grep -q "and 99 % are required" "$out/log" || {
  cat "$out/log" >&2
  exit 1
}
