"""programs.py: what the ways share that judge by a program in C: a copy of the tree, and a build that follows a patch.

fuzz/build keeps objects by the hash of what was preprocessed, so that only what a patch reaches is compiled again.
Bazel cannot run in a test of its own.  Used by testing, vectors and replaying.
"""
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence

from defects import trees
from defects.fuzzing import BUILD
from defects.record import ROOT, Defect
from defects.verdict import Verdict

PARTS = ("src", "spec", "proofs/defects/canary.h")


class Programs(ABC):
    """A copy of the tree in which one defect after the other is planted, and the programs made of it."""

    def __init__(self, work: str, parts: Sequence[str] = PARTS) -> None:
        self.work = os.path.join(work, type(self).__name__.lower())
        self.tree = os.path.join(self.work, "tree")
        self._objects = os.path.join(self.work, "objects")
        os.makedirs(self._objects)
        trees.copy(ROOT, parts, self.tree)

    def objects(self, sources: Sequence[str], flags: Sequence[str]) -> list[str]:
        """Compiles sources of the tree as it is now."""
        stop = threading.Event()
        compiler = BUILD.Compiler(self.tree, self._objects, ["gcc"], [*flags], "", stop)
        return list(compiler.compile_all(sources))

    def program(
        self,
        sources: Sequence[str],
        flags: Sequence[str],
        libraries: Sequence[str] = (),
        objects: Sequence[str] = (),
    ) -> str:
        """Builds a program of the tree as it is now, and of objects that are there."""
        program = os.path.join(self.work, "program")
        made = self.objects(sources, flags)
        BUILD.compiled(["gcc", *made, *objects, *libraries, "-o", program])
        return program

    def judge(self, defect: Defect) -> Verdict:
        """Plants the defect, and lets the program judge."""
        stale = trees.plant(defect, self.tree)
        if stale is not None:
            return Verdict(False, 0, stale)
        try:
            return self.verdict(defect)
        except BUILD.Failed as problem:
            return Verdict(False, 0, "it does not build: %s" % problem)
        finally:
            trees.remove(defect, self.tree)

    @abstractmethod
    def verdict(self, defect: Defect) -> Verdict:
        """What the program says of the tree with this defect."""
