#!/usr/bin/env bash
# build_test.sh BUILD.sh: what fuzz/build compiles is enough for every target of fuzz/targets.bzl; each runs on an input
# of its corpus, and has beside it what OSS-Fuzz takes; a target that lacks a library does not build.
set -euo pipefail
build=$(realpath -s "$1")
out=${TEST_TMPDIR:-$(mktemp -d)}
export CC=clang CFLAGS=-O0 LIB_FUZZING_ENGINE=

fail() {
  echo "build_test: $1" >&2
  exit 1
}

names() {
  python3 -c 'import sys
sys.path.insert(0, "ci")
from contig import targets
print("\n".join(targets.load(".")))'
}

OUT=$out/programs WORK=$out "$build" >"$out/log" 2>&1 || fail "$(cat "$out/log")"
count=0
for target in $(names); do
  seeds=("fuzz/corpus/$target"/*)
  "$out/programs/$target" "${seeds[0]}" >"$out/log" 2>&1 || fail "$target: $(cat "$out/log")"
  for beside in _seed_corpus.zip .options; do
    [ -s "$out/programs/$target$beside" ] || fail "$target has no $beside"
  done
  count=$((count + 1))
done
cmp -s "$out/programs/parser_fuzz.dict" fuzz/script.dict || fail "parser_fuzz has no dictionary"
[ "$(cat "$out/programs/script_fuzz.options")" = $'[libfuzzer]\nmax_len = 256\nentropic = 0' ] ||
  fail "script_fuzz has other options"
[ "$(find "$out/programs" -name '*_fuzz' | wc -l)" -eq $count ] || fail "$count targets are listed, others are built"

mkdir "$out/tree"
cp -rL ci fuzz src spec "$out/tree"
sed -i '/"src\/conform\/verdict.c",/d' "$out/tree/fuzz/targets.bzl"
if (cd "$out/tree" && fuzz/build "$out/fewer" trace_fuzz) >"$out/log" 2>&1; then
  fail "a target without one of its files builds"
fi
grep -q "undefined reference" "$out/log" || fail "$(cat "$out/log")"
echo "$count targets"
