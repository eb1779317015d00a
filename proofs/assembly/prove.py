#!/usr/bin/env python3
"""prove.py --zydis PROGRAM [OPTION...] PROGRAM...: proves the assembly on linked bytes.

  --zydis PROGRAM    the second decoder, //proofs/assembly:zydis_decode
  --made FILE        what //src/frames:prologue_code printed: compiled functions, too
  --unchecked NAME   a goroutine function that has no check on purpose
  --solvers LIST     some of z3,cvc5,cvc4 (default: all)
  --json FILE        writes the table there, too
  --root DIR         reads the contracts of another checkout

Every routine that contracts/ has is decoded from each program by two decoders, run symbolically, and held against its
contract; so is the prologue of each goroutine function.  Each goal is given to each solver, and all must say that it
holds.  Programs with equal bytes are proved once.  The exit status is 1 if a goal is not proved, 2 if something is not
covered or cannot be read.
"""
from __future__ import annotations

import argparse
import glob
import hashlib
import os
import subprocess
import tempfile
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

from begin import ROOT, arguments as command_line, files, run as run_tool, tool
from cfi import cfi_goals
from compose import Sequence, read_sequences, sequence_goals
from contracts import Contract, ContractError, read_contracts
from decode import DecodeError
from execute import Image
from functions import Function, functions_of, prologue_goals, resume_goals
from goals import Goal, Obligations
from instances import Instance, all_instances
from machine import ModelError
from program import Program, ProgramError, read_made_code, routines_of_object
from solve import SOLVERS, SolverError, answers_of

# The routines that the sequences run, beside those that they name.
SWITCH = (
    "contig_execute",
    "contig_mcall",
    "contig_leave",
    "contig_morestack",
    "contig_gostart_resume",
    "contig_goexit",
    "contig_goexit_return",
    "contig_exit",
)
NOT_REPORTED = ("visited", "asked", "answers")
ERRORS = (ContractError, DecodeError, ModelError, ProgramError, SolverError)


@dataclass
class Row:
    """What is known of one routine of one program; `theorems` counts goals by kind."""

    routine: str
    instructions: int
    paths: int
    below: dict[str, int]
    theorems: dict[str, int] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    sha256: str = ""
    visited: frozenset[int] = frozenset()  # offsets from the begin of the bytes
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Future[list[str]]] = field(default_factory=dict)

    def wait(self) -> None:
        """Until each solver has answered each goal."""
        for solver, answers in self.answers.items():
            self.open += [
                f"{name}: {solver} says {answer}"
                for name, answer in zip(self.asked, answers.result())
                if answer != "unsat"
            ]
        self.answers.clear()


def not_reached(image: Image, within: str, entry: int, visited: set[int]) -> list[str]:
    """Instructions that no path comes to, but those that are there so as not to be come to."""
    listing = image.routine(within)
    found = []
    for before, one in zip([None, *listing], listing):
        behind_call = before is not None and before.mnemonic == "call" and before.address in visited
        if (
            one.address in visited
            or (one.mnemonic == "nop" and one.address < entry)
            or (one.mnemonic == "ud2" and behind_call)
        ):
            continue
        found.append(f"{one.address:#x} '{one.text}'")
    return found


