"""Bit-vector terms as C: every term is a uint64_t whose upper bits are 0, every truth is 0 or 1."""
from __future__ import annotations

import re
from typing import Any

import z3

from expressions import GENERAL
from machine import FLAGS

C_TYPE = '#include "proofs/assembly/cosim.h"\n\n'

_INFIX = {
    z3.Z3_OP_BADD: "+",
    z3.Z3_OP_BSUB: "-",
    z3.Z3_OP_BMUL: "*",
    z3.Z3_OP_BAND: "&",
    z3.Z3_OP_BOR: "|",
    z3.Z3_OP_BXOR: "^",
    z3.Z3_OP_AND: "&",
    z3.Z3_OP_OR: "|",
    z3.Z3_OP_XOR: "^",
}
_COMPARE = {
    z3.Z3_OP_EQ: "==",
    z3.Z3_OP_DISTINCT: "!=",
    z3.Z3_OP_ULEQ: "<=",
    z3.Z3_OP_ULT: "<",
    z3.Z3_OP_UGEQ: ">=",
    z3.Z3_OP_UGT: ">",
}


class Printer:
    """Collects C statements; name() gives the variable that holds a term."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[int, str] = {}
        self._alive: list[Any] = []

    def name(self, term: Any) -> str:
        key = term.get_id()
        if key not in self._names:
            text = self._text(term)
            self._alive.append(term)
            self._names[key] = f"t{len(self._names)}"
            self.lines.append(f"    uint64_t {self._names[key]} = {text};")
        return self._names[key]

    @staticmethod
    def _mask(width: int) -> str:
        return f"UINT64_C({2 ** width - 1:#x})"

    def _text(self, term: Any) -> str:
        kind = term.decl().kind()
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return "1" if kind == z3.Z3_OP_TRUE else "0"
        if kind == z3.Z3_OP_BNUM:
            return f"UINT64_C({term.as_long():#x})"
        if kind == z3.Z3_OP_UNINTERPRETED:
            return self._input(term.decl().name())
        names = [self.name(child) for child in term.children()]
        if kind in _COMPARE and len(names) == 2:
            return f"{names[0]} {_COMPARE[kind]} {names[1]}"
        if kind == z3.Z3_OP_NOT:
            return f"!{names[0]}"
        if kind == z3.Z3_OP_ITE:
            return f"{names[0]} ? {names[1]} : {names[2]}"
        return self._vector(term, kind, names)

    def _vector(self, term: Any, kind: int, names: list[str]) -> str:
        if kind in _INFIX:
            joined = f" {_INFIX[kind]} ".join(names)
            return f"({joined}) & {self._mask(term.size())}" if z3.is_bv(term) else joined
        if kind == z3.Z3_OP_BNOT:
            return f"~{names[0]} & {self._mask(term.size())}"
        if kind == z3.Z3_OP_BNEG:
            return f"-{names[0]} & {self._mask(term.size())}"
        if kind == z3.Z3_OP_EXTRACT:
            high, low = term.params()
            return f"{names[0]} >> {low} & {self._mask(high - low + 1)}"
        if kind == z3.Z3_OP_ZERO_EXT:
            return names[0]
        if kind == z3.Z3_OP_CONCAT:
            text = names[0]
            for child, name in list(zip(term.children(), names))[1:]:
                text = f"({text}) << {child.size()} | {name}"
            return text
        if kind in (z3.Z3_OP_BLSHR, z3.Z3_OP_BSHL) and z3.is_bv_value(term.arg(1)):
            sign = ">>" if kind == z3.Z3_OP_BLSHR else "<<"
            return f"{names[0]} {sign} {term.arg(1).as_long()} & {self._mask(term.size())}"
        raise ValueError(f"no C for {term.decl()}")

    @staticmethod
    def _input(name: str) -> str:
        memory = re.fullmatch(r"in_memory\[(\d+)\]", name)
        if memory:
            return f"in->memory[{memory.group(1)}]"
        vector = re.fullmatch(r"in_xmm(\d+)\[([01])\]", name)
        if vector:
            return f"in->vectors[{2 * int(vector.group(1)) + int(vector.group(2))}]"
        plain = name[3:] if name.startswith("in_") else name
        if plain in GENERAL:
            return f"in->r[{plain.upper()}]"
        if plain in (*FLAGS, "df"):
            return f"in->flags[{(*FLAGS, 'df').index(plain)}]"
        if plain in ("mxcsr", "fpu_control", "fs", "next", "target"):
            return f"in->{plain}"
        raise ValueError(f"no C for the input {name}")
