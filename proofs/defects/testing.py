"""testing.py: does a test fail in a copy of the tree with a defect?

A test is a program in C: its file, assembly that stands beside it, and the core, the runtime and the goroutines'
bodies.  Or it is a script that is given a tool of C, and a folder of its own.  Called by run.
"""
import glob
import os
import subprocess
import sys
from collections.abc import Sequence

from contig import processes
from defects.programs import Programs
from defects.record import Defect
from defects.verdict import Verdict

LINKED = (
    "src/core/chan/*.c",
    "src/core/heap/*.c",
    "src/core/move/*.c",
    "src/runtime/*.c",
    "src/runtime/arch/x86_64/*.S",
    "src/bodies/*/*.S",
)
# What tests of C on goroutine stacks are linked with, too.
LINKED_C = ("src/c/runtime/*.c", "src/c/arch/x86_64/*.S")
FLAGS = ["-w"]
# What the tool of a script is made of, by the script's folder: sources, flags, and what it is linked with.
TOOLS = {
    "src/c/check/test": (
        ("src/c/check/*.c", "src/command/*.c"),
        FLAGS,
        ("-lZydis", "-lZycore", "-lcapstone", "-ldw", "-lelf"),
    ),
    "src/c/plugin/test": (
        ("src/c/plugin/*.cc",),
        [*FLAGS, "-std=c++14", "-fPIC", "-isystem/usr/include/llvm-14"]
        + ["-isystem/usr/include/llvm-c-14"],
        ("-shared",),
    ),
}
# A test that has not ended by then has failed.  A script compiles and links what it needs when it runs first.
TEST_SECONDS = 60
SCRIPT_SECONDS = 300


class Testing(Programs):
    """The tests that defects name."""

    def _matching(self, patterns: Sequence[str]) -> list[str]:
        found = [glob.glob(pattern, root_dir=self.tree) for pattern in patterns]
        return sorted(name for names in found for name in names)

    def _sources(self, test: str) -> list[str]:
        more = LINKED_C if test.startswith("src/c/") else ()
        probes = test.replace("_test.c", "_probe*.S")
        return [test, *self._matching((*LINKED, *more, probes))]

    def _command(self, defect: Defect) -> list[str]:
        test = defect.fields["Test"]
        if test.endswith(".py"):
            sources, flags, libraries = TOOLS[os.path.dirname(test)]
            kept = os.path.join(self.work, "kept")
            os.makedirs(kept, exist_ok=True)
            tool = self.program(self._matching(sources), flags, libraries)
            return [sys.executable, os.path.join(self.tree, test), tool, kept]
        platform = defect.fields.get("Platform")
        row = [] if platform is None else ["-DCONTIG_PLATFORM=CONTIG_" + platform.upper()]
        return [self.program(self._sources(test), FLAGS + row)]

    def _run(self, defect: Defect) -> processes.Done:
        quiet = subprocess.DEVNULL
        command = self._command(defect)
        seconds = TEST_SECONDS if len(command) == 1 else SCRIPT_SECONDS
        return processes.run(command, seconds, cwd=self.work, stdout=quiet, stderr=quiet)

    def verdict(self, defect: Defect) -> Verdict:
        """The verdict of the test that the defect names."""
        done = self._run(defect)
        failed = done.status != 0 or done.late
        return Verdict(failed, done.seconds, "%s %s" % (defect.fields["Test"], done.text()))

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on tests that fail in the tree without a defect."""
        found = []
        one_each = {(one.fields["Test"], one.fields.get("Platform")): one for one in defects}
        for (test, _), defect in one_each.items():
            done = self._run(defect)
            if done.status != 0 or done.late:
                found.append("without a defect %s %s" % (test, done.text()))
        return found
