"""A linked program: its symbols, the bytes of its routines, and the distances of its thread-local variables."""
from __future__ import annotations

import bisect
import struct
from dataclasses import dataclass
from typing import Any, Optional

from elftools.common.exceptions import ELFError
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile

R_X86_64_JUMP_SLOT = 7
R_X86_64_TPOFF64 = 18
JUMP_BY_RIP = b"\xff\x25"
# The checker of src/c judges the functions here; they have no prologue of frame.h.
C_SECTION = "contig_c_text"
# A row of the function table; struct function_record in src/runtime/sites.c.
RECORD = struct.Struct("<iiiiiii")
PLT_ENTRY_BYTES = 16
DF_1_PIE = 0x08000000


class ProgramError(Exception):
    """A file that is no linked x86-64 program, or lacks what is asked for."""


@dataclass(frozen=True)
class Symbol:
    """An entry of the symbol table; the address is the linker's."""

    name: str
    address: int
    size: int
    is_function: bool


@dataclass(frozen=True)
class Segment:
    """Bytes of the file that are loaded."""

    address: int
    data: bytes
    writable: bool
    executable: bool


class Program:
    """What the proofs need of an ELF file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.symbols: dict[str, Symbol] = {}
        self.unwindable = True
        self._thread: dict[str, int] = {}
        try:
            with open(path, "rb") as content:
                self._read(ELFFile(content))
        except (OSError, ELFError) as error:
            why = getattr(error, "strerror", None) or error
            raise ProgramError(f"{path} is not a linked program: {why}.") from error
        if not self.symbols:
            raise ProgramError(f"{path} has no symbol table.")

    def _read(self, elf: Any) -> None:
        if elf["e_machine"] != "EM_X86_64" or elf["e_type"] not in ("ET_EXEC", "ET_DYN"):
            raise ProgramError(f"{self.path} is not a linked program for x86-64.")
        self.movable = elf["e_type"] == "ET_DYN"
        dynamic = next((one for one in elf.iter_segments() if one["p_type"] == "PT_DYNAMIC"), None)
        flags = [one["d_val"] for one in dynamic.iter_tags("DT_FLAGS_1")] if dynamic else []
        self.is_library = self.movable and not any(one & DF_1_PIE for one in flags)
        self.segments = [
            Segment(one["p_vaddr"], one.data(), bool(one["p_flags"] & 2), bool(one["p_flags"] & 1))
            for one in elf.iter_segments()
            if one["p_type"] == "PT_LOAD"
        ]
        self._tls = next(
            (
                (one["p_memsz"], one["p_align"])
                for one in elf.iter_segments()
                if one["p_type"] == "PT_TLS"
            ),
            None,
        )
        self._relro = [
            (one["p_vaddr"], one["p_vaddr"] + one["p_memsz"])
            for one in elf.iter_segments()
            if one["p_type"] == "PT_GNU_RELRO"
        ]
        self._read_symbols(elf)
        self._read_frames(elf)
        self.sections = {
            one.name: (one["sh_addr"], one.data())
            for one in elf.iter_sections()
            if one.name in ("contig_functions", ".eh_frame", ".plt", C_SECTION)
        }
        self.imported = self._imported(elf)

    def _read_symbols(self, elf: Any) -> None:
        table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
        for one in table.iter_symbols() if table else ():
            if one["st_shndx"] == "SHN_UNDEF" or not one.name:
                continue
            if one["st_info"]["type"] == "STT_TLS":
                self._thread[one.name] = one["st_value"]
            else:
                self.symbols[one.name] = Symbol(
                    one.name, one["st_value"], one["st_size"], one["st_info"]["type"] == "STT_FUNC"
                )
        self._thread_slots = self._slots(elf)

    def _read_frames(self, elf: Any) -> None:
        entries = (
            elf.get_dwarf_info(relocate_dwarf_sections=False).EH_CFI_entries()
            if elf.get_section_by_name(".eh_frame")
            else []
        )
        self._frames = sorted(
            (
                (one["initial_location"], one["address_range"], one)
                for one in entries
                if isinstance(one, FDE)
            ),
            key=lambda one: int(one[0]),
        )

    @staticmethod
    def _slots(elf: Any) -> dict[int, str]:
        """{address of a word that the loader fills with a thread offset: the variable's name, or +offset in the
        block}."""
        found = {}
        for section in elf.iter_sections():
            if section["sh_type"] != "SHT_RELA":
                continue
            symbols = elf.get_section(section["sh_link"]) if section["sh_link"] else None
            for one in section.iter_relocations():
                if one["r_info_type"] == R_X86_64_TPOFF64:
                    name = (
                        symbols.get_symbol(one["r_info_sym"]).name
                        if one["r_info_sym"] and symbols
                        else ""
                    )
                    found[one["r_offset"]] = name or f"+{one['r_addend']}"
        return found

    def _imported(self, elf: Any) -> dict[str, int]:
        """{a library's function: the linker's jump to it}."""
        names = {}
        relocations = elf.get_section_by_name(".rela.plt")
        for one in relocations.iter_relocations() if relocations else ():
            if one["r_info_type"] == R_X86_64_JUMP_SLOT:
                symbols = elf.get_section(relocations["sh_link"])
                names[one["r_offset"]] = symbols.get_symbol(one["r_info_sym"]).name
        address, data = self.sections.get(".plt", (0, b""))
        found = {}
        for place in range(0, len(data), PLT_ENTRY_BYTES):
            if data[place : place + 2] == JUMP_BY_RIP:
                (distance,) = struct.unpack_from("<i", data, place + 2)
                slot = address + place + 6 + distance
                if slot in names:
                    found[names[slot]] = address + place
        return found

    def in_c(self, address: int) -> bool:
        """Does this lie in the code that was compiled for goroutines?"""
        first, data = self.sections.get(C_SECTION, (0, b""))
        return bool(first <= address < first + len(data))

    def address(self, name: str) -> int:
        """The linker's address of a symbol, or of the jump to a library's function."""
        if name in self.imported:
            return self.imported[name]
        if name not in self.symbols:
            raise ProgramError(f"{self.path} has no symbol '{name}'.")
        return self.symbols[name].address

    def bytes_at(self, address: int, count: int) -> bytes:
        """Bytes as the file has them."""
        for segment in self.segments:
            if segment.address <= address and address + count <= segment.address + len(
                segment.data
            ):
                return segment.data[address - segment.address : address - segment.address + count]
        raise ProgramError(f"{self.path} has no {count} bytes at {address:#x}.")

    def code(self, name: str) -> bytes:
        """The bytes of a routine, as long as its symbol says."""
        size = self.symbols[name].size if name in self.symbols else 0
        if size == 0:
            raise ProgramError(f"{self.path} has no symbol '{name}' with a size.")
        address = self.address(name)
        if not any(
            one.executable
            and not one.writable
            and one.address <= address < one.address + len(one.data)
            for one in self.segments
        ):
            raise ProgramError(
                f"{self.path}: '{name}' is not in memory that is executable and never written."
            )
        return self.bytes_at(address, size)

    def thread_offset(self, name: str) -> Optional[int]:
        """Distance of a thread-local variable from %fs modulo 2^64; None: the loader decides (a shared library)."""
        if name not in self._thread or self._tls is None or self.is_library:
            return None
        size, align = self._tls
        return int(self._thread[name] - (size + align - 1) // align * align) % 2**64

    def loaded_thread_offset(self, address: int) -> Optional[str]:
        """The thread-local variable whose distance the loader writes at this address, which nobody writes later."""
        name = self._thread_slots.get(address)
        if name is None or not self.never_written(address, 8):
            return None
        if name.startswith("+"):
            names = [one for one, value in self._thread.items() if value == int(name)]
            return names[0] if names else None
        return name

    def frame_entry(self, address: int) -> Optional[Any]:
        """The entry of .eh_frame that covers an address."""
        place = bisect.bisect_right(self._frames, address, key=lambda one: int(one[0])) - 1
        if place < 0 or address >= self._frames[place][0] + self._frames[place][1]:
            return None
        return self._frames[place][2]

    def function_records(self) -> list[tuple[str, int, int]]:
        """(name, entry, frame bytes) of each row of the function table that has a frame."""
        if "contig_functions" not in self.sections:
            return []
        address, data = self.sections["contig_functions"]
        names = {one.address: one.name for one in self.symbols.values() if one.is_function}
        found = []
        for place in range(0, len(data) - RECORD.size + 1, RECORD.size):
            entry, _, _, _, _, frame, _ = RECORD.unpack_from(data, place)
            target = address + place + entry
            if frame and not self.in_c(target):
                if target not in names:
                    raise ProgramError(
                        f"{self.path}: row {place // RECORD.size} of the function table names "
                        f"{target:#x}, which is no function."
                    )
                found.append((names[target], target, frame))
        return found

    def never_written(self, address: int, count: int) -> bool:
        """Is this memory read-only once the program runs?"""
        if any(first <= address and address + count <= end for first, end in self._relro):
            return True
        return any(
            not one.writable
            and one.address <= address
            and address + count <= one.address + len(one.data)
            for one in self.segments
        )


def routines_of_object(path: str) -> list[str]:
    """The functions that an object file defines."""
    with open(path, "rb") as content:
        table = ELFFile(content).get_section_by_name(".symtab")
        return [
            one.name
            for one in table.iter_symbols()
            if one["st_info"]["type"] == "STT_FUNC" and one["st_shndx"] != "SHN_UNDEF"
        ]


class MadeCode(Program):
    """What the frame compiler made of one script: functions without call frame information, which unwinders follow by
    their frame pointers."""

    def __init__(self, path: str, address: int, code: bytes) -> None:
        # pylint: disable=super-init-not-called
        self.path, self.movable, self.is_library, self.unwindable = path, False, False, False
        self.segments = [Segment(address, code, False, True)]
        self.symbols = {"frames_code": Symbol("frames_code", address, len(code), True)}
        self.functions: list[tuple[int, int]] = []
        self.morestack = 0
        self._relro, self._frames = [], []
        self._thread, self._thread_slots, self.sections, self.imported = {}, {}, {}, {}
        self._tls = None

    def address(self, name: str) -> int:
        return self.morestack if name == "contig_morestack" else super().address(name)

    def function_records(self) -> list[tuple[str, int, int]]:
        return [(f"frame of {frame} bytes", entry, frame) for entry, frame in self.functions]


def read_made_code(path: str) -> list[MadeCode]:
    """The scripts in a file that //src/frames:prologue_code printed."""
    found: list[MadeCode] = []
    try:
        with open(path, encoding="ascii") as lines:
            for number, line in enumerate(lines, 1):
                _made_line(found, f"{path}, line {number}", line.split())
    except (OSError, UnicodeDecodeError) as error:
        raise ProgramError(f"{path} is not what prologue_code prints: {error}.") from error
    if not all(one.functions for one in found) or not found:
        raise ProgramError(f"{path} has a script without a function.")
    return found


def _made_line(found: list[MadeCode], place: str, words: list[str]) -> None:
    try:
        if words[:1] == ["code"]:
            found.append(MadeCode(place, int(words[1], 16), bytes.fromhex(words[2])))
        elif words[:1] == ["morestack"] and found:
            found[-1].morestack = int(words[1], 16)
        elif words[:1] == ["function"] and found:
            found[-1].functions.append((int(words[1], 16), int(words[2])))
        else:
            raise ValueError
    except (ValueError, IndexError) as error:
        raise ProgramError(f"{place} is not what prologue_code prints.") from error
