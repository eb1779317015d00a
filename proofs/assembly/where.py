"""Where the registers of a caller are in a state of a symbolic run, in words that an unwinder can follow.

A place is a register, `cfa` or a word of memory: [rsp+8], [cfa-8], [m+0], [g+24], each with a number behind it if the
value lies so many bytes further.  m is the thread's M, and g the goroutine in m.curg.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional

import z3

from cfi import DWARF, RETURN_ADDRESS, Frame, Row
from execute import End
from expressions import GENERAL
from goals import Setting
from machine import ModelError, Place, State

# Regions of contracts that a record of the runtime is; the field that points into a stack, and into which one.
RECORDS = ("m", "g")
POINTERS = {"m": "M_G0_SP", "g": "G_SCHED_SP"}
STACKS = {"m": "system", "g": "goroutine"}


@dataclass(frozen=True)
class Caller:
    """What the caller has, as terms of the entry; None: that is lost."""

    cfa: z3.BitVecRef
    ra: Optional[z3.BitVecRef]
    registers: dict[str, Optional[z3.BitVecRef]]


def distance(left: z3.BitVecRef, right: z3.BitVecRef) -> Optional[int]:
    """left - right, if that is a number."""
    found = z3.simplify(left - right)
    return int(found.as_signed_long()) if z3.is_bv_value(found) else None


def behind(place: str, bytes_behind: int) -> str:
    return place + (f"{bytes_behind:+d}" if bytes_behind else "")


class Finder:
    """Finds terms in the states of one run."""

    def __init__(self, setting: Setting, kept: tuple[str, ...]) -> None:
        self.setting, self.kept = setting, kept
        self.regions = setting.renderer.regions

    def called(self, row: Row, state: State) -> Caller:
        """The caller by the call frame information of the entry."""
        frame = Frame(self.setting, row, state)
        ra = frame.value(RETURN_ADDRESS)
        kept = {name: frame.value(DWARF.index(name)) for name in self.kept}
        return Caller(frame.cfa, ra, kept)

    def returns(self, end: End) -> Caller:
        """The caller as the end of a path leaves it.  __morestack goes on one byte behind its return address."""
        registers: dict[str, Optional[z3.BitVecRef]] = {
            name: end.state.registers[name] for name in self.kept
        }
        ra = z3.simplify(end.target - 1)
        if not any(word.eq(ra) for _, _, word in self.words(self.setting.entry)):
            ra = end.target
        return Caller(end.state.registers["rsp"], ra, registers)

    def stack(self, state: State) -> str:
        """The stack that the stack pointer is on."""
        contract, pointer = self.setting.contract, state.registers["rsp"]
        if distance(pointer, self.setting.entry.registers["rsp"]) is not None:
            return contract.stack
        for region, at, word in self.words(state):
            is_pointer = region in RECORDS and at == contract.constants[POINTERS[region]]
            if is_pointer and distance(pointer, word) is not None:
                return STACKS[region]
        return "any"

    def words(self, state: State) -> Iterator[tuple[str, int, z3.BitVecRef]]:
        """Every word of every region that can be read, as (region, place in it, value)."""
        for place in sorted(self.regions.places, key=lambda one: one.name not in RECORDS):
            for at in range(place.first, place.end - 7, 8):
                try:
                    address = z3.simplify(place.base + at)
                    yield place.name, at, self.regions.bytes_at(state.memory, address, 8)
                except ModelError:
                    continue

    def place(self, name: str) -> Place:
        return next(one for one in self.regions.places if one.name == name)

    def rules(self, caller: Caller, state: State) -> Optional[dict[str, Optional[str]]]:
        """The rules of a row; None if the frame or the return address is nowhere."""
        words = list(self.words(state))
        cfa = self.frame(caller.cfa, state, words)
        if cfa is None or caller.ra is None:
            return None
        ra = self.value(caller.ra, caller.cfa, state, words, "")
        if ra is None:
            return None
        found: dict[str, Optional[str]] = {"cfa": cfa, "ra": ra}
        for name, term in caller.registers.items():
            found[name] = None if term is None else self.value(term, caller.cfa, state, words, name)
        return found

    def frame(
        self, cfa: z3.BitVecRef, state: State, words: list[tuple[str, int, z3.BitVecRef]]
    ) -> Optional[str]:
        """The frame address: by the stack pointer, or by a word of a record."""
        by_pointer = distance(cfa, state.registers["rsp"])
        if by_pointer is not None:
            return behind("rsp", by_pointer)
        for name, at, word in words:
            found = distance(cfa, word) if name in RECORDS else None
            if found is not None:
                return behind(f"[{name}{at:+d}]", found)
        return None

    def value(
        self,
        term: z3.BitVecRef,
        cfa: z3.BitVecRef,
        state: State,
        words: list[tuple[str, int, z3.BitVecRef]],
        name: str,
    ) -> Optional[str]:
        """A value: in its own register, in a record, in a frame, or in another register."""
        if name and state.registers[name].eq(term):
            return name
        pointer = state.registers["rsp"]
        for region, at, word in words:
            if not word.eq(term):
                continue
            if region in RECORDS:
                return f"[{region}{at:+d}]"
            address = self.place(region).base + at
            below = distance(address, pointer)
            if below is not None and below < 0:
                continue
            for base, start in (("cfa", cfa), ("rsp", pointer)):
                at_base = distance(address, start)
                if at_base is not None:
                    return f"[{behind(base, at_base)}]"
        for one in GENERAL:
            found = distance(term, state.registers[one])
            if found in (0, -1):
                return behind(one, found)
        return None
