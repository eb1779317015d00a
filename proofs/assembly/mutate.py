#!/usr/bin/env python3
"""mutate.py --zydis PROGRAM [--root DIR] [--routine NAME] PROGRAM...: each instruction deleted, each operand another.

A change must make a goal fail, or make the code do what the model refuses.  Otherwise the contract is proved of the
changed code, too; such a change must be one of EQUIVALENT, which says why.  Exit status 1: a change is neither.
"""
from __future__ import annotations

import argparse
import dataclasses
from functools import partial
from typing import Callable, Iterator, Optional

from begin import ROOT, arguments as command_line, run as run_tool, tool

import z3

from cfi import cfi_goals
from contracts import Contract, ContractError, read_contracts
from decode import DecodeError, Instruction, Operand
from execute import Image
from functions import Function, functions_of, prologue_goals, resume_goals
from goals import Goal, Obligations
from instances import Instance, all_instances
from machine import REGISTERS, ModelError, solver_for
from program import Program, ProgramError
from solve import groups

OPPOSITE = {"je": "jne", "jne": "je", "jb": "jae", "jae": "jb", "jbe": "ja", "ja": "jbe"}
# routine+instruction, change: why the routine is as right with it.
SLOWER = "the x87 control word is loaded also when it is the same: slower, nothing else"
NEVER_EQUAL = "a word that is 0 is compared, which no x87 control word is: " + SLOWER
ANY_BIT = "any bit in rax clears the zero flag, which is all that callers read"
ANY_WORD = "the pattern means nothing"
WHOLE_VECTORS = "the number of bytes is a multiple of 16"
AGAIN = "the same word stands there already on this way; contig_call_c_adopted needs it"
EQUIVALENT = {
    "contig_call_c_begins+22: delete mov rcx, -0x18": AGAIN,
    "contig_call_c_begins+22: mov rcx, -0x18: rcx -> rdx": AGAIN,
    "contig_call_c_begins+23: mov rsi, qword ptr fs:[rcx]: 0 -8": AGAIN,
    "contig_call_c_begins+24: delete mov rcx, -0x20": AGAIN,
    "contig_call_c_begins+24: mov rcx, -0x20: rcx -> rdx": AGAIN,
    "contig_call_c_begins+25: delete mov qword ptr fs:[rcx], rsi": AGAIN,
    "contig_call_c_begins+25: mov qword ptr fs:[rcx], rsi: 0 +8": AGAIN,
    "contig_c_entry_begins+22: delete mov rdx, qword ptr [rsp]": (
        "rdx holds it on this way; contig_c_entry_reserved needs it"
    ),
    "stub_copies+22: cmp r10, 0x200: 200 +1": WHOLE_VECTORS,
    "stub_copies+22: cmp r10, 0x200: 200 -1": WHOLE_VECTORS,
    "contig_c_copy_arguments+14: cmp rcx, rax: rcx -> rdx": "rdx holds the same",
    "contig_execute+15: mov ax, word ptr [rsi + 0x4c]: 4c -2": NEVER_EQUAL,
    "contig_execute+16: cmp ax, word ptr [rdi + 0x18]: 18 -2": NEVER_EQUAL,
    "contig_execute+17: delete je": SLOWER,
    "contig_leave+2: mov ax, word ptr [r8 + 0x4c]: 4c -2": NEVER_EQUAL,
    "contig_leave+4: cmp ax, word ptr [rcx + 0x18]: 18 -2": NEVER_EQUAL,
    "contig_leave+5: delete je": SLOWER,
    "contig_leave_saved+1: cmp ax, word ptr [rcx + 0x18]: 18 -2": NEVER_EQUAL,
    "contig_leave_saved+2: delete je": SLOWER,
    "frames_check_word_round+28: or eax, 1: 1 +1": ANY_BIT,
    "frames_enter+22: or eax, 1: 1 +1": ANY_BIT,
    "frames_leaf+11: movabs r11, 0x5a5a5a5a5a5a5a5a: 5a5a5a5a5a5a5a5a +1": ANY_WORD,
    "frames_leaf+11: movabs r11, 0x5a5a5a5a5a5a5a5a: 5a5a5a5a5a5a5a5a -1": ANY_WORD,
}


def neighbours(operand: Operand) -> Iterator[tuple[str, Operand]]:
    """Operands that differ a little: the next register of the same width, the next word, the next number."""
    if operand.kind == "r":
        names = [name for name, (_, size, _) in REGISTERS.items() if size == operand.size]
        name = names[(names.index(operand.register) + 1) % len(names)]
        yield f"{operand.register} -> {name}", dataclasses.replace(operand, register=name)
        return
    step = 1 if operand.kind == "i" else operand.size
    for distance in (step, -step):
        yield f"{operand.value:x} {distance:+}", dataclasses.replace(
            operand, value=(operand.value + distance) % 2**64
        )
    if operand.base in REGISTERS:
        names = [name for name, (_, size, _) in REGISTERS.items() if size == 8]
        name = names[(names.index(operand.base) + 1) % len(names)]
        yield f"({operand.base}) -> ({name})", dataclasses.replace(operand, base=name)
    if operand.segment:
        yield "without segment", dataclasses.replace(operand, segment="")


