"""forked.py: runs a Python script of the tree in a child that has the modules and the texts of its parent already.

What the child prints, and its status, are those of the script on its own; only the time for Python to start and for the
imports is saved.  For tests that run one script many times.  A script that shall read changed modules is started anew.
"""
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Mapping
from typing import NamedTuple


class Result(NamedTuple):
    """How a script ended, and what it printed."""

    status: int
    output: str
    errors: str


def run(script: str, *words: str, variables: Mapping[str, str] | None = None) -> Result:
    """Runs a script with these words; `variables` replaces the whole environment."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _become(script, list(words), variables, output.fileno(), errors.fileno())
        _, ended = os.waitpid(child, 0)
        printed = []
        for stream in (output, errors):
            stream.seek(0)
            printed.append(stream.read().decode("utf-8", "replace"))
    return Result(os.waitstatus_to_exitcode(ended), *printed)


def _become(
    script: str, words: list[str], variables: Mapping[str, str] | None, output: int, errors: int
) -> None:
    """Runs the script in this process, and ends it."""
    status = 1
    try:
        os.dup2(output, 1)
        os.dup2(errors, 2)
        sys.argv = [script, *words]
        sys.orig_argv = [sys.executable, *sys.argv]
        if variables is not None:
            os.environ.clear()
            os.environ.update(variables)
        runpy.run_path(script, run_name="__main__")
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
    finally:
        # What cannot be written must not bring the child back into its parent's code.
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)
