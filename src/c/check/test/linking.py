"""linking.py: compiles and links the cases as contig-cc does, and calls the checker.

Used by the tests of this folder and by fuzz/c.
"""
import os
import re
import subprocess
from collections.abc import Sequence

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../../../..")
CASES = os.path.join(HERE, "cases")
FLAGS = os.path.join(HERE, "../../plugin/flags.txt")
SECONDS = 120
JOIN = "SECTIONS { contig_c_text : { *(.text .text.*) } }\n"
LINKER = ("-no-pie", "-fuse-ld=bfd", "-Wl,--emit-relocs", "-Wl,-z,now")


def run(*command: str) -> None:
    """A tool that has to do its work."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(command), done.stderr))


def check(checker: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The checker's verdict."""
    return subprocess.run([checker, *arguments], capture_output=True, text=True, timeout=SECONDS)


def flags() -> list[str]:
    """The flags of contig-cc, without their reasons."""
    with open(FLAGS) as lines:
        words = (line.split("#")[0].strip() for line in lines)
        return [word for word in words if word]


def head(path: str) -> str:
    """The comment at the head of a case, on one line for each of its parts."""
    with open(path) as source:
        comment = source.read().split("*/", 1)[0]
    return re.sub(r"\n \*   ", " ", comment)


class Linker:
    """Makes programs in a folder of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        with open(self.path("join.ld"), "w") as out:
            out.write(JOIN)
        run("clang-14", "-O1", "-c", os.path.join(HERE, "outside.c"), "-o", self.path("outside.o"))

    def path(self, name: str) -> str:
        """A file of the folder."""
        return os.path.join(self.folder, name)

    def program(self, goroutine: Sequence[str], others: Sequence[str]) -> str:
        """Links objects of goroutine C with others."""
        run("ld", "-r", "-T", self.path("join.ld"), *goroutine, "-o", self.path("joined.o"))
        program = self.path("program")
        run("clang-14", *LINKER, self.path("joined.o"), *others, "-o", program)
        return program

    def kept_case(self, name: str, folder: str) -> str:
        """The program of a case, which the folder may have from before."""
        kept = os.path.join(folder, name + ".program")
        if not os.path.exists(kept):
            os.rename(self.case(name), kept)
        return kept

    def case(self, name: str, tables: Sequence[str] = ()) -> str:
        """The program of a case."""
        source = os.path.join(CASES, name)
        more = re.findall(r"^ \* compiled: (.*)$", head(source), re.MULTILINE)
        compiled = [] if name.endswith(".S") else [*flags(), "-O2", *" ".join(more).split()]
        run("clang-14", *compiled, "-I", ROOT, "-c", source, "-o", self.path("case.o"))
        return self.program([self.path("case.o")], [self.path("outside.o"), *tables])
