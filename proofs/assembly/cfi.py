"""Call frame information against the model: what .eh_frame says at each instruction is so there.

At the entry the rules define the caller's frame: the canonical frame address (CFA) and the return address.  At every
later instruction on every path the rules must give the same CFA, the same return address and the entry's value of each
register that they name or that nobody may change.  Nothing that they read lies below the stack pointer, where a signal
may write.  A row may say that the walk ends (return address undefined) only where the contract says so, or where the
stack pointer is no longer on the caller's stack.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import z3

from execute import Run
from goals import Goal, Setting
from machine import WORD, ModelError, State
from program import Program

# DWARF's numbers of the general registers; 16 is the return address.
DWARF = (
    "rax",
    "rdx",
    "rcx",
    "rbx",
    "rsi",
    "rdi",
    "rbp",
    "rsp",
    *(f"r{number}" for number in range(8, 16)),
)
RETURN_ADDRESS = 16
# DW_OP_breg0: the content of register 0 and an offset, of one byte here; those of the others follow.
BREG0 = 0x70
# Without a rule a debugger takes these as unchanged.  No goroutine function keeps the others that System V keeps.
UNCHANGED_IN_GOROUTINES = ("rbp",)
UNCHANGED = ("rbp", "rbx", "r12", "r13", "r14", "r15")


@dataclass(frozen=True)
class Row:
    """The rules that hold from an address on: (kind, argument) for each register.

    The argument of an expression is its bytes.
    """

    cfa: tuple[str, int]
    rules: tuple[tuple[int, str, Any], ...]


def row_at(program: Program, address: int) -> Row:
    """The row for an address; ModelError if there is none, or if its CFA is an expression."""
    entry = program.frame_entry(address)
    if entry is None:
        raise ModelError(f"{address:#x} has no call frame information")
    rows = [row for row in entry.get_decoded().table if row["pc"] <= address]
    row: dict[Any, Any] = rows[-1]
    if row["cfa"].expr is not None:
        raise ModelError(f"{address:#x}: a CFA by an expression is not modelled")
    rules = tuple(
        (number, rule.type, rule.arg)
        for number, rule in sorted((one for one in row.items() if isinstance(one[0], int)))
    )
    return Row((DWARF[row["cfa"].reg], row["cfa"].offset), rules)


class Frame:
    """The rules of a row, on a state."""

    def __init__(self, setting: Setting, row: Row, state: State) -> None:
        self.setting, self.row, self.state = setting, row, state
        self.cfa = z3.simplify(state.registers[row.cfa[0]] + row.cfa[1])
        self.kept_below: list[z3.BoolRef] = []

    def value(self, number: int) -> Optional[z3.BitVecRef]:
        """What the caller has in a register; None: undefined."""
        for which, kind, argument in self.row.rules:
            if which == number:
                return self._by_rule(kind, argument, number)
        return self.state.registers[DWARF[number]]

    def _word(self, address: z3.BitVecRef) -> z3.BitVecRef:
        return self.setting.renderer.regions.bytes_at(self.state.memory, address, 8)

    def _by_expression(self, code: list[int]) -> z3.BitVecRef:
        """The word at a register and an offset: the one expression that is modelled."""
        if len(code) != 2 or not BREG0 <= code[0] < BREG0 + len(DWARF) or code[1] >= 0x40:
            raise ModelError(f"an expression {code} is not modelled")
        return self._word(z3.simplify(self.state.registers[DWARF[code[0] - BREG0]] + code[1]))

    def _by_rule(self, kind: str, argument: Any, number: int) -> Optional[z3.BitVecRef]:
        if kind == "UNDEFINED":
            return None
        if kind == "SAME_VALUE":
            return self.state.registers[DWARF[number]]
        if kind == "EXPRESSION":
            return self._by_expression(argument)
        if kind == "REGISTER" and argument is not None:
            return self.state.registers[DWARF[argument]]
        if kind != "OFFSET" or argument is None:
            raise ModelError(f"a rule of kind {kind} is not modelled")
        address = z3.simplify(self.cfa + argument)
        self.kept_below.append(
            z3.ULT(address - self.state.registers["rsp"], z3.BitVecVal(2**62, WORD))
        )
        return self._word(address)


def cfi_goals(setting: Setting, run: Run, first: int, end: int, goroutine: bool) -> list[Goal]:
    """Goals for the instructions of a routine that lie from `first` to `end`.  goroutine: only rbp is kept."""
    program = setting.image.program
    entry_address, entry_state = run.boundaries[0]
    entry = Frame(setting, row_at(program, entry_address), entry_state)
    wanted = entry.value(RETURN_ADDRESS)
    unchanged = UNCHANGED_IN_GOROUTINES if goroutine else UNCHANGED
    goals: list[Goal] = []
    for number, (address, state) in enumerate(run.boundaries):
        if not first <= address < end:
            continue
        frame = Frame(setting, row_at(program, address), state)
        facts = tuple(setting.facts + state.path)

        def add(
            clause: str,
            conclusion: z3.BoolRef,
            path: int = number,
            base: tuple[z3.BoolRef, ...] = facts,
        ) -> None:
            goals.append(Goal(setting.contract.routine, "cfi", path, clause, base, conclusion))

        found = frame.value(RETURN_ADDRESS)
        where = f"at {address:x}"
        if found is None:
            if not setting.contract.walk_ends:
                _left(setting, address, state)
            continue
        if wanted is None:
            raise ModelError(f"{address:#x}: the walk goes on, but not at the entry")
        add(f"{where} frame address", frame.cfa == entry.cfa)
        add(f"{where} return address", found == wanted)
        for name in unchanged:
            value = frame.value(DWARF.index(name))
            if value is not None:
                add(f"{where} {name}", value == _entry_value(entry, name))
        for place, condition in enumerate(frame.kept_below):
            add(f"{where} word {place} is not below the stack pointer", condition)
    return goals


def _entry_value(entry: Frame, name: str) -> z3.BitVecRef:
    value = entry.value(DWARF.index(name))
    assert value is not None
    return value


def _left(setting: Setting, address: int, state: State) -> None:
    """The stack pointer must not be a place of the entry's stack, or the walk could go on."""
    distance = z3.simplify(state.registers["rsp"] - setting.entry.registers["rsp"])
    if z3.is_bv_value(distance):
        raise ModelError(
            f"{setting.contract.routine}: the walk ends at {address:#x}, though the stack is the caller's"
        )
