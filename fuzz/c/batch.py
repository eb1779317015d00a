"""batch.py: many generated programs in one, which runs the one whose seed it is given.

To start contig-cc, to link and to check costs more than to compile.  Each program is compiled by itself, at the level
of its seed, with a name of its own for its main, and runs in a process of its own.
"""
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "src", "c"), os.path.join(HERE, "..", "..", "ci")]
from cc.refused import refusals  # noqa: E402

BUILD_SECONDS = 3600
LATE = 124
LEVELS = ("-O2", "-O1", "-O0", "-Os", "-O3")
MAIN = """#include <stdlib.h>
%s
int main(int count, char **words)
{
    switch (count == 2 ? atol(words[1]) : -1) {
%s    default: return 125;
    }
}
"""


def run(
    command: Sequence[str], seconds: float, folder: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A program, with what it prints."""
    try:
        return subprocess.run(
            command,
            env={**os.environ, **environment},
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, LATE, "", "it did not end")


def level(seed: int) -> str:
    """The level of optimization of a program."""
    return LEVELS[seed % len(LEVELS)]


def seed_of(source: str) -> int | None:
    """The seed of a program, by the name of its source."""
    stem = os.path.splitext(source)[0]
    return int(stem) if stem.isdigit() else None


@dataclass(frozen=True)
class Tool:
    """How objects are made, and how they are linked: words before the names of files."""

    name: str
    compiler: tuple[str, ...]
    linker: tuple[str, ...]


@dataclass
class Made:
    """The programs that a tool has made one program of, and what it said of each of the others."""

    program: str
    seeds: list[int]
    told: dict[int, str] = field(default_factory=dict)

    def run(self, seed: int, seconds: float, **environment: str) -> tuple[int, str, str]:
        """Status, output and errors of one of them."""
        done = run([self.program, str(seed)], seconds, **environment)
        return done.returncode, done.stdout, done.stderr


class Batch:
    """Programs in a folder, as sources; `shared`: those of a level can be compiled as one file, which takes less."""

    def __init__(self, folder: str, sources: dict[int, str], shared: bool) -> None:
        self.folder = folder
        self.shared = shared
        os.makedirs(folder)
        for seed, text in sources.items():
            named = "#define main program_%d\n#line 1\n%s\n#undef main\n" % (seed, text)
            self._write("%d.c" % seed, named)

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def _place(self, tool: Tool) -> str:
        return os.path.join(self.folder, tool.name)

    def _compile(self, tool: Tool, optimize: str, names: Iterable[str]) -> str | None:
        """What was said, if there is not an object of each."""
        sources = [os.path.join("..", name + ".c") for name in names]
        words = [*tool.compiler, "-w", optimize, "-c", *sources]
        done = run(words, BUILD_SECONDS, self._place(tool))
        return None if done.returncode == 0 else done.stderr

    def _files(self, optimize: str, seeds: Sequence[int]) -> list[str]:
        """The files to compile at this level."""
        names = [str(seed) for seed in seeds if level(seed) == optimize]
        if not self.shared or not names:
            return names
        self._write("all%s.c" % optimize, "".join('#include "%s.c"\n' % name for name in names))
        return ["all" + optimize]

    def _attempt(self, tool: Tool, seeds: Sequence[int]) -> str | None:
        """What was said, if they do not become one program."""
        heads = "".join("int program_%d(void);\n" % seed for seed in seeds)
        cases = "".join("    case %d: return program_%d();\n" % (seed, seed) for seed in seeds)
        self._write("main.c", MAIN % (heads, cases))
        files = {optimize: self._files(optimize, seeds) for optimize in LEVELS}
        files["-O1"] = [*files["-O1"], "main"]
        for optimize, names in files.items():
            said = self._compile(tool, optimize, names) if names else None
            if said is not None:
                return said
        objects = [name + ".o" for names in files.values() for name in names]
        done = run([*tool.linker, *objects, "-o", "program"], BUILD_SECONDS, self._place(tool))
        return None if done.returncode == 0 else done.stderr

    def _blame(self, tool: Tool, seeds: Sequence[int], said: str) -> dict[int, str]:
        """What was said, by program; if it names none, each is made by itself."""
        told: dict[int, str] = {}
        for line in said.splitlines():
            for refusal in refusals(line):
                seed = seed_of(refusal.source)
                if seed is not None:
                    told[seed] = told.get(seed, "") + line + "\n"
        if not told:
            each = {seed: self._attempt(tool, [seed]) for seed in seeds}
            told = {seed: text for seed, text in each.items() if text is not None}
        return told or {seed: "in a batch: " + said for seed in seeds}

    def make(self, tool: Tool, seeds: Sequence[int]) -> Made:
        """Compiles and links them; those that the tool does not take are left out."""
        os.makedirs(self._place(tool), exist_ok=True)
        made = Made(os.path.join(self._place(tool), "program"), list(seeds))
        while made.seeds:
            said = self._attempt(tool, made.seeds)
            if said is None:
                break
            made.told.update(self._blame(tool, made.seeds, said))
            made.seeds = [seed for seed in made.seeds if seed not in made.told]
        return made
