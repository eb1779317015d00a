"""replaying.py: does the exact replay of contig's own traces name a requirement in a core with a defect?

Such a core is sound and chooses wrongly.  src/conform/test/scripts_test.c runs scripts, and replays their traces
(src/conform).  Called by run.
"""
import glob
import os
from collections.abc import Sequence

from contig import processes, targets
from defects.programs import PARTS, Programs
from defects.record import Defect
from defects.verdict import Verdict

SCRIPTS = ("fuzz/scripts", "fuzz/corpus/script_fuzz")
TEST = "src/conform/test/scripts_test.c"
# What it is linked with, as fuzz/targets.bzl lists it.
LIBRARIES = ("//src/command", "//src/conform:replay", "//src/conform/moves", "//src/harness")
FLAGS = ("-w", "-O1")
REPLAY_SECONDS = 300
# Beside the scripts that people wrote: so many at random, and so many of the corpus, the largest.
RANDOM_SCRIPTS, CORPUS_SCRIPTS = 20, 60


class Replaying(Programs):
    """scripts_test, and scripts for it."""

    def __init__(self, work: str) -> None:
        super().__init__(work, (*PARTS, *SCRIPTS, targets.LIST))
        written, corpus = (
            sorted(glob.glob(folder + "/*", root_dir=self.tree)) for folder in SCRIPTS
        )
        self._scripts = written + sorted(corpus, key=self._size)[-CORPUS_SCRIPTS:]

    def _size(self, name: str) -> int:
        return os.path.getsize(os.path.join(self.tree, name))

    def _run(self) -> processes.Result:
        sources = [TEST, *targets.files_of(self.tree, LIBRARIES)]
        command = [self.program(sources, FLAGS), "--random", str(RANDOM_SCRIPTS), *self._scripts]
        return processes.captured(command, REPLAY_SECONDS, cwd=self.tree, together=True)

    def verdict(self, defect: Defect) -> Verdict:
        """Whether a deviation is from the requirement that the defect names."""
        requirement = defect.fields["Replay"]
        result = self._run()
        deviations = _deviations(result)
        matching = [line for line in deviations if " %s: expected" % requirement in line]
        if matching:
            return Verdict(result.done.status != 0, result.done.seconds, matching[0])
        said = deviations[0] if deviations else "it conforms; scripts_test " + result.done.text()
        return Verdict(False, result.done.seconds, "not by %s: %s" % (requirement, said))

    def controls(self, _: Sequence[Defect]) -> list[str]:
        """A sentence on scripts that deviate in the tree without a defect."""
        result = self._run()
        if result.done.status == 0 and not result.done.late:
            return []
        said = (_deviations(result) or result.output.splitlines() or [""])[0]
        return ["without a defect scripts_test %s: %s" % (result.done.text(), said)]


def _deviations(result: processes.Result) -> list[str]:
    return [line for line in result.output.splitlines() if line.startswith("FAILED: ")]
