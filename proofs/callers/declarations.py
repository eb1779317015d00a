"""declarations.py: the types, functions and variables that the headers of the core declare, as clang sees them.

Called by translate.py and generate.py, which need to know of each name whether it is a number, a pointer or a
structure.
"""
import glob
import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import Any, Dict, List, Set, Tuple

CORE = "src/core"


class NotCompiled(Exception):
    """clang does not accept the headers of the core."""


@dataclass(frozen=True)
class Function:
    result: str
    parameters: Tuple[Tuple[str, str], ...]  # (type, name)
    inline: bool


@dataclass
class Declarations:
    functions: Dict[str, Function] = field(default_factory=dict)
    fields: Dict[str, Dict[str, str]] = field(
        default_factory=dict
    )  # "struct NAME" -> field -> type
    variables: Dict[str, str] = field(default_factory=dict)
    enumerators: Set[str] = field(default_factory=set)


def plain(kind: str) -> str:
    """A type without what does not change its values."""
    return re.sub(r"\s+", " ", re.sub(r"\b(const|volatile|restrict)\b", " ", kind)).strip()


def is_pointer(kind: str) -> bool:
    return kind.endswith("*")


def is_array(kind: str) -> bool:
    return kind.endswith("]")


def is_struct(kind: str) -> bool:
    return kind.startswith("struct ") and not is_pointer(kind) and not is_array(kind)


def pointed_to(kind: str) -> str:
    """The type of *p or of a[i]."""
    if is_pointer(kind):
        return kind[:-1].strip()
    return re.sub(r"\s*\[\d*\]", "", kind, count=1)


def headers() -> List[str]:
    return sorted(glob.glob(CORE + "/**/*.h", recursive=True))


def _walk(node: Dict[str, Any], found: Declarations) -> None:
    inner = node.get("inner", [])
    kind, name = node.get("kind"), node.get("name", "")
    if kind == "FunctionDecl":
        parameters = tuple(
            (child["type"]["qualType"], child.get("name", ""))
            for child in inner
            if child["kind"] == "ParmVarDecl"
        )
        found.functions[name] = Function(
            node["type"]["qualType"].split("(")[0].strip(),
            parameters,
            node.get("storageClass") == "static",
        )
        return
    if kind == "RecordDecl" and inner:
        found.fields["struct " + name] = {
            child["name"]: plain(child["type"]["qualType"])
            for child in inner
            if child["kind"] == "FieldDecl"
        }
        return
    if kind == "VarDecl":
        found.variables[name] = plain(node["type"]["qualType"])
    if kind == "EnumConstantDecl":
        found.enumerators.add(name)
    for child in inner:
        _walk(child, found)


def read(path: str) -> Declarations:
    """All that is declared in a file that includes the headers of the core."""
    command = ["clang", "-std=c11", "-fsyntax-only", "-I.", "-Xclang", "-ast-dump=json", path]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise NotCompiled(done.stderr)
    found = Declarations()
    _walk(json.loads(done.stdout), found)
    return found
