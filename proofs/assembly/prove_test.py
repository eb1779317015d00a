#!/usr/bin/env python3
"""prove_test.py ZYDIS COMPILED PROGRAM...: the assembly of the programs is proved, as contracts and spec/ say.

PROLOGUE-1, PROLOGUE-2, PROLOGUE-3, SWITCH-1, SWITCH-2, SWITCH-3, SWITCH-4, SWITCH-5, SWITCH-6, LIFE-8, COPY-2,
PANIC-2, PANIC-5, CGO-1, CGO-2, CGO-3, CGO-4, CGO-5, CGO-6 and CGO-8 are named by contracts and sequences; this list is
compared with theirs.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace

from compose import read_sequences
from contracts import Subject, read_contracts
from execute import Image
from instances import all_instances
from program import MadeCode, Program, ProgramError, read_made_code
from prove import Prover, without_contract

ROOT = os.getcwd()


def broken(one: MadeCode, old: bytes, new: bytes) -> MadeCode:
    """The same code with the first `old` replaced by `new`."""
    address, code = one.segments[0].address, one.segments[0].data
    changed = MadeCode(one.path, address, code.replace(old, new, 1))
    changed.functions, changed.morestack = one.functions[:1], one.morestack
    return changed


def another_size_is_refused(zydis: str, programs: list[str]) -> bool:
    """A routine that is named like others of a contract, but that is none of them, is not passed over."""

    def resized(subject: Subject) -> Subject:
        return subject if subject.size is None else replace(subject, size=subject.size + 1)

    contracts = [
        replace(one, subjects=tuple(resized(subject) for subject in one.subjects))
        for one in read_contracts(ROOT)
    ]
    refused = 0
    for path in programs:
        try:
            all_instances(Image(Program(path), zydis), contracts)
        except ProgramError:
            refused += 1
    if refused == 0:
        print("prove_test: a stub of another size is not refused", file=sys.stderr)
    return refused > 0


def gates(zydis: str, path: str) -> bool:
    """A routine without a contract is missed, and a compiled prologue that is wrong is not proved."""
    contracts = read_contracts(ROOT)
    listed = without_contract(ROOT, [one for one in contracts if one.within != "frames_link"])
    if listed != ["src/frames/arch/x86_64/helpers.S: frames_link"] or without_contract(
        ROOT, contracts
    ):
        print(
            f"prove_test: without the contract of frames_link, {listed} have none", file=sys.stderr
        )
        return False
    one = read_made_code(path)[0]
    for what, old, new in (("as it is", b"", b""), ("jb for jbe", b"\x0f\x86", b"\x0f\x82")):
        rows = Prover(ROOT, ["z3"], []).program(Image(broken(one, old, new), zydis))
        for row in rows:
            row.wait()
        if bool(old) != any(row.open for row in rows):
            print(
                f"prove_test: a compiled prologue, {what}: {[row.open for row in rows]}",
                file=sys.stderr,
            )
            return False
    return True


# SWITCH-6, PROLOGUE-1, PROLOGUE-2
def main() -> int:
    listed = set(re.findall(r"\b[A-Z]+-\d+\b", __doc__ or ""))
    named = {tag for one in read_contracts(ROOT) for tag in one.requirements}
    named |= {tag for one in read_sequences(ROOT) for tag in one.frame.requirements}
    if listed != named:
        print(
            f"prove_test: listed and named differ in {', '.join(sorted(listed ^ named))}",
            file=sys.stderr,
        )
        return 1
    zydis, compiled, *programs = sys.argv[1:]
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as made:
        subprocess.run([compiled], stdout=made, check=True)
        command = [
            sys.executable,
            "proofs/assembly/prove.py",
            "--root",
            ROOT,
            "--zydis",
            zydis,
            "--made",
            made.name,
        ]
        with subprocess.Popen([*command, *programs]) as proofs:
            good = gates(zydis, made.name) and another_size_is_refused(zydis, programs)
        return proofs.returncode if good else 1


if __name__ == "__main__":
    STATUS = main()
    sys.stdout.flush()
    os._exit(STATUS)
