"""begin.py: how the tools of this folder begin and end: as all others do (ci/contig/tool.py), their imports checked.

A tool that another interpreter runs than the one with Debian's modules goes on in that one (ci/contig/debian.py).
"""
from __future__ import annotations

import os
import sys
from typing import Callable, NoReturn

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from paths import ROOT  # noqa: E402
from contig import arguments, debian, files, tool  # noqa: E402

__all__ = ["ROOT", "arguments", "debian", "files", "run", "tool"]


def run(name: str, main: Callable[[], int]) -> NoReturn:
    """Runs a tool and ends the process."""
    try:
        tool.run(name, main)
    except SystemExit as ended:
        # Z3's Python objects complain when the interpreter takes their module away first.
        os._exit(ended.code if isinstance(ended.code, int) else tool.COULD_NOT_RUN)


debian.require("z3", "capstone", "elftools")
