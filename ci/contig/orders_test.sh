#!/usr/bin/env bash
# orders_test.sh PACKAGE.py: the documented commands, in two orders, twice, ended by a signal or killed: the gates that
# read the whole tree say the same before and after, and git sees no new file.
# Each command is in its short form; each leaves its results where it does by default, or somewhere in the tree.
set -euo pipefail
root=$(dirname "$(dirname "$(dirname "$(realpath "$1")")")")
out=${TEST_TMPDIR:-$(mktemp -d)}
tree=$out/tree

fail() {
  echo "orders_test: $1" >&2
  exit 1
}

# A checkout of its own, of what git tracks or would add.
mkdir "$tree"
cd "$root"
python3 - ci >"$out/names" <<'NAMES'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from contig import tree

names = (name.encode("utf-8", "surrogateescape") + b"\0" for name in tree.files("."))
sys.stdout.buffer.write(b"".join(names))
NAMES
tar -c --null -T "$out/names" | tar -x -C "$tree"
cd "$tree"
# Where a figure is not yet what the tree says, `figures.py --write` would change it in the middle of an order.
python3 ci/report/figures.py --write >/dev/null
git init -q
git add -A
git -c user.name=orders -c user.email=orders@example.org commit -q -m tree

commands=(
  "ci/verify --quick --only traceability"
  "ci/verify --only traceability --out results/of-a-run"
  "fuzz/run pool_fuzz --seconds 2 --no-ledger"
  "fuzz/build --objects made/objects made/targets growth_fuzz"
  "proofs/defects/run --check"
  "python3 ci/report/figures.py --write"
  "python3 ci/style/style.py"
  "ci/go_trace --check --keep kept"
  "src/conform/kit/make.py kit"
)

gates=("python3 ci/style/style.py" "ci/explain --gaps" "python3 ci/report/figures.py --check" "git status --porcelain"
  "ci/verify --only traceability --out $out/report")

# verdicts FILE: what the gates say.  They only read, and so run side by side.
verdicts() {
  local number
  for number in "${!gates[@]}"; do
    (
      status=0
      # Word by word: each is a command without blanks in its words.
      ${gates[$number]} >"$out/gate.$number" 2>&1 || status=$?
      echo "== ${gates[$number]}: $status" >>"$out/gate.$number"
    ) &
  done
  wait
  # The lines of ci/verify hold times; its report holds the digest of the tree.
  sed -i -n '$p' "$out/gate.4"
  { cat "$out"/gate.[0-4] && jq -c .source "$out/report/evidence.json"; } >"$1"
}

# same COMMAND: nothing has changed.
same() {
  verdicts "$out/now"
  diff "$out/before" "$out/now" || fail "after '$1' the gates say something else"
}

verdicts "$out/before"
# Whether they are green is for their own tests to say.
! grep -q '^== .*: [^01]' "$out/before" || {
  cat "$out/before"
  fail "a gate cannot run"
}

# What editors and other tools leave.
mkdir -p venv/lib .vscode src/__pycache__
printf 'int addr;\n' |
  tee venv/lib/x.c 'src/core/move/growth.c~' src/core/.growth.c.swp .vscode/BUILD \
    src/__pycache__/x.py >/dev/null
ln -s nobody@nowhere 'src/core/.#growth.c'
same "an editor"

for order in 1 2; do
  for number in $(seq 0 $((${#commands[@]} - 1)) | shuf --random-source=<(yes "$order")); do
    command=${commands[$number]}
    if [ "$order" = 1 ]; then
      # In the middle of its work: by a signal, and then with no time to clean up.
      # shellcheck disable=SC2086  # a command and its arguments in one word
      timeout -s TERM 0.7 $command >"$out/log" 2>&1 || true
      # shellcheck disable=SC2086
      timeout -s KILL 0.7 $command >"$out/log" 2>&1 || true
    fi
    $command >"$out/log" 2>&1 || [ $? -eq 1 ] || {
      cat "$out/log"
      fail "'$command' in order $order"
    }
    ! grep -q Traceback "$out/log" || fail "'$command' shows a traceback"
    echo "order $order: $command"
  done
  same "all commands, order $order"
done
