"""page_heap.py: vectors of the arena in blocks: the mark, the smallest block that fits, joining."""
from __future__ import annotations

import itertools
import random
from typing import List

from spec.vectors.areas.script import Script
from spec.vectors.areas.vectors import Vector, vector
from spec.vectors.model.heap import BASE, BLOCK_ORDERS, MOST_CHUNKS, NO_P, Heap
from spec.vectors.model.sizes import CHUNK, END_OF_NUMBERS, FIXED

END_OF_ADDRESSES = 1 << 48
LARGEST_NUMBER = END_OF_NUMBERS - 1


def block(order: int) -> int:
    return CHUNK << order


def mark_of(chunks: int) -> Vector:
    """HEAP-6: by which blocks the mark rises, until the arena is full."""
    script = Script("mark-%d" % chunks, "HEAP-1 HEAP-2 HEAP-4 HEAP-6 GO-8", chunks)
    order = min(chunks, 1 << (BLOCK_ORDERS - 1)).bit_length() - 1
    for less in range(order, max(order - 6, -1), -1):
        script.alloc(block(less))
    script.alloc(block(0))
    return script.vector()


def exact_fit(order: int) -> Vector:
    """HEAP-2, ALLOC-8: an arena of just one block."""
    script = Script("one-block-of-order-%d" % order, "HEAP-2 ALLOC-8 SIZE-4", 1 << order)
    lo = script.alloc(block(order))
    script.alloc(FIXED, NO_P)
    script.free(lo, block(order))
    script.alloc(FIXED, NO_P)
    script.alloc(block(order))
    return script.vector()


def one_chunk_short(order: int) -> Vector:
    script = Script("one-chunk-short-of-order-%d" % order, "HEAP-2 ALLOC-8", (1 << order) - 1)
    script.alloc(block(order))
    script.alloc(block(order - 1))
    script.alloc(block(order))
    return script.vector()


def best_fit(number: int) -> Vector:
    """HEAP-8: free blocks of several orders, and a request that most of them could serve."""
    draw = random.Random(100 + number)
    orders = [0, 1, 2, 3, 4][number % 2 :]
    draw.shuffle(orders)
    script = Script("best-fit-%d" % number, "HEAP-8 HEAP-2 HEAP-7 SPAN-1", 128, states_every=3)
    holes = []
    for order in orders:
        holes.append((script.alloc(block(order)), block(order)))
        script.alloc(block(order))
    for hole in draw.sample(holes, len(holes) - number % 3):
        script.free(*hole)
    for order in draw.sample(range(4), 3):
        script.alloc(block(order))
    return script.vector()


def joined(number: int) -> Vector:
    """HEAP-3, HEAP-5: eight chunks, freed in some order, are one block again."""
    script = Script("joined-%d" % number, "HEAP-3 HEAP-5 HEAP-4", 8, states_every=2)
    for _ in range(8):
        script.alloc(block(0))
    orders = list(
        itertools.islice(itertools.permutations(range(8)), number * 1801 + 7, None, 40320)
    )
    for place in orders[0]:
        script.free(*script.held[place])
    script.alloc(block(3))
    return script.vector()


def kept_apart(held: int) -> Vector:
    """HEAP-5: neighbours that are no buddies, and buddies one of which is in use, stay apart."""
    script = Script("kept-apart-%d" % held, "HEAP-3 HEAP-5", 8, states_every=2)
    for _ in range(8):
        script.alloc(block(0))
    for place in range(8):
        if place != held:
            script.free(*script.held[place])
    script.alloc(block(3))
    script.alloc(block(2))
    return script.vector()


def different_orders(order: int) -> Vector:
    """HEAP-3: a free buddy that was cut is not joined as a whole."""
    script = Script("buddy-was-cut-%d" % order, "HEAP-3 HEAP-5 HEAP-8", 4 << order)
    whole = script.alloc(block(order))
    small = script.alloc(block(order - 1))
    script.alloc(block(order - 1))
    script.free(whole, block(order))
    script.free(small, block(order - 1))
    script.alloc(block(order - 1))
    script.alloc(block(order))
    return script.vector()


