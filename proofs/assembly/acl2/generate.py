#!/usr/bin/python3
"""generate.py PROGRAM PROLOGUES FOLDER: writes each contract of ../contracts as theorems about linked bytes.

Routines are those of PROGRAM, prologues those of the functions of PROLOGUES.  FOLDER gets one file a routine, order.txt
(the files, in the order to load them) and theorems.txt (the names that must be proved).
"""
from __future__ import annotations

import itertools
import os
import sys
import tomllib
from dataclasses import dataclass

sys.dont_write_bytecode = True
sys.path.append(os.path.join(sys.path[0], "../.."))
from paths import ROOT  # noqa: E402
from contig import debian, files, tool  # noqa: E402

debian.require("capstone", "elftools")
from contracts import Case, Contract, ContractError, Region, read_contracts  # noqa: E402
from expressions import ExpressionError, parse  # noqa: E402

from image import Function, Image, ImageError, Routine, UndecidedError, steps  # noqa: E402
from lisp_terms import Renderer  # noqa: E402

RESERVED = {"code", "x86", "y", "k", "a", "n", "t", "nil"}


@dataclass(frozen=True)
class Instance:
    """A contract, said of one routine of the program; `values` are its parameters."""

    contract: Contract
    render: Renderer
    branches: tuple[str, ...]

    @property
    def routine(self) -> Routine:
        return self.render.routine

    @property
    def ends(self) -> frozenset[int]:
        """Addresses that the run may end at."""
        image = self.render.image
        return frozenset(
            [
                *(image.address(stop) for stop in self.contract.stops),
                *self.render.addresses.values(),
            ]
        )

    @property
    def name(self) -> str:
        return self.routine.name

    @property
    def formals(self) -> str:
        return " ".join(("code", *(name for name, _ in self.contract.lets)))


def address(base: str, offset: int) -> str:
    return f"(+ {offset} {base})" if offset else base


def byte_list(name: str, code: bytes) -> str:
    words = [f"#x{byte:02x}" for byte in code]
    lines = [" ".join(words[at : at + 20]) for at in range(0, len(words), 20)]
    return f"(defconst *{name}*\n  '(" + "\n    ".join(lines) + "))"


def region_terms(instance: Instance, region: Region) -> list[str]:
    """The region is canonical, does not wrap around and, if it is written, holds no code."""
    base = instance.render.term(region.base)
    first = address(base, region.first)
    terms = [f"(canonical-address-p {first})", f"(canonical-address-p {address(base, region.end)})"]
    if region.writable:
        terms.append(f"(code-apart *{instance.name}* {region.end - region.first} {first})")
    return terms


def guarded(instance: Instance, regions: tuple[Region, ...], terms: list[str]) -> list[str]:
    """The terms, for entry states in which all the regions are there."""
    conditions = [
        instance.render.term(region.when) for region in regions if region.when is not None
    ]
    if not conditions:
        return terms
    unique = list(dict.fromkeys(conditions))
    return [f"(implies (and {' '.join(unique)}) {term})" for term in terms]


def apart_terms(instance: Instance) -> list[str]:
    terms: list[str] = []
    for one, other in itertools.combinations(instance.contract.regions, 2):
        if other.name in one.meets or one.name in other.meets:
            continue
        sides = (
            f"{side.end - side.first} {address(instance.render.term(side.base), side.first)}"
            for side in (one, other)
        )
        terms += guarded(instance, (one, other), [f"(apart {' '.join(sides)})"])
    return terms


def linked_terms(instance: Instance) -> list[str]:
    """The symbols that the run may end at have canonical addresses."""
    return [
        f"(canonical-address-p (+ {end - instance.routine.address} code))"
        for end in sorted(instance.ends)
    ]


def precondition(instance: Instance) -> str:
    contract, render = instance.contract, instance.render
    terms = [
        "(running x86)",
        f"(code-at *{instance.name}* {instance.routine.entry - instance.routine.address} x86)",
    ]
    terms += [f"(equal {name} {render.term(value)})" for name, value in contract.lets]
    for region in contract.regions:
        terms += guarded(instance, (region,), region_terms(instance, region))
    terms += apart_terms(instance) + linked_terms(instance)
    terms += [render.term(premise.expression) for premise in contract.premises]
    body = "\n       ".join(terms)
    return f"(acl2::defun-nx {instance.name}-pre ({instance.formals} x86)\n  (and {body}))"


