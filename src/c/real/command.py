"""command.py: well-known programs, unchanged, on goroutine stacks.

  real_programs [--kit=DIR] [--only=NAME] FOLDER

FOLDER has unpacked source packages; Debian's, and lua's own tests:
  cd FOLDER && apt-get source lua5.4 zlib expat sqlite3
  git -C CLONE-OF-GITHUB.COM/LUA/LUA archive v5.4.4 testes | tar -x -C FOLDER

Each program is compiled three times and run: by clang as it is; on goroutines that begin at 2 KiB; and there with a
move at every prologue, where memory of freed stacks is overwritten.  All must end and print alike.  Said of each
program: how many functions it has, which are refused, and which functions of libraries run on the system stack.  Exit
status: 0 if all are alike and none is refused; 1 if not; 2 if it could not look.
"""
import glob
import os
import subprocess
import sys
import tempfile
import textwrap

from cc import building, kit, refused
from contig.tool import Problem, shown

from real.programs import PROGRAMS, Program
from real.running import Places, judge

HERE = os.path.dirname(os.path.abspath(__file__))
CONTIG_CC = os.path.join(HERE, "..", "contig-cc")
STUB = "contig_c_stub_"
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


def _build(words: list[str], made: str, table: refused.Table) -> bool:
    """Compiles and links for goroutines; counts the functions that are refused."""
    done = subprocess.run(
        [CONTIG_CC, *words, "-o", made], stderr=subprocess.PIPE, text=True, check=False
    )
    sys.stderr.write(done.stderr)
    if done.returncode == 0:
        return True
    table.add(done.stderr)
    if not refused.refusals(done.stderr):
        raise Problem("contig-cc ended with status %d" % done.returncode)
    return False


def _on_system_stack(program: str) -> list[str]:
    """Functions of libraries that it calls by stubs."""
    symbols = [line.split()[-1] for line in building.output(["nm", program]).splitlines()]
    names = [symbol[len(STUB) :] for symbol in symbols if symbol.startswith(STUB)]
    return sorted(name for name in names if not name.startswith("contig_"))


def _one(program: Program, folder: str, tools: kit.Kit, total: refused.Table) -> bool:
    with tempfile.TemporaryDirectory() as made:
        places = Places(_package(program, folder), made, os.path.abspath(folder))
        for step in program.prepare:
            words = [places.named(word) for word in step]
            subprocess.run(words, cwd=made, check=True, stdout=subprocess.DEVNULL)
        words = _words(program, places)
        plain, moved = os.path.join(made, "plain"), os.path.join(made, "moved")
        building.must([building.CLANG, *words, "-o", plain])
        table = refused.Table()
        good = _build(["--kit=" + tools.folder, *words], moved, table)
        if good:
            table.functions += refused.judged(tools.path("contig-c-check"), moved)
        print("\n".join("%s: %s" % (program.name, line) for line in table.lines()))
        total.extend(table)
        if good:
            names = _on_system_stack(moved)
            text = "on the system stack, %d: %s" % (len(names), " ".join(names))
            print(textwrap.fill(text, COLUMNS, initial_indent="  ", subsequent_indent="    "))
            good = judge(program, places, plain, moved)
        return good


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
    tools, total, good = kit.find(named), refused.Table(), True
    for program in programs:
        good = _one(program, folders[0], tools, total) and good
    print("\n".join("all: " + line for line in total.lines()))
    return 0 if good else 1
