"""base.py: the files that rules read, and the list of the rules.

A rule is a function that yields its breaches.  One of a file yields (line, text), and one of the whole tree yields
(path, line, text).
"""
from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from contig import tree as tree_of_git

SOURCE = (".c", ".h", ".S", ".acsl")
TEXT = SOURCE + (".py", ".sh", ".md", ".bzl", ".dict", ".go", ".pml", "BUILD")
# Folders of inputs.
NOT_OURS = {"corpus", "traces", ".ci", ".github"}
# Programs that are handed to other runtimes: they are no part of the specification's sources.
HANDED_OUT = "spec/vectors/"
# What is proved, and the words in which it is stated.
PROVED = ("src/core/", "proofs/laws/", "spec/")
STRING = r'"(?:[^"\\\n]|\\.)*"'


class Tree:
    """All files of a tree."""

    def __init__(self, files: Iterable[File]) -> None:
        self.files = list(files)
        self._texts: dict[tuple[str, str], str] = {}
        for file in self.files:
            file.tree = self

    def text_of(self, path: str) -> str:
        """The text of one file; nothing if there is none."""
        return next((file.text for file in self.files if file.path == path), "")

    def texts(self, folder: str, extension: str) -> str:
        """The text of all files below a folder with this ending."""
        key = (folder, extension)
        if key not in self._texts:
            self._texts[key] = "\n".join(
                file.text
                for file in self.files
                if file.path.startswith(folder + "/") and file.extension == extension
            )
        return self._texts[key]


class File:
    """A file, with its comments and its code kept apart but in place."""

    tree: Tree

    def __init__(self, root: str, path: str, text: str | None = None) -> None:
        self.root, self.path = root, path
        self.name = os.path.basename(path)
        if text is None:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as content:
                text = content.read()
        self.text = text
        self.extension = os.path.splitext(path)[1]
        self.is_source = path.endswith(SOURCE)
        self.is_test = re.search(r"_test\.\w+$", path) is not None
        self.executable = self.text.startswith("#!")
        self.language = self._language()
        self.code = self.without(r"/\*.*?\*/|//[^\n]*") if self.is_source else ""
        self.annotations = self._annotations() if self.is_source else []

    def _language(self) -> str:
        """c, python, starlark, shell, or nothing of these."""
        first = self.text.split("\n", 1)[0] if self.executable else ""
        if self.is_source:
            return "c"
        if self.extension == ".bzl" or self.name == "BUILD":
            return "starlark"
        if self.extension == ".py" or "python" in first:
            return "python"
        if self.extension == ".sh" or re.search(r"\b(?:ba)?sh\b", first):
            return "shell"
        return ""

    def without(self, comment: str) -> str:
        """The text with comments and strings replaced by spaces, lines kept."""
        return re.sub(
            STRING + "|" + comment,
            lambda m: re.sub(r"[^\n]", " ", m.group()),
            self.text,
            flags=re.S,
        )

    def _annotations(self) -> list[tuple[int, str]]:
        """(line, text) of each ACSL comment, or of all comments of a vocabulary file."""
        found = []
        for match in re.finditer(STRING + r"|/\*(.*?)\*/|//([^\n]*)", self.text, flags=re.S):
            content = match.group(1) if match.group(1) is not None else match.group(2)
            if content is not None and content.startswith("@"):
                found.append((self.line(match.start()), content[1:]))
        return found

    def line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def find(
        self, pattern: str, text: str | None = None, flags: int = 0
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """(line, match) of each place of a pattern."""
        for match in re.finditer(pattern, self.text if text is None else text, flags=flags | re.M):
            yield self.line(match.start()), match


Breaches = Iterator[tuple[int, str]]
BreachesOfTree = Iterator[tuple[str, int, str]]
# Looks at some files of a tree, or at the tree as a whole.
Check = Callable[[Tree, Sequence[File]], BreachesOfTree]
# What each rule demands, and its check.
RULES: dict[str, tuple[str, Check]] = {}


def rule(name: str, what: str) -> Callable[[Callable[[File], Breaches]], None]:
    """Registers a rule that looks at one file after the other."""

    def register(check: Callable[[File], Breaches]) -> None:
        def of_files(_: Tree, files: Sequence[File]) -> BreachesOfTree:
            for file in files:
                for number, text in check(file):
                    yield file.path, number, text

        RULES[name] = (what, of_files)

    return register


def tree_rule(name: str, what: str) -> Callable[[Callable[[Tree], BreachesOfTree]], None]:
    """Registers a rule that looks at the whole tree."""

    def register(check: Callable[[Tree], BreachesOfTree]) -> None:
        RULES[name] = (what, lambda tree, _: check(tree))

    return register


def paths(root: str) -> Iterator[str]:
    """Sources and documents of the tree: what git tracks or would add, and nothing that a tool left in the checkout."""
    for path in tree_of_git.files(root):
        folder, name = os.path.split(path)
        executable = os.access(os.path.join(root, path), os.X_OK) and "." not in name
        if (name.endswith(TEXT) or executable) and not NOT_OURS & set(folder.split("/")):
            yield path


def load(root: str) -> Tree:
    return Tree(File(root, path) for path in paths(root))
