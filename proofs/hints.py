"""hints.py: which prover closed each goal when the goals were last recorded (proofs/hints.json).

A hint says what is tried first, and nothing else.  The prover that it names has to prove the goal again; if it does
not, all are asked, as for a goal without a hint.  A goal that the first of all provers closes has none.
"""
from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import paths
import provers

FILE = os.path.join(paths.PROOFS, "hints.json")

# WP's line for a goal that is proved: the prover's name, the round's if it has one, and the goal.
_PROVED = r"\[wp\] \[(\w+) [\w.]+(?: \((\w+)\))?\] Goal typed_(\w+) : Valid"

# {prover: goals}, the provers by the names that frama-c knows them by.
Hints = Mapping[str, Collection[str]]


class BadHints(Exception):
    """The file does not say which prover closed which goal."""


def _sound(hints: object) -> bool:
    return isinstance(hints, dict) and all(
        name in provers.names("proof")
        and isinstance(goals, list)
        and all(re.fullmatch(r"\w+", goal) for goal in goals)
        for name, goals in hints.items()
    )


def read(path: str) -> dict[str, Hints]:
    """{unit: hints}."""
    try:
        with open(path, encoding="utf-8") as text:
            units = json.load(text)
        sound = isinstance(units, dict) and all(map(_sound, units.values()))
    except OSError as problem:
        raise BadHints(f"{path!r} cannot be read: {problem.strerror}") from problem
    except (ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise BadHints(f"{path!r} does not say which prover closed which goals of which unit")
    return cast(dict[str, Hints], units)


def write(session: str, hints: Hints, seconds: int) -> None:
    """Writes them to WP's session folder, in WP's form: a script that consists of one prover's run."""
    folder = os.path.join(session, "script")
    os.makedirs(folder)
    for prover, goals in hints.items():
        script = json.dumps([{"prover": prover, "verdict": "valid", "time": seconds}])
        for goal in goals:
            with open(os.path.join(folder, goal + ".json"), "w", encoding="utf-8") as out:
                out.write(script)


def found(lines: Iterable[str]) -> Hints:
    """The hints that the log of a run without any gives."""
    first = provers.names("proof")[0]
    result: dict[str, list[str]] = {}
    for line in lines:
        proved = re.match(_PROVED, line)
        if proved:
            name = "-".join(part for part in (proved[1].lower(), proved[2]) if part)
            if name != first:
                result.setdefault(name, []).append(proved[3])
    return {name: sorted(goals) for name, goals in result.items()}
