"""defects.py: planted defects: proofs must notice each of theirs; fuzzing shows how soon it finds each of its own."""
import os
import re
from typing import Any

from contig import files
from run import Run

# A planted defect that this finds is noticed; proofs/defects/run gives it 600.
FUZZ_SECONDS = 10
SHOWN = re.compile(r"\w+/\w+ |not noticed|\w+: \d+ of \d+ noticed")
LOG = "defects.log"


def _planted(run: Run, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Plants defects in a copy of the tree; the exit status, and a row for each."""
    report = run.fresh("defects.json")
    status = run.call(
        ["proofs/defects/run", *options, "--json", report],
        LOG,
        lambda line: line if SHOWN.match(line) else None,
    )
    rows = [
        {
            "name": one["name"],
            "noticed": said["noticed"],
            "seconds": said["seconds"],
            "how": "%s: %s; %s" % (one["what"], said["how"], one["reference"]),
        }
        for one in (files.read_json(report) if os.path.exists(report) else [])
        for said in one["verdicts"].values()
    ]
    run.fresh("defects.json")
    return status, rows


def _by_proof(run: Run) -> list[dict[str, Any]]:
    """Each must be noticed."""
    run.say("planted defects: a proof must notice each")
    status, rows = _planted(run, "--quick", "--by", "proof")
    if status != 0 or not rows:
        missed = ", ".join(row["name"] for row in rows if not row["noticed"])
        failed = "proofs/defects/run failed: " + run.log(LOG)
        run.fell_short("planted defects: %s" % ("not noticed: " + missed if missed else failed))
    return rows


def _by_fuzzing(run: Run) -> list[dict[str, Any]]:
    """How soon fuzzing finds each, within a short time: one that it does not find is shown, and does not fall short."""
    run.say("planted defects: %d s of fuzzing for each" % FUZZ_SECONDS)
    seconds = ("--engine", "libfuzzer", "--seconds", str(FUZZ_SECONDS))
    return _planted(run, "--by", "fuzz", *seconds)[1]


def plant(run: Run) -> None:
    """Both; a run that ends between them has the rows of the first."""
    run.evidence["planted_defects"] = _by_proof(run)
    run.evidence["planted_defects"] += _by_fuzzing(run)
