"""numbers.py: vectors of the rules that are arithmetic: growth, shrinking, the starting size, and who asks for what."""
from __future__ import annotations

import random
from typing import List

from spec.vectors.areas.vectors import Step, Vector, vector
from spec.vectors.model import sizes
from spec.vectors.model.sizes import END_OF_NUMBERS, FIXED, GUARD, LARGEST, NOSPLIT

MAXIMUM = 1_000_000_000
LARGEST_NUMBER = END_OF_NUMBERS - 1


def grown(old: int, used: int, frame: int, maximum: int = MAXIMUM) -> Step:
    return {
        "call": "newstack_size",
        "old": old,
        "used": used,
        "frame": frame,
        "maximum": maximum,
        "result": sizes.newstack_size(old, used, frame, maximum),
    }


def shrunk(old: int, used: int) -> Step:
    return {
        "call": "shrinkstack_size",
        "old": old,
        "used": used,
        "result": sizes.shrinkstack_size(old, used),
    }


def starting(scanned: int, stacks: int, maximum: int = MAXIMUM) -> Step:
    return {
        "call": "starting_stack_size",
        "scanned": scanned,
        "stacks": stacks,
        "maximum": maximum,
        "result": sizes.starting_stack_size(scanned, stacks, maximum),
    }


def around(value: int) -> List[int]:
    return [value - 1, value, value + 1]


def numbers(name: str, requirements: str, steps: List[Step]) -> Vector:
    return vector("numbers", name, requirements, steps=steps)


