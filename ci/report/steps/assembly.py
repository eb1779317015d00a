"""assembly.py: proves the assembly on the bytes of linked programs, with solvers, and again with ACL2."""
import os
import time
from typing import Any

from contig import debian, files
from machine import ASK_SECONDS
from run import BUILD_SECONDS, HOUR, Run, bazel

# Who holds the routines that are proved, and what else the proof needs.
PROGRAMS = ("src/cli/contig_stacks", "src/runtime/switch_test", "src/c/goroutines")
TOOLS = ("proofs/assembly/zydis_decode", "src/frames/prologue_code")
ACL2_SECONDS = HOUR
LOG = "assembly.log"


def _again(run: Run) -> dict[str, int]:
    """{routine: theorems of x86isa}, by proofs that share nothing with prove.py; empty where ACL2 is not installed."""
    if run.call(["proofs/assembly/acl2/install", "--check"], "acl2.log", seconds=ASK_SECONDS) != 0:
        run.say("assembly: ACL2 is not installed (ci/setup --acl2): the second model is left out")
        return {}
    report = run.fresh("acl2.json")
    status = run.call(
        ["proofs/assembly/acl2/run", "--json", report, "--log", run.log("acl2-proofs.log")],
        "acl2.log",
        seconds=ACL2_SECONDS,
    )
    if status != 0 or not os.path.exists(report):
        run.fell_short(
            "assembly: ACL2 does not prove all (exit status %d): %s" % (status, run.log("acl2.log"))
        )
        return {}
    found = files.read_json(report)
    theorems = sum(found["theorems"].values()) + len(found["composed"])
    run.verified(
        "assembly on linked bytes, ACL2 with x86isa",
        "%d theorems, %d runs compared" % (theorems, found["runs"]),
    )
    return dict(found["theorems"])


def _built(run: Run) -> list[str]:
    """Where the programs and the tools are, once they are built; nothing if they do not build."""
    paths = (*PROGRAMS, *TOOLS)
    targets = ["//%s:%s" % os.path.split(path) for path in paths]
    if run.call(bazel("build", *targets), LOG, seconds=BUILD_SECONDS) != 0:
        run.fell_short("assembly: the programs do not build: " + run.log(LOG))
        return []
    return [os.path.join("bazel-bin", path) for path in paths]


def _proved(run: Run, programs: list[str], zydis: str, code: str) -> dict[str, Any] | None:
    """The report of prove.py; an answer that is no proof falls short."""
    made, report = run.fresh("compiled_functions.txt"), run.fresh("assembly.json")
    files.write(made, run.ask([code], ASK_SECONDS).output)
    command = [debian.PYTHON, "proofs/assembly/prove.py", "--zydis", zydis]
    status = run.call(
        [*command, "--made", made, "--json", report, *programs],
        LOG,
        lambda line: line if line.startswith("NOT PROVED") else None,
    )
    if not os.path.exists(report):
        run.fell_short("assembly: no report (exit status %d): %s" % (status, run.log(LOG)))
        return None
    found: dict[str, Any] = files.read_json(report)
    if status != 0:
        count = sum(len(row["open"]) for row in found["routines"])
        run.fell_short("assembly: %d answers are not a proof" % count)
    return found


def _row(row: dict[str, Any], again: dict[str, int]) -> dict[str, Any]:
    kept = {key: row[key] for key in ("routine", "instructions", "paths", "theorems", "open")}
    acl2 = again.get(row["routine"].split(" (")[0])
    return {**kept, "below": max(row["below"].values(), default=0), "acl2": acl2}


def prove(run: Run) -> None:
    """Each routine of the programs by its bytes, and what the frame compiler makes."""
    built = _built(run)
    if not built:
        return
    *programs, zydis, code = built
    begun = time.monotonic()
    found = _proved(run, programs, zydis, code)
    if found is None:
        return
    again, routines, solvers = _again(run), found["routines"], ", ".join(found["solvers"])
    run.evidence["assembly"] = {
        "programs": len(found["programs"]),
        "functions": found["compiled_functions"],
        "solvers": found["solvers"],
        "seconds": round(time.monotonic() - begun, 1),
        "routines": [_row(row, again) for row in routines],
    }
    goals = sum(sum(row["theorems"].values()) for row in routines)
    run.say("assembly: %d routines, %d goals by each of %s" % (len(routines), goals, solvers))
    run.verified(
        "assembly on linked bytes, %s" % solvers,
        "%d routines, %d compiled functions" % (len(routines), found["compiled_functions"]),
    )
