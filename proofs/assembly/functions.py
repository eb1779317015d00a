"""Goroutine functions of a program: where their prologues, bodies and slow paths are.

A prologue is proved once for each class of frame sizes, with a symbolic size.  Every other function of the class must
have the same instructions, with operands that are the same functions of its own size.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Collection, Optional

import z3

from cfi import row_at
from contracts import Contract
from decode import Instruction, Operand
from execute import Image
from goals import Obligations, obligations_of
from machine import WORD, ModelError

# Operands of these depend on the frame's size, in one of these ways.
OF_THE_FRAME: dict[str, Callable[[z3.BitVecRef], z3.BitVecRef]] = {
    "frame - 8": lambda frame: frame - 8,
    "frame - 128": lambda frame: frame - 128,
    "128 - frame": lambda frame: 128 - frame,
}


@dataclass(frozen=True)
class Function:
    """One goroutine function; addresses are the linker's.  template: its prologue, with the size left open."""

    name: str
    entry: int
    frame: int
    body: int
    resume: int
    prologue: tuple[Instruction, ...]
    template: tuple[str, ...]

    def proved(self, image: Image) -> set[int]:
        """The addresses that the contracts of prologue and slow path are of."""
        more = [one.operands[0].value for one in self.prologue if one.mnemonic in ("jbe", "jb")]
        return {
            *(one.address for one in self.prologue),
            more[0],
            self.resume,
            image.at(self.resume).next,
        }

    @property
    def size_class(self) -> str:
        return "small" if self.frame <= 128 else "middle" if self.frame <= 4096 else "big"


def function_of(image: Image, name: str, entry: int, frame: int) -> Function:
    """The parts of one function; ModelError if it does not begin with a prologue."""
    prologue: list[Instruction] = []
    address = entry
    while not prologue or prologue[-1].text.split(",")[0] != "sub rsp":
        prologue.append(image.at(address))
        address = prologue[-1].next
        if len(prologue) > 8:
            raise ModelError(f"{name} does not begin with a prologue")
    asks = [one.operands[0].value for one in prologue if one.mnemonic in ("jbe", "jb")]
    if not asks or len(set(asks)) != 1:
        raise ModelError(f"{name}: the jumps of its prologue do not lead to one place")
    call = _slow_path(image, name, entry, asks[0])
    template = tuple(_template(one, frame, asks[0]) for one in prologue)
    if image.program.unwindable:
        places = (
            *(part.address for part in prologue),
            asks[0],
            call.next,
            image.at(call.next).next,
        )
        template += tuple(str(row_at(image.program, one)) for one in places)
    return Function(name, entry, frame, address, call.next, tuple(prologue), template)


def _slow_path(image: Image, name: str, entry: int, address: int) -> Instruction:
    """The call of morestack; ModelError if what stands there is not the slow path of every function."""
    call = image.at(address)
    pop = image.at(call.next)
    back = image.at(pop.next)
    morestack = image.program.address("contig_morestack")
    if (call.mnemonic, pop.text, back.mnemonic) != ("call", "pop rbp", "jmp") or (
        call.operands[0].value,
        back.operands[0].value,
    ) != (morestack, entry):
        raise ModelError(
            f"{name}: at {address:#x} is no slow path: '{call.text}; {pop.text}; {back.text}'"
        )
    return call


def _dependence(operand: Operand, frame: int) -> Optional[str]:
    """How the constant of an operand depends on the size of the frame."""
    size = z3.BitVecVal(frame, WORD)
    for name, value in OF_THE_FRAME.items():
        if z3.simplify(value(size)).as_long() == operand.value:
            return name
    return None


def _template(one: Instruction, frame: int, more: int) -> str:
    if one.mnemonic in ("jbe", "jb") and one.operands[0].value == more:
        return f"{one.mnemonic} more"
    parts = []
    for operand in one.operands:
        value = f"{operand.value:x}"
        if one.mnemonic in ("sub", "lea") and operand.kind != "r":
            dependence = _dependence(operand, frame)
            if dependence is None:
                raise ModelError(
                    f"{one.address:#x}: '{one.text}' does not fit a frame of {frame} bytes"
                )
            value = dependence
        parts.append(
            f"{operand.kind}{operand.size} {operand.register}{operand.segment}:{operand.base} {value}"
        )
    return " ".join([one.mnemonic, ", ".join(parts)])


def functions_of(image: Image, unchecked: Collection[str] = ()) -> list[Function]:
    """Every goroutine function of the function table, but those that are named as unchecked."""
    return [
        function_of(image, *record)
        for record in image.program.function_records()
        if record[0] not in unchecked
    ]


def prologue_goals(image: Image, contract: Contract, function: Function) -> Obligations:
    """The prologue for every frame size of the function's class."""
    frame = z3.BitVec("frame", WORD)
    for one in function.prologue:
        now = image.replaced.get(one.address) or one
        image.symbolic[one.address] = {
            number: OF_THE_FRAME[name](frame) + (now.operands[number].value - operand.value)
            for number, operand in enumerate(one.operands)
            if one.mnemonic in ("sub", "lea") and operand.kind != "r"
            for name in [_dependence(operand, function.frame)]
            if name
        }
    bounds = {
        "small": frame <= 128,
        "middle": z3.And(frame > 128, frame <= 4096),
        "big": frame > 4096,
    }
    parameters = {
        "frame": frame,
        "body": image.code(function.body),
        "resume": image.code(function.resume),
    }
    try:
        return obligations_of(
            image,
            contract,
            function.entry,
            parameters,
            (function.body,),
            [bounds[function.size_class]],
        )
    finally:
        image.symbolic.clear()


def resume_goals(image: Image, contract: Contract, function: Function) -> Obligations:
    """The slow path behind the call of morestack."""
    return obligations_of(
        image, contract, function.resume, {"entry": image.code(function.entry)}, (function.entry,)
    )
