"""The goals of a routine: what its contract says about every path of its code."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Optional, Sequence

import z3

from contracts import Case, Contract
from execute import End, Image, Run, run_routine
from expressions import Apply, Expression, Linked
from machine import (
    WORD,
    Access,
    ModelError,
    Regions,
    State,
    fresh_state,
    hardware_facts,
    possible,
    solver_for,
)
from render import Renderer, renderer_for


@dataclass(frozen=True)
class Goal:
    """Under the hypotheses, the conclusion holds.  Names: routine, case or other kind, path, clause."""

    routine: str
    kind: str
    path: int
    clause: str
    hypotheses: tuple[z3.BoolRef, ...]
    conclusion: z3.BoolRef

    @property
    def name(self) -> str:
        return f"{self.routine}/{self.kind}/{self.path}/{self.clause}"


@dataclass
class Obligations:
    """Goals of one routine, and what was seen of its code."""

    contract: Contract
    goals: list[Goal] = field(default_factory=list)
    paths: int = 0
    visited: set[int] = field(default_factory=set)
    below: dict[str, int] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)
    setting: Optional["Setting"] = None
    run: Optional[Run] = None


@dataclass
class Setting:
    """A routine that is about to be run: its entry state, and its contract as terms."""

    image: Image
    contract: Contract
    entry: State
    renderer: Renderer
    facts: list[z3.BoolRef]
    stops: set[int]


def linked_terms(image: Image, entry: int) -> Any:
    """The renderer's view of the linker."""

    def term(one: Linked) -> z3.BitVecRef:
        if one.kind == "symbol":
            return image.code(image.program.address(one.name))
        if one.kind == "code":
            return image.code(entry + int(one.name))
        return image.thread_offset(one.name)

    return term


def setting_for(
    image: Image,
    contract: Contract,
    entry: int,
    parameters: Optional[dict[str, z3.BitVecRef]] = None,
    stops: tuple[int, ...] = (),
) -> Setting:
    """Entry state, regions and premises of a contract."""
    state = fresh_state("")
    for premise in contract.premises:
        if premise.sets is not None:
            plain = Renderer(
                contract, state.copy(), linked_terms(image, entry), {}, Regions([], "")
            )
            state.registers[premise.sets[0]] = z3.simplify(plain.render(premise.sets[1]))
    renderer = renderer_for(
        contract, state.copy(), linked_terms(image, entry), parameters or {}, ""
    )
    facts = hardware_facts(state) + [renderer.render(one.expression) for one in contract.premises]
    facts.append(image.loaded)
    named = [name for name in contract.stops if name not in contract.parameters]
    places = {image.program.address(name) for name in named} | set(stops)
    return Setting(image, contract, state, renderer, [z3.simplify(one) for one in facts], places)


def run_setting(setting: Setting, entry: int) -> Run:
    """Every path of the routine; a return from a call inside goes on, one to the caller ends the path."""

    def stop(place: int, state: State) -> bool:
        del state
        return place in setting.stops

    return run_routine(
        setting.image, entry, setting.entry.copy(), setting.renderer.regions, setting.facts, stop
    )


def obligations_of(
    image: Image,
    contract: Contract,
    entry: Optional[int] = None,
    parameters: Optional[dict[str, z3.BitVecRef]] = None,
    stops: tuple[int, ...] = (),
    more_facts: Sequence[z3.BoolRef] = (),
) -> Obligations:
    """All goals of a contract for the bytes of a program."""
    place = image.entry_of(contract) if entry is None else entry
    cuts = tuple(image.program.address(contract.within) + cut for cut in contract.cuts)
    setting = setting_for(image, contract, place, parameters, (*stops, *cuts))
    setting.facts.extend(more_facts)
    run = run_setting(setting, place)
    if not run.ends:
        raise ModelError(f"{contract.routine}: no path ends")
    found = Obligations(contract, paths=len(run.ends), visited=run.visited)
    known = solver_for(setting.facts)
    if not possible(known):
        raise ModelError(f"{contract.routine}: the premises contradict each other")
    for number, end in enumerate(run.ends):
        known.push()
        known.add(*end.state.path)
        _goals_of_path(setting, found, number, end, known)
        known.pop()
    _goals_always(setting, found, run)
    found.setting, found.run = setting, run
    for case in contract.cases:
        if case.name not in found.cases:
            raise ModelError(f"{contract.routine}: no path of the code ends in case '{case.name}'")
    return found


def whens(setting: Setting) -> list[tuple[Case, z3.BoolRef]]:
    """Each case with the condition under which it is the first that applies."""
    earlier: list[z3.BoolRef] = []
    result = []
    for case in setting.contract.cases:
        when = z3.BoolVal(True) if case.when is None else setting.renderer.render(case.when)
        result.append((case, z3.And(when, *[z3.Not(one) for one in earlier])))
        earlier.append(when)
    return result


