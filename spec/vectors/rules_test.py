#!/usr/bin/env python3
"""rules_test.py FILE...: cores in which one rule is changed; a vector of that requirement must notice.

Each change is put into a copy of one source.  Of the vectors only those of its requirement are run.  Called by Bazel in
the folder of the tree, with the sources as data."""
from __future__ import annotations

import glob
import json
import os
import subprocess
import sys
from typing import Any, Dict, List, NamedTuple


class Rule(NamedTuple):
    requirement: str
    what: str
    file: str
    text: str  # must be there once
    instead: str


PAGE_HEAP, SPAN, POOL = (
    "src/core/heap/page_heap.c",
    "src/core/heap/span.c",
    "src/core/heap/stackpool.c",
)
CACHE, LARGE, ALLOC = (
    "src/core/heap/stackcache.c",
    "src/core/heap/stack_large.c",
    "src/core/heap/stackalloc.c",
)
INIT, GROWTH, OUTSIDE = (
    "src/core/heap/stackinit.c",
    "src/core/move/growth.c",
    "src/core/move/outside.c",
)
COPY, UNWIND, SITES = (
    "src/core/move/copystack.c",
    "src/core/move/unwind.c",
    "src/core/move/site_table.c",
)
RELOCATE, GROW = "src/core/move/relocate.h", "src/core/move/growstack.c"

