"""Expressions of the contracts as Z3 terms: words are bit-vectors of 64 bits, truths are Booleans."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

import z3

from contracts import Contract
from expressions import LOADS, Apply, Expression, Linked, Name, Number, Register
from machine import WORD, ModelError, Place, Regions, State

Term = Any


def word_of(truth: z3.BoolRef) -> z3.BitVecRef:
    """0 or 1."""
    return z3.If(truth, z3.BitVecVal(1, WORD), z3.BitVecVal(0, WORD))


def _widened(term: z3.BitVecRef) -> z3.BitVecRef:
    return term if term.size() == WORD else z3.ZeroExt(WORD - term.size(), term)


_WORDS: dict[str, Callable[..., Term]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << b,
    ">>": z3.LShR,
    "~": lambda a: ~a,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": z3.ULT,
    "<=": z3.ULE,
    ">": z3.UGT,
    ">=": z3.UGE,
    "and": z3.And,
    "or": z3.Or,
    "not": z3.Not,
    "implies": z3.Implies,
    "if": z3.If,
    "low32": lambda a: _widened(z3.Extract(31, 0, a)),
    "low16": lambda a: _widened(z3.Extract(15, 0, a)),
    "canonical": lambda a: z3.ULT(a + 2**47, z3.BitVecVal(2**48, WORD)),
}


def register_term(state: State, name: str) -> z3.BitVecRef:
    """A part of the state as a word."""
    if name in state.registers:
        return state.registers[name]
    if name in ("mxcsr", "fpu_control"):
        return _widened(getattr(state, name))
    if name == "fs":
        return state.fs
    if name in ("df", "fpu_pending"):
        return word_of(state.direction if name == "df" else state.fpu_pending)
    return word_of(state.flags[name])


@dataclass
class Renderer:
    """Renders for one routine of one program.  `linked` gives terms of symbols, thread offsets and code places."""

    contract: Contract
    entry: State
    linked: Callable[[Linked], z3.BitVecRef]
    names: dict[str, z3.BitVecRef]
    regions: Regions

    def render(self, expression: Expression, now: Optional[State] = None) -> Term:
        """The term; `now` is what `new` refers to."""
        return self._term(expression, self.entry, now)

    def _term(self, expression: Expression, state: State, now: Optional[State]) -> Term:
        if isinstance(expression, Number):
            return z3.BitVecVal(expression.value, WORD)
        if isinstance(expression, Register):
            return register_term(state, expression.name)
        if isinstance(expression, Name):
            if expression.name in self.names:
                return self.names[expression.name]
            return z3.BitVecVal(self.contract.constants[expression.name], WORD)
        if isinstance(expression, Linked):
            return self.linked(expression)
        return self._apply(expression, state, now)

    def _apply(self, expression: Apply, state: State, now: Optional[State]) -> Term:
        if expression.operator == "new":
            assert now is not None
            return self._term(expression.operands[0], now, now)
        operands = [self._term(operand, state, now) for operand in expression.operands]
        if expression.operator in LOADS:
            return _widened(
                self.regions.bytes_at(state.memory, operands[0], LOADS[expression.operator])
            )
        return _WORDS[expression.operator](*operands)


def renderer_for(
    contract: Contract,
    entry: State,
    linked: Callable[[Linked], z3.BitVecRef],
    parameters: dict[str, z3.BitVecRef],
    prefix: str,
) -> Renderer:
    """A renderer in which every name and region has its term.  Lets and regions may use those before them."""
    renderer = Renderer(contract, entry, linked, dict(parameters), Regions([], prefix))
    pending = list(contract.regions)
    for name, expression in contract.lets:
        _places(renderer, pending)
        renderer.names[name] = z3.simplify(renderer.render(expression))
    _places(renderer, pending)
    if pending:
        raise KeyError(f"{contract.path}: region '{pending[0].name}' has no base.")
    return renderer


def _places(renderer: Renderer, pending: list[Any]) -> None:
    """Adds each region whose base and condition can be said by now."""
    for region in list(pending):
        try:
            base = z3.simplify(renderer.render(region.base))
            when = z3.BoolVal(True) if region.when is None else renderer.render(region.when)
        except (KeyError, ModelError):
            continue
        pending.remove(region)
        meets = frozenset(region.meets) | {
            one.name for one in renderer.contract.regions if region.name in one.meets
        }
        renderer.regions.places.append(
            Place(
                region.name,
                base,
                region.first,
                region.end,
                region.writable,
                region.stack,
                when,
                meets,
            )
        )
