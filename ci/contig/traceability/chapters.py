"""chapters.py: the requirements of spec/*.md, and the evidence that each says it has.

    *Source: Go 1.19 `copystack`. Evidence: proof: `copystack.ensures moved` (`relocated`); test.*

A proof names clauses of contracts, in the labels of proofs/contracts.json.  Words in brackets are
those of the vocabulary that the clause must say, itself or through its definitions.
"missing: ..." says what no clause states yet.  "model: `channel.slot_live`" names claims of the models in spec/model.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field


from contig.traceability.tree import Tree

KINDS = ("test", "fuzz", "trace")
_REQUIREMENT = re.compile(
    r"^### (?P<id>[A-Z]+-\d+)\n(?P<text>.*?)\n\n"
    r"\*Source: (?P<source>.*?)\.? Evidence: (?P<evidence>.*?)\.\*$",
    flags=re.M | re.S,
)
_CLAUSE = re.compile(r"`(?P<function>\w+)\.(?P<label>[^`]+)`(?:\s*\((?P<words>[^)]*)\))?")


@dataclass(frozen=True)
class ClauseRef:
    """A clause as a requirement or a claim names it."""

    function: str
    label: str
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "%s.%s" % (self.function, self.label)


@dataclass
class Requirement:
    """One numbered sentence."""

    id: str
    text: str
    source: str
    chapter: str
    line: int
    evidence: str = ""
    clauses: list[ClauseRef] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)  # what is claimed beside the clauses
    models: list[ClauseRef] = field(default_factory=list)  # claims of models
    proof: bool = False
    missing: str = ""  # what no clause says yet
    planned: str = ""  # why there is no evidence yet


def clause_refs(text: str) -> list[ClauseRef]:
    """The clauses that a text names in backticks."""
    return [
        ClauseRef(
            match["function"],
            " ".join(match["label"].split()),
            tuple(re.findall(r"`(\w+)`", match["words"] or "")),
        )
        for match in _CLAUSE.finditer(text)
    ]


def _named_clauses(one: Requirement, item: str, kind: str, findings: list[str]) -> list[ClauseRef]:
    """The clauses, or claims, that a part of the evidence names."""
    rest = _CLAUSE.sub("", item[len(kind) :]).strip(" :,")
    if rest:
        findings.append("%s: cannot read '%s' in its evidence" % (one.id, rest))
    return clause_refs(item)


def _read_evidence(one: Requirement, findings: list[str]) -> None:
    for item in (part.strip() for part in one.evidence.split(";")):
        if item.startswith("planned"):
            one.planned = item[len("planned") :].lstrip(": ")
            if not one.planned:
                findings.append("%s: planned, without a reason" % one.id)
                one.planned = "no reason is given"
        elif item.startswith("missing:"):
            one.missing = item[len("missing:") :].strip()
        elif item.startswith("proof"):
            one.proof = True
            one.clauses += _named_clauses(one, item, "proof", findings)
        elif item.startswith("model"):
            one.models += _named_clauses(one, item, "model", findings)
            if not one.models:
                findings.append("%s: claims 'model', and names no claim of one" % one.id)
        else:
            for kind in filter(None, re.split(r",\s*", item)):
                if kind not in KINDS:
                    findings.append(
                        "%s: '%s' is no kind of evidence: proof, model, %s"
                        % (one.id, kind, ", ".join(KINDS))
                    )
                else:
                    one.kinds.append(kind)


def requirements(tree: Tree, findings: list[str]) -> dict[str, Requirement]:
    """{id: requirement}, in the order of the chapters."""
    found: dict[str, Requirement] = {}
    for path in tree.files("spec", ".md"):
        text = tree.read(path)
        read = set()
        for match in _REQUIREMENT.finditer(text):
            said = {key: " ".join(value.split()) for key, value in match.groupdict().items()}
            one = Requirement(
                said["id"],
                said["text"],
                said["source"],
                path,
                text.count("\n", 0, match.start()) + 1,
                said["evidence"],
            )
            _read_evidence(one, findings)
            if one.id in found:
                findings.append(
                    "%s: stands in %s and in %s" % (one.id, found[one.id].chapter, path)
                )
            found[one.id] = one
            read.add(one.id)
        for heading in re.findall(r"^### ([A-Z]+-\d+)", text, flags=re.M):
            if heading not in read:
                findings.append("%s: %s has no 'Source: ... Evidence: ...' line" % (path, heading))
    return found