def frame_term(instance: Instance, case: Case) -> str:
    """Every range that is apart from the written ones reads as before."""
    bases = {region.name: instance.render.term(region.base) for region in instance.contract.regions}
    apart = [
        f"(separate :r k a :w {one.count} {address(bases[one.region], one.at)})"
        for one in case.written
    ]
    return f"(implies (and {' '.join(apart)})\n           (equal (memory k a y) (memory k a x86)))"


def until(instance: Instance, case: Case) -> str:
    """What holds at every boundary of the run, and what holds at its end."""
    render = instance.render
    always = [render.term(one.expression) for one in instance.contract.always]
    ends = [
        "(running y)",
        f"(program-at code *{instance.name}* y)",
        f"(equal (rip y) {render.term(case.goes)})",
    ]
    ends += [
        f"(equal {render.term(one.expression, 'y')} {render.term(one.expression)})"
        for one in case.kept
    ]
    ends += [render.term(one.expression) for one in case.ensures]
    ends.append(frame_term(instance, case))
    body = "\n   ".join(ends)
    return (
        f"(defuntil {instance.name}-{case.name} (code {instance.formals[5:]} k a x86)\n"
        f"  (and {' '.join(always)})\n  (and\n   {body}))"
    )


def outcome(instance: Instance, index: int) -> str:
    """The condition under which a case is the first that applies."""
    cases = instance.contract.cases
    terms = [
        f"(not {instance.render.term(one.when)})" for one in cases[:index] if one.when is not None
    ]
    when = cases[index].when
    if when is not None:
        terms.append(instance.render.term(when))
    return " ".join(terms)


def branch_terms(instance: Instance) -> list[str]:
    return [instance.render.term(parse(text)) for text in instance.branches]


def steps_term(instance: Instance, taken: tuple[bool, ...] = ()) -> str:
    """The number of steps, as a term of the conditions of the branches."""
    try:
        return str(steps(instance.routine, taken, instance.ends)[0])
    except UndecidedError:
        if len(taken) == len(instance.branches):
            raise
    yes, no = (steps_term(instance, (*taken, value)) for value in (True, False))
    return f"(if {branch_terms(instance)[len(taken)]} {yes} {no})"


def paths(instance: Instance) -> list[tuple[bool, ...]]:
    """Every way through the routine."""
    found = []
    for taken in itertools.product((True, False), repeat=len(instance.branches)):
        used = taken[: steps(instance.routine, taken, instance.ends)[1]]
        if used not in found:
            found.append(used)
    return found


def case_theorem(instance: Instance, index: int) -> str:
    """One lemma a path, and the theorem by cases."""
    case, name = (
        instance.contract.cases[index],
        f"{instance.name}-{instance.contract.cases[index].name}",
    )
    given = f"({instance.name}-pre {instance.formals} x86) {outcome(instance, index)}"
    ends = f"({name}-until {{0}} x86 {instance.formals} k a x86)"
    terms, text, lemmas = branch_terms(instance), [until(instance, case)], []
    for number, taken in enumerate(paths(instance)):
        path = " ".join(
            terms[at] if value else f"(not {terms[at]})" for at, value in enumerate(taken)
        )
        lemmas.append(f"{name}-path-{number}")
        text.append(
            f"(defpath {lemmas[-1]}\n  (and {given} {path})\n  "
            f"{ends.format(steps(instance.routine, taken, instance.ends)[0])}\n  {instance.name}-pre)"
        )
    count = f"({instance.name}-steps {instance.formals} x86)"
    text.append(
        f"(defcase {name}\n  (and {given})\n  {ends.format(count)}\n  {instance.name}-steps\n"
        f"  ({' '.join(lemmas)})\n  ({' '.join(terms)}))"
    )
    return "\n".join(text)


