#!/usr/bin/env python3
"""trivial.py [UNIT...]: an ensures clause that every function would meet says nothing.

Each function gets another body in place of its own: one that changes all that its assigns clauses allow, and returns
anything.  An ensures clause that WP then proves by simplification alone follows from what the contract says beside it:
a label that names the wrong state, as a rule.
"""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frama_c  # noqa: E402
import source  # noqa: E402


def arguments_of(head):
    """(arguments, ghost arguments) with which a function would call one of its own kind."""
    ghost = re.search(r"/\*@\s*ghost\s*\((.*?)\)\s*\*/", head, flags=re.S)
    plain = re.sub(r"/\*.*?\*/", " ", head, flags=re.S)
    inside = plain[
        plain.index("(", plain.index(")") if re.search(r"\(\s*\w+\s*\)\s*\(", plain) else 0)
        + 1 : plain.rindex(")")
    ]

    def names(text):
        parts = [part for part in text.split(",") if part.strip() not in ("", "void")]
        return ", ".join(re.search(r"(\w+)\s*(?:\[[^]]*\])?\s*$", part).group(1) for part in parts)

    return names(inside), names(ghost.group(1)) if ghost else ""


def any_body(name, definition, clauses):
    """The declaration of a function that may do what the assigns clauses allow, and a body that only calls it."""
    head = definition.split("{", 1)[0]
    assigns = [
        re.sub(r"^assigns\s+", "", text)
        for label, text in clauses.items()
        if "assigns" in label.split()
    ]
    places = [text for text in assigns if text.strip() != "\\nothing"]
    contract = "assigns %s;" % (", ".join(places) if places else "\\nothing") if assigns else ""
    other = re.sub(r"\b%s\b" % name, name + "__any", head, count=1)
    other = re.sub(r"\b(?:static|(?:__)?inline)\b", "", other)
    arguments, ghost = arguments_of(head)
    call = "%s__any(%s)%s;" % (name, arguments, " /*@ ghost (%s) */" % ghost if ghost else "")
    void = re.match(r"\s*(?:(?:static|(?:__)?inline|extern)\s+)*void\b(?!\s*\*)", head)
    declaration = ("/*@ %s */\n" % contract if contract else "") + other.strip() + ";\n"
    return declaration, head + "{ %s%s }\n" % ("" if void else "return ", call)


def variant(printed, own):
    """The unit with each of its functions that is no ghost changed so; and their names."""
    tree, text, changed = source.Tree(printed), printed, []
    for name in sorted(own):
        definition = tree.bodies.get(name)
        if definition is None or definition not in text:
            continue
        place = text.index(definition)
        if text.rfind("/*@", 0, place) > text.rfind("*/", 0, place):
            continue  # ghost: a lemma, which changes nothing
        declaration, body = any_body(name, definition, tree.contracts.get(name, {}))
        # The contract of the function itself stands right before its head: the new declaration goes before that.
        begin = text.rfind("/*@", 0, place) if re.search(r"\*/\s*$", text[:place]) else place
        text = (
            text[:begin] + declaration + text[begin:place] + body + text[place + len(definition) :]
        )
        changed.append(name)
    return text, changed


def trivial(path, own):
    """Names of ensures clauses of these functions that hold for any body."""
    # Frama-C prints casts in annotations of ghost code with a qualifier that it does not read.
    text, changed = variant(re.sub(r"\((\w[\w ]*?) \\ghost\)", r"(\1)", frama_c.view(path)[0]), own)
    if not changed:
        return [], 0
    with frama_c.Workplace() as place:
        file = place.path("any.c")
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        status, lines = place.run(
            [
                "-machdep",
                "gcc_x86_64",
                "-cpp-extra-args=-I.",
                file,
                "-wp",
                "-wp-prover",
                "none",
                "-wp-no-warn-memory-model",
                "-wp-fct",
                ",".join(changed),
                "-wp-prop=@ensures",
            ]
        )
    if status != 0:
        raise frama_c.FramaCFailed("%s: with other bodies: %s" % (path, "; ".join(lines[-6:])))
    return sorted(
        set(re.findall(r"\[wp\] Goal typed_(\w+?)(?:_part\d+)? : trivial", "\n".join(lines)))
    ), len(changed)


def each_unit(name, judge, says, total):
    """What a tool of this kind does: judge(file, functions) of each unit named on the command line, or of all, gives
    names and a count; a line for each name, and the total.  Returns the exit status."""
    units = source.core_units()
    unknown = [unit for unit in sys.argv[1:] if unit not in units]
    if unknown:
        print(
            "%s: %s is no unit; there are %s" % (name, unknown[0], ", ".join(units)),
            file=sys.stderr,
        )
        return 2
    found, count = [], 0
    try:
        for unit in sys.argv[1:] or units:
            own = source.functions_of(units[unit])
            names, judged = judge(units[unit], own) if own else ([], 0)
            found += ["%s: %s: %s" % (units[unit], one, says) for one in names]
            count += judged
    except (frama_c.FramaCFailed, frama_c.ToolMissing, subprocess.SubprocessError) as problem:
        print("%s: %s" % (name, problem), file=sys.stderr)
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
