#!/usr/bin/env python3
"""premises.py [UNIT...]: an ensures clause speaks of something that can happen.

A clause `P ==> Q` says nothing if P follows to be false from what the function requires and ensures.  So for each such
clause, and for what each behavior assumes, the provers are asked for a contradiction: a caller that meets the requires
calls the function, and never sees P.  None may be found.
"""
from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection

sys.dont_write_bytecode = True
import paths  # noqa: E402,F401
from contig import c_heads  # noqa: E402
from contig.c_printed import Clauses, Tree  # noqa: E402
import frama_c  # noqa: E402
import trivial  # noqa: E402

QUANTIFIER = re.compile(r"\s*\\forall\s[^;]*;")


def implication(text: str) -> tuple[str, str] | None:
    """(quantifiers, premise) of a clause; None if it has no premise."""
    quantifiers = ""
    while found := QUANTIFIER.match(text):
        quantifiers, text = quantifiers + found.group(), text[found.end() :]
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and text.startswith("==>", place) and text[place - 1 : place] != "<":
            return quantifiers, text[:place].strip()
    return None


def asked(clauses: Clauses) -> list[tuple[str, str]]:
    """[(name of the clause, predicate that must not follow)] of a contract."""
    found = []
    for label, text in clauses.items():
        *behavior, kind, _ = ["", *label.split()] if len(label.split()) > 1 else ["", label, ""]
        assumes = clauses.get(" ".join(behavior).strip() + " assumes")
        if kind == "ensures":
            parts = implication(re.sub(r"^ensures\s+(?:\w+\s*:\s*)?", "", text))
            if parts:
                before = r"\old(%s) && " % re.sub(r"^assumes\s+", "", assumes) if assumes else ""
                found.append((label, f"{parts[0]} !({before}({parts[1]}))"))
        elif label.endswith(" assumes"):
            found.append((label, r"!\old(%s)" % re.sub(r"^assumes\s+", "", text)))
    return found


def caller(
    name: str, definition: str, clauses: Clauses, first: int
) -> tuple[str, list[tuple[str, str]]]:
    """(a function that calls this one, [(goal's name, clause)]); goals are numbered from `first` on."""
    head = definition.split("{", 1)[0]
    own = c_heads.without_storage(c_heads.renamed(head, name, name + "_asked"))
    questions = [
        (f"premise_{number}", label, text)
        for number, (label, text) in enumerate(asked(clauses), first)
    ]
    lines = [text for label, text in clauses.items() if label.split()[0] == "requires"]
    lines += [f"ensures {goal}: {text}" for goal, _, text in questions]
    contract = ";\n    ".join(lines)
    text = f"/*@ {contract}; */\n{own.strip()}{trivial.call_of(name, head)}\n"
    return text, [(goal, label) for goal, label, _ in questions]


def with_callers(printed: str, own: Collection[str]) -> tuple[str, dict[str, tuple[str, str]]]:
    """The text with a caller of each of these functions; and {goal: (function, clause)}."""
    tree, text = Tree(printed), printed
    questions: dict[str, tuple[str, str]] = {}
    for name, _ in trivial.definitions(printed, tree, own):
        if asked(tree.contracts.get(name, {})):
            added, goals = caller(name, tree.bodies[name], tree.contracts[name], len(questions))
            text += added
            questions.update({goal: (name, label) for goal, label in goals})
    return text, questions


def excluded(path: str, own: Collection[str]) -> tuple[list[str], int]:
    """(clauses whose premise cannot hold, how many were asked for) of these functions."""
    text, questions = with_callers(trivial.readable(path), own)
    if not questions:
        return [], 0
    with frama_c.Workplace() as work:
        options = ["-wp-no-warn-memory-model", "-wp-cache", "none", "-wp-prop=@ensures"]
        options += ["-wp-prover", ",".join(work.detect_provers("smoke-quick"))]
        options += ["-wp-timeout", "2", "-wp-par", str(os.cpu_count() or 1)]
        names = sorted({name + "_asked" for name, _ in questions.values()})
        status, lines = trivial.prove_text(work, text, names, options)
    said = "\n".join(lines)
    if status != 0 or not re.search(r"Proved goals:", said):
        raise frama_c.FramaCFailed(f"{path}: with callers: {'; '.join(lines[-6:])}")
    still_open = set(
        re.findall(
            r"\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal typed_\w+_(premise_\d+)", said
        )
    )
    never = [
        f"{name}: {label}" for goal, (name, label) in questions.items() if goal not in still_open
    ]
    return never, len(questions)


if __name__ == "__main__":
    sys.exit(
        trivial.each_unit(
            "premises", excluded, "its premise never holds", "%d premises, %d that never hold"
        )
    )
