"""command.py: well-known programs, unchanged, on goroutine stacks.

  real_programs [--kit=DIR] [--only=NAME] [--times=N] [--layouts=N] FOLDER

FOLDER has unpacked source packages; Debian's, and lua's own tests:
  cd FOLDER && apt-get source lua5.4 zlib expat sqlite3
  git -C CLONE-OF-GITHUB.COM/LUA/LUA archive v5.4.4 testes | tar -x -C FOLDER

Each program is compiled three times and run: by clang as it is; on goroutines that begin at 2 KiB; and there with a
move at every prologue, where memory of freed stacks is overwritten.  All must end and print alike.  Said of each
program: how many functions it has, which are refused, and which functions of libraries run on the system stack.  Exit
status: 0 if all are alike and none is refused; 1 if not; 2 if it could not look.

With --times=N the programs that have goals are measured instead, N times in turns with plain clang's: a table.  Exit
status: 1 if a goal is missed.  With --layouts=N each is compiled N times, its code at other places each time.
"""
import glob
import os
import subprocess
import sys
import tempfile
import textwrap
from argparse import Namespace
from dataclasses import dataclass, field

from cc import building, kit, refused, symbols
from contig import arguments
from contig.tool import Problem, shown

from real.programs import PROGRAMS, Program
from real.running import SCRIPTS, Places, judge
from real.timing import HEAD, Built, Row, measure, padding

HERE = os.path.dirname(os.path.abspath(__file__))
CONTIG_CC = os.path.join(HERE, "..", "contig-cc")
COLUMNS = 120


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
    if program.package is None:
        return SCRIPTS
    found = [
        name for name in glob.glob(os.path.join(folder, program.package)) if os.path.isdir(name)
    ]
    if len(found) != 1:
        raise Problem(
            "%s: %d folders in %s match %s; apt-get source unpacks one"
            % (program.name, len(found), shown(folder), program.package)
        )
    return os.path.abspath(found[0])


def _words(program: Program, places: Places) -> list[str]:
    flags = [places.named(flag) for flag in program.flags]
    return ["-O2", "-w", *flags, *_sources(program, places), "-lm"]


def _build(tools: kit.Kit, words: list[str], made: str) -> refused.Table:
    """Compiles and links for goroutines.  If functions are refused, there is no program."""
    done = subprocess.run(
        [CONTIG_CC, "--kit=" + tools.folder, *words, "-o", made],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    sys.stderr.write(done.stderr)
    table = refused.Table()
    table.add(done.stderr)
    if done.returncode == 0:
        table.functions = refused.judged(tools.path("contig-c-check"), made)
    elif not table.reasons:
        raise Problem("contig-cc ended with status %d" % done.returncode)
    return table


def _on_system_stack(program: str) -> list[str]:
    """Functions of libraries that it calls by stubs."""
    found = [line.split()[-1] for line in building.output(["nm", program]).splitlines()]
    stubs = [name for name in found if name.startswith(symbols.STUB)]
    names = {symbols.meant(name.removeprefix(symbols.STUB)) for name in stubs}
    return sorted(name for name in names if not name.startswith("contig_"))


@dataclass
class Job:
    """What is asked for, and what has come out."""

    folder: str
    tools: kit.Kit
    repetitions: int
    layouts: int
    total: refused.Table = field(default_factory=refused.Table)
    rows: list[Row] = field(default_factory=list)

    def one(self, program: Program, made: str) -> bool:
        """Builds a program in a folder, and compares its runs or measures them."""
        places = Places(_package(program, self.folder), made, self.folder)
        for step in program.prepare:
            words = [places.named(word) for word in step]
            subprocess.run(words, cwd=made, check=True, stdout=subprocess.DEVNULL)
        if self.repetitions > 0:
            return self._measured(program, places)
        built = self._built(_words(program, places), made)
        if built is None:
            return False
        names = _on_system_stack(built.moved)
        text = "%s: %d functions; on the system stack %d of libraries: %s" % (
            program.name, built.functions, len(names), " ".join(names),
        )  # fmt: skip
        print(textwrap.fill(text, COLUMNS, subsequent_indent="  "))
        return judge(program, places, built.plain, built.moved)

    def _built(self, words: list[str], made: str, suffix: str = "") -> Built | None:
        """Compiles for the system stack and for goroutines; None: functions are refused."""
        plain, moved = (os.path.join(made, name + suffix) for name in ("plain", "moved"))
        building.must([building.CLANG, *words, "-o", plain])
        table = _build(self.tools, words, moved)
        self.total.extend(table)
        return None if table.reasons else Built(plain, moved, table.functions)

    def _measured(self, program: Program, places: Places) -> bool:
        built = []
        for layout in range(self.layouts):
            source = os.path.join(places.made, "padding.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write(padding(layout))
            built.append(self._built([source, *_words(program, places)], places.made, str(layout)))
        whole = [one for one in built if one is not None]
        if len(whole) < len(built):
            return False
        rows = measure(program, places, whole, self.repetitions)
        self.rows += rows
        return all(row.good() for row in rows)

    def end(self) -> None:
        """What is said of all."""
        if self.rows:
            print("\n".join([*HEAD, *(row.line() for row in self.rows)]))
        print("\n".join(self.total.lines()))


def _arguments() -> Namespace:
    parser = arguments.Parser("real_programs", __doc__ or "")
    parser.add_argument("--kit")
    parser.add_argument("--only")
    parser.add_argument("--times", type=arguments.whole(1, 1000), default=0)
    parser.add_argument("--layouts", type=arguments.whole(1, 100), default=1)
    parser.add_argument("folder", type=arguments.input_folder)
    return parser.read()


def main() -> int:
    """Builds, runs and compares, or measures."""
    given = _arguments()
    programs = [
        program
        for program in PROGRAMS
        if given.only in (None, program.name) and (given.times == 0 or program.timed)
    ]
    if not programs:
        raise Problem("no program is called %s, or it has no goals" % shown(given.only or ""))
    job, good = Job(given.folder, kit.find(given.kit), given.times, given.layouts), True
    for program in programs:
        with tempfile.TemporaryDirectory() as made:
            good = job.one(program, made) and good
    job.end()
    return 0 if good else 1
