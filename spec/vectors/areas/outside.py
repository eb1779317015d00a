"""outside.py: vectors of what refers to a stack from outside: deferred calls, panics, slots of channel operations."""
from __future__ import annotations

import random
from typing import Any, List

from spec.vectors.areas.stacks import (
    CALL,
    addresses,
    call_site,
    copy_to,
    first_site,
    grow,
    move,
    two_frames,
)
from spec.vectors.areas.vectors import Step, Vector, vector
from spec.vectors.model import moves
from spec.vectors.model.moves import DEFER_WORDS, Record, high_end
from spec.vectors.model.sizes import END_OF_NUMBERS

SP, HI = 0xC000080500, 0xC000080800
SITES = [first_site(2), call_site(CALL, 3, [])]


def sudog(start: int, size: int, again: "int | None" = None) -> Record:
    """The second word of a slot is the first, or 0 if the collector is not to see it."""
    return {"vu": start, "vp": start if again is None else again, "size": size}


def defer(value: int = 0) -> Record:
    return {word: value for word in DEFER_WORDS}


def outside(stack: Record, **members: Any) -> Record:
    found: Record = {
        "first_defer": 0,
        "panic": 0,
        "stktopsp": high_end(stack),
        "defers": [],
        "sudogs": [],
    }
    found.update(members)
    return found


def sgsize(slots: List[Record], sp: int = SP, hi: int = HI) -> Step:
    return {
        "call": "sgsize",
        "sp": sp,
        "hi": hi,
        "sudogs": slots,
        "result": moves.sgsize(slots, sp, hi),
    }


def numbers(name: str, steps: List[Step], requirements: str = "OUTSIDE-5") -> Vector:
    return vector("numbers", name, requirements, steps=steps)


def slots_at_places() -> List[Vector]:
    """OUTSIDE-5: which slots count."""
    starts = {
        "lo": SP - 0x500,
        "below-sp": SP - 8,
        "byte-below-sp": SP - 1,
        "sp": SP,
        "above-sp": SP + 8,
        "last-word": HI - 8,
        "last-byte": HI - 1,
        "hi": HI,
        "above-hi": HI + 8,
        "nil": 0,
        "largest": END_OF_NUMBERS - 8,
    }
    return [
        numbers("slot-at-" + name, [sgsize([sudog(start, size)]) for size in (0, 1, 8, 16, 0x300)])
        for name, start in starts.items()
    ]


def slots_of_sizes() -> List[Vector]:
    """OUTSIDE-5: up to where slots count."""
    sizes = {
        "fits": HI - SP,
        "one-more": HI - SP + 1,
        "ends-before": HI - SP - 1,
        "2-GiB": 1 << 31,
        "4-GiB": 1 << 32,
        "wraps-to-0": END_OF_NUMBERS - SP,
        "wraps-to-sp": END_OF_NUMBERS - 1,
        "wraps-to-hi": END_OF_NUMBERS - 8,
    }
    return [
        numbers("slot-size-" + name, [sgsize([sudog(SP, size)]), sgsize([sudog(SP + 8, size)])])
        for name, size in sizes.items()
    ]


def several_slots() -> List[Vector]:
    """OUTSIDE-5: the slot that ends last counts, wherever it stands in the list."""
    ends_at_lo = [sudog(SP - 0x500 - size, size) for size in (8, 64, 4096)]
    elsewhere = [sgsize([one], sp) for one in ends_at_lo for sp in (SP, SP - 0x500)]
    several = [
        sudog(SP + 8, 8),
        sudog(SP + 64, 32),
        sudog(SP + 16, 8),
        sudog(SP + 72, 8),
        sudog(HI, 64),
        sudog(SP - 16, 64),
    ]
    fewer = [sgsize(several[first:]) for first in range(len(several))]
    unused = [sgsize([sudog(HI, size), sudog(HI - 8, 8)], HI) for size in (0, 8)]
    return [
        numbers("slot-elsewhere-ends-at-lo", elsewhere + [sgsize(ends_at_lo)], "OUTSIDE-5 GO-1"),
        numbers("slots-several", fewer + [sgsize(several[::-1]), sgsize([])]),
        numbers("slots-of-an-unused-stack", unused),
    ]


def drawn_slots(number: int) -> Vector:
    draw = random.Random(600 + number)
    steps = [
        sgsize(
            [
                sudog(
                    SP + draw.randrange(-64, HI - SP + 64),
                    draw.randrange(1 << draw.randrange(1, 12)),
                )
                for _ in range(draw.randrange(1, 7))
            ]
        )
        for _ in range(6)
    ]
    return numbers("slots-drawn-%d" % number, steps)


