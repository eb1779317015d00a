#!/usr/bin/env python3
"""compare_test.py [OPTION...] CONTIG_CC FLAGS_OF_THE_KIT: generated programs on stacks that move.

  --generator=own      programs of generate.py (the default)
  --generator=csmith   programs of csmith; one that does not end, or crashes, as it is: skipped and counted
  --first=SEED         the first seed; one program again: --first=SEED --count=1
  --count=N            how many; without: as the test compares, 20 or 10
  --batch=N            so many are linked into one program

Each program is compiled by clang as it is, and by contig-cc: it must be accepted, and print the same on goroutines,
without and with a move at every prologue, where freed stacks are overwritten.  A program of generate.py is compiled
without the plugin, too: the checker must refuse it, or it prints the same when it is moved.  Exit status: 1 if one is
wrong, or if more functions are refused than the generator's programs may have.
"""
import os
import sys
import tempfile
from dataclasses import dataclass, field

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from batch import Batch, Made, Tool, level  # noqa: E402
from generators import GENERATORS, Generator  # noqa: E402

from cc.refused import Table, judged, refusals  # noqa: E402
from contig import arguments, tool  # noqa: E402
from contig.tool import Problem  # noqa: E402

# A move at every prologue takes its time.
MOVED_SECONDS = 600
SHOWN_CHARACTERS = 2000
LAST_SEED = 10**9


def say(seed: int, text: str) -> None:
    """A line about a program."""
    print("seed %d %s: %s" % (seed, level(seed), text[:SHOWN_CHARACTERS]), flush=True)


@dataclass
class Tally:
    """What has come out so far."""

    right: int = 0
    skipped: int = 0
    refused: int = 0
    accepted: int = 0
    wrong: set[int] = field(default_factory=set)
    table: Table = field(default_factory=Table)

    def add_wrong(self, seed: int, text: str) -> None:
        self.wrong.add(seed)
        say(seed, text)


def flags(path: str) -> tuple[str, ...]:
    """The flags of contig-cc, without their reasons."""
    with open(path, encoding="utf-8") as lines:
        words = (line.split("#")[0].strip() for line in lines)
        return tuple(word for word in words if word)


