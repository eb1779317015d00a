"""debian.py: Debian's Python, which has the modules that ci/setup installs; another python3 may be first in PATH.

The one place that names the interpreter and the packages.  A tool begins with `use`, or with `require` of the modules
that it imports; ci/verify asks for a module only after its set-up, which may install it.
"""
import importlib
import importlib.util
import os
import sys
from types import ModuleType

from contig import tool

PYTHON = "/usr/bin/python3"
PACKAGES = {
    "capstone": "python3-capstone",
    "elftools": "python3-pyelftools",
    "jinja2": "python3-jinja2",
    "jsonschema": "python3-jsonschema",
    "z3": "python3-z3",
}


def use() -> None:
    """Goes on as the same program in Debian's Python, if that is another than this one: one of a virtual environment
    is, too, though it may be the same file.
    """
    same = os.path.realpath(sys.executable) == os.path.realpath(PYTHON)
    if os.access(PYTHON, os.X_OK) and not (same and sys.prefix == sys.base_prefix):
        sys.stdout.flush()
        os.execv(PYTHON, [PYTHON, *sys.orig_argv[1:]])


def require(*names: str) -> None:
    """Goes on in Debian's Python if this one lacks a module.  If that one does, too, the process ends with a sentence
    that names the package, and status 2: for the head of a tool, before its imports.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            use()
            tool.say(os.path.basename(sys.argv[0]), _absence(name))
            sys.exit(tool.COULD_NOT_RUN)


def module(name: str) -> ModuleType:
    """A module of a package; a Problem that names the package if it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise tool.Problem(_absence(name)) from error


def _absence(name: str) -> str:
    return (
        f"{sys.executable} has no module {name}; "
        f"ci/setup installs it for {PYTHON} (package {PACKAGES[name]})"
    )
