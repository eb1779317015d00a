"""models.py: what the models of this folder say, and their exhaustive search by spin.

A model is a file with processes; its head names its seeded bugs, and it declares its claims.  Spin writes a program
that visits every state, gcc builds it, and its report is read here.  A search that is cut short is no result.
Called by run, models_test.py and bugs_test.py.
"""
from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.path.append(os.path.join(ROOT, "ci"))
from contig import files, processes, promela, tool  # noqa: E402
from contig.promela import DEADLOCK, Bug, Model  # noqa: E402

MOST_STATES = 10_000_000
MOST_SECONDS = 120
MOST_MEGABYTES = 4000
DEEPEST = 1_000_000
_UNREACHED = re.compile(r"^\t([\w.]+):(\d+), state \d+, (.*)$", flags=re.M)
_MARK = "/* unreached: "
_CUT_SHORT = ("max search depth too small", "out of memory", "MEMLIM bound", "Search not completed")
_One = TypeVar("_One")
_Other = TypeVar("_Other")
Change = Callable[[str], str]


def unchanged(text: str) -> str:
    return text


@dataclass(frozen=True)
class _Task:
    """What a search is for."""

    memory: str
    what: str
    macros: list[str]
    liveness: str  # the claim of liveness, or nothing
    only: str  # the one claim that can fail; nothing if all can
    change: Change


@dataclass(frozen=True)
class Search:
    """What one search found: the claim that is violated, or none, and how much it visited."""

    model: str
    memory: str
    what: str  # "safety", a claim of liveness, or a bug
    violated: str
    states: int
    depth: int
    seconds: float
    unreached: tuple[tuple[str, int, str], ...]  # (file, line, statement)

    def text(self) -> str:
        found = "no claim is violated" if not self.violated else "%s is violated" % self.violated
        return "%-8s %-3s %-22s %8d states, depth %5d, %5.1f s: %s" % (
            self.model,
            self.memory,
            self.what,
            self.states,
            self.depth,
            self.seconds,
            found,
        )


def names() -> list[str]:
    """The models of this folder."""
    return sorted(
        name[: -len(".pml")]
        for name in os.listdir(HERE)
        if name.endswith(".pml") and promela.is_model(files.read(os.path.join(HERE, name)))
    )


def load(name: str) -> Model:
    """A model; a Problem if it contradicts itself."""
    path = os.path.join(HERE, name + ".pml")
    return promela.parse(name, path, files.read(path))


def searches_of(model: Model) -> list[tuple[Model, str, str]]:
    """(model, memory, claim of liveness or nothing) of each search of a right model."""
    return [(model, memory, claim) for memory in model.memories for claim in ("",) + model.liveness]


def require() -> None:
    """A Problem that names the package of a program that is missing."""
    for program in ("spin", "gcc"):
        if shutil.which(program) is None:
            raise tool.Problem(
                "%s is not installed; ci/setup installs it (Debian package %s)" % (program, program)
            )


