#!/usr/bin/env bash
# types_test.sh PACKAGE.py: mypy, in its strictest mode, finds nothing in this package, in ci/go_trace, in
# ci/ocaml_trace, in the kit, in proofs/defects and in the scripts of spec/, and something in a wrong file.
set -euo pipefail
package=$(dirname "$(realpath "$1")")
out=${TEST_TMPDIR:-$(mktemp -d)}

if ! command -v mypy >/dev/null; then
  echo "types_test: mypy is not installed; ci/setup installs it" >&2
  exit 1
fi
cd "$(dirname "$package")"
export MYPYPATH=. MYPY_CACHE_DIR=$out/cache
mypy --strict contig go_trace.d/go_trace.py go_trace.d/volume.py ocaml_trace.d/ocaml_trace.py ocaml_trace.d/fibers.py \
  ../src/conform/kit/make.py
mypy --strict ../src/conform/kit/test/kit_test.py ../src/conform/kit/test/make_test.py
(cd .. && MYPYPATH=ci:proofs mypy --strict --explicit-package-bases proofs/defects)
(cd .. && MYPYPATH=.:spec/checkers mypy --strict --explicit-package-bases spec/vectors spec/checkers)
printf 'from contig import files\n\nfiles.write("x", 1)\n' >"$out/wrong.py"
if mypy --strict "$out/wrong.py" >"$out/log"; then
  echo "types_test: a number passes for a text" >&2
  exit 1
fi
grep -q 'incompatible type "int"' "$out/log" || {
  cat "$out/log" >&2
  exit 1
}
