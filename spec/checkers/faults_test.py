#!/usr/bin/env python3
"""faults_test.py CONTIG GO_SOURCE TRACE...: three judges of one trace: contig conform, pool_checker.go, and
pool_checker.py.  They pass every trace of the tree and of contig itself, and agree on each of many planted faults.

A judge of pools alone cannot see what only the rules of goroutines forbid: there, contig conform may say more.
SIZE-1 SIZE-2 SIZE-4 SPAN-1 SPAN-2 SPAN-4 POOL-1 POOL-3 POOL-4 CACHE-1 CACHE-3 CACHE-4 CACHE-5 LARGE-4 LIFE-1 GC-1
GC-2"""
from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pool_checker  # noqa: E402

# Status, line and rule; line 0 and no rule if the trace conforms.
Verdict = Tuple[int, int, str]

FAULTS = 260
BEGINNING = 4000  # lines of a long trace that faults are planted into
ALLOCATES = re.compile(
    r"@(alloc|free|refill|release|clear|pool[-+]|span[-+]|large[-+q]|largehit|phase|freespans)\b"
)
RULES = re.compile(r"(SIZE|SPAN|POOL|LARGE)-\d|CACHE-[1-5]$|LIFE-1$|GC-[12]$")
SAID = re.compile(r"line (\d+): ([A-Z]+-\d+|unreadable): expected .*; found .*")


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )


def verdict_of(text: str, status: int) -> Verdict:
    said = SAID.fullmatch(text)
    if status == 0 and text.startswith("conforms: "):
        return 0, 0, ""
    if said is None or status not in (1, 2):
        sys.exit("faults_test: a verdict of another form (status %d): %s" % (status, text))
    return status, int(said.group(1)), said.group(2)


def verdict_of_row(row: Dict[str, Any]) -> Verdict:
    """Which thread frees a stack that a goroutine has left is a rule of goroutines, although its name is LIFE-1."""
    if row["result"] == "conforms":
        return 0, 0, ""
    if row["result"] == "unreadable":
        return 2, row["line"], "unreadable"
    owner = "LIFE-1 (thread)" if " freed by thread " in row["expected"] else row["requirement"]
    return 1, row["line"], owner


def by_conform(contig: str, paths: List[str]) -> List[Verdict]:
    done = command(contig, "conform", "--json", *paths)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if len(rows) != len(paths):
        sys.exit("faults_test: contig conform: %s" % done.stderr)
    return [verdict_of_row(row) for row in rows]


# Faults: each changes a list of lines at a place, or returns False if it cannot.
Fault = Callable[[List[str], int, random.Random], bool]


def replaced(lines: List[str], at: int, pattern: str, by: Callable[["re.Match[str]"], str]) -> bool:
    new = re.sub(pattern, by, lines[at], count=1)
    changed = new != lines[at]
    lines[at] = new
    return changed


def address(lines: List[str], at: int, draw: random.Random) -> bool:
    return replaced(
        lines,
        at,
        r"0x[0-9a-f]{7,}(?= )",
        lambda found: hex(int(found.group(), 16) ^ 1 << draw.randrange(10, 26)),
    )


def misaligned(lines: List[str], at: int, draw: random.Random) -> bool:
    return replaced(
        lines,
        at,
        r"0x[0-9a-f]{7,}(?= )",
        lambda found: hex(int(found.group(), 16) + draw.choice([1, 8, 1024])),
    )


def dropped(lines: List[str], at: int, draw: random.Random) -> bool:
    del lines[at]
    return True


def repeated(lines: List[str], at: int, draw: random.Random) -> bool:
    lines.insert(at, lines[at])
    return True


def swapped(lines: List[str], at: int, draw: random.Random) -> bool:
    lines[at - 1], lines[at] = lines[at], lines[at - 1]
    return at > 0 and lines[at] != lines[at - 1]


def later(lines: List[str], at: int, draw: random.Random) -> bool:
    """The line once more, up to 40 lines below: a double free, a stack given twice."""
    lines.insert(min(at + draw.randrange(2, 40), len(lines)), lines[at])
    return True


