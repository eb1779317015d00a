"""pack.py UNIT OUT.tar GOALS.json HINTS.json: what the proof of one unit of src/core depends on, and nothing else.

OUT.tar has the files that the unit includes, directly or not; GOALS.json and HINTS.json its parts of goals.json and
hints.json.  Bazel compares contents, so a change elsewhere in src/core, spec or these files leaves all three as they
were and the proof is not run again.
"""
from __future__ import annotations

import io
import os
import re
import sys
import tarfile

sys.dont_write_bytecode = True
import paths  # noqa: E402,F401
from contig import arguments, c_platforms, files, processes, tool  # noqa: E402
import gates  # noqa: E402
import source  # noqa: E402

SECONDS = 600


def included(path: str) -> list[str]:
    """The file and all that it includes, by the preprocessor's own account, and the platform table."""
    found = processes.captured(["gcc", "-MM", "-I.", "-x", "c", path], SECONDS)
    if found.done.status or found.done.late:
        said = (found.errors.strip().splitlines() or ["no message"])[-1]
        raise tool.Problem(f"gcc {found.done.text()}: {said}")
    names = re.sub(r"\\\n", " ", found.output.split(":", 1)[1]).split()
    return sorted({c_platforms.TABLE, *(os.path.normpath(name) for name in names)})


def main() -> int:
    if len(sys.argv) != 5:
        raise tool.Problem("it takes four arguments: UNIT OUT.tar GOALS.json HINTS.json")
    unit, archive, goals, hints = sys.argv[1:]
    units = source.core_units()
    arguments.known([unit], f"unit of {source.CORE}", list(units))
    with files.replacing(archive) as out, tarfile.open(fileobj=out, mode="w") as tar:
        for name in included(units[unit]):
            with open(name, "rb") as text:
                content = text.read()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    for record, part in (("proofs/goals.json", goals), ("proofs/hints.json", hints)):
        recorded = gates.read_json(record)
        gates.write_json(part, {unit: recorded[unit]} if unit in recorded else {})
    return 0


tool.run("proofs/pack.py", main)
