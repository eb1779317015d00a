#!/usr/bin/env python3
"""requirements_test.py EXPLAIN: every requirement has the evidence that it claims, and every tag means one.

The tree itself is checked, not a copy of what some BUILD file lists: a source that nobody declared counts, too.  Then
the check is checked: each fault below must turn it red.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
EXPLAIN = os.path.realpath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(EXPLAIN))
sys.path.insert(0, os.path.dirname(EXPLAIN))
from contig import copied, forked  # noqa: E402
from contig.traceability import gaps, graph  # noqa: E402

READ = ("README.md", "SOUNDNESS.md", "spec/", "src/", "proofs/", "fuzz/", "examples/", "ci/")
KINDS = (
    ".c",
    ".h",
    ".S",
    ".md",
    ".acsl",
    ".sh",
    ".py",
    ".patch",
    "BUILD",
    ".json",
    ".pml",
    "defects/run",
)


def requirement(evidence: str) -> str:
    """A command that adds one more requirement."""
    text = r"\n### COPY-99\nA stack is blue.\n\n*Source: ours. Evidence: %s.*\n" % evidence
    return "printf '%s' >>spec/copying.md" % text


def declaration(comment: str) -> str:
    """A command that adds a function with a contract, and this comment before it."""
    text = comment + r"\n/*@ assigns \\nothing; */\nint paint(void);\n"
    return f"printf '{text}' >src/core/paint.h"


# (name, pattern of a finding that was not there before, command that breaks a copy of the tree)
FAULTS = [
    # Clauses.
    (
        "a clause that is deleted",
        "copystack has no clause 'ensures moved'",
        'sed -i "/ensures  moved:  *.result == STACK_OK ==> goroutine_resized/d"'
        " src/core/move/copystack.h",
    ),
    (
        "a clause with another name",
        "copystack has no clause 'ensures failed'",
        'sed -i "s/ensures  failed: /ensures  failing:/" src/core/move/copystack.h',
    ),
    (
        "a definition that says less",
        "allocmanual.ensures heap does not say mark_aligned",
        r'sed -i "s/ && mark_aligned &&/ \&\&/" spec/blocks.acsl',
    ),
    (
        "a clause that is not recorded",
        "relocate.ensures value is not recorded",
        r'sed -i "/\"relocate\": {/,/}/s/ensures value/ensures worth/" proofs/contracts.json',
    ),
    (
        "a clause of a function without goals",
        "sgsize is not proved",
        r'sed -i "/\"sgsize\":/d" proofs/goals.json',
    ),
    (
        "a unit that is left out of the proofs",
        "stack_ok is not proved: unit stack_check has no proof target",
        r'sed -i "/^    \"stack_check\",$/d" proofs/BUILD',
    ),
    (
        "a proof by no function",
        "COPY-99.*there is no function nobody in the core",
        requirement("proof: `nobody.ensures x`"),
    ),
    (
        "a proof by no clause",
        "COPY-99.*claims 'proof', and names no clause",
        requirement("proof; test"),
    ),
    (
        "a clause that does not say the word",
        "COPY-99.*relocate.ensures value does not say live_stack",
        requirement("proof: `relocate.ensures value` (`live_stack`)"),
    ),
    (
        "a word that nobody defines",
        "COPY-99.*there is no definition of blue",
        requirement("proof: `relocate.ensures value` (`blue`)"),
    ),
    (
        "a proof that cannot be read",
        "COPY-99: cannot read 'relocate'",
        requirement("proof: relocate"),
    ),
    (
        "a part that no clause says",
        "COPY-99.*no clause says yet: that it is blue",
        requirement("proof: `relocate.ensures value`; missing: that it is blue"),
    ),
    # Models.
    (
        "a claim of a model that is gone",
        "CHAN-1.*the model channel has no claim slot_live",
        'sed -i "s/slot_live/slot_alive/" spec/model/channel.pml',
    ),
    (
        "a claim of no model",
        "COPY-99.*there is no model blue",
        requirement("model: `blue.sky`; planned: later"),
    ),
    (
        "a model without a claim",
        "COPY-99: claims 'model', and names no claim",
        requirement("model; planned: later"),
    ),
    ("a model alone", "COPY-99.*no evidence at all", requirement("model: `futex.no_deadlock`")),
    (
        "a bug that no macro switches on",
        "spec/model/pool.pml: not both named.*UNFLUSHED",
        'sed -i "s/^#ifndef UNFLUSHED/#if 0/" spec/model/pool.pml',
    ),
    # Requirements and tags.
    ("a requirement without evidence", "COPY-99.*claims 'test', and no test", requirement("test")),
    ("evidence of no kind", "COPY-99: 'hope' is no kind of evidence", requirement("hope")),
    ("planned without a reason", "COPY-99: planned, without a reason", requirement("planned")),
    (
        "a requirement without a source",
        "COPY-99 has no 'Source",
        r"printf '\n### COPY-99\nA stack is blue.\n' >>spec/copying.md",
    ),
    (
        "a number that is given twice",
        "COPY-1: stands in",
        requirement("test").replace("COPY-99", "COPY-1").replace("copying.md", "sizes.md"),
    ),
    (
        "a tag that means nothing",
        "names HEAP-99, which is no requirement",
        r'sed -i "s|^int main(void)|/* HEAP-99 */\n&|" src/core/test/pool_test.c',
    ),
    (
        "a contract without a requirement",
        "the contract of paint names no requirement",
        declaration("/* paint.h: SIZE-1, a colour. */"),
    ),
    (
        "a definition without a requirement",
        "the definition of blue names no requirement",
        r'printf "/* colours.acsl: SIZE-1. */\n/*@ predicate blue(integer x) = x == 1; */\n"'
        " >spec/colours.acsl",
    ),
    (
        "a function that nobody proves",
        "paint is not proved",
        declaration("/* paint.h: a colour. */\\n/* SIZE-1 */"),
    ),
    (
        "a test whose tag is gone",
        "GROW-8.*claims 'test', and no test names it",
        'sed -i "s|GROW-8||" src/cli/demo_test.sh',
    ),
    (
        "a tag that stands at the head of a file only",
        "LIFE-5.*claims 'test', and no test names it",
        r'sed -i "s|^/. LIFE-5 ./||; 1s|^|/* LIFE-5 */\n|" src/runtime/test/runtime_test.c',
    ),
    (
        "an oracle whose tag is gone",
        "LIFE-9.*claims 'fuzz', and no oracle names it",
        'sed -i "s|LIFE-9||" fuzz/*.c src/*/*.c',
    ),
    (
        "a trace rule that is gone",
        "claims 'trace', and no rule",
        r'sed -i "s|\"LARGE-2\"|NULL|" src/conform/*.c',
    ),
    (
        "a row of spec/trace.md that is gone",
        "claims 'trace', and is not listed",
        'sed -i "/^| LARGE-2 |/d" spec/trace.md',
    ),
    # Claims and assumptions.
    (
        "an assumption that nothing watches",
        "ASSUME-MODEL-9 does not say",
        'echo "| ASSUME-MODEL-9 | Stacks are blue. |" >>SOUNDNESS.md',
    ),
    (
        "a claim without a clause",
        "README.md claims 'Stacks are blue.', and SOUNDNESS.md names no clause",
        r'sed -i "s/^| Live stacks never overlap\./& Stacks are blue./" README.md',
    ),
    (
        "a claim that is gone from README.md",
        "README.md does not claim 'Live stacks never overlap.'",
        r'sed -i "s/Live stacks never overlap\. //" README.md',
    ),
    (
        "a claim of many words",
        "a claim of more than 20 words",
        'sed -i "s/^| Live stacks never overlap/&%s/" README.md' % (" and never" * 9),
    ),
    (
        "a claim whose clause is gone",
        "SOUNDNESS.md:[0-9]*: stack_take has no clause 'ensures apart'",
        r'sed -i "s/ensures  apart:  .result.status/ensures  beside: \\\\result.status/"'
        " src/core/move/stack_place.h",
    ),
    (
        "a claim whose gate is gone",
        "the gate '.*//proofs:nothing.*' is no target and no file",
        'sed -i "s|//proofs:stack_place|//proofs:nothing|" SOUNDNESS.md',
    ),
    (
        "a theorem that rests on a plan",
        "rests on CHAN-1, which is not proved",
        r'sed -i "s/\"GROW-9\"/\"CHAN-1\"/" ci/report/theorems.json',
    ),
]


def is_read(path: str) -> bool:
    return path.startswith(READ) and path.endswith(KINDS) and "/corpus/" not in path


def matches(pattern: str, findings: list[str]) -> bool:
    return any(re.search(pattern, one) for one in findings)


def check(copy: copied.Copy, before: list[str]) -> int:
    """How many of the faults are not noticed."""
    missed = 0
    for name, pattern, change in FAULTS:
        with copy.broken(change):
            found = gaps.gaps(graph.Graph(copy.root))
        if matches(pattern, found) and not matches(pattern, before):
            print(f"noticed: {name}", flush=True)
            continue
        print(f"requirements_test: '{name}' is not noticed as '{pattern}': {found[-5:]}")
        missed += 1
    return missed


def main() -> int:
    good = forked.run(EXPLAIN, "--gaps")
    # The command, started as people do, says the same.
    asked = subprocess.run([EXPLAIN, "--gaps"], text=True, capture_output=True, check=False)
    if (asked.returncode, asked.stdout) != (good.status, good.output):
        print(f"requirements_test: ci/explain --gaps ended with {asked.returncode}: {asked.stderr}")
        return 1
    before = good.output.splitlines()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        copy = copied.Copy(ROOT, folder, is_read)
        graph.Graph(copy.root)
        missed = check(copy, before)
        with copy.broken(FAULTS[0][2]):
            status = forked.run(EXPLAIN, "--gaps", "--root", copy.root).status
        if status != 1:
            print(f"requirements_test: ci/explain --gaps ends with {status} where there are gaps")
            missed += 1
    if good.status != 0:
        print(good.output)
    print(before[-1])
    return 1 if missed or good.status != 0 else 0


sys.exit(main())
