#!/usr/bin/env python3
"""instructions.py PROGRAM [OPTION...]: instructions of contig's hot paths, counted by callgrind; no clock is looked at.

  --record          writes bench/instructions.json (and then bench/cost.py --write, whose page shows them)
  --only TEXT       only the paths whose name contains TEXT

Each path is counted twice, with n and with 2 n rounds: the difference is n rounds, without start and end.  Misses are
those of a simulated processor, with caches of 32 KiB for code and for data and one of 8 MiB behind them.

Without --record: a path that takes over 2 % more instructions than recorded fails.  So does one that takes over 2 %
less: the record would hide the next growth.  Another compiler makes another program, so that its counts are compared
with nothing.  Exit status: 0; 1 if a path differs; 2 if they cannot be compared or counted.
"""
from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ci"))
from contig import arguments, files, processes, tool  # noqa: E402

RECORD = os.path.join(HERE, "instructions.json")
AT_MOST = 0.02
SECONDS = 600
CALLGRIND = (
    "valgrind",
    "--tool=callgrind",
    "--callgrind-out-file=/dev/null",
    "--cache-sim=yes",
    "--branch-sim=yes",
    "--I1=32768,8,64",
    "--D1=32768,8,64",
    "--LL=8388608,16,64",
)
# Valgrind cannot reserve the 64 GiB of the default.  The C library's memcpy is the same on every processor.
VARIABLES = {
    "CONTIG_ARENA": str(1 << 30),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-ERMS,-FSRM",
}


@dataclass(frozen=True)
class Path:
    """Words of contig_bench, of which {n} is the number of rounds, and how much work a round is."""

    name: str
    words: str
    rounds: int
    work: int = 1


PATHS = (
    Path("stackalloc and stackfree of 2 KiB, cached", "stackalloc 2048 1 {n}", 2000),
    Path("stackalloc and stackfree of 2 KiB, 64 live", "stackalloc 2048 64 {n}", 6400),
    Path("block of 128 KiB and back, 1000 free blocks", "heap 1000 {n}", 2000),
    Path("switch, raw, one way", "switch-raw {n}", 4000),
    Path("switch: yield, one way", "switch {n}", 4000),
    Path("spawn, run, exit: one at a time", "spawn 1 {n}", 2000),
    Path("spawn, run, exit: 128 at a time", "spawn 128 {n}", 20, 128),
    Path("park a new goroutine, wake it, exit", "park {n}", 2000),
    Path("message over an unbuffered channel", "channel 0 {n}", 2000),
    Path("message over a channel with a buffer of 128", "channel 128 {n}", 2560),
    Path("message to a select over two channels", "select {n}", 2000),
    Path("move of 10 frames of 12 words", "core-levels 12 10 {n}", 100, 2),
    Path("move of 100 frames of 12 words", "core-levels 12 100 {n}", 50, 2),
    Path("move of 100 frames of 40 words", "core-levels 40 100 {n}", 50, 2),
    Path("move of 100 frames of 64 words, 58 pointers", "core-levels pointers_58 100 {n}", 20, 2),
    Path("goroutine with 400 calls of 12 words on a new stack", "deep 12 400 {n}", 40),
    Path("GC cycle, an idle goroutine", "cycle 1000 {n}", 10, 1000),
)


def compiler(program: str) -> str:
    """What the program says of it."""
    asked = processes.captured(["readelf", "-p", ".comment", program], SECONDS)
    found = re.findall(r"^ *\[ *\w+\] +(.+)$", asked.output, flags=re.M)
    if asked.done.status != 0 or not found:
        raise tool.Problem("%s does not say which compiler made it" % tool.shown(program))
    return "; ".join(sorted(set(found)))


def events(program: str, words: list[str]) -> dict[str, int]:
    """{callgrind's event: count} of one run."""
    done = processes.captured(
        [*CALLGRIND, program, *words], SECONDS, env={**os.environ, **VARIABLES}
    )
    names = re.search(r"Events +: (.+)", done.errors)
    counts = re.search(r"Collected +: (.+)", done.errors)
    if done.done.status != 0 or names is None or counts is None:
        last = (done.errors.strip().splitlines() or ["no message"])[-1]
        raise tool.Problem("contig_bench %s %s: %s" % (" ".join(words), done.done.text(), last))
    return dict(zip(names[1].split(), map(int, counts[1].split()), strict=True))


