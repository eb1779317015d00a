#!/usr/bin/env python3
"""unwinding_test.py ZYDIS PROGRAM...: spec/unwinding.json is what the first program says, and what happens in all.

The table fits its schema; it has every routine of the assembly files; its rows are those of .eh_frame, as readelf reads
it, where that has any; and in runs of the programs, stopped before each instruction, each row leads to what the routine
was called with: frame, return address and registers.  Wrong rows are noticed.
"""
from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Optional

from begin import debian

import capstone

from program import Program
from prove import names_of_assembly
from stepping import Enough, Process, step_through

ROOT = os.getcwd()
Table = dict[str, Any]
Row = dict[str, Optional[str]]
# name, bytes and rows by the linker's address of the routine
Placed = dict[int, tuple[str, int, list[Any]]]
BEGINS = "contig_gostart"
TRAPS, TIMES = 200000, 10
KEPT = ("rbx", "rbp", "r12", "r13", "r14", "r15")
RULE = re.compile(r"(?:\[(\w+)([+-]\d+)?\]|(\w+))([+-]\d+)?")
HEAD = re.compile(
    r"(?P<offset>[0-9a-f]{8}) [0-9a-f]+ [0-9a-f]+ "
    r"(?:CIE|FDE cie=(?P<cie>[0-9a-f]+) pc=(?P<first>[0-9a-f]+)\.\.(?P<end>[0-9a-f]+))"
)


def fits(table: Table) -> list[str]:
    """Sentences about what does not fit the schema."""
    with open(os.path.join(ROOT, "spec/unwinding.schema.json"), encoding="utf-8") as schema:
        validator = debian.module("jsonschema").Draft202012Validator(json.load(schema))
    return [
        f"{list(one.absolute_path)}: {one.message[:200]}" for one in validator.iter_errors(table)
    ]


def placed(table: Table, program: Program) -> Placed:
    """The table's routines that a program has."""
    found: Placed = {}
    for routine in table["routines"]:
        pattern = re.compile(re.escape(routine["name"]).replace(r"\*", "(.+)"))
        for symbol in program.symbols.values():
            if pattern.fullmatch(symbol.name) and symbol.size == routine["bytes"]:
                found[symbol.address] = (symbol.name, symbol.size, routine["rows"])
    return found


def missing(table: Table, program: Program) -> list[str]:
    """Routines of the assembly files, and stubs of the program, that the table does not have."""
    names = [
        name
        for path, name in names_of_assembly(ROOT)
        if path.startswith(("src/runtime/", "src/c/"))
    ]
    names += [name for name in program.symbols if name.startswith("contig_c_stub_")]
    known = {name for name, _, _ in placed(table, program).values()}
    return [f"{name} is not in the table" for name in sorted(set(names) - known)]


def capstone_offsets(code: bytes) -> list[int]:
    """Where each instruction of a routine begins."""
    return [
        one.address
        for one in capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64).disasm(code, 0)
    ]


def row_at(rows: list[Any], offset: int) -> Any:
    return [one for one in rows if one["at"] <= offset][-1]


def by_readelf(path: str) -> list[tuple[int, int, list[tuple[int, Row]]]]:
    """(begin, end, rows) of each entry of .eh_frame; one without rows of its own has that of its CIE."""
    command = ["readelf", "--wide", "--debug-dump=frames-interp", path]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: list[tuple[int, int, list[tuple[int, Row]]]] = []
    common: dict[str, Row] = {}
    columns: list[str] = []
    rows: list[tuple[int, Row]] = []
    offset = ""
    for line in text.splitlines():
        head, words = HEAD.match(line), re.sub(r" \(\w+\)", "", line).split()
        if head and head.group("cie") is None:
            offset, rows = head.group("offset"), []
        elif head:
            first, end = (int(head.group(name), 16) for name in ("first", "end"))
            rows = [(first, common[head.group("cie")])]
            found.append((first, end, rows))
        elif words[:2] == ["LOC", "CFA"]:
            columns = words[1:]
        elif words and re.fullmatch("[0-9a-f]{16}", words[0]):
            rows.append((int(words[0], 16), dict(zip(columns, words[1:]))))
            common.setdefault(offset, rows[0][1])
    return found


