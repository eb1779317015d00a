#!/usr/bin/env python3
"""premises.py [UNIT...]: an ensures clause speaks of something that can happen.

A clause `P ==> Q` says nothing if P follows to be false from what the function requires and ensures.  So for each such
clause, and for what each behavior assumes, the provers are asked for a contradiction: a caller that meets the requires
calls the function, and never sees P.  None may be found.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frama_c  # noqa: E402
import source  # noqa: E402
import trivial  # noqa: E402

QUANTIFIER = re.compile(r"\s*\\forall\s[^;]*;")


def implication(text):
    """(quantifiers, premise) of a clause; None if it has no premise."""
    quantifiers = ""
    while True:
        found = QUANTIFIER.match(text)
        if not found:
            break
        quantifiers, text = quantifiers + found.group(), text[found.end() :]
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and text.startswith("==>", place) and text[place - 1 : place] != "<":
            return quantifiers, text[:place].strip()
    return None


def asked(clauses):
    """[(name of the clause, predicate that must not follow)] of a contract."""
    found = []
    for label, text in clauses.items():
        *behavior, kind, name = ["", *label.split()] if len(label.split()) > 1 else ["", label, ""]
        behavior = " ".join(behavior).strip()
        assumes = clauses.get(behavior + " assumes")
        if kind == "ensures":
            parts = implication(re.sub(r"^ensures\s+(?:\w+\s*:\s*)?", "", text))
            if parts:
                before = r"\old(%s) && " % re.sub(r"^assumes\s+", "", assumes) if assumes else ""
                found.append((label, "%s !(%s(%s))" % (parts[0], before, parts[1])))
        elif label.endswith(" assumes"):
            found.append((label, r"!\old(%s)" % re.sub(r"^assumes\s+", "", text)))
    return found


def caller(name, definition, clauses, first):
    """(a function that calls this one, [(goal's name, clause)]); goals are numbered from `first` on."""
    head = definition.split("{", 1)[0]
    own = re.sub(
        r"\b(?:static|(?:__)?inline|extern)\b",
        "",
        re.sub(r"\b%s\b" % name, name + "_asked", head, count=1),
    )
    arguments, ghost = trivial.arguments_of(head)
    questions = [
        ("premise_%d" % (first + number), label, text)
        for number, (label, text) in enumerate(asked(clauses))
    ]
    requires = [text for label, text in clauses.items() if label.split()[0] == "requires"]
    contract = ";\n    ".join(
        requires + ["ensures %s: %s" % (goal, text) for goal, _, text in questions]
    )
    void = re.match(r"\s*(?:(?:static|(?:__)?inline|extern)\s+)*void\b(?!\s*\*)", head)
    ghosts = " /*@ ghost (%s) */" % ghost if ghost else ""
    body = "{ %s%s(%s)%s; }" % ("" if void else "return ", name, arguments, ghosts)
    return "/*@ %s; */\n%s%s\n" % (contract, own.strip(), body), [
        (goal, label) for goal, label, _ in questions
    ]


def excluded(path, own):
    """(clauses whose premise cannot hold, how many were asked for) of these functions."""
    printed = re.sub(r"\((\w[\w ]*?) \\ghost\)", r"(\1)", frama_c.view(path)[0])
    tree, text, questions = source.Tree(printed), printed, {}
    for name in sorted(own):
        definition = tree.bodies.get(name)
        if definition is None or definition not in text or not asked(tree.contracts.get(name, {})):
            continue
        place = printed.index(definition)
        if printed.rfind("/*@", 0, place) > printed.rfind("*/", 0, place):
            continue  # ghost: a lemma
        added, goals = caller(name, definition, tree.contracts[name], len(questions))
        text += added
        questions.update({goal: "%s: %s" % (name, label) for goal, label in goals})
    if not questions:
        return [], 0
    with frama_c.Workplace() as work:
        file = work.path("asked.c")
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        names = sorted({label.split(":")[0] + "_asked" for label in questions.values()})
        status, lines = work.run(
            [
                "-machdep",
                "gcc_x86_64",
                "-cpp-extra-args=-I.",
                file,
                "-wp",
                "-wp-no-warn-memory-model",
                "-wp-cache",
                "none",
                "-wp-prop=@ensures",
                "-wp-prover",
                ",".join(work.detect_provers("smoke-quick")),
                "-wp-timeout",
                "2",
                "-wp-par",
                str(os.cpu_count() or 1),
                "-wp-fct",
                ",".join(names),
            ]
        )
    said = "\n".join(lines)
    if status != 0 or not re.search(r"Proved goals:", said):
        raise frama_c.FramaCFailed("%s: with callers: %s" % (path, "; ".join(lines[-6:])))
    open_goals = set(
        re.findall(
            r"\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal typed_\w+_(premise_\d+)", said
        )
    )
    return [questions[goal] for goal in questions if goal not in open_goals], len(questions)


if __name__ == "__main__":
    sys.exit(
        trivial.each_unit(
            "premises", excluded, "its premise never holds", "%d premises, %d that never hold"
        )
    )
