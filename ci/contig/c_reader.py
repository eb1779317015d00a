"""c_reader.py: reads C with ACSL as text: comments, functions, contracts, the vocabulary.

Ghost functions and statics are read as all others are.  Nothing is preprocessed but macros that
stand for clauses.  For questions on what a compiler or a prover sees, ask clang or Frama-C
(proofs/source.py).
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field

from contig import c_heads, contracts
from contig.c_lexer import (
    COMMENT,
    STRING,
    Comment,
    comments,
    line_of,
    line_starts,
    without_comments,
    words,
)
from contig.contracts import Macros

__all__ = ["Comment", "comments", "line_of", "line_starts", "without_comments", "words"]

_TOKEN = re.compile(
    f"{STRING}|{COMMENT}|/@.*?@/" r"|^[ \t]*#(?:\\\n|[^\n/]|/(?![*/]))*|[{};]",
    flags=re.S | re.M,
)
_DEFINITION = re.compile(
    r"(?:^|(?<=[;\s]))(?:predicate|inductive|logic\s+[\w\s*]+?)\s+(\w+)\s*(?:\{[^}]*\})?\s*(?=[(=])"
)


@dataclass
class Function:
    """A function of one file: its declaration, its definition, or both."""

    name: str
    path: str
    line: int
    static: bool = False
    ghost: bool = False
    defined: bool = False
    comment: str = ""  # the comments before it, and those in its body
    contract: str = ""
    body: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)  # first and last line of each place
    clauses: dict[str, str] = field(default_factory=dict)  # {label: text}: contracts.py
    clause_lines: dict[str, int] = field(default_factory=dict)


@dataclass
class Definition:
    """A predicate or a logic function."""

    name: str
    path: str
    line: int
    text: str
    comment: str = ""


def header_end(text: str) -> int:
    """Where the comment at the head of a file ends; 0 if there is none."""
    match = re.match(r"\s*/\*(?!@).*?\*/", text, flags=re.S)
    return match.end() if match else 0


def functions(path: str, text: str, macros: Macros | None = None) -> list[Function]:
    """The functions that a file declares or defines, one entry a name, ghost ones included.

    macros: those that stand for clauses, of this file and of what it includes."""
    known = dict(macros or {}, **contracts.clause_macros(text))
    reader = _Reader(path, text, line_starts(text), known)
    reader.read(header_end(text), len(text))
    return list(reader.found.values())


class _Pending:
    """What stands between two declarations: comments, and a contract."""

    def __init__(self) -> None:
        self.comments: list[Comment] = []
        self.contract: Comment | None = None

    def clear(self) -> None:
        self.comments, self.contract = [], None

    def add(self, comment: Comment, text: str) -> None:
        """A comment speaks for what follows it at once: a blank line between them ends that."""
        last = self.contract or (self.comments[-1] if self.comments else None)
        if last and re.search(r"\n[ \t]*\n", text[last.end : comment.start]):
            self.clear()
        if comment.is_annotation:
            self.contract = comment
        else:
            self.comments.append(comment)

    def settle(self, text: str, start: int) -> None:
        """Forgets what a blank line separates from the declaration that begins at start."""
        last = max(
            [one.end for one in self.comments] + ([self.contract.end] if self.contract else []),
            default=None,
        )
        if last is not None and re.search(r"\n[ \t]*\n", text[last:start]):
            self.clear()


class _Reader:
    """Reads a part of a file at its outermost level: the file, or the inside of a ghost block."""

    def __init__(
        self, path: str, text: str, starts: list[int], macros: Macros, ghost: bool = False
    ) -> None:
        self.path, self.text, self.starts, self.macros = path, text, starts, macros
        self.ghost = ghost
        self.found: dict[str, Function] = {}
        self.pending = _Pending()
        self.depth = 0
        self.start = 0  # of what is not yet a declaration
        self.body_start = 0
        self.head: str | None = None  # of the body that is open

    def read(self, begin: int, end: int) -> None:
        """Reads text[begin:end]."""
        self.start = begin
        for match in _TOKEN.finditer(self.text, begin, end):
            token = match.group()
            if token.startswith(("/*", "//", "/@")):
                if self.depth == 0 and self._blank(match.start()):
                    self._comment(Comment(match.start(), match.end(), token))
            elif token.lstrip().startswith("#"):
                if self.depth == 0:
                    self._forget(match.end())
            elif token == "{":
                if self.depth == 0:
                    self.head, self.body_start = self.text[self.start : match.start()], match.end()
                self.depth += 1
            elif token == "}":
                self._close(match.end())
            elif self.depth == 0:
                self._declaration(match.end())

    def _blank(self, end: int) -> bool:
        return self.text[self.start : end].strip() == ""

    def _forget(self, start: int) -> None:
        self.pending.clear()
        self.start, self.head = start, None

    def _comment(self, comment: Comment) -> None:
        if comment.is_ghost and not self.ghost:
            self._ghost(comment)
            self._forget(comment.end)
            return
        if not comment.is_annotation or contracts.is_contract(comment.inside()):
            self.pending.add(comment, self.text)
        self.start = comment.end

    def _ghost(self, comment: Comment) -> None:
        """The functions of a ghost block; what is said before it is said of its first function."""
        self.pending.settle(self.text, comment.start)
        opening = re.match(r"/[*/]@\s*ghost", comment.text)
        assert opening is not None
        inner = _Reader(self.path, self.text, self.starts, self.macros, ghost=True)
        closing = 2 if comment.text.startswith("/*") else 0
        inner.read(comment.start + opening.end(), comment.end - closing)
        for number, one in enumerate(inner.found.values()):
            if number == 0:
                said = [before.text for before in self.pending.comments]
                one.comment = "\n".join(said + [one.comment])
            _merge(self.found, one)

    def _close(self, end: int) -> None:
        self.depth = max(self.depth - 1, 0)
        if self.depth == 0 and self.head is not None and c_heads.name_of(self.head):
            self._note(self.head, self.text[self.body_start : end], end)
            self._forget(end)

    def _declaration(self, end: int) -> None:
        declared = self.text[self.start : end - 1]
        if "{" not in without_comments(declared) and c_heads.name_of(declared):
            self._note(declared, None, end)
        self._forget(end)

    def _note(self, head: str, body: str | None, end: int) -> None:
        """Keeps a function that begins at self.start with this head."""
        name = c_heads.name_of(head)
        assert name is not None
        first = self.start + len(head) - len(head.lstrip())
        self.pending.settle(self.text, first)
        before, contract = self.pending.comments, self.pending.contract
        inside = [one for one in comments(body or "") if not one.is_annotation]
        top = min([one.start for one in before + ([contract] if contract else [])], default=first)
        one = Function(
            name,
            self.path,
            line_of(self.starts, first + max(head.lstrip().find(name), 0)),
            static=re.search(r"\bstatic\b", head) is not None,
            ghost=self.ghost,
            defined=body is not None,
            comment="\n".join(comment.text for comment in before + inside),
            body=body or "",
            spans=[(line_of(self.starts, top), line_of(self.starts, max(end - 1, top)))],
        )
        if contract:
            self._read_contract(one, contract)
        _merge(self.found, one)

    def _read_contract(self, one: Function, contract: Comment) -> None:
        one.contract = contracts.expanded(contract.inside(), self.macros).strip()
        for clause in contracts.clauses(contract.inside(), self.macros):
            one.clauses[clause.label] = clause.text
            one.clause_lines[clause.label] = line_of(self.starts, contract.start + clause.begin)


def _merge(found: dict[str, Function], one: Function) -> None:
    """A declaration and a definition in one file are one function."""
    known = found.get(one.name)
    if known is None:
        found[one.name] = one
        return
    known.comment += "\n" + one.comment
    known.body += one.body
    known.defined = known.defined or one.defined
    known.spans += one.spans
    if one.contract and not known.contract:
        known.contract, known.line = one.contract, one.line
        known.clauses, known.clause_lines = one.clauses, one.clause_lines


def definitions(path: str, text: str) -> list[Definition]:
    """The vocabulary that a file defines: in an .acsl file anywhere, in C in its annotations."""
    if path.endswith(".acsl"):
        return _definitions(path, text, header_end(text), len(text), line_starts(text))
    found: list[Definition] = []
    starts = line_starts(text)
    for comment in comments(text):
        if (
            comment.is_annotation
            and not comment.is_ghost
            and _DEFINITION.search(comment.text[3:60])
        ):
            found += _definitions(path, text, comment.start, comment.end, starts)
    return found


def _definitions(path: str, text: str, begin: int, end: int, starts: list[int]) -> list[Definition]:
    found = []
    part = re.sub(r"//[^\n]*", lambda match: " " * len(match.group()), text[begin:end])
    heads = list(_DEFINITION.finditer(part))
    for head in heads:
        body_end = _ending(part, head.end())
        said = _lines_before(text, begin + head.start())
        found.append(
            Definition(
                head.group(1),
                path,
                line_of(starts, begin + head.start()),
                part[head.start() : body_end].strip() + ";",
                said,
            )
        )
    return found


def _lines_before(text: str, position: int) -> str:
    """The // comments in the lines just above a definition; /*@ may stand before the first."""
    lines = text[:position].split("\n")[:-1]
    first = len(lines)
    while first and re.match(r"[ \t]*(?:/\*@)?[ \t]*//", lines[first - 1]):
        first -= 1
    return "\n".join(lines[first:])


def _ending(part: str, position: int) -> int:
    """Where a definition ends: at its semicolon that no quantifier or \\let owns."""
    owed = 0
    for match in re.finditer(r"\\(?:forall|exists|let|lambda)\b|;", part[position:]):
        if match.group() != ";":
            owed += 1
        elif owed:
            owed -= 1
        else:
            return position + match.start()
    return len(part)


def plain(comment: str) -> str:
    """The text of a comment, without its signs and on one line."""
    return " ".join(re.sub(r"/\*|\*/|^\s*\*|^\s*//", " ", comment, flags=re.M).split())
