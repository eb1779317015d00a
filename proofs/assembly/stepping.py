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
        self.ended = False
        self.wait()
        if self.ended:
            raise SteppingError(f"{path} does not run under ptrace")
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.memory)

    def wait(self) -> int:
        """The signal that the program stopped with."""
        _, status = os.waitpid(self.pid, 0)
        self.ended = os.WIFEXITED(status) or os.WIFSIGNALED(status)
        return 0 if self.ended else os.WSTOPSIG(status)

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
        passed = 0
        while True:
            process.request(CONTINUE, passed)
            passed = process.wait()
            if process.ended:
                return
            if passed != signal.SIGTRAP:
                continue
            passed, registers = 0, process.registers()
            registers["rip"] -= 1
            while registers["rip"] - base in first_bytes:
                address = registers["rip"] - base
                try:
                    again = seen(address, registers, process)
                except Enough:
                    return
                process.set_registers(registers)
                process.write(base + address, first_bytes[address])
                process.request(STEP)
                passed = process.wait()
                if process.ended:
                    return
                if again:
                    process.write(base + address, INT3)
                else:
                    del first_bytes[address]
                if passed != signal.SIGTRAP:
                    break
                passed, registers = 0, process.registers()
