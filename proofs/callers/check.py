#!/usr/bin/env python3
"""check.py [--only PROGRAM]...: the callers of the core keep its contracts.

Builds the runtime's test, all demonstrations, the examples and the fuzz targets with a wrapper around each function of
src/core that requires something, and runs them, the targets on their corpora.  A wrapper evaluates each clause before
the call; one that does not hold ends the program with its name.  The wrappers are made from the contracts as Frama-C
prints them; which functions are called from outside is read from the objects.
Prints a row a function and each part of a clause that is not evaluated.  The exit status is 1 if a clause was
violated, has no form in C, or if a call goes past its wrapper; 2 if the tree does not build.
"""
import collections
import hashlib
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List, Sequence, Set, Tuple

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(sys.path[0]))
import paths  # noqa: E402,F401
from contig import arguments, files, tool  # noqa: E402
from contig.c_printed import Tree  # noqa: E402
import declarations  # noqa: E402
import frama_c  # noqa: E402
import generate  # noqa: E402
import programs  # noqa: E402
import vocabulary  # noqa: E402
from stand_ins import NOT_EVALUATED  # noqa: E402

FLAGS = ["-std=c11", "-g", "-O2", "-I."]
STRICT = ["-Wall", "-Wextra", "-Werror"]
# What a caller asks of the C library by its own #define comes too late after the wrappers' header.  Its warnings are
# those of the ordinary build, less what the header causes.
CALLER = ["-D_GNU_SOURCE", "-w", "-include"]
# An integer of ACSL that does not fit into 128 bits ends the program, and is never another number.
TRAPS = ["-fsanitize=signed-integer-overflow", "-fsanitize-undefined-trap-on-error"]
SECONDS = 600


class Failed(Exception):
    """A command failed; the text says which and how."""


