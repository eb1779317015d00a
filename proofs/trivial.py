#!/usr/bin/env python3
"""trivial.py [UNIT...]: an ensures clause that every function would meet says nothing.

Each function gets another body in place of its own: one that changes all that its assigns clauses allow, and returns
anything.  An ensures clause that WP then proves by simplification alone follows from what the contract says beside it:
a label that names the wrong state, as a rule.
"""
from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Collection

sys.dont_write_bytecode = True
import paths  # noqa: E402,F401
from contig import c_heads  # noqa: E402
from contig.c_printed import Clauses, Tree  # noqa: E402
import frama_c  # noqa: E402
import source  # noqa: E402

Judge = Callable[[str, Collection[str]], tuple[list[str], int]]


def readable(path: str) -> str:
    """The file as Frama-C prints it, in a form that Frama-C reads again: casts in annotations of ghost code are
    printed with a qualifier that it does not read."""
    return re.sub(r"\((\w[\w ]*?) \\ghost\)", r"(\1)", frama_c.view(path)[0])


def definitions(printed: str, tree: Tree, own: Collection[str]) -> list[tuple[str, int]]:
    """(name, where its definition stands) of these functions; a ghost one is a lemma, and left out."""
    found = []
    for name in sorted(own):
        place = printed.find(tree.bodies[name]) if name in tree.bodies else -1
        if place >= 0 and printed.rfind("/*@", 0, place) <= printed.rfind("*/", 0, place):
            found.append((name, place))
    return found


def call_of(name: str, head: str) -> str:
    """The body of a function with this head that only calls another of its kind."""
    given, ghost = c_heads.parameters(head)
    ghosts = f" /*@ ghost ({', '.join(ghost)}) */" if ghost else ""
    returned = "" if c_heads.returns_nothing(head) else "return "
    return f"{{ {returned}{name}({', '.join(given)}){ghosts}; }}"


def any_body(name: str, definition: str, clauses: Clauses) -> tuple[str, str]:
    """The declaration of a function that may do what the assigns clauses allow, and a body that only calls it."""
    head = definition.split("{", 1)[0]
    assigns = [
        re.sub(r"^assigns\s+", "", text)
        for label, text in clauses.items()
        if "assigns" in label.split()
    ]
    allowed = ", ".join(text for text in assigns if text.strip() != "\\nothing") or "\\nothing"
    contract = f"/*@ assigns {allowed}; */\n" if assigns else ""
    other = c_heads.without_storage(c_heads.renamed(head, name, name + "__any"))
    return f"{contract}{other.strip()};\n", head + call_of(name + "__any", head) + "\n"


def variant(printed: str, own: Collection[str]) -> tuple[str, list[str]]:
    """The unit with each of its functions that is no ghost changed so; and their names."""
    tree, text, changed = Tree(printed), printed, []
    for name, _ in definitions(printed, tree, own):
        definition = tree.bodies[name]
        place = text.index(definition)
        declaration, body = any_body(name, definition, tree.contracts.get(name, {}))
        # The contract of the function itself stands right before its head: the new declaration goes before that.
        begin = text.rfind("/*@", 0, place) if re.search(r"\*/\s*$", text[:place]) else place
        rest = text[place + len(definition) :]
        text = text[:begin] + declaration + text[begin:place] + body + rest
        changed.append(name)
    return text, changed


def trivial(path: str, own: Collection[str]) -> tuple[list[str], int]:
    """Names of ensures clauses of these functions that hold for any body."""
    text, changed = variant(readable(path), own)
    if not changed:
        return [], 0
    options = ["-wp-prover", "none", "-wp-no-warn-memory-model", "-wp-prop=@ensures"]
    with frama_c.Workplace() as place:
        status, lines = prove_text(place, text, changed, options)
    if status != 0:
        raise frama_c.FramaCFailed(f"{path}: with other bodies: {'; '.join(lines[-6:])}")
    said = "\n".join(lines)
    found = set(re.findall(r"\[wp\] Goal typed_(\w+?)(?:_part\d+)? : trivial", said))
    return sorted(found), len(changed)


def prove_text(
    place: frama_c.Workplace, text: str, functions: Collection[str], options: list[str]
) -> tuple[int, list[str]]:
    """Runs WP on these functions of a text that was printed and changed."""
    file = place.write("changed.c", text)
    parsing = ["-machdep", "gcc_x86_64", "-cpp-extra-args=-I.", file]
    return place.run([*parsing, "-wp", "-wp-fct", ",".join(functions), *options])


def each_unit(name: str, judge: Judge, says: str, total: str) -> int:
    """What a tool of this kind does: judge(file, functions) of each unit named on the command line, or of all, gives
    names and a count; a line for each name, and the total.  Returns the exit status."""
    units = source.core_units()
    unknown = [unit for unit in sys.argv[1:] if unit not in units]
    if unknown:
        print(f"{name}: {unknown[0]} is no unit; there are {', '.join(units)}", file=sys.stderr)
        return 2
    found, count = [], 0
    try:
        for unit in sys.argv[1:] or units:
            own = source.functions_of(units[unit])
            names, judged = judge(units[unit], own) if own else ([], 0)
            found += [f"{units[unit]}: {one}: {says}" for one in names]
            count += judged
    except (frama_c.FramaCFailed, frama_c.ToolMissing, subprocess.SubprocessError) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 2
    print("\n".join(found + [total % (count, len(found))]))
    return 1 if found or not count else 0


if __name__ == "__main__":
    sys.exit(
        each_unit(
            "trivial",
            trivial,
            "any function would meet it",
            "%d functions with any body, %d clauses that say nothing",
        )
    )
