"""ci/explain: explains a name of this checkout; nothing is built or proved for it.

  ci/explain COPY-2       a requirement: source in Go, clauses, functions, tests, oracles, defects
  ci/explain COPY         the requirements of a chapter, one a line
  ci/explain copystack    a function of the core, a law or a ghost function: contract, proof, tests
  ci/explain relocated    a word of the vocabulary, and the requirements that it is there for
  ci/explain ASSUME-MODEL-2
  ci/explain --list       every name that it knows
  ci/explain --gaps       what is missing between requirements and evidence

  --json        print JSON
  --root DIR    explain another checkout

Exit status: 0; 1 with --gaps if there are some; 2 for wrong use, and for a name that nothing has.
"""
from __future__ import annotations

import json
import os

from contig import arguments
from contig.tool import Problem, shown
from contig.traceability import gaps as gap_search
from contig.traceability.explain import Explainer, text_of
from contig.traceability.graph import STATUSES, Graph

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))


def summary(graph: Graph) -> str:
    """The count of requirements by status, in the words of README.md."""
    counts = graph.counts()
    return "%d requirements: %s" % (
        len(graph.requirements),
        ", ".join("%d %s" % (len(counts[status]), status) for status in STATUSES),
    )


def _show_gaps(graph: Graph, as_json: bool) -> int:
    findings = gap_search.gaps(graph)
    counts = graph.counts()
    if as_json:
        print(
            json.dumps(
                {"gaps": findings, "counts": {key: len(found) for key, found in counts.items()}},
                indent=1,
            )
        )
        return 1 if findings else 0
    for sentence in findings:
        print(sentence)
    print("planned: %s" % (" ".join(counts["planned"]) or "none"))
    found = graph.places
    print(
        "%s; %d contracts, %d definitions, %d tests, %d oracles, %d trace rules, "
        "%d defects; %d gaps"
        % (
            summary(graph),
            len(graph.core.functions),
            len(graph.core.words),
            len(found.tests),
            len(found.oracles),
            len(found.rules),
            len(found.defects),
            len(findings),
        )
    )
    return 1 if findings else 0


def _show_list(explainer: Explainer, as_json: bool) -> int:
    names = explainer.names()
    print(
        json.dumps([name for name, _ in names], indent=1)
        if as_json
        else "\n".join("%-28s %s" % one for one in names)
    )
    return 0


def _show_name(explainer: Explainer, name: str, as_json: bool) -> int:
    answer = explainer.answer(name)
    if answer is not None:
        print(json.dumps(answer, indent=1) + "\n" if as_json else text_of(answer), end="")
        return 0
    family = explainer.family(name)
    if not family:
        raise Problem(
            "%s is no requirement, no function of the core, no word of its vocabulary "
            "and no assumption; "
            "ci/explain --list names them" % shown(name)
        )
    if as_json:
        print(json.dumps([explainer.requirement(one) for one in family], indent=1))
    else:
        print(
            "\n".join(
                "%-12s %-9s %s" % (one.id, explainer.graph.status(one), one.text) for one in family
            )
        )
    return 0


def main() -> int:
    """Runs the command; returns its exit status, or raises a Problem."""
    parser = arguments.Parser("ci/explain", __doc__)
    parser.add_argument("name", nargs="?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--gaps", action="store_true")
    parser.add_argument("--root", type=arguments.input_folder, default=ROOT)
    options = parser.read()
    if (options.name is not None) + options.list + options.gaps != 1:
        raise Problem("give one of NAME, --list and --gaps; ci/explain --help lists the options")
    graph = Graph(options.root)
    if options.gaps:
        return _show_gaps(graph, options.json)
    explainer = Explainer(graph)
    return (
        _show_list(explainer, options.json)
        if options.list
        else _show_name(explainer, options.name, options.json)
    )
