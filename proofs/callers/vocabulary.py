"""vocabulary.py: the definitions and contracts that Frama-C prints, as terms; and which function decides which word.

Called by translate.py and generate.py.  The texts come from proofs/source.py.
"""
import hashlib
import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Set, Tuple

from acsl import Part, Reader, Term, conjuncts
from declarations import Declarations, plain

_HEAD = re.compile(
    r"(?P<kind>predicate|logic)\s+(?P<head>[^({=]*?)\s*(?P<labels>\{[^}]*\})?\s*"
    r"(?:\((?P<formals>[^)]*)\))?\s*=(?P<body>.*);?$"
)
_TYPE = re.compile(
    r"(?:struct|enum|unsigned|signed|int|long|short|char|_Bool|bool|integer|u?int\d+_t)$"
)


def is_type(word: str) -> bool:
    return _TYPE.match(word) is not None


@dataclass(frozen=True)
class Definition:
    """A predicate or a logic function."""

    name: str
    predicate: bool
    formals: Tuple[Tuple[str, str], ...]  # (type, name)
    states: int  # how many states of the memory it speaks of: 0, 1 or more
    body: Term
    text: str


@dataclass(frozen=True)
class Clause:
    label: str  # "requires live"
    text: str
    term: Term


@dataclass(frozen=True)
class Decider:
    """A proved function of the core whose result is the word's value; order[i] is the formal that argument i is for."""

    function: str
    order: Tuple[int, ...]


@dataclass
class Vocabulary:
    definitions: Dict[str, Definition] = field(default_factory=dict)
    requires: Dict[str, List[Clause]] = field(default_factory=dict)
    deciders: Dict[str, Decider] = field(default_factory=dict)

    def depends(self, name: str) -> str:
        """A digest of the definition and of all that it is made of."""
        seen: Set[str] = set()
        left = [name]
        while left:
            word = left.pop()
            if word not in seen and word in self.definitions:
                seen.add(word)
                left += re.findall(r"\w+", self.definitions[word].text)
        text = "\n".join(self.definitions[word].text for word in sorted(seen))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _formals(text: Optional[str]) -> Tuple[Tuple[str, str], ...]:
    found = []
    for part in (text or "").split(","):
        words = re.match(r"\s*(.*?)\s*(\w+)\s*$", part)
        if words:
            found.append((plain(words.group(1)), words.group(2)))
    return tuple(found)


def in_one_state(term: Term) -> Term:
    """The term where memory has one state only: \\old(x) and \\at(x, L) are x."""

    def plainly(part: Part) -> Part:
        if isinstance(part, tuple):
            return tuple(plainly(each) for each in part)
        if not isinstance(part, Term):
            return part
        if (
            part.op == "call"
            and part.parts[0] in ("\\old", "\\at")
            and isinstance(part.parts[1], tuple)
        ):
            return plainly(part.parts[1][0])
        return Term(part.op, tuple(plainly(each) for each in part.parts))

    found = plainly(term)
    assert isinstance(found, Term)
    return found


def _define(text: str) -> Optional[Definition]:
    head = _HEAD.match(text)
    if head is None:
        return None
    name = head.group("head").split()[-1]
    states = len(
        [label for label in (head.group("labels") or "").strip("{}").split(",") if label.strip()]
    )
    body = Reader(head.group("body"), is_type).whole()
    return Definition(
        name,
        head.group("kind") == "predicate",
        _formals(head.group("formals")),
        states,
        in_one_state(body) if states < 2 else body,
        text,
    )


def _clause(label: str, text: str) -> Clause:
    body = re.sub(r"^(?:requires|ensures)\s+(?:\w+\s*:(?!:))?", "", text)
    return Clause(label, body, Reader(body, is_type).whole())


def _decided(term: Term) -> Optional[Term]:
    """The word that an ensures says the result is: \\result <==> word, \\result != 0 <==> word, \\result == word."""
    term = in_one_state(term)
    if term.op not in ("<==>", "=="):
        return None
    left, right = term.parts
    assert isinstance(left, Term) and isinstance(right, Term)
    result = Term("name", ("\\result",))
    if left == result or (
        term.op == "<==>" and left == Term("!=", (result, Term("number", ("0",))))
    ):
        return right
    return None


def _decider(function: str, formals: List[str], word: Term) -> Optional[Tuple[str, Decider]]:
    """The word has exactly the parameters of the function for its arguments, in whatever order."""
    if word.op == "name":
        return (str(word.parts[0]), Decider(function, ())) if not formals else None
    if word.op != "call":
        return None
    arguments = word.parts[1]
    assert isinstance(arguments, tuple)
    names = [
        str(each.parts[0]) for each in arguments if isinstance(each, Term) and each.op == "name"
    ]
    if len(names) != len(arguments) or sorted(names) != sorted(formals):
        return None
    return str(word.parts[0]), Decider(function, tuple(names.index(formal) for formal in formals))


def _deciders(function: str, formals: List[str], clause: Clause) -> List[Tuple[str, Decider]]:
    words = [_decided(conjunct) for conjunct in conjuncts(clause.term)]
    pairs = [_decider(function, formals, word) for word in words if word is not None]
    return [pair for pair in pairs if pair is not None]


def _names(part: Part) -> Set[str]:
    if isinstance(part, tuple):
        return set().union(*(_names(each) for each in part)) if part else set()
    if not isinstance(part, Term):
        return set()
    return {str(part.parts[0])} if part.op == "name" else _names(part.parts)


def read(
    contracts: Dict[str, Dict[str, str]], words: Dict[str, str], declared: Declarations
) -> Vocabulary:
    found = Vocabulary()
    for text in words.values():
        definition = _define(text)
        if definition is not None:
            found.definitions[definition.name] = definition
    for function, clauses in contracts.items():
        if function not in declared.functions:
            continue  # a ghost function: no caller in C
        formals = [name for _, name in declared.functions[function].parameters]
        found.requires[function] = [
            _clause(label, text)
            for label, text in clauses.items()
            if label.split()[0] == "requires"
        ]
        if any(_names(clause.term) & set(formals) for clause in found.requires[function]):
            continue  # it decides nothing outside of what it requires of its arguments
        for label, text in clauses.items():
            if label.split()[0] == "ensures":
                found.deciders.update(_deciders(function, formals, _clause(label, text)))
    found.deciders = {
        word: decider for word, decider in found.deciders.items() if word in found.definitions
    }
    return found
