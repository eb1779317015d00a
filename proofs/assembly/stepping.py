"""Runs a program under ptrace, and stops it before each instruction of some routines.

Each such instruction begins with int3.  After a stop it runs for itself, with its own first byte; so nothing must be
known of where control goes.
"""
from __future__ import annotations

import ctypes
import os
import signal
import struct
from typing import Callable, Collection

from program import Program

TRACEME, CONTINUE, STEP, GETREGS, SETREGS = 0, 7, 9, 12, 13
SET_OPTIONS, EVENT_MESSAGE, OPTION_FORK, OPTION_KILL, EVENT_FORK = 0x4200, 0x4201, 2, 1 << 20, 1
# struct user_regs_struct
NAMES = (
    *("r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx"),
    *("rsi", "rdi", "orig_rax", "rip", "cs", "eflags", "rsp", "ss", "fs", "gs_base"),
    *("ds", "es", "fs_selector", "gs"),
)
REGISTERS = struct.Struct(f"<{len(NAMES)}Q")
INT3 = b"\xcc"


class SteppingError(Exception):
    """The program cannot be traced."""


class Process:
    """A program that runs under ptrace; it ends with the object's context."""

    def __init__(self, path: str, arguments: list[str]) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.libc.ptrace.restype = ctypes.c_long
        self.pid = os.fork()
        if self.pid == 0:
            self.libc.ptrace(TRACEME, 0, None, None)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os.execv(path, [path, *arguments])
        self.ended, self.parents = False, list[tuple[int, int]]()
        self.wait()
        if self.ended:
            raise SteppingError(f"{path} does not run under ptrace")
        self.request(SET_OPTIONS, OPTION_FORK | OPTION_KILL)
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        for pid, memory in [(self.pid, self.memory), *self.parents]:
            if not self.ended:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            os.close(memory)

    def wait(self) -> int:
        """The signal that the program stopped with.  A child that it forks runs first, to its end; 0 then."""
        _, status = os.waitpid(self.pid, 0)
        if status >> 16 == EVENT_FORK:
            self.follow()
            return 0
        over = os.WIFEXITED(status) or os.WIFSIGNALED(status)
        if over and self.parents:
            os.close(self.memory)
            self.pid, self.memory = self.parents.pop()
            return self.wait()
        self.ended = over
        return 0 if over else os.WSTOPSIG(status)

    def follow(self) -> None:
        """To a new child."""
        child = ctypes.c_ulong()
        self.request(EVENT_MESSAGE, ctypes.byref(child))
        self.request(CONTINUE)
        self.parents.append((self.pid, self.memory))
        self.pid = child.value
        os.waitpid(self.pid, 0)
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)

    def request(self, what: int, data: object = None) -> None:
        if self.libc.ptrace(what, self.pid, None, data) < 0:
            raise SteppingError(os.strerror(ctypes.get_errno()))

    def registers(self) -> dict[str, int]:
        found = ctypes.create_string_buffer(REGISTERS.size)
        self.request(GETREGS, ctypes.byref(found))
        return dict(zip(NAMES, REGISTERS.unpack(found.raw)))

    def set_registers(self, registers: dict[str, int]) -> None:
        packed = REGISTERS.pack(*(registers[name] for name in NAMES))
        self.request(SETREGS, ctypes.c_char_p(packed))

    def word(self, address: int) -> int:
        return int.from_bytes(os.pread(self.memory, 8, address), "little")

    def write(self, address: int, content: bytes) -> None:
        os.pwrite(self.memory, content, address)

    def base(self, program: Program) -> int:
        """Distance between where the program is loaded and the linker's addresses."""
        if not program.movable:
            return 0
        with open(f"/proc/{self.pid}/maps", encoding="utf-8") as maps:
            lowest = next(
                one for one in maps if one.rstrip().endswith(os.path.realpath(program.path))
            )
        return int(lowest.split("-")[0], 16) - program.segments[0].address // 4096 * 4096


Seen = Callable[[int, dict[str, int], Process], bool]


class Enough(Exception):
    """No stop is needed any more, at all."""


def step_through(
    program: Program, arguments: list[str], addresses: Collection[int], seen: Seen
) -> None:
    """Calls `seen` before each instruction at the linker's `addresses`, until the program ends or it raises Enough.
    Where it returns false the program does not stop again."""
    with Process(program.path, arguments) as process:
        base = process.base(program)
        first_bytes = {one: program.bytes_at(one, 1) for one in addresses}
        for one in addresses:
            process.write(base + one, INT3)
        quiet: set[int] = set()
        passed = 0
        try:
            while not process.ended:
                process.request(CONTINUE, passed)
                passed = process.wait()
                if passed == signal.SIGTRAP:
                    passed = steps(process, base, first_bytes, quiet, seen)
        except Enough:
            return


def steps(
    process: Process, base: int, first_bytes: dict[int, bytes], quiet: set[int], seen: Seen
) -> int:
    """From one int3, as long as one instruction to look at follows the other; the signal that ended that."""
    registers = process.registers()
    registers["rip"] -= 1
    address = registers["rip"] - base
    while True:
        if address not in quiet and not seen(address, registers, process):
            quiet.add(address)
        process.set_registers(registers)
        process.write(base + address, first_bytes[address])
        process.request(STEP)
        passed = process.wait()
        if process.ended:
            return 0
        if address not in quiet:
            process.write(base + address, INT3)
        if passed != signal.SIGTRAP:
            return passed
        registers = process.registers()
        address = registers["rip"] - base
        if address in quiet or address not in first_bytes:
            return 0
