#!/bin/sh
# figures_test.sh FIGURES.py: the figures in README.md and SOUNDNESS.md are those of the tree, and one that is not turns
# the check red.
set -eu
root=$(dirname "$(dirname "$(dirname "$(realpath "$1")")")")
out=${TEST_TMPDIR:-$(mktemp -d)}
readme=$out/tree/README.md

fail() {
  echo "figures_test: $1" >&2
  exit 1
}

fail_with_log() {
  cat "$out/log" >&2
  fail "figures.py $1"
}

# ends STATUS PATTERN OPTION...: the copy's figures.py ends so; a failure says one line, with the pattern.
ends() {
  wanted=$1 pattern=$2 status=0
  shift 2
  python3 "$out/tree/ci/report/figures.py" "$@" >"$out/log" 2>&1 || status=$?
  [ $status -eq "$wanted" ] || fail_with_log "$* ended with $status, not $wanted"
  [ "$(wc -l <"$out/log")" -eq $((wanted != 0)) ] || fail_with_log "$* says more or less than it should"
  [ "$wanted" -eq 0 ] || grep -q -e "$pattern" "$out/log" || fail_with_log "$* does not say '$pattern'"
}

# refused PATTERN COMMAND: a copy of the tree that the command changed, in it, fails the check with the pattern.
refused() {
  rm -rf "$out/tree"
  cp -R "$out/whole" "$out/tree"
  (cd "$out/tree" && sh -euc "$2")
  ends 1 "$1" --check
  printf "noticed: %s\n" "$2"
}

python3 "$root/ci/report/figures.py" --check || fail "README.md or SOUNDNESS.md is not what the tree says"

# Nothing but what is counted, and no links: a change must stay in the copy.
mkdir "$out/whole"
(cd "$root" && tar -ch --exclude=corpus --exclude=__pycache__ \
  README.md SOUNDNESS.md ci/contig ci/report ci/style fuzz proofs spec src) | tar -x -C "$out/whole"

# README.md changed: each row, and what the table stands between.
rows=$(sed -n '/^<!-- figures: /,/^<!-- \/figures/{/^| [0-9]/=}' "$root/README.md")
[ "$(echo "$rows" | wc -l)" -ge 10 ] || fail "README.md has fewer than ten figures"
for row in $rows; do
  refused "README.md says '9[0-9]* .* where the tree says '[0-9]" "sed -i '$row s/^| /| 9/' README.md"
done
refused "says .* where the tree says 'nothing'" "sed -i 's/^<!-- .figures/| 1 more | nobody |\n&/' README.md"
refused "has no place for the figures" "sed -i '/^<!-- figures: /d' README.md"
refused "has no place for the figures" "sed -i '/^<!-- .figures/d' README.md"
refused "has no place for the figures" "sed -i '/^<!-- figures: /h; /^<!-- .figures/G' README.md"
ends 1 "has no place for the figures" --write
refused "SOUNDNESS.md says 'plan9 .* where the tree says 'plan9" "sed -i 's/^| plan9 .*[0-9]/&9/' SOUNDNESS.md"
refused "SOUNDNESS.md has no place for the figures" "sed -i '/^<!-- .figures/d' SOUNDNESS.md"

# The tree changed: each figure is counted, not remembered.
refused "functions proved" "sed -i 's/\": [0-9]/&0/' proofs/goals.json"
refused "functions proved" "sed -i 's/law_/paint_/' proofs/laws/laws_*.c"
refused "requirements:" "printf '\n### COPY-99\nBlue.\n\n*Source: ours. Evidence: planned: later.*\n' >>spec/copying.md"
refused "mutants" "touch proofs/mutants/paint.patch"
refused "sabotages" "touch proofs/sabotages/paint.patch"
refused "planted defects" "echo 'Reference: own' >fuzz/bugs/paint.patch"
refused "operations" "sed -i '/OPERATION(AUDIT,/d' src/script/operations.h"
refused "fuzz targets" "sed -i 's/^TARGETS = \[/&\"paint_fuzz\", /' fuzz/run"
refused "does not give the three sizes of blue" "echo '#elif CONTIG_PLATFORM == CONTIG_BLUE' >>spec/platform.h"
blue='#elif CONTIG_PLATFORM == CONTIG_BLUE\n#define STACK_SYSTEM_BYTES 8u\n#define FIXED_STACK_BYTES 2048u\n'
blue=$blue'#define NUM_STACK_ORDERS 4u\n'
refused "platforms" "sed -i 's/^#elif .*PLAN9/$blue&/' spec/platform.h"
refused "SOUNDNESS.md says 'plan9 | 512" "sed -i 's/SYSTEM_BYTES 512u/SYSTEM_BYTES 520u/' spec/platform.h"
refused "rules" "printf '\nRULES[\"blue\"] = (\"nothing is blue\", None)\n' >>ci/style/style.py"
refused "fuzz/run has no line of the form" "sed -i 's/^TARGETS = /NAMES = /' fuzz/run"

# A defect that is said to be real is counted as such; --write is then all that is missing, and changes the table only.
refused "planted defects" "printf 'What: paint\nReference: real, a wall\n--- a\n' >fuzz/bugs/paint.patch"
ends 0 "" --write
ends 0 "" --check
defects='[0-9]* planted defects .* \([0-9]*\) of them with `Reference: real`'
real=$(sed -n "s/^| $defects .*/\1/p" "$root/README.md")
[ "$(sed -n "s/^| $defects .*/\1/p" "$readme")" = $((real + 1)) ] || fail "a real defect is not counted as one"
sed "/^| $defects/d" "$root/README.md" >"$out/before"
sed "/^| $defects/d" "$readme" | cmp - "$out/before" || fail "--write changed more than what was wrong"

# A write that fails, or is killed, leaves the file as it was.
rm -rf "$out/tree"
cp -R "$out/whole" "$out/tree"
sed -i '/^<!-- figures: /,/^<!-- .figures/s/^| [0-9]*/| 9/' "$readme"
cp "$readme" "$out/before"
status=0
(ulimit -f 1 && python3 "$out/tree/ci/report/figures.py" --write) >"$out/log" 2>&1 || status=$?
[ $status -eq 2 ] || fail_with_log "--write under a limit of file sizes ended with $status, not 2"
grep -q "README.md' cannot be written: File too large" "$out/log" || fail_with_log "--write does not say why"
cmp "$out/before" "$readme" || fail "a failed --write changed README.md"
[ -z "$(find "$out/tree" -name '.contig-*')" ] || fail "a failed --write left something behind"
ends 0 "" --write
ends 0 "" --check

# What cannot be read is not counted.
echo '{"growth"' >"$out/tree/proofs/goals.json"
ends 2 "goals.json' is not JSON" --check
rm "$out/tree/proofs/goals.json"
ends 2 "goals.json' cannot be read" --check

# Wrong use.
ends 2 "an option is missing"
ends 2 "'--chek' will not do" --chek
ends 2 "'--check --write' will not do" --check --write