def command(words: Sequence[str], **how: object) -> str:
    done = subprocess.run(
        list(words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        errors="replace",
        **how,
    )  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Failed("%s\n%s" % (" ".join(words)[:200], done.stdout[-3000:]))
    return str(done.stdout)


def contracts(work: str) -> generate.Generator:
    """The contracts of all headers of the core, as Frama-C reads them."""
    path = os.path.join(work, "all.c")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines('#include "%s"\n' % name for name in declarations.headers())
    tree = Tree(frama_c.view(path)[0])
    declared = declarations.read(path)
    return generate.Generator(vocabulary.read(tree.contracts, tree.vocabulary, declared), declared)


class Objects:
    """Compiles each file once, and keeps what nm says of it."""

    def __init__(self, work: str):
        self.work, self.made = work, {}  # type: str, Dict[str, str]

    def make(self, paths: Sequence[str], flags: Sequence[str]) -> List[str]:
        new = [path for path in paths if path not in self.made]
        for path in new:
            self.made[path] = os.path.join(
                self.work, hashlib.sha256(path.encode()).hexdigest()[:16] + ".o"
            )
        with ThreadPoolExecutor(2) as pool:
            list(
                pool.map(
                    lambda path: command(
                        ["gcc", *FLAGS, *flags, "-c", path, "-o", self.made[path]]
                    ),
                    new,
                )
            )
        return [self.made[path] for path in paths]

    def undefined(self, path: str) -> Set[str]:
        return {
            line.split()[-1]
            for line in command(["nm", "-u", self.made[path]]).splitlines()
            if line.split()
        }


def callers_of(objects: Objects, paths: Sequence[str]) -> Dict[str, List[str]]:
    """{symbol: files that need it}."""
    found: Dict[str, List[str]] = collections.defaultdict(list)
    for path in paths:
        for symbol in objects.undefined(path):
            found[symbol].append(path)
    return found


def unfit(
    generator: generate.Generator, plans: List[generate.Plan], needed: Dict[str, List[str]]
) -> List[str]:
    """What makes the wrappers say less than the contracts do."""
    found = generator.digests()
    for name in generator.vocabulary.requires:
        if generator.vocabulary.requires[name] and name in needed:
            found.append("%s is called past its wrapper, by %s" % (name, ", ".join(needed[name])))
    for plan in plans:
        for clause, conjunct, why in plan.left_out:
            if "ghost state" not in why and (plan.function, clause.label) not in NOT_EVALUATED:
                found.append(
                    "%s, %s: has no form in C: %s (%s)"
                    % (plan.function, clause.label, why, generate.shown(conjunct)[:200])
                )
    for function, label in NOT_EVALUATED:
        if not any(
            clause.label == label for clause in generator.vocabulary.requires.get(function, [])
        ):
            found.append("stand_ins.py: %s has no clause '%s'" % (function, label))
    return found


def run(program: programs.Program, binary: str, work: str) -> List[str]:
    """What went wrong, a line each run."""
    found = []
    for arguments in program.runs:
        environment = dict(os.environ, CONTIG_CALLERS_COUNTS=os.path.join(work, "counts"))
        done = subprocess.run(
            [binary, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            lines = [line for line in done.stdout.splitlines() if "contract violated" in line]
            said = lines or done.stdout.strip().splitlines()[-3:]
            found.append(
                "%s %s: status %d: %s"
                % (program.name, " ".join(arguments)[:40], done.returncode, " / ".join(said))
            )
    return found


def unseen(binary: str) -> List[str]:
    """The seeded violations that no wrapper sees, or that it calls by another name."""
    lines = command([binary, "--list"]).splitlines()
    found = [] if lines else ["violations --list: there are none"]
    for line in lines:
        function, clause = line.split()
        done = subprocess.run(
            [binary, function, clause],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
        if "contract violated: %s, requires %s: " % (function, clause) not in done.stdout:
            found.append(
                "violations %s %s: not seen: status %d: %s"
                % (function, clause, done.returncode, done.stdout.strip())
            )
    return found


def counts(path: str, plans: List[generate.Plan]) -> Dict[Tuple[str, str], Tuple[int, int]]:
    """(function, clause) -> how often its first conjunct was evaluated and passed over, over all runs."""
    with open(path, "rb") as content:
        numbers = list(struct.iter_unpack("=QQ", content.read()))
    found: Dict[Tuple[str, str], Tuple[int, int]] = {}
    places = [(plan.function, clause.label) for plan in plans for clause, _, _ in plan.evaluated]
    for place, (evaluated, passed) in zip(places, numbers):
        before = found.get(place, (evaluated, passed))
        found[place] = (min(before[0], evaluated), max(before[1], passed))
    return found


def table(plans: List[generate.Plan], seen: Dict[Tuple[str, str], Tuple[int, int]]) -> List[str]:
    """Prints a row a function; returns the functions that no run has called."""
    never = []
    print(
        "%-20s %10s  clauses, and in how many calls, where it is not all of them"
        % ("function", "calls")
    )
    for plan in plans:
        labels = list(dict.fromkeys(clause.label for clause, _, _ in plan.evaluated))
        calls = max([sum(seen[plan.function, label]) for label in labels] or [0])
        if calls == 0 and labels:
            never.append("%s: no run calls it" % plan.function)
        row = [
            "%s%s"
            % (
                label.split()[-1],
                " (%d)" % seen[plan.function, label][0] if seen[plan.function, label][1] else "",
            )
            for label in labels
        ]
        print("%-20s %10d  %s" % (plan.function, calls, ", ".join(row)))
        for clause, conjunct, why in plan.left_out:
            print(
                "%-32s not evaluated: %s: %s: %s"
                % ("", clause.label, generate.shown(conjunct), why)
            )
    return never


def check(work: str, only: List[str]) -> List[str]:
    generator = contracts(work)
    demanding = sorted(name for name, clauses in generator.vocabulary.requires.items() if clauses)
    header = os.path.join(work, "callers.h")
    with open(header, "w", encoding="utf-8") as out:
        out.write(generate.header(generator, demanding))
    objects = Objects(work)
    chosen = [program for program in programs.all_programs() if not only or program.name in only]
    core = objects.make(programs.core(), [])
    outside = sorted({path for program in chosen for path in program.sources})
    objects.make([path for path in outside if path.endswith(".S")], [])
    objects.make([path for path in outside if not path.endswith(".S")], CALLER + [header])
    needed = callers_of(objects, outside)
    plans = [generator.plan(name) for name in demanding if "contract_" + name in needed]
    found = unfit(generator, plans, needed)
    wrappers = os.path.join(work, "callers.c")
    with open(wrappers, "w", encoding="utf-8") as out:
        out.write(generate.body(generator, plans))
    core += objects.make([wrappers, "proofs/callers/evaluate.c"], STRICT + TRAPS)
    with open(os.path.join(work, "counts"), "wb") as out:
        out.write(bytes(16 * sum(len(plan.evaluated) for plan in plans)))
    for program in chosen:
        binary = os.path.join(work, program.name)
        command(["gcc", *core, *objects.make(program.sources, []), "-o", binary])
        found += unseen(binary) if program.name == "violations" else run(program, binary, work)
    return found + table(plans, counts(os.path.join(work, "counts"), plans))


def main() -> int:
    parser = arguments.Parser("proofs/callers/check.py", __doc__ or "")
    parser.add_argument("--only", action="append", default=[], metavar="PROGRAM")
    options = parser.read()
    arguments.known(options.only, "program", [program.name for program in programs.all_programs()])
    with files.temporary("contig-callers") as work:
        try:
            found = check(work, options.only)
        except (Failed, frama_c.FramaCFailed, frama_c.ToolMissing, declarations.NotCompiled) as why:
            raise tool.Problem(str(why)) from why
    for text in found:
        print("callers: " + text)
    print("callers: %d findings" % len(found))
    return 1 if found else 0


if __name__ == "__main__":
    tool.run("proofs/callers/check.py", main)