def first_number(lines: List[str], at: int, draw: random.Random) -> bool:
    """Another size, order, number of pages or phase."""
    return replaced(
        lines,
        at,
        r"(?<= )[0-9]+(?= |$)",
        lambda found: str(
            draw.choice([int(found.group()) * 2, int(found.group()) + 1, int(found.group()) // 2])
        ),
    )


def cache(lines: List[str], at: int, draw: random.Random) -> bool:
    return replaced(
        lines,
        at,
        r"(?<=c=)0x[0-9a-f]+",
        lambda found: draw.choice(["0x0", hex(int(found.group(), 16) + 64)]),
    )


def thread(lines: List[str], at: int, draw: random.Random) -> bool:
    return replaced(
        lines, at, r"(?<=m=)[0-9]+", lambda found: str(int(found.group()) + draw.choice([1, 2, 77]))
    )


def phase(lines: List[str], at: int, draw: random.Random) -> bool:
    return replaced(
        lines,
        at,
        r"(?<=ph=)[0-9]",
        lambda found: str((int(found.group()) + draw.choice([1, 2])) % 3),
    )


def name(lines: List[str], at: int, draw: random.Random) -> bool:
    """Another event with the same values."""
    return replaced(
        lines,
        at,
        r"(?<=@)(pool|span|large)([-+])",
        lambda found: found.group(1) + "+-"["+-".index(found.group(2)) - 1],
    )


KINDS: List[Fault] = [
    address,
    misaligned,
    dropped,
    repeated,
    swapped,
    later,
    first_number,
    cache,
    thread,
    phase,
    name,
]


SPAN, OTHER = "0xc000010000", "0xc000020000"
SMALL = "@refill 0 c=1 m=0\n@span+ 0 %s m=0\n@pool- 0 %s m=0\n@alloc 2048 %s c=1 m=0\n" % (
    SPAN,
    SPAN,
    SPAN,
)
LARGE = "@large+ 4 %s m=0\n@alloc 32768 %s c=1 m=0\n" % (SPAN, SPAN)
QUEUED = LARGE + "@phase 1\n@free 32768 %s c=1 m=0\n@largeq 4 %s m=0\n" % (SPAN, SPAN)
ENDED = "@phase 2\n@phase 0\n@clear c=1 m=0\n@freespans m=0\n@phase 1\n"

# Traces whose last line breaks a rule that few random faults meet.
BROKEN = {
    "SIZE-2": "@refill 4 c=1 m=0\n",
    "SIZE-3": "@refill 0 c=1 m=0\n@span+ 0 0xc000001000 m=0\n",
    "SPAN-1": SMALL + "@large+ 4 0xc000012000 m=0\n",
    "SPAN-4": SMALL + "@span- 0 %s m=0\n" % SPAN,
    "SPAN-5": SMALL + "@phase 1\n@free 2048 %s c=0x0 m=0\n@pool+ 0 %s m=0\n" % (SPAN, SPAN) + ENDED,
    "POOL-1": SMALL + "@pool- 0 %s m=0\n" % SPAN,
    "POOL-3": SMALL + "@free 2048 %s c=0x0 m=0\n@pool+ 0 0xc000010800 m=0\n" % SPAN,
    "CACHE-2": "@refill 3 c=1 m=0\n@span+ 3 %s m=0\n@pool- 3 %s m=0\n@pool- 3 0xc000014000 m=0\n"
    % (SPAN, SPAN)
    + "@span+ 3 %s m=0\n@pool- 3 %s m=0\n" % (OTHER, OTHER),
    "CACHE-5": SMALL + "@free 2048 %s c=1 m=0\n@clear c=1 m=0\n@refill 1 c=1 m=0\n" % SPAN,
    "LARGE-1": LARGE + "@largehit 4 %s m=0\n" % SPAN,
    "LARGE-3": QUEUED + "@large+ 4 %s m=0\n" % OTHER,
    "LARGE-5": QUEUED + ENDED,
}
CHECKED = """SIZE-1 SIZE-2 SIZE-3 SIZE-4 SPAN-1 SPAN-2 SPAN-4 SPAN-5 POOL-1 POOL-3 POOL-4 CACHE-1 CACHE-2 CACHE-3
CACHE-4 CACHE-5 LARGE-1 LARGE-3 LARGE-4 LARGE-5 LIFE-1 GC-1 GC-2""".split()


def planted(lines: List[str], draw: random.Random) -> Tuple[str, List[str]]:
    """One fault, in an event of each name as often."""
    places: Dict[str, List[int]] = {}
    for at, line in enumerate(lines):
        if ALLOCATES.match(line):
            places.setdefault(line.split(" ")[0], []).append(at)
    while True:
        kind, at, wrong = (
            draw.choice(KINDS),
            draw.choice(places[draw.choice(sorted(places))]),
            list(lines),
        )
        if kind(wrong, at, draw):
            return "%s at line %d: %s" % (kind.__name__, at + 1, lines[at]), wrong


def difference(conform: Verdict, pools: Verdict) -> Optional[str]:
    """None: the same; or what makes it none; a text with a colon is a real one."""
    if conform == pools:
        return None
    if (
        conform[0] == 1
        and not RULES.match(conform[2])
        and (pools[0] == 0 or pools[1] >= conform[1])
    ):
        return (
            "only a rule of goroutines or collections" if pools[0] == 0 else "another rule before"
        )
    return "differ: conform says %s, pool_checker %s" % (conform, pools)


def traces(contig: str, folder: str, given: List[str]) -> List[str]:
    """Those of the tree, and contig's own."""
    demos = [
        ("fib", "20"),
        ("deep", "1048576"),
        ("million", "2000"),
        ("shrink",),
        ("overflow",),
        ("hotsplit",),
    ]
    for demo in demos:
        path = os.path.join(folder, demo[0] + ".txt")
        done = command(contig, "demo", *demo, "--trace=" + path)
        if done.returncode:
            sys.exit("faults_test: demo %s: %s" % (demo[0], done.stderr))
        given = given + [path]
    return given


def read(path: str) -> List[str]:
    with open(path, encoding="ascii") as file:
        return file.read().split("\n")


class Cases:
    """Traces with what is in them, each in a file of a folder."""

    def __init__(self, folder: str, sound: List[str]) -> None:
        self.folder = folder
        self.of = [("nothing in " + os.path.basename(path), path) for path in sound]

    def add(self, what: str, name: str, text: str) -> None:
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        self.of.append((what, path))


def made(folder: str, sound: List[str]) -> Cases:
    """Sound traces, those with a fault, and those that break one rule."""
    cases, draw = Cases(folder, sound), random.Random(1)
    for number in range(FAULTS):
        path = sound[number % len(sound)]
        lines = read(path)
        what, wrong = planted(lines[:BEGINNING] if len(lines) > BEGINNING else lines[:-1], draw)
        text = "\n".join(wrong) + "\n"
        cases.add("%s: %s" % (os.path.basename(path), what), "fault-%d.txt" % number, text)
    for rule, broken in BROKEN.items():
        cases.add("broken: " + rule, rule, broken)
    return cases


class Comparison:
    """What contig conform and both checkers say of each case."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.failures: List[str] = []
        self.counts: Dict[str, int] = {}
        self.rules: Set[str] = set()

    def checked(self, what: str, path: str) -> Tuple[str, Verdict]:
        """The sentence and the verdict of the checker in Python; the one in Go must say the same."""
        text, status = pool_checker.check(read(path))
        done = command(self.program, path)
        said = (done.stdout + done.stderr).strip("\n")
        if said != text or done.returncode != status:
            self.failures.append(
                "%s: Go says '%s' (%d), Python '%s' (%d)"
                % (what, said, done.returncode, text, status)
            )
        found = verdict_of(text, status)
        self.rules.add(found[2])
        return text, found

    def add(self, what: str, path: str, said: Verdict) -> None:
        text, found = self.checked(what, path)
        differs = difference(said, found)
        if what.startswith("nothing"):
            if (said, found) != ((0, 0, ""), (0, 0, "")):
                self.failures.append("%s: %s, %s" % (what, said, text))
        elif what.startswith("broken"):
            if found != (1, len(read(path)) - 1, what.split(" ")[1]):
                self.failures.append("%s: %s" % (what, text))
            elif differs is not None and ":" in differs:
                self.failures.append("%s: %s" % (what, differs))
        elif differs is not None and ":" in differs:
            self.failures.append("%s: %s" % (what, differs))
        else:
            noticed = ["conform"] * (said[0] > 0) + ["pools"] * (found[0] > 0)
            for word in noticed + [differs or "the same"]:
                self.counts[word] = self.counts.get(word, 0) + 1

    def show(self) -> None:
        others = [one for one in sorted(self.counts.items()) if one[0] not in ("conform", "pools")]
        print("\n".join(self.failures[:40]))
        print(
            "%d faults: contig conform reports %d, pool_checker.go and .py %d; %s"
            % (
                FAULTS,
                self.counts["conform"],
                self.counts["pools"],
                ", ".join("%s %d" % one for one in others),
            )
        )


def build(folder: str, source: str) -> str:
    """The checker in Go."""
    program = os.path.join(folder, "pool_checker")
    built = subprocess.run(
        ["go", "build", "-o", program, source],
        env={**os.environ, "GOCACHE": folder + "/cache", "HOME": folder},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if built.returncode:
        sys.exit("faults_test: go build: " + built.stdout)
    return program


def main() -> int:
    contig, source = sys.argv[1:3]
    folder = os.environ["TEST_TMPDIR"]
    comparison = Comparison(build(folder, source))
    cases = made(folder, traces(contig, folder, sys.argv[3:]))
    verdicts = by_conform(contig, [path for _, path in cases.of])
    for (what, path), said in zip(cases.of, verdicts):
        comparison.add(what, path, said)
    comparison.failures += [
        "no fault breaks %s" % rule for rule in CHECKED if rule not in comparison.rules
    ]
    comparison.show()
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
