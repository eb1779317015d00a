#!/usr/bin/env python3
"""sabotage_test.py ZYDIS PROGRAM...: any wrong entry of the table of forms shows in the run on the processor.

Each entry is tried with the instructions of its mnemonic.  With the table as it is, they must show none.
"""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from cosim import all_instructions, write_trials
from decode import Instruction
from forms import FORMS, Form
from sabotage import SABOTAGES

SOURCES = (
    "proofs/assembly/cosim_main.c",
    "proofs/assembly/cosim_run.S",
    "proofs/assembly/cosim_unicorn.c",
    "src/command/arguments.c",
    "src/command/output.c",
)
STATES = "1000"


def status_of(instructions: list[Instruction], objects: list[str], folder: str) -> int:
    """The exit status of the co-simulation of these instructions by the table as it is now."""
    trials, binary = os.path.join(folder, "trials.c"), os.path.join(folder, "cosim")
    write_trials(instructions, trials)
    subprocess.run(
        ["gcc", "-std=c11", "-I", ".", trials, *objects, "-lunicorn", "-o", binary], check=True
    )
    return subprocess.run([binary, STATES], stderr=subprocess.DEVNULL, check=False).returncode


def objects_in(folder: str) -> list[str]:
    """What every run is linked with, compiled once."""
    found = []
    for path in SOURCES:
        found.append(os.path.join(folder, os.path.basename(path) + ".o"))
        subprocess.run(["gcc", "-std=c11", "-I", ".", "-c", path, "-o", found[-1]], check=True)
    return found


def main() -> int:
    zydis, *programs = sys.argv[1:]
    instructions = all_instructions(programs, zydis, ".")
    mnemonics = {mnemonic for mnemonic, _ in SABOTAGES.values()}
    tried = [one for one in instructions if one.mnemonic in mnemonics]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        objects = objects_in(folder)
        if status_of(tried, objects, folder) != 0:
            print("sabotage_test: there is a difference without a wrong entry", file=sys.stderr)
            bad += 1
        for name, (mnemonic, run) in SABOTAGES.items():
            right = FORMS[mnemonic]
            FORMS[mnemonic] = Form(right.shapes, run)
            status = status_of([one for one in tried if one.mnemonic == mnemonic], objects, folder)
            FORMS[mnemonic] = right
            if status != 1:
                print(f"sabotage_test: with '{name}' the exit status is {status}", file=sys.stderr)
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    STATUS = main()
    sys.stdout.flush()
    os._exit(STATUS)
