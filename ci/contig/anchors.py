"""anchors.py: changes of a runtime's own sources, each at a line that a pattern finds.

Nothing of a runtime stands in this tree: an anchor is all that is known of its source.  A source without such a line is
refused, with the anchor's name, before anything is built.  Used by ci/go_trace and ci/ocaml_trace.
"""
import re
from collections.abc import Iterable
from typing import NamedTuple

from contig.tool import Problem

# How a function begins, by language; {} is its name.  It ends with a line that is '}'.
GO = r"func {}\("
C = r"(?:\w[^;=(]*[\s*])?{} ?\((?!.*;$)"


class Edit(NamedTuple):
    """One change of a source: the anchor is a regular expression for one line of a function, or of the file.

    which: the match that is meant (first: 0, last: -1).  how: replace, before, after, and "optional" for an anchor that
    is gone in some versions with what it stood for.
    """

    file: str
    function: str | None
    anchor: str
    which: int
    how: str
    text: str


class Source:
    """The lines of one file of a runtime's sources, as they are being changed."""

    def __init__(self, lines: list[str], file: str, version: str, begins: str) -> None:
        self.lines, self.file, self.version, self.begins = lines, file, version, begins

    def _bounds(self, function: str | None) -> tuple[int, int]:
        """First and last line, as indices, of a function; of the whole file if there is no name."""
        if function is None:
            return 0, len(self.lines) - 1
        for first, line in enumerate(self.lines):
            if re.match(self.begins.format(function), line):
                last = next(
                    (i for i in range(first, len(self.lines)) if self.lines[i] == "}"), None
                )
                if last is not None:
                    return first, last
        raise Problem(
            f"{self.version} does not match: there is no function {function} in runtime/{self.file}"
        )

    def _find(self, function: str | None, anchor: str, which: int) -> int | None:
        first, last = self._bounds(function)
        matches = [i for i in range(first, last + 1) if re.search(anchor, self.lines[i])]
        return matches[which] if len(matches) > (which if which >= 0 else 0) else None

    def require(self, function: str | None, anchor: str, which: int = 0) -> int:
        """Index of the line that the anchor matches."""
        at = self._find(function, anchor, which)
        if at is None:
            where = f", func {function}," if function else ""
            raise Problem(
                f"{self.version} does not match: runtime/{self.file}{where} has no line like /{anchor}/"
            )
        return at

    def apply(self, edits: Iterable[Edit]) -> None:
        """Makes the changes that are for this file, in their order."""
        for edit in edits:
            if edit.file == self.file:
                self._apply(edit)

    def _apply(self, edit: Edit) -> None:
        if (
            edit.how.endswith("optional")
            and self._find(edit.function, edit.anchor, edit.which) is None
        ):
            return
        at = self.require(edit.function, edit.anchor, edit.which)
        if edit.how.startswith("replace"):
            self.lines[at] = re.sub(edit.anchor, edit.text, self.lines[at])
        else:
            self.lines.insert(at + (0 if edit.how == "before" else 1), edit.text)
