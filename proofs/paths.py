"""paths.py: the one place that puts folders on sys.path for the tools of proofs/, each of which imports it first.

From then on a module is looked for in the folder of the tool, in those above it up to this one, and in ci/ (contig).
They are named by the path that the tool was called by: in a test's sandbox that is a link, and Python itself would look
beside what the link leads to, where files are that the test does not declare.
"""
from __future__ import annotations

import os
import sys

__all__ = ["PROOFS", "ROOT"]


def _folders() -> list[str]:
    """The folder of the tool and those above it, up to proofs/."""
    tool = getattr(sys.modules["__main__"], "__file__", None) or __file__
    found = [os.path.dirname(os.path.abspath(tool))]
    while not os.path.exists(os.path.join(found[-1], "paths.py")):
        above = os.path.dirname(found[-1])
        if above == found[-1]:  # a tool of another folder
            return [os.path.dirname(os.path.abspath(__file__))]
        found.append(above)
    return found


_FOUND = _folders()
PROOFS = _FOUND[-1]
ROOT = os.path.dirname(PROOFS)
sys.path[:0] = [*_FOUND, os.path.join(ROOT, "ci")]
