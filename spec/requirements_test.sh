#!/bin/sh
# requirements_test.sh REQUIREMENTS.py: every requirement has the evidence that it claims, and every tag means one.
#
# The tree itself is checked, not a copy of what some BUILD file lists: a source that nobody declared counts, too.
# Then the check is checked: each sabotage below must turn it red.
set -eu
requirements=$(realpath "$1")
root=$(dirname "$(dirname "$requirements")")
out=${TEST_TMPDIR:-$(mktemp -d)}

python3 "$requirements" --root "$root" >"$out/found" || { cat "$out/found"; exit 1; }
tail -3 "$out/found"

# sabotage NAME PATTERN COMMAND: the command changes a copy of the tree (in its current folder), and a finding must
# match the pattern.
sabotage() {
  rm -rf "$out/tree"
  mkdir "$out/tree"
  cp "$root/SOUNDNESS.md" "$out/tree/"
  (cd "$root" && find spec src proofs fuzz examples -type f \( -name '*.[chS]' -o -name '*.md' -o -name '*.acsl' -o -name '*.sh' \
    -o -name '*.py' -o -name '*.patch' -o -name BUILD -o -name goals.json \) -not -path '*/corpus/*' -print0 2>/dev/null |
    tar -c --null -T - -f -) | tar -x -C "$out/tree"
  (cd "$out/tree" && sh -c "$3")
  if python3 "$requirements" --root "$out/tree" >"$out/sabotaged" || ! grep -q "$2" "$out/sabotaged"; then
    echo "requirements_test: sabotage '$1' went unnoticed" >&2
    tail -5 "$out/sabotaged" >&2
    exit 1
  fi
  echo "noticed: $1"
}

sabotage "a requirement without evidence" "COPY-99.*claims 'test'" \
  'printf "\n### COPY-99\nA stack is blue.\n\n*Source: ours. Evidence: test.*\n" >>spec/copying.md'
sabotage "a requirement whose theorem nobody states" "COPY-99: proof by nobody" \
  'printf "\n### COPY-99\nA stack is blue.\n\n*Source: ours. Evidence: proof by \`nobody\`.*\n" >>spec/copying.md'
sabotage "a requirement without a source" "COPY-99 has no 'Source" \
  'printf "\n### COPY-99\nA stack is blue.\n" >>spec/copying.md'
sabotage "planned without a reason" "GROW-99: planned, without a reason" \
  'printf "\n### GROW-99\nA stack is blue.\n\n*Source: ours. Evidence: planned.*\n" >>spec/growth.md'
sabotage "a number that is given twice" "COPY-1: stands in" \
  'printf "\n### COPY-1\nA stack is blue.\n\n*Source: ours. Evidence: test.*\n" >>spec/sizes.md'
sabotage "a tag that means nothing" "names HEAP-99, which is no requirement" \
  'sed -i "1s|^|/* HEAP-99 */\n|" src/core/pool_test.c'
sabotage "a contract without a requirement" "the contract of paint names no requirement" \
  'printf "/* paint.h: a colour. */\n/*@ assigns \\\\nothing; */\nint paint(void);\n" >src/core/paint.h'
sabotage "a definition without a requirement" "the definition of blue names no requirement" \
  'printf "/* colours.acsl: a colour. */\n/*@ predicate blue(integer x) = x == 1; */\n" >spec/colours.acsl'
sabotage "a contract outside of all proof targets" "is in no proof target" \
  'printf "/* paint.h: SIZE-1. */\n/*@ assigns \\\\nothing; */\nint paint(void);\n" >src/core/paint.h'
sabotage "a test whose tags are gone" "claims 'test'" \
  'sed -i "s|UNWIND-4||" spec/divergence_test.c'
sabotage "an assumption that nothing watches" "ASSUME-MODEL-9 does not say" \
  'echo "| ASSUME-MODEL-9 | Stacks are blue. |" >>SOUNDNESS.md'
sabotage "a trace rule that is gone" "claims 'trace', and no rule" \
  'sed -i "s|\"LARGE-2\"|NULL|" src/conform/*.c'
sabotage "a row of spec/trace.md that is gone" "claims 'trace', and is not listed" \
  'sed -i "/^| LARGE-2 |/d" spec/trace.md'
