#!/usr/bin/env python3
"""unwinding.py --zydis PROGRAM --check|--write [OPTION] PROGRAM: spec/unwinding.json, for authors of unwinders.

  --zydis PROGRAM    the second decoder, //proofs/assembly:zydis_decode
  --check            is the file what the program says?  Exit status 1: it is not
  --write            writes it
  --root DIR         reads the contracts of another checkout, and writes there

For each instruction of each routine of the runtime and of C on goroutine stacks: on which stack the stack pointer is,
and where the caller's registers are.  Where .eh_frame has rules, these are the rules, which prove.py proves.  Where it
has none, since the stack pointer is on another stack than the caller's frame, the place is looked for in the state
that the contract's symbolic run has there.
"""
from __future__ import annotations

import argparse
import json
import os
from typing import Any, Optional

from begin import ROOT, arguments as command_line, files, run as run_tool, tool

import z3

from cfi import DWARF, RETURN_ADDRESS, UNCHANGED, UNCHANGED_IN_GOROUTINES, Row, row_at
from contracts import Contract, ContractError, read_contracts
from decode import DecodeError
from execute import End, Image
from goals import Obligations
from instances import Instance, all_instances
from machine import ModelError, State
from program import Program, ProgramError
from where import Caller, Finder, behind

OUTPUT = "spec/unwinding.json"
SOURCES = ("src/runtime/", "src/c/")
# Names of the records' fields in the table, and their offsets' names in the layout headers.
RECORDS = {
    "m": {"g0_sp": "M_G0_SP", "curg": "M_CURG"},
    "g": {
        "stack.lo": "G_STACK_LO",
        "stack.hi": "G_STACK_HI",
        "sched.sp": "G_SCHED_SP",
        "sched.pc": "G_SCHED_PC",
        "sched.bp": "G_SCHED_BP",
        "id": "G_ID",
    },
}
# Who leaves a goroutine for the scheduler, whose frame is at the same place of every M; and its part behind the begin.
SCHEDULER = "contig_leave"
SCHEDULER_SAVED = "contig_leave_saved"
Rules = dict[str, Optional[str]]


def rules_of_frame(row: Row, kept: tuple[str, ...]) -> Optional[Rules]:
    """A row of .eh_frame; None: it says that the walk ends, or names a place by an expression."""
    named = {number: (kind, argument) for number, kind, argument in row.rules}
    if any(kind == "EXPRESSION" for kind, _ in named.values()):
        return None

    def rule(number: int) -> Optional[str]:
        kind, argument = named.get(number, ("SAME_VALUE", None))
        if kind == "OFFSET" and argument is not None:
            return f"[{behind('cfa', argument)}]"
        if kind == "REGISTER" and argument is not None:
            return str(DWARF[argument])
        return None if kind == "UNDEFINED" else DWARF[number]

    if rule(RETURN_ADDRESS) is None:
        return None
    found: Rules = {"cfa": behind(*row.cfa), "ra": rule(RETURN_ADDRESS)}
    return found | {name: rule(DWARF.index(name)) for name in kept}


class Routine:
    """One routine, while its rows are made.  `parts` are its contracts with their runs."""

    def __init__(self, image: Image, parts: list[tuple[Instance, Obligations]]) -> None:
        self.image, self.parts = image, parts
        self.contract: Contract = parts[0][0].contract
        self.symbol = image.program.symbols[self.contract.within]
        goroutine = any(one.contract.goroutine for one, _ in parts)
        self.kept = UNCHANGED_IN_GOROUTINES if goroutine else UNCHANGED
        self.default = "goroutine" if goroutine else "any"

    def row(self, address: int, before: Rules) -> tuple[str, Rules]:
        """The stack, and the rules, at an instruction; all paths that come to it must say the same."""
        by_frame = rules_of_frame(row_at(self.image.program, address), self.kept)
        stacks, found = set(), []
        for instance, obligations in self.parts:
            assert obligations.setting is not None and obligations.run is not None
            finder = Finder(obligations.setting, self.kept)
            for place, state in obligations.run.boundaries:
                if place != address:
                    continue
                stacks.add(finder.stack(state))
                if by_frame is None:
                    caller = self.caller(finder, instance, obligations, state)
                    rules = None if caller is None else finder.rules(caller, state)
                    found.append(before if caller is None else rules or {"cfa": None})
        if any(one != found[0] for one in found):
            raise ModelError(f"{address:#x}: the caller's registers are in several places: {found}")
        stack = stacks.pop() if len(stacks) == 1 else self.default
        return stack, by_frame or (found[0] if found else {"cfa": None})

    def caller(
        self, finder: Finder, instance: Instance, obligations: Obligations, state: State
    ) -> Optional[Caller]:
        """What the routine was called with; of a part behind a call, what it returns with; None: it may not."""
        assert obligations.run is not None
        entry, entry_state = obligations.run.boundaries[0]
        if not instance.contract.walk_ends or instance.contract.goroutine:
            return finder.called(row_at(self.image.program, entry), entry_state)
        ends = ends_behind(obligations, state)
        if any(self.image.place_of(one.target) is not None for one in ends):
            return None
        return finder.returns(ends[0])

    def may_leave(self, address: int) -> bool:
        """Does a path from here lead to the scheduler, which then is the only one that surely goes on?"""
        leave = [self.image.program.address(name) for name in (SCHEDULER, SCHEDULER_SAVED)]
        ends = [
            end
            for _, obligations in self.parts
            for place, state in (obligations.run.boundaries if obligations.run else ())
            if place == address
            for end in ends_behind(obligations, state)
        ]
        return any(self.image.place_of(one.target) in leave for one in ends)

    def table(self, scheduler: Rules) -> dict[str, Any]:
        """The routine in the file: a row holds from its offset on, to the next."""
        rows: list[dict[str, Any]] = []
        for one in self.image.routine(self.contract.within):
            leaves = not rows or self.may_leave(one.address)
            before = scheduler if leaves else {key: rows[-1].get(key) for key in scheduler}
            stack, rules = self.row(one.address, before)
            row: dict[str, Any] = {"stack": stack, **rules}
            if not rows or row != {key: rows[-1][key] for key in rows[-1] if key != "at"}:
                rows.append({"at": one.address - self.symbol.address, **row})
        return {
            "name": pattern_of(self.contract) or self.contract.within,
            "bytes": self.symbol.size,
            "rows": rows,
        }


