"""Wrong sources and wrong proofs, from sabotages.toml: each must be noticed, and the right ones must not be."""
from __future__ import annotations

import os
import re
import shutil
import tomllib
from dataclasses import dataclass

from session import (
    BASE,
    BOOKS,
    HERE,
    PROVED,
    ROOT,
    Tools,
    acl2,
    command,
    generate,
    load,
    quoted,
    tool,
    words_of,
)

ARCH = "src/runtime/arch/x86_64"
SOURCES = (ARCH, "spec", "proofs/assembly/acl2/cosim")
# Theorems of wrong code may keep the prover busy; right ones need at most half of this.
STEPS = 3_000_000
PLAIN = "contig_yield"


@dataclass(frozen=True)
class Attempt:
    """A file of theorems, the names that it should prove, and whether it may."""

    name: str
    file: str
    theorems: list[str]
    right: bool


def link(tree: str, program: str) -> None:
    """The harness, from the sources of a tree."""
    sources = [
        os.path.join(tree, folder, name)
        for folder in (ARCH, "proofs/assembly/acl2/cosim")
        for name in sorted(os.listdir(os.path.join(tree, folder)))
        if name.endswith((".S", ".c"))
    ]
    command("gcc", "-O1", "-no-pie", "-I", tree, "-I", ROOT, "-o", program, *sources)


def copy(tree: str) -> None:
    for folder in SOURCES:
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(tree, folder))


def of_source(used: Tools, number: int, change: dict[str, str]) -> Attempt:
    """The theorems about a routine of changed sources; the contracts are those of the project."""
    tree = os.path.join(used.work, f"tree-{number}")
    copy(tree)
    path = os.path.join(tree, change["file"])
    with open(path, encoding="utf-8") as content:
        text = content.read()
    if change["old"] not in text:
        raise tool.Problem(
            f"sabotages.toml: '{change['name']}' finds nothing to change in {change['file']}"
        )
    with open(path, "w", encoding="utf-8") as content:
        content.write(text.replace(change["old"], change["new"]))
    link(tree, os.path.join(tree, "harness"))
    return of_program(used, os.path.join(tree, "harness"), change["routine"], change["name"], False)


def of_program(used: Tools, program: str, routine: str, name: str, right: bool) -> Attempt:
    folder = program + "-theorems"
    generate(program, program, folder)
    names = [
        one
        for one in words_of(folder, "theorems.txt")
        if re.fullmatch(f"{re.escape(routine)}-[a-z_-]+", one)
    ]
    if not names:
        raise tool.Problem(f"sabotages.toml: there are no theorems of '{routine}'")
    return Attempt(
        name, os.path.relpath(os.path.join(folder, f"{routine}.lisp"), used.work), names, right
    )


def of_proof(used: Tools, number: int, plain: Attempt, change: dict[str, str]) -> Attempt:
    """The file of a small routine with its theorem replaced."""
    with open(os.path.join(used.work, plain.file), encoding="ascii") as content:
        parts = re.split(r"^(?=\()", content.read(), flags=re.M)
    text = "".join(
        change["text"].replace("THEOREM", part) + "\n" if part.startswith("(defcase") else part
        for part in parts
    )
    file = f"proof-{number}.lisp"
    with open(os.path.join(used.work, file), "w", encoding="ascii") as content:
        content.write(text)
    return Attempt(change["name"], file, plain.theorems, False)


def forms_of(attempt: Attempt) -> list[str]:
    """Loads an attempt, notes if the gate's answer is wrong, and forgets all that it did."""
    answer = f"(x86isa::names-proved-p {quoted(attempt.theorems)} (w state))"
    wrong = f"(not {answer})" if attempt.right else answer
    good, bad = ("proved", "NOT PROVED") if attempt.right else ("noticed", "NOT NOTICED")
    return [
        '(in-package "ACL2")',
        "(deflabel before-the-attempt)",
        f"(set-prover-step-limit {STEPS})",
        *load(attempt.file),
        '(in-package "ACL2")',
        "(set-ld-redefinition-action nil state)",
        f'(if {wrong} (prog2$ (cw "{bad}: {attempt.name}~%") (assign wrong (+ 1 (@ wrong))))'
        f' (prog2$ (cw "{good}: {attempt.name}~%") (assign right (+ 1 (@ right)))))',
        "(ubt! 'before-the-attempt)",
    ]


def sabotage(used: Tools) -> bool:
    """True if each wrong source and proof is noticed, and the right ones of the same routines are proved."""
    with open(os.path.join(HERE, "sabotages.toml"), "rb") as content:
        changes = tomllib.load(content)
    tree = os.path.join(used.work, "tree")
    copy(tree)
    link(tree, os.path.join(tree, "harness"))
    attempts = [
        of_program(used, os.path.join(tree, "harness"), routine, f"{routine} as it is", True)
        for routine in sorted({change["routine"] for change in changes["source"]} | {PLAIN})
    ]
    plain = next(one for one in attempts if one.file.endswith(f"/{PLAIN}.lisp"))
    attempts += [of_source(used, number, change) for number, change in enumerate(changes["source"])]
    attempts += [
        of_proof(used, number, plain, change) for number, change in enumerate(changes["proof"])
    ]
    last = (
        f"(acl2::exit (if (and (equal (@ right) {len(attempts)}) (equal (@ wrong) 0)) {PROVED} 1))"
    )
    forms = [form for attempt in attempts for form in forms_of(attempt)]
    return acl2(
        used,
        f"{len(attempts)} attempts",
        [
            BOOKS,
            *load(*BASE),
            '(in-package "ACL2")',
            "(assign right 0)",
            "(assign wrong 0)",
            *forms,
            last,
        ],
        3600,
    )
