"""stressing.py: do random graphs of channels on eight threads show a defect of the runtime?

A defect names src/runtime/test/threads_stress_test.c as src/runtime/BUILD builds it: threads_stress_test, or
threads_stress_sanitized_test, all of whose C ThreadSanitizer watches.  Called by run.
"""
import glob
import subprocess
from collections.abc import Sequence

from contig import processes
from defects.programs import Programs
from defects.record import STRESS, Defect
from defects.testing import LINKED
from defects.verdict import Verdict

ADDED = ("src/command/*.c", "src/runtime/test/threads_stress_test.c")
# What each of them is compiled and linked with.
PLAIN, SANITIZER = ("-w", "-O2"), "-fsanitize=thread"
FLAGS = dict(zip(STRESS, ((PLAIN, ()), (("-w", "-O1", "-g", SANITIZER), (SANITIZER,)))))
# A program that has not ended then hangs.
SECONDS, HANGS_SECONDS = 15, 60


class Stressing(Programs):
    """The two programs."""

    def _run(self, program: str) -> processes.Done:
        sources = {name for one in (*LINKED, *ADDED) for name in glob.glob(one, root_dir=self.tree)}
        command = [self.program(sorted(sources), *FLAGS[program]), "--seconds=%d" % SECONDS]
        quiet = subprocess.DEVNULL
        return processes.run(command, HANGS_SECONDS, cwd=self.work, stdout=quiet, stderr=quiet)

    def verdict(self, defect: Defect) -> Verdict:
        """Whether the program that the defect names fails or hangs."""
        program = defect.fields["Stress"]
        done = self._run(program)
        failed = done.status != 0 or done.late
        return Verdict(failed, done.seconds, "%s %s" % (program, done.text()))

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on programs that fail in the tree without a defect."""
        found = []
        for program in sorted({defect.fields["Stress"] for defect in defects}):
            done = self._run(program)
            if done.status != 0 or done.late:
                found.append("without a defect %s %s" % (program, done.text()))
        return found