def same_rule(rule: Optional[str], text: Optional[str], name: str) -> bool:
    """Is a rule of the table that of readelf?  u: undefined, and of registers also unchanged without a word."""
    if name == "cfa":
        return rule == (text or "").replace("+0", "")
    if text is None or text == "u":
        return rule in (None, name)
    if text == "s":
        return rule == name
    if text == "exp":  # readelf does not show which; prove.py proves what it gives
        return rule is not None and rule.startswith("[g")
    if text.startswith("c"):
        return rule == f"[cfa{text[1:].replace('+0', '')}]"
    return rule == re.sub(r"^r(\d+) \(.*|\(.*", "", text)


def unlike_eh_frame(table: Table, program: Program) -> list[str]:
    """Places at which .eh_frame has a caller, and the table another one."""
    entries, bad = by_readelf(program.path), []
    for address, (name, size, rows) in placed(table, program).items():
        for first, end, theirs in entries:
            places = {at for at, _ in theirs} | {address + one["at"] for one in rows}
            for at in sorted(places & set(range(max(address, first), min(address + size, end)))):
                their = [row for place, row in theirs if place <= at][-1]
                if their.get("ra") == "u":
                    continue
                ours = row_at(rows, at - address)
                if not all(
                    same_rule(ours[one], their.get(one.upper() if one == "cfa" else one), one)
                    for one in ("cfa", "ra", *KEPT)
                    if one in ours or one in ("cfa", "ra")
                ):
                    bad.append(f"{name}+{at - address}: {ours}, but .eh_frame has {their}")
    return bad