RULES = [
    Rule(
        "HEAP-2",
        "a block is of the order that was found",
        PAGE_HEAP,
        "    carve(chunk, order);",
        "",
    ),
    Rule(
        "HEAP-3",
        "a freed block is not joined",
        PAGE_HEAP,
        "merge(lower, order) /*@ ghost (block) */;",
        "break;",
    ),
    Rule(
        "HEAP-6",
        "the mark rises by half a block",
        PAGE_HEAP,
        "uint32_t order = largest_order_within(arena_chunks - chunk);",
        "uint32_t order = largest_order_within(arena_chunks - chunk) / 2;",
    ),
    Rule(
        "HEAP-8",
        "a larger block is preferred",
        PAGE_HEAP,
        "uint32_t found = least_free_order(order);",
        "uint32_t found = least_free_order(order == 0 ? 1 : order);",
    ),
    Rule(
        "ALLOC-1",
        "an arena of half a chunk more",
        INIT,
        "if (bytes == 0 || bytes % CHUNK_BYTES != 0)",
        "if (bytes == 0)",
    ),
    Rule(
        "ALLOC-3",
        "a free at any address of the chunk",
        ALLOC,
        "(lo - arena_base) % CHUNK_BYTES != 0",
        "0",
    ),
    Rule(
        "SIZE-1",
        "a size is cut to 32 bits",
        ALLOC,
        "order = large_order(size_bytes);\n    if (order < NUM_BLOCK_ORDERS)\n        return alloc_large",
        "order = large_order((uint32_t)size_bytes);\n    if (order < NUM_BLOCK_ORDERS)\n        return alloc_large",
    ),
    Rule(
        "SPAN-3",
        "stacks of a span from the lowest up",
        SPAN,
        "slot_stack[chunk].at[index] = (uint8_t)index;",
        "slot_stack[chunk].at[index] = (uint8_t)(slots - 1 - index);",
    ),
    Rule(
        "SPAN-4",
        "a span goes back while a collection runs",
        POOL,
        " && !stack_gc_running)\n        span_drop(chunk);",
        ")\n        span_drop(chunk);",
    ),
    Rule("SPAN-5", "nothing is swept", POOL, "    while (rank > 0) {", "    while (rank > 99) {"),
    Rule(
        "POOL-2",
        "the span that came first gives",
        POOL,
        "chunk = chunk_set_last(STACKPOOL(order));",
        "chunk = set_member[STACKPOOL(order)].at[0];",
    ),
    Rule(
        "CACHE-3",
        "a refill stops one stack early",
        CACHE,
        "uint32_t half = span_capacity_of(order) / 2;",
        "uint32_t half = (span_capacity_of(order) + 1) / 4;",
    ),
    Rule(
        "CACHE-4",
        "a release leaves a quarter",
        CACHE,
        "release_down_to(p, order, span_capacity_of(order) / 2);",
        "release_down_to(p, order, span_capacity_of(order) / 4);",
    ),
    Rule(
        "CACHE-5",
        "a clear leaves the largest order",
        CACHE,
        "order < NUM_STACK_ORDERS; order++)\n        release_down_to(p, order, 0);",
        "order < NUM_STACK_ORDERS - 1; order++)\n        release_down_to(p, order, 0);",
    ),
    Rule(
        "LARGE-2",
        "the stack queued first is taken first",
        LARGE,
        "chunk = chunk_set_last(QUEUED_STACKS(order));",
        "chunk = set_member[QUEUED_STACKS(order)].at[0];",
    ),
    Rule(
        "LARGE-4",
        "nothing is queued",
        LARGE,
        "if (stack_gc_running)\n        queue_stack(chunk);\n    else\n        freemanual(chunk);",
        "freemanual(chunk);",
    ),
    Rule(
        "GROW-2",
        "a size that fits exactly is too small",
        GROWTH,
        "if (size >= wanted) {",
        "if (size > wanted) {",
    ),
    Rule(
        "GROW-3",
        "a size at the limit is too large",
        GROWTH,
        "while (size <= limit / 2) {",
        "while (size < limit / 2) {",
    ),
    Rule(
        "GROW-9",
        "the sum is made before the frame is compared",
        GROWTH,
        "if (frame > limit) {",
        "if (used + frame > limit) {",
    ),
    Rule(
        "GROW-5",
        "a preemption is an exchange",
        GROWTH,
        "return shrink_asked ? NEWSTACK_SHRINK : NEWSTACK_YIELD;",
        "return NEWSTACK_YIELD;",
    ),
    Rule(
        "SHRINK-1",
        "down to a quarter",
        GROWTH,
        "old_size / 2 >= FIXED_STACK_BYTES ? old_size / 2",
        "1 ? old_size / 4",
    ),
    Rule(
        "SHRINK-2",
        "a quarter is enough",
        GROWTH,
        "used + STACK_NOSPLIT_BYTES < old_size / 4",
        "used + STACK_NOSPLIT_BYTES <= old_size / 4",
    ),
    Rule(
        "SHRINK-6",
        "a goroutine that parks is shrunk",
        GROWTH,
        " || parking_on_channel)\n        return",
        ")\n        return",
    ),
    Rule(
        "GC-6",
        "the average needs no guard",
        GROWTH,
        "size - STACK_GUARD_BYTES < average",
        "size < average",
    ),
    Rule(
        "OUTSIDE-1",
        "the closure of a deferred call stays",
        OUTSIDE,
        "record->function = relocate(record->function, move);",
        "",
    ),
    Rule(
        "OUTSIDE-3",
        "the panic stays",
        OUTSIDE,
        "    outside->panic = relocate(outside->panic, move);",
        "",
    ),
    Rule(
        "OUTSIDE-4",
        "a slot may begin below the stack pointer",
        OUTSIDE,
        "if (is_stale(start, lo, sp) || ",
        "if (",
    ),
    Rule(
        "OUTSIDE-5",
        "a slot is judged by its end, as in Go",
        OUTSIDE,
        "return sp <= start && start < hi && waiting->size <= hi - start;",
        "return sp <= start + waiting->size && start + waiting->size < hi;",
    ),
    Rule(
        "COPY-3",
        "one past the end is relocated",
        RELOCATE,
        "(value < move.old_hi)",
        "(value <= move.old_hi)",
    ),
    Rule(
        "COPY-5",
        "the frame pointer stays",
        COPY,
        "    g->sched.bp = relocate(g->sched.bp, move);",
        "",
    ),
    Rule(
        "COPY-7",
        "objects are not marked",
        UNWIND,
        "mark_mask(marks, first - at.top, live | object)",
        "mark_mask(marks, first - at.top, live)",
    ),
    Rule(
        "COPY-8",
        "no word is stale",
        UNWIND,
        "if (lo <= value && value < sp)\n            return true;",
        "if (lo <= value && value < lo)\n            return true;",
    ),
    Rule(
        "COPY-9",
        "the old stack is not freed",
        COPY,
        "enum stack_status freed = stack_return(p, old_lo, old_size);",
        "enum stack_status freed = old_lo + old_size == 0 ? STACK_BAD_SIZE : STACK_OK;",
    ),
    Rule(
        "COPY-12",
        "the new stack need not hold what is used",
        COPY,
        "if (new_size_bytes < g->hi - g->sched.sp)\n        return STACK_BAD_SIZE;",
        "",
    ),
    Rule(
        "UNWIND-2",
        "a saved frame pointer may be its own place",
        UNWIND,
        "at.base + 8 * place < saved",
        "at.base + 8 * place <= saved",
    ),
    Rule(
        "UNWIND-3",
        "every frame is the innermost",
        UNWIND,
        "site_find_again(words[saved + 1], site)",
        "site_find_again(words[saved + 1], (here.frame--, site))",
    ),
    Rule(
        "SITE-1",
        "the saved frame pointer need not be marked",
        SITES,
        "return sites[site].bottom != 0 || bit_is_set(",
        "return 1 || bit_is_set(",
    ),
    Rule(
        "SITE-4",
        "the sites before a wrong one stay",
        SITES,
        "            sites_truncate(old_count);\n",
        "",
    ),
    Rule("GROW-2", "a forced move grows", GROW, " && !forced) {", ") {"),
]