def counted(program: str, path: Path) -> dict[str, float]:
    """For each piece of work: instructions, misses of the first cache, wrongly predicted branches."""
    once, twice = (
        events(program, path.words.format(n=n).split()) for n in (path.rounds, 2 * path.rounds)
    )
    work = path.rounds * path.work
    each = {name: (twice[name] - once[name]) / work for name in once}
    return {
        "instructions": each["Ir"],
        "data_misses": each["D1mr"] + each["D1mw"],
        "wrong_branches": each["Bcm"] + each["Bim"],
    }


def table(program: str, only: str) -> Iterator[tuple[str, dict[str, float]]]:
    """Each path and its counts; printed as they come."""
    print("%-56s %12s %11s %15s" % ("", "instructions", "data misses", "wrong branches"))
    for path in PATHS:
        if only not in path.name:
            continue
        found = {name: round(value, 2) for name, value in counted(program, path).items()}
        print(
            "%-56s %12.1f %11.2f %15.2f"
            % (path.name, found["instructions"], found["data_misses"], found["wrong_branches"]),
            flush=True,
        )
        yield path.name, found


def compare(found: dict[str, dict[str, float]], recorded: dict[str, Any]) -> list[str]:
    """A sentence for each path that is not what was recorded."""
    wrong = []
    for name, counts in found.items():
        was = recorded["paths"].get(name, {}).get("instructions")
        if was is None:
            wrong.append("%s is not recorded" % name)
        elif abs(counts["instructions"] - was) > AT_MOST * was:
            wrong.append(
                "%s takes %.1f instructions, and %.1f are recorded (%+.1f %%)"
                % (name, counts["instructions"], was, 100 * (counts["instructions"] / was - 1))
            )
    return wrong


def gone(recorded: dict[str, Any]) -> list[str]:
    """A sentence for each path that is recorded, and that nobody counts any more."""
    counted_now = {path.name for path in PATHS}
    return [
        "%s is recorded, and is not counted" % name
        for name in recorded["paths"]
        if name not in counted_now
    ]


def recorded_counts() -> dict[str, Any]:
    """What --record wrote; a Problem if the file does not hold it."""
    found = files.read_json(RECORD)
    try:
        sound = isinstance(found["compiler"], str) and all(
            counts["instructions"] > 0 and math.isfinite(counts[other])
            for counts in found["paths"].values()
            for other in ("data_misses", "wrong_branches")
        )
    except (AttributeError, KeyError, TypeError):
        sound = False
    if not sound:
        raise tool.Problem(
            "%s does not hold the counts of each path: --record makes them" % tool.shown(RECORD)
        )
    return dict(found)


def check_compiler(found: str, recorded: dict[str, Any]) -> None:
    """Counts of another compiler's program say nothing."""
    if found != recorded["compiler"]:
        raise tool.Problem(
            "the program was made by %s, and the counts in bench/instructions.json are of one by %s: "
            "bench/instructions.py --record makes new ones" % (found, recorded["compiler"])
        )


def main() -> int:
    parser = arguments.Parser("bench/instructions.py", __doc__ or "")
    parser.add_argument("program", type=arguments.input_file)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--only", metavar="TEXT", type=arguments.some_text)
    options = parser.read()
    if options.record and options.only:
        raise tool.Problem("--only leaves out what --record needs")
    if not any((options.only or "") in path.name for path in PATHS):
        raise tool.Problem("no path's name contains %s" % tool.shown(options.only))
    made_by = compiler(options.program)
    if options.record:
        found = dict(table(options.program, ""))
        files.write_json(RECORD, {"compiler": made_by, "paths": found})
        return 0
    recorded = recorded_counts()
    check_compiler(made_by, recorded)
    wrong = gone(recorded) + compare(dict(table(options.program, options.only or "")), recorded)
    for sentence in wrong:
        tool.say("bench/instructions.py", sentence)
    if wrong:
        tool.say("bench/instructions.py", "if that is meant: --record, in the same commit")
    return 1 if wrong else 0


if __name__ == "__main__":
    tool.run("bench/instructions.py", main)
