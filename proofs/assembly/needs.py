"""Says in one sentence which of Debian's Python modules are missing, before anything imports them."""
from __future__ import annotations

import importlib.util
import sys

PACKAGES = {"z3": "python3-z3", "capstone": "python3-capstone", "elftools": "python3-pyelftools"}


def check(program: str) -> None:
    """Ends the program with status 2 if a module is missing."""
    missing = [package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"{program}: {sys.executable} does not find {', '.join(missing)}; ci/setup installs them for /usr/bin/python3.",
              file=sys.stderr)
        sys.exit(2)