def names_of_assembly(root: str) -> list[tuple[str, str]]:
    """(path, routine) of each routine of the assembly files, as the assembler names it."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(glob.glob(os.path.join(root, "src/*/arch/x86_64/*.S"))):
            made = os.path.join(folder, "routines.o")
            command = ["gcc", "-c", "-I", root, path, "-o", made]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise ContractError(f"gcc does not assemble {path}: {done.stderr.strip()}")
            where = os.path.relpath(path, root)
            found += [(where, name) for name in routines_of_object(made)]
    return found


def without_contract(root: str, contracts: list[Contract]) -> list[str]:
    """Routines of the assembly files that no contract is of."""

    def is_known(name: str) -> bool:
        return any(
            name == one.within or any(subject.part(name) is not None for subject in one.subjects)
            for one in contracts
        )

    return [f"{path}: {name}" for path, name in names_of_assembly(root) if not is_known(name)]


def kind_of(goal: Goal) -> str:
    """The column of the table that a goal counts in."""
    if goal.kind in ("no fault", "cases", "always", "cfi"):
        return goal.kind
    word = goal.clause.split()[0]
    return word if word in ("kept", "unchanged", "below") else "contract"


def prove_routine(found: Obligations, instructions: int, solvers: list[str], pool: Executor) -> Row:
    """Gives every goal to every solver; of goals with the same hypotheses and conclusion, one."""
    row = Row(found.contract.routine, instructions, found.paths, found.below)
    for goal in found.goals:
        row.theorems[kind_of(goal)] = row.theorems.get(kind_of(goal), 0) + 1
    asked: dict[tuple[tuple[int, ...], int], Goal] = {}
    for goal in found.goals:
        same = (tuple(one.get_id() for one in goal.hypotheses), goal.conclusion.get_id())
        asked.setdefault(same, goal)
    row.asked = [goal.name for goal in asked.values()]
    row.answers = answers_of(solvers, list(asked.values()), pool)
    return row


def name_of(routine: str, image: Image, function: Function) -> str:
    """The row of a contract that many functions fulfil."""
    return f"{routine} ({function.size_class})" + ("" if image.program.unwindable else ", compiled")


def _add_cfi(found: Obligations, first: int, end: int) -> None:
    assert found.setting is not None and found.run is not None
    found.goals += cfi_goals(found.setting, found.run, first, end, found.contract.goroutine)


class Prover:
    """Proves routines, and equal bytes once; `proved` has the row of each fingerprint."""

    def __init__(self, root: str, solvers: list[str], unchecked: list[str]) -> None:
        self.unchecked = unchecked
        self.contracts, self.sequences, self.solvers = (
            read_contracts(root),
            read_sequences(root),
            solvers,
        )
        self.proved: dict[str, Row] = {}
        self.pool = ThreadPoolExecutor(os.cpu_count() or 1)

    def program(self, image: Image) -> list[Row]:
        """The rows of all routines of a program that have a contract; the solvers may still be at work on them."""
        rows: list[Row] = []
        parts: dict[str, list[tuple[int, frozenset[int]]]] = {}
        for one in all_instances(image, self.contracts):
            key = one.fingerprint(image)
            rows.append(self.once(one.contract.routine, key, partial(self.routine, image, one)))
            place = (image.entry_of(one.contract), rows[-1].visited)
            parts.setdefault(one.contract.within, []).append(place)
        if not rows and image.program.unwindable:
            raise ProgramError(
                f"{image.program.path} has none of the routines that contracts/ has."
            )
        functions = functions_of(image, self.unchecked)
        ends = {one.name: one.proved(image) for one in functions if one.name in parts}
        for within, entries in parts.items():
            first = image.program.address(within)
            visited = {first + offset for _, offsets in entries for offset in offsets}
            visited |= ends.get(within, set())
            missed = not_reached(image, within, min(entry for entry, _ in entries), visited)
            if missed:
                raise ModelError(f"{within}: no path comes to {', '.join(missed)}")
        rows += self.functions(image, functions) + self.sequences_of(image, functions)
        return rows

    def sequences_of(self, image: Image, functions: list[Function]) -> list[Row]:
        """Every sequence whose routines the program holds; again if any byte of them is another one."""
        rows = []
        for one in self.sequences if functions else ():
            names = {*SWITCH, *one.symbols}
            if all(name in image.program.symbols for name in names):
                key = " ".join(
                    image.fingerprint(contract.within, image.entry_of(contract))
                    for contract in self.contracts
                    if not names.isdisjoint((contract.routine, contract.within))
                )
                rows.append(
                    self.once(one.name, key, partial(self.sequence, image, one, functions[0]))
                )
        return rows

    def sequence(self, image: Image, sequence: Sequence, function: Function) -> Row:
        found = sequence_goals(image, sequence, function)
        return prove_routine(found, len(found.visited), self.solvers, self.pool)

    def once(self, name: str, key: str, make: Callable[[], Row]) -> Row:
        """The row of these bytes, which are proved if they are new."""
        key = hashlib.sha256(f"{name} {key}".encode()).hexdigest()
        if key not in self.proved:
            self.proved[key] = make()
            self.proved[key].sha256 = key
        return self.proved[key]

    def routine(self, image: Image, instance: Instance) -> Row:
        contract, found = instance.contract, instance.obligations(image)
        first = image.program.address(contract.within)
        _add_cfi(found, first, first + image.program.symbols[contract.within].size)
        row = prove_routine(found, len(image.routine(contract.within)), self.solvers, self.pool)
        row.visited = frozenset(address - first for address in found.visited)
        return row

    def functions(self, image: Image, found: list[Function]) -> list[Row]:
        """Prologues and slow paths: once for each template."""
        contracts = {one.routine: one for one in self.contracts}
        templates: dict[tuple[str, ...], list[Function]] = {}
        for function in found:
            templates.setdefault(function.template, []).append(function)
        rows = []
        for functions in templates.values():
            first = functions[0]
            key = f"{image.program.movable} {first.template}"
            rows.append(
                self.once(
                    name_of("prologue", image, first),
                    key,
                    partial(
                        self.function,
                        prologue_goals,
                        image,
                        contracts["prologue"],
                        first,
                        len(first.prologue),
                    ),
                )
            )
            rows.append(
                self.once(
                    name_of("prologue_resume", image, first),
                    key,
                    partial(
                        self.function, resume_goals, image, contracts["prologue_resume"], first, 2
                    ),
                )
            )
        return rows

    def function(
        self,
        make: Callable[[Image, Contract, Function], Obligations],
        image: Image,
        contract: Contract,
        function: Function,
        instructions: int,
    ) -> Row:
        found = make(image, contract, function)
        if image.program.unwindable:
            _add_cfi(
                found, function.entry, function.entry + image.program.symbols[function.name].size
            )
        row = prove_routine(found, instructions, self.solvers, self.pool)
        row.routine = name_of(contract.routine, image, function)
        return row


def text_of(rows: list[Row]) -> str:
    """The table routines x theorems."""
    kinds = sorted({kind for row in rows for kind in row.theorems})
    lines = [
        "".join(
            [
                f"{'routine':44}{'instr':>6}{'paths':>6}{'below':>6}",
                *(f"{kind:>10}" for kind in kinds),
                f"{'open':>6}",
            ]
        )
    ]
    for row in rows:
        below = max(row.below.values(), default=0)
        lines.append(
            "".join(
                [
                    f"{row.routine:44}{row.instructions:6}{row.paths:6}{below:6}",
                    *(f"{row.theorems.get(kind, 0):10}" for kind in kinds),
                    f"{len(row.open):6}",
                ]
            )
        )
    return "\n".join(lines)


def budget(contracts: list[Contract]) -> None:
    """What routines write below a goroutine's stack pointer, their return address included, is what the guard leaves
    room for: STACK_SWITCH_BYTES, or the number that `reserve` of the contract names."""
    constants = contracts[0].constants
    for name in ("STACK_SWITCH_BYTES", "STACK_NOSPLIT_BYTES"):
        below = [
            case.below
            for one in contracts
            if one.goroutine and one.reserve == constants[name]
            for case in one.cases
            if not case.system
        ]
        computed, promised = 8 + max(below), constants[name]
        if computed != promised or promised > constants["STACK_NOSPLIT_BYTES"]:
            raise ContractError(
                f"spec/platform.h: {name} is {promised}, the routines need {computed}."
            )
        print(
            f"below the guard: at most {computed} bytes in {len(below)} cases; {name} is {promised}"
        )


def prove_made(prover: Prover, arguments: argparse.Namespace) -> int:
    """Proves what was compiled of scripts; how many functions that are."""
    made = read_made_code(arguments.made)
    named = sum(len(prover.program(Image(one, arguments.zydis))) for one in made)
    functions = sum(len(one.functions) for one in made)
    print(
        f"{arguments.made}: {functions} compiled functions of {len(made)} scripts, "
        f"{named} rows of templates"
    )
    return functions


def run(arguments: argparse.Namespace) -> int:
    prover = Prover(arguments.root, arguments.solvers.split(","), arguments.unchecked)
    missing = without_contract(arguments.root, prover.contracts)
    if missing:
        raise ContractError(f"no contract is of {', '.join(missing)}.")
    report: list[dict[str, Any]] = []
    shown = 0
    for path in arguments.programs:
        rows = prover.program(Image(Program(path), arguments.zydis))
        new = len(prover.proved) - shown
        shown = len(prover.proved)
        print(f"{path}: {len(rows)} routines, {new} with bytes that were not proved yet")
        report.append({"program": path, "routines": {row.routine: row.sha256 for row in rows}})
    functions = prove_made(prover, arguments) if arguments.made else 0
    budget(prover.contracts)
    proved = list(prover.proved.values())
    for row in proved:
        row.wait()
    print(text_of(proved))
    open_goals = [one for row in proved for one in row.open]
    goals = sum(sum(row.theorems.values()) for row in proved)
    for one in open_goals:
        print(f"NOT PROVED: {one}")
    print(
        f"{len(report)} programs, {len(proved)} routines that differ, {goals} goals by each of {arguments.solvers}; "
        f"{len(open_goals)} answers are not a proof"
    )
    if arguments.json:
        routines = [
            {key: value for key, value in vars(row).items() if key not in NOT_REPORTED}
            for row in proved
        ]
        table = {
            "solvers": prover.solvers,
            "programs": report,
            "compiled_functions": functions,
            "routines": routines,
        }
        files.write_json(arguments.json, table, indent=2)
    return 0 if goals and not open_goals else 1


def main() -> int:
    parser = command_line.Parser("prove.py", __doc__ or "")
    parser.add_argument("--root", default=ROOT, type=command_line.input_folder)
    parser.add_argument("--zydis", required=True, type=command_line.input_file)
    parser.add_argument("--json", type=command_line.output_file)
    parser.add_argument("--made", type=command_line.input_file)
    parser.add_argument("--unchecked", metavar="NAME", action="append", default=[])
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("programs", nargs="+")
    arguments = parser.read()
    command_line.known(arguments.solvers.split(","), "solver", SOLVERS)
    try:
        return run(arguments)
    except ERRORS as error:
        raise tool.Problem(str(error)) from error


if __name__ == "__main__":
    run_tool("prove.py", main)