def _goals_of_path(
    setting: Setting, found: Obligations, number: int, end: End, known: z3.Solver
) -> None:
    """The goals at the end of a path; `known` knows the facts and the path."""
    contract, base = setting.contract, tuple(setting.facts + end.state.path)
    add = found.goals.append
    for place, (what, condition) in enumerate(end.state.needs):
        if not z3.is_true(z3.simplify(condition)):
            add(Goal(contract.routine, "no fault", number, f"{place} {what}", base, condition))
    cases = whens(setting)
    add(Goal(contract.routine, "cases", number, "cover", base, z3.Or(*[when for _, when in cases])))
    for case, when in cases:
        if possible(known, [when]):
            found.cases.add(case.name)
            _goals_of_case(setting, found, number, end, case, base + (when,), known)


def _goals_of_case(
    setting: Setting,
    found: Obligations,
    number: int,
    end: End,
    case: Case,
    base: tuple[z3.BoolRef, ...],
    known: z3.Solver,
) -> None:
    routine, render = setting.contract.routine, setting.renderer.render

    def add(clause: str, conclusion: z3.BoolRef) -> None:
        found.goals.append(Goal(routine, case.name, number, clause, base, conclusion))

    add("goes", end.target == render(case.goes))
    for one in case.ensures:
        add(one.name, render(one.expression, end.state))
    for one in case.kept:
        add("kept " + one.name, render(one.expression) == _new(setting, one.expression, end.state))
    if case.enters:
        for name, invariant in _premises_at(setting, case.enters, end.state):
            add(f"enters {case.enters}: {name}", invariant)
    allowed = {(one.region, at) for one in case.written for at in range(one.at, one.at + one.count)}
    for (region, at), value in end.state.memory.items():
        if (region, at) not in allowed:
            add(f"unchanged {region}[{at}]", value == setting.renderer.regions.initial(region, at))
    _goals_below(setting, found, add, end.state.written, case, known, base[-1])


def _premises_at(setting: Setting, routine: str, state: State) -> list[tuple[str, z3.BoolRef]]:
    """The premises of the contract that holds from here on, of this state.  They may read what is in a region of the
    contract whose run ends here."""
    within = setting.contract.within
    other = replace(setting.contract.others[routine], within=within)
    renderer = Renderer(
        other,
        state,
        linked_terms(setting.image, setting.image.entry_of(other)),
        {},
        setting.renderer.regions,
    )
    for name, expression in other.lets:
        try:
            renderer.names[name] = z3.simplify(renderer.render(expression))
        except (KeyError, ModelError):
            continue
    try:
        return [(one.name, renderer.render(one.expression)) for one in other.premises]
    except KeyError as error:
        raise ModelError(
            f"{setting.contract.routine}: a premise of {routine} needs {error}, which is not known there"
        ) from error


def _new(setting: Setting, expression: Expression, state: State) -> Any:
    return setting.renderer.render(Apply("new", (expression,)), state)


def _goals_below(
    setting: Setting,
    found: Obligations,
    add: Any,
    written: list[Access],
    case: Case,
    known: z3.Solver,
    when: z3.BoolRef,
) -> None:
    """Writes around the stack pointer: none is further below it than the case says; the largest distance is noted, and
    must be reached."""
    pointer = setting.entry.registers["rsp"]
    found.below[case.name] = case.below
    reached = case.below == 0
    for address in {one.address.sexpr(): one.address for one in written if one.stack}.values():
        lowest = pointer - case.below
        reached = reached or possible(known, [when, address == lowest])
        add(f"below {address.sexpr()}", z3.ULT(address - lowest, z3.BitVecVal(2**62, WORD)))
    if not reached:
        raise ModelError(
            f"{setting.contract.routine}: case '{case.name}' never writes {case.below} bytes below the stack pointer"
        )


def _goals_always(setting: Setting, found: Obligations, run: Run) -> None:
    """What holds at every instruction boundary."""
    for place, (address, state) in enumerate(run.boundaries):
        _always(setting, found, place, f"at {address:x}", state)
    for number, end in enumerate(run.ends):
        _always(setting, found, number, "end", end.state)


def _always(setting: Setting, found: Obligations, number: int, where: str, state: State) -> None:
    for one in setting.contract.always:
        base = tuple(setting.facts + state.path)
        found.goals.append(
            Goal(
                setting.contract.routine,
                "always",
                number,
                f"{one.name} {where}",
                base,
                setting.renderer.render(one.expression, state),
            )
        )
