"""Reads the contracts of contracts/*.toml; each key is checked, and an error names file and key."""
from __future__ import annotations

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from typing import Any, Optional

from expressions import (
    GENERAL,
    VECTORS,
    Apply,
    Expression,
    ExpressionError,
    Number,
    Register,
    Sort,
    names_in,
    parse,
    sort_of,
    uses_new,
)

HEADERS = (
    "src/runtime/arch/x86_64/layout.h",
    "src/c/arch/x86_64/c_layout.h",
    "src/frames/layout.h",
    "spec/platform.h",
)


STACKS = ("goroutine", "system", "any")


class ContractError(Exception):
    """A contract file that is not in the format; the text is one sentence that names the file."""


@dataclass(frozen=True)
class Region:
    """Bytes first to end (exclusive) from base, both signed; `when`: the region is there only if this holds."""

    name: str
    base: Expression
    first: int
    end: int
    writable: bool
    stack: bool
    when: Optional[Expression]
    meets: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A named truth; `by` says what establishes a premise.  sets: a register that has this value at the entry."""

    name: str
    expression: Expression
    text: str
    by: str
    sets: Optional[tuple[str, Expression]] = None


@dataclass(frozen=True)
class Written:
    """Bytes at..at+count of a region, at counted from its base."""

    region: str
    at: int
    count: int


@dataclass(frozen=True)
class Case:
    """One outcome of a routine."""

    name: str
    when: Optional[Expression]
    goes: Expression
    below: int
    system: bool
    kept: tuple[Statement, ...]
    written: tuple[Written, ...]
    ensures: tuple[Statement, ...]
    enters: str


@dataclass(frozen=True)
class Subject:
    """Routines that a contract with parameters is of: a symbol in which * stands for anything, the bytes of the routine
    if that is said, and for each parameter a symbol (* is what it stood for) or a number."""

    symbol: str
    size: Optional[int]
    symbols: dict[str, str]
    numbers: dict[str, int]

    def part(self, name: str) -> Optional[str]:
        """What * stands for in a name; "" without a *; None: the name is another one."""
        before, star, after = self.symbol.partition("*")
        if not star:
            return "" if name == before else None
        fits = len(name) > len(before + after) and name.startswith(before) and name.endswith(after)
        return name[len(before) : len(name) - len(after)] if fits else None


@dataclass(frozen=True)
class Contract:
    """One file of contracts/."""

    path: str
    routine: str
    within: str
    offset: int
    cuts: tuple[int, ...]
    source: str
    requirements: tuple[str, ...]
    says: str
    parameters: tuple[str, ...]
    subjects: tuple[Subject, ...]
    stops: tuple[str, ...]
    walk_ends: bool
    goroutine: bool
    stack: str
    reserve: int
    lets: tuple[tuple[str, Expression], ...]
    regions: tuple[Region, ...]
    premises: tuple[Statement, ...]
    always: tuple[Statement, ...]
    cases: tuple[Case, ...]
    constants: dict[str, int]
    others: dict[str, "Contract"]


def constants_of(root: str) -> dict[str, int]:
    """Every object-like macro of the layout headers that is a number, as the preprocessor sees it."""
    command = ["gcc", "-I", ".", "-E", "-dM", "-x", "assembler-with-cpp", "-"]
    text = "".join(f'#include "{header}"\n' for header in HEADERS)
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, cwd=root
    )
    if done.returncode != 0:
        raise ContractError(
            (done.stderr.strip().splitlines() or ["the preprocessor cannot run"])[0]
        )
    macros = dict(re.findall(r"^#define (\w+) (.+)$", done.stdout, flags=re.M))
    found: dict[str, int] = {}
    for name in macros:
        value = _number(name, macros, 0)
        if value is not None and not name.startswith("_"):
            found[name] = value
    return found


def _number(name: str, macros: dict[str, str], depth: int) -> Optional[int]:
    """The value of a macro made of numbers, other macros, brackets, + - and *; None if it is anything else."""
    text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", macros[name])
    for other in re.findall(r"\b[A-Za-z_]\w*", text):
        value = _number(other, macros, depth + 1) if other in macros and depth < 8 else None
        if value is None:
            return None
        text = re.sub(rf"\b{other}\b", str(value), text)
    try:
        return fold(parse(text), {})
    except ExpressionError:
        return None


class Reader:
    """One file, while it is read."""

    def __init__(
        self, path: str, constants: dict[str, int], others: Optional[dict[str, Contract]] = None
    ) -> None:
        self.path, self.constants = path, constants
        self.others = {} if others is None else others
        self.known: set[str] = set(constants)

    def fail(self, text: str) -> ContractError:
        return ContractError(f"{self.path}: {text}.")

    def table(
        self, value: Any, where: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(f"{where} is not a table")
        for key in needed:
            if key not in value:
                raise self.fail(f"{where} has no '{key}'")
        for key in value:
            if key not in needed + optional:
                raise self.fail(f"{where} has an unknown key '{key}'")
        return value

    def tables(self, data: dict[str, Any], key: str) -> list[Any]:
        value = data.get(key, [])
        if not isinstance(value, list):
            raise self.fail(f"'{key}' is not a list")
        return value

    def expression(self, text: Any, where: str, sort: Sort, may_be_new: bool = False) -> Expression:
        if not isinstance(text, str):
            raise self.fail(f"{where} is not a string")
        try:
            result = parse(text)
        except ExpressionError as error:
            raise self.fail(f"{where}: {error}") from error
        for name in sorted(names_in(result)):
            if name not in self.known:
                raise self.fail(
                    f"{where}: '{name}' is neither a name of [let] nor a number of the layout headers"
                )
        if sort_of(result) != sort:
            raise self.fail(f"{where}: '{text}' is not a {sort.value}")
        if uses_new(result) and not may_be_new:
            raise self.fail(f"{where}: 'new' has no meaning here")
        return result

    def number(self, text: Any, where: str) -> int:
        """A signed number, from an expression of constants."""
        value = fold(self.expression(text, where, Sort.WORD), self.constants)
        if value is None:
            raise self.fail(f"{where}: '{text}' is not a number")
        return value - 2**64 if value >= 2**63 else value

    def statement(self, value: Any, where: str, may_be_new: bool, with_by: bool) -> Statement:
        needed = ("name", "is", "by") if with_by else ("name", "is")
        table = self.table(value, where, needed, ("sets",) if with_by else ())
        where = f"{where} '{table['name']}'"
        name, by, sets = table["name"], table.get("by", ""), table.get("sets")
        if sets is None:
            truth = self.expression(table["is"], where, Sort.TRUTH, may_be_new)
            return Statement(name, truth, table["is"], by)
        if sets not in GENERAL:
            raise self.fail(f"{where}: 'sets' is not a general register")
        word = self.expression(table["is"], where, Sort.WORD)
        return Statement(
            name, Apply("==", (Register(sets), word)), table["is"], by, sets=(sets, word)
        )

    def subject(self, value: Any, parameters: tuple[str, ...]) -> Subject:
        table = self.table(value, "[[of]]", ("symbol", *parameters), ("bytes",))
        values = {name: table[name] for name in parameters}
        if not all(isinstance(one, (str, int)) for one in values.values()):
            raise self.fail("a parameter of [[of]] is a symbol or a number")
        return Subject(
            table["symbol"],
            table.get("bytes"),
            {name: one for name, one in values.items() if isinstance(one, str)},
            {name: one for name, one in values.items() if isinstance(one, int)},
        )

    def region(self, value: Any) -> Region:
        table = self.table(
            value,
            "[[region]]",
            ("name", "base", "first", "end", "access"),
            ("stack", "when", "meets"),
        )
        where = f"region '{table['name']}'"
        if table["access"] not in ("r", "rw"):
            raise self.fail(f"{where}: access is 'r' or 'rw', not '{table['access']}'")
        region = Region(
            table["name"],
            self.expression(table["base"], where, Sort.WORD),
            self.number(table["first"], where),
            self.number(table["end"], where),
            table["access"] == "rw",
            bool(table.get("stack", False)),
            self.expression(table["when"], where, Sort.TRUTH) if "when" in table else None,
            tuple(table.get("meets", [])),
        )
        if region.first >= region.end:
            raise self.fail(f"{where} is empty")
        return region

    def case(self, value: Any, regions: dict[str, Region]) -> Case:
        table = self.table(
            value,
            "[[case]]",
            ("name", "goes", "below", "kept", "written", "ensures"),
            ("when", "system", "enters"),
        )
        where = f"case '{table['name']}'"
        kept = tuple(
            Statement(text, self.expression(text, f"{where}, kept", Sort.WORD), text, "")
            for name in table["kept"]
            for text in ([f"{name}[0]", f"{name}[1]"] if name in VECTORS else [name])
        )
        return Case(
            table["name"],
            self.expression(table["when"], where, Sort.TRUTH) if "when" in table else None,
            self.expression(table["goes"], where, Sort.WORD),
            self.number(table["below"], where),
            bool(table.get("system", False)),
            kept,
            tuple(self.written(one, where, regions) for one in table["written"]),
            tuple(
                self.statement(one, f"{where}, ensures", True, False) for one in table["ensures"]
            ),
            table.get("enters", ""),
        )

    def written(self, value: Any, where: str, regions: dict[str, Region]) -> Written:
        table = self.table(value, f"{where}, written", ("region", "at", "bytes"))
        name, at, count = (
            table["region"],
            self.number(table["at"], where),
            self.number(table["bytes"], where),
        )
        if name not in regions or not regions[name].writable:
            raise self.fail(f"{where}: '{name}' is not a region that may be written")
        if count <= 0 or at < regions[name].first or at + count > regions[name].end:
            raise self.fail(f"{where}: {count} bytes at {at} are not in region '{name}'")
        return Written(name, at, count)

    def lets(self, texts: dict[str, Any]) -> tuple[tuple[str, Expression], ...]:
        """Names for expressions; each may use those before it."""
        found = []
        for name, text in texts.items():
            found.append((name, self.expression(text, f"let '{name}'", Sort.WORD)))
            self.known.add(name)
        return tuple(found)

    def regions(self, data: dict[str, Any]) -> dict[str, Region]:
        """The regions by name, in the order of the file."""
        found = [self.region(one) for one in self.tables(data, "region")]
        by_name = {region.name: region for region in found}
        if len(by_name) != len(found):
            raise self.fail("two regions have the same name")
        for region in found:
            for other in region.meets:
                if other not in by_name:
                    raise self.fail(
                        f"region '{region.name}' meets '{other}', which is not a region"
                    )
        return by_name

    def stack(self, data: dict[str, Any]) -> str:
        stack = data.get("stack", "goroutine" if data.get("goroutine") else "any")
        if stack not in STACKS:
            raise self.fail(f"'stack' is one of {', '.join(STACKS)}")
        return str(stack)

    def contract(self, data: dict[str, Any]) -> Contract:
        self.table(
            data,
            "the file",
            ("routine", "source", "requirements", "says", "case"),
            (
                "within",
                "offset",
                "cuts",
                "reserve",
                "region",
                "parameters",
                "of",
                "walk_ends",
                "goroutine",
                "stack",
                "stops",
                "let",
                "premise",
                "always",
            ),
        )
        parameters = tuple(data.get("parameters", []))
        self.known |= set(parameters)
        lets = self.lets(data.get("let", {}))
        regions = self.regions(data)
        return Contract(
            self.path,
            data["routine"],
            data.get("within", data["routine"]),
            data.get("offset", 0),
            tuple(data.get("cuts", [])),
            data["source"],
            tuple(data["requirements"]),
            data["says"],
            parameters,
            tuple(self.subject(one, parameters) for one in self.tables(data, "of")),
            tuple(data.get("stops", [])),
            bool(data.get("walk_ends", False)),
            bool(data.get("goroutine", False)),
            self.stack(data),
            self.number(data.get("reserve", "STACK_SWITCH_BYTES"), "reserve"),
            lets,
            tuple(regions.values()),
            tuple(
                self.statement(one, "[[premise]]", False, True)
                for one in self.tables(data, "premise")
            ),
            tuple(
                self.statement(one, "[[always]]", True, False)
                for one in self.tables(data, "always")
            ),
            tuple(self.case(one, regions) for one in self.tables(data, "case")),
            self.constants,
            self.others,
        )


def fold(expression: Expression, constants: dict[str, int]) -> Optional[int]:
    """The value modulo 2^64 of an expression that is made of numbers, or None."""
    if isinstance(expression, Number):
        return expression.value
    name = getattr(expression, "name", None)
    if name in constants:
        return constants[name] % 2**64
    operands = [fold(operand, constants) for operand in getattr(expression, "operands", ())]
    if not operands or any(operand is None for operand in operands):
        return None
    left, right = operands[0] or 0, (operands[-1] or 0)
    values = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "&": left & right,
        "|": left | right,
        "~": ~left,
    }
    value = values.get(getattr(expression, "operator"))
    return None if value is None else value % 2**64


def read_contract(path: str, constants: dict[str, int], others: dict[str, Contract]) -> Contract:
    """The contract in a file; ContractError says what is wrong with it.  others: where `enters` finds contracts."""
    reader = Reader(path, constants, others)
    try:
        with open(path, "rb") as content:
            data = tomllib.load(content)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise reader.fail(f"it cannot be read: {error}") from error
    return reader.contract(data)


def read_contracts(root: str) -> list[Contract]:
    """All contracts of the tree, by name; their file and routine are named alike."""
    folder = os.path.join(root, "proofs/assembly/contracts")
    constants = constants_of(root)
    found: list[Contract] = []
    others: dict[str, Contract] = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".toml"):
            contract = read_contract(os.path.join(folder, name), constants, others)
            if contract.routine + ".toml" != name:
                raise ContractError(
                    f"{contract.path}: the file is not named after '{contract.routine}'."
                )
            found.append(contract)
            others[contract.routine] = contract
    if not found:
        raise ContractError(f"{folder}: there is no contract.")
    for one in found:
        for case in one.cases:
            if case.enters and case.enters not in others:
                raise ContractError(
                    f"{one.path}: case '{case.name}' enters '{case.enters}', which has no contract."
                )
    return found
