"""scheduling.py: does the search of all schedules find a defect of the runtime?

A defect names a program of src/runtime/test/schedule_test.c, which is run in every order in which its threads can go
on, and the preemptions that it takes: with fewer nothing is found.  What no atomic operation shows is looked for
between plain accesses, too (schedule_plain.c).  Called by run.
"""
import glob
import re
from collections.abc import Sequence

from contig import processes
from defects.programs import Programs
from defects.record import Defect, scheduled
from defects.testing import LINKED
from defects.verdict import Verdict

# The threads of the system are replaced by those of schedule.c.
REPLACED = "src/runtime/sync.c"
ADDED = ("src/command/*.c", "src/runtime/test/schedule*.[cS]")
FLAGS = ("-w", "-O1", "-DCONTIG_SCHEDULE")
# What calls schedule_plain.c.
WATCHED, WATCHED_FLAGS = ("src/core/chan/*.c", "src/runtime/*.c"), (*FLAGS, "-fsanitize=thread")
SEARCH_SECONDS = 600
# What schedule.c says of an execution that went wrong.
WRONG = re.compile(r"^\w+: execution \d+, preemptions (\d+)$", re.M)


class Scheduling(Programs):
    """schedule_test."""

    def _matching(self, patterns: Sequence[str]) -> set[str]:
        return {name for one in patterns for name in glob.glob(one, root_dir=self.tree)}

    def _built(self, plain: bool) -> str:
        sources = self._matching((*LINKED, *ADDED)) - {REPLACED}
        watched = self._matching(WATCHED) - {REPLACED} if plain else set()
        objects = self.objects(sorted(watched), WATCHED_FLAGS)
        return self.program(sorted(sources - watched), FLAGS, (), objects)

    def _run(self, defect: Defect) -> processes.Result:
        name, threads, preemptions, plain = scheduled(defect)
        command = [
            self._built(plain),
            "--program=" + name,
            "--threads=" + threads,
            "--preemptions=%d" % (int(preemptions) + int(threads) - 2),
        ]
        return processes.captured(command, SEARCH_SECONDS, cwd=self.work, together=True)

    def verdict(self, defect: Defect) -> Verdict:
        """Whether the program that the defect names goes wrong."""
        result = self._run(defect)
        said = WRONG.search(result.output)
        how = said.group() if said else "schedule_test " + result.done.text()
        least = said is not None and said.group(1) == scheduled(defect)[2]
        return Verdict(result.done.status == 1 and least, result.done.seconds, how)

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on programs that go wrong in the tree without a defect."""
        found = []
        one_each = {defect.fields["Schedule"]: defect for defect in defects}
        for schedule, defect in one_each.items():
            done = self._run(defect).done
            if done.status != 0 or done.late:
                found.append("without a defect %s %s" % (schedule, done.text()))
        return found