def compiled(path: str, output: str, include: str = ".") -> str:
    subprocess.run(
        [
            "gcc",
            "-std=c11",
            "-O1",
            "-w",
            "-D_POSIX_C_SOURCE=200809L",
            "-I" + include,
            "-I.",
            "-c",
            path,
            "-o",
            output,
        ],
        check=True,
    )
    return output


def changed(rule: Rule, work: str) -> Dict[str, str]:
    """The sources that differ, with their objects: a header's own, and the one of the source that includes it."""
    with open(rule.file, encoding="utf-8") as file:
        text = file.read()
    if text.count(rule.text) != 1:
        sys.exit(
            "rules_test: %s does not hold the text to be changed once: %s" % (rule.file, rule.text)
        )
    copy = os.path.join(work, rule.file)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "w", encoding="utf-8") as out:
        out.write(text.replace(rule.text, rule.instead))
    sources = [rule.file] if rule.file.endswith(".c") else ["src/core/move/adjust.c", COPY, OUTSIDE]
    objects = {
        path: compiled(
            copy if path == rule.file else path, os.path.join(work, "changed-%d.o" % number), work
        )
        for number, path in enumerate(sources)
    }
    os.remove(copy)
    return objects


def says(objects: Dict[str, str], work: str, vectors: List[Any], head: Dict[str, Any]) -> List[str]:
    """The vectors that a core with these objects does not pass."""
    program, path = os.path.join(work, "checker"), os.path.join(work, "vectors.json")
    subprocess.run(["gcc", *objects.values(), "-o", program], check=True)
    with open(path, "w", encoding="utf-8") as out:
        json.dump({**head, "vectors": vectors}, out, separators=(",", ":"))
    try:
        done = subprocess.run(
            [program, path],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
    except subprocess.TimeoutExpired:
        return []
    return sorted(
        {line.split(", step ")[0] for line in done.stdout.splitlines() if ", step " in line}
    )


def main() -> int:
    work = os.environ["TEST_TMPDIR"]
    vectors: List[Any] = []
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            whole = json.load(file)
        vectors += whole.pop("vectors")
    sources = sorted(glob.glob("src/core/heap/*.c") + glob.glob("src/core/move/*.c")) + [
        "spec/vectors/%s.c" % part for part in ("checker", "reader", "state", "port_core")
    ]
    objects = {
        path: compiled(path, os.path.join(work, path.replace("/", "_") + ".o")) for path in sources
    }
    failures = 0
    for rule in RULES:
        mine = [vector for vector in vectors if rule.requirement in vector["requirements"]]
        seen = says({**objects, **changed(rule, work)}, work, mine, whole)
        print(
            "%s: %s: %s: %d of %d vectors, %s"
            % (
                "ok" if seen else "FAILED",
                rule.requirement,
                rule.what,
                len(seen),
                len(mine),
                " ".join(seen[:2]) or "not noticed",
            )
        )
        failures += not seen
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
