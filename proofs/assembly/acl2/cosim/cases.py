#!/usr/bin/python3
"""cases.py HARNESS CASES SEED: runs the harness and writes what the model is to run, as Lisp."""
from __future__ import annotations

import os
import re
import sys
from typing import Iterator

sys.dont_write_bytecode = True
sys.path.append(os.path.join(sys.path[0], "../../.."))
import paths  # noqa: E402,F401
from contig import debian, files, processes, tool  # noqa: E402

debian.require("capstone", "elftools")
from image import Image, ImageError  # noqa: E402

# What the harness links of the shipped objects, and its own functions with a frame.
ROUTINES = (
    "contig_execute",
    "contig_mcall",
    "contig_leave",
    "contig_morestack",
    "contig_gostart",
    "contig_goexit",
    "contig_yield",
    "contig_park",
    "contig_exit",
    "contig_systemstack",
    "contig_throw",
    "frame_smallest",
    "frame_small",
    "frame_middle",
    "frame_big",
)
# GCL's value stack holds the literals of about ten cases.
CASES_OF_A_FORM = 10
HARNESS_SECONDS = 600
REGIONS = 0x10000000
FLAGS = 0xCC5  # without AF, which logical instructions leave undefined


def constants(image: Image) -> Iterator[str]:
    """Code, from the first of the routines to the end of the last, and where a run ends."""
    spans = [image.symbols[name] for name in ROUTINES if name in image.symbols]
    if len(spans) != len(ROUTINES):
        raise ImageError(f"{image.path} does not have all the routines.")
    start, end = min(at for at, _ in spans), max(at + size for at, size in spans)
    yield '(in-package "X86ISA")'
    yield f"(defconst *code* {start})"
    yield "(defconst *text* '(" + " ".join(map(str, image.bytes_at(start, end - start))) + "))"
    yield f"(defconst *landings* '({image.address('landing')}))"
    yield f"(defconst *regions* {REGIONS})"
    yield f"(defconst *flags* {FLAGS})"


def runs(harness: str, cases: str, seed: str) -> list[str]:
    """One string a run."""
    found = processes.captured([harness, cases, seed], HARNESS_SECONDS)
    if found.done.status or found.done.late:
        raise tool.Problem(f"{tool.shown(harness)} {found.done.text()}")
    return re.split(r"(?=^\(\(routine)", found.output, flags=re.M)[1:]


def main() -> int:
    if len(sys.argv) != 4:
        raise tool.Problem("it takes three arguments: HARNESS CASES SEED")
    harness = files.readable(sys.argv[1])
    try:
        print("\n".join(constants(Image(harness))))
    except ImageError as error:
        raise tool.Problem(str(error)) from error
    found = runs(harness, *sys.argv[2:])
    print('(ld "cosim.lisp" :ld-error-action :error)')
    for at in range(0, len(found), CASES_OF_A_FORM):
        print("(compare\n" + "".join(found[at : at + CASES_OF_A_FORM]) + ")")
    print(
        f"(acl2::exit (if (and (equal (@ compared) {len(found)}) (< 0 (@ compared)) (equal (@ different) 0))"
        ' (prog2$ (cw "co-simulation: ~x0 runs, ~x1 steps, 0 different~%" (@ compared) (@ steps)) 42) 1))'
    )
    return 0


if __name__ == "__main__":
    tool.run("cases.py", main)
