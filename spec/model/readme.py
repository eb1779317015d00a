"""readme.py: the tables of spec/model/README.md, made from the models and from what their search found."""
from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import models
from contig import files
from contig.promela import Model
from contig.tool import Problem

PATH = os.path.join(models.HERE, "README.md")
BEGIN, END = "<!-- %s -->", "<!-- end of %s -->"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| %s |" % " | ".join(head), "|" + "---|" * len(head)]
    return "\n".join(lines + ["| %s |" % " | ".join(row) for row in rows])


def _states(model: Model, searches: Sequence[models.Search]) -> Iterable[Sequence[str]]:
    for one in searches:
        if one.model == model.name and one.what in ("safety",) + model.liveness:
            yield (
                "[%s](%s.pml)" % (model.name, model.name),
                one.memory,
                "safety" if one.what == "safety" else "`%s`" % one.what,
                "{:,}".format(one.states),
                str(one.depth),
            )


def tables(chosen: Sequence[Model], searches: Sequence[models.Search]) -> dict[str, str]:
    """{name: table}."""
    states = [row for model in chosen for row in _states(model, searches)]
    bugs = [
        (
            model.name,
            bug.name,
            "`%s`" % bug.claim,
            "store buffers" if bug.memory == "tso" else "",
            bug.what,
        )
        for model in chosen
        for bug in model.bugs
    ]
    return {
        "states": _rows(("model", "memory", "search", "states", "depth"), states),
        "bugs": "%d bugs.\n\n" % len(bugs)
        + _rows(("model", "bug", "claim", "only with", "what is wrong"), bugs),
    }


def renewed(text: str, made: dict[str, str]) -> str:
    """The text with its tables replaced."""
    for name, table in made.items():
        begin, end = BEGIN % name, END % name
        if text.count(begin) != 1 or text.count(end) != 1:
            raise Problem("%s has no place for the table of %s" % (PATH, name))
        before, rest = text.split(begin)
        text = "%s%s\n%s\n%s%s" % (before, begin, table, end, rest.split(end)[1])
    return text


def write(chosen: Sequence[Model], searches: Sequence[models.Search]) -> None:
    files.write(PATH, renewed(files.read(PATH), tables(chosen, searches)))


def check(chosen: Sequence[Model], searches: Sequence[models.Search], text: str) -> None:
    """A Problem if a table of the text is not what the models and their searches say."""
    for name, table in tables(chosen, searches).items():
        if renewed(text, {name: table}) != text:
            raise Problem(
                "spec/model/README.md: the table of %s is stale; spec/model/run --bugs --write renews it"
                % name
            )
