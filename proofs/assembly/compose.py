"""Sequences of routines with other code in between: what they say together (sequences/*.toml)."""
from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from typing import Any

import z3

from contracts import Contract, ContractError, Region, Statement, Written, Reader, constants_of
from execute import End, Image, run_routine
from expressions import Expression, Sort
from functions import Function
from goals import Goal, Obligations, linked_terms
from machine import (
    REGISTERS,
    WORD,
    ModelError,
    State,
    fresh_state,
    hardware_facts,
    possible,
    solver_for,
)
from moves import moved_value, registers_moved
from render import Renderer, renderer_for

# Parameters that a sequence may have and that are places of a goroutine function of the program.
PLACES = ("entry", "resume")


@dataclass(frozen=True)
class Step:
    """One step; `run` is empty if other code runs."""

    run: str
    stops: tuple[str, ...]
    goes: tuple[Expression, ...]
    kept: tuple[Written, ...]
    registers: tuple[tuple[str, Expression], ...]
    words: tuple[tuple[Expression, Expression], ...]
    assume: tuple[Statement, ...]
    ensures: tuple[Statement, ...]


@dataclass(frozen=True)
class Sequence:
    """One file of sequences/; `frame` holds its names, regions and premises."""

    name: str
    frame: Contract
    steps: tuple[Step, ...]

    @property
    def symbols(self) -> set[str]:
        """What the program must have."""
        names = {name for step in self.steps for name in (step.run, *step.stops)}
        return {name.partition("+")[0] for name in names} - {"", *PLACES, *self.frame.parameters}


class _SequenceReader(Reader):
    """Reads the steps."""

    def __init__(self, path: str, constants: dict[str, int], root: str) -> None:
        super().__init__(path, constants)
        self.root = root

    def truth(self, value: Any, where: str) -> list[Statement]:
        """A statement; relocated(NAME) is what spec/relocate.acsl says; acsl = "registers_moved" is four of them."""
        table = self.table(value, where, ("name",), ("is", "by", "acsl"))
        if table.get("acsl") == "registers_moved":
            texts = [(f"{table['name']}_{name}", text) for name, text in registers_moved(self.root)]
        elif "acsl" in table or "is" not in table:
            raise self.fail(f"{where} '{table['name']}' needs 'is', or acsl = \"registers_moved\"")
        else:
            texts = [(table["name"], table["is"])]
        found = []
        for name, text in texts:
            text = re.sub(
                r"\brelocated\((\w+)\)", lambda m: moved_value(self.root, m.group(1)), text
            )
            found.append(
                Statement(
                    name,
                    self.expression(text, f"{where} '{name}'", Sort.TRUTH, True),
                    text,
                    table.get("by", ""),
                )
            )
        return found

    def step(self, value: Any, regions: dict[str, Region]) -> Step:
        table = self.table(
            value,
            "[[step]]",
            (),
            ("run", "anything", "stops", "goes", "kept", "registers", "words", "assume", "ensures"),
        )
        if ("run" in table) == ("anything" in table):
            raise self.fail("a [[step]] has either 'run' or 'anything'")
        registers = table.get("registers", {})
        for name in registers:
            if name not in REGISTERS or REGISTERS[name][1] != 8:
                raise self.fail(f"'{name}' is not a register of 64 bits")
        words = [self.table(one, "words", ("at", "is")) for one in table.get("words", [])]

        def word(text: Any) -> Expression:
            return self.expression(text, "[[step]]", Sort.WORD, True)

        def truths(key: str) -> tuple[Statement, ...]:
            return tuple(one for entry in table.get(key, []) for one in self.truth(entry, key))

        return Step(
            table.get("run", ""),
            tuple(table.get("stops", [])),
            (word(table["goes"]),) if "goes" in table else (),
            tuple(self.written(one, "kept", regions) for one in table.get("kept", [])),
            tuple((name, word(text)) for name, text in registers.items()),
            tuple((word(one["at"]), word(one["is"])) for one in words),
            truths("assume"),
            truths("ensures"),
        )

    def sequence(self, data: dict[str, Any], name: str) -> Sequence:
        steps = data.pop("step", [])
        data.update(routine=name, source="", case=[])
        frame = self.contract(data)
        regions = {one.name: one for one in frame.regions}
        return Sequence(name, frame, tuple(self.step(one, regions) for one in steps))


def read_sequences(root: str) -> list[Sequence]:
    """All sequences of the tree, by name."""
    folder = os.path.join(root, "proofs/assembly/sequences")
    constants = constants_of(root)
    found = []
    for file in sorted(os.listdir(folder)):
        if file.endswith(".toml"):
            path = os.path.join(folder, file)
            reader = _SequenceReader(path, constants, root)
            try:
                with open(path, "rb") as content:
                    data = tomllib.load(content)
            except tomllib.TOMLDecodeError as error:
                raise ContractError(f"{path}: it cannot be read: {error}.") from error
            found.append(reader.sequence(data, file[: -len(".toml")]))
    if not found:
        raise ContractError(f"{folder}: there is no sequence.")
    return found


