#!/usr/bin/env python3
"""prove_test.py ZYDIS PROGRAM...: the assembly of the programs is proved, and contracts and specification agree.

PROLOGUE-1, PROLOGUE-2, PROLOGUE-3, SWITCH-1, SWITCH-2, SWITCH-3, SWITCH-4, SWITCH-5, SWITCH-6, LIFE-8 and COPY-2 are named
by contracts and sequences; this list is compared with theirs.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys

from compose import read_sequences
from contracts import read_contracts

ROOT = os.getcwd()


# SWITCH-6, PROLOGUE-1, PROLOGUE-2
def main() -> int:
    listed = set(re.findall(r"\b[A-Z]+-\d+\b", __doc__ or ""))
    named = {tag for one in read_contracts(ROOT) for tag in one.requirements}
    named |= {tag for one in read_sequences(ROOT) for tag in one.frame.requirements}
    if listed != named:
        print(f"prove_test: listed and named differ in {', '.join(sorted(listed ^ named))}", file=sys.stderr)
        return 1
    zydis, *programs = sys.argv[1:]
    return subprocess.run([sys.executable, "proofs/assembly/prove.py", "--root", ROOT, "--zydis", zydis, *programs],
                          check=False).returncode


if __name__ == "__main__":
    STATUS = main()
    sys.stdout.flush()
    os._exit(STATUS)
