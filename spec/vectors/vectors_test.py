#!/usr/bin/env python3
"""vectors_test.py CHECKER FILE...: the committed vectors are what the model says now, the core passes them, and it
passes none of them once an expectation is changed.

SIZE-1 SIZE-2 SIZE-3 SIZE-4 SIZE-5 ALLOC-1 ALLOC-2 ALLOC-3 ALLOC-4 ALLOC-5 ALLOC-6 CACHE-1 CACHE-2 CACHE-3 CACHE-4
CACHE-5 CACHE-7 SPAN-2 SPAN-3 SPAN-4 SPAN-5 SPAN-7 LARGE-1 LARGE-2 LARGE-3 LARGE-4 LARGE-5 POOL-1 POOL-3 POOL-5 POOL-6
HEAP-1 HEAP-2 HEAP-3 HEAP-4 HEAP-5 HEAP-6 HEAP-7 GROW-2 GROW-3 GROW-5 GROW-9 SHRINK-1 SHRINK-2 SHRINK-3 SHRINK-5
SHRINK-6 SHRINK-7 GC-6 COPY-1 COPY-2 COPY-3 COPY-4 COPY-5 COPY-6 COPY-7 COPY-8 COPY-9 COPY-11 OUTSIDE-1 OUTSIDE-2
OUTSIDE-3 OUTSIDE-4 OUTSIDE-5 SITE-1 SITE-2 SITE-3 SITE-4 SITE-5 SITE-7 UNWIND-1 UNWIND-2 UNWIND-3 COUNT-1 COUNT-2
ERR-1"""
from __future__ import annotations

import copy
import filecmp
import json
import os
import random
import subprocess
import sys
from typing import Any, List, Tuple

LEAST = 500
# Statuses and words that a spoilt vector has in place of others.
ANOTHER = {"OK": "BAD_SIZE", "GROW": "MOVE", "OFF": "DUE"}

Place = Tuple[Any, Any]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def generated(folder: str, names: List[str]) -> List[str]:
    """What is wrong with the files, compared with what the generator writes."""
    done = run(
        sys.executable,
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate.py"),
        folder,
    )
    if done.returncode:
        return ["generate.py failed: " + done.stdout]
    return [
        "%s is not what the model says; spec/vectors/README.md says how to renew it" % name
        for name in names
        if not filecmp.cmp(name, os.path.join(folder, os.path.basename(name)), shallow=False)
    ]


def members(value: Any, names: List[str]) -> List[Place]:
    return [(value, name) for name in names if name in value]


def inside_state(state: Any) -> List[Place]:
    return (
        members(state, ["used", "mark"])
        + [(block, "chunks") for block in state["blocks"]]
        + [(block, "free") for block in state["blocks"] if "free" in block]
        + [(cache["stacks"], n) for cache in state["caches"] for n in range(len(cache["stacks"]))]
    )


def expectations(vector: Any) -> List[Place]:
    """Where a vector says what must come out."""
    places: List[Place] = []
    for step in vector.get("steps", []):
        places += members(step, ["status", "result"] + ["lo"] * (step["call"] == "stackalloc"))
        places += inside_state(step["state"]) if "state" in step else []
    if vector["kind"] != "move":
        return places
    after = vector["after"]
    places += members(vector, ["status"]) + inside_state(vector["state"])
    places += members(vector.get("fault", {}), ["frame", "sp", "pc"])
    places += members(after, ["lo", "bytes", "sp", "pc", "bp", "ctxt"])
    places += [(after["words"], n) for n in range(len(after["words"]))]
    outside = after.get("outside", {"defers": [], "sudogs": []})
    places += members(outside, ["first_defer", "panic", "stktopsp"])
    return places + [
        (record, word) for record in outside["defers"] + outside["sudogs"] for word in record
    ]


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return hex(int(value, 16) ^ 1) if value.startswith("0x") else ANOTHER.get(value, "OK")


def spoilt(vector: Any, draw: random.Random) -> Any:
    wrong = copy.deepcopy(vector)
    holder, key = draw.choice(expectations(wrong))
    holder[key] = other(holder[key])
    return wrong


def unnoticed(checker: str, folder: str, name: str) -> Tuple[int, List[str]]:
    """The number of vectors of a file, and the spoilt ones that the core passes."""
    with open(name, encoding="utf-8") as file:
        whole = json.load(file)
    draw = random.Random(name.rsplit("/", 1)[-1])
    wrong = [spoilt(vector, draw) for vector in whole["vectors"]]
    path = os.path.join(folder, "spoilt.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**whole, "vectors": wrong}, file, separators=(",", ":"))
    done = run(checker, path)
    seen = {line.split(", step ")[0] for line in done.stdout.splitlines()}
    missed = [vector["name"] for vector in whole["vectors"] if vector["name"] not in seen]
    return len(wrong), [
        "%s: spoilt, and not noticed (status %d)" % (one, done.returncode) for one in missed
    ]


def main() -> int:
    checker, names = sys.argv[1], sys.argv[2:]
    folder = os.environ["TEST_TMPDIR"]
    failures = generated(folder, names)
    done = run(checker, *names)
    if done.returncode:
        failures.append("the core does not pass the vectors:\n" + done.stdout[-3000:])
    count = 0
    for name in names:
        more, missed = unnoticed(checker, folder, name)
        count += more
        failures += missed
    if count < LEAST:
        failures.append("only %d vectors" % count)
    print(
        "\n".join(
            failures[:20]
            or ["the core passes %d vectors, and none of them once it is spoilt" % count]
        )
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
