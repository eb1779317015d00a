#!/usr/bin/env python3
"""bugs_test.py: each seeded bug of the models is found by the claim that is named for it, with all others switched off;
the same search without the bug finds nothing; each claim is broken by a bug.  Then the check is checked.
"""
from __future__ import annotations

import dataclasses
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import models  # noqa: E402
from contig import tool  # noqa: E402
from contig.promela import Bug, Model  # noqa: E402

NAME = "bugs_test"
LEAST_BUGS = 167


def found(rows: list[tuple[Model, Bug]]) -> list[str]:
    """Bugs that are not found, or, if store buffers are what they need, are found without them."""
    searches = models.each(lambda one: models.broken(*one, one[1].memory), rows)
    for one in searches:
        print(one.text())
    buffered = [one for one in rows if one[1].memory == "tso"]
    plain = models.each(lambda one: models.broken(*one, "sc"), buffered)
    return models.missed([bug for _, bug in rows], searches) + [
        "%s: bug %s needs no store buffers" % (one.model, one.what) for one in plain if one.violated
    ]


def without(rows: list[tuple[Model, Bug]]) -> list[str]:
    """What the search for one claim alone finds where no bug is planted: nothing, but the bug is missed.  One search a
    model and memory: models_test.py searches each right model for all claims."""
    right = list({(model.name, bug.memory): (model, bug) for model, bug in rows}.values())
    searches = models.each(lambda one: models.broken(*one, one[1].memory, False), right)
    findings = [
        "%s %s: without a bug, %s is violated" % (one.model, one.memory, one.violated)
        for one in searches
        if one.violated
    ]
    if len(models.missed([bug for _, bug in right], searches)) != len(right):
        findings.append("a bug without effect is not noticed")
    return findings


def unbroken(chosen: list[Model]) -> list[str]:
    """Claims that no bug breaks: nobody has seen that they can fail."""
    return [
        "%s: no bug breaks %s" % (model.name, claim)
        for model in chosen
        for claim in model.claims()
        if claim not in {bug.claim for bug in model.bugs}
    ]


def by_another_claim() -> list[str]:
    """A bug that breaks another claim than the one that is named for it is missed."""
    futex = models.load("futex")
    bug = next(one for one in futex.bugs if one.claim == "mutual_exclusion")
    other = dataclasses.replace(bug, claim="woken_for_reason")
    missed = models.missed([other], [models.broken(futex, other, "sc")])
    return [] if missed else ["a bug that another claim finds passes for one that is found"]


def main() -> int:
    models.require()
    chosen = [models.load(name) for name in models.names()]
    rows = [(model, bug) for model in chosen for bug in model.bugs]
    findings = found(rows) + without(rows) + unbroken(chosen) + by_another_claim()
    if len(rows) < LEAST_BUGS:
        findings.append("only %d bugs" % len(rows))
    if len({(model.name, bug.name) for model, bug in rows}) != len(rows):
        findings.append("two bugs of one model have one name")
    for finding in findings:
        print("%s: %s" % (NAME, finding))
    return 1 if findings else 0


if __name__ == "__main__":
    tool.run(NAME, main)
