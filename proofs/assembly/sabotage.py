"""Wrong entries of the table of forms, each of which a run on the processor must notice."""
from __future__ import annotations

from typing import Callable

import z3

from forms import FORMS, Step


def _wrong_carry(step: Step) -> None:
    """cmp sets cf also if both are equal."""
    left, right = step.value(0), step.value(1)
    FORMS_BEFORE["cmp"](step)
    step.state.flags["cf"] = z3.simplify(z3.ULE(left, right))


def _upper_half_kept(step: Step) -> None:
    """mov of 32 bits keeps the upper half of the register."""
    operand = step.operand(0)
    if operand.kind != "r" or operand.size != 4:
        FORMS_BEFORE["mov"](step)
        return
    before = step.state.copy()
    FORMS_BEFORE["mov"](step)
    for name, value in step.state.registers.items():
        if not value.eq(before.registers[name]):
            step.state.registers[name] = z3.Concat(
                z3.Extract(63, 32, before.registers[name]), z3.Extract(31, 0, value)
            )


def _equal_is_above(step: Step) -> None:
    """jbe does not jump if both are equal."""
    FORMS_BEFORE["jbe"](step)
    (_, target), (_, following) = step.outcomes
    carry = step.state.flags["cf"]
    step.outcomes = [(carry, target), (z3.Not(carry), following)]


def _pop_by_four(step: Step) -> None:
    FORMS_BEFORE["pop"](step)
    step.state.registers["rsp"] = step.state.registers["rsp"] - 4


def _control_word_as_stored(step: Step) -> None:
    """fldcw keeps the reserved bits."""
    step.state.fpu_control = step.value(0)


def _logic_carry(step: Step) -> None:
    """xor keeps cf."""
    carry = step.state.flags["cf"]
    FORMS_BEFORE["xor"](step)
    step.state.flags["cf"] = carry


def _upper_word_kept(step: Step) -> None:
    """movups loads the lower word only."""
    before = step.state.copy()
    FORMS_BEFORE["movups"](step)
    for name in step.state.registers:
        if name.endswith("[1]"):
            step.state.registers[name] = before.registers[name]


def _always_forward(step: Step) -> None:
    """rep movsb takes no notice of the direction."""
    step.state.direction, direction = z3.BoolVal(False), step.state.direction
    FORMS_BEFORE["rep_movsb"](step)
    step.state.direction = direction


def _increment_carry(step: Step) -> None:
    """inc sets cf as add does."""
    left = step.value(0)
    FORMS_BEFORE["inc"](step)
    step.state.flags["cf"] = z3.simplify(left == -1)


FORMS_BEFORE: dict[str, Callable[[Step], None]] = {name: form.run for name, form in FORMS.items()}
SABOTAGES: dict[str, tuple[str, Callable[[Step], None]]] = {
    "carry_if_equal": ("cmp", _wrong_carry),
    "upper_half_kept": ("mov", _upper_half_kept),
    "equal_is_above": ("jbe", _equal_is_above),
    "pop_by_four": ("pop", _pop_by_four),
    "reserved_bits_kept": ("fldcw", _control_word_as_stored),
    "xor_keeps_carry": ("xor", _logic_carry),
    "upper_word_kept": ("movups", _upper_word_kept),
    "always_forward": ("rep_movsb", _always_forward),
    "increment_carry": ("inc", _increment_carry),
}
