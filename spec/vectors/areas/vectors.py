"""vectors.py: one vector, a list of them, and how a file holds them."""
from __future__ import annotations

import json
from typing import Any, Dict, List

from spec.vectors.model.heap import BASE
from spec.vectors.model.sizes import CHUNK

Vector = Dict[str, Any]
Step = Dict[str, Any]

# Above this a number in JSON is not the same to every reader.
EXACT = 1 << 53
# Members that get lines of their own.
LISTS = ("sites", "steps")
LINES = ("before", "after")


def vector(kind: str, name: str, requirements: str, **members: Any) -> Vector:
    """`requirements`: their names, separated by blanks."""
    return {"name": name, "kind": kind, "requirements": requirements.split(), **members}


def exact(value: Any) -> Any:
    """The value with each number that is too large for some readers as a text."""
    if isinstance(value, dict):
        return {key: exact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [exact(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > EXACT:
        return hex(value)
    return value


def compact(value: Any) -> str:
    return json.dumps(exact(value), separators=(",", ":"))


def _member(key: str, value: Any) -> str:
    text = compact(value)
    if key in LISTS:
        text = "[\n  %s]" % ",\n  ".join(map(compact, value))
    return "%s%s:%s" % ("\n " if key in LISTS + LINES else "", compact(key), text)


def file_text(vectors: List[Vector]) -> str:
    rows = ["{%s}" % ",".join(_member(key, one) for key, one in row.items()) for row in vectors]
    return '{"version":2,"base":%d,"chunk_bytes":%d,"vectors":[\n%s\n]}\n' % (
        BASE,
        CHUNK,
        ",\n".join(rows),
    )
