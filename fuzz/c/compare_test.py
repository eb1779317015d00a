#!/usr/bin/env python3
"""compare_test.py [--first=SEED] [--count=N] CONTIG_CC FLAGS_OF_THE_KIT: generated programs on stacks that move.

Each program of generate.py is compiled by clang as it is, and by contig-cc: it must be accepted, and print the same on
goroutines, without and with a move at every prologue, where freed stacks are overwritten.  Then it is compiled without
the plugin: the checker must refuse it, or it prints the same when it is moved.  Exit status: 1 if one is wrong.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import generate  # noqa: E402

SECONDS = 120
LEVELS = ("-O2", "-O1", "-O0", "-Os", "-O3")


@dataclass
class Tally:
    """What has come out so far."""

    right: int = 0
    refused: int = 0
    accepted: int = 0
    wrong: list[str] = field(default_factory=list)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program, with what it prints."""
    try:
        return subprocess.run(
            command,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "it did not end")


def flags(path: str) -> list[str]:
    """The flags of contig-cc, without their reasons."""
    with open(path) as lines:
        words = (line.split("#")[0].strip() for line in lines)
        return [word for word in words if word]


class Comparison:
    """Programs in a folder."""

    def __init__(self, contig_cc: str, flags_path: str, folder: str) -> None:
        self.contig_cc = [contig_cc, "--kit=" + os.path.dirname(flags_path)]
        self.flags = flags(flags_path)
        self.folder = folder
        self.tally = Tally()

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def source(self, seed: int, with_variadic: bool) -> str:
        with open(self.path("program.c"), "w") as out:
            out.write(generate.program(seed, with_variadic))
        return self.path("program.c")

    def plain(self, source: str, level: str) -> str:
        """What the program prints as it is."""
        done = run("clang-14", "-w", level, source, "-o", self.path("plain"))
        if done.returncode == 0:
            done = run(self.path("plain"))
        if done.returncode != 0:
            sys.exit("compare_test.py: the generator made a wrong program: " + done.stderr)
        return done.stdout

    # CFRAME-20, CFRAME-21: accepted, and the same twice.
    def with_plugin(self, seed: int, level: str) -> None:
        source, moved = self.source(seed, True), self.path("moved")
        wanted = self.plain(source, level)
        done = run(*self.contig_cc, "-w", level, source, "-o", moved)
        if done.returncode != 0:
            self.tally.wrong.append("seed %d %s: refused: %s" % (seed, level, done.stderr))
            return
        for moves in ("0", "1"):
            done = run(moved, CONTIG_FORCE_MOVES=moves)
            if done.returncode != 0 or done.stdout != wanted:
                text = "seed %d %s, moves %s: %s, not %s; %s"
                self.tally.wrong.append(
                    text % (seed, level, moves, done.stdout, wanted, done.stderr)
                )
                return
        self.tally.right += 1

    # CFRAME-8, CFRAME-9, CFRAME-10, CFRAME-13: refused, or right when it is moved.
    def without_plugin(self, seed: int, level: str) -> None:
        source, object_file = self.source(seed, False), self.path("unescaped.o")
        wanted = self.plain(source, level)
        done = run("clang-14", "-w", level, *self.flags, "-c", source, "-o", object_file)
        if done.returncode != 0:
            self.tally.wrong.append("seed %d %s: %s" % (seed, level, done.stderr))
            return
        done = run(*self.contig_cc, object_file, "-o", self.path("moved"))
        if done.returncode != 0:
            self.tally.refused += 1
            return
        self.tally.accepted += 1
        done = run(self.path("moved"), CONTIG_FORCE_MOVES="1")
        if done.returncode != 0 or done.stdout != wanted:
            text = "seed %d %s: accepted without the plugin, and %s, not %s; %s"
            self.tally.wrong.append(text % (seed, level, done.stdout, wanted, done.stderr))

    def compare(self, seed: int) -> None:
        """One program, both ways."""
        level = LEVELS[seed % len(LEVELS)]
        self.with_plugin(seed, level)
        self.without_plugin(seed, level)


def main() -> int:
    parser = argparse.ArgumentParser("compare_test.py")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("contig_cc")
    parser.add_argument("flags")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        comparison = Comparison(
            os.path.abspath(given.contig_cc), os.path.abspath(given.flags), folder
        )
        for seed in range(given.first, given.first + given.count):
            comparison.compare(seed)
    tally = comparison.tally
    for text in tally.wrong:
        print(text)
    print(
        "%d programs are accepted, and the same when they move; %d are not.  Without the plugin %d are"
        " refused, and %d are the same."
        % (tally.right, len(tally.wrong), tally.refused, tally.accepted)
    )
    # With nothing refused there was nothing to find.
    return 1 if tally.wrong or tally.refused == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