def growth_of(old: int) -> List[Vector]:
    """One doubling that fits exactly, several, and a limit at exactly the size that is needed."""
    room = 2 * old - GUARD
    frames = [frame for frame in around(room - old) if frame >= 0]
    several = [4 * old - GUARD, 8 * old - GUARD, 64 * old - GUARD]
    return [
        numbers(
            "growth-%d-fits" % old,
            "GROW-2",
            [grown(old, old, frame) for frame in frames]
            + [grown(old, used, room - old) for used in (old - 8, old - 16, old - 24)],
        ),
        numbers(
            "growth-%d-several-doublings" % old,
            "GROW-2",
            [grown(old, 200, frame - 200 + more) for frame in several for more in (0, 1)],
        ),
        numbers(
            "growth-%d-limit" % old,
            "GROW-3",
            [grown(old, old // 2, 24, limit) for limit in around(2 * old) + [old, 0, 1]]
            + [grown(old, old, 2 * old, limit) for limit in around(4 * old)],
        ),
    ]


def growth_of_large_frames() -> List[Vector]:
    """GROW-9: sums that do not fit into 64 bits, or into 32."""
    frames = [(1 << bits) + more for bits in (29, 31, 32, 33, 40, 63) for more in (-1, 0, 1)]
    limits = (MAXIMUM, LARGEST_NUMBER)
    vectors = [
        numbers(
            "growth-frame-%#x" % frame,
            "GROW-9 GROW-3",
            [grown(old, old, frame, limit) for old in (FIXED, 32768) for limit in limits],
        )
        for frame in frames
    ]
    wraps = [
        END_OF_NUMBERS - used - GUARD + more for used in (8, 2048, 32768) for more in (-1, 0, 1)
    ]
    return vectors + [
        numbers(
            "growth-sum-wraps-%#x" % frame,
            "GROW-9",
            [grown(2048, used, frame, LARGEST_NUMBER) for used in (8, 2048)]
            + [grown(32768, 32768, frame, LARGEST_NUMBER)],
        )
        for frame in wraps
    ]


def growth_to_large_limits() -> List[Vector]:
    """GROW-3: limits at and beyond the largest stack."""
    limits = [LARGEST - 1, LARGEST, LARGEST + 1, MAXIMUM]
    limits += [(1 << 32) - 1, 1 << 32, (1 << 32) + 4096, 1 << 63, LARGEST_NUMBER]
    return [
        numbers(
            "growth-maximum-%#x" % limit,
            "GROW-3 SIZE-5 GO-16",
            [
                grown(LARGEST // 2, LARGEST // 2, 4096, limit),
                grown(LARGEST, 4096, 8, limit),
                grown(FIXED, FIXED, LARGEST - FIXED - GUARD, limit),
                grown(FIXED, FIXED, LARGEST - FIXED - GUARD + 1, limit),
            ],
        )
        for limit in limits
    ]


def shrink_of(old: int) -> List[Vector]:
    """The quarter, the half, and what is between the two."""
    quarter, half = old // 4 - NOSPLIT, old // 2 - GUARD
    near = [used for limit in (quarter, half) for used in around(limit) if 0 <= used <= old]
    vectors = [
        numbers(
            "shrink-%d-nothing-used" % old,
            "SHRINK-1",
            [shrunk(old, 0), shrunk(old, 8), shrunk(old, old)],
        )
    ]
    if near:
        vectors.append(
            numbers(
                "shrink-%d-boundaries" % old,
                "SHRINK-1 SHRINK-2 SHRINK-7 GO-17",
                [shrunk(old, used) for used in near],
            )
        )
    return vectors


def starting_sizes() -> List[Vector]:
    """GC-6: the size for an average, and its limits."""
    vectors = []
    for size in sizes.sizes()[:12]:
        near = [(average * 7 + rest, 7) for average in around(size - GUARD) for rest in (0, 6)]
        steps = [starting(scanned, stacks) for scanned, stacks in near]
        vectors.append(numbers("starting-size-%d" % size, "GC-6", steps))
    limits = [0, 1, FIXED - 1, FIXED, FIXED + 1, 8191, 8192, 8193]
    limits += [LARGEST - 1, LARGEST, 1 << 32, LARGEST_NUMBER]
    return vectors + [
        numbers(
            "starting-size-limit-%#x" % limit,
            "GC-6 GO-4",
            [starting(average, 1, limit) for average in (0, 100_000, LARGEST, LARGEST_NUMBER)],
        )
        for limit in limits
    ]


def starting_sizes_at_ends() -> List[Vector]:
    """GC-6: nothing was scanned, or more than fits."""
    large = [
        starting(scanned, stacks)
        for scanned in (1 << 32, LARGEST_NUMBER)
        for stacks in (1, 1 << 20, 1 << 32, LARGEST_NUMBER)
    ]
    nothing = [(0, 0), (1 << 40, 0), (0, 1), (0, LARGEST_NUMBER)]
    return [
        numbers(
            "starting-size-of-nothing",
            "GC-6",
            [starting(scanned, stacks) for scanned, stacks in nothing],
        ),
        numbers("starting-size-of-large-sums", "GC-6 GO-3", large),
    ]


def requests() -> List[Vector]:
    """GROW-5: what a guard asks for."""
    guards = {
        "preempt": sizes.PREEMPT,
        "move": sizes.FORCE_MOVE,
        "zero": 0,
        "address": 0x7000000003A0,
        "below-preempt": sizes.PREEMPT - 1,
        "above-preempt": sizes.PREEMPT + 1,
        "below-move": sizes.FORCE_MOVE - 1,
        "last": LARGEST_NUMBER,
        "low-half": sizes.PREEMPT & 0xFFFFFFFF,
    }
    return [
        numbers(
            "guard-%s" % name,
            "GROW-5",
            [
                {
                    "call": "newstack_step",
                    "guard": guard,
                    "asked": asked,
                    "result": sizes.newstack_step(guard, asked == 1),
                }
                for asked in (0, 1)
            ],
        )
        for name, guard in guards.items()
    ]


def shrink_step(off: int, places: int, size: int, used: int) -> Step:
    """`places`: one bit each for a system call, an asynchronous safe point, parking on a channel."""
    return {
        "call": "shrink_step",
        "off": off,
        "in_system_call": places & 1,
        "async_safe_point": places >> 1 & 1,
        "parking_on_channel": places >> 2,
        "size": size,
        "used": used,
        "result": sizes.shrink_step(off == 1, places != 0, size, used),
    }


def shrink_steps() -> List[Vector]:
    """SHRINK-3, SHRINK-6."""
    cases = [
        (FIXED, 8),
        (4096, 223),
        (4096, 224),
        (32768, 100),
        (32768, 7392),
        (LARGEST, 8),
        (4096, 4097),
        (4096, LARGEST_NUMBER),
    ]
    return [
        numbers(
            "shrink-step-off-%d-places-%d" % (off, places),
            "SHRINK-3" + " SHRINK-6" * (places > 0),
            [shrink_step(off, places, size, used) for size, used in cases],
        )
        for off in (0, 1)
        for places in range(8)
    ]


def returns(old: int) -> Vector:
    """GROW-8: in the call that made a stack grow, and in the same call again, the new stack is kept as it is."""
    steps = []
    for frame in (old // 2, old, 3 * old):
        step = grown(old, old, frame)
        new, used = step["result"], old + frame
        steps += [step, shrunk(new, used), shrunk(new, old)]
    return numbers("growth-%d-and-return" % old, "GROW-8 GROW-2 SHRINK-2", steps)


def drawn() -> List[Vector]:
    draw = random.Random(1)
    vectors = []
    for number in range(20):
        old = FIXED << draw.randrange(19)
        used = draw.randrange(old + 1)
        frames = [draw.randrange(1 << draw.randrange(1, 64)) for _ in range(4)]
        vectors.append(
            numbers(
                "drawn-%d" % number,
                "GROW-2 GROW-3 GROW-9 SHRINK-1 SHRINK-2",
                [
                    grown(old, used, frame, draw.randrange(1 << draw.randrange(11, 64)))
                    for frame in frames
                ]
                + [shrunk(old, used), shrunk(old, used // 16)],
            )
        )
    return vectors


def made() -> List[Vector]:
    vectors = [one for old in sizes.sizes() for one in growth_of(old)]
    vectors += growth_of_large_frames() + growth_to_large_limits()
    vectors += [one for old in sizes.sizes() for one in shrink_of(old)]
    vectors += [returns(old) for old in sizes.sizes()[:8]]
    vectors += starting_sizes() + starting_sizes_at_ends()
    return vectors + requests() + shrink_steps() + drawn()
