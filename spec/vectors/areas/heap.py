"""heap.py: vectors of spans, pools, caches and large stacks, with every call that is refused."""
from __future__ import annotations

import random
from typing import List

from spec.vectors.areas.script import Script
from spec.vectors.areas.vectors import Vector
from spec.vectors.model.heap import BASE, MOST_P, NO_P
from spec.vectors.model.sizes import CHUNK, END_OF_NUMBERS, FIXED, LARGEST, ORDERS, sizes

POOLED = sizes()[:ORDERS]
# One byte off a size, no power of two, too small, too large, and sizes that 32 bits would take for another.
NO_SIZES = [
    0,
    1,
    8,
    1024,
    FIXED - 1,
    FIXED + 1,
    3000,
    4095,
    4097,
    6144,
    16383,
    16385,
    24576,
    CHUNK - 1,
    CHUNK + 1,
    65535,
    65537,
    98304,
    LARGEST - 1,
    LARGEST + 1,
    1 << 30,
    1_000_000_000,
    (1 << 32) - 1,
    1 << 32,
    (1 << 32) + FIXED,
    (1 << 32) + CHUNK,
    1 << 63,
    END_OF_NUMBERS - FIXED,
    END_OF_NUMBERS - 1,
]


def each_size(size: int) -> Vector:
    """Allocated, freed and allocated again, by two caches and by none."""
    script = Script(
        "size-%d" % size,
        "SIZE-1 SIZE-2 SIZE-4 SIZE-5 ALLOC-2 ALLOC-5 COUNT-1 COUNT-2",
        max(8, 4 * size // CHUNK),
    )
    lo = script.alloc(size, 0)
    script.live(lo, size)
    script.free(lo, size, 0)
    script.live(lo, size)
    script.alloc(size, 1)
    script.alloc(size)
    return script.vector()


def refused_size(size: int) -> Vector:
    script = Script(
        "no-size-%#x" % size,
        "SIZE-1 ALLOC-3 ALLOC-5 COUNT-2 ERR-1" + " GO-2" * (size == 0),
        4,
        states_every=3,
    )
    small, large = script.alloc(FIXED, 0), script.alloc(CHUNK, 0)
    script.alloc(size, 0)
    script.alloc(size)
    script.free(small, size, 0)
    script.free(large, size)
    script.live(small, size)
    script.free(small, FIXED, 0)
    return script.vector()


def refused_frees() -> List[Vector]:
    """ALLOC-3: no live stack of that size begins there."""
    vectors = []
    for size in sizes()[:7]:
        script = Script(
            "wrong-frees-%d" % size,
            "ALLOC-3 ALLOC-5 ALLOC-6 COUNT-2 ERR-1 GO-6 GO-11",
            32,
            states_every=4,
        )
        lo = script.alloc(size, 0)
        script.alloc(size)
        for place in (
            lo + 1,
            lo + 8,
            lo - 8,
            lo + size // 2,
            lo + size,
            lo - size,
            0,
            8,
            BASE - size,
            BASE + 32 * CHUNK,
            lo + (1 << 32),
            END_OF_NUMBERS - size,
        ):
            if (place, size) not in script.held:
                script.free(place, size, 0)
        for other in (size // 2, size * 2):
            script.free(lo, other)
            script.live(lo, other)
        script.free(lo, size, 0)
        script.free(lo, size, 0)
        script.free(lo, size)
        vectors.append(script.vector())
    return vectors


def boundary(size: int) -> Vector:
    """CACHE-1..CACHE-4: from empty to full and over both boundaries."""
    script = Script(
        "cache-boundaries-%d" % size,
        "CACHE-1 CACHE-2 CACHE-3 CACHE-4 SPAN-2 SPAN-3",
        8,
        states_every=3,
    )
    for _ in range(CHUNK // size + 2):
        script.alloc(size, 0)
    while script.held:
        script.free_held(p=1)
    script.alloc(size, 1)
    return script.vector()


def full_cache(size: int) -> Vector:
    """CACHE-2, CACHE-4: the free that finds the cache full, the one before, and the one after."""
    script = Script("cache-full-%d" % size, "CACHE-2 CACHE-4", 16, states_every=50)
    for _ in range(CHUNK // size + 2):
        script.alloc(size)
    for _ in range(CHUNK // size - 1):
        script.free_held(0, p=2)
    script.states_every = 1
    while script.held:
        script.free_held(0, p=2)
    return script.vector()


def short_refill(size: int, spare: int) -> Vector:
    """CACHE-3, ALLOC-8: less is left than a refill takes."""
    script = Script("short-refill-%d-%d" % (size, spare), "CACHE-3 ALLOC-8", 1, states_every=50)
    for _ in range(CHUNK // size - spare):
        script.alloc(size)
    script.states_every = 1
    for _ in range(spare + 1):
        script.alloc(size, 3)
    script.alloc(size)
    return script.vector()


def last_in_first_out(size: int) -> Vector:
    """SPAN-3, SPAN-7, CACHE-1: which free stack is next."""
    script = Script("order-of-stacks-%d" % size, "SPAN-3 SPAN-7 POOL-1 CACHE-1", 4)
    a, b = script.alloc(size), script.alloc(size)
    script.alloc(size)
    script.free(b, size)
    script.free(a, size)
    script.alloc(size)
    script.alloc(size)
    script.free(b, size, 1)
    script.free(a, size, 1)
    script.alloc(size, 1)
    return script.vector()


def pool_order(size: int) -> Vector:
    """POOL-2, POOL-5: a span that gets a free stack again is put first."""
    script = Script("order-of-spans-%d" % size, "POOL-1 POOL-2 POOL-5 SPAN-2", 8, states_every=4)
    slots = CHUNK // size
    for _ in range(3 * slots):
        script.alloc(size)
    for span in (1, 0, 2):
        script.free(*script.held[span * slots])
    for _ in range(4):
        script.alloc(size)
    return script.vector()


def idle_span(size: int, collecting: bool) -> Vector:
    """SPAN-4, SPAN-5: when a span with all its stacks free goes back."""
    script = Script(
        "idle-span-%d-%s" % (size, "collecting" if collecting else "idle"),
        "SPAN-4 SPAN-5 ALLOC-4 POOL-3 POOL-6",
        4,
        states_every=2,
    )
    script.alloc(size)
    script.alloc(size)
    script.collect(collecting)
    script.free_held()
    script.free_held()
    script.collect(False)
    script.sweep()
    script.alloc(CHUNK)
    script.alloc(size)
    return script.vector()


def swept(number: int) -> Vector:
    """SPAN-5, ALLOC-4: some spans are wholly free, some are not; caches keep theirs out."""
    draw = random.Random(300 + number)
    script = Script("swept-%d" % number, "SPAN-5 ALLOC-4 ALLOC-6 LARGE-5", 32, states_every=6)
    script.collect(True)
    for _ in range(20):
        script.alloc(draw.choice(POOLED[1:] + [CHUNK]), draw.choice([NO_P, 0]))
    for _ in range(14):
        script.free_held(draw.randrange(len(script.held)), p=draw.choice([NO_P, NO_P, 0]))
    script.collect(False)
    script.states_every = 1
    script.sweep()
    script.clear(0)
    script.alloc(CHUNK)
    return script.vector()


def exhausted(size: int, chunks: int) -> Vector:
    """ALLOC-8: memory runs out, and comes back."""
    script = Script(
        "exhausted-%d-%d" % (size, chunks),
        "ALLOC-2 ALLOC-8 COUNT-1 COUNT-2",
        chunks,
        states_every=8,
    )
    while script.alloc(size):
        pass
    script.alloc(size, 0)
    if script.held:
        script.free_held(0)
    script.states_every = 1
    script.alloc(size, 0)
    script.alloc(size, 0)
    return script.vector()


def queue(size: int, times: int) -> Vector:
    """LARGE-1..LARGE-5: what is freed while a collection runs waits, and only a request of its size gets it."""
    script = Script(
        "queue-%d-%d" % (size, times),
        "LARGE-1 LARGE-2 LARGE-3 LARGE-4 LARGE-5 GO-7",
        24 * size // CHUNK,
        states_every=2,
    )
    for _ in range(times):
        script.alloc(size)
    script.collect(True)
    for _ in range(times):
        script.free_held(0, p=0)
    script.alloc(size // 2)
    script.alloc(size * 2)
    script.alloc(size)
    script.collect(False)
    script.alloc(size)
    script.free_held()
    script.sweep()
    script.alloc(size)
    return script.vector()


def cleared(p: int) -> Vector:
    """CACHE-5, CACHE-7: all orders of one P, and nothing of another."""
    script = Script("cleared-%d" % p, "CACHE-5 CACHE-7 SPAN-6 ALLOC-6", 16)
    for size in POOLED:
        script.alloc(size, p)
        script.alloc(size, (p + 1) % MOST_P)
    while script.held:
        script.free_held(p=p)
    script.clear(p)
    script.clear(p)
    script.alloc(FIXED, p)
    return script.vector()


def drawn(number: int) -> Vector:
    draw = random.Random(400 + number)
    script = Script(
        "heap-drawn-%d" % number,
        "ALLOC-2 ALLOC-3 ALLOC-4 ALLOC-6 COUNT-2",
        2 + draw.randrange(9),
        states_every=4,
    )
    running = False
    for _ in range(8 + draw.randrange(16)):
        kind, p = draw.randrange(10), draw.randrange(-1, MOST_P)
        if kind == 0:
            script.clear(max(p, 0))
        elif kind == 1:
            running = not running
            script.collect(running)
            if not running:
                script.sweep()
        elif kind < 5 and script.held:
            script.free_held(draw.randrange(len(script.held)), p=p)
        elif kind < 5:
            script.free(BASE + draw.randrange(64) * FIXED, FIXED, p)
        else:
            script.alloc(draw.choice(sizes()[:7] + [draw.randrange(100_000)]), p)
    return script.vector()


def made() -> List[Vector]:
    vectors = (
        [each_size(size) for size in sizes()]
        + [refused_size(size) for size in NO_SIZES]
        + refused_frees()
    )
    for size in POOLED:
        vectors += [
            boundary(size),
            full_cache(size),
            last_in_first_out(size),
            pool_order(size),
            idle_span(size, False),
            idle_span(size, True),
        ]
        vectors += [
            short_refill(size, spare)
            for spare in sorted({0, 1, CHUNK // size // 2, CHUNK // size // 2 + 1})
        ]
    vectors += [exhausted(size, chunks) for size in sizes()[:7] for chunks in (1, 3)]
    vectors += [queue(CHUNK << order, times) for order in (0, 1, 4) for times in (1, 3)]
    vectors += [swept(number) for number in range(6)] + [cleared(p) for p in range(MOST_P)]
    return vectors + [drawn(number) for number in range(40)]
