"""recursion.py: nothing is proved from itself, across all units of src/core.

WP proves one function at a time from the contracts of those that it calls, and it takes each recursive definition of
the vocabulary for an axiom.  Two functions that call each other could prove anything, and so could f(x) = f(x) + 1.
So the calls of all units together, ghost ones included, have no cycle; and a recursive definition has a form that is
well founded.  With it every function ends: calls have no cycle, and each loop has a variant, which WP proves.
"""
import re

# Words that begin a definition: each of them has a body below, so that nothing is left open to axioms.
DEFINING = ("predicate", "logic")


def _code(body):
    """A printed body without its annotations, but with its ghost code; strings and tags cannot hide a call, and go too."""

    def annotation(match):
        ghost = re.match(r"/[*/]@\s*ghost\b(.*)", match.group(), flags=re.S)
        return ghost.group(1) if ghost else " "

    body = re.sub(r"/@.*?@/", " ", body, flags=re.S)
    body = re.sub(
        r'"(?:[^"\\]|\\.)*"', " ", re.sub(r"/\*.*?\*/|//[^\n]*", annotation, body, flags=re.S)
    )
    return re.sub(r"\b(?:enum|struct|union)\s+\w+", " ", body)


def calls(trees):
    """{function: functions that its body names}, over the trees of all units.  A name is enough: a pointer to a
    function would be called later."""
    bodies = {}
    for tree in trees:
        for name, body in tree.bodies.items():
            bodies[name] = bodies.get(name, "") + _code(body.partition("{")[2])
    known = set(bodies) | {name for tree in trees for name in tree.contracts}
    return {
        name: known & set(re.findall(r"(?<![.>])\b[A-Za-z_]\w*", body))
        for name, body in bodies.items()
    }


def cycles(graph):
    """The members of each cycle, found by leaving out again and again what leads to nothing that is left."""
    left = {name: set(targets) & set(graph) for name, targets in graph.items()}
    for _ in graph:
        for side in (left, _reversed(left)):
            done = {name for name in left if not side.get(name)}
            left = {name: targets - done for name, targets in left.items() if name not in done}
    groups, seen = [], set()
    for name in sorted(left):
        group = {other for other in _reach(left, name) if name in _reach(left, other)}
        if name in group and not group & seen:
            groups.append(sorted(group))
            seen |= group
    return groups


def _reversed(graph):
    back = {}
    for name, targets in graph.items():
        for target in targets:
            back.setdefault(target, set()).add(name)
    return back


def _reach(graph, start):
    found, todo = set(), list(graph[start])
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += graph[name]
    return found


def _enclosing(text, place):
    """(begin, end) of each pair of parentheses around a place, innermost first, and then of the whole text."""
    depth, begin, result = 0, place, []
    while begin > 0:
        begin -= 1
        depth += {")": 1, "(": -1}.get(text[begin], 0)
        if depth < 0:
            depth, end = 0, begin
            level = 0
            for end in range(begin, len(text)):
                level += {"(": 1, ")": -1}.get(text[end], 0)
                if level == 0:
                    break
            result.append((begin, end))
    return result + [(-1, len(text))]


def _positive(body, name):
    """Does the predicate stand in its own definition only where a larger meaning of it makes a larger whole?"""
    if re.search(r"<==>|\^\^|\?", body):
        return False
    for use in re.finditer(r"\b%s\b" % name, body):
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


def _implies_later(text):
    """Is there an implication behind, on the level where the text begins?"""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth <= 0 and text.startswith("==>", place):
            return True
    return False


def _falling(text, name):
    """Is the function its own value at a smaller integer, and without itself at the smallest ones?"""
    head = re.match(
        r"logic [\w ]+?\s\**\s*%s\s*(?:\{[^}]*\})?\s*\((.*?)\)\s*=\s*(?:\\at\(\s*)?\(?\s*(\w+)\s*<=?\s*-?\d+\s*\?(.*)"
        % name,
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
    if not falling or not colon or re.search(r"\b%s\b" % name, base) or "?" in base:
        return False
    return all(
        _smaller(step[use.end() :], falling[0], head.group(2))
        for use in re.finditer(r"\b%s\b" % name, step)
    )


def _smaller(text, place, parameter):
    """Does the call whose arguments begin here have parameter - 1, or less, in this place?"""
    begin = re.match(r"\s*(?:\{[^}]*\})?\s*\(", text)
    if not begin:
        return False
    depth, argument, found = 1, "", []
    for character in text[begin.end() :]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 or (depth == 1 and character == ","):
            found.append(argument.strip())
            argument = ""
            if depth == 0:
                break
        else:
            argument += character
    return place < len(found) and bool(re.fullmatch(r"%s\s*-\s*[1-9]\d*" % parameter, found[place]))


def definitions(vocabulary):
    """Sentences on definitions that are none, or that stand on themselves."""
    found, graph, texts = [], {}, {}
    for label, text in vocabulary.items():
        kind, name = label.strip("'").split(" ", 1)
        if kind not in DEFINING or "=" not in text:
            found.append(
                "%s: a definition must be a predicate or logic function with a body" % label
            )
        texts.setdefault(name, []).append((kind, text))
    for name, several in texts.items():
        bodies = " ".join(text.partition("=")[2] for _, text in several)
        graph[name] = set(re.findall(r"(?<!\\)\b[A-Za-z_]\w*", bodies)) & set(texts)
    for group in cycles(graph):
        for kind, text in texts[group[0]] if len(group) == 1 else []:
            good = (
                _positive(text.partition("=")[2], group[0])
                if kind == "predicate"
                else _falling(text, group[0])
            )
            if not good:
                found.append(
                    "%s: its recursive definition is not seen to be well founded: a function must have the "
                    "form n <= 0 ? base : step with n - 1 in each call, a predicate may stand in its own "
                    "definition only positively" % group[0]
                )
        if len(group) > 1:
            found.append("definitions that stand on each other: " + ", ".join(group))
    return found


def ends(tree):
    """A function that may run for ever would prove whatever is asked of it."""
    return [
        "%s: '%s': every function must end" % (name, clause)
        for name, clauses in sorted(tree.contracts.items())
        for label, clause in clauses.items()
        if "terminates" in label.split()
        and clause.split(None, 1)[1].split(":")[-1].strip() != "\\true"
    ]
