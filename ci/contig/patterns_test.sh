#!/usr/bin/env bash
# patterns_test.sh BAZEL_TEST: which targets ci/test gives to Bazel: those that are named, and all if none is.
set -euo pipefail
here=$(dirname "$(readlink -f "$1")")
out=${TEST_TMPDIR:-$(mktemp -d)}
tree=$out/tree
mkdir -p "$out/bin" "$tree"
cp -rL "$here" "$tree/ci"
printf '%s\n' '#!/bin/bash' "printf '%s\\n' \"\$@\" >\"$out/asked\"" >"$out/bin/bazel"
chmod +x "$out/bin/bazel"

# asks PATTERN... -- ARGUMENT...: with these arguments Bazel is asked for these patterns.
asks() {
  local wanted=()
  while [ "$1" != -- ]; do
    wanted+=("$1")
    shift
  done
  shift
  PATH=$out/bin:$PATH python3 "$tree/ci/bazel_test.py" "$@" >"$out/said" 2>&1 || true
  local asked
  asked=$(grep -E '^(-?//|[a-z]+/)' "$out/asked" | tr '\n' ' ')
  [ "$asked" = "${wanted[*]} " ] || {
    echo "patterns_test: '$*' asks for $asked, not ${wanted[*]}" >&2
    cat "$out/said" >&2
    exit 1
  }
}

asks //... --
asks //... -- --test_arg=--count=5 --config=asan
asks //fuzz/c:compare_test -- --test_arg=--count=5 //fuzz/c:compare_test
asks //src/core/... //spec:all -- //src/core/... --config=asan //spec:all
asks src/core/... -- src/core/... --config=asan
asks //... -//bench/... -- -- -//bench/...
asks //src/... -//src/c/... -- --copt=-DX -- //src/... -//src/c/...
echo "ci/test asks Bazel for what is named"