def changes(one: Instruction) -> Iterator[tuple[str, Optional[Instruction]]]:
    """Every change of one instruction; None deletes it."""
    branch = (one.mnemonic[0] == "j" or one.mnemonic == "call") and one.operands[0].kind == "i"
    yield f"delete {one.mnemonic if branch else one.text}", None
    if one.mnemonic in OPPOSITE:
        yield f"{one.mnemonic} -> {OPPOSITE[one.mnemonic]}", dataclasses.replace(
            one, mnemonic=OPPOSITE[one.mnemonic]
        )
    if branch:
        return
    for number, operand in enumerate(one.operands):
        for what, other in neighbours(operand):
            operands = (*one.operands[:number], other, *one.operands[number + 1 :])
            yield f"{one.text}: {what}", dataclasses.replace(one, operands=operands)


def fails(goals: list[Goal]) -> bool:
    """Does Z3 fail to prove one of the goals?  Those behind the first such goal are not tried."""
    for hypotheses, part in groups(goals):
        solver = solver_for(list(hypotheses))
        for goal in part:
            solver.push()
            solver.add(z3.Not(goal.conclusion))
            answer = solver.check()
            solver.pop()
            if answer != z3.unsat:
                return True
    return False


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is changed: instructions, where their code lies, and how its goals are made."""

    name: str
    instructions: tuple[Instruction, ...]
    first: int
    end: int
    goals: Callable[[], Obligations]


def subject_of(image: Image, instance: Instance) -> Subject:
    """A routine with a contract of its own, or the part of one that the contract is of."""
    contract, visited = instance.contract, instance.obligations(image).visited
    first = image.program.address(contract.within)
    listing = tuple(one for one in image.routine(contract.within) if one.address in visited)
    return Subject(
        contract.routine,
        listing,
        first,
        first + image.program.symbols[contract.within].size,
        partial(instance.obligations, image),
    )


def different(image: Image, contracts: list[Contract]) -> list[Instance]:
    """One of the routines whose goals are the same."""
    found = {
        f"{one.contract.routine} {one.fingerprint(image)}": one
        for one in all_instances(image, contracts)
    }
    return list(found.values())


def subjects_of(image: Image, contracts: dict[str, Contract]) -> Iterator[Subject]:
    """The prologue and the slow path of one function for each class of frame sizes."""
    classes: dict[str, Function] = {}
    for function in functions_of(image):
        classes.setdefault(function.size_class, function)
    for name, function in classes.items():
        end = function.entry + image.program.symbols[function.name].size
        yield Subject(
            f"prologue ({name})",
            function.prologue,
            function.entry,
            end,
            partial(prologue_goals, image, contracts["prologue"], function),
        )
        slow = image.at(function.resume)
        yield Subject(
            f"prologue_resume ({name})",
            (slow, image.at(slow.next)),
            function.entry,
            end,
            partial(resume_goals, image, contracts["prologue_resume"], function),
        )


def noticed(subject: Subject) -> bool:
    """Does a goal fail, or does the code leave the model?"""
    try:
        found = subject.goals()
        assert found.setting is not None and found.run is not None
        return fails(found.goals) or fails(
            cfi_goals(
                found.setting, found.run, subject.first, subject.end, found.contract.goroutine
            )
        )
    except (DecodeError, ModelError):
        return True


def mutate(image: Image, subject: Subject) -> tuple[int, list[str]]:
    """(changes tried, changes that nobody notices) of one routine."""
    tried, silent = 0, []
    for place, one in enumerate(subject.instructions):
        if one.mnemonic == "ud2":
            continue
        for what, other in changes(one):
            image.replaced[one.address] = other
            tried += 1
            if not noticed(subject):
                silent.append(f"{subject.name}+{place}: {what}")
            image.replaced.clear()
    return tried, silent


def all_subjects(paths: list[str], zydis: str, root: str) -> list[tuple[Image, Subject]]:
    """Those of several programs; of equal names those of the first program that has them."""
    contracts = {one.routine: one for one in read_contracts(root)}
    found: dict[str, list[tuple[Image, Subject]]] = {}
    for path in paths:
        image = Image(Program(path), zydis)
        here: dict[str, list[tuple[Image, Subject]]] = {}
        for one in (
            *(subject_of(image, one) for one in different(image, list(contracts.values()))),
            *subjects_of(image, contracts),
        ):
            here.setdefault(one.name, []).append((image, one))
        found = {**here, **found}
    return [one for same in found.values() for one in same]


def run(arguments: argparse.Namespace) -> int:
    tried_in_all, left = 0, 0
    subjects = all_subjects(arguments.programs, arguments.zydis, arguments.root)
    if arguments.routine is not None:
        command_line.known([arguments.routine], "routine", [one.name for _, one in subjects])
    for image, subject in subjects:
        if (arguments.routine or subject.name) != subject.name:
            continue
        tried, silent = mutate(image, subject)
        tried_in_all += tried
        for change in silent:
            reason = EQUIVALENT.get(change)
            left += reason is None
            print(f"{change}: {reason or 'NOT NOTICED'}", flush=True)
    print(f"{tried_in_all} changes, {left} neither noticed nor equivalent")
    return 0 if tried_in_all and not left else 1


def main() -> int:
    parser = command_line.Parser("mutate.py", __doc__ or "")
    parser.add_argument("--root", default=ROOT, type=command_line.input_folder)
    parser.add_argument("--zydis", required=True, type=command_line.input_file)
    parser.add_argument("--routine")
    parser.add_argument("programs", nargs="+")
    arguments = parser.read()
    try:
        return run(arguments)
    except (ContractError, DecodeError, ModelError, ProgramError) as error:
        raise tool.Problem(str(error)) from error


if __name__ == "__main__":
    run_tool("mutate.py", main)
