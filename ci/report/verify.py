#!/usr/bin/env python3
"""verify.py: what ci/verify runs after the set-up: each step measures, and one page and one JSON file say what.

A step that cannot run leaves its part of the evidence null and says why in `short`; nothing is filled in from another
run.  Options: ci/verify --help.
"""
import argparse
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import arguments, debian, files, tool  # noqa: E402
from evidence import ROOT, faults  # noqa: E402
from run import HOUR, Run  # noqa: E402
import machine  # noqa: E402
import page  # noqa: E402
from steps import assembly, benchmarks, defects, fuzzing, proofs  # noqa: E402
from steps import tests, traceability, traces  # noqa: E402

LONGEST_MINUTES = 24 * 60
# What page.py and evidence.py need.
MODULES = ("jinja2", "jsonschema")


def set_up(run: Run) -> None:
    """Installs what is missing, in the foreground: sudo may ask for a password."""
    run.say("ci/setup")
    command = [os.path.join(ROOT, "ci/setup")]
    if subprocess.run(command, cwd=ROOT, check=False, timeout=HOUR).returncode != 0:
        raise tool.Problem("ci/setup could not install what is missing; ci/setup --check names it")
    importlib.invalidate_caches()
    run.evidence["tools"] = machine.tools()


STEPS: dict[str, Callable[[Run], None]] = {
    "setup": set_up,
    "traceability": traceability.look,
    "prove": proofs.prove,
    "assembly": assembly.prove,
    "tests": tests.test,
    "fuzz": fuzzing.fuzz,
    "traces": traces.replay,
    "defects": defects.plant,
    "bench": benchmarks.measure,
}
NOT_QUICK = {"assembly", "defects"}


def parse() -> argparse.Namespace:
    """The options."""
    comments = re.findall(r"^# .*\n", files.read(os.path.join(ROOT, "ci/verify")), flags=re.M)
    parser = arguments.Parser("ci/verify", "".join(line[2:] for line in comments))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--minutes", type=arguments.fraction(0, LONGEST_MINUTES, "a number of minutes")
    )
    parser.add_argument(
        "--out", type=arguments.output_folder, default=os.path.join(ROOT, "verify-out")
    )
    parser.add_argument("--bench", action="store_true")
    # For the tests of this program: only these steps.
    parser.add_argument("--only", action="append", choices=list(STEPS))
    options = parser.read()
    if options.minutes is None:
        options.minutes = 1 if options.quick else 2
    return options


def steps_of(options: argparse.Namespace) -> list[str]:
    """The steps of this run, in order."""
    if options.only:
        return [name for name in STEPS if name in options.only]
    left_out = (NOT_QUICK if options.quick else set()) | (set() if options.bench else {"bench"})
    return [name for name in STEPS if name not in left_out]


def attempt(run: Run, name: str) -> None:
    """A step; what it cannot do falls short."""
    try:
        STEPS[name](run)
    except tool.Problem as problem:
        if name == "setup":
            raise
        run.fell_short("%s: %s" % (name, problem))
    except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as problem:
        run.fell_short("%s: %s: %s" % (name, type(problem).__name__, problem))


def perform(run: Run, names: list[str]) -> None:
    """Each step, the set-up first: it may install the modules without which there is no report."""
    if "setup" in names:
        attempt(run, "setup")
    for module in MODULES:
        debian.module(module)
    for name in names:
        if name != "setup":
            attempt(run, name)


def verdict(run: Run) -> int:
    """Writes the report; the exit status."""
    evidence, short = run.evidence, run.short
    evidence["run"]["seconds"] = round(run.seconds(), 1)
    evidence["verdict"] = {"passed": not short, "short": short}
    wrong = faults(evidence)
    for text in wrong:
        run.say("the evidence does not fit its schema: " + text)
    files.write_json(run.log("evidence.json"), evidence)
    files.write(run.log("index.html"), page.page(evidence))
    good = "everything that ran is as it should be"
    said = "%d things fell short" % len(short) if short else good
    run.say("%s; report: %s" % (said, run.log("index.html")))
    for text in short:
        print("  " + text)
    return 1 if short or wrong else 0


def main() -> int:
    """The whole run."""
    debian.use()
    options = parse()
    files.output_folder(options.out)
    os.chdir(ROOT)
    with files.lock(options.out, hint="wait until it has ended, or give another folder with --out"):
        run = Run(options)
        try:
            perform(run, steps_of(options))
        except tool.Ended as ended:
            run.fell_short("ended by %s: what stands here is a part of a run" % ended)
            try:
                verdict(run)
            except tool.Problem as problem:
                tool.say("ci/verify", str(problem))
            raise
        return verdict(run)


if __name__ == "__main__":
    tool.run("ci/verify", main)
