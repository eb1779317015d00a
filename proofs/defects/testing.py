"""testing.py: does a test fail in a copy of the tree with a defect?

A test is a program in C: its file, assembly that stands beside it, and the core, the runtime and the goroutines'
bodies.  Called by run.
"""
import glob
import os
import subprocess
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
FLAGS = ["-w"]
# A test that has not ended by then has failed.
TEST_SECONDS = 60


class Testing(Programs):
    """The tests that defects name."""

    def _sources(self, test: str) -> list[str]:
        patterns = (*LINKED, os.path.dirname(test) + "/*.S")
        found = [glob.glob(pattern, root_dir=self.tree) for pattern in patterns]
        return [test, *sorted(name for names in found for name in names)]

    def _run(self, defect: Defect) -> processes.Done:
        quiet = subprocess.DEVNULL
        platform = defect.fields.get("Platform")
        row = [] if platform is None else ["-DCONTIG_PLATFORM=CONTIG_" + platform.upper()]
        program = self.program(self._sources(defect.fields["Test"]), FLAGS + row)
        return processes.run([program], TEST_SECONDS, cwd=self.work, stdout=quiet, stderr=quiet)

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
