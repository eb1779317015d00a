"""debian.py: Debian's Python, which has the modules that ci/setup installs; another python3 may be first in PATH.

The one place that names the interpreter and the packages.  A tool that needs a module begins with `use`; ci/verify asks
for a module only after its set-up, which may install it.
"""
import importlib
import os
import sys
from types import ModuleType

from contig.tool import Problem

PYTHON = "/usr/bin/python3"
PACKAGES = {"jsonschema": "python3-jsonschema"}


def use() -> None:
    """Goes on as the same program in Debian's Python, if that is another than this one."""
    if os.access(PYTHON, os.X_OK) and os.path.realpath(sys.executable) != os.path.realpath(PYTHON):
        sys.stdout.flush()
        os.execv(PYTHON, [PYTHON, *sys.orig_argv[1:]])


def module(name: str) -> ModuleType:
    """A module of a package; a Problem that names the package if it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Problem(
            f"{sys.executable} has no module {name}; "
            f"ci/setup installs it for {PYTHON} (package {PACKAGES[name]})"
        ) from error
