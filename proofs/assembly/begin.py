"""begin.py: how the tools of this folder begin and end: as all others do (ci/contig/tool.py), their imports checked."""
from __future__ import annotations

import importlib.util
import os
import sys
from typing import Callable, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.append(os.path.join(ROOT, "ci"))
from contig import arguments, files, tool  # noqa: E402

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


if _absent() is not None:
    tool.say(
        os.path.basename(sys.argv[0]),
        "%s has no module %s; ci/setup installs it for Debian's python3 (package %s)"
        % (sys.executable, _absent(), MODULES[_absent() or ""]),
    )
    sys.exit(tool.COULD_NOT_RUN)
