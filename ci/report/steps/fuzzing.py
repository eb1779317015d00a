"""fuzzing.py: each fuzz target on each engine, for an equal part of the minutes."""
import glob
import os
from typing import Any

from contig import files, targets
from evidence import ROOT
from run import BUILD_SECONDS, Run

ENGINES = ("libfuzzer", "afl")
SECONDS_MIN = 2


def _started(run: Run, target: str, engine: str, seconds: int) -> dict[str, Any] | None:
    """Runs a target; what fuzz/run reports, which is nothing of one that it could not build or start."""
    report, log = run.fresh("fuzz.json"), "fuzz_%s_%s.log" % (target, engine)
    command = ["fuzz/run", target, "--engine", engine, "--seconds", str(seconds), "--no-ledger"]
    status = run.call(
        [*command, "--json", report, "--out", run.log("fuzz")],
        log,
        seconds=seconds + BUILD_SECONDS,
    )
    found: list[dict[str, Any]] = files.read_json(report) if os.path.exists(report) else []
    run.fresh("fuzz.json")
    if not found:
        run.fell_short(
            "fuzzing: %s on %s ended with %d: %s" % (target, engine, status, run.log(log))
        )
        return None
    return found[0]


def _corpus(run: Run, target: str, engine: str) -> int | None:
    """How many inputs a fuzzer kept."""
    kept = "corpus" if engine == "libfuzzer" else "afl/default/queue"
    folder = os.path.join(run.log("fuzz"), target, engine, kept)
    return len(glob.glob(os.path.join(glob.escape(folder), "*"))) if os.path.isdir(folder) else None


def _row(run: Run, target: str, engine: str, seconds: int) -> dict[str, Any]:
    """Runs one target on one engine; its row."""
    found = _started(run, target, engine, seconds)
    row: dict[str, Any] = {
        "target": target,
        "engine": engine,
        "seconds": found["seconds"] if found else 0,
        "executions": found["executions"] if found else None,
        "corpus": _corpus(run, target, engine) if found else None,
        "edges": found["coverage"] if found else None,
        "findings": [os.path.basename(path) for path in found["findings"]] if found else [],
        "note": None if found else "did not run",
    }
    if row["findings"]:
        run.fell_short("fuzzing: %s on %s found %s" % (target, engine, ", ".join(row["findings"])))
    if found:
        run.say(
            "fuzzing: %s on %s: %s inputs, %s edges, %d findings"
            % (target, engine, row["executions"], row["edges"], len(row["findings"]))
        )
    return row


def fuzz(run: Run) -> None:
    """All targets on all engines."""
    names = list(targets.load(ROOT))
    seconds = max(SECONDS_MIN, int(60 * run.options.minutes / (len(names) * len(ENGINES))))
    run.say("fuzzing %d targets on %s, %d s each" % (len(names), " and ".join(ENGINES), seconds))
    run.evidence["fuzz"] = [
        _row(run, target, engine, seconds) for engine in ENGINES for target in names
    ]
    run.verified(
        "fuzz targets with clang, libFuzzer and AFL++",
        "%d targets, %d s each" % (len(names), seconds),
    )
