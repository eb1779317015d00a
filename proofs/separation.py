"""separation.py: no contract takes for granted that two pointers point apart.

WP's typed memory model reads a write through one pointer as one that cannot change what a pointer of another type
points to, and says so nowhere.  In C the caller decides that.  So of each two pointers that a function is given, or
reaches from what it is given, its contract states \\separated as soon as the function writes through one of them.
"""
import re

import gates


def _plain(term):
    """A term without casts, blanks and the parentheses that the printer puts around a path."""
    term = re.sub(
        r"\((?:\w+ )*\w+ \*+\)|\s|\\(?:old|at)(?=\()|,(?:Pre|Post|Here|Old|L|New)(?=\))", "", term
    )
    while True:
        shorter = re.sub(r"\((\w+(?:(?:->|\.)\w+)*)\)", r"\1", term)
        if shorter == term:
            return term
        term = shorter


def _outer(term):
    """Without parentheses around the whole of it."""
    while term.startswith("(") and gates.arguments(term, 1) and _close(term) == len(term) - 1:
        term = term[1:-1]
    return term


def _close(text):
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place
    return len(text)


def pointer(term):
    """The pointer that a set of addresses is counted from: a for a + (0 .. 3), g for &g->lo."""
    term = _outer(_plain(term))
    return (
        written(term[1:])
        if term.startswith("&")
        else re.match(r"[\w.>-]*?(?=\+|-(?!>)|$|\{)", term).group()
    )


def written(place):
    """The pointer through which a place is reached: a for *(a + 3) and a[3], g->outside for g->outside->panic; ""
    for a variable."""
    place = _outer(_plain(place))
    if place.startswith("*"):
        return pointer(place[1:])
    arrow = re.match(r"(\w+(?:(?:->|\.)\w+)*)->", place)
    if "[" in place:
        return pointer(place.split("[", 1)[0])
    return (
        arrow.group(1)
        if arrow
        else pointer(place[1:].split(")->")[0])
        if place.startswith("(")
        else ""
    )


class Words:
    """The predicates of a file, to be read as what they stand for where that says something of pointers."""

    def __init__(self, vocabulary):
        self.predicates = {}
        for label, text in vocabulary.items():
            match = re.match(
                r"predicate (\w+)\s*(?:\{[^}]*\})?\s*(?:\((.*?)\))?\s*=(.*)", text, flags=re.S
            )
            if match and label.startswith("predicate "):
                names = [
                    re.search(r"(\w+)\W*$", part).group(1)
                    for part in (match.group(2) or "").split(",")
                    if part
                ]
                self.predicates[match.group(1)] = (names, match.group(3).rstrip("; "))

    def unfold(self, text, depth=8):
        """The text, followed by the meaning of each predicate in it."""
        parts = [text]
        for call in re.finditer(r"\b(\w+)\s*(?:\{[^}]*\})?\s*\(", text) if depth else []:
            names, body = self.predicates.get(call.group(1), (None, None))
            if names:
                given = dict(zip(names, gates.arguments(text, call.end())))
                body = re.sub(
                    r"(?<![>.\w\\])(%s)\b" % "|".join(names),
                    lambda m, g=given: "(%s)" % g.get(m.group(1), m.group(1)),
                    body,
                )
                parts.append(self.unfold(body, depth - 1))
        return " && ".join(parts)


def _reached(text):
    """{pointer: whether a range is reached through it} of all that is said to be valid."""
    found = {}
    for call in re.finditer(r"\\valid(?:_read)?(?:\{\w+\})?\(", text):
        for term in gates.arguments(text, call.end()):
            for one in gates.arguments(term[1:], 0) if term.startswith("{") else [term]:
                name = pointer(one)
                found[name] = found.get(name, False) or "+" in _plain(one)
    return found


def _targets(clause):
    """{pointer: whether a range is written through it} of an assigns clause."""
    found = {}
    for place in gates.arguments(re.sub(r"^assigns", "", clause.split(r"\from")[0]) + ")", 0):
        name = written(place)
        if name:
            found[name] = found.get(name, False) or "+" in place or "[" in place
    return found


def _apart(one, other, sets, ranges):
    def stands_for(term, name):
        return pointer(term) == name and (
            not ranges.get(name) or "+" in _plain(term) or "[" in term
        )

    return any(
        any(stands_for(a, one) and stands_for(b, other) for a in terms for b in terms if a is not b)
        for terms in sets
    )


def _same_array(text):
    """Pairs of pointers of one type of which the contract says where one points within the other's array."""
    return {frozenset(pair) for pair in re.findall(r"(?<![\w>.)])(\w+)\s*==\s*(\w+)\s*\+", text)}


def unstated(parameters, clauses, words):
    """Pairs of pointers, the first of them written through, that the contract does not keep apart."""
    text = " && ".join(
        words.unfold(clause)
        for label, clause in sorted(clauses.items())
        if "requires" in label.split()
    )
    targets = {}
    for label, clause in clauses.items():
        if "assigns" in label.split():
            targets.update(_targets(clause))
    ranges = dict(_reached(text))
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


def findings(tree, own):
    """A sentence for each pair in each of these functions."""
    words = Words(tree.vocabulary)
    return [
        "%s: it writes through %s, and its contract does not say \\separated of %s and %s"
        % (name, one, one, other)
        for name in sorted(own)
        for one, other in unstated(tree.pointers.get(name, ()), tree.contracts.get(name, {}), words)
    ]
