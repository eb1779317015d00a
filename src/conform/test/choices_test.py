#!/usr/bin/env python3
"""choices_test.py: cores that are sound and choose wrongly; the exact replay of contig's own traces must name the rule.

A requirement that says which stack or when is in no contract, so that such a core is proved.  Each is put into a copy
of the sources, and scripts_test must call a deviation from the requirement; without one its scripts must conform.

Called by Bazel in the folder of the tree, with the sources as data."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
from typing import List, NamedTuple


class Choice(NamedTuple):
    what: str
    requirement: str
    file: str
    text: str  # must be there once
    instead: str


CHOICES = [
    Choice(
        "the pool gives from the span that came first",
        "POOL-2",
        "src/core/heap/stackpool.c",
        "chunk = chunk_set_last(STACKPOOL(order));",
        "chunk = set_member[STACKPOOL(order)].at[0];",
    ),
    Choice(
        "a new span although the pool has one",
        "SPAN-2",
        "src/core/heap/stackpool.c",
        "if (set_size[STACKPOOL(order)] == 0) {",
        "if (set_size[STACKPOOL(order)] < 2) {",
    ),
    Choice(
        "a cache is released before it is full",
        "CACHE-4",
        "src/core/heap/stackalloc.c",
        "if (stackcache[p].count[order] == span_capacity_of(order))",
        "if (stackcache[p].count[order] == span_capacity_of(order) - 1)",
    ),
    Choice(
        "a release leaves a quarter",
        "POOL-4",
        "src/core/heap/stackcache.c",
        "release_down_to(p, order, span_capacity_of(order) / 2);",
        "release_down_to(p, order, span_capacity_of(order) / 4);",
    ),
    Choice(
        "a refill stops one stack early",
        "CACHE-3",
        "src/core/heap/stackcache.c",
        "uint32_t half = span_capacity_of(order) / 2;",
        "uint32_t half = span_capacity_of(order) / 2 - 1;",
    ),
    Choice(
        "the large stack queued first is taken first",
        "LARGE-2",
        "src/core/heap/stack_large.c",
        "chunk = chunk_set_last(QUEUED_STACKS(order));",
        "chunk = set_member[QUEUED_STACKS(order)].at[0];",
    ),
]
FOLDERS = [
    "src/command",
    "src/core/heap",
    "src/core/move",
    "src/runtime",
    "src/frames",
    "src/harness",
    "src/script",
    "src/conform",
    "src/conform/moves",
]


def sources() -> List[str]:
    found = [
        path
        for folder in FOLDERS
        for path in glob.glob(folder + "/*.c") + glob.glob(folder + "/arch/x86_64/*.S")
    ]
    return sorted(found) + ["src/conform/test/scripts_test.c"]


def compiled(path: str, work: str, name: str) -> str:
    output = os.path.join(work, name.replace("/", "_") + ".o")
    subprocess.run(["gcc", "-std=c11", "-O1", "-w", "-I.", "-c", path, "-o", output], check=True)
    return output


def replayed(objects: List[str], work: str) -> str:
    """What scripts_test prints."""
    program = os.path.join(work, "scripts_test")
    subprocess.run(["gcc", *objects, "-lz", "-o", program], check=True)
    scripts = (
        sorted(glob.glob("fuzz/scripts/*"))
        + sorted(glob.glob("fuzz/corpus/script_fuzz/*"), key=os.path.getsize)[-60:]
    )
    done = subprocess.run(
        [program, "--random", "20", *scripts],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.stdout if done.returncode else ""


def wrong_core(choice: Choice, work: str) -> str:
    with open(choice.file, encoding="utf-8") as file:
        text = file.read()
    if text.count(choice.text) != 1:
        sys.exit(
            "choices_test: %s no longer holds the line to be changed: %s"
            % (choice.file, choice.text)
        )
    path = os.path.join(work, "changed.c")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace(choice.text, choice.instead))
    return compiled(path, work, "changed")


def main() -> int:
    work = tempfile.mkdtemp(prefix="contig-choices-")
    failures = 0
    objects = {path: compiled(path, work, path) for path in sources()}
    said = replayed(list(objects.values()), work)
    print("%s: nothing is wrong: %s" % ("FAILED" if said else "ok", said[:300]))
    failures += said != ""
    for choice in CHOICES:
        said = replayed(
            [
                wrong_core(choice, work) if path == choice.file else made
                for path, made in objects.items()
            ],
            work,
        )
        seen = " %s: expected" % choice.requirement in said
        found = next(
            (line for line in said.splitlines() if choice.requirement in line),
            said[:300] or "it conforms",
        )
        print("%s: %s: %s" % ("ok" if seen else "FAILED", choice.what, found))
        failures += not seen
    shutil.rmtree(work)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
