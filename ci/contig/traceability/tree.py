"""tree.py: the files of one checkout, each read once.

What was read of a text is kept for all trees of a process: a test looks at one tree many times, each time with another
fault in it.  Nobody changes what the readers hand out.
"""
from __future__ import annotations

import functools
import json
import os
import re
from typing import Any

from contig import c_lexer, c_reader, contracts
from contig import tree as tree_of_git

# A tag: COPY-1, or a range of them, COPY-1..COPY-4 or COPY-1..4.
TAG = re.compile(r"\b([A-Z]{2,})-(\d+)(?:\.\.(?:\1-)?(\d+))?\b(?!-)")
# Words of the form of a tag that are none.
NO_FAMILY = {"UTF", "SHA", "ISO", "RFC"}
# Where contracts stand.
CONTRACT_FOLDERS = ("src/core", "proofs/laws", "spec")
SKIPPED = ("__pycache__", "corpus", "node_modules")


@functools.cache
def _parsed(
    path: str, text: str, macros: tuple[tuple[str, c_lexer.Macro], ...]
) -> list[c_reader.Function]:
    return c_reader.functions(path, text, dict(macros))


@functools.cache
def _defined(path: str, text: str) -> list[c_reader.Definition]:
    return c_reader.definitions(path, text)


@functools.cache
def called_in(body: str) -> frozenset[str]:
    """The names before a parenthesis in a body, comments left out."""
    return frozenset(re.findall(r"\b([a-z_]\w*)\s*\(", c_reader.without_comments(body)))


def tags_in(text: str) -> list[str]:
    """Requirement numbers in a piece of text, ranges spelled out, each once."""
    found: dict[str, None] = {}
    for family, first, last in TAG.findall(text):
        if family not in NO_FAMILY:
            for number in range(int(first), int(last or first) + 1):
                found["%s-%d" % (family, number)] = None
    return list(found)


class Tree:
    """A checkout."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        self._paths: list[str] | None = None
        self._texts: dict[str, str] = {}
        self._functions: dict[str, list[c_reader.Function]] = {}
        self._macros: contracts.Macros | None = None

    def exists(self, path: str) -> bool:
        return os.path.exists(os.path.join(self.root, path))

    def read(self, path: str) -> str:
        """The text of a file; an OSError names it if it cannot be read."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as text:
                self._texts[path] = text.read()
        return self._texts[path]

    def json(self, path: str) -> Any:
        """What a JSON file holds; {} where there is no such file."""
        return json.loads(self.read(path)) if self.exists(path) else {}

    def files(self, folder: str, *endings: str) -> list[str]:
        """Paths below a folder, sorted: what git tracks or would add, not what tools leave."""
        if self._paths is None:
            self._paths = [path for path in tree_of_git.files(self.root) if _is_source(path)]
        below = "" if folder == "." else os.path.normpath(folder) + "/"
        return [path for path in self._paths if path.startswith(below) and path.endswith(endings)]

    def clause_macros(self) -> contracts.Macros:
        """The macros of headers that stand for clauses."""
        if self._macros is None:
            self._macros = {}
            for folder in CONTRACT_FOLDERS:
                for path in self.files(folder, ".h"):
                    self._macros.update(contracts.clause_macros(self.read(path)))
        return self._macros

    def functions(self, path: str) -> list[c_reader.Function]:
        """The functions of a C file."""
        if path not in self._functions:
            macros = tuple(self.clause_macros().items())
            self._functions[path] = _parsed(path, self.read(path), macros)
        return self._functions[path]

    def definitions(self, path: str) -> list[c_reader.Definition]:
        """The vocabulary that a file defines."""
        return _defined(path, self.read(path))


def _is_source(path: str) -> bool:
    folders = path.split("/")[:-1]
    return not any(name.startswith(("bazel-", ".")) or name in SKIPPED for name in folders)


def is_test(path: str) -> bool:
    """Is the file a test, by its name?"""
    return re.search(r"_test\.(?:c|sh|py)$", path) is not None


def label_of(path: str) -> str:
    """The Bazel label of a file's target, which has its name; a folder of tests belongs to the package above."""
    folder, name = os.path.split(path)
    package = os.path.dirname(folder) if os.path.basename(folder) == "test" else folder
    return "//%s:%s" % (package, os.path.splitext(name)[0])


def source_of(label: str) -> tuple[str, str]:
    """(package, target) of a label of this workspace."""
    package, _, target = label[2:].partition(":")
    return package, target or os.path.basename(package)
