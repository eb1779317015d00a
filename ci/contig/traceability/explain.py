"""explain.py: what `ci/explain` says of a requirement, a function, a word or an assumption."""
from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from contig.traceability import claims, places
from contig.traceability.chapters import ClauseRef, Requirement
from contig.traceability.core import CoreFunction, Node, Word
from contig.traceability.graph import Graph
from contig.traceability.places import Place

Answer = dict[str, Any]
Rows = list[tuple[str, list[str]]]
_Named = TypeVar("_Named", CoreFunction, Word)


class Explainer:
    """Answers questions on one checkout; nothing is built and nothing is proved for it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        tests = graph.places.test_files
        self._test_runs = places.runs(graph.tree, graph.core, tests)
        self._fuzz_runs = places.runs(graph.tree, graph.core, places.harness_files(graph.tree))

    def names(self) -> list[tuple[str, str]]:
        """(name, a line on it) of everything that can be explained."""
        core = self.graph.core
        found = [(one.id, one.text) for one in self.graph.requirements.values()]
        found += [(one.name, "%s:%d" % (one.path, one.line)) for one in _by_name(core.functions)]
        found += [
            (one.name, "%s:%d" % (one.path, one.line))
            for one in _by_name(core.words)
            if one.name not in core.functions
        ]
        return found + [(one.id, one.assumed) for one in claims.assumptions(self.graph.tree)]

    def family(self, name: str) -> list[Requirement]:
        """The requirements of a chapter's prefix, COPY for instance."""
        return [
            one
            for one in self.graph.requirements.values()
            if one.id.rsplit("-", 1)[0] == name.upper()
        ]

    def answer(self, name: str) -> Answer | None:
        """What is known of a name; None if there is nothing of that name."""
        requirement = self.graph.requirements.get(name.upper())
        if requirement:
            return self.requirement(requirement)
        for assumption in claims.assumptions(self.graph.tree):
            if assumption.id == name.upper():
                return {
                    "kind": "assumption",
                    "name": assumption.id,
                    "text": assumption.assumed,
                    "watched": assumption.watched,
                    "breaks": assumption.breaks,
                    "place": "SOUNDNESS.md:%d" % assumption.line,
                }
        if name in self.graph.core.functions:
            return self.function(self.graph.core.functions[name])
        return self.word(self.graph.core.words[name]) if name in self.graph.core.words else None

    # ---- Requirement

    def requirement(self, one: Requirement) -> Answer:
        """The sentence, its source, and everything that speaks for it."""
        evidence = self.graph.evidence(one)
        return {
            "kind": "requirement",
            "name": one.id,
            "text": one.text,
            "place": "%s:%d" % (one.chapter, one.line),
            "source": one.source,
            "status": self.graph.status(one),
            "planned": one.planned or None,
            "missing": one.missing or None,
            "clauses": [self._clause(ref) for ref in one.clauses],
            "functions": [self._proof(function) for function in evidence.functions],
            "words": [_where(word) for word in evidence.words],
            "tests": [_at(place) for place in evidence.tests],
            "oracles": [_at(place) for place in evidence.oracles],
            "rules": [_at(place) for place in evidence.rules],
            "models": [_at(place) for place in evidence.models],
            "defects": [_defect(place) for place in evidence.defects],
            "code": [_at(place) for place in evidence.code],
        }

    def _clause(self, ref: ClauseRef) -> dict[str, Any]:
        clause = self.graph.core.clause(ref)
        return {
            "name": ref.name,
            "words": list(ref.words),
            "text": clause.text if clause else None,
            "place": "%s:%d" % (clause.path, clause.line) if clause else None,
        }

    def _proof(self, one: CoreFunction) -> dict[str, Any]:
        return {
            "name": one.name,
            "place": "%s:%d" % (one.path, one.line),
            "proof": "//proofs:" + one.unit,
            "goals": one.goals,
            "proved": self.graph.core.proved(one.name),
        }

    # ---- Function and word

    def function(self, one: CoreFunction) -> Answer:
        """A function of the core: contract, proof, and the requirements that it is there for."""
        node: Node = ("function", one.name)
        answer = self._needs(node)
        answer.update(
            {
                "kind": "function",
                "name": one.name,
                "place": "%s:%d" % (one.path, one.line),
                "what": "law" if one.is_law else "ghost function" if one.ghost else "function",
                "contract": [
                    {"label": clause.label, "text": clause.text, "line": clause.line}
                    for clause in one.clauses.values()
                ],
                "proof": self._proof(one),
                "words": sorted(
                    name for kind, name in self.graph.core.used[node] if kind == "word"
                ),
                "run_by_tests": _targets(self._test_runs.get(one.name, [])),
                "run_by_oracles": _targets(self._fuzz_runs.get(one.name, [])),
            }
        )
        answer["defects"] += [
            _defect(place)
            for place in self.graph.places.defects
            if one.name in place.functions and _defect(place) not in answer["defects"]
        ]
        return answer

    def word(self, one: Word) -> Answer:
        """A predicate or logic function, and what it is said for."""
        node: Node = ("word", one.name)
        answer = self._needs(node)
        answer.update(
            {
                "kind": "word",
                "name": one.name,
                "place": "%s:%d" % (one.path, one.line),
                "text": one.text,
                "used_by": sorted(name for _, name in self.graph.core.users.get(node, set())),
            }
        )
        return answer

    def _needs(self, node: Node) -> Answer:
        """The requirements of a function or a word, and what tests and oracles decide of them."""
        needed = [
            (self.graph.requirements[identity], via)
            for identity, via in self.graph.requirements_of(node)
            if identity in self.graph.requirements
        ]
        found = [self.graph.evidence(one) for one, _ in needed]
        return {
            "requirements": [
                {
                    "id": one.id,
                    "text": one.text,
                    "via": via or None,
                    "status": self.graph.status(one),
                }
                for one, via in needed
            ],
            "tests": _unique([_at(place) for one in found for place in one.tests]),
            "oracles": _unique([_at(place) for one in found for place in one.oracles]),
            "rules": _unique([_at(place) for one in found for place in one.rules]),
            "defects": _unique(
                [
                    _defect(place)
                    for one in found
                    for place in one.defects
                    if node[0] == "word" or node[1] in place.functions
                ]
            ),
        }


