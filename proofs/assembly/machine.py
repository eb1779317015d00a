"""The state of the processor as bit-vector terms, and memory as named regions that are apart from each other."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Optional, Sequence

import z3

from expressions import GENERAL, VECTOR_WORDS, VECTORS

FLAGS = ("cf", "pf", "af", "zf", "sf", "of")
WORD = 64


class ModelError(Exception):
    """The code does something that the model does not cover: an unnamed address, an unknown form."""


def _names() -> dict[str, tuple[str, int, int]]:
    """Register name: the 64-bit register, bytes, and the bit that it begins at."""
    table = {name: (name, 8, 0) for name in GENERAL}
    for name in GENERAL[:8]:
        table["e" + name[1:]] = (name, 4, 0)
        table[name[1:]] = (name, 2, 0)
        low = name[1] + "l" if name[2] == "x" else name[1:] + "l"
        table[low] = (name, 1, 0)
    for name in GENERAL[8:]:
        table.update({name + "d": (name, 4, 0), name + "w": (name, 2, 0), name + "b": (name, 1, 0)})
    table.update({name: (name, 16, 0) for name in VECTORS})
    return table


REGISTERS = _names()


@dataclass(frozen=True)
class Place:
    """A region as terms: bytes first to end (exclusive) from base; `when`: the condition under which it is there."""

    name: str
    base: z3.BitVecRef
    first: int
    end: int
    writable: bool
    stack: bool
    when: z3.BoolRef
    meets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Access:
    """One read or write: which bytes, and what must hold so that it is allowed."""

    region: str
    at: int
    count: int
    address: z3.BitVecRef
    stack: bool


Memory = dict[tuple[str, int], z3.BitVecRef]


@dataclass
class State:
    """One machine state on one path from the entry."""

    registers: dict[str, z3.BitVecRef]  # words of 64 bits, two of them for a vector register
    flags: dict[str, z3.BoolRef]
    mxcsr: z3.BitVecRef
    fpu_control: z3.BitVecRef
    fpu_pending: z3.BoolRef
    direction: z3.BoolRef
    fs: z3.BitVecRef
    memory: Memory
    path: list[z3.BoolRef] = field(default_factory=list)
    written: list[Access] = field(default_factory=list)
    read: list[Access] = field(default_factory=list)
    needs: list[tuple[str, z3.BoolRef]] = field(default_factory=list)

    def copy(self) -> "State":
        """The same state, to go another way from here."""
        return State(
            dict(self.registers),
            dict(self.flags),
            self.mxcsr,
            self.fpu_control,
            self.fpu_pending,
            self.direction,
            self.fs,
            dict(self.memory),
            list(self.path),
            list(self.written),
            list(self.read),
            list(self.needs),
        )

    def get(self, name: str) -> z3.BitVecRef:
        """The value of a register of any width."""
        whole, size, _ = REGISTERS[name]
        if size == 16:
            return _joined([self.registers[f"{name}[1]"], self.registers[f"{name}[0]"]])
        term = self.registers[whole]
        return term if size == 8 else z3.Extract(8 * size - 1, 0, term)

    def put(self, name: str, value: z3.BitVecRef) -> None:
        """Writes a register: 32 bits clear the upper half, 16 and 8 bits keep the rest."""
        whole, size, _ = REGISTERS[name]
        if size == 16:
            self.registers[f"{name}[0]"] = z3.simplify(z3.Extract(63, 0, value))
            self.registers[f"{name}[1]"] = z3.simplify(z3.Extract(127, 64, value))
            return
        if size == 4:
            value = z3.ZeroExt(32, value)
        elif size < 4:
            value = z3.Concat(z3.Extract(63, 8 * size, self.registers[whole]), value)
        self.registers[whole] = z3.simplify(value)


def fresh_state(prefix: str) -> State:
    """A state of which nothing is known but what the processor itself guarantees (hardware_facts)."""
    return State(
        {name: z3.BitVec(prefix + name, WORD) for name in (*GENERAL, *VECTOR_WORDS)},
        {name: z3.Bool(prefix + name) for name in FLAGS},
        z3.BitVec(prefix + "mxcsr", 32),
        z3.BitVec(prefix + "fpu_control", 16),
        z3.Bool(prefix + "fpu_pending"),
        z3.Bool(prefix + "df"),
        z3.BitVec(prefix + "fs", WORD),
        {},
    )


def hardware_facts(state: State) -> list[z3.BoolRef]:
    """Bits that the processor keeps fixed in its control registers."""
    return [z3.Extract(31, 16, state.mxcsr) == 0, state.fpu_control & 0xE0C0 == 0x40]


def _joined(parts: list[z3.BitVecRef]) -> z3.BitVecRef:
    """Bytes, the highest first, as one value; those of one term in order are that term, which stays recognisable."""
    first = parts[-1]
    if first.decl().kind() == z3.Z3_OP_EXTRACT:
        whole, low = first.arg(0), first.params()[1]
        if all(
            one.decl().kind() == z3.Z3_OP_EXTRACT
            and one.arg(0).eq(whole)
            and one.params()[1] == low + 8 * place
            for place, one in enumerate(reversed(parts))
        ):
            return z3.simplify(
                whole
                if 8 * len(parts) == whole.size()
                else z3.Extract(low + 8 * len(parts) - 1, low, whole)
            )
    return z3.simplify(z3.Concat(*parts)) if len(parts) > 1 else z3.simplify(first)


class Regions:
    """Finds the region of an address, and reads and writes bytes there."""

    def __init__(self, places: list[Place], prefix: str) -> None:
        self.places, self.prefix = places, prefix

    def find(self, address: z3.BitVecRef, count: int) -> tuple[Place, int]:
        """The region and the signed distance from its base; ModelError if the address is not base + constant."""
        for place in self.places:
            distance = z3.simplify(address - place.base)
            if z3.is_bv_value(distance):
                at = distance.as_signed_long()
                if place.first <= at and at + count <= place.end:
                    return place, at
        shown = re.sub(r"\s+", " ", str(z3.simplify(address)))
        raise ModelError(f"{count} bytes at {shown} are in none of the regions")

    def initial(self, region: str, at: int) -> z3.BitVecRef:
        """The byte at the entry."""
        return z3.BitVec(f"{self.prefix}{region}[{at}]", 8)

    def bytes_at(self, memory: Memory, address: z3.BitVecRef, count: int) -> z3.BitVecRef:
        """A little-endian value; no access is recorded."""
        place, at = self.find(address, count)
        if place.meets and any(name in place.meets for name, _ in memory):
            raise ModelError(
                f"region '{place.name}' is read behind a write that may be to the same bytes"
            )
        parts = [
            memory.get((place.name, at + i), self.initial(place.name, at + i))
            for i in reversed(range(count))
        ]
        return _joined(parts)

    def load(self, state: State, address: z3.BitVecRef, count: int) -> z3.BitVecRef:
        """What an instruction reads."""
        place, at = self.find(address, count)
        state.needs.append(("the region is there", place.when))
        state.read.append(Access(place.name, at, count, z3.simplify(address), place.stack))
        if place.stack:
            self._above_stack_pointer(state, address)
        return self.bytes_at(state.memory, address, count)

    @staticmethod
    def _above_stack_pointer(state: State, address: z3.BitVecRef) -> None:
        """A signal may change whatever lies below the stack pointer: nothing there is read."""
        distance = address - state.registers["rsp"]
        state.needs.append(
            (
                "nothing below the stack pointer is read",
                z3.ULT(distance, z3.BitVecVal(2**62, WORD)),
            )
        )

    def store(self, state: State, address: z3.BitVecRef, value: z3.BitVecRef) -> None:
        """What an instruction writes."""
        count = value.size() // 8
        place, at = self.find(address, count)
        if not place.writable:
            raise ModelError(
                f"{count} bytes at {at} of region '{place.name}' are written, which may only be read"
            )
        state.needs.append(("the region is there", place.when))
        state.written.append(Access(place.name, at, count, z3.simplify(address), place.stack))
        for i in range(count):
            state.memory[place.name, at + i] = z3.Extract(8 * i + 7, 8 * i, value)


def solver_for(facts: list[z3.BoolRef], milliseconds: int = 60000) -> z3.Solver:
    """A solver that knows some facts."""
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(*facts)
    return solver


def possible(known: z3.Solver, conditions: Sequence[z3.BoolRef] = ()) -> bool:
    """Can the conditions hold, too?  Unknown counts as yes."""
    known.push()
    known.add(*conditions)
    answer = bool(known.check() != z3.unsat)
    known.pop()
    return answer