class Comparison:
    """Programs of one generator."""

    def __init__(self, generator: Generator, contig_cc: str, flags_path: str) -> None:
        self.generator = generator
        kit = os.path.dirname(os.path.abspath(flags_path))
        command = (os.path.abspath(contig_cc), "--kit=" + kit)
        clang = ("clang-14", *generator.flags)
        self.checker = os.path.join(kit, "contig-c-check")
        self.plain = Tool("plain", (*clang, *generator.plain), ("clang-14",))
        self.moved = Tool("moved", (*command, *generator.flags), command)
        lines = ("-gline-tables-only",)
        self.unescaped = Tool("unescaped", (*clang, *lines, *flags(flags_path)), command)
        self.tally = Tally()

    def wanted(self, batch: Batch, seeds: list[int]) -> dict[int, str]:
        """What each program prints as it is; those that fail have nothing."""
        made = batch.make(self.plain, seeds)
        outputs = {}
        for seed in seeds:
            if seed in made.told:
                raise Problem("the generator made a wrong program: " + made.told[seed])
            status, output, errors = made.run(seed, self.generator.seconds)
            if status != 0 and self.generator.wild:
                continue
            if status != 0:
                raise Problem("seed %d ended with status %d: %s" % (seed, status, errors))
            outputs[seed] = output
        return outputs

    def is_same(self, made: Made, seed: int, moves: str, wanted: str) -> bool:
        """Does it print the same on a goroutine?"""
        status, output, errors = made.run(seed, MOVED_SECONDS, CONTIG_FORCE_MOVES=moves)
        if status == 0 and output == wanted:
            return True
        text = "moves %s: %s, not %s; status %d; %s"
        self.tally.add_wrong(seed, text % (moves, output, wanted, status, errors))
        return False

    # CFRAME-20, CFRAME-21: accepted, and the same twice.
    def with_plugin(self, folder: str, seeds: list[int]) -> None:
        sources = {seed: self.generator.program(seed) for seed in seeds}
        batch = Batch(folder, sources, self.generator.shared)
        wanted = self.wanted(batch, seeds)
        self.tally.skipped += len(seeds) - len(wanted)
        made = batch.make(self.moved, sorted(wanted))
        for seed, text in made.told.items():
            self.tally.table.add(text)
            say(seed, "refused: " + text)
            if self.generator.refused == 0 or not refusals(text):
                self.tally.wrong.add(seed)
        for seed in made.seeds:
            same = [self.is_same(made, seed, moves, wanted[seed]) for moves in ("0", "1")]
            self.tally.right += all(same)
        if made.seeds:
            # The one function that is no program's is the batch's main.
            self.tally.table.functions += judged(self.checker, made.program) - 1

    # CFRAME-8, CFRAME-9, CFRAME-10, CFRAME-13: refused, or right when it is moved.
    def without_plugin(self, folder: str, seeds: list[int]) -> None:
        if self.generator.without_variadic is None:
            return
        sources = {seed: self.generator.without_variadic(seed) for seed in seeds}
        batch = Batch(folder, sources, self.generator.shared)
        made = batch.make(self.unescaped, seeds)
        for seed, text in made.told.items():
            if refusals(text):
                self.tally.refused += 1
            else:
                self.tally.add_wrong(seed, "without the plugin: " + text)
        self.tally.accepted += len(made.seeds)
        wanted = self.wanted(batch, made.seeds)
        for seed in made.seeds:
            if not self.is_same(made, seed, "1", wanted[seed]):
                self.tally.add_wrong(seed, "it was accepted without the plugin")

    def compare(self, seeds: list[int]) -> None:
        """Some programs, both ways."""
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            self.with_plugin(os.path.join(folder, "with"), seeds)
            self.without_plugin(os.path.join(folder, "without"), seeds)

    def totals(self) -> str:
        """What has come out so far."""
        tally = self.tally
        return (
            "%d programs are accepted, and the same when they move; %d are not.  %d fail as they are."
            "  Without the plugin %d are refused, and %d are the same."
            % (tally.right, len(tally.wrong), tally.skipped, tally.refused, tally.accepted)
        )

    def report(self) -> int:
        """The table, the totals, and whether all is well."""
        tally, table = self.tally, self.tally.table
        print("\n".join([*table.lines(), self.totals()]))
        # With nothing refused there was nothing to find.
        found = self.generator.without_variadic is None or tally.refused > 0
        good = not tally.wrong and found and table.share() <= self.generator.refused
        return 0 if good and tally.right > 0 else 1


def main() -> int:
    parser = arguments.Parser("compare_test.py", __doc__ or "")
    parser.add_argument("--generator", choices=sorted(GENERATORS), default="own")
    parser.add_argument("--first", type=arguments.whole(0, LAST_SEED), default=1)
    parser.add_argument("--count", type=arguments.whole(1, LAST_SEED))
    parser.add_argument("--batch", type=arguments.whole(1, 1000), default=50)
    parser.add_argument("contig_cc")
    parser.add_argument("flags")
    given = parser.read()
    comparison = Comparison(GENERATORS[given.generator], given.contig_cc, given.flags)
    count = given.count or GENERATORS[given.generator].count
    seeds = list(range(given.first, given.first + count))
    for begin in range(0, len(seeds), given.batch):
        comparison.compare(seeds[begin : begin + given.batch])
        done = min(begin + given.batch, len(seeds))
        functions = comparison.tally.table.lines()[0]
        print("%d of %d: %s  %s" % (done, len(seeds), comparison.totals(), functions), flush=True)
    return comparison.report()


tool.run("compare_test.py", main)
