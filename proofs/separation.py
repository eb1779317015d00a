"""separation.py: no contract takes for granted that two pointers point apart.

WP's typed memory model reads a write through one pointer as one that cannot change what a pointer of another type
points to, and says so nowhere.  In C the caller decides that.  So of each two pointers that a function is given, or
reaches from what it is given, its contract states \\separated as soon as the function writes through one of them.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from contig import c_lexer
from contig.c_printed import Clauses, Tree

import gates


def _plain(term: str) -> str:
    """A term without casts, blanks and the parentheses that the printer puts around a path."""
    term = re.sub(
        r"\((?:\w+ )*\w+ \*+\)|\s|\\(?:old|at)(?=\()|,(?:Pre|Post|Here|Old|L|New)(?=\))", "", term
    )
    while True:
        shorter = re.sub(r"\((\w+(?:(?:->|\.)\w+)*)\)", r"\1", term)
        if shorter == term:
            return term
        term = shorter


def _outer(term: str) -> str:
    """Without parentheses around the whole of it."""
    while term.startswith("(") and c_lexer.closing(term, 0, "()") == len(term) - 1:
        term = term[1:-1]
    return term


def pointer(term: str) -> str:
    """The pointer that a set of addresses is counted from: a for a + (0 .. 3), g for &g->lo."""
    term = _outer(_plain(term))
    if term.startswith("&"):
        return written(term[1:])
    path = re.match(r"[\w.>-]*?(?=\+|-(?!>)|$|\{)", term)
    if path is None:
        raise ValueError(f"'{term}' is no set of addresses that is read here")
    return path.group()


def written(place: str) -> str:
    """The pointer through which a place is reached: a for *(a + 3) and a[3], g->outside for g->outside->panic; ""
    for a variable."""
    place = _outer(_plain(place))
    if place.startswith("*"):
        return pointer(place[1:])
    if "[" in place:
        return pointer(place.split("[", 1)[0])
    arrow = re.match(r"(\w+(?:(?:->|\.)\w+)*)->", place)
    if arrow:
        return arrow.group(1)
    return pointer(place[1:].split(")->")[0]) if place.startswith("(") else ""


class Words:
    """The predicates of a file, to be read as what they stand for where that says something of pointers."""

    def __init__(self, vocabulary: Mapping[str, str]) -> None:
        self.predicates: dict[str, tuple[list[str], str]] = {}
        for label, text in vocabulary.items():
            match = re.match(
                r"predicate (\w+)\s*(?:\{[^}]*\})?\s*(?:\((.*?)\))?\s*=(.*)", text, flags=re.S
            )
            if match and label.startswith("predicate "):
                names = re.findall(r"(\w+)\W*(?:,|$)", match.group(2) or "")
                self.predicates[match.group(1)] = (names, match.group(3).rstrip("; "))

    def unfold(self, text: str, depth: int = 8) -> str:
        """The text, followed by the meaning of each predicate in it."""
        parts = [text]
        for call in re.finditer(r"\b(\w+)\s*(?:\{[^}]*\})?\s*(?=\()", text) if depth else []:
            names, body = self.predicates.get(call.group(1), ([], ""))
            if names:
                given = dict(zip(names, c_lexer.arguments(text, call.end())[0]))
                body = re.sub(
                    rf"(?<![>.\w\\])({'|'.join(names)})\b",
                    lambda name, values=given: f"({values.get(name[1], name[1])})",  # type: ignore[misc]
                    body,
                )
                parts.append(self.unfold(body, depth - 1))
        return " && ".join(parts)


def _reached(text: str) -> dict[str, bool]:
    """{pointer: whether a range is reached through it} of all that is said to be valid."""
    found: dict[str, bool] = {}
    for call in re.finditer(r"\\valid(?:_read)?(?:\{\w+\})?(?=\()", text):
        for term in c_lexer.arguments(text, call.end())[0]:
            for one in c_lexer.arguments(term, 0)[0] if term.startswith("{") else [term]:
                name = pointer(one)
                found[name] = found.get(name, False) or "+" in _plain(one)
    return found


def _targets(clause: str) -> dict[str, bool]:
    """{pointer: whether a range is written through it} of an assigns clause."""
    found: dict[str, bool] = {}
    places = re.sub(r"^assigns", "", clause.split(r"\from")[0])
    for place in c_lexer.arguments(f"({places})", 0)[0]:
        name = written(place)
        if name:
            found[name] = found.get(name, False) or "+" in place or "[" in place
    return found


def _apart(one: str, other: str, sets: list[list[str]], ranges: Mapping[str, bool]) -> bool:
    def stands_for(term: str, name: str) -> bool:
        wide = "+" in _plain(term) or "[" in term
        return pointer(term) == name and (wide or not ranges.get(name))

    return any(
        any(stands_for(a, one) and stands_for(b, other) for a in terms for b in terms if a is not b)
        for terms in sets
    )


def _same_array(text: str) -> set[frozenset[str]]:
    """Pairs of pointers of one type of which the contract says where one points within the other's array."""
    return {frozenset(pair) for pair in re.findall(r"(?<![\w>.)])(\w+)\s*==\s*(\w+)\s*\+", text)}


def unstated(parameters: Collection[str], clauses: Clauses, words: Words) -> list[tuple[str, str]]:
    """Pairs of pointers, the first of them written through, that the contract does not keep apart."""
    text = " && ".join(
        words.unfold(clause)
        for label, clause in sorted(clauses.items())
        if "requires" in label.split()
    )
    targets: dict[str, bool] = {}
    for label, clause in clauses.items():
        if "assigns" in label.split():
            targets.update(_targets(clause))
    ranges = _reached(text)
    for name, wide in targets.items():
        ranges[name] = ranges.get(name, False) or wide
    for name in parameters:
        ranges.setdefault(name, False)
    places = sorted(name for name in ranges if re.split(r"->|\.", name)[0] in parameters)
    sets, same = gates.separated(text), _same_array(text)
    return [
        (one, other)
        for one in places
        for other in places
        if one in targets
        and one != other
        and (other not in targets or one < other)
        and frozenset((one, other)) not in same
        and not _apart(one, other, sets, ranges)
    ]


def findings(tree: Tree, own: Collection[str]) -> list[str]:
    """A sentence for each pair in each of these functions."""
    words = Words(tree.vocabulary)
    return [
        f"{name}: it writes through {one}, and its contract does not say \\separated of {one} and {other}"
        for name in sorted(own)
        for one, other in unstated(tree.pointers.get(name, ()), tree.contracts.get(name, {}), words)
    ]
