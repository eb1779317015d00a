"""whole.py: what only a look at all units of src/core together shows.

WP proves a unit from what that unit says of the others.  So all of them must say the same.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping

from contig.c_printed import Clauses, Tree

import recursion
import separation
import source

Trees = Mapping[str, Tree]


def _digests(clauses: Clauses) -> dict[str, str]:
    return {label: source.digest(text) for label, text in clauses.items()}


def one_contract(trees: Trees) -> list[str]:
    """{file: tree}: each function has the same clauses wherever it is declared, and some."""
    found: list[str] = []
    homes: dict[str, str] = {}
    for path, tree in trees.items():
        for name in tree.bodies:
            homes.setdefault(name, path)
    for path, tree in trees.items():
        for name, clauses in sorted(tree.contracts.items()):
            if name in tree.bodies and not clauses:
                found.append(f"{path}: {name}: it is proved, and its contract has no clause")
            home = homes.get(name, path)
            if _digests(clauses) != _digests(trees[home].contracts[name]):
                found.append(
                    f"{path}: {name}: two contracts for one name, this one and that of {home}"
                )
    return found


def one_definition(trees: Trees) -> list[str]:
    """Each word of the vocabulary means the same in each unit, and so does each type, constant and variable."""
    found: list[str] = []
    homes: dict[str, tuple[str, list[str]]] = {}
    for path, tree in trees.items():
        for label, text in [*tree.vocabulary.items(), *tree.declared.items()]:
            home, known = homes.setdefault(label, (path, text.split()))
            if text.split() != known:
                found.append(
                    f"{path}: {label}: two definitions of one word, this one and that of {home}"
                )
    return found


def unread(trees: Trees, own: Mapping[str, Collection[str]]) -> list[str]:
    """Each function that is proved is one that the reader of the printed text finds: what the others here look at."""
    return [
        f"{path}: {name}: the head of its definition has a form that is not read"
        for path, names in own.items()
        for name in sorted(set(names) - set(trees[path].bodies))
    ]


def findings(trees: Trees, own: Mapping[str, Collection[str]]) -> list[str]:
    """{file: tree} and {file: functions that are proved there}: sentences, none of them if all is well."""
    vocabulary: dict[str, str] = {}
    for tree in trees.values():
        vocabulary.update(tree.vocabulary)
    found = unread(trees, own) + one_contract(trees) + one_definition(trees)
    found += recursion.definitions(vocabulary)
    found += [
        "calls in a circle, each proved from the other's contract: " + ", ".join(group)
        for group in recursion.cycles(recursion.calls(list(trees.values())))
    ]
    for path, tree in trees.items():
        found += [
            f"{path}: {text}"
            for text in recursion.ends(tree) + separation.findings(tree, own[path])
        ]
    return found
