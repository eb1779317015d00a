"""core.py: the verified core: functions, contracts, proofs, vocabulary, and who uses whom."""
from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass, field
from collections.abc import Iterable

from contig import c_reader
from contig.traceability.chapters import ClauseRef
from contig.traceability.tree import Tree, called_in, is_test, tags_in

FOLDERS = ("src/core", "proofs/laws")
Node = tuple[str, str]  # ("function" or "word", name)


@dataclass
class Clause:
    """One clause of a contract, where it stands."""

    label: str
    text: str
    path: str
    line: int


@dataclass
class CoreFunction:
    """A function of the core, ghost, static or neither; its header and its source are one."""

    name: str
    path: str
    line: int
    unit: str
    ghost: bool
    static: bool
    contract: str = ""
    comment: str = ""
    body: str = ""
    defined: bool = False
    clauses: dict[str, Clause] = field(default_factory=dict)
    goals: int = 0  # recorded goals; 0: no proof is recorded
    tags: list[str] = field(default_factory=list)
    spans: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def is_law(self) -> bool:
        return self.name.startswith("law_")


@dataclass
class Word:
    """A predicate or a logic function of the vocabulary."""

    name: str
    path: str
    line: int
    text: str
    tags: list[str] = field(default_factory=list)


class Core:
    """Everything that is proved, and what the proof is written in."""

    def __init__(self, tree: Tree) -> None:
        self.findings: list[str] = []
        self.functions: dict[str, CoreFunction] = {}
        self.words: dict[str, Word] = {}
        self.targets = proof_targets(tree)
        self.recorded: dict[str, dict[str, str]] = tree.json("proofs/contracts.json").get(
            "contracts", {}
        )
        self._read(tree)
        self._prove(tree.json("proofs/goals.json"))
        self.used: dict[Node, set[Node]] = {}
        self.users: dict[Node, set[Node]] = {}
        self.calls: dict[str, set[str]] = {}  # what runs: no ghost code
        self._relate()

    def _read(self, tree: Tree) -> None:
        paths = [
            path
            for folder in FOLDERS
            for path in tree.files(folder, ".h", ".c")
            if not is_test(path)
        ]
        for path in paths:
            for one in tree.functions(path):
                self._add(path, one)
        for path in paths + tree.files("spec", ".acsl"):
            for word in tree.definitions(path):
                if word.name in self.words:
                    self.findings.append(
                        "%s:%d: %s is defined in %s, too"
                        % (path, word.line, word.name, self.words[word.name].path)
                    )
                self.words[word.name] = Word(
                    word.name, path, word.line, word.text, tags_in(word.comment)
                )

    def _add(self, path: str, one: c_reader.Function) -> None:
        unit = os.path.splitext(os.path.basename(path))[0]
        clauses = {
            label: Clause(label, text, path, one.clause_lines.get(label, one.line))
            for label, text in one.clauses.items()
        }
        known = self.functions.get(one.name)
        if known is None:
            known = CoreFunction(one.name, path, one.line, unit, one.ghost, one.static)
            self.functions[one.name] = known
        elif one.defined and known.defined:
            self.findings.append(
                "%s:%d: %s has a body in unit %s, too" % (path, one.line, one.name, known.unit)
            )
        if one.defined:
            known.unit, known.defined = unit, True
        if clauses and not known.clauses:
            known.path, known.line, known.clauses, known.contract = (
                path,
                one.line,
                clauses,
                one.contract,
            )
        known.comment += "\n" + one.comment
        known.body += one.body
        known.tags = tags_in(known.comment)
        known.spans += [(path, first, last) for first, last in one.spans]

    def _prove(self, goals: dict[str, dict[str, int]]) -> None:
        for one in self.functions.values():
            one.goals = goals.get(one.unit, {}).get(one.name, 0)

    def proved(self, name: str) -> bool:
        """Is the function proved: goals are recorded, and its unit has a proof target?"""
        one = self.functions.get(name)
        return one is not None and one.goals > 0 and one.unit in self.targets

    def unproved(self, one: CoreFunction) -> str:
        """Why a function counts as not proved, in one sentence; empty if it is."""
        if one.unit not in self.targets:
            return "%s is not proved: unit %s has no proof target" % (one.name, one.unit)
        if one.goals == 0:
            return "%s is not proved: proofs/goals.json has no goals of it" % one.name
        return ""

    def clause(self, ref: ClauseRef) -> Clause | None:
        """The clause that is named; None if there is none."""
        one = self.functions.get(ref.function)
        return one.clauses.get(ref.label) if one else None

    def wrong(self, ref: ClauseRef) -> str:
        """Why a clause is no evidence, in one sentence; empty if it is."""
        one = self.functions.get(ref.function)
        if one is None:
            return "there is no function %s in the core" % ref.function
        if ref.label not in one.clauses:
            return "%s has no clause '%s'; it has %s" % (
                ref.function,
                ref.label,
                ", ".join("'%s'" % label for label in one.clauses) or "none",
            )
        if not self.proved(ref.function):
            return self.unproved(one)
        if ref.label not in self.recorded.get(ref.function, {}):
            return "%s.%s is not recorded in proofs/contracts.json" % (ref.function, ref.label)
        for word in ref.words:
            if word not in self.words:
                return "there is no definition of %s" % word
            if ("word", word) not in self.reach_of_text(one.clauses[ref.label].text):
                return "%s does not say %s, in itself or by a definition" % (ref.name, word)
        return ""

    # ---- Who uses whom

    def _relate(self) -> None:
        for function in self.functions.values():
            named = self._named(function.contract + "\n" + function.body, ghosts_and_calls=True)
            self._link(("function", function.name), named)
            self.calls[function.name] = (
                set()
                if function.ghost
                else {
                    name
                    for name in called_in(function.body)
                    if name in self.functions and name != function.name
                }
            )
        for word in self.words.values():
            self._link(("word", word.name), self._named(word.text, ghosts_and_calls=False))

    def _link(self, user: Node, named: Iterable[Node]) -> None:
        self.used[user] = {node for node in named if node != user}
        for node in self.used[user]:
            self.users.setdefault(node, set()).add(user)

    def _named(self, text: str, ghosts_and_calls: bool) -> set[Node]:
        found: set[Node] = {("word", name) for name in c_reader.words(text) if name in self.words}
        if ghosts_and_calls:
            found |= {
                ("function", name)
                for name in re.findall(r"\b([a-z_]\w*)\s*\(", text)
                if name in self.functions and name not in self.words
            }
        return found

    def reach_of_text(self, text: str) -> set[Node]:
        """The words that a text says, itself or through their definitions."""
        waiting = list(self._named(text, ghosts_and_calls=False))
        found: set[Node] = set(waiting)
        while waiting:
            for node in self.used.get(waiting.pop(), set()):
                if node not in found:
                    found.add(node)
                    waiting.append(node)
        return found

    def callees(self, names: Iterable[str]) -> set[str]:
        """The functions of the core that run when these are called, themselves included."""
        waiting = [
            name for name in names if name in self.functions and not self.functions[name].ghost
        ]
        found = set(waiting)
        while waiting:
            for name in self.calls[waiting.pop()] - found:
                found.add(name)
                waiting.append(name)
        return found

    def callers(self, names: Iterable[str]) -> set[str]:
        """The functions that stand on these, themselves included."""
        waiting = list(names)
        found = set(waiting)
        while waiting:
            for kind, name in self.users.get(("function", waiting.pop()), set()):
                if kind == "function" and name not in found:
                    found.add(name)
                    waiting.append(name)
        return found


def proof_targets(tree: Tree) -> set[str]:
    """The units with a proof target: the list PROVED in proofs/BUILD."""
    if not tree.exists("proofs/BUILD"):
        return set()
    match = re.search(r"^PROVED\s*=\s*(\[.*?\])", tree.read("proofs/BUILD"), flags=re.M | re.S)
    return set(ast.literal_eval(match.group(1))) if match else set()
