"""c_lexer.py: C with ACSL as characters: comments, strings, brackets, arguments, tokens.

The one place that knows how a comment, a string and a token are spelled.  Nothing is preprocessed: a line that goes on
after a backslash is two lines here, too, and all positions and lines of a text are kept.  Called by c_reader.py,
contracts.py, c_heads.py, c_printed.py, and by the tools of proofs/ that look at text.
"""
from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'"
COMMENT = r"/\*.*?\*/|//(?:\\\n|[^\n])*"
_STRING_OR_COMMENT = re.compile(f"(?P<string>{STRING})|(?P<comment>{COMMENT})", flags=re.S)
# Each character that begins nothing longer is a token of its own; digraphs, which nobody writes, are tokens, too.
_TOKEN = re.compile(
    STRING + r"|\.?\d(?:[eEpP][+-]|[\w.])*|[A-Za-z_]\w*|%:%:|<<=|>>=|\.\.\.|"
    r"->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|<:|:>|<%|%>|%:|\S",
    flags=re.S,
)
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


@dataclass
class Comment:
    """A comment or an annotation, with where it begins and ends in its file."""

    start: int
    end: int
    text: str

    @property
    def is_annotation(self) -> bool:
        return self.text[2:3] == "@" or self.text.startswith("/@")

    @property
    def is_ghost(self) -> bool:
        return re.match(r"/[*/]@\s*ghost\b", self.text) is not None

    def inside(self) -> str:
        """What the comment says; the signs around it are blanks, so that all positions are kept."""
        return re.sub(r"^//@?|^/\*@?|^/@|\*/$|@/$", lambda sign: " " * len(sign[0]), self.text)


def line_starts(text: str) -> list[int]:
    return [0] + [match.end() for match in re.finditer("\n", text)]


def line_of(starts: list[int], position: int) -> int:
    return bisect.bisect_right(starts, position)


def blanks(text: str) -> str:
    """White space of the same shape."""
    return re.sub(r"[^\n]", " ", text)


def comments(text: str) -> Iterator[Comment]:
    """Each comment of a C or assembly file, in order; strings hold none."""
    for match in _STRING_OR_COMMENT.finditer(text):
        if match["comment"] is not None:
            yield Comment(match.start(), match.end(), match["comment"])


def with_comments(text: str, change: Callable[[Comment], str]) -> str:
    """The text with something else in place of each comment."""

    def changed(match: re.Match[str]) -> str:
        if match["comment"] is None:
            return match.group()
        return change(Comment(match.start(), match.end(), match["comment"]))

    return _STRING_OR_COMMENT.sub(changed, text)


def uncommented(text: str) -> str:
    """The same text with comments blanked; strings stay."""
    return with_comments(text, lambda comment: blanks(comment.text))


def without_comments(text: str) -> str:
    """The same text with comments and strings blanked, all positions kept."""
    return _STRING_OR_COMMENT.sub(lambda match: blanks(match.group()), text)


def without_annotations(text: str) -> str:
    """The same text with annotations blanked; strings and other comments stay."""
    return with_comments(text, lambda one: blanks(one.text) if one.is_annotation else one.text)


def tokens(text: str) -> list[str]:
    """The tokens of a text without comments."""
    return _TOKEN.findall(text)


def words(text: str) -> list[str]:
    """Identifiers of a text without its comments."""
    return re.findall(r"\b[A-Za-z_]\w*\b", text)


@dataclass(frozen=True)
class Macro:
    """A macro as its definition has it: parameters is None if it takes none; the body may have several lines."""

    name: str
    parameters: tuple[str, ...] | None
    body: str
    start: int


_MACRO = re.compile(
    r"^[ \t]*(?:#|%:)[ \t]*define[ \t]+(\w+)(?:\(([^)]*)\))?((?:\\\n|[^\n])*)", flags=re.M
)


def macros(text: str) -> Iterator[Macro]:
    """The macros that a text defines, in order; a comment or a string defines none."""
    bare = without_comments(text)
    for match in _MACRO.finditer(text):
        if bare[match.start() : match.end()].strip():
            body = match.group(3).replace("\\\n", "\n").strip()
            taken = match.group(2)
            names = tuple(one.strip() for one in taken.split(",")) if taken is not None else None
            yield Macro(match.group(1), names, body, match.start())


def closing(text: str, position: int, brackets: str = "([{}])") -> int:
    """Where the bracket that opens at this position closes; the text's length if it does not."""
    depth = 0
    for place in range(position, len(text)):
        if text[place] in brackets:
            depth += _BRACKETS[text[place]]
        if depth == 0:
            return place
    return len(text)


def arguments(text: str, position: int) -> tuple[list[str], int]:
    """The arguments in the bracket that opens at this position, and where the text goes on."""
    end = closing(text, position)
    found: list[str] = []
    start, depth = position + 1, 0
    for place in range(position + 1, end):
        depth += _BRACKETS.get(text[place], 0)
        if text[place] == "," and depth == 0:
            found.append(text[start:place].strip())
            start = place + 1
    return (found + [text[start:end].strip()] if end < len(text) else found), min(
        end + 1, len(text)
    )
