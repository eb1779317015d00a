#!/usr/bin/env python3
"""sabotage_test.py ZYDIS PROGRAM: with any wrong entry of the table of forms, the run on the processor finds a difference."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from sabotage import SABOTAGES

FOLDER = "proofs/assembly"
STATES = "1000"


def run_with(name: str, zydis: str, program: str, folder: str) -> int:
    """The exit status of the co-simulation with one entry sabotaged."""
    trials, binary = os.path.join(folder, "trials.c"), os.path.join(folder, "cosim")
    subprocess.run([sys.executable, f"{FOLDER}/cosim.py", "--root", ".", "--zydis", zydis, "--out", trials,
                    *(["--sabotage", name] if name else []), program], check=True)
    sources = [trials, *(f"{FOLDER}/{one}" for one in ("cosim_main.c", "cosim_run.S", "cosim_unicorn.c"))]
    subprocess.run(["gcc", "-std=c11", "-I", ".", *sources, "-lunicorn", "-o", binary], check=True)
    return subprocess.run([binary, STATES], stderr=subprocess.DEVNULL, check=False).returncode


def main() -> int:
    zydis, program = sys.argv[1:]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ["", *SABOTAGES]:
            status = run_with(name, zydis, program, folder)
            if status != (1 if name else 0):
                print(f"sabotage_test: with '{name or 'nothing'}' changed the exit status is {status}", file=sys.stderr)
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
