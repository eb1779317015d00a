#!/usr/bin/env python3
"""models_test.py: no claim of a model is violated in any state, every statement is reached, and README.md says how much
was searched.  Then the check is checked: each fault below must turn it red.
"""
from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import models  # noqa: E402
import readme  # noqa: E402
from contig import files, promela, tool  # noqa: E402
from contig.promela import Model  # noqa: E402

NAME = "models_test"
# So many are known; one that is gone is noticed.
LEAST_SEARCHES = 31


def refused(work: Callable[[], object]) -> str:
    """The Problem that some work ends with; nothing if it does not."""
    try:
        work()
    except tool.Problem as problem:
        return str(problem)
    return ""


def bounded(name: str, value: int, model: Model) -> str:
    """What is said of a search with another bound."""
    kept = getattr(models, name)
    setattr(models, name, value)
    try:
        return refused(lambda: models.right(model, "sc"))
    finally:
        setattr(models, name, kept)


def first(findings: list[str]) -> str:
    return findings[0] if findings else ""


def changed(model: Model, old: str, new: str) -> str:
    """What is said of a model with another text."""
    found = models.right(model, "sc", "", lambda text: text.replace(old, new))
    return first(models.wrong([found]))


Fault = tuple[str, str, str]  # what is wrong, a part of what must be said, what was said


def wrong_models(futex: Model) -> list[Fault]:
    """Models that are wrong, and searches that are cut short."""
    dead = "    if\n    :: left > 100 -> left = 0\n    :: else\n    fi;\n    left == 0;\n"
    unstored = changed(futex, "store(t, COUNTER, old + 1)", "store(t, COUNTER, old)")
    return [
        ("a counter that is not stored", "data_complete is violated", unstored),
        ("a deadlock", "no_deadlock is violated", changed(futex, "    wait = SLEEPING;\n", "")),
        ("a statement that is never reached", "never", changed(futex, "    left == 0;\n", dead)),
        ("no text that spin reads", "spin -a", refused(lambda: changed(futex, "init {", "init"))),
        ("a bound of depth", "max search depth", bounded("DEEPEST", 20, futex)),
        ("a bound of states", "are too many", bounded("MOST_STATES", 20, futex)),
        ("a bound of memory", "not complete", bounded("MOST_MEGABYTES", 1, futex)),
        ("a bound of time", "did not end", bounded("MOST_SECONDS", 0, futex)),
    ]


def wrong_words(chosen: list[Model], found: list[models.Search], text: str) -> list[Fault]:
    """Marks, heads and tables that say what is not so."""
    one = next(row for row in found if row.model == "futex")
    unmarked = dataclasses.replace(one, unreached=(("futex.pml", 1, "x"),))
    reached = [dataclasses.replace(row, unreached=()) for row in found]
    source = files.read(models.load("futex").path)
    head = " * bug DATA_LATE breaks "
    count = "| {:,} |".format(one.states)

    def parsed(new: str) -> str:
        """What is said of another head."""
        return refused(lambda: promela.parse("futex", "futex", source.replace(head, new)))

    def shown(changed_text: str) -> str:
        """What is said of another README.md."""
        return refused(lambda: readme.check(chosen, found, changed_text))

    return [
        ("an unmarked line", "futex.pml:1: ", first(models.wrong([unmarked]))),
        ("a marked line that is reached", "and is reached", first(models.stale(reached))),
        ("a bug that the head does not name", "DATA_LATE", parsed(" * DATA_LATE breaks ")),
        ("a bug of no claim", "DATA_LATE breaks no claim", parsed(head + "no_")),
        (
            "another number of states",
            "table of states is stale",
            shown(text.replace(count, "| 1 |")),
        ),
        ("README.md without a table", "no place", shown(text.replace("<!-- states -->", ""))),
    ]


def main() -> int:
    models.require()
    chosen = [models.load(name) for name in models.names()]
    wanted = [one for model in chosen for one in models.searches_of(model)]
    found = models.each(lambda one: models.right(*one), wanted)
    for one in found:
        print(one.text())
    findings = models.wrong(found) + models.stale(found)
    if len(found) < LEAST_SEARCHES:
        findings.append("only %d searches" % len(found))
    text = files.read(readme.PATH)
    findings += filter(None, [refused(lambda: readme.check(chosen, found, text))])
    broken = wrong_models(models.load("futex")) + wrong_words(chosen, found, text)
    for name, part, said in broken:
        if part in said:
            print("noticed: %s" % name)
        else:
            findings.append("'%s' is not noticed: %s" % (name, said or "nothing is said"))
    for finding in findings:
        print("%s: %s" % (NAME, finding))
    return 1 if findings else 0


if __name__ == "__main__":
    tool.run(NAME, main)
