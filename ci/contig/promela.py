"""promela.py: what a Promela model of spec/model says of itself: its claims, its seeded bugs, its memories.

    hidden byte slot_live;  /* a claim of safety: an assertion names the variable */
    ltl request_served { ... }
    bug PARKING_DROPPED breaks slot_live: ...

A line of the head names a bug, and a macro of its name switches it on.  Each model claims that it has no deadlock.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from contig.tool import Problem

DEADLOCK = "no_deadlock"
# Sequential consistency, and the store buffers of x86-TSO.
MEMORIES = ("sc", "tso")
CLAIM = re.compile(r"^hidden byte (\w+);", flags=re.M)
_LIVENESS = re.compile(r"^ltl (\w+)", flags=re.M)
_SWITCH = re.compile(r"^#(?:ifdef|ifndef) (\w+)", flags=re.M)
_BUG = re.compile(
    r"^ \* bug (?P<name>[A-Z_]+) breaks (?P<claim>\w+)"
    r"(?P<tso> with store buffers only)?: (?P<what>.*)$",
    flags=re.M,
)


@dataclass(frozen=True)
class Bug:
    """A wrong change of a protocol, and the claim that it breaks."""

    name: str
    claim: str
    memory: str
    what: str


@dataclass(frozen=True)
class Model:
    """A model: claims of safety, claims of liveness, how it is searched, and bugs."""

    name: str
    path: str
    assertions: tuple[str, ...]
    liveness: tuple[str, ...]
    memories: tuple[str, ...]
    bugs: tuple[Bug, ...]

    def claims(self) -> tuple[str, ...]:
        """All that can be violated."""
        return self.assertions + self.liveness + (DEADLOCK,)


def is_model(text: str) -> bool:
    """Whether a file starts a process; the others are parts."""
    return re.search(r"^init\b", text, flags=re.M) is not None


def parse(name: str, path: str, text: str) -> Model:
    """What the text of a model says of itself; a Problem if it contradicts itself."""
    bugs = tuple(
        Bug(one["name"], one["claim"], "tso" if one["tso"] else "sc", one["what"])
        for one in _BUG.finditer(text)
    )
    buffered = '#include "memory.pml"' in text
    model = Model(
        name,
        path,
        tuple(CLAIM.findall(text)),
        tuple(_LIVENESS.findall(text)),
        MEMORIES if buffered else MEMORIES[:1],
        bugs,
    )
    one_sided = set(_SWITCH.findall(text)) ^ {bug.name for bug in bugs}
    if one_sided:
        raise Problem(
            "%s: not both named in the head and switched on by a macro: %s"
            % (path, ", ".join(sorted(one_sided)))
        )
    for bug in bugs:
        if bug.claim not in model.claims():
            raise Problem("%s: bug %s breaks no claim of the model" % (path, bug.name))
        if bug.memory not in model.memories:
            raise Problem("%s: bug %s needs store buffers" % (path, bug.name))
    return model
