"""Renders the expressions of the contracts as terms of ACL2.

Every word is rendered as the signed 64-bit number of the same bits, which is how x86isa keeps registers.  Operations
that may leave that range are cut back to it, so a term means what contracts/README.md says of the expression.
"""
from __future__ import annotations

from dataclasses import dataclass

from expressions import LOADS, Apply, Expression, Linked, Name, Number, Register

from image import Image, Routine

SPECIAL = {
    "mxcsr": "(mxcsr {0})",
    "fpu_control": "(fp-ctrl {0})",
    "fpu_pending": "(bool->bit (logbitp 7 (fp-status {0})))",
    "fs": "(tls {0})",
    "df": "(rflagsbits->df (rflags {0}))",
    "zf": "(rflagsbits->zf (rflags {0}))",
    "cf": "(rflagsbits->cf (rflags {0}))",
}
COMPARISONS = {"<": "(< {0} {1})", "<=": "(<= {0} {1})", ">": "(< {1} {0})", ">=": "(<= {1} {0})"}
WORDS = {
    "&": "(logand {0} {1})",
    "|": "(logior {0} {1})",
    "^": "(logxor {0} {1})",
    "~": "(lognot {0})",
    "+": "(signed64 (+ {0} {1}))",
    "-": "(signed64 (- {0} {1}))",
    "*": "(signed64 (* {0} {1}))",
    "<<": "(signed64 (ash {0} (unsigned64 {1})))",
    ">>": "(signed64 (ash (unsigned64 {0}) (- (unsigned64 {1}))))",
    "low32": "(loghead 32 {0})",
    "low16": "(loghead 16 {0})",
}
TRUTHS = {
    "==": "(equal {0} {1})",
    "!=": "(not (equal {0} {1}))",
    "and": "(and {0} {1})",
    "or": "(or {0} {1})",
    "not": "(not {0})",
    "implies": "(implies {0} {1})",
    "canonical": "(canonical-address-p {0})",
    "if": "(if {0} {1} {2})",
}


@dataclass(frozen=True)
class Renderer:
    """Renders for one routine of one program; `values` are numbers, `addresses` are in it; all other
    names are variables."""

    image: Image
    routine: Routine
    values: dict[str, int]
    addresses: dict[str, int]

    def term(self, expression: Expression, state: str = "x86") -> str:
        """The expression, of `state`; what is inside `new` is of the state `y`."""
        if isinstance(expression, Number):
            return str(signed(expression.value))
        if isinstance(expression, Register):
            return SPECIAL.get(expression.name, f"(rgfi *{expression.name}* {{0}})").format(state)
        if isinstance(expression, Name):
            return self._name(expression.name)
        if isinstance(expression, Linked):
            return self._linked(expression)
        return self._apply(expression, state)

    def _name(self, name: str) -> str:
        if name in self.addresses:
            return self.place(self.addresses[name])
        return str(signed(self.values[name])) if name in self.values else name

    def place(self, address: int) -> str:
        """An address of the program; `code` is where the routine's bytes are loaded."""
        return f"(signed64 (+ {address - self.routine.address} code))"

    def _linked(self, expression: Linked) -> str:
        if expression.kind == "thread_offset":
            return str(self.image.thread_offset(expression.name))
        if expression.kind == "code":
            return self.place(self.routine.entry + int(expression.name))
        return self.place(self.image.address(expression.name))

    def _apply(self, expression: Apply, state: str) -> str:
        operator = expression.operator
        if operator == "new":
            return self.term(expression.operands[0], "y")
        operands = [self.term(operand, state) for operand in expression.operands]
        if operator in LOADS:
            load = f"(memory {LOADS[operator]} {operands[0]} {state})"
            return f"(signed64 {load})" if LOADS[operator] == 8 else load
        if operator in COMPARISONS:
            return COMPARISONS[operator].format(*map(unsigned, expression.operands, operands))
        return (WORDS.get(operator) or TRUTHS[operator]).format(*operands)


def signed(value: int) -> int:
    """The signed number of the same 64 bits."""
    return value - 2**64 if value >= 2**63 else value


def unsigned(expression: Expression, term: str) -> str:
    """The term as a number without a sign; what has fewer than 64 bits is one."""
    if isinstance(expression, Number):
        return str(expression.value)
    if (
        isinstance(expression, Apply)
        and expression.operator != "u64"
        and expression.operator in LOADS
    ):
        return term
    return f"(unsigned64 {term})"
