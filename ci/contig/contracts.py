"""contracts.py: the clauses of an ACSL contract, and macros that stand for some.

A label is "[behavior ]kind[ name]", numbered where it repeats, as in proofs/contracts.json.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contig import c_lexer

CLAUSE_KEYWORDS = (
    "requires",
    "ensures",
    "assigns",
    "assumes",
    "behavior",
    "terminates",
    "decreases",
    "exits",
    "allocates",
    "frees",
    "complete",
    "disjoint",
    "check",
    "admit",
)
CLAUSE_START = re.compile(r"\b(?:%s)\b" % "|".join(CLAUSE_KEYWORDS))
_LABEL = re.compile(r"((?:check\s+|admit\s+)?\w+(?:\s+behaviors)?)(?:\s+(\w+)\s*:(?!:))?")

Macros = dict[str, c_lexer.Macro]


@dataclass
class Clause:
    """A clause in the text of a contract."""

    label: str
    text: str
    begin: int  # where it begins, or where the macro stands that it is from


def clause_macros(text: str) -> Macros:
    """The macros of a file whose bodies begin with a clause."""
    return {one.name: one for one in c_lexer.macros(text) if CLAUSE_START.match(one.body)}


def is_contract(text: str) -> bool:
    """Is an annotation a contract?  It begins with a clause, or a macro that may be one."""
    return (
        re.match(r"(?:%s)\b|[A-Z][A-Z0-9_]+\b" % "|".join(CLAUSE_KEYWORDS), text.strip())
        is not None
    )


def _pieces(text: str, macros: Macros) -> Iterator[tuple[str, int, bool]]:
    """(text, where it stands, whether it is a macro's), all macros of clauses replaced."""
    position = 0
    for match in re.finditer(r"\b[A-Za-z_]\w*\b", text):
        macro = macros.get(match.group())
        if macro is None or match.start() < position:
            continue
        yield text[position : match.start()], position, False
        body, position = macro.body, match.end()
        if macro.parameters is not None and text[position : position + 1] == "(":
            values, position = c_lexer.arguments(text, position)
            given = dict(zip(macro.parameters, values))
            body = re.sub(r"\w+", lambda word: given.get(word.group(), word.group()), body)
        yield body.rstrip(";") + ";\n", match.start(), True
    yield text[position:], position, False


def expanded(contract: str, macros: Macros) -> str:
    """A contract with the clauses in place of the macros that stand for them."""
    return "".join(text for text, _, _ in _pieces(contract, macros))


def _split(contract: str, macros: Macros) -> Iterator[tuple[str, int]]:
    """(clause, where it begins): cuts before the keywords that follow nothing or a semicolon."""
    bare = c_lexer.uncommented(contract)
    whole, origins = "", [(0, 0, False)]
    for text, at, is_macro in _pieces(bare, macros):
        origins.append((len(whole), at, is_macro))
        whole += text
    cuts = [
        match.start()
        for match in CLAUSE_START.finditer(whole)
        if whole[: match.start()].rstrip()[-1:] in ("", ";")
    ]
    for start, end in zip(cuts, cuts[1:] + [len(whole)]):
        begin, at, is_macro = [one for one in origins if one[0] <= start][-1]
        yield whole[start:end].strip().rstrip(";").strip(), at if is_macro else at + start - begin


def clauses(contract: str, macros: Macros | None = None) -> list[Clause]:
    """The clauses of a contract, in order."""
    found: list[Clause] = []
    behavior = ""
    for clause, begin in _split(contract, macros or {}):
        while opens := re.match(r"behavior\s+(\w+)\s*:\s*", clause):
            behavior = opens.group(1) + " "
            clause, begin = clause[opens.end() :], begin + opens.end()
        if re.match(r"(?:complete|disjoint)\s+behaviors", clause):
            behavior = ""
        said = _LABEL.match(clause)
        if said:
            label = behavior + " ".join(" ".join(filter(None, said.groups())).split())
            same = sum(re.sub(r" #\d+$", "", one.label) == label for one in found)
            label = "%s #%d" % (label, same + 1) if same else label
            found.append(Clause(label, " ".join(clause.split()), begin))
    return found