@dataclass
class Judge:
    """Looks at a program that runs, before each instruction of the table's routines.

    What a routine was called with is noted at its first instruction, by the goroutine and the frame's distance from the
    end of its stack, which no move changes; frames of the system stack by their address."""

    program: Program
    table: Table
    routines: Placed
    calls: dict[tuple[int, int], dict[str, tuple[bool, int]]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    bad: list[str] = field(default_factory=list)
    times: Counter[int] = field(default_factory=Counter)
    compared: int = 0
    traps: int = 0

    def starts(self) -> dict[int, tuple[int, str, list[Any]]]:
        """Each instruction's routine, its name, and its rows."""
        found = {}
        for address, (name, _, rows) in self.routines.items():
            code = self.program.code(name)
            for one in capstone_offsets(code):
                found[address + one] = (address, name, rows)
        return found

    def run(self, arguments: list[str]) -> None:
        self.places = self.starts()
        step_through(self.program, arguments, self.places, self.seen)

    def seen(self, address: int, registers: dict[str, int], process: Process) -> bool:
        """One instruction; false: it was seen often enough.  First ones always matter: they say what was called."""
        self.traps += 1
        self.times[address] += 1
        first, name, rows = self.places[address]
        row, records = row_at(rows, address - first), self.records(registers, process)
        low, high = (process.word(records["g"] + one) for one in (0, 8)) if records["g"] else (0, 0)
        self.reached.add(name)
        where = f"{name}+{address - first}"
        on_goroutine = low <= registers["rsp"] <= high and high != 0
        if row["stack"] != "any" and on_goroutine != (row["stack"] == "goroutine"):
            self.bad.append(f"{where}: the stack is not the {row['stack']}'s")
        if name == BEGINS:  # what an earlier goroutine of this record was called with is void
            self.calls = {key: one for key, one in self.calls.items() if key[0] != records["g"]}
        elif row["cfa"] is not None:
            self.compare(where, row, rows[0], registers, records, process, (low, high))
        if self.bad or self.traps == TRAPS:
            raise Enough
        return address == first or self.times[address] < TIMES

    def records(self, registers: dict[str, int], process: Process) -> dict[str, int]:
        """The thread's M and its goroutine; 0: there is none."""
        offset = self.program.thread_offset("contig_m") or 0
        m = process.word((registers["fs"] + offset) % 2**64)
        g = process.word(m + self.table["records"]["m"]["curg"]) if m else 0
        return {"m": m, "g": g}

    def compare(
        self,
        where: str,
        row: Row,
        entry: Row,
        registers: dict[str, int],
        records: dict[str, int],
        process: Process,
        stack: tuple[int, int],
    ) -> None:
        """The caller by the row, and what was noted when it called."""
        names = {**registers, **records}
        cfa = value(row["cfa"], names, process)
        names["cfa"] = cfa
        low, high = stack
        key = (records["g"], high - cfa) if low < cfa <= high else (0, cfa)
        found = {
            one: placed_value(value(row[one], names, process), stack)
            for one in ("ra", *KEPT)
            if row.get(one) is not None
        }
        if where.endswith("+0") and entry["cfa"] == "rsp+8":
            self.calls[key] = {
                one: placed_value(names[one] if one in KEPT else found["ra"][1], stack)
                for one in ("ra", *KEPT)
            }
        elif key in self.calls:
            self.compared += 1
            for one, what in found.items():
                if what != self.calls[key][one]:
                    self.bad.append(f"{where}: {one} is {what}, at the call {self.calls[key][one]}")
        elif entry["cfa"] == "rsp+8":
            self.bad.append(f"{where}: {row['cfa']} is no frame that was called")


def placed_value(word: int, stack: tuple[int, int]) -> tuple[bool, int]:
    """A word, or how far from the end of the goroutine's stack it points."""
    low, high = stack
    return (True, high - word) if low <= word < high else (False, word)


def value(rule: Optional[str], names: dict[str, int], process: Process) -> int:
    """What a rule means."""
    found = RULE.fullmatch(rule or "")
    assert found is not None, rule
    base, at, register, behind = found.groups()
    word = names[register] if register else process.word((names[base] + int(at or 0)) % 2**64)
    return (word + int(behind or 0)) % 2**64


def stepped(table: Table, paths: list[str]) -> tuple[list[str], set[str], int]:
    """(what went wrong, routines that were reached, rows that were compared) in runs of programs."""
    bad: list[str] = []
    reached: set[str] = set()
    compared = 0
    for path in paths:
        program = Program(path)
        judge = Judge(program, table, placed(table, program))
        judge.run([])
        bad += [f"{path}: {one}" for one in judge.bad]
        reached |= judge.reached
        compared += judge.compared
    return bad, reached, compared


def changed(table: Table, name: str, at: int, **rules: str) -> Table:
    """The table with another row."""
    other = copy.deepcopy(table)
    for routine in other["routines"]:
        if routine["name"] == name:
            row_at(routine["rows"], at).update(rules)
    assert other != table
    return other


def not_reached(table: Table, reached: set[str]) -> list[str]:
    """Routines with rows that only runs can judge, since .eh_frame has none, and that no run came to."""
    found = []
    for routine in table["routines"]:
        pattern = re.compile(re.escape(routine["name"]).replace(r"\*", ".+"))
        by_record = any((row["cfa"] or "").startswith(("[m", "[g")) for row in routine["rows"])
        if by_record and not any(map(pattern.fullmatch, reached)):
            found.append(f"no run comes to {routine['name']}")
    return found


def unnoticed(table: Table, path: str) -> list[str]:
    """Wrong tables that nothing notices."""
    program = Program(path)
    shorter = {**table, "routines": table["routines"][1:]}
    noticed = {
        "a rule in other words": fits(changed(table, "contig_mcall", 0, cfa="rsp plus 8")),
        "a routine that is left out": missing(shorter, program),
        "another frame than .eh_frame has": unlike_eh_frame(
            changed(table, "contig_c_yield", 51, cfa="rsp+24"), program
        ),
        "a wrong frame after a switch": stepped(
            changed(table, "__morestack", 70, cfa="[g+16]+16"), [path]
        )[0],
        "a wrong register of the scheduler": stepped(
            changed(table, "contig_leave", 0, rbx="[cfa-32]"), [path]
        )[0],
        "the wrong stack": stepped(changed(table, "contig_mcall", 0, stack="system"), [path])[0],
    }
    return [f"{what} is not noticed" for what, found in noticed.items() if not found]


def main() -> int:
    zydis, *paths = sys.argv[1:]
    command = [sys.executable, "proofs/assembly/unwinding.py", "--root", ROOT, "--zydis", zydis]
    with open(os.path.join(ROOT, "spec/unwinding.json"), encoding="utf-8") as content:
        table: Table = json.load(content)
    first = Program(paths[0])
    with subprocess.Popen([*command, "--check", paths[0]]) as check:
        bad, reached, compared = stepped(table, paths)
        bad += fits(table) + missing(table, first) + unlike_eh_frame(table, first)
        bad += not_reached(table, reached) + unnoticed(table, paths[0])
    print(f"{compared} rows compared in runs; reached: {' '.join(sorted(reached))}")
    for one in bad:
        print(f"unwinding_test: {one}", file=sys.stderr)
    return 1 if bad or check.returncode else 0


if __name__ == "__main__":
    STATUS = main()
    sys.stdout.flush()
    os._exit(STATUS)