def each(what: Callable[[_One], _Other], over: Iterable[_One]) -> list[_Other]:
    """The results for all, in order, as many at a time as there are processors."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(what, over))


def right(model: Model, memory: str, claim: str = "", change: Change = unchanged) -> Search:
    """The search of the model as it is: all claims of safety and all deadlocks, or one claim of liveness."""
    return _search(model, _Task(memory, claim or "safety", [], claim, "", change))


def broken(model: Model, bug: Bug, memory: str, planted: bool = True) -> Search:
    """The search of the model with a bug, or without it, in which only the claim that the bug breaks can fail."""

    def alone(text: str) -> str:
        """The assertions of all other claims hold: their names, which are always 0, are 1."""
        return promela.CLAIM.sub(
            lambda one: one[0] if one[1] == bug.claim else "hidden byte %s = 1;" % one[1], text
        )

    claim = bug.claim if bug.claim in model.liveness else ""
    macros = [bug.name] if planted else []
    return _search(model, _Task(memory, bug.name, macros, claim, bug.claim, alone))


def _flags(task: _Task, model: Model) -> tuple[list[str], list[str]]:
    """(flags of the compiler, flags of the search)."""
    # Without partial-order reduction each state is visited.  An error that is found with it is one.
    whole = [] if task.only else ["-DNOREDUCE"]
    if task.liveness:
        return whole + ["-DNFAIR=3"], ["-a", "-f", "-N", task.liveness]
    # -A: no assertions; -E: no deadlocks.
    skipped = [] if task.only == "" else ["-A"] if task.only == DEADLOCK else ["-E"]
    return whole + ["-DSAFETY"] + ["-DNOCLAIM"] * bool(model.liveness), skipped


def _copy(model: Model, change: Change, folder: str) -> None:
    """The models, in a folder of their own; the one that is looked at is changed."""
    for name in os.listdir(HERE):
        if name.endswith(".pml"):
            text = files.read(os.path.join(HERE, name))
            own = name == os.path.basename(model.path)
            files.write(os.path.join(folder, name), change(text) if own else text)


def _search(model: Model, task: _Task) -> Search:
    compiled, searched = _flags(task, model)
    macros = task.macros + (["TSO"] if task.memory == "tso" else [])
    macros += ["LIVENESS"] if task.liveness else []
    with files.temporary("contig-model") as folder:
        _copy(model, task.change, folder)
        defined = ["-D" + macro for macro in macros]
        _run(["spin"] + defined + ["-a", os.path.basename(model.path)], folder)
        bounds = ["-DMEMLIM=%d" % MOST_MEGABYTES, "-DVECTORSZ=2048"]
        # Worth its time where all states are visited.
        level = "-O0" if task.only else "-O1"
        _run(["gcc", level, "-w"] + bounds + compiled + ["-o", "pan", "pan.c"], folder)
        result = processes.captured(
            ["./pan", "-m%d" % DEEPEST, "-w22"] + searched, MOST_SECONDS, cwd=folder, together=True
        )
    if result.done.late:
        raise tool.Problem(
            "%s %s %s: the search did not end within %d seconds"
            % (model.name, task.memory, task.what, MOST_SECONDS)
        )
    return read(model.name, task, result.output, result.done.seconds)


def _run(command: list[str], folder: str) -> None:
    result = processes.captured(command, MOST_SECONDS, cwd=folder, together=True)
    # Spin says what it dislikes and ends with status 0.
    if result.done.status != 0 or re.search(r"\b[Ee]rror\b", result.output):
        raise tool.Problem(
            "%s %s: %s"
            % (" ".join(command), result.done.text(), result.output.strip() or "no message")
        )


def _violated(claim: str, output: str) -> str:
    """The claim that the first error violates; nothing if there is none."""
    first = re.search(r"^pan:1: (.*)$", output, flags=re.M)
    if first is None:
        return ""
    if first[1].startswith("invalid end state"):
        return DEADLOCK
    if first[1].startswith("acceptance cycle"):
        return claim
    # The claim's name is the last word of the condition.
    named = re.search(r"\|\|(\w+)\)? \(at depth", first[1])
    return named[1] if named else first[1]


def read(name: str, task: _Task, output: str, seconds: float) -> Search:
    """The report of a search; a Problem if it is not that of a whole one."""
    where = "%s %s %s" % (name, task.memory, task.what)
    violated = _violated(task.liveness, output)
    counts = re.search(r"depth reached (\d+), errors: (\d+)\n\s*(\d+) states, stored", output)
    cut = [text for text in _CUT_SHORT if text in output] if not violated else []
    if counts is None or cut or (not violated and int(counts[2]) != 0):
        raise tool.Problem(
            "%s: the search is not complete: %s" % (where, ", ".join(cut) or output.strip()[-400:])
        )
    if int(counts[3]) > MOST_STATES:
        raise tool.Problem("%s: %s states are too many" % (where, counts[3]))
    unreached = tuple(
        (path, int(line), statement)
        for path, line, statement in _UNREACHED.findall(output)
        if os.path.exists(os.path.join(HERE, path))
    )
    return Search(
        name, task.memory, task.what, violated, int(counts[3]), int(counts[1]), seconds, unreached
    )


def marks() -> set[tuple[str, int]]:
    """The lines that say that they are never reached."""
    return {
        (name, number)
        for name in os.listdir(HERE)
        if name.endswith(".pml")
        for number, line in enumerate(files.read(os.path.join(HERE, name)).splitlines(), 1)
        if _MARK in line
    }


def wrong(searches: Iterable[Search]) -> list[str]:
    """What is wrong with the searches of right models: a claim is violated, or a statement is never reached."""
    known = marks()
    findings = []
    for one in searches:
        where = "%s %s %s" % (one.model, one.memory, one.what)
        if one.violated:
            findings.append("%s: %s is violated" % (where, one.violated))
            continue
        if one.what != "safety":
            continue
        findings += [
            "%s:%d: %s: never reached: %s" % (path, line, where, statement)
            for path, line, statement in one.unreached
            if (path, line) not in known
        ]
    return findings


def stale(searches: Iterable[Search]) -> list[str]:
    """Lines that say that they are never reached, and are, in each search for safety of all models."""
    found = {
        (path, line) for one in searches if one.what == "safety" for path, line, _ in one.unreached
    }
    return ["%s:%d: it says 'unreached', and is reached" % one for one in sorted(marks() - found)]


def missed(bugs: Iterable[Bug], searches: Iterable[Search]) -> list[str]:
    """Bugs that the claim that is named for them does not find."""
    return [
        "%s: bug %s does not break %s: %s"
        % (one.model, bug.name, bug.claim, one.violated or "no claim is violated")
        for bug, one in zip(bugs, searches, strict=True)
        if one.violated != bug.claim
    ]


def version() -> str:
    """What spin says of itself."""
    return processes.captured(["spin", "-V"], MOST_SECONDS).output.strip()
