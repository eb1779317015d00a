"""Machine code to instructions, by two decoders that must agree: capstone and Zydis (zydis_decode.c)."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Any, Iterable

import capstone
from capstone import x86_const as x86

LONGEST = 15
ZYDIS_SECONDS = 60
# One name a condition; the decoders use different ones.
SYNONYMS = {
    "jz": "je",
    "jnz": "jne",
    "jnb": "jae",
    "jnbe": "ja",
    "cmovnbe": "cmova",
    "cmovnb": "cmovae",
    "cmovz": "cmove",
    "cmovnz": "cmovne",
    "movabs": "mov",
    "retn": "ret",
    "rep movsb": "rep_movsb",
}
# Their operands are always [rdi] and [rsi], which Zydis does not show.
STRING = ("rep_movsb",)


class DecodeError(Exception):
    """Bytes that a decoder does not know, or that the two read differently."""


@dataclass(frozen=True)
class Operand:
    """kind r: `register` of `size` bytes; i: `value`; m: memory of `size` bytes at segment:base+index*scale+value."""

    kind: str
    size: int
    register: str = ""
    value: int = 0
    segment: str = ""
    base: str = ""
    index: str = ""
    scale: int = 0


@dataclass(frozen=True)
class Instruction:
    """One instruction; immediates and displacements are words modulo 2^64, branch targets addresses."""

    address: int
    code: bytes
    mnemonic: str
    operands: tuple[Operand, ...]
    text: str

    @property
    def next(self) -> int:
        """The address behind it."""
        return self.address + len(self.code)

    @property
    def form(self) -> str:
        """What the table of forms is searched for: the mnemonic and the kinds and sizes of operands."""
        shapes = ["i" if one.kind == "i" else f"{one.kind}{8 * one.size}" for one in self.operands]
        return " ".join([self.mnemonic, ",".join(shapes)]).strip()


def _operand(instruction: Any, operand: Any) -> Operand:
    if operand.type == x86.X86_OP_REG:
        return Operand("r", operand.size, register=instruction.reg_name(operand.reg))
    if operand.type == x86.X86_OP_IMM:
        return Operand("i", 0, value=operand.imm % 2**64)
    memory = operand.mem

    def name(number: int) -> str:
        return str(instruction.reg_name(number)) if number else ""

    segment = name(memory.segment)
    return Operand(
        "m",
        operand.size,
        value=memory.disp % 2**64,
        segment="" if segment in ("ds", "ss") else segment,
        base=name(memory.base),
        index=name(memory.index),
        scale=memory.scale if memory.index else 0,
    )


def _capstone_all(code: bytes, address: int) -> list[Instruction]:
    """Instructions one behind the other; DecodeError at the first byte that is none."""
    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    decoder.detail = True
    found, place = [], 0
    for one in decoder.disasm(code, address):
        mnemonic = SYNONYMS.get(one.mnemonic, one.mnemonic)
        if mnemonic not in STRING and any(byte in (0xF0, 0xF2, 0xF3) for byte in one.prefix):
            raise DecodeError(
                f"{one.address:#x}: '{one.mnemonic} {one.op_str}' has a prefix that is not modelled"
            )
        found.append(
            Instruction(
                one.address,
                bytes(one.bytes),
                mnemonic,
                tuple(_operand(one, o) for o in one.operands if mnemonic not in STRING),
                f"{one.mnemonic} {one.op_str}".strip(),
            )
        )
        place += one.size
    if place < len(code):
        raise DecodeError(
            f"{address + place:#x}: {code[place:place + LONGEST].hex()} is no instruction (capstone)"
        )
    return found


def _zydis_line(one: Instruction) -> str:
    """The line that Zydis must print for an instruction that capstone has read."""
    words = [str(len(one.code)), one.mnemonic]
    for operand in one.operands:
        if operand.kind == "r":
            words.append(f"r:{operand.register}")
        elif operand.kind == "i":
            words.append(f"i:{operand.value:x}")
        else:
            names = [operand.segment or "-", operand.base or "-", operand.index or "-"]
            words.append(f"m:{operand.size}:{':'.join(names)}:{operand.scale}:{operand.value:x}")
    return " ".join(words)


def _plain(line: str) -> str:
    """A line of zydis_decode with this file's names."""
    words = re.sub(r"(m:\d+):(?:ds|ss):", r"\1:-:", line).split()
    if len(words) > 1:
        words[1] = SYNONYMS.get(words[1], words[1])
    return " ".join(words)


def _zydis_all(program: str, instructions: Iterable[Instruction]) -> list[str]:
    text = "".join(f"{one.address:x} {one.code.hex()}\n" for one in instructions)
    try:
        done = subprocess.run(
            [program], input=text, capture_output=True, text=True, check=True, timeout=ZYDIS_SECONDS
        )
        return done.stdout.splitlines()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise DecodeError(f"the decoder cannot be run: {error}") from error


def decode(code: bytes, address: int, zydis: str) -> list[Instruction]:
    """The instructions of a routine; `zydis` is the program zydis_decode.  DecodeError if the decoders differ."""
    found = _capstone_all(code, address)
    lines = _zydis_all(zydis, found)
    if len(lines) != len(found):
        raise DecodeError(
            f"{address:#x}: Zydis reads {len(lines)} instructions, capstone {len(found)}"
        )
    for one, line in zip(found, lines):
        if _plain(line) != _zydis_line(one):
            raise DecodeError(
                f"{one.address:#x}: {one.code.hex()} is '{_zydis_line(one)}' to capstone, '{_plain(line)}' to Zydis"
            )
    return found
