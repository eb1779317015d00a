#!/bin/sh
# requirements_test.sh EXPLAIN: every requirement has the evidence that it claims, and every tag means one.
#
# The tree itself is checked, not a copy of what some BUILD file lists: a source that nobody declared counts, too.
# Then the check is checked: each sabotage below must turn it red.
set -eu
explain=$(realpath "$1")
root=$(dirname "$(dirname "$explain")")
out=${TEST_TMPDIR:-$(mktemp -d)}

good=0
"$explain" --gaps >"$out/found" || good=$?

# Nothing but what is read.
mkdir "$out/whole"
(cd "$root" && find README.md SOUNDNESS.md spec src proofs fuzz examples ci -type f \( -name '*.[chS]' -o -name '*.md' \
  -o -name '*.acsl' -o -name '*.sh' -o -name '*.py' -o -name '*.patch' -o -name BUILD -o -name '*.json' -o -name mutate \) \
  -not -path '*/corpus/*' -print0 | tar -c --null -T - -f -) | tar -x -C "$out/whole"

# sabotage NAME PATTERN COMMAND: the command changes a copy of the tree (in its current folder), and a finding must
# match the pattern that did not before.
sabotage() {
  rm -rf "$out/tree"
  cp -R "$out/whole" "$out/tree"
  (cd "$out/tree" && sh -euc "$3")
  status=0
  "$explain" --gaps --root "$out/tree" >"$out/sabotaged" 2>&1 || status=$?
  if [ $status -ne 1 ] || ! grep -q -e "$2" "$out/sabotaged" || grep -q -e "$2" "$out/found"; then
    echo "requirements_test: sabotage '$1' ended with $status, and not with '$2'" >&2
    tail -5 "$out/sabotaged" >&2
    exit 1
  fi
  echo "noticed: $1"
}

# requirement EVIDENCE: a command that adds one more requirement.
requirement() {
  printf "printf '\\\\n### COPY-99\\\\nA stack is blue.\\\\n\\\\n*Source: ours. Evidence: %s.*\\\\n' >>spec/copying.md" "$1"
}

# Clauses.
sabotage "a clause that is deleted" "copystack has no clause 'ensures moved'" \
  'sed -i "/ensures  moved:  *.result == STACK_OK ==> goroutine_resized/d" src/core/move/copystack.h'
sabotage "a clause with another name" "copystack has no clause 'ensures failed'" \
  'sed -i "s/ensures  failed: /ensures  failing:/" src/core/move/copystack.h'
sabotage "a definition that says less" "allocmanual.ensures heap does not say mark_aligned" \
  'sed -i "s/ && mark_aligned &&/ \&\&/" spec/blocks.acsl'
sabotage "a clause that is not recorded" "relocate.ensures value is not recorded" \
  'sed -i "/\"relocate\": {/,/}/s/ensures value/ensures worth/" proofs/contracts.json'
sabotage "a clause of a function without goals" "sgsize is not proved" \
  'sed -i "/\"sgsize\":/d" proofs/goals.json'
sabotage "a unit that is left out of the proofs" "stack_ok is not proved: unit stack_check has no proof target" \
  'sed -i "/^    \"stack_check\",$/d" proofs/BUILD'
sabotage "a proof by no function" "COPY-99.*there is no function nobody in the core" "$(requirement 'proof: `nobody.ensures x`')"
sabotage "a proof by no clause" "COPY-99.*claims 'proof', and names no clause" "$(requirement 'proof; test')"
sabotage "a clause that does not say the word" "COPY-99.*relocate.ensures value does not say live_stack" \
  "$(requirement 'proof: `relocate.ensures value` (`live_stack`)')"
sabotage "a word that nobody defines" "COPY-99.*there is no definition of blue" \
  "$(requirement 'proof: `relocate.ensures value` (`blue`)')"
sabotage "a proof that cannot be read" "COPY-99: cannot read 'relocate'" "$(requirement 'proof: relocate')"
sabotage "a part that no clause says" "COPY-99.*no clause says yet: that it is blue" \
  "$(requirement 'proof: `relocate.ensures value`; missing: that it is blue')"

