"""defects.py: planted defects: each must be noticed."""
import os
import re
from typing import Any

from contig import files
from run import Run

# A planted defect that this finds is noticed; proofs/defects/run gives it 600.
FUZZ_SECONDS = 10
SHOWN = re.compile(r"\w+/\w+ |not noticed|\w+: \d+ of \d+ noticed")


def _planted(run: Run, log: str, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Plants defects in a copy of the tree; the exit status, and a row for each."""
    report = run.fresh("defects.json")
    status = run.call(
        ["proofs/defects/run", *options, "--json", report],
        log,
        lambda line: line if SHOWN.match(line) else None,
    )
    rows = [
        {
            "name": one["name"],
            "killed": said["noticed"],
            "seconds": said["seconds"],
            "how": "%s: %s; %s" % (one["what"], said["how"], one["reference"]),
        }
        for one in (files.read_json(report) if os.path.exists(report) else [])
        for said in one["verdicts"].values()
    ]
    run.fresh("defects.json")
    return status, rows


def by_proof(run: Run) -> None:
    """Those that a proof must notice."""
    run.say("bugs put in on purpose: each must be noticed")
    status, rows = _planted(run, "mutants.log", "--quick", "--by", "proof")
    run.evidence["mutants"] = rows
    if status != 0 or not rows:
        missed = ", ".join(row["name"] for row in rows if not row["killed"])
        run.fell_short(
            "bugs put in: %s" % (missed or "proofs/defects/run failed: " + run.log("mutants.log"))
        )


def by_fuzzing(run: Run) -> None:
    """The bug benchmark: how soon fuzzing finds each planted defect, within a short time for each."""
    run.say("planted defects: %d s of fuzzing for each" % FUZZ_SECONDS)
    seconds = ("--engine", "libfuzzer", "--seconds", str(FUZZ_SECONDS))
    _, rows = _planted(run, "defects.log", "--by", "fuzz", *seconds)
    run.evidence["mutants"] = (run.evidence["mutants"] or []) + rows
