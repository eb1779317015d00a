"""moves.py: vectors of moves: what each word becomes, frames and maps, registers, growth and shrinking."""
from __future__ import annotations

import random
from typing import Dict, List, Optional, Tuple

from spec.vectors.areas.stacks import (
    CALL,
    FIRST,
    UNKNOWN,
    call_site,
    copy_to,
    first_site,
    grow,
    move,
    site,
    stack_at,
)
from spec.vectors.areas.vectors import Vector
from spec.vectors.model.moves import LAST_OFFSET, TEXT_BASE, Record, high_end
from spec.vectors.model.sizes import CHUNK, END_OF_NUMBERS, FIXED, GUARD, LARGEST, NOSPLIT, sizes

LARGEST_NUMBER = END_OF_NUMBERS - 1


def two_frames(size: int = 4096) -> Record:
    """Three locals, no saved frame pointer, and two words of the goroutine's first frame."""
    return stack_at(size, [0, 0, 0, 0, FIRST, 0, 0], CALL)


def addresses(stack: Record) -> Dict[str, int]:
    lo, sp, hi = stack["lo"], stack["sp"], high_end(stack)
    return {
        "nil": 0,
        "one": 1,
        "below-lo": lo - 1,
        "lo": lo,
        "above-lo": lo + 1,
        "below-sp": sp - 1,
        "sp": sp,
        "above-sp": sp + 1,
        "last-word": hi - 8,
        "last-byte": hi - 1,
        "hi": hi,
        "above-hi": hi + 1,
        "low-half": sp & 0xFFFFFFFF,
        "plus-4-GiB": sp + (1 << 32),
        "largest": LARGEST_NUMBER,
    }


def words() -> List[Vector]:
    """COPY-2, COPY-3, COPY-7, COPY-8: each kind of word with each kind of value."""
    kinds: Dict[str, Tuple[List[int], Optional[List[int]], str]] = {
        "live": ([1], None, "COPY-2 COPY-8 GO-12 GO-13"),
        "object": ([], [1], "COPY-2 COPY-7 GO-12"),
        "both": ([1], [1], "COPY-2 COPY-8"),
        "plain": ([], None, "COPY-3"),
    }
    vectors = []
    for kind, (live, objects, requirements) in kinds.items():
        for name, value in addresses(two_frames()).items():
            stack = two_frames()
            stack["words"][1] = value
            sites = [first_site(2), call_site(CALL, 3, live, objects)]
            vectors.append(
                move(
                    "word-%s-%s" % (kind, name),
                    requirements + " COPY-1 COPY-4",
                    sites,
                    stack,
                    copy_to(8192),
                )
            )
    return vectors


def saved_frame_pointers() -> List[Vector]:
    """UNWIND-2: 0, or above its own place and below hi."""
    plain = two_frames()
    place = plain["sp"] + 24
    values = {
        **addresses(plain),
        "own-place": place,
        "next-byte": place + 1,
        "next-word": place + 8,
    }
    vectors = []
    for name, value in values.items():
        stack = two_frames()
        stack["words"][3] = value
        vectors.append(
            move(
                "frame-pointer-%s" % name,
                "UNWIND-2 COPY-4 COPY-12 GO-18",
                [first_site(2), call_site(CALL, 3, [])],
                stack,
                copy_to(2048),
            )
        )
    return vectors


def registers() -> List[Vector]:
    """COPY-5, COPY-6."""
    sites = [first_site(2), call_site(CALL, 3, [])]
    vectors = [
        move(
            "register-%s-%s" % (register, name),
            "COPY-5 COPY-6 COPY-11",
            sites,
            {**two_frames(), register: value},
            copy_to(8192),
        )
        for register in ("bp", "ctxt")
        for name, value in addresses(two_frames()).items()
    ]
    places = {**addresses(two_frames()), "half-word": two_frames()["sp"] + 4}
    vectors += [
        move(
            "register-sp-%s" % name,
            "COPY-5 COPY-6 COPY-12",
            sites,
            {**two_frames(), "sp": sp, "words": []},
            copy_to(8192),
        )
        for name, sp in places.items()
        if name not in ("sp", "last-word", "lo")
    ]
    nothing = stack_at(FIXED, [], FIRST)
    vectors += [
        move("nothing-in-use-%d" % size, "COPY-1 COPY-5", [first_site(0)], nothing, copy_to(size))
        for size in (2048, 4096)
    ]
    vectors.append(
        move("nothing-in-use-words-expected", "UNWIND-2", [first_site(1)], nothing, copy_to(4096))
    )
    return vectors