def _by_name(found: Mapping[str, _Named]) -> list[_Named]:
    return [found[name] for name in sorted(found)]


def _unique(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return kept


def _targets(found: Sequence[tuple[str, str]]) -> list[str]:
    targets: dict[str, set[str]] = {}
    for target, name in found:
        targets.setdefault(target, set()).add(name)
    return ["%s  %s" % (target, ", ".join(sorted(targets[target]))) for target in sorted(targets)]


def _where(word: Word) -> dict[str, Any]:
    return {"name": word.name, "place": "%s:%d" % (word.path, word.line)}


def _at(place: Place) -> dict[str, Any]:
    return {"name": place.name, "place": "%s:%d" % (place.path, place.line), "target": place.target}


def _defect(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "place": place.path,
        "what": place.what,
        "detected_by": place.target,
    }


# ---- Text


def text_of(answer: Answer) -> str:
    """An answer as a person reads it."""
    writer = {
        "requirement": _requirement_text,
        "function": _function_text,
        "word": _word_text,
        "assumption": _assumption_text,
    }[answer["kind"]]
    return writer(answer)


def _table(rows: Rows) -> list[str]:
    """Each row with its label once; empty rows are left out."""
    return [
        "%-12s %s" % (label if number == 0 else "", entry)
        for label, entries in rows
        for number, entry in enumerate(entries)
    ]


def _requirement_text(answer: Answer) -> str:
    status = answer["status"] + (": " + answer["planned"] if answer["planned"] else "")
    rows: Rows = [
        ("chapter", [answer["place"]]),
        ("source", [answer["source"]]),
        ("status", [status]),
        ("missing", [answer["missing"]] if answer["missing"] else []),
        ("clause", [line for clause in answer["clauses"] for line in _clause_lines(clause)]),
        ("function", [_proof_line(one) for one in answer["functions"]]),
        ("word", [_place_line(one) for one in answer["words"]]),
    ]
    return (
        "\n".join(
            textwrap.wrap("%s  %s" % (answer["name"], answer["text"]), 110)
            + [""]
            + _table(
                rows
                + _evidence_rows(answer)
                + [("code", [_place_line(one) for one in answer["code"]])]
            )
        )
        + "\n"
    )


def _clause_lines(clause: dict[str, Any]) -> list[str]:
    said = " says " + ", ".join(clause["words"]) if clause["words"] else ""
    lines = ["%s (%s)%s" % (clause["name"], clause["place"] or "there is none", said)]
    return lines + ["    " + line for line in textwrap.wrap(clause["text"] or "", 96)]


def _proof_line(one: dict[str, Any]) -> str:
    proof = "%s, %d goals" % (one["proof"], one["goals"]) if one["proved"] else "not proved"
    return "%s (%s)  %s" % (one["name"], one["place"], proof)


def _place_line(one: dict[str, Any]) -> str:
    return ("%s  " % one["target"] if one.get("target") else "") + "%s (%s)" % (
        one["name"],
        one["place"],
    )


def _evidence_rows(answer: Answer) -> Rows:
    return [
        ("test", [_place_line(one) for one in answer["tests"]]),
        ("fuzz oracle", [_place_line(one) for one in answer["oracles"]]),
        ("trace rule", [_place_line(one) for one in answer["rules"]]),
        ("model", [_place_line(one) for one in answer.get("models", [])]),
        (
            "defect",
            [
                "%s: %s (detected by %s)" % (one["name"], one["what"], one["detected_by"])
                for one in answer["defects"]
            ],
        ),
    ]


def _needs_rows(answer: Answer) -> Rows:
    return [
        (
            "requirement",
            [
                "%s%s  %s"
                % (one["id"], " (via %s)" % one["via"] if one["via"] else "", one["text"])
                for one in answer["requirements"]
            ],
        )
    ]


def _function_text(answer: Answer) -> str:
    lines = ["%s  %s  %s" % (answer["name"], answer["place"], answer["what"]), ""]
    for clause in answer["contract"]:
        lines += textwrap.wrap(
            clause["text"] + ";", 110, initial_indent="    ", subsequent_indent="        "
        )
    rows = _needs_rows(answer) + [
        ("proof", [_proof_line(answer["proof"])]),
        ("word", [", ".join(answer["words"])] if answer["words"] else []),
    ]
    rows += _evidence_rows(answer) + [
        ("run by test", answer["run_by_tests"]),
        ("run by fuzz", answer["run_by_oracles"]),
    ]
    return "\n".join(lines + [""] + _table(rows)) + "\n"


def _word_text(answer: Answer) -> str:
    lines = ["%s  %s" % (answer["name"], answer["place"]), "", "    " + answer["text"], ""]
    return (
        "\n".join(
            lines
            + _table(
                _needs_rows(answer) + [("used by", answer["used_by"])] + _evidence_rows(answer)
            )
        )
        + "\n"
    )


def _assumption_text(answer: Answer) -> str:
    return (
        "\n".join(
            ["%s  %s" % (answer["name"], answer["text"]), ""]
            + _table(
                [
                    ("watched by", [answer["watched"]]),
                    ("if false", [answer["breaks"]]),
                    ("chapter", [answer["place"]]),
                ]
            )
        )
        + "\n"
    )
