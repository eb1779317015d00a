"""Runs a routine symbolically from its entry, along every path that the premises allow."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Callable, Optional

import z3

from contracts import Contract
from decode import Instruction, decode
from forms import Step, run_form
from machine import WORD, ModelError, Regions, State, possible, solver_for
from program import Program

STEPS_MAX = 4000
THREAD_VARIABLES = ("contig_m", "__safestack_unsafe_stack_ptr", "contig_c_system_side")


@dataclass
class End:
    """The end of a path: the state, and where control is."""

    state: State
    target: z3.BitVecRef


@dataclass
class Image:
    """The code of a program, decoded on demand, routine by routine.

    `replaced` holds instructions put in by mutation (None: deleted); `symbolic`, by address and number of the operand,
    terms that stand for an immediate or a displacement."""

    program: Program
    zydis: str
    instructions: dict[int, Instruction] = field(default_factory=dict)
    decoded: set[str] = field(default_factory=set)
    replaced: dict[int, Optional[Instruction]] = field(default_factory=dict)
    symbolic: dict[int, dict[int, z3.BitVecRef]] = field(default_factory=dict)
    base: z3.BitVecRef = None
    loaded: z3.BoolRef = None

    def __post_init__(self) -> None:
        """loaded: all of the program lies below 2^47, where Linux loads it."""
        self.base = z3.BitVec("image", WORD) if self.program.movable else z3.BitVecVal(0, WORD)
        end = max(one.address + len(one.data) for one in self.program.segments)
        self.loaded = z3.ULE(self.base, z3.BitVecVal(2**47 - end, WORD))

    def routine(self, name: str) -> list[Instruction]:
        """The instructions of a routine."""
        first = self.program.address(name)
        code = self.program.code(name)
        if name not in self.decoded:
            for one in decode(code, first, self.zydis):
                self.instructions[one.address] = one
            self.decoded.add(name)
        return [
            self.instructions[at]
            for at in sorted(self.instructions)
            if first <= at < first + len(code)
        ]

    def entry_of(self, contract: Contract) -> int:
        """The linker's address at which a contract's run begins."""
        if contract.offset or contract.subjects:
            return self.program.address(contract.within) + contract.offset
        return self.program.address(contract.routine)

    def at(self, address: int) -> Instruction:
        """The instruction at an address; it must begin there in a routine that has a symbol."""
        if address not in self.instructions:
            for one in self.program.symbols.values():
                if (
                    one.is_function
                    and one.address <= address < one.address + one.size
                    and one.name not in self.decoded
                ):
                    self.routine(one.name)
                    break
        if address not in self.instructions:
            raise ModelError(f"control goes to {address:#x}, where no known instruction begins")
        return self.instructions[address]

    def fingerprint(self, name: str, entry: int, known: Optional[dict[int, str]] = None) -> str:
        """SHA-256 of a routine's bytes; where they name a place elsewhere, the symbol stands for the distance.  known:
        names of places that the routine is proved for whatever they are."""
        offsets = [self.program.thread_offset(one) for one in THREAD_VARIABLES]
        text = hashlib.sha256(f"{self.program.movable} {offsets}".encode())
        first = self.program.address(name)
        text.update(f"entry {entry - first} size {self.program.symbols[name].size}".encode())
        for one in self.routine(name):
            text.update(self._place_free(one, name, known or {}))
        return text.hexdigest()

    def _place_free(self, one: Instruction, name: str, known: dict[int, str]) -> bytes:
        if one.mnemonic[0] == "j" or one.mnemonic == "call":
            operand = one.operands[0]
            if operand.kind == "i":
                target = operand.value
                home = [
                    symbol for symbol in self.program.symbols.values() if symbol.address == target
                ]
                inside = 0 <= target - self.program.address(name) < self.program.symbols[name].size
                where = (
                    f"+{target - self.program.address(name)}"
                    if inside
                    else known.get(target, min((s.name for s in home), default=hex(target)))
                )
                return f"{one.mnemonic} {where};".encode()
        for operand in one.operands:
            if operand.base == "rip":
                place = (one.next + operand.value) % 2**64
                where = self.program.loaded_thread_offset(place) or hex(place)
                return f"{one.mnemonic} {where};".encode()
        return one.code

    def code(self, address: int) -> z3.BitVecRef:
        """An address of the program as a term."""
        return z3.simplify(self.base + z3.BitVecVal(address, WORD))

    def place_of(self, target: z3.BitVecRef) -> Optional[int]:
        """The linker's address of a term that is image + constant; None for a computed target."""
        distance = z3.simplify(target - self.base)
        return int(distance.as_long()) if z3.is_bv_value(distance) else None

    def constant_load(self, address: int, count: int) -> Optional[z3.BitVecRef]:
        """What a load from the program's own constant memory gives; None if that is not known."""
        name = self.program.loaded_thread_offset(address % 2**64)
        if name is not None and count == 8:
            return self.thread_offset(name)
        if self.program.never_written(address % 2**64, count) and not self.program.movable:
            return z3.BitVecVal(
                int.from_bytes(self.program.bytes_at(address % 2**64, count), "little"), 8 * count
            )
        return None

    def thread_offset(self, name: str) -> z3.BitVecRef:
        """Distance of a thread-local variable from %fs."""
        known = self.program.thread_offset(name)
        return (
            z3.BitVec("thread_offset_" + name, WORD) if known is None else z3.BitVecVal(known, WORD)
        )


@dataclass
class Run:
    """All paths of a routine.  boundaries: (address, state) before each instruction, for what holds always."""

    ends: list[End]
    boundaries: list[tuple[int, State]]
    visited: set[int]


Stop = Callable[[int, State], bool]


def run_routine(
    image: Image, entry: int, state: State, regions: Regions, facts: list[z3.BoolRef], stop: Stop
) -> Run:
    """Every path from the linker's address `entry`.  A path ends where `stop` says, or at a computed target."""
    run = Run([], [], set())
    work = [(entry, state)]
    known = solver_for(facts)
    for _ in range(STEPS_MAX):
        if not work:
            return run
        address, state = work.pop()
        run.boundaries.append((address, state.copy()))
        run.visited.add(address)
        instruction = image.replaced.get(address, image.at(address))
        if instruction is None:
            work.append((image.at(address).next, state))
            continue
        step = Step(
            state,
            instruction,
            regions,
            image.code,
            image.constant_load,
            image.symbolic.get(address, {}),
        )
        run_form(step)
        _follow(image, run, work, step, known, stop)
    raise ModelError(f"the routine at {entry:#x} takes more than {STEPS_MAX} steps")


def _follow(
    image: Image, run: Run, work: list[tuple[int, State]], step: Step, known: z3.Solver, stop: Stop
) -> None:
    """Adds the successors that the premises allow to the work, or the ends."""
    if any(what == "ud2 is not reached" for what, _ in step.state.needs):
        run.ends.append(End(step.state, z3.BitVecVal(0, WORD)))
        return
    for condition, target in step.outcomes:
        if z3.is_false(condition):
            continue
        state = step.state if len(step.outcomes) == 1 else step.state.copy()
        if not z3.is_true(condition):
            state.path.append(condition)
            if not possible(known, state.path):
                continue
        place = image.place_of(target)
        if place is None or stop(place, state):
            run.ends.append(End(state, target))
        else:
            work.append((place, state))
