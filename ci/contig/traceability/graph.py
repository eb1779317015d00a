"""graph.py: from requirements to their evidence, and from functions and words to requirements."""
from __future__ import annotations

import os
import re
from dataclasses import dataclass


from contig import promela
from contig.tool import Problem
from contig.traceability import chapters, places
from contig.traceability.chapters import ClauseRef, Requirement
from contig.traceability.core import Core, CoreFunction, Node, Word
from contig.traceability.places import Place
from contig.traceability.tree import Tree

STATUSES = ("proved", "tested", "replayed", "planned")


@dataclass
class Evidence:
    """All that speaks for one requirement."""

    functions: list[CoreFunction]  # those of its clauses, and those whose comment names it
    words: list[Word]
    tests: list[Place]
    oracles: list[Place]
    rules: list[Place]
    models: list[Place]  # claims of models of the protocol
    defects: list[Place]
    code: list[Place]


class Graph:
    """The requirements of a checkout and everything that is tied to them."""

    def __init__(self, root: str) -> None:
        self.tree = Tree(root)
        self.findings: list[str] = []
        self.requirements: dict[str, Requirement] = chapters.requirements(self.tree, self.findings)
        self.core = Core(self.tree)
        self.findings += self.core.findings
        self.places = places.survey(self.tree, self.core)
        self.models = self._read_models()
        self.direct: dict[Node, set[str]] = {}
        self._tie()
        self._evidence: dict[str, Evidence] = {}

    def _read_models(self) -> dict[str, promela.Model]:
        """{name: model} of spec/model."""
        found = {}
        for path in self.tree.files("spec/model", ".pml"):
            name = os.path.basename(path)[: -len(".pml")]
            text = self.tree.read(path)
            if promela.is_model(text):
                try:
                    found[name] = promela.parse(name, path, text)
                except Problem as problem:
                    self.findings.append(str(problem))
        return found

    def wrong_claim(self, ref: ClauseRef) -> str:
        """Why a claim of a model is none; nothing if it is one."""
        if ref.function not in self.models:
            return "there is no model %s" % ref.function
        if ref.label not in self.models[ref.function].claims():
            return "the model %s has no claim %s" % (ref.function, ref.label)
        return ""

    def _claim(self, ref: ClauseRef) -> Place:
        """Where a claim of a model stands; that there is no deadlock stands nowhere."""
        path = self.models[ref.function].path
        text = self.tree.read(path)
        declared = re.search(r"^(?:hidden byte|ltl) %s\b" % re.escape(ref.label), text, flags=re.M)
        line = text.count("\n", 0, declared.start()) + 1 if declared else 1
        return Place(ref.name, path, line, [], "//spec/model:models_test")

    def _tie(self) -> None:
        """What names a requirement itself, or is named by one."""
        for function in self.core.functions.values():
            self.direct.setdefault(("function", function.name), set()).update(function.tags)
        for word in self.core.words.values():
            self.direct.setdefault(("word", word.name), set()).update(word.tags)
        for one in self.requirements.values():
            for ref in one.clauses:
                self.direct.setdefault(("function", ref.function), set()).add(one.id)
                for name in ref.words:
                    self.direct.setdefault(("word", name), set()).add(one.id)

    def requirements_of(self, node: Node) -> list[tuple[str, str]]:
        """(requirement, via what) of a function or a word; via is empty for what names it itself.

        What names none follows from the nearest that uses it and does: callers, contracts.
        """
        own = self.direct.get(node, set())
        if own:
            return [(identity, "") for identity in self.in_order(own)]
        found: dict[str, str] = {}
        waiting, seen = [node], {node}
        while waiting:
            for user in sorted(self.core.users.get(waiting.pop(0), set()) - seen):
                seen.add(user)
                for identity in self.direct.get(user, set()):
                    found.setdefault(identity, user[1])
                if not self.direct.get(user):
                    waiting.append(user)
        return [(identity, found[identity]) for identity in self.in_order(found)]

    def in_order(self, identities: "set[str] | dict[str, str]") -> list[str]:
        """Requirements in the order of the chapters; what is none comes last."""
        known = {identity: number for number, identity in enumerate(self.requirements)}
        return sorted(identities, key=lambda one: (known.get(one, len(known)), one))

    def status(self, one: Requirement) -> str:
        """proved, tested, replayed or planned: the strongest that the evidence gives."""
        if (
            one.proof
            and one.clauses
            and not one.missing
            and not any(map(self.core.wrong, one.clauses))
        ):
            return "proved"
        if "test" in one.kinds or "fuzz" in one.kinds:
            return "tested"
        return "replayed" if "trace" in one.kinds else "planned"

    def counts(self) -> dict[str, list[str]]:
        """{status: requirements}, each status named."""
        found: dict[str, list[str]] = {status: [] for status in STATUSES}
        for one in self.requirements.values():
            found[self.status(one)].append(one.id)
        return found

    def evidence(self, one: Requirement) -> Evidence:
        """All that speaks for a requirement, by kind."""
        if one.id not in self._evidence:
            self._evidence[one.id] = self._found(one)
        return self._evidence[one.id]

    def _found(self, one: Requirement) -> Evidence:
        functions = [
            function
            for function in self.core.functions.values()
            if one.id in self.direct[("function", function.name)]
        ]
        words = [
            word for word in self.core.words.values() if one.id in self.direct[("word", word.name)]
        ]
        names = {function.name for function in functions}
        code = _with(self.places.code, one.id)
        concerned = names | {place.name for place in code}
        defects = [
            place
            for place in self.places.defects
            if one.id in place.tags or concerned & set(place.functions)
        ]
        return Evidence(
            functions,
            words,
            _with(self.places.tests, one.id),
            _with(self.places.oracles, one.id),
            _with(self.places.rules, one.id),
            [self._claim(ref) for ref in one.models if not self.wrong_claim(ref)],
            defects,
            code,
        )


def _with(found: list[Place], identity: str) -> list[Place]:
    return [place for place in found if identity in place.tags]