class _Composer:
    """Runs one sequence on one program; every path of a step is the begin of the next."""

    def __init__(self, image: Image, sequence: Sequence, function: Function) -> None:
        self.image, self.sequence = image, sequence
        self.places = {"entry": function.entry, "resume": function.resume}
        frame = sequence.frame
        parameters = {
            name: image.code(self.places[name]) if name in PLACES else z3.BitVec(name, WORD)
            for name in frame.parameters
        }
        self.entry = fresh_state("")
        self.renderer: Renderer = renderer_for(
            frame, self.entry.copy(), linked_terms(image, 0), parameters, ""
        )
        self.facts = hardware_facts(self.entry) + [
            self.renderer.render(one.expression) for one in frame.premises
        ]
        self.found = Obligations(frame)

    def goal(
        self, number: int, path: int, clause: str, state: State, conclusion: z3.BoolRef
    ) -> None:
        self.found.goals.append(
            Goal(
                self.sequence.name,
                f"step {number}",
                path,
                clause,
                tuple(self.facts + state.path),
                conclusion,
            )
        )

    def place(self, name: str) -> int:
        """A place of the goroutine function, a symbol, or so many bytes behind one: SYMBOL+BYTES."""
        symbol, _, distance = name.partition("+")
        if name in PLACES:
            return self.places[name]
        return self.image.program.address(symbol) + int(distance or 0)

    def compose(self) -> Obligations:
        known = solver_for(self.facts)
        if not possible(known):
            raise ModelError(f"{self.sequence.name}: the premises contradict each other")
        ends = [End(self.entry.copy(), z3.BitVecVal(0, WORD))]
        arrives = False
        for number, step in enumerate(self.sequence.steps, 1):
            following: list[End] = []
            for path, end in enumerate(ends):
                if step.run and arrives:
                    self.goal(
                        number,
                        path,
                        f"arrives at {step.run}",
                        end.state,
                        end.target == self.image.code(self.place(step.run)),
                    )
                following += (
                    self.run(number, step, end)
                    if step.run
                    else [End(self.anything(number, step, end.state), end.target)]
                )
            arrives = bool(step.run)
            ends = following
            for path, end in enumerate(ends):
                self.claims(number, path, step, end)
            if not ends or not all(possible(known, end.state.path) for end in ends):
                raise ModelError(f"{self.sequence.name}: step {number} cannot happen")
        self.found.paths = len(ends)
        return self.found

    def run(self, number: int, step: Step, begin: End) -> list[End]:
        stops = {self.place(name) for name in step.stops}
        begin.state.needs.clear()
        run = run_routine(
            self.image,
            self.place(step.run),
            begin.state.copy(),
            self.renderer.regions,
            self.facts,
            lambda place, state: place in stops,
        )
        self.found.visited |= run.visited
        for path, end in enumerate(run.ends):
            for place, (what, condition) in enumerate(end.state.needs):
                if not z3.is_true(z3.simplify(condition)):
                    self.goal(number, path, f"{place} {what}", end.state, condition)
        return run.ends

    def anything(self, number: int, step: Step, state: State) -> State:
        """A state of which only that is known which the step says."""
        after = fresh_state(f"step{number}_")
        after.fs, after.path = state.fs, state.path + hardware_facts(after)
        kept = {(one.region, at) for one in step.kept for at in range(one.at, one.at + one.count)}
        for region in self.renderer.regions.places:
            for at in range(region.first, region.end):
                old = state.memory.get(
                    (region.name, at), self.renderer.regions.initial(region.name, at)
                )
                fresh = z3.BitVec(f"step{number}_{region.name}[{at}]", 8)
                after.memory[region.name, at] = old if (region.name, at) in kept else fresh
        for at_expression, word in step.words:
            self.set_word(
                after,
                z3.simplify(self.renderer.render(at_expression, state)),
                self.renderer.render(word, state),
            )
        for name, expression in step.registers:
            after.registers[name] = z3.simplify(self.renderer.render(expression, state))
        after.path += [self.renderer.render(one.expression, after) for one in step.assume]
        return after

    def set_word(self, state: State, address: z3.BitVecRef, value: z3.BitVecRef) -> None:
        place, at = self.renderer.regions.find(address, 8)
        for i in range(8):
            state.memory[place.name, at + i] = z3.Extract(8 * i + 7, 8 * i, value)

    def claims(self, number: int, path: int, step: Step, end: End) -> None:
        for expression in step.goes:
            self.goal(
                number,
                path,
                "goes",
                end.state,
                end.target == self.renderer.render(expression, end.state),
            )
        for one in step.ensures:
            self.goal(
                number, path, one.name, end.state, self.renderer.render(one.expression, end.state)
            )


def sequence_goals(image: Image, sequence: Sequence, function: Function) -> Obligations:
    """All goals of a sequence; `function` stands for any goroutine function (its slow path is that of every one)."""
    return _Composer(image, sequence, function).compose()
