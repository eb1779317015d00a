"""move_sizes.py: vectors of moves to stacks of other sizes: copies, growth and shrinking."""
from __future__ import annotations

from typing import List

from spec.vectors.areas.stacks import (
    CALL,
    FIRST,
    LARGEST_NUMBER,
    call_site,
    copy_to,
    first_site,
    grow,
    move,
    stack_at,
    two_frames,
)
from spec.vectors.areas.vectors import Vector
from spec.vectors.model.sizes import CHUNK, GUARD, LARGEST, NOSPLIT, sizes


def new_sizes() -> List[Vector]:
    """COPY-1, COPY-12, SIZE-1: every size that memory has room for; sizes that are none; too small; too large."""
    none = [0, 1, 2048, 2439, 2440, 2441, 4095, 4097, 6144, LARGEST * 2]
    none += [1 << 32, (1 << 32) + 4096, LARGEST_NUMBER]
    sites = [first_site(300), call_site(CALL, 3, [0])]
    full = stack_at(4096, [0, 0, 0, 0, FIRST] + list(range(300)), CALL)
    full["words"][0] = full["sp"] + 800
    good = "COPY-1 COPY-2 COPY-9 ALLOC-2 COUNT-2"
    return [
        move("new-size-%d" % size, good, sites, full, copy_to(size)) for size in sizes()[1:9]
    ] + [
        move("new-size-%#x" % size, "COPY-12 SIZE-1 COPY-6 GO-5", sites, full, copy_to(size))
        for size in none
    ]


def room() -> List[Vector]:
    """COPY-1, COPY-12, ALLOC-8: whether what is in use fits, and whether memory has the new stack."""
    vectors = []
    for words, size in ((256, 2048), (257, 2048), (512, 4096), (513, 4096)):
        stack = stack_at(8192, [0] * words, FIRST)
        name = "uses-%d-bytes-of-%d" % (8 * words, size)
        vectors.append(move(name, "COPY-12 COPY-1", [first_site(words)], stack, copy_to(size)))
    for chunks, size in ((1, CHUNK), (1, 4096), (2, 2 * CHUNK), (3, 2 * CHUNK), (16, LARGEST)):
        stack = stack_at(16384, [5, 6], FIRST, chunks)
        vectors.append(
            move(
                "memory-of-%d-chunks-for-%d" % (chunks, size),
                "COPY-12 ALLOC-8 COPY-6",
                [first_site(2)],
                stack,
                copy_to(size),
                chunks,
            )
        )
    return vectors


def growth(name: str, requirements: str, size: int, *call: int) -> Vector:
    sites = [first_site(2), call_site(CALL, 3, [0])]
    return move("grow-" + name, requirements, sites, two_frames(size), grow(*call))


def growths() -> List[Vector]:
    """GROW-2, GROW-3, GROW-9, GROW-4."""
    used = 56
    vectors = [
        growth("%d-by-frame-%d" % (size, frame), "GROW-2 GROW-4", size, frame)
        for size in (2048, 16384, CHUNK)
        for room in (2 * size, 4 * size)
        for frame in (room - GUARD - used - 1, room - GUARD - used, room - GUARD - used + 1)
    ]
    vectors += [
        growth("limit-%d" % limit, "GROW-3", 2048, 24, limit)
        for limit in (0, 2048, 4095, 4096, 4097, 1 << 32)
    ]
    vectors += [
        growth("frame-%#x" % frame, "GROW-9 GROW-3", 4096, frame, LARGEST_NUMBER)
        for frame in (1 << 31, 1 << 32, (1 << 32) + 24, LARGEST_NUMBER - GUARD, LARGEST_NUMBER)
    ]
    vectors += [
        growth("forced-%d-limit-%d" % (size, limit), "GROW-2", size, LARGEST_NUMBER, limit, 1)
        for size in (2048, CHUNK)
        for limit in (0, 1_000_000_000)
    ]
    wrong = {**two_frames(), "bp": 8}
    vectors.append(
        move(
            "grow-with-wrong-registers",
            "GROW-4 COPY-5",
            [first_site(2), call_site(CALL, 3, [])],
            wrong,
            grow(24),
        )
    )
    return vectors


def shrinks() -> List[Vector]:
    """SHRINK-1, SHRINK-2, SHRINK-5, SHRINK-7."""

    def one(size: int, used: int) -> Vector:
        stack = stack_at(size, [0] * (used // 8), FIRST)
        if stack["words"]:
            stack["words"][0] = stack["sp"]
        live = [0] if used else []
        return move(
            "shrink-%d-using-%d" % (size, used),
            "SHRINK-1 SHRINK-2 SHRINK-5 SHRINK-7",
            [first_site(used // 8, live)],
            stack,
            {"call": "shrinkstack"},
        )

    vectors = [
        one(size, used)
        for size in (2048, 4096, 8192, CHUNK)
        for used in sorted(
            {0, 8, min(size, 8192) - 8, min(size, 8192)}
            | {size // 4 - NOSPLIT + more for more in (-16, -8, 0, 8) if size // 4 >= NOSPLIT + 16}
        )
    ]
    wrong = {**stack_at(8192, [0], FIRST), "ctxt": stack_at(8192, [0], FIRST)["lo"]}
    return vectors + [
        move(
            "shrink-with-stale-context",
            "COPY-5 SHRINK-5",
            [first_site(1)],
            wrong,
            {"call": "shrinkstack"},
        )
    ]


def made() -> List[Vector]:
    return new_sizes() + room() + growths() + shrinks()
