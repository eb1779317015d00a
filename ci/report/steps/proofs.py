"""proofs.py: proves src/core with Frama-C/WP; a quick run proves a sample."""
import os
import re
import time
from typing import Any

from contig import files
from contig.traceability import report as traced
from evidence import ROOT
from run import Run

# A quick run proves units, the smallest first, until so many recorded goals are reached.
SAMPLE_GOALS = 150
SHOWN = re.compile(r"\s+\w+ +\d+ goals|src/core/|NOT PROVED|  \S+: \d+ of \d+ goals")


def _units(quick: bool) -> tuple[list[str], list[str]]:
    """(units to prove now, units left out, in this order)."""
    recorded = files.read_json(os.path.join(ROOT, "proofs/goals.json"))
    goals = {unit: sum(counts.values()) for unit, counts in recorded.items()}
    proved = traced.proof_units(ROOT)
    ordered = sorted(proved, key=lambda unit: (goals.get(unit, 0), unit))
    if not quick:
        return ordered, []
    chosen: list[str] = []
    total = 0
    for unit in ordered:
        if chosen and total + goals.get(unit, 0) > SAMPLE_GOALS:
            break
        chosen.append(unit)
        total += goals.get(unit, 0)
    return chosen, [unit for unit in ordered if unit not in chosen]


def _row(path: str, row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: row[key] for key in ("function", "goals", "proved", "seconds", "provers")}
    return {**kept, "file": path}


def _proved(run: Run, units: list[str], left_out: list[str]) -> dict[str, Any]:
    """What proofs/run says of these units."""
    report = run.fresh("proof.json")
    begun = time.monotonic()
    status = run.call(
        ["proofs/run", "--json", report] + units,
        "proof.log",
        lambda line: line.strip() if SHOWN.match(line) else None,
    )
    proof = {
        "platform": "linux",
        "sample": bool(left_out),
        "units": units,
        "not_tried": left_out,
        "functions": [],
        "findings": [],
        "contracts": None,
        "seconds": round(time.monotonic() - begun, 1),
    }
    if not os.path.exists(report):
        run.fell_short(
            "proofs/run wrote no report (exit status %d): %s" % (status, run.log("proof.log"))
        )
        return proof
    result = files.read_json(report)
    proof["platform"], proof["findings"] = result["platform"], result["findings"]
    proof["functions"] = [
        _row(path, row) for path, one in result["files"].items() for row in one["functions"]
    ]
    if status != 0:
        run.fell_short("proofs: %d findings" % len(result["findings"]))
    return proof


def _contracts(run: Run) -> str | None:
    """The last line of proofs/contracts."""
    lines: list[str] = []
    if run.call(["proofs/contracts"], "contracts.log", lines.append) != 0:
        run.fell_short("proofs/contracts found something: %s" % run.log("contracts.log"))
    return next((line for line in reversed(lines) if line), None)


def prove(run: Run) -> None:
    """Proves the core, and compares its contracts with their record."""
    units, left_out = _units(run.options.quick)
    run.say(
        "proving %d files of src/core%s: %s"
        % (len(units), " (a sample)" if left_out else "", " ".join(units))
    )
    proof = _proved(run, units, left_out)
    proof["contracts"] = _contracts(run)
    run.evidence["proof"] = proof
    run.verified(
        "src/core on %s, Frama-C/WP with z3 and cvc4" % proof["platform"],
        "%d files, %d functions" % (len(units), len(proof["functions"])),
    )
