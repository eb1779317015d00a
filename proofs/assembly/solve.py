"""Goals by three solvers, from the same SMT-LIB.  All must agree."""
from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from concurrent.futures import Executor, Future
from typing import Any, Iterable, Sequence

import z3

from goals import Goal

SECONDS = 120
COMMANDS = {
    "z3": ["z3", "-smt2", f"-t:{1000 * SECONDS}"],
    "cvc5": ["cvc5", "--incremental", f"--tlimit={1000 * SECONDS}"],
    "cvc4": ["cvc4", "--lang=smt2", "--incremental", f"--tlimit={1000 * SECONDS}"],
}
SOLVERS = tuple(COMMANDS)
# Told the logic, Z3 takes a solver that is slow when goals come one by one.
LOGIC = "(set-logic QF_BV)\n"


class SolverError(Exception):
    """A solver that did not answer every question."""


def groups(goals: Sequence[Goal]) -> list[tuple[tuple[z3.BoolRef, ...], list[Goal]]]:
    """Neighbours with the same hypotheses, which are asserted once."""

    def key(goal: Goal) -> tuple[int, ...]:
        return tuple(one.get_id() for one in goal.hypotheses)

    return [
        (part[0].hypotheses, part)
        for _, found in itertools.groupby(goals, key)
        for part in [list(found)]
    ]


def _declarations(terms: Iterable[Any]) -> list[str]:
    """A declaration of each constant that occurs."""
    seen: set[int] = set()
    found: dict[str, str] = {}
    work = list(terms)
    while work:
        term = work.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found[term.sexpr()] = term.decl().sexpr()
        work.extend(term.children())
    return [found[name] for name in sorted(found)]


def smt_lib(goals: Sequence[Goal]) -> str:
    """One script, without its logic: a check-sat for the negation of each goal, in order."""
    terms = [one for goal in goals for one in (*goal.hypotheses, goal.conclusion)]
    lines = _declarations(terms)
    for hypotheses, part in groups(goals):
        lines += ["(push 1)", *(f"(assert {one.sexpr()})" for one in hypotheses)]
        for goal in part:
            lines += [
                "(push 1)",
                f"(assert (not {goal.conclusion.sexpr()}))",
                "(check-sat)",
                "(pop 1)",
            ]
        lines.append("(pop 1)")
    return "\n".join(lines) + "\n"


def by_program(name: str, text: str, count: int) -> list[str]:
    """A solver's answers to a script with so many questions; SolverError if it is not there or stops early."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "goals.smt2")
        with open(path, "w", encoding="ascii") as script:
            script.write(text if name == "z3" else LOGIC + text)
        try:
            run = subprocess.run(
                [*COMMANDS[name], path],
                capture_output=True,
                text=True,
                timeout=2 * SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SolverError(f"{name} did not run: {error}") from error
    answers = run.stdout.split()
    if len(answers) != count or not set(answers) <= {"sat", "unsat", "unknown"}:
        shown = (run.stderr + run.stdout).strip().splitlines()[-1:]
        raise SolverError(
            f"{name} gave {len(answers)} answers to {count} goals: {' '.join(shown)[:300]}"
        )
    return answers


def answers_of(
    solvers: Sequence[str], goals: Sequence[Goal], pool: Executor
) -> dict[str, Future[list[str]]]:
    """The answers of some of SOLVERS, which run in the pool while the next goals are made."""
    text = smt_lib(goals)
    return {one: pool.submit(by_program, one, text, len(goals)) for one in solvers}
