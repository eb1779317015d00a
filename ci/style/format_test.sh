#!/usr/bin/env bash
# format_test.sh SOURCES.py: C, Python and shell are laid out as clang-format 14, black and shfmt do it, and each of
# these programs notices a file that is not.
set -euo pipefail
cd "$(dirname "$(realpath "$1")")/../.."
out=${TEST_TMPDIR:-$(mktemp -d)}

fail() {
  echo "format_test: $1" >&2
  exit 1
}

for kind in c python shell; do
  ci/style/sources.py "$kind" >"$out/$kind"
done
version=$(clang-format --version)
[[ $version == *"version 14."* ]] || fail "'$version' is not clang-format 14, whose layout this is"
xargs -0 clang-format --dry-run -Werror <"$out/c" || fail "clang-format -i lays these files out"
xargs -0 black --quiet --diff --check <"$out/python" || fail "black lays these files out"
xargs -0 shfmt -i 2 -d <"$out/shell" || fail "shfmt -i 2 -w lays these files out"

# $1 passes as it is, and not with a blank more; the rest is the command.
notices() {
  local file=$1 text=$2 wrong=$3
  shift 3
  printf '%s\n' "$text" >"$file"
  "$@" "$file" >/dev/null 2>&1 || fail "$1 refuses a good file"
  printf '%s\n' "$wrong" >"$file"
  ! "$@" "$file" >/dev/null 2>&1 || fail "$1 lets a wrong file pass"
}

notices "$out/paint.c" 'int blue;' 'int  blue;' \
  clang-format --style=file:.clang-format --dry-run -Werror
notices "$out/paint.py" 'blue = 1' 'blue =  1' black --quiet --check
notices "$out/paint.sh" 'echo blue' 'echo  blue' shfmt -i 2 -d
