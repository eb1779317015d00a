"""recursion.py: nothing is proved from itself, across all units of src/core.

WP proves one function at a time from the contracts of those that it calls, and it takes each recursive definition of
the vocabulary for an axiom.  Two functions that call each other could prove anything, and so could f(x) = f(x) + 1.
So the calls of all units together, ghost ones included, have no cycle; and a recursive definition has a form that is
well founded.  With it every function ends: calls have no cycle, and each loop has a variant, which WP proves.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from contig import c_lexer
from contig.c_printed import Tree

# Words that begin a definition: each of them has a body below, so that nothing is left open to axioms.
DEFINING = ("predicate", "logic")
Graph = dict[str, set[str]]


def _code(body: str) -> str:
    """A printed body without its annotations, but with its ghost code; strings and tags cannot hide a call, and go
    too."""

    def annotation(comment: c_lexer.Comment) -> str:
        ghost = re.match(r"/[*/]@\s*ghost\b(.*)", comment.text, flags=re.S)
        return ghost.group(1) if ghost else " "

    body = c_lexer.with_comments(re.sub(r"/@.*?@/", " ", body, flags=re.S), annotation)
    return re.sub(r"\b(?:enum|struct|union)\s+\w+", " ", c_lexer.without_comments(body))


def calls(trees: Collection[Tree]) -> Graph:
    """{function: functions that its body names}, over the trees of all units.  A name is enough: a pointer to a
    function would be called later."""
    bodies: dict[str, str] = {}
    for tree in trees:
        for name, body in tree.bodies.items():
            bodies[name] = bodies.get(name, "") + _code(body.partition("{")[2])
    known = set(bodies) | {name for tree in trees for name in tree.contracts}
    return {
        name: known & set(re.findall(r"(?<![.>])\b[A-Za-z_]\w*", body))
        for name, body in bodies.items()
    }


def cycles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The members of each cycle, found by leaving out again and again what leads to nothing that is left."""
    left = {name: set(targets) & set(graph) for name, targets in graph.items()}
    for _ in graph:
        for side in (left, _reversed(left)):
            done = {name for name in left if not side.get(name)}
            left = {name: targets - done for name, targets in left.items() if name not in done}
    groups: list[list[str]] = []
    seen: set[str] = set()
    for name in sorted(left):
        group = {other for other in _reach(left, name) if name in _reach(left, other)}
        if name in group and not group & seen:
            groups.append(sorted(group))
            seen |= group
    return groups


def _reversed(graph: Graph) -> Graph:
    back: Graph = {}
    for name, targets in graph.items():
        for target in targets:
            back.setdefault(target, set()).add(name)
    return back


def _reach(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    todo = list(graph[start])
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += graph[name]
    return found


def _enclosing(text: str, place: int) -> list[tuple[int, int]]:
    """(begin, end) of each pair of parentheses around a place, innermost first, and then of the whole text."""
    depth, result = 0, []
    for begin in range(place - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[begin], 0)
        if depth < 0:
            depth = 0
            result.append((begin, min(c_lexer.closing(text, begin, "()"), len(text) - 1)))
    return result + [(-1, len(text))]


def _positive(body: str, name: str) -> bool:
    """Does the predicate stand in its own definition only where a larger meaning of it makes a larger whole?"""
    if re.search(r"<==>|\^\^|\?", body):
        return False
    for use in re.finditer(rf"\b{name}\b", body):
        if re.search(r"!\s*$", body[: use.start()]):
            return False
        for begin, end in _enclosing(body, use.start()):
            before = body[: max(begin, 0)].rstrip()
            if (
                before.endswith("!")
                or (re.search(r"\w$", before) and not before.endswith("\\at"))
                or _implies_later(body[use.start() : end])
            ):
                return False
    return True


def _implies_later(text: str) -> bool:
    """Is there an implication behind, on the level where the text begins?"""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth <= 0 and text.startswith("==>", place):
            return True
    return False


def _falling(text: str, name: str) -> bool:
    """Is the function its own value at a smaller integer, and without itself at the smallest ones?"""
    head = re.match(
        rf"logic [\w ]+?\s\**\s*{name}\s*(?:\{{[^}}]*\}})?\s*\((.*?)\)\s*=\s*(?:\\at\(\s*)?"
        r"\(?\s*(\w+)\s*<=?\s*-?\d+\s*\?(.*)",
        text,
        flags=re.S,
    )
    if not head:
        return False
    parameters = [part.split() for part in head.group(1).split(",")]
    falling = [
        place for place, words in enumerate(parameters) if words == ["integer", head.group(2)]
    ]
    base, colon, step = head.group(3).partition(":")
    if not falling or not colon or re.search(rf"\b{name}\b", base) or "?" in base:
        return False
    return all(
        _smaller(step[use.end() :], falling[0], head.group(2))
        for use in re.finditer(rf"\b{name}\b", step)
    )


def _smaller(text: str, place: int, parameter: str) -> bool:
    """Does the call whose arguments begin here have parameter - 1, or less, in this place?"""
    begin = re.match(r"\s*(?:\{[^}]*\})?\s*(?=\()", text)
    found = c_lexer.arguments(text, begin.end())[0] if begin else []
    return place < len(found) and bool(re.fullmatch(rf"{parameter}\s*-\s*[1-9]\d*", found[place]))


def definitions(vocabulary: Mapping[str, str]) -> list[str]:
    """Sentences on definitions that are none, or that stand on themselves."""
    found: list[str] = []
    texts: dict[str, list[tuple[str, str]]] = {}
    for label, text in vocabulary.items():
        kind, name = label.strip("'").split(" ", 1)
        if kind not in DEFINING or "=" not in text:
            found.append(f"{label}: a definition must be a predicate or logic function with a body")
        texts.setdefault(name, []).append((kind, text))
    graph: Graph = {}
    for name, several in texts.items():
        bodies = " ".join(text.partition("=")[2] for _, text in several)
        graph[name] = set(re.findall(r"(?<!\\)\b[A-Za-z_]\w*", bodies)) & set(texts)
    for group in cycles(graph):
        if len(group) > 1:
            found.append("definitions that stand on each other: " + ", ".join(group))
            continue
        name = group[0]
        found += [
            f"{name}: its recursive definition is not seen to be well founded: a function must have the form "
            "n <= 0 ? base : step with n - 1 in each call, a predicate may stand in its own definition only "
            "positively"
            for kind, text in texts[name]
            if not _well_founded(kind, text, name)
        ]
    return found


def _well_founded(kind: str, text: str, name: str) -> bool:
    return _positive(text.partition("=")[2], name) if kind == "predicate" else _falling(text, name)


def ends(tree: Tree) -> list[str]:
    """A function that may run for ever would prove whatever is asked of it."""
    return [
        f"{name}: '{clause}': every function must end"
        for name, clauses in sorted(tree.contracts.items())
        for label, clause in clauses.items()
        if "terminates" in label.split()
        and clause.split(None, 1)[1].split(":")[-1].strip() != "\\true"
    ]