def theorem_file(instance: Instance) -> str:
    contract = instance.contract
    text = [
        f"; Generated from {os.path.basename(contract.path)}, of the routine's bytes.",
        '(in-package "X86ISA")',
        f"; {contract.says}",
        byte_list(instance.name, instance.routine.code),
        precondition(instance),
        f"(acl2::defun-nx {instance.name}-steps ({instance.formals} x86)\n  {steps_term(instance)})",
    ]
    text += [case_theorem(instance, index) for index in range(len(contract.cases))]
    whens = [instance.render.term(case.when) for case in contract.cases if case.when is not None]
    if len(whens) == len(contract.cases):
        text.append(
            f"(defthm {instance.name}-has-an-outcome\n  (implies ({instance.name}-pre {instance.formals} x86) "
            f"(or {' '.join(whens)}))\n  :rule-classes nil)"
        )
    text.append(f"(in-theory (disable {instance.name}-pre {instance.name}-steps))")
    return "\n".join(text) + "\n"


def theorem_names(contract: Contract, name: str) -> list[str]:
    names = [f"{name}-{case.name}" for case in contract.cases]
    if all(case.when is not None for case in contract.cases):
        names.append(f"{name}-has-an-outcome")
    return names


class Plan:
    """Which theorems a program gets."""

    def __init__(self, image: Image, contracts: list[Contract]) -> None:
        self.image = image
        self.contracts = {contract.routine: contract for contract in contracts}
        with open(os.path.join(ROOT, "proofs/assembly/acl2/guides.toml"), "rb") as content:
            self.guides = tomllib.load(content)
        for contract in contracts:
            clash = RESERVED & {name for name, _ in contract.lets}
            if clash:
                raise ContractError(
                    f"{contract.path}: the name '{sorted(clash)[0]}' has a meaning in the theorems."
                )

    def instance(
        self,
        contract: Contract,
        routine: Routine,
        values: dict[str, int],
        addresses: dict[str, int],
    ) -> Instance:
        """A contract of one routine; the guide may differ with the size of the frame."""
        guide = self.guides.get(contract.routine, {})
        branches = guide.get("branches", [])
        if isinstance(branches, dict):
            branches = next(
                texts for limit, texts in branches.items() if values["frame"] <= int(limit)
            )
        render = Renderer(self.image, routine, {**contract.constants, **values}, addresses)
        return Instance(contract, render, tuple(branches))

    def routines(self) -> list[Instance]:
        """One for each contract of a symbol."""
        return [
            self.instance(
                contract,
                self.image.routine(name, contract.within, self.image.address(name)),
                {},
                {},
            )
            for name, contract in self.contracts.items()
            if not contract.parameters and not contract.source.startswith(("src/frames", "src/c"))
        ]

    def functions(self, image: Image) -> list[Instance]:
        """Prologue and slow path of one function of each frame size."""
        found = {one.frame: one for one in reversed(image.functions())}
        return [each for size in sorted(found) for each in self.function(image, found[size])]

    def function(self, image: Image, one: Function) -> list[Instance]:
        before = image.routine(f"prologue-{one.frame}", one.name, one.entry)
        behind = image.routine(f"prologue_resume-{one.frame}", one.name, one.resume)
        plan = Plan(image, list(self.contracts.values()))
        return [
            plan.instance(
                self.contracts["prologue"],
                before,
                {"frame": one.frame},
                {"body": one.body, "resume": one.resume},
            ),
            plan.instance(self.contracts["prologue_resume"], behind, {}, {"entry": one.entry}),
        ]


def write(folder: str, found: list[Instance]) -> None:
    """A file for each instance, the files in the order to load them, and the names of all theorems."""
    names: list[str] = []
    for instance in found:
        with open(os.path.join(folder, f"{instance.name}.lisp"), "w", encoding="ascii") as content:
            content.write(theorem_file(instance))
        names += theorem_names(instance.contract, instance.name)
    for name, lines in (
        ("order.txt", [instance.name for instance in found]),
        ("theorems.txt", names),
    ):
        with open(os.path.join(folder, name), "w", encoding="ascii") as content:
            content.write("\n".join(lines) + "\n")


def main() -> int:
    if len(sys.argv) != 4:
        raise tool.Problem("it takes three arguments: PROGRAM PROLOGUES FOLDER")
    program, prologues = (files.readable(name) for name in sys.argv[1:3])
    try:
        plan = Plan(Image(program), read_contracts(ROOT))
        write(sys.argv[3], plan.routines() + plan.functions(Image(prologues)))
    except (ContractError, ExpressionError, ImageError) as error:
        raise tool.Problem(str(error)) from error
    return 0


if __name__ == "__main__":
    tool.run("generate.py", main)
