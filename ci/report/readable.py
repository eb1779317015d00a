"""readable.py: contracts for people: the clauses of an ACSL contract with the signs of mathematics."""
import re
from typing import NamedTuple

SIGNS = [
    (r"\\forall\s+integer\s+([\w,\s]+?);", r"∀ \1:"),
    (r"\\exists\s+integer\s+([\w,\s]+?);", r"∃ \1:"),
    (r"\\let\s+", "let "),
    (r"<==>", "⇔"),
    (r"==>", "⇒"),
    (r"&&", "∧"),
    (r"\|\|", "∨"),
    (r"!=", "≠"),
    (r"<=", "≤"),
    (r">=", "≥"),
    (r"==", "="),
    (r"!(?=[\w(])", "¬"),
    (r"\\result", "result"),
    (r"\\nothing", "nothing"),
    (r"\\false", "false"),
    (r"\\true", "true"),
    (r"\\old\(", "old("),
    (r"\\at\(", "at("),
    (r"\\valid_read", "readable"),
    (r"\\separated", "separate"),
    (r"\s*\.\.\s*", " … "),
]
KINDS = "requires|ensures|assigns|assumes|behavior|exits|terminates|complete behaviors|disjoint behaviors|decreases"


def signs(text: str) -> str:
    for pattern, sign in SIGNS:
        text = re.sub(pattern, sign, text)
    return text


class Clause(NamedTuple):
    """A clause of a contract; a behavior is one of its own, and its clauses follow."""

    kind: str
    name: str
    text: str


def clauses(contract: str) -> list[Clause]:
    """The clauses as they are written."""
    text = re.sub(r"^/\*@|\*/$", "", contract.strip()).strip()
    found = []
    pieces = re.split(r"(?:^|(?<=[;:])|\n)\s*(?=(?:%s)\b)" % KINDS, text)
    for piece in pieces:
        match = re.match(r"(%s)\b\s*(?:(\w+)\s*:(?!:))?\s*(.*)" % KINDS, piece.strip(), flags=re.S)
        if match:
            kind, name, said = match.groups()
            found.append(Clause(kind, name or "", said.strip().rstrip(";").strip()))
    return found


def shown(contract: str) -> list[Clause]:
    """The clauses for people; `exits` says nothing to them."""
    return [
        clause._replace(text=signs(_moved_left(clause.text)))
        for clause in clauses(contract)
        if clause.kind != "exits"
    ]


def _moved_left(text: str) -> str:
    """The widest indentation that the continuation lines share goes."""
    first, *rest = text.split("\n")
    cut = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first] + ["  " + line[cut:] for line in rest])
