#!/usr/bin/env python3
"""sources.py KIND: the paths of the tree's files of a kind (c, python or shell), each ended by a zero byte.

A file is of a kind by the end of its name, or by the interpreter in its first line.  Called by the tests of layout,
types and faults, so that all of them read the same files.  Exit status: 1 if there are fewer than LEAST says.
"""
from __future__ import annotations

import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import arguments, tool, tree  # noqa: E402

NAMES = {"c": (".c", ".h"), "python": (".py",), "shell": (".sh",)}
INTERPRETERS = {"c": None, "python": rb"#!.*\bpython3?\b", "shell": rb"#!.*\b(?:ba)?sh\b"}
# A test that reads no file cannot fail.
LEAST = {"c": 200, "python": 150, "shell": 30}


def is_of(kind: str, path: str) -> bool:
    """Whether a file of the tree is of this kind."""
    if path.endswith(NAMES[kind]):
        return True
    pattern = INTERPRETERS[kind]
    if pattern is None or "." in os.path.basename(path):
        return False
    with open(os.path.join(ROOT, path), "rb") as content:
        return re.match(pattern, content.readline(80)) is not None


def main() -> int:
    parser = arguments.Parser("sources.py", __doc__ or "")
    parser.add_argument("kind", choices=sorted(NAMES))
    kind = parser.read().kind
    found = [path for path in tree.files(ROOT) if is_of(kind, path)]
    sys.stdout.buffer.write(b"".join(os.fsencode(path) + b"\0" for path in found))
    if len(found) < LEAST[kind]:
        print(f"sources.py: only {len(found)} files of kind {kind}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    tool.run("sources.py", main)
