#!/usr/bin/env bash
# scripts_test.sh STYLE.py: shellcheck finds nothing in any shell script of the tree, and something in a wrong one.
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
python3 - ci >"$out/scripts" <<'NAMES'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from contig import tree

for path in tree.files("."):
    with open(path, "rb") as content:
        first = content.readline(80)
    if first.startswith(b"#!") and first.rstrip().endswith(b"sh"):
        sys.stdout.buffer.write(path.encode("utf-8", "surrogateescape") + b"\0")
NAMES
count=$(tr -dc '\0' <"$out/scripts" | wc -c)
[ "$count" -ge 20 ] || {
  echo "scripts_test: only $count scripts" >&2
  exit 1
}
xargs -0 shellcheck --exclude="$exclude" --severity=style <"$out/scripts"

printf '#!/bin/sh\nset -eu\ncd $1\nrm -rf $2/\n' >"$out/wrong.sh"
if shellcheck --exclude="$exclude" "$out/wrong.sh" >"$out/log"; then
  echo "scripts_test: a wrong script goes unnoticed" >&2
  exit 1
fi
echo "$count scripts, 0 findings"
