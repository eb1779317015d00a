"""running.py: runs a program in three ways, and compares."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from real.programs import Program, Run

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "real")
SIDE_STACK_BYTES = "4194304"
SECONDS = 600
SHOWN_BYTES = 2000
# A number, with a sign or a unit of memory if it has one.
NUMBER = re.compile(rb"[-+]?\d[\d.]*(?:e[-+]?\d+)?[KM]?|minint|maxint")


@dataclass(frozen=True)
class Places:
    """Where a program's package is, what is made of it, and the folder of all packages."""

    package: str
    made: str
    folder: str

    def named(self, word: str) -> str:
        """A word with its places."""
        return word.replace("{package}", self.package).replace("{made}", self.made)


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int
    output: bytes
    errors: bytes
    seconds: float
    moves: int

    def same(self, other: "Outcome", numbers: bool) -> bool:
        """Do both end and print alike?"""
        mine, theirs = self.output, other.output
        if not numbers:
            mine, theirs = NUMBER.sub(b"#", mine), NUMBER.sub(b"#", theirs)
        return self.status == other.status and mine == theirs


def _moves(path: str) -> int:
    """What main.c has written of all growths."""
    if not os.path.exists(path):
        return 0
    with open(path, encoding="utf-8") as file:
        return int(file.read().split()[0])


def standard_input(run: Run, places: Places) -> str:
    """The file that a run reads."""
    if run.source:
        return os.path.join(places.package, run.source)
    return os.path.join(SCRIPTS, run.script) if run.script else os.devnull


def environment(**changed: str) -> dict[str, str]:
    """What every run has in its environment, and more."""
    return {**os.environ, "CONTIG_SIDE_STACK": SIDE_STACK_BYTES, **changed}


def _outcome(run: Run, program: str, places: Places, forced: bool) -> Outcome:
    """Of a run in a folder of its own."""
    name, moves = standard_input(run, places), "1" if forced else "0"
    with open(name, "rb") as file, tempfile.TemporaryDirectory() as folder:
        at, counted = os.path.join(folder, "at"), os.path.join(folder, "moves")
        if run.folder:
            shutil.copytree(os.path.join(places.folder, run.folder), at)
        else:
            os.mkdir(at)
        begin = time.monotonic()
        done = subprocess.run(
            [program, *run.arguments],
            stdin=file,
            capture_output=True,
            cwd=at,
            env=environment(CONTIG_STATISTICS=counted, CONTIG_FORCE_MOVES=moves),
            timeout=SECONDS,
            check=False,
        )
        seconds = time.monotonic() - begin
        return Outcome(done.returncode, done.stdout, done.stderr, seconds, _moves(counted))


def _judge_one(run: Run, places: Places, plain: str, moved: str) -> tuple[bool, str]:
    """Are the three alike?  And a sentence about them."""
    expected = _outcome(run, plain, places, False)
    normal, forced = (_outcome(run, moved, places, way) for way in (False, True))
    alike = expected.status == run.status and bool(expected.output) and forced.moves > 0
    for other in (normal, forced):
        if not expected.same(other, run.numbers):
            alike = False
            sys.stderr.buffer.write(other.output[-SHOWN_BYTES:] + other.errors[-SHOWN_BYTES:])
    text = "%.2f s plain; %.2f s on goroutines, %d growths; %.2f s with %d moves" % (
        expected.seconds, normal.seconds, normal.moves, forced.seconds, forced.moves,
    )  # fmt: skip
    return alike, text


def judge(program: Program, places: Places, plain: str, moved: str) -> bool:
    """Prints a line for each run; true if all are alike."""
    good = True
    for number, run in enumerate(program.runs, 1):
        name = "%s, run %d" % (program.name, number)
        if run.folder and not os.path.isdir(os.path.join(places.folder, run.folder)):
            print("%s: left out, since there is no %s" % (name, run.folder))
            continue
        alike, text = _judge_one(run, places, plain, moved)
        good = good and alike
        print("%s: %s; %s" % (name, "alike" if alike else "DIFFERENT", text), flush=True)
    return good
