"""gaps.py: what is missing between requirements and evidence, each in a sentence."""
from __future__ import annotations

import re


from contig.traceability import claims
from contig.traceability.chapters import Requirement
from contig.traceability.core import Node
from contig.traceability.graph import Graph

LEAST_REQUIREMENTS = 60
LONGEST = 420
_TAGGED_TESTS = ("src/core/", "src/runtime/")


def gaps(graph: Graph) -> list[str]:
    """Everything that is missing; an empty list is a good answer."""
    findings = list(graph.findings)
    for one in graph.requirements.values():
        # A function that is not proved is no proof of any of its clauses: once is enough.
        findings += list(dict.fromkeys(_requirement_gaps(graph, one)))
    if len(graph.requirements) < LEAST_REQUIREMENTS:
        findings.append(
            "%d requirements; the specification promises at least %d"
            % (len(graph.requirements), LEAST_REQUIREMENTS)
        )
    return (
        findings
        + _tag_gaps(graph)
        + _core_gaps(graph)
        + _test_gaps(graph)
        + _trace_table_gaps(graph)
        + claims.gaps(graph)
    )


def _requirement_gaps(graph: Graph, one: Requirement) -> list[str]:
    where = "%s (%s:%d)" % (one.id, one.chapter, one.line)
    evidence = graph.evidence(one)
    findings = []
    if one.missing:
        findings.append("%s: no clause says yet: %s" % (where, one.missing))
    if one.proof and not one.clauses and not one.missing:
        findings.append("%s: claims 'proof', and names no clause" % where)
    findings += ["%s: %s" % (where, wrong) for wrong in map(graph.core.wrong, one.clauses) if wrong]
    findings += ["%s: %s" % (where, wrong) for wrong in map(graph.wrong_claim, one.models) if wrong]
    for kind, found, what in (
        ("test", evidence.tests, "test"),
        ("fuzz", evidence.oracles, "oracle"),
        ("trace", evidence.rules, "rule"),
    ):
        if kind in one.kinds and not found:
            findings.append("%s: claims '%s', and no %s names it" % (where, kind, what))
    if not (one.proof or one.kinds or one.planned or one.missing):
        findings.append("%s: no evidence at all" % where)
    if not one.text.rstrip().endswith((".", "?")):
        findings.append("%s: its text is no sentence" % where)
    if not one.id.startswith("GO-") and len(one.text) > LONGEST:
        findings.append("%s: longer than one sentence may be" % where)
    return findings


def _tag_gaps(graph: Graph) -> list[str]:
    """Tags that mean nothing."""
    known = graph.requirements
    findings = []
    core = [
        (one.path, one.line, one.name, one.tags)
        for one in list(graph.core.functions.values()) + list(graph.core.words.values())
    ]
    found = graph.places
    for place in found.tests + found.oracles + found.rules + found.code + found.defects:
        core.append((place.path, place.line, place.name, place.tags))
    for path, line, name, tags in core:
        findings += [
            "%s:%d: %s names %s, which is no requirement" % (path, line, name, tag)
            for tag in tags
            if tag not in known
        ]
    return findings


def _core_gaps(graph: Graph) -> list[str]:
    """Functions and words that no requirement needs, and functions that nobody proves."""
    findings = []
    for one in graph.core.functions.values():
        where = "%s:%d" % (one.path, one.line)
        if not graph.core.proved(one.name):
            findings.append("%s: %s" % (where, graph.core.unproved(one)))
        if not _needed(graph, ("function", one.name)):
            findings.append(
                "%s: the contract of %s names no requirement, and nothing that does uses it"
                % (where, one.name)
            )
    for word in graph.core.words.values():
        if not _needed(graph, ("word", word.name)):
            findings.append(
                "%s:%d: the definition of %s names no requirement, and nothing that does uses it"
                % (word.path, word.line, word.name)
            )
    return findings


def _needed(graph: Graph, node: Node) -> bool:
    return bool(graph.requirements_of(node))


def _test_gaps(graph: Graph) -> list[str]:
    tagged = {place.path for place in graph.places.tests}
    return [
        "%s: a test of requirements that names none" % path
        for path in graph.places.test_files
        if path.startswith(_TAGGED_TESTS) and path.endswith(".c") and path not in tagged
    ]


def _trace_table_gaps(graph: Graph) -> list[str]:
    """spec/trace.md lists exactly the requirements with evidence 'trace'."""
    listed = set(re.findall(r"^\| ([A-Z]+-\d+) \|", graph.tree.read("spec/trace.md"), flags=re.M))
    claimed = {one.id for one in graph.requirements.values() if "trace" in one.kinds}
    return [
        "spec/trace.md: %s is listed, and its chapter does not claim 'trace'" % one
        for one in sorted(listed - claimed)
    ] + [
        "spec/trace.md: %s claims 'trace', and is not listed" % one
        for one in sorted(claimed - listed)
    ]