# Requirements and tags.
sabotage "a requirement without evidence" "COPY-99.*claims 'test', and no test" "$(requirement test)"
sabotage "evidence of no kind" "COPY-99: 'hope' is no kind of evidence" "$(requirement hope)"
sabotage "planned without a reason" "COPY-99: planned, without a reason" "$(requirement planned)"
sabotage "a requirement without a source" "COPY-99 has no 'Source" \
  "printf '\n### COPY-99\nA stack is blue.\n' >>spec/copying.md"
sabotage "a number that is given twice" "COPY-1: stands in" \
  "printf '\n### COPY-1\nA stack is blue.\n\n*Source: ours. Evidence: test.*\n' >>spec/sizes.md"
sabotage "a tag that means nothing" "names HEAP-99, which is no requirement" \
  'sed -i "s|^int main(void)|/* HEAP-99 */\n&|" src/core/test/pool_test.c'
sabotage "a contract without a requirement" "the contract of paint names no requirement" \
  'printf "/* paint.h: SIZE-1, a colour. */\n/*@ assigns \\\\nothing; */\nint paint(void);\n" >src/core/paint.h'
sabotage "a definition without a requirement" "the definition of blue names no requirement" \
  'printf "/* colours.acsl: SIZE-1. */\n/*@ predicate blue(integer x) = x == 1; */\n" >spec/colours.acsl'
sabotage "a function that nobody proves" "paint is not proved" \
  'printf "/* paint.h: a colour. */\n/* SIZE-1 */\n/*@ assigns \\\\nothing; */\nint paint(void);\n" >src/core/paint.h'
sabotage "a test whose tag is gone" "GROW-8.*claims 'test', and no test names it" \
  'sed -i "s|GROW-8||" src/cli/demo_test.sh'
sabotage "a tag that stands at the head of a file only" "LIFE-5.*claims 'test', and no test names it" \
  'sed -i "s|^/. LIFE-5 ./||; 1s|^|/* LIFE-5 */\n|" src/runtime/test/runtime_test.c'
sabotage "an oracle whose tag is gone" "LIFE-9.*claims 'fuzz', and no oracle names it" \
  'sed -i "s|LIFE-9||" fuzz/*.c src/*/*.c'
sabotage "a trace rule that is gone" "claims 'trace', and no rule" 'sed -i "s|\"LARGE-2\"|NULL|" src/conform/*.c'
sabotage "a row of spec/trace.md that is gone" "claims 'trace', and is not listed" \
  'sed -i "/^| LARGE-2 |/d" spec/trace.md'

# Claims and assumptions.
sabotage "an assumption that nothing watches" "ASSUME-MODEL-9 does not say" \
  'echo "| ASSUME-MODEL-9 | Stacks are blue. |" >>SOUNDNESS.md'
sabotage "a claim without a clause" "README.md claims 'Stacks are blue.', and SOUNDNESS.md names no clause" \
  'sed -i "s/^| Live stacks never overlap\./& Stacks are blue./" README.md'
sabotage "a claim that is gone from README.md" "README.md does not claim 'Live stacks never overlap.'" \
  'sed -i "s/Live stacks never overlap\. //" README.md'
sabotage "a claim of many words" "a claim of more than 20 words" \
  'sed -i "s/^| Live stacks never overlap/& and never and never and never and never and never and never and never and never and never/" README.md'
sabotage "a claim whose clause is gone" "SOUNDNESS.md:[0-9]*: stack_take has no clause 'ensures apart'" \
  'sed -i "s/ensures  apart:  .result.status/ensures  beside: \\\\result.status/" src/core/move/stack_place.h'
sabotage "a claim whose gate is gone" "the gate '.*//proofs:nothing.*' is no target and no file" \
  'sed -i "s|//proofs:stack_place|//proofs:nothing|" SOUNDNESS.md'
sabotage "a theorem that rests on a plan" "rests on CHAN-1, which is not proved" \
  'sed -i "s/\"GROW-9\"/\"CHAN-1\"/" ci/report/theorems.json'

[ $good -eq 0 ] || {
  cat "$out/found"
  exit 1
}
tail -1 "$out/found"
