"""Reads from spec/*.acsl what copystack does to a goroutine's registers, as an expression of the contracts' language.

`registers_moved` and `moved_value` are read as they stand there, so that this is the sentence that copystack is proved
to fulfil.  ACSL's integers are words here: no sum of the definitions leaves 0 .. 2^64 - 1 for addresses of stacks.
"""
from __future__ import annotations

import os
import re

from contracts import ContractError


def _definition(root: str, file: str, name: str) -> tuple[list[str], str]:
    """Parameters and body of a definition, without comments and line breaks."""
    path = os.path.join(root, "spec", file)
    with open(path, encoding="ascii") as content:
        text = re.sub(r"//[^\n]*", "", content.read())
    found = re.search(rf"\b{name}(?:{{[^}}]*}})?\(([^)]*)\)\s*=(.*?)(?:;|\*/)", text, flags=re.S)
    if found is None:
        raise ContractError(f"{path} does not define '{name}'.")
    parameters = [one.split()[-1] for one in found.group(1).split(",")]
    return parameters, " ".join(found.group(2).split())


def _conditional(text: str) -> str:
    """C's c ? a : b as Python's."""
    head, question, rest = text.partition("?")
    if not question:
        return text.strip()
    middle, _, tail = rest.partition(":")
    return f"({middle.strip()} if {head.strip()} else {_conditional(tail)})"


def moved_value(root: str, value: str) -> str:
    """What a move makes of a pointer: moved_value of spec/relocate.acsl, with the names of the sequence."""
    parameters, body = _definition(root, "relocate.acsl", "moved_value")
    if parameters != ["value", "old_lo", "old_sp", "old_hi", "new_hi"]:
        raise ContractError(
            f"spec/relocate.acsl: moved_value has the parameters {', '.join(parameters)}."
        )
    return re.sub(r"\bvalue\b", f"({value})", _conditional(body))


def registers_moved(root: str) -> list[tuple[str, str]]:
    """(register, statement) for each register: registers_moved of spec/stack_moves.acsl.

    The names are old_sp, old_pc, old_bp and old_ctxt before the move, new_... after it, and those of moved_value.
    """
    _, body = _definition(root, "stack_moves.acsl", "registers_moved")
    found = []
    for conjunct in body.split("&&"):
        text = re.sub(
            r"\\at\(g->sched\.(\w+), (Old|New)\)",
            lambda m: f"{m.group(2).lower()}_{m.group(1)}",
            conjunct.strip(),
        )
        text = re.sub(r"\bmove\.", "", text)
        text = re.sub(r"\brelocated\((\w+), move\)", lambda m: moved_value(root, m.group(1)), text)
        register = re.match(r"new_(\w+) ==", text)
        if register is None:
            raise ContractError(
                f"spec/stack_moves.acsl: '{conjunct.strip()}' of registers_moved is not understood."
            )
        found.append((register.group(1), text))
    if sorted(name for name, _ in found) != ["bp", "ctxt", "pc", "sp"]:
        raise ContractError(
            "spec/stack_moves.acsl: registers_moved is not about sp, pc, bp and ctxt."
        )
    return found