def drawn(number: int) -> Vector:
    draw = random.Random(200 + number)
    script = Script(
        "blocks-drawn-%d" % number,
        "HEAP-2 HEAP-3 HEAP-6 HEAP-7 HEAP-8",
        draw.choice([9, 31, 64, 100, 5000]),
        states_every=4,
    )
    for _ in range(24):
        if script.held and draw.randrange(5) < 2:
            script.free_held(draw.randrange(len(script.held)))
        else:
            script.alloc(block(draw.randrange(5)))
    return script.vector()


def arena_status(base: int, size: int) -> str:
    """ALLOC-1."""
    if size % CHUNK or not 1 <= size // CHUNK <= MOST_CHUNKS:
        return "BAD_SIZE"
    return "BAD_ADDRESS" if base % CHUNK or base + size > END_OF_ADDRESSES else "OK"


def arena(name: str, base: int, size: int) -> Vector:
    """Refused or not; a good arena, tried afterwards unless this one was, gives its first stacks."""
    status = arena_status(base, size)
    steps = [{"call": "stackinit", "base": base, "bytes": size, "status": status}]
    if status != "OK":
        base, size = BASE, 4 * CHUNK
        steps.append({"call": "stackinit", "base": base, "bytes": size, "status": "OK"})
    heap = Heap(size // CHUNK, base)
    for wanted in (FIXED, CHUNK):
        found, lo = heap.stackalloc(NO_P, wanted)
        steps.append({"call": "stackalloc", "p": NO_P, "bytes": wanted, "status": found, "lo": lo})
    return vector("heap", "arena-" + name, "ALLOC-1 SIZE-3", steps=steps)


def arenas() -> List[Vector]:
    most = MOST_CHUNKS * CHUNK
    cases = {
        "of-nothing": (BASE, 0),
        "of-a-byte": (BASE, 1),
        "of-a-chunk": (BASE, CHUNK),
        "of-a-chunk-less-one": (BASE, CHUNK - 1),
        "of-a-chunk-and-one": (BASE, CHUNK + 1),
        "of-two-chunks": (BASE, 2 * CHUNK),
        "largest": (BASE, most),
        "too-large": (BASE, most + CHUNK),
        "of-4-GiB": (BASE, 1 << 32),
        "of-4-GiB-and-one": (BASE, (1 << 32) + 1),
        "of-all-numbers": (BASE, LARGEST_NUMBER),
        "size-wraps": (BASE, END_OF_NUMBERS - CHUNK),
        "at-an-odd-place": (BASE + 1, CHUNK),
        "at-half-a-chunk": (BASE + CHUNK // 2, CHUNK),
        "at-the-next-chunk": (BASE + CHUNK, CHUNK),
        "at-0": (0, CHUNK),
        "at-the-end": (END_OF_ADDRESSES - CHUNK, CHUNK),
        "over-the-end": (END_OF_ADDRESSES - CHUNK, 2 * CHUNK),
        "beyond-the-end": (END_OF_ADDRESSES, CHUNK),
        "end-wraps": (END_OF_NUMBERS - CHUNK, CHUNK),
        "at-4-GiB": (1 << 32, 4 * CHUNK),
    }
    return [arena(name, *case) for name, case in cases.items()]


def made() -> List[Vector]:
    marks = [
        1,
        2,
        3,
        5,
        6,
        7,
        8,
        11,
        16,
        31,
        32,
        33,
        127,
        16383,
        16384,
        16385,
        32768,
        MOST_CHUNKS - 1,
        MOST_CHUNKS,
    ]
    vectors = arenas() + [mark_of(chunks) for chunks in marks]
    vectors += [exact_fit(order) for order in range(BLOCK_ORDERS)]
    vectors += [one_chunk_short(order) for order in range(1, BLOCK_ORDERS)]
    vectors += [best_fit(number) for number in range(16)]
    vectors += [joined(number) for number in range(10)] + [kept_apart(held) for held in range(8)]
    vectors += [different_orders(order) for order in range(1, 6)]
    return vectors + [drawn(number) for number in range(12)]
