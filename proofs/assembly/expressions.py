"""The expression language of the contracts: parsing, and the sorts of what was parsed.

A renderer walks Number, Register, Name, Linked and Apply; nothing else occurs.  contracts/README.md has the meaning.
"""
from __future__ import annotations

import ast
import enum
from dataclasses import dataclass
from typing import Union

GENERAL = (
    "rax",
    "rcx",
    "rdx",
    "rbx",
    "rsp",
    "rbp",
    "rsi",
    "rdi",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
)
VECTORS = tuple(f"xmm{number}" for number in range(16))
OTHER_STATE = ("mxcsr", "fpu_control", "fpu_pending", "df", "zf", "cf", "fs")
# The two words of each vector register, the lower one first.
VECTOR_WORDS = tuple(f"{name}[{place}]" for name in VECTORS for place in (0, 1))
LOADS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


class Sort(enum.Enum):
    """Of an expression: a word of 64 bits, or true or false."""

    WORD = "word"
    TRUTH = "truth"


class ExpressionError(Exception):
    """An expression that is not of the language; the text says where and why."""


@dataclass(frozen=True)
class Number:
    """A word, already modulo 2^64."""

    value: int


@dataclass(frozen=True)
class Register:
    """A part of the machine's state."""

    name: str


@dataclass(frozen=True)
class Name:
    """A name of [let], a parameter, or a number of layout.h or platform.h."""

    name: str


@dataclass(frozen=True)
class Linked:
    """What the linker knows: `kind` is symbol (an address), thread_offset or code (distance from the entry)."""

    kind: str
    name: str


@dataclass(frozen=True)
class Apply:
    """An operator of OPERATORS and its operands."""

    operator: str
    operands: tuple["Expression", ...]


Expression = Union[Number, Register, Name, Linked, Apply]

_W, _T = Sort.WORD, Sort.TRUTH
# operator: sorts of its operands, sort of its value.  `new` and `if` are in sort_of.
OPERATORS: dict[str, tuple[tuple[Sort, ...], Sort]] = {
    **{name: ((_W, _W), _W) for name in ("+", "-", "*", "&", "|", "^", "<<", ">>")},
    **{name: ((_W, _W), _T) for name in ("==", "!=", "<", "<=", ">", ">=")},
    **{name: ((_T, _T), _T) for name in ("and", "or", "implies")},
    **{name: ((_W,), _W) for name in ("~", "low32", "low16", *LOADS)},
    "not": ((_T,), _T),
    "canonical": ((_W,), _T),
}

_BINARY: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_COMPARE: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_CALLS = ("low32", "low16", "canonical", "implies", "new", *LOADS)
_LINKED = ("symbol", "thread_offset", "code")


def parse(text: str) -> Expression:
    """The expression that `text` says, with sorts checked."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"'{text}' is not an expression: {error.msg}") from error
    expression = _convert(tree.body, text)
    sort_of(expression, text)
    return expression


def _convert(node: ast.expr, text: str) -> Expression:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int)
        and not isinstance(node.value, bool)
    ):
        return Number(node.value % 2**64)
    if isinstance(node, ast.Name):
        return Register(node.id) if node.id in GENERAL + OTHER_STATE else Name(node.id)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return Apply(
            _BINARY[type(node.op)], (_convert(node.left, text), _convert(node.right, text))
        )
    if isinstance(node, ast.UnaryOp):
        return _unary(node, text)
    if isinstance(node, ast.BoolOp):
        return _boolean(node, text)
    if isinstance(node, ast.Compare) and all(type(operator) in _COMPARE for operator in node.ops):
        return _comparison(node, text)
    if isinstance(node, ast.IfExp):
        return Apply(
            "if",
            (_convert(node.test, text), _convert(node.body, text), _convert(node.orelse, text)),
        )
    if isinstance(node, ast.Call):
        return _call(node, text)
    if isinstance(node, ast.Subscript) and ast.unparse(node) in VECTOR_WORDS:
        return Register(ast.unparse(node))
    raise ExpressionError(f"'{text}' uses '{ast.unparse(node)}', which the language does not have")


def _unary(node: ast.UnaryOp, text: str) -> Expression:
    operand = _convert(node.operand, text)
    if isinstance(node.op, ast.USub):
        if isinstance(operand, Number):
            return Number(-operand.value % 2**64)
        return Apply("-", (Number(0), operand))
    if isinstance(node.op, ast.Invert):
        return Apply("~", (operand,))
    if isinstance(node.op, ast.Not):
        return Apply("not", (operand,))
    raise ExpressionError(f"'{text}' uses '{ast.unparse(node)}', which the language does not have")


def _comparison(node: ast.Compare, text: str) -> Expression:
    """a < b <= c is a < b and b <= c."""
    terms = [_convert(one, text) for one in (node.left, *node.comparators)]
    parts: list[Expression] = [
        Apply(_COMPARE[type(operator)], (left, right))
        for operator, left, right in zip(node.ops, terms, terms[1:])
    ]
    result = parts[0]
    for part in parts[1:]:
        result = Apply("and", (result, part))
    return result


def _boolean(node: ast.BoolOp, text: str) -> Expression:
    operator = "and" if isinstance(node.op, ast.And) else "or"
    result = _convert(node.values[0], text)
    for value in node.values[1:]:
        result = Apply(operator, (result, _convert(value, text)))
    return result


def _call(node: ast.Call, text: str) -> Expression:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _LINKED and len(node.args) == 1:
        argument = node.args[0]
        if (
            name == "code"
            and isinstance(argument, ast.Constant)
            and isinstance(argument.value, int)
        ):
            return Linked(name, str(argument.value))
        if name != "code" and isinstance(argument, ast.Name):
            return Linked(name, argument.id)
    elif name in _CALLS and not node.keywords:
        return Apply(name, tuple(_convert(argument, text) for argument in node.args))
    raise ExpressionError(f"'{text}' uses '{ast.unparse(node)}', which the language does not have")


def sort_of(expression: Expression, text: str = "") -> Sort:
    """The sort; ExpressionError if an operand has another one than its operator needs."""
    if not isinstance(expression, Apply):
        return Sort.WORD
    sorts = tuple(sort_of(operand, text) for operand in expression.operands)
    if expression.operator == "new" and len(sorts) == 1:
        return sorts[0]
    if expression.operator == "if" and sorts[0] == Sort.TRUTH and sorts[1] == sorts[2]:
        return sorts[1]
    if expression.operator in OPERATORS and OPERATORS[expression.operator][0] == sorts:
        return OPERATORS[expression.operator][1]
    raise ExpressionError(f"'{text}' gives '{expression.operator}' operands that it does not take")


def names_in(expression: Expression) -> set[str]:
    """Every Name that occurs."""
    if isinstance(expression, Name):
        return {expression.name}
    if isinstance(expression, Apply):
        return set().union(*(names_in(operand) for operand in expression.operands))
    return set()


def uses_new(expression: Expression) -> bool:
    """Does the expression speak about another state than the entry's?"""
    return isinstance(expression, Apply) and (
        expression.operator == "new" or any(map(uses_new, expression.operands))
    )
