"""testing.py: does a test fail in a copy of the tree with a defect?

A test is a program in C: its file, assembly that stands beside it, and the core, the runtime and the goroutines'
bodies.  It is compiled here as Bazel would, since Bazel cannot run in a test of its own.  Called by run.
"""
import glob
import os
import subprocess
import threading
from collections.abc import Sequence

from contig import processes
from defects import trees
from defects.fuzzing import BUILD
from defects.record import ROOT, Defect
from defects.verdict import Verdict

PARTS = ("src", "spec", "proofs/defects/canary.h")
LINKED = (
    "src/core/heap/*.c",
    "src/core/move/*.c",
    "src/runtime/*.c",
    "src/runtime/arch/x86_64/*.S",
    "src/bodies/*/*.S",
)
FLAGS = ["-w"]
# A test that has not ended by then has failed.
TEST_SECONDS = 60


class Testing:
    """A copy of the tree in which one defect after the other is planted, and its programs."""

    def __init__(self, work: str) -> None:
        self.work, self.tree = work, os.path.join(work, "tested")
        trees.copy(ROOT, PARTS, self.tree)

    def _sources(self, test: str) -> list[str]:
        patterns = (*LINKED, os.path.dirname(test) + "/*.S")
        found = [glob.glob(pattern, root_dir=self.tree) for pattern in patterns]
        return [test, *sorted(name for names in found for name in names)]

    def _program(self, test: str, platform: str | None) -> str:
        objects = os.path.join(self.work, "tested-objects")
        os.makedirs(objects, exist_ok=True)
        row = [] if platform is None else ["-DCONTIG_PLATFORM=CONTIG_" + platform.upper()]
        compiler = BUILD.Compiler(self.tree, objects, ["gcc"], FLAGS + row, "", threading.Event())
        made = compiler.compile_all(self._sources(test))
        program = os.path.join(self.work, "test")
        BUILD.compiled(["gcc", *made, "-o", program])
        return program

    def _run(self, defect: Defect) -> processes.Done:
        quiet = subprocess.DEVNULL
        program = self._program(defect.fields["Test"], defect.fields.get("Platform"))
        return processes.run([program], TEST_SECONDS, cwd=self.work, stdout=quiet, stderr=quiet)

    def judge(self, defect: Defect) -> Verdict:
        """The verdict of the test that the defect names."""
        test = defect.fields["Test"]
        stale = trees.plant(defect, self.tree)
        if stale is not None:
            return Verdict(False, 0, stale)
        try:
            done = self._run(defect)
        except BUILD.Failed as problem:
            return Verdict(False, 0, "it does not build: %s" % problem)
        finally:
            trees.remove(defect, self.tree)
        failed = done.status != 0 or done.late
        return Verdict(failed, done.seconds, "%s %s" % (test, done.text()))

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on tests that fail in the tree without a defect."""
        found = []
        one_each = {(one.fields["Test"], one.fields.get("Platform")): one for one in defects}
        for (test, _), defect in one_each.items():
            done = self._run(defect)
            if done.status != 0 or done.late:
                found.append("without a defect %s %s" % (test, done.text()))
        return found
