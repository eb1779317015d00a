"""command.py: well-known programs, unchanged, on goroutine stacks.

  real_programs [--kit=DIR] [--only=NAME] FOLDER

FOLDER has unpacked source packages; Debian's:
  cd FOLDER && apt-get source lua5.4 zlib expat sqlite3

Each program is compiled three times and run: by clang as it is; on goroutines that begin at 2 KiB; and there with a
move at every prologue, where memory of freed stacks is overwritten.  All must end and print alike.  Exit status: 0 if
all do; 1 if one does not; 2 if it could not look.
"""
import glob
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from cc import building, kit
from contig.tool import Problem, shown

from real.programs import PROGRAMS, Program, Run

HERE = os.path.dirname(os.path.abspath(__file__))
CONTIG_CC = os.path.join(HERE, "..", "contig-cc")
SCRIPTS = os.path.join(HERE, "..", "test", "real")
SIDE_STACK_BYTES = "4194304"
SECONDS = 600


@dataclass(frozen=True)
class Places:
    """Where a program's package is, and what is made of it."""

    package: str
    made: str

    def named(self, word: str) -> str:
        """A word with its places."""
        return word.replace("{package}", self.package).replace("{made}", self.made)


def _sources(program: Program, places: Places) -> list[str]:
    found: list[str] = []
    for pattern in program.sources:
        path = os.path.join(places.package, places.named(pattern))
        matches = sorted(glob.glob(path, recursive=True))
        if not matches:
            raise Problem(
                "%s: there is no %s in %s" % (program.name, pattern, shown(places.package))
            )
        found += [name for name in matches if os.path.basename(name) not in program.without]
    return found


def _package(program: Program, folder: str) -> str:
    found = [
        name for name in glob.glob(os.path.join(folder, program.package)) if os.path.isdir(name)
    ]
    if len(found) != 1:
        raise Problem(
            "%s: %d folders in %s match %s; apt-get source unpacks one"
            % (program.name, len(found), shown(folder), program.package)
        )
    return os.path.abspath(found[0])


def _output(run: Run, program: str, places: Places, forced: bool) -> tuple[int, bytes, float]:
    """Status, output and seconds of a run, in a folder of its own."""
    name = os.path.join(SCRIPTS, run.script) if run.script else os.devnull
    if run.source:
        name = os.path.join(places.package, run.source)
    environment = {**os.environ, "CONTIG_SIDE_STACK": SIDE_STACK_BYTES}
    if forced:
        environment["CONTIG_FORCE_MOVES"] = "1"
    with open(name, "rb") as file, tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        done = subprocess.run(
            [program, *run.arguments],
            stdin=file,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout, time.monotonic() - begin


def _judge(program: Program, places: Places, plain: str, moved: str) -> bool:
    """Prints a line for each run; true if all are alike."""
    good = True
    for number, run in enumerate(program.runs, 1):
        expected = _output(run, plain, places, False)
        normal, forced = (_output(run, moved, places, way) for way in (False, True))
        alike = expected[:2] == normal[:2] == forced[:2] and expected[0] == run.status
        good = good and alike and bool(expected[1])
        seconds = "%.2f s plain, %.2f s on goroutines, %.2f s with moves" % (
            expected[2], normal[2], forced[2]
        )  # fmt: skip
        print(
            "%s, run %d: %s; %s"
            % (program.name, number, "alike" if alike else "DIFFERENT", seconds)
        )
    return good


def _one(program: Program, folder: str, tools: kit.Kit, made: str) -> bool:
    places = Places(_package(program, folder), made)
    for step in program.prepare:
        subprocess.run(
            [places.named(word) for word in step], cwd=made, check=True, stdout=subprocess.DEVNULL
        )
    words = [
        "-O2",
        "-w",
        *(places.named(flag) for flag in program.flags),
        *_sources(program, places),
        "-lm",
    ]
    plain, moved = os.path.join(made, "plain"), os.path.join(made, "moved")
    building.must([building.CLANG, *words, "-o", plain])
    building.must([CONTIG_CC, "--kit=" + tools.folder, *words, "-o", moved])
    return _judge(program, places, plain, moved)


def main() -> int:
    """Builds, runs and compares."""
    named, only, folders = None, None, []
    for word in sys.argv[1:]:
        if word == "--help":
            print(__doc__.split("\n", 2)[2].rstrip())
            return 0
        if word.startswith("--kit="):
            named = word[len("--kit=") :]
        elif word.startswith("--only="):
            only = word[len("--only=") :]
        elif word.startswith("-"):
            raise Problem("%s is no option; --help tells them" % shown(word))
        else:
            folders.append(word)
    if len(folders) != 1 or not os.path.isdir(folders[0]):
        raise Problem("one folder is wanted, with unpacked source packages; --help tells how")
    programs = [program for program in PROGRAMS if only in (None, program.name)]
    if not programs:
        raise Problem("no program is called %s" % shown(only or ""))
    tools, good = kit.find(named), True
    for program in programs:
        with tempfile.TemporaryDirectory() as made:
            good = _one(program, folders[0], tools, made) and good
    return 0 if good else 1
