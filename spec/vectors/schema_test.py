#!/usr/bin/python3
"""schema_test.py SCHEMA FILE...: every vector fits the schema, and does not once a member is gone, is too much, or is
of another kind.  Needs Debian's python3-jsonschema, hence that interpreter."""
from __future__ import annotations

import copy
import json
import random
import sys
from typing import Any, Iterator, List, Tuple

import jsonschema  # type: ignore[import]

Spot = Tuple[Any, Any]  # what holds a value, and its key there


def spots(value: Any) -> Iterator[Spot]:
    """Every member of every object and list below."""
    for key in (
        list(value)
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else []
    ):
        yield value, key
        yield from spots(value[key])


def spoilt(vector: Any, draw: random.Random) -> Tuple[str, Any]:
    """The vector with one thing that no schema could want."""
    wrong = copy.deepcopy(vector)
    places = list(spots(wrong))
    how = draw.choice(["gone", "more", "kind"])
    if how == "kind":
        holder, key = draw.choice(places)
        holder[key] = None
        return "%s is nothing" % key, wrong
    holders = [wrong] + [holder[key] for holder, key in places if isinstance(holder[key], dict)]
    holder = draw.choice(holders)
    if how == "more":
        holder["more"] = 0
        return "a member more", wrong
    key = draw.choice([one for one in holder if one not in OPTIONAL])
    del holder[key]
    return "%s is gone" % key, wrong


# What a vector or a step may do without.
OPTIONAL = ("state", "fault", "objects", "outside", "chunks")


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    draw = random.Random(1)
    failures: List[str] = []
    count = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            whole = json.load(file)
        validator = jsonschema.Draft202012Validator(schema)
        failures += [
            "%s does not fit: %s" % (name, error.message[:200])
            for error in validator.iter_errors(whole)
        ]
        for vector in whole["vectors"]:
            what, wrong = spoilt(vector, draw)
            if validator.is_valid({**whole, "vectors": [wrong]}):
                failures.append("%s: %s: not noticed" % (vector["name"], what))
            count += 1
    print(
        "\n".join(
            failures[:20] or ["%d vectors fit the schema, and do not once they are spoilt" % count]
        )
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
