#!/usr/bin/env bash
# format_test.sh STYLE.py: C, Python and shell are laid out as clang-format 14, black and shfmt do it, and each of these
# programs notices a file that is not.
set -euo pipefail
cd "$(dirname "$(realpath "$1")")/../.."
out=${TEST_TMPDIR:-$(mktemp -d)}

fail() {
  echo "format_test: $1" >&2
  exit 1
}

# The sources of a kind, by name or by the interpreter in their first line.
files() {
  git ls-files -co --exclude-standard -- "$@" | while IFS= read -r path; do
    [ -f "$path" ] && echo "$path"
  done
}

scripts() {
  files | while IFS= read -r path; do
    IFS= read -r -n 64 line <"$path" || true
    [[ $line == '#!'*"$1"* ]] && echo "$path" || true
  done 2>/dev/null
}

mapfile -t c < <(files '*.c' '*.h')
mapfile -t python < <({ files '*.py' && scripts python3; } | sort -u)
mapfile -t shell < <({ files '*.sh' && scripts bash; } | sort -u)
echo "${#c[@]} files of C, ${#python[@]} of Python, ${#shell[@]} of shell"
[ ${#c[@]} -ge 150 ] && [ ${#python[@]} -ge 100 ] && [ ${#shell[@]} -ge 30 ] || fail "files are missing"

version=$(clang-format --version)
[[ $version == *"version 14."* ]] || fail "'$version' is not clang-format 14, whose layout this is"
clang-format --dry-run -Werror "${c[@]}" || fail "clang-format -i lays these files out"
black --quiet --check "${python[@]}" || {
  black --check "${python[@]}" 2>&1 | head >&2
  fail "black lays these files out"
}
shfmt -i 2 -d "${shell[@]}" || fail "shfmt -i 2 -w lays these files out"

printf 'int main(void) { return 0; }\n' >"$out/wrong.c"
printf "print( 'x' )\n" >"$out/wrong.py"
printf 'if true ; then\n true\nfi\n' >"$out/wrong.sh"
! clang-format --style=file:.clang-format --dry-run -Werror "$out/wrong.c" 2>/dev/null || fail "a wrong file of C passes"
! black --quiet --check "$out/wrong.py" || fail "a wrong file of Python passes"
! shfmt -i 2 -d "$out/wrong.sh" >/dev/null || fail "a wrong script passes"
