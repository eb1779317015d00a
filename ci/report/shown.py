"""shown.py: what the page shows of the evidence and what does not stand in it: states, counts, groups, sizes of bars.

Called by page.py, and by the templates with the name `shown`.  It knows nothing of HTML.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import readable
from evidence import Evidence

# What speaks for a requirement, and its name on the page.
KINDS = {
    "clauses": "clauses",
    "tests": "tests",
    "oracles": "fuzz oracles",
    "rules": "trace rules",
    "models": "claims of models",
    "defects": "planted defects",
}
BAR_WIDTH = 250.0


class State(NamedTuple):
    """How far a requirement is; partly: it says more than the clauses that are proved."""

    name: str
    partly: bool = False


class Goals(NamedTuple):
    """Goals of this run."""

    proved: int
    all: int


class Entry(NamedTuple):
    """What speaks for a requirement; a clause has a function, which is on the page."""

    name: str
    function: str | None


class Bar(NamedTuple):
    """One value of a benchmark."""

    name: str
    colour: str
    value: float
    width: float


@dataclass(frozen=True)
class Theorem:
    """A theorem, and the requirements that it rests on by their state."""

    title: str
    says: str
    groups: dict[State, list[str]]


@dataclass(frozen=True)
class Function:
    """What this run proved of a function, and what the tree says of it; either may be missing."""

    name: str
    state: str
    row: dict[str, Any] | None
    written: dict[str, Any] | None

    def file(self) -> str:
        """Where it stands."""
        return str((self.written or self.row or {})["file"])

    def clauses(self) -> list[readable.Clause]:
        """Its contract for people."""
        return readable.shown(self.written["contract"]) if self.written else []


@dataclass(frozen=True)
class File:
    """A file of the core: how many of its functions have which state, and the seconds of their proofs."""

    path: str
    functions: list[Function]
    states: dict[str, int]
    seconds: float | None


class Shown:
    """The evidence of one run, and what follows from it."""

    def __init__(self, evidence: Evidence, theorems: list[dict[str, Any]]) -> None:
        proof, trace = evidence["proof"], evidence["traceability"]
        self._evidence, self._theorems = evidence, theorems
        self._rows: dict[str, Any] = {
            row["function"]: row for row in (proof["functions"] if proof else [])
        }
        self._written: dict[str, Any] = {
            one["name"]: one for one in (trace["functions"] if trace else [])
        }
        self._requirements: dict[str, Any] = {
            one["id"]: one for one in (trace["requirements"] if trace else [])
        }

    # ---- Proofs

    def _state(self, name: str) -> str:
        """proved, open, or untried in this run."""
        row = self._rows.get(name)
        if row is None:
            return "untried"
        return "proved" if row["goals"] and row["goals"] == row["proved"] else "open"

    def proved(self) -> list[str]:
        """Functions that this run proved."""
        return [name for name in self._rows if self._state(name) == "proved"]

    def goals(self) -> Goals:
        """Goals of all functions."""
        rows = self._rows.values()
        return Goals(sum(row["proved"] for row in rows), sum(row["goals"] for row in rows))

    def files(self) -> list[File]:
        """The functions by the files that they stand in."""
        by_path: dict[str, list[Function]] = {}
        for name in sorted(self._written.keys() | self._rows.keys()):
            one = Function(name, self._state(name), self._rows.get(name), self._written.get(name))
            by_path.setdefault(one.file(), []).append(one)
        return [self._file(path, by_path[path]) for path in sorted(by_path)]

    def _file(self, path: str, functions: list[Function]) -> File:
        states = [one.state for one in functions]
        seconds = [float(one.row["seconds"]) for one in functions if one.row]
        return File(
            path,
            functions,
            {one: states.count(one) for one in ("proved", "open", "untried") if one in states},
            sum(seconds) if seconds else None,
        )

    # ---- Requirements

    def requirement_state(self, requirement: dict[str, Any]) -> State:
        """How far a requirement is in this run."""
        if requirement["status"] == "planned":
            return State("planned")
        if requirement["status"] != "proved":
            return State(requirement["status"], bool(requirement["missing"]))
        clauses = self._entries(requirement, "clauses")
        states = [self._state(entry.function or "") for entry in clauses]
        return State(next((one for one in ("open", "untried") if one in states), "proved"))

    def _entries(self, requirement: dict[str, Any], kind: str) -> list[Entry]:
        """What speaks for a requirement in this way, each once."""
        split = [entry.split("|") for entry in requirement["evidence"].get(kind, [])]
        entries = [Entry(one[0], one[3] if kind == "clauses" else None) for one in split]
        return list(dict.fromkeys(entries))

    def evidence_of(self, requirement: dict[str, Any]) -> dict[str, list[Entry]]:
        """What speaks for a requirement, by kind."""
        found = {name: self._entries(requirement, kind) for kind, name in KINDS.items()}
        return {name: entries for name, entries in found.items() if entries}

    def planned(self) -> list[str]:
        """Requirements that nothing speaks for yet."""
        return [i for i, one in self._requirements.items() if one["status"] == "planned"]

    def partly(self) -> list[str]:
        """Requirements that say more than a contract."""
        return [i for i, one in self._requirements.items() if one["missing"]]

    def chapters(self) -> dict[str, list[dict[str, Any]]]:
        """The requirements by chapter."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self._requirements.values():
            found.setdefault(one["chapter"], []).append(one)
        return found

    def theorems(self) -> list[Theorem]:
        """The theorems of theorems.json; of a requirement that the tree does not have nothing is known."""
        return [
            Theorem(one["title"], one["says"], self._by_state(one["requirements"]))
            for one in self._theorems
        ]

    def _by_state(self, identities: list[str]) -> dict[State, list[str]]:
        found: dict[State, list[str]] = {}
        for identity in identities:
            known = self._requirements.get(identity)
            state = self.requirement_state(known) if known else State("unknown")
            found.setdefault(state, []).append(identity)
        return found

    # ---- Counts of what was measured; each is asked for only where something was

    def passed(self) -> int:
        """Tests that passed."""
        return sum(one["status"] == "PASSED" for one in self._evidence["tests"])

    def inputs(self) -> int | None:
        """Inputs that fuzzers ran."""
        known = [one["executions"] for one in self._evidence["fuzz"]]
        known = [count for count in known if count is not None]
        return sum(known) if known else None

    def findings(self) -> int:
        """What fuzzers found."""
        return sum(len(one["findings"]) for one in self._evidence["fuzz"])

    def speed(self, row: dict[str, Any]) -> float | None:
        """Inputs a second of one fuzzer."""
        if row["executions"] is None or not row["seconds"]:
            return None
        return float(row["executions"] / row["seconds"])

    def lines(self) -> int:
        """Lines of traces that were replayed."""
        return sum(one["lines"] for one in self._evidence["traces"])

    def noticed(self) -> int:
        """Planted defects that were noticed."""
        return sum(one["noticed"] for one in self._evidence["planted_defects"])

    def kinds(self) -> list[str]:
        """Kinds of theorems on the assembly."""
        return sorted(
            {kind for row in self._evidence["assembly"]["routines"] for kind in row["theorems"]}
        )

    def bars(self, row: dict[str, Any]) -> list[Bar]:
        """The values of one benchmark on an equal scale."""
        named = [("contig", "contig", "bar"), ("Go", "go", "bar2"), ("floor", "floor", "bar3")]
        known = [(name, colour, row[key]) for name, key, colour in named if row[key] is not None]
        largest = max(value for _, _, value in known)
        return [
            Bar(name, colour, value, BAR_WIDTH * value / largest if largest else 0.0)
            for name, colour, value in known
        ]
