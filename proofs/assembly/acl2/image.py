"""What the theorems need of a linked program: bytes, addresses, and how many steps each path takes."""
from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Iterator

import capstone
from elftools.elf.elffile import ELFFile


class ImageError(Exception):
    """A program that the theorems cannot be stated of; the text is one sentence that names what is missing."""


class UndecidedError(ImageError):
    """A conditional jump is met, and nobody says when it is taken."""


@dataclass(frozen=True)
class Routine:
    """Code of the linked program that begins at `entry`, somewhere in the bytes of one function."""

    name: str
    address: int
    code: bytes
    entry: int


@dataclass(frozen=True)
class Function:
    """A goroutine function: bytes of its frame below the return address, and addresses of its parts."""

    name: str
    entry: int
    frame: int
    body: int
    resume: int


# struct function_record of src/core/move/site_table.h
RECORD = struct.Struct("<iiiiiii")


class Image:
    """A linked x86-64 program."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with open(path, "rb") as content:
                self._read(ELFFile(content))
        except (OSError, ValueError) as error:
            raise ImageError(f"{path} cannot be read: {error}.") from error
        except Exception as error:
            if type(error).__module__.startswith("elftools"):
                raise ImageError(f"{path} is not an ELF program: {error}.") from error
            raise

    def _read(self, elf: ELFFile) -> None:
        if elf["e_machine"] != "EM_X86_64" or elf["e_type"] not in ("ET_EXEC", "ET_DYN"):
            raise ImageError(f"{self.path} is not a linked x86-64 program.")
        table = elf.get_section_by_name(".symtab")
        if table is None:
            raise ImageError(f"{self.path} has no symbol table.")
        self.symbols = {
            one.name: (one["st_value"], one["st_size"])
            for one in table.iter_symbols()
            if one["st_shndx"] != "SHN_UNDEF" and one.name
        }
        self._segments = [
            (one["p_vaddr"], one.data())
            for one in elf.iter_segments()
            if one["p_type"] == "PT_LOAD"
        ]
        table = elf.get_section_by_name("contig_functions")
        self._records = (table["sh_addr"], table.data()) if table is not None else (0, b"")
        tls = [one for one in elf.iter_segments() if one["p_type"] == "PT_TLS"]
        self._tls_bytes = (
            -(-tls[0]["p_memsz"] // tls[0]["p_align"]) * tls[0]["p_align"] if tls else 0
        )

    def address(self, symbol: str) -> int:
        """Where a symbol is linked."""
        if symbol not in self.symbols:
            raise ImageError(f"{self.path} has no symbol '{symbol}'.")
        return int(self.symbols[symbol][0])

    def thread_offset(self, symbol: str) -> int:
        """Of a thread-local variable of the program, from the base of %fs (x86-64, variant II)."""
        return self.address(symbol) - int(self._tls_bytes)

    def bytes_at(self, address: int, count: int) -> bytes:
        """The bytes that are loaded at an address."""
        for start, data in self._segments:
            if start <= address and address + count <= start + len(data):
                return bytes(data[address - start : address - start + count])
        raise ImageError(f"{self.path} loads nothing at {address:#x}.")

    def routine(self, name: str, within: str, entry: int) -> Routine:
        """The bytes of the function `within`, up to its size."""
        address = self.address(within)
        size = int(self.symbols[within][1])
        if not address <= entry < address + size:
            raise ImageError(f"{self.path}: '{name}' does not begin in '{within}'.")
        return Routine(name, address, self.bytes_at(address, size), entry)

    def functions(self) -> list[Function]:
        """Every goroutine function that has a frame, as the function table says."""
        names = {at: name for name, (at, size) in self.symbols.items() if size}
        found = []
        for place in range(0, len(self._records[1]) - RECORD.size + 1, RECORD.size):
            offset, frame = RECORD.unpack_from(self._records[1], place)[::5]
            if frame:
                entry = self._records[0] + place + offset
                if entry not in names:
                    raise ImageError(
                        f"{self.path}: the function table names {entry:#x}, where no function begins."
                    )
                found.append(self._function(names[entry], entry, frame))
        return found

    def _function(self, name: str, entry: int, frame: int) -> Function:
        """Its body is behind the instruction that makes room, its slow path where the prologue jumps to."""
        routine = self.routine(name, name, entry)
        slow = set()
        for one in instructions(routine.code, entry):
            if one.mnemonic in CONDITIONAL:
                slow.add(int(one.op_str, 16))
            if one.mnemonic == "sub" and one.op_str.startswith("rsp,") and len(slow) == 1:
                at = slow.pop()
                call = next(instructions(routine.code[at - entry :], at), None)
                if call is not None and call.mnemonic == "call":
                    return Function(name, entry, frame, one.address + one.size, at + call.size)
        raise ImageError(f"{self.path}: '{name}' does not begin with a prologue.")


CONDITIONAL = frozenset(("je", "jne", "jb", "jbe", "ja", "jae"))


def instructions(code: bytes, address: int) -> Iterator[capstone.CsInsn]:
    """The instructions one after another, as far as the bytes are instructions."""
    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    yield from decoder.disasm(code, address)


def steps(routine: Routine, taken: tuple[bool, ...], ends: frozenset[int]) -> tuple[int, int]:
    """Instructions from the entry until control leaves the routine or is at an end; how many decisions were used.

    `taken` says for each conditional jump that is met whether it jumps.  The number is a hint for the prover, not an
    assumption: with a wrong one there is no proof.
    """
    at, count, used = routine.entry, 0, 0
    while (
        0 <= at - routine.address < len(routine.code)
        and count < 1000
        and not (count and at in ends)
    ):
        one = next(instructions(routine.code[at - routine.address :], at), None)
        if one is None:
            raise ImageError(f"{routine.name}: no instruction at {at:#x}.")
        count += 1
        at += one.size
        if one.mnemonic in CONDITIONAL:
            if used == len(taken):
                raise UndecidedError(
                    f"{routine.name}: guides.toml does not say when the jump before {at:#x} is taken."
                )
            if taken[used]:
                at = int(one.op_str, 16)
            used += 1
        elif one.mnemonic in ("jmp", "call"):
            if not one.op_str.startswith("0x"):
                break
            at = int(one.op_str, 16)
        elif one.mnemonic == "ret":
            break
    return count, used