def frames() -> List[Vector]:
    """UNWIND-1..UNWIND-3: the first frame ends at hi, and every place has a site."""
    vectors = []
    for more in (-2, -1, 1, 2):
        vectors.append(
            move(
                "first-frame-%+d-words" % more,
                "UNWIND-2 UNWIND-3 COPY-6",
                [first_site(2 + more), call_site(CALL, 3, [])],
                two_frames(),
                copy_to(8192),
            )
        )
        vectors.append(
            move(
                "call-frame-%+d-words" % more,
                "UNWIND-1 UNWIND-2 UNWIND-3",
                [first_site(2), call_site(CALL, 3 + more, [])],
                two_frames(),
                copy_to(8192),
            )
        )
    places = {
        "unknown": UNKNOWN,
        "nil": 0,
        "below-text": TEXT_BASE - 1,
        "text": TEXT_BASE,
        "largest": LARGEST_NUMBER,
        "above-text": TEXT_BASE + LAST_OFFSET + 1,
        "wraps": FIRST + (1 << 32),
    }
    sites = [first_site(2), call_site(CALL, 3, [])]
    for name, pc in places.items():
        returns = two_frames()
        returns["words"][4] = pc
        vectors += [
            move(
                "return-address-%s" % name,
                "SITE-3 UNWIND-2 UNWIND-3 COPY-12",
                sites,
                returns,
                copy_to(8192),
            ),
            move(
                "pc-%s" % name,
                "SITE-3 UNWIND-2 COPY-6 GO-14 ERR-1",
                sites,
                {**two_frames(), "pc": pc},
                copy_to(8192),
            ),
        ]
    vectors.append(
        move(
            "no-first-frame",
            "UNWIND-1 UNWIND-2",
            [call_site(CALL, 3, []), call_site(FIRST, 0, [])],
            two_frames(),
            copy_to(8192),
        )
    )
    return vectors