def moved(name: str, requirements: str, new_bytes: int = 8192, **members: Any) -> Vector:
    stack = two_frames()
    stack["outside"] = outside(stack, **members)
    return move("outside-" + name, requirements, SITES, stack, copy_to(new_bytes))


def records() -> List[Vector]:
    """OUTSIDE-1..OUTSIDE-4: each word of each record."""
    stack = two_frames()
    hi = high_end(stack)
    vectors = []
    for name, value in addresses(stack).items():
        vectors += [
            moved("first-defer-" + name, "OUTSIDE-2 COPY-11", first_defer=value),
            moved("panic-" + name, "OUTSIDE-3 COPY-11", panic=value),
            moved("bound-" + name, "OUTSIDE-1 COPY-12", stktopsp=value),
            moved("defer-" + name, "OUTSIDE-1 OUTSIDE-2", defers=[defer(value), defer()]),
            moved("slot-" + name, "OUTSIDE-4", sudogs=[sudog(value, 8), sudog(hi - 8, 8)]),
        ]
    return vectors


def single_words() -> List[Vector]:
    """OUTSIDE-1, OUTSIDE-4: one word of a record refers to the stack, and the others do not."""
    stack = two_frames()
    sp, hi = stack["sp"], high_end(stack)
    vectors = [
        moved(
            "defer-%s-alone" % word.replace("_", "-"),
            "OUTSIDE-1 OUTSIDE-2",
            defers=[{**defer(), word: sp + 8}],
        )
        for word in DEFER_WORDS
    ]
    vectors += [
        moved(
            "defer-%s-stale" % word.replace("_", "-"),
            "OUTSIDE-1 COPY-6",
            defers=[defer(), {**defer(), word: sp - 8}],
        )
        for word in DEFER_WORDS
    ]
    vectors += [
        moved("slot-size-%#x" % size, "OUTSIDE-4 OUTSIDE-5 COPY-6", sudogs=[sudog(sp + 8, size)])
        for size in (0, 1, hi - sp - 9, hi - sp - 8, hi - sp - 7, 1 << 32, END_OF_NUMBERS - 8)
    ]
    vectors += [
        moved("slot-second-word-%s" % name, "OUTSIDE-4", sudogs=[sudog(sp, 8, value)])
        for name, value in (("nil", 0), ("stale", sp - 8), ("other", sp + 8), ("hi", hi))
    ]
    vectors += [
        moved("slot-first-word-%s" % name, "OUTSIDE-4", sudogs=[sudog(value, 8, 0)])
        for name, value in (("stale", sp - 8), ("sp", sp), ("last-byte", hi - 1))
    ]
    return vectors


def whole_records() -> List[Vector]:
    """OUTSIDE-1..OUTSIDE-4: no record at all, and all of them at once."""
    sp = two_frames()["sp"]
    return [
        moved("nothing", "OUTSIDE-1 OUTSIDE-4"),
        moved(
            "all",
            "OUTSIDE-1 OUTSIDE-2 OUTSIDE-3 OUTSIDE-4",
            2048,
            first_defer=sp,
            panic=sp + 8,
            stktopsp=sp + 40,
            defers=[defer(sp + 8 * word) for word in range(7)],
            sudogs=[sudog(sp + 8 * word, 8) for word in range(7)],
        ),
    ]


def other_ends() -> List[Vector]:
    """COPY-6, COPY-12: nothing outside changes if the move fails; a growth moves it as a copy does."""
    stack = two_frames()
    sp = stack["sp"]
    full = outside(
        stack, first_defer=sp, defers=[defer(sp + 8)], sudogs=[sudog(sp, 8)], panic=sp + 16
    )
    vectors = [
        move(
            "outside-of-a-failed-move-%d" % size,
            "COPY-6 COPY-12",
            SITES,
            {**stack, "outside": full},
            copy_to(size),
        )
        for size in (24, 3000, 1 << 29)
    ]
    vectors.append(
        move(
            "outside-of-a-growth", "OUTSIDE-1 GROW-4", SITES, {**stack, "outside": full}, grow(5000)
        )
    )
    unknown = {**stack, "pc": CALL + 1, "outside": full}
    vectors.append(move("outside-of-an-unknown-frame", "COPY-6", SITES, unknown, copy_to(8192)))
    return vectors


def made() -> List[Vector]:
    drawn = [drawn_slots(number) for number in range(6)]
    slots = slots_at_places() + slots_of_sizes() + several_slots() + drawn
    return slots + records() + single_words() + whole_records() + other_ends()
