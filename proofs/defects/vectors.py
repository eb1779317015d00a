"""vectors.py: does a test vector of a requirement fail in a core with a defect?

Only the vectors of that requirement are run: one of another requirement may fail too, and shows nothing.  Called by
run.
"""
import glob
import os
from collections.abc import Collection, Sequence
from typing import Any

from contig import files, processes
from defects.programs import Programs
from defects.record import Defect
from defects.verdict import Verdict

SOURCES = (
    "src/core/chan/*.c",
    "src/core/heap/*.c",
    "src/core/move/*.c",
    "spec/vectors/*.c",
)
FLAGS = ("-w", "-O1", "-D_POSIX_C_SOURCE=200809L")
# All vectors take less than a second.
VECTORS_SECONDS = 300
SHOWN_VECTORS = 2


class Vectors(Programs):
    """spec/vectors/checker.c with the core, and the vectors of each file."""

    def __init__(self, work: str) -> None:
        super().__init__(work)
        pattern = os.path.join(glob.escape(self.tree), "spec/vectors/*.json")
        read = [files.read_json(path) for path in sorted(glob.glob(pattern))]
        # The schema stands beside them.
        self._files: list[dict[str, Any]] = [one for one in read if "vectors" in one]

    def _written(self, requirements: Collection[str]) -> tuple[list[str], int]:
        """Files with the vectors of these requirements alone, and how many there are."""
        paths, count = [], 0
        for number, one in enumerate(self._files):
            mine = [
                vector
                for vector in one["vectors"]
                if set(requirements) & set(vector["requirements"])
            ]
            if mine:
                paths.append(os.path.join(self.work, "vectors-%d.json" % number))
                files.write_json(paths[-1], {**one, "vectors": mine})
            count += len(mine)
        return paths, count

    def _run(self, paths: Sequence[str]) -> processes.Result:
        sources = [
            name for pattern in SOURCES for name in sorted(glob.glob(pattern, root_dir=self.tree))
        ]
        program = self.program(sources, FLAGS)
        return processes.captured([program, *paths], VECTORS_SECONDS, cwd=self.work, together=True)

    def verdict(self, defect: Defect) -> Verdict:
        """The verdict of the vectors of the requirement that the defect names."""
        requirement = defect.fields["Vectors"]
        paths, count = self._written([requirement])
        if count == 0:
            return Verdict(False, 0, "no vector is of %s" % requirement)
        result = self._run(paths)
        failed = _failed(result)
        how = "%s: %d of %d vectors fail" % (requirement, len(failed), count)
        said = " ".join(failed[:SHOWN_VECTORS]) or "the checker " + result.done.text()
        return Verdict(bool(failed), result.done.seconds, "%s: %s" % (how, said))

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on vectors that fail in the tree without a defect."""
        paths, count = self._written([defect.fields["Vectors"] for defect in defects])
        if count == 0:
            return []
        result = self._run(paths)
        if result.done.status == 0 and not result.done.late:
            return []
        named = " ".join(_failed(result)[:SHOWN_VECTORS])
        return ["without a defect the vectors' checker %s: %s" % (result.done.text(), named)]


def _failed(result: processes.Result) -> list[str]:
    """The vectors that the checker names."""
    return sorted(
        {line.split(", step ")[0] for line in result.output.splitlines() if ", step " in line}
    )
