"""report.py: the part of evidence.json on requirements, functions, claims and assumptions."""
from __future__ import annotations

from typing import Any

from contig.c_reader import plain
from contig.traceability import claims, gaps
from contig.traceability.chapters import Requirement
from contig.traceability.core import CoreFunction, proof_targets
from contig.traceability.graph import Graph
from contig.traceability.places import Place
from contig.traceability.tree import Tree


def proof_units(root: str) -> set[str]:
    """The units that have a proof target."""
    return proof_targets(Tree(root))


def evidence(root: str) -> dict[str, Any]:
    """What the checkout says of itself; nothing is proved or run for it."""
    graph = Graph(root)
    return {
        "gaps": gaps.gaps(graph),
        "counts": {status: len(found) for status, found in graph.counts().items()},
        "requirements": [_requirement(graph, one) for one in graph.requirements.values()],
        "functions": [_function(graph, one) for one in graph.core.functions.values()],
        "claims": [
            {
                "sentence": one.sentence,
                "clauses": [ref.name for ref in one.clauses] or ["every clause"],
                "gate": one.gate,
            }
            for one in claims.claims(graph.tree)
        ],
        "assumptions": [
            {"id": one.id, "assumed": one.assumed, "watched": one.watched, "breaks": one.breaks}
            for one in claims.assumptions(graph.tree)
        ],
    }


def _requirement(graph: Graph, one: Requirement) -> dict[str, Any]:
    found = graph.evidence(one)
    listed = {
        "clauses": [_clause(graph, ref.name) for ref in one.clauses],
        "functions": ["%s|%s|%d|" % (f.name, f.path, f.line) for f in found.functions],
        "tests": list(map(_place, found.tests)),
        "oracles": list(map(_place, found.oracles)),
        "rules": list(map(_place, found.rules)),
        "models": list(map(_place, found.models)),
        "defects": list(map(_place, found.defects)),
    }
    return {
        "id": one.id,
        "text": one.text,
        "source": one.source,
        "chapter": one.chapter,
        "line": one.line,
        "status": graph.status(one),
        "planned": one.planned or None,
        "missing": one.missing or None,
        "kinds": (["proof"] if one.proof else []) + (["model"] if one.models else []) + one.kinds,
        "evidence": {key: entries for key, entries in listed.items() if entries},
    }


def _clause(graph: Graph, name: str) -> str:
    """ "function.label|file|line|function": a clause as the page shows it."""
    function, _, label = name.partition(".")
    known = graph.core.functions.get(function)
    clause = known.clauses.get(label) if known else None
    return "%s|%s|%d|%s" % (
        name,
        clause.path if clause else "",
        clause.line if clause else 0,
        function,
    )


def _place(place: Place) -> str:
    return "%s|%s|%d|%s" % (place.name, place.path, place.line, place.target)


def _function(graph: Graph, one: CoreFunction) -> dict[str, Any]:
    needed = graph.requirements_of(("function", one.name))
    return {
        "name": one.name,
        "file": one.path,
        "line": one.line,
        "unit": one.unit,
        "target": graph.core.proved(one.name),
        "requirements": [identity for identity, _ in needed if identity in graph.requirements],
        "via": sorted({via for _, via in needed if via}),
        "says": plain(one.comment),
        "contract": one.contract,
    }
