"""claims.py: the tables of SOUNDNESS.md: what is assumed, and which clause says each claim."""
from __future__ import annotations

import re
from dataclasses import dataclass


from contig.traceability.chapters import ClauseRef, clause_refs
from contig.traceability.graph import Graph
from contig.traceability.tree import Tree, source_of

AREAS = ("SPEC", "MODEL", "PROVER", "COMPILER", "ASSEMBLY", "RUNTIME", "CONCURRENCY")
LONGEST_CLAIM = 20
_CLAIMS_HEAD = "| claim (README.md) | clauses | gate |"
_EVERY_CLAUSE = "every clause in `proofs/contracts.json`"
_CLAIM_COLUMNS = "| What is claimed | What is not proved |"


@dataclass
class Assumption:
    """A row on what is taken for granted."""

    id: str
    line: int
    assumed: str
    watched: str
    breaks: str


@dataclass
class Claim:
    """A row on a sentence of README.md: the clauses that say it, the gate that watches them."""

    line: int
    sentence: str
    clauses: list[ClauseRef]
    whole: bool  # every recorded clause says it
    gate: str


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def assumptions(tree: Tree) -> list[Assumption]:
    """The rows ASSUME-... of SOUNDNESS.md."""
    found = []
    for number, line in enumerate(tree.read("SOUNDNESS.md").splitlines(), 1):
        if line.startswith("| ASSUME-"):
            cells = _cells(line) + ["", "", ""]
            found.append(Assumption(cells[0], number, cells[1], cells[2], cells[3]))
    return found


def claims(tree: Tree) -> list[Claim]:
    """The rows of the table of claims in SOUNDNESS.md."""
    lines = tree.read("SOUNDNESS.md").splitlines()
    if _CLAIMS_HEAD not in lines:
        return []
    first = lines.index(_CLAIMS_HEAD) + 2
    found = []
    for number, line in enumerate(lines[first:], first + 1):
        if not line.startswith("|"):
            break
        cells = _cells(line) + ["", ""]
        whole = cells[1] == _EVERY_CLAUSE
        found.append(Claim(number, cells[0], clause_refs(cells[1]), whole, cells[2]))
    return found


def claimed(tree: Tree) -> list[str]:
    """The sentences of the first column of README.md's table of claims."""
    lines = tree.read("README.md").splitlines()
    if _CLAIM_COLUMNS not in lines:
        return []
    found: list[str] = []
    for line in lines[lines.index(_CLAIM_COLUMNS) + 2 :]:
        if not line.startswith("|"):
            break
        found += re.findall(r"[^.]*(?:\.(?!\s|$)[^.]*)*\.", _cells(line)[0].replace("**", ""))
    return [" ".join(sentence.split()) for sentence in found]


def _gate_exists(tree: Tree, gate: str) -> bool:
    """Does a gate name a Bazel target or a file that exists?"""
    names = re.findall(r"`([^`]+)`", gate)
    return bool(names) and all(_exists(tree, name.split()[-1]) for name in names)


def _exists(tree: Tree, name: str) -> bool:
    if not name.startswith("//"):
        return tree.exists(name)
    package, target = source_of(name)
    path = package + "/BUILD"
    if not tree.exists(path):
        return False
    stem = re.sub(r"_test$", "", target)
    return any('"%s"' % one in tree.read(path) for one in (target, stem))


def gaps(graph: Graph) -> list[str]:
    """Rows that are not filled, claims without a clause, clauses or gates that do not exist."""
    return _assumption_gaps(graph.tree) + _claim_gaps(graph) + _theorem_gaps(graph)


def _assumption_gaps(tree: Tree) -> list[str]:
    rows = assumptions(tree)
    findings = [
        "SOUNDNESS.md:%d: %s does not say what is assumed, what watches it, and what breaks"
        % (one.line, one.id)
        for one in rows
        if not (one.assumed and one.watched and one.breaks)
    ]
    known = [one.id for one in rows]
    findings += [
        "SOUNDNESS.md: %s stands there twice" % one
        for one in sorted(set(known))
        if known.count(one) > 1
    ]
    findings += [
        "SOUNDNESS.md: no assumption ASSUME-%s-n" % area
        for area in AREAS
        if not any(one.startswith("ASSUME-%s-" % area) for one in known)
    ]
    return findings


def _claim_gaps(graph: Graph) -> list[str]:
    rows, said = claims(graph.tree), claimed(graph.tree)
    findings = []
    if not rows:
        findings.append("SOUNDNESS.md: no table '%s'" % _CLAIMS_HEAD)
    if not said:
        findings.append("README.md: no table '%s'" % _CLAIM_COLUMNS)
    for one in rows:
        where = "SOUNDNESS.md:%d" % one.line
        if one.sentence not in said:
            findings.append("%s: README.md does not claim '%s'" % (where, one.sentence))
        if not one.clauses and not one.whole:
            findings.append("%s: no clause says '%s'" % (where, one.sentence))
        findings += [
            "%s: %s" % (where, wrong) for wrong in map(graph.core.wrong, one.clauses) if wrong
        ]
        if not _gate_exists(graph.tree, one.gate):
            findings.append("%s: the gate '%s' is no target and no file" % (where, one.gate))
    for sentence in said:
        if sentence not in [one.sentence for one in rows]:
            findings.append(
                "README.md claims '%s', and SOUNDNESS.md names no clause for it" % sentence
            )
        if len(sentence.split()) > LONGEST_CLAIM:
            findings.append(
                "README.md: a claim of more than %d words: '%s'" % (LONGEST_CLAIM, sentence)
            )
    return findings


def _theorem_gaps(graph: Graph) -> list[str]:
    """The theorems of the report rest on requirements that are proved."""
    findings = []
    for one in graph.tree.json("ci/report/theorems.json") or []:
        for identity in one["requirements"]:
            known = graph.requirements.get(identity)
            if known is None:
                findings.append("ci/report/theorems.json: %s is no requirement" % identity)
            elif graph.status(known) != "proved":
                findings.append(
                    "ci/report/theorems.json: '%s' rests on %s, which is not proved"
                    % (one["title"], identity)
                )
    return findings
