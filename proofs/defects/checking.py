"""checking.py: is every patch still one that can be noticed: does it apply, compile, and say what its runner needs?

Nothing is proved or run.  What a gate must refuse may be no C at all: of these patches only the lines above them and
that they apply are checked.  Called by run with --check.
"""
import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence

from contig import processes
from defects import fuzzing, programs, proving, record, trees
from defects.record import ROOT, Defect

PARTS = (*proving.PARTS, *proving.BUILDS, *fuzzing.PARTS, *programs.PARTS)
# Inputs, which no patch changes.
NO_PATCH = ("fuzz/corpus", "spec/vectors")
COMPILE_SECONDS = 600
COMPILER = ("gcc", "-std=c11", "-fsyntax-only", "-I.")
ASSEMBLER = ("gcc", "-c", "-o", os.devnull, "-I.")


def _compilers(defect: Defect, tree: str) -> list[list[str]]:
    """Commands that compile what a patch has an effect on: the sources that it changes; for a header, all of the
    core."""
    if defect.area == "gates":
        return []
    found = [name for name in defect.files if name.endswith(".c")]
    if any(name.endswith(".h") for name in defect.files):
        found += glob.glob("src/core/*/*.c", root_dir=tree)
    assembled = [[*ASSEMBLER, name] for name in defect.files if name.endswith(".S")]
    return [*assembled, *([[*COMPILER, *sorted(set(found))]] if found else [])]


def _planted(defect: Defect, tree: str) -> Iterator[str]:
    stale = trees.plant(defect, tree)
    if stale is not None:
        yield stale
        return
    try:
        for words in _compilers(defect, tree):
            said = processes.captured(words, COMPILE_SECONDS, cwd=tree, together=True)
            if said.done.status != 0 or said.done.late:
                yield "it does not compile: %s" % " ".join(said.output.split())[:300]
        for name in defect.words("Test"):
            if not os.path.exists(os.path.join(tree, name)):
                yield "there is no test %s" % name
    finally:
        trees.remove(defect, tree)


def findings(defects: Sequence[Defect], work: str) -> Iterator[str]:
    """Sentences on defects that nobody could notice as they are."""
    tree = os.path.join(work, "checked")
    trees.copy(ROOT, PARTS, tree, NO_PATCH)
    names = Counter(defect.name for defect in defects)
    for defect in defects:
        texts = [*record.faults(defect, fuzzing.TARGETS), *_planted(defect, tree)]
        if names[defect.name] > 1:
            texts.append("another defect has this name")
        for text in texts:
            yield "%s: %s" % (defect.title, text)
