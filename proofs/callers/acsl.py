"""acsl.py: reads the ACSL of contracts, as Frama-C prints it, into terms.

Only the part of the language that a `requires` is made of is read; anything else is an error that names the text.
Called by translate.py.
"""
import re
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Tuple, Union

Part = Union["Term", str, None, Tuple["Part", ...]]


@dataclass(frozen=True)
class Term:
    """An operator and its operands.

    Term("+", (left, right)), Term("name", ("hi",)), Term("forall", (binders, body)).
    """

    op: str
    parts: Tuple[Part, ...]


class NotRead(Exception):
    """The text is outside of the part of ACSL that is read here."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*)|(?P<word>\\?\w+)|
                        (?P<sign><==>|==>|\.\.|->|<<|>>|<=|>=|==|!=|&&|\|\||\^\^|[-+*/%<>=!~&|^?:;,.(){}\[\]]))""",
    re.X,
)
# Binary operators, loosest first; the comparisons are a level of their own, since they chain.
_LEVELS: List[Tuple[str, ...]] = [
    ("<==>",),
    ("==>",),
    ("||",),
    ("^^",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("compare",),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
]
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def tokens_of(text: str) -> List[str]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotRead("cannot read '%s'" % text[position : position + 40])
        found.append(match.group().strip())
        position = match.end()
    return found


class Reader:
    """A parser by recursive descent over one text."""

    def __init__(self, text: str, types: Callable[[str], bool]):
        self.text, self.tokens, self.at, self.is_type = text, tokens_of(text), 0, types

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, wanted: Optional[str] = None) -> str:
        token = self.peek()
        if token == "" or (wanted is not None and token != wanted):
            raise NotRead(
                "'%s' expected before '%s' in: %s"
                % (wanted, " ".join(self.tokens[self.at : self.at + 5]), self.text)
            )
        self.at += 1
        return token

    def skip(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def whole(self) -> Term:
        """The only term of the text."""
        term = self.formula()
        self.skip(";")
        if self.peek():
            raise NotRead("'%s' is left over in: %s" % (self.peek(), self.text))
        return term

    def formula(self) -> Term:
        if self.peek() in ("\\forall", "\\exists"):
            kind = self.take()[1:]
            binders = self.binders()
            return Term(kind, (binders, self.formula()))
        if self.skip("\\let"):
            name = self.take()
            self.take("=")
            value = self.formula()
            self.take(";")
            return Term("let", (name, value, self.formula()))
        condition = self.level(0)
        if not self.skip("?"):
            return condition
        yes = self.formula()
        self.take(":")
        return Term("if", (condition, yes, self.formula()))

    def binders(self) -> Tuple[Tuple[str, str], ...]:
        """integer a, struct move b; a type that is not repeated goes on."""
        found: List[Tuple[str, str]] = []
        kind = ""
        while True:
            words = []
            while self.peek() not in (",", ";"):
                words.append(self.take())
            kind = " ".join(words[:-1]) or kind
            found.append((kind, words[-1]))
            if self.take() == ";":
                return tuple(found)

    def level(self, index: int) -> Term:
        if index == len(_LEVELS):
            return self.unary()
        if _LEVELS[index] == ("compare",):
            return self.comparison(index + 1)
        left = self.level(index + 1)
        while self.peek() in _LEVELS[index]:
            sign = self.take()
            # An implication groups to the right, and its right side may be a quantifier.
            right = self.operand(index) if sign == "==>" else self.operand(index + 1)
            left = Term(sign, (left, right))
        return left

    def operand(self, index: int) -> Term:
        return (
            self.formula()
            if self.peek() in ("\\forall", "\\exists", "\\let")
            else self.level(index)
        )

    def comparison(self, index: int) -> Term:
        """a <= b < c is a <= b && b < c."""
        left = self.level(index)
        pairs: List[Term] = []
        while self.peek() in COMPARISONS:
            sign = self.take()
            right = self.level(index)
            pairs.append(Term(sign, (left, right)))
            left = right
        if not pairs:
            return left
        term = pairs[0]
        for pair in pairs[1:]:
            term = Term("&&", (term, pair))
        return term

    def unary(self) -> Term:
        if self.peek() in ("!", "-", "~", "*", "&", "+"):
            sign = self.take()
            return Term(
                {"-": "negative", "*": "deref", "&": "address", "+": "positive"}.get(sign, sign),
                (self.unary(),),
            )
        if self.peek() == "(" and self.is_cast():
            self.take("(")
            words = []
            while self.peek() != ")":
                words.append(self.take())
            self.take(")")
            return Term("cast", (" ".join(words), self.unary()))
        return self.postfix(self.primary())

    def is_cast(self) -> bool:
        return self.is_type(self.peek(1)) and (
            self.peek(2) == ")" or self.peek(3) == ")" or self.peek(2) == "*"
        )

    def postfix(self, term: Term) -> Term:
        while True:
            if self.skip("["):
                term = Term("index", (term, self.range_until("]")))
            elif self.skip("."):
                term = Term("field", (term, self.take()))
            elif self.skip("->"):
                term = Term("field", (Term("deref", (term,)), self.take()))
            else:
                return term

    def range_until(self, end: str) -> Term:
        """An index, or a range of them; either bound of a range may be missing."""
        low = None if self.peek() == ".." else self.formula()
        if not self.skip(".."):
            self.take(end)
            assert low is not None
            return low
        high = None if self.peek() == end else self.formula()
        self.take(end)
        return Term("range", (low, high))

    def primary(self) -> Term:
        token = self.take()
        if token == "(":
            return self.range_until(")")
        if re.match(r"\d", token):
            return Term("number", (token.rstrip("uUlL"),))
        if not re.match(r"\\?\w+$", token):
            raise NotRead("'%s' is unexpected in: %s" % (token, self.text))
        if self.skip("{"):
            while self.take() != "}":
                continue
        if self.skip("("):
            return Term("call", (token, self.arguments()))
        return Term("name", (token,))

    def arguments(self) -> Tuple[Term, ...]:
        found: List[Term] = []
        while not self.skip(")"):
            found.append(self.formula())
            if self.peek() != ")":
                self.take(",")
        return tuple(found)


def substituted(part: Part, values: Dict[str, Term]) -> Part:
    """The term with names replaced; a name that is bound inside is not."""
    if isinstance(part, tuple):
        return tuple(substituted(each, values) for each in part)
    if not isinstance(part, Term):
        return part
    if part.op == "name":
        return values.get(str(part.parts[0]), part)
    if part.op in ("forall", "exists"):
        binders, body = part.parts
        assert isinstance(binders, tuple)
        bound = {str(binder[1]) for binder in binders if isinstance(binder, tuple)}
        free = {name: value for name, value in values.items() if name not in bound}
        return Term(part.op, (binders, substituted(body, free)))
    if part.op == "let":
        name, value, body = part.parts
        free = {other: term for other, term in values.items() if other != name}
        return Term("let", (name, substituted(value, values), substituted(body, free)))
    if part.op == "call":
        return Term("call", (part.parts[0], substituted(part.parts[1], values)))
    if part.op in ("field", "cast"):
        return Term(part.op, tuple(substituted(each, values) for each in part.parts))
    return Term(part.op, tuple(substituted(each, values) for each in part.parts))


def conjuncts(term: Term) -> List[Term]:
    if term.op == "&&":
        left, right = term.parts
        assert isinstance(left, Term) and isinstance(right, Term)
        return conjuncts(left) + conjuncts(right)
    return [term]
