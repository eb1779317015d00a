#!/usr/bin/env bash
# scripts_test.sh SOURCES.py: shellcheck finds nothing in any shell script of the tree, and something in a wrong one.
set -euo pipefail
root=$(dirname "$(dirname "$(dirname "$(realpath "$1")")")")
out=${TEST_TMPDIR:-$(mktemp -d)}

# Not looked for, and why.
#   SC2015  A && B || fail: `fail` ends the script, whichever of the two it was
#   SC2016  a $ in single quotes is meant: for sed, jq, or another shell
#   SC3045  ulimit -v and read -d in sh: every sh that runs these tests has them
exclude=SC2015,SC2016,SC3045

if ! command -v shellcheck >/dev/null; then
  echo "scripts_test: shellcheck is not installed; ci/setup installs it" >&2
  exit 1
fi
cd "$root"
ci/style/sources.py shell >"$out/scripts"
xargs -0 shellcheck --exclude="$exclude" --severity=style <"$out/scripts"

printf '#!/bin/sh\nset -eu\ncd $1\nrm -rf $2/\n' >"$out/wrong.sh"
if shellcheck --exclude="$exclude" "$out/wrong.sh" >"$out/log"; then
  echo "scripts_test: a wrong script goes unnoticed" >&2
  exit 1
fi
