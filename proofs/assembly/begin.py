"""begin.py: how the tools of this folder begin and end: as all others do (ci/contig/tool.py), their imports checked.

A tool that another interpreter runs than the one with Debian's modules begins again in that one.
"""
from __future__ import annotations

import importlib.util
import os
import sys
from typing import Callable, NoReturn

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from paths import ROOT  # noqa: E402
from contig import arguments, environment, files, tool  # noqa: E402

__all__ = ["ROOT", "arguments", "files", "run", "tool"]
MODULES = {"z3": "python3-z3", "capstone": "python3-capstone", "elftools": "python3-pyelftools"}


def _absent() -> str | None:
    return next((name for name in MODULES if importlib.util.find_spec(name) is None), None)


def run(name: str, main: Callable[[], int]) -> NoReturn:
    """Runs a tool and ends the process."""
    try:
        tool.run(name, main)
    except SystemExit as ended:
        # Z3's Python objects complain when the interpreter takes their module away first.
        os._exit(ended.code if isinstance(ended.code, int) else tool.COULD_NOT_RUN)


def _begin_again() -> None:
    """In Debian's interpreter, unless this is the one."""
    debians = environment.DEBIANS_PYTHON
    same = os.path.realpath(sys.executable) == os.path.realpath(debians)
    if not same and os.access(debians, os.X_OK) and os.path.isfile(sys.argv[0]):
        os.execv(debians, [debians, *sys.argv])


if _absent() is not None:
    _begin_again()
    tool.say(
        os.path.basename(sys.argv[0]),
        "%s has no module %s; ci/setup installs it for Debian's python3 (package %s)"
        % (sys.executable, _absent(), MODULES[_absent() or ""]),
    )
    sys.exit(tool.COULD_NOT_RUN)
