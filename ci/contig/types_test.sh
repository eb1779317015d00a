#!/usr/bin/env bash
# types_test.sh PACKAGE.py: mypy, in its strictest mode, finds nothing in any Python file of the tree, and something in
# a wrong file.
set -euo pipefail
cd "$(dirname "$(realpath "$1")")/../.."
out=${TEST_TMPDIR:-$(mktemp -d)}
export MYPY_CACHE_DIR=$out/cache

fail() {
  echo "types_test: $1" >&2
  exit 1
}

command -v mypy >/dev/null || fail "mypy is not installed; ci/setup installs it"
ci/style/sources.py python >"$out/python"
mapfile -d '' -t left <"$out/python"

# Names of modules repeat, so that folders are checked one by one.  A group: where imports are looked for, how many
# files at a time, and a pattern of paths.  A file belongs to the first group that it fits.
groups=(
  "ci:proofs 99 proofs/defects/*.py"
  "ci:proofs 1 proofs/defects/*"
  "proofs/assembly/acl2:proofs/assembly/acl2/cosim:proofs/assembly:proofs:ci 1 proofs/assembly/acl2/*"
  "proofs/assembly:proofs:ci 99 proofs/assembly/*"
  "proofs/callers:proofs:ci 99 proofs/callers/*"
  "proofs:ci 99 proofs/*.py"
  "proofs:ci 1 proofs/*"
  ".:spec/checkers 99 spec/vectors/* spec/checkers/*"
  "bench:ci 99 bench/*.py"
  "bench:ci 1 bench/*"
  "ci:spec/model 99 spec/model/*"
  "ci 99 ci/contig/*"
  "ci:ci/report 99 ci/report/*"
  "ci:ci/style 99 ci/style/*"
  "ci:ci/go_trace.d 99 ci/go_trace.d/*"
  "ci:ci/ocaml_trace.d 99 ci/ocaml_trace.d/*"
  "ci:src/c 1 src/c/contig-cc"
  "ci:src/c 1 src/c/real_programs"
  "src/c/check/test 99 src/c/check/test/*"
  "ci:src/c:fuzz/c 99 fuzz/c/*"
  "ci:src/c 99 src/c/cc/* src/c/real/* src/c/test/*"
  "ci:proofs 1 ci/nightly"
  "ci:ci/report:ci/style 1 *"
)

matches() {
  local path=$1 pattern
  shift
  for pattern in "$@"; do
    # shellcheck disable=SC2053  # a pattern
    [[ $path == $pattern ]] && return 0
  done
  return 1
}

checked=0
for group in "${groups[@]}"; do
  read -r found at_a_time patterns <<<"$group"
  read -ra patterns <<<"$patterns"
  mine=() others=()
  for path in "${left[@]}"; do
    if matches "$path" "${patterns[@]}"; then mine+=("$path"); else others+=("$path"); fi
  done
  left=("${others[@]}")
  [ ${#mine[@]} -gt 0 ] || fail "no file is in ${patterns[*]}"
  checked=$((checked + ${#mine[@]}))
  printf '%s\0' "${mine[@]}" | MYPYPATH=$found xargs -0 -n "$at_a_time" \
    mypy --config-file proofs/assembly/mypy.ini --explicit-package-bases >"$out/log" ||
    fail "$(cat "$out/log")"
done
printf 'from contig import files\n\nfiles.write("x", 1)\n' >"$out/wrong.py"
if MYPYPATH=ci mypy --strict "$out/wrong.py" >"$out/log"; then
  fail "a number passes for a text"
fi
grep -q 'incompatible type "int"' "$out/log" || fail "$(cat "$out/log")"
echo "$checked files have types"
