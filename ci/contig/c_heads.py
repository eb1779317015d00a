"""c_heads.py: what the head of a C function says: its name, what it returns, and its parameters.

A head is what stands before a body or a semicolon, as a person writes it or as Frama-C prints it, with ghost parameters
in an annotation behind the others.  Called by c_reader.py, c_printed.py, proofs/trivial.py and proofs/premises.py.
"""
from __future__ import annotations

import re

from contig import c_lexer

NOT_A_FUNCTION = {
    "if",
    "for",
    "while",
    "switch",
    "return",
    "sizeof",
    "do",
    "else",
    "defined",
    "__attribute__",
    "_Static_assert",
    "static_assert",
    "typedef",
}
_ATTRIBUTE = re.compile(r"__attribute__\s*(?=\(\()")
_STORAGE = r"(?:static|extern|(?:__)?inline)"


def without_attributes(text: str) -> str:
    """The text with attributes blanked."""
    position = 0
    while match := _ATTRIBUTE.search(text, position):
        position = min(c_lexer.closing(text, match.end()) + 1, len(text))
        text = (
            text[: match.start()] + c_lexer.blanks(text[match.start() : position]) + text[position:]
        )
    return text


def name_of(head: str) -> str | None:
    """The name in what stands before a body or a semicolon; None if it is no function."""
    head = without_attributes(c_lexer.without_comments(head))
    # A function with an attribute is printed with its name in parentheses.
    head = re.sub(r"\(\s*(\w+)\s*\)(?=\s*\()", r" \1 ", head)
    match = re.match(r"\s*((?:\w+[\s*]+)*?)(\w+)\s*\(", head)
    if not match or match.group(2) in NOT_A_FUNCTION or not match.group(1).strip():
        return None
    if "=" in head or NOT_A_FUNCTION & set(c_lexer.words(match.group(1))):
        return None
    return match.group(2)


def returns_nothing(head: str) -> bool:
    return re.match(rf"\s*(?:{_STORAGE}\s+)*void\b(?!\s*\*)", head) is not None


def without_storage(head: str) -> str:
    """The head without static, extern and inline."""
    return re.sub(rf"\b{_STORAGE}\b", " ", head)


def renamed(head: str, name: str, other: str) -> str:
    return re.sub(rf"\b{name}\b", other, head, count=1)


def _names(parameters: str) -> list[str]:
    found = []
    for one in c_lexer.arguments(f"({parameters})", 0)[0]:
        name = re.search(r"(\w+)\s*(?:\[[^]]*\]\s*)*$", one)
        if name and one not in ("", "void"):
            found.append(name.group(1))
    return found


def parameters(head: str) -> tuple[list[str], list[str]]:
    """Names of the parameters, and of the ghost ones."""
    ghost = re.search(r"/\*@\s*ghost\s*\((.*?)\)\s*\*/", head, flags=re.S)
    plain = without_attributes(c_lexer.without_comments(head))
    plain = re.sub(r"\(\s*(\w+)\s*\)(?=\s*\()", r" \1 ", plain)
    inside = plain[plain.index("(") + 1 : plain.rindex(")")]
    return _names(inside), _names(ghost.group(1)) if ghost else []


def pointers(declaration: str) -> list[str]:
    """Names of the pointers among the parameters, ghost ones included, of a declaration or a definition."""
    head = re.sub(r"/\*@\s*ghost|\*/", " ", declaration).split("{", 1)[0]
    return re.findall(r"\*\s*(?:(?:const|restrict|__restrict)\s+)*(\w+)\s*(?=[,)])", head)