def ends_behind(obligations: Obligations, state: State) -> list[End]:
    """The ends of the paths that go through a state."""
    assert obligations.run is not None
    return [
        end
        for end in obligations.run.ends
        if len(end.state.path) >= len(state.path)
        and all(map(z3.eq, end.state.path[: len(state.path)], state.path))
    ]


def pattern_of(contract: Contract) -> Optional[str]:
    """The name that the routines of a contract share, with * for what differs."""
    return next((one.symbol for one in contract.subjects if "*" in one.symbol), None)


def scheduler_rules(image: Image, instances: list[Instance]) -> Rules:
    """Where the scheduler's registers are while a goroutine runs."""
    one = next(one for one in instances if one.contract.routine == SCHEDULER)
    routine = Routine(image, [(one, one.obligations(image))])
    return routine.row(routine.symbol.address, {})[1]


def table_of(image: Image, contracts: list[Contract]) -> dict[str, Any]:
    """The file."""
    instances = [
        one
        for one in all_instances(image, contracts)
        if one.contract.source.startswith(SOURCES) and not one.contract.source.endswith("/frame.h")
    ]
    scheduler = scheduler_rules(image, instances)
    parts: dict[str, list[tuple[Instance, Obligations]]] = {}
    first: dict[str, Instance] = {}  # of those that share a name in the table
    for one in instances:
        pattern = pattern_of(one.contract)
        if pattern is None or first.setdefault(one.contract.routine, one) is one:
            parts.setdefault(one.contract.within, []).append((one, one.obligations(image)))
    constants = contracts[0].constants
    return {
        "schema": "contig-unwinding-1",
        "architecture": "x86_64",
        "thread_variable": "contig_m",
        "records": {
            record: {field: constants[name] for field, name in fields.items()}
            for record, fields in RECORDS.items()
        },
        "scheduler": scheduler,
        "routines": [Routine(image, parts[name]).table(scheduler) for name in sorted(parts)],
    }


def text_of(table: dict[str, Any]) -> str:
    """JSON with a line for each row, so that a change is seen in the difference."""
    plain = {key: value for key, value in table.items() if key != "routines"}
    head = json.dumps(plain, indent=1).removesuffix("\n}")
    parts = []
    for one in table["routines"]:
        rows = ",\n".join(f"   {json.dumps(row)}" for row in one["rows"])
        parts.append(
            f'  {{"name": "{one["name"]}", "bytes": {one["bytes"]}, "rows": [\n{rows}\n  ]}}'
        )
    return head + ',\n "routines": [\n' + ",\n".join(parts) + "\n ]\n}\n"


def run(arguments: argparse.Namespace) -> int:
    image = Image(Program(arguments.program), arguments.zydis)
    text = text_of(table_of(image, read_contracts(arguments.root)))
    path = os.path.join(arguments.root, OUTPUT)
    if arguments.write:
        files.write(path, text)
        return 0
    if not os.path.exists(path) or files.read(path) != text:
        print(f"{OUTPUT} is not what the program says: proofs/assembly/unwinding.py --write")
        return 1
    return 0


def main() -> int:
    parser = command_line.Parser("unwinding.py", __doc__ or "")
    parser.add_argument("--root", default=ROOT, type=command_line.input_folder)
    parser.add_argument("--zydis", required=True, type=command_line.input_file)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--check", action="store_true")
    way.add_argument("--write", action="store_true")
    parser.add_argument("program")
    arguments = parser.read()
    try:
        return run(arguments)
    except (ContractError, DecodeError, ModelError, ProgramError) as error:
        raise tool.Problem(str(error)) from error


if __name__ == "__main__":
    run_tool("unwinding.py", main)