def faults_in_order() -> List[Vector]:
    """COPY-12, UNWIND-3: of several faults the one of the innermost frame is named."""
    vectors = []
    for place in (0, 3, 6):
        stack = stack_at(8192, [0, 0, CALL, 0, 0, CALL, 0, 0, FIRST, 0], CALL)
        for word in range(place, 9, 3):
            stack["words"][word] = stack["lo"] + 16
        sites = [first_site(1), call_site(CALL, 1, [0])]
        vectors.append(
            move(
                "first-stale-frame-%d" % (place // 3),
                "UNWIND-3 COPY-8 COPY-12",
                sites,
                stack,
                copy_to(4096),
            )
        )
    both = stack_at(8192, [0, 0, CALL, 0, 7, FIRST, 0], CALL)
    vectors.append(
        move(
            "fault-behind-a-sound-frame",
            "UNWIND-3 COPY-12",
            [first_site(1), call_site(CALL, 1, [0])],
            both,
            copy_to(4096),
        )
    )
    return vectors


def maps() -> List[Vector]:
    """COPY-4: maps of many words, with bits at the ends of machine words, and words of two frames."""
    vectors = []
    for count in (1, 31, 32, 33, 63, 64, 65, 96, 97, 125):
        edges = sorted(
            {bit for bit in (0, 30, 31, 32, 33, 62, 63, 64, 65, 95, 96, count - 1) if bit < count}
        )
        stack = stack_at(4096, [0] * count + [0, FIRST, 0], CALL)
        stack["words"][:count] = [stack["sp"] + 8 * n for n in range(count)]
        others = [bit for bit in range(count) if bit not in edges]
        vectors += [
            move(
                "map-of-%d-words" % count,
                "COPY-4 COPY-2",
                [first_site(1), call_site(CALL, count, edges)],
                stack,
                copy_to(8192),
            ),
            move(
                "map-of-%d-words-but-edges" % count,
                "COPY-4 COPY-7",
                [first_site(1), call_site(CALL, count, [], others)],
                stack,
                copy_to(2048),
            ),
        ]
    for mine, caller in ((1, 1), (1, 0), (0, 1), (0, 0)):
        stack = stack_at(2048, [0, 0, FIRST, 0, 0], CALL)
        stack["words"][3] = stack["sp"]
        called = call_site(CALL, 1, [3] * mine, None, 2)
        vectors.append(
            move(
                "argument-in-maps-%d-%d" % (mine, caller),
                "COPY-4",
                [first_site(2, [0] * caller), called],
                stack,
                copy_to(4096),
            )
        )
    return vectors


def new_sizes() -> List[Vector]:
    """COPY-1, COPY-12, SIZE-1: every size that memory has room for; sizes that are none; too small; too large."""
    sites = [first_site(300), call_site(CALL, 3, [0])]
    full = stack_at(4096, [0, 0, 0, 0, FIRST] + list(range(300)), CALL)
    full["words"][0] = full["sp"] + 800
    vectors = [
        move(
            "new-size-%d" % size, "COPY-1 COPY-2 COPY-9 ALLOC-2 COUNT-2", sites, full, copy_to(size)
        )
        for size in sizes()[1:9]
    ]
    vectors += [
        move("new-size-%#x" % size, "COPY-12 SIZE-1 COPY-6 GO-5", sites, full, copy_to(size))
        for size in (
            0,
            1,
            2048,
            2439,
            2440,
            2441,
            4095,
            4097,
            6144,
            LARGEST * 2,
            1 << 32,
            (1 << 32) + 4096,
            LARGEST_NUMBER,
        )
    ]
    for words, size in ((256, 2048), (257, 2048), (512, 4096), (513, 4096)):
        stack = stack_at(8192, [0] * words, FIRST)
        vectors.append(
            move(
                "uses-%d-bytes-of-%d" % (8 * words, size),
                "COPY-12 COPY-1",
                [first_site(words)],
                stack,
                copy_to(size),
            )
        )
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


def growths() -> List[Vector]:
    """GROW-2, GROW-3, GROW-9, GROW-4."""

    def one(name: str, requirements: str, size: int, *call: int) -> Vector:
        return move(
            "grow-" + name,
            requirements,
            [first_site(2), call_site(CALL, 3, [0])],
            two_frames(size),
            grow(*call),
        )

    used = 56
    vectors = [
        one("%d-by-frame-%d" % (size, frame), "GROW-2 GROW-4", size, frame)
        for size in (2048, 16384, CHUNK)
        for room in (2 * size, 4 * size)
        for frame in (room - GUARD - used - 1, room - GUARD - used, room - GUARD - used + 1)
    ]
    vectors += [
        one("limit-%d" % limit, "GROW-3", 2048, 24, limit)
        for limit in (0, 2048, 4095, 4096, 4097, 1 << 32)
    ]
    vectors += [
        one("frame-%#x" % frame, "GROW-9 GROW-3", 4096, frame, LARGEST_NUMBER)
        for frame in (1 << 31, 1 << 32, (1 << 32) + 24, LARGEST_NUMBER - GUARD, LARGEST_NUMBER)
    ]
    vectors += [
        one("forced-%d-limit-%d" % (size, limit), "GROW-2", size, LARGEST_NUMBER, limit, 1)
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


def drawn_site(draw: random.Random, number: int) -> Record:
    bottom = int(number < 2)
    frame = draw.randrange(80 if number == 7 else 7)
    span = frame if bottom else frame + 2 + draw.randrange(3)
    marked = [word for word in range(span) if draw.randrange(2) and (bottom or word != frame + 1)]
    objects = [
        word
        for word in range(span)
        if not draw.randrange(3) and (bottom or word not in (frame, frame + 1))
    ]
    row = site(
        TEXT_BASE + 16 * number + draw.randrange(16),
        frame,
        span,
        marked,
        bottom,
        objects if draw.randrange(3) else None,
    )
    if not bottom:
        row["live"] = sorted(set(marked) | {frame})
    return row


def drawn_frames(draw: random.Random, sites: List[Record], stack: Record) -> None:
    """From hi down; arguments of a callee reach into its caller's frame, and not beyond hi."""
    chain = [sites[draw.randrange(2)]]
    words: List[int] = [draw.randrange(6) for _ in range(chain[0]["span_words"])]
    for _ in range(draw.randrange(6)):
        called = draw.choice(sites[2:])
        size = called["frame_words"] + 2
        if (
            called["span_words"] - size > len(words)
            or 8 * (len(words) + size) > stack["bytes"] - 64
        ):
            continue
        words = [draw.randrange(6) for _ in range(size - 2)] + [-1, chain[-1]["pc"]] + words
        chain.append(called)
    stack["pc"], stack["sp"] = chain[-1]["pc"], high_end(stack) - 8 * len(words)
    stack["words"] = [drawn_word(draw, stack, place, word) for place, word in enumerate(words)]


def drawn_word(draw: random.Random, stack: Record, place: int, kind: int) -> int:
    """-1: a saved frame pointer; above 5: a return address."""
    sp, hi = int(stack["sp"]), high_end(stack)
    here = sp + 8 * place
    if kind == -1:
        return draw.choice([0, here + 8, draw.randrange(here + 8, hi, 8)])
    return (
        kind
        if kind > 5
        else [0, hi, int(stack["lo"]) - 8, draw.randrange(5000), *2 * [draw.randrange(sp, hi)]][
            kind
        ]
    )


def drawn(number: int) -> Vector:
    draw = random.Random(500 + number)
    size = FIXED << draw.randrange(4)
    sites = [drawn_site(draw, place) for place in range(8)]
    stack = stack_at(size, [], 0)
    drawn_frames(draw, sites, stack)
    sp, hi = stack["sp"], high_end(stack)
    if sp < hi:
        stack["bp"] = draw.choice([0, draw.randrange(sp, hi, 8)])
        stack["ctxt"] = draw.choice([draw.randrange(100_000), draw.randrange(sp, hi)])
        if number % 4 == 3:
            stack["words"][draw.randrange(len(stack["words"]))] = draw.choice(
                [stack["lo"] + 8, draw.randrange(1000)]
            )
    new = size // 2 if number % 5 == 4 else size << draw.randrange(3)
    return move(
        "move-drawn-%d" % number,
        "COPY-1 COPY-2 COPY-3 COPY-4 COPY-5 COPY-6 COPY-7 COPY-8",
        sites,
        stack,
        copy_to(new),
    )


def made() -> List[Vector]:
    return (
        words()
        + saved_frame_pointers()
        + registers()
        + frames()
        + faults_in_order()
        + maps()
        + new_sizes()
        + growths()
        + shrinks()
        + [drawn(number) for number in range(48)]
    )
