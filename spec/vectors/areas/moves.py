"""moves.py: vectors of moves: what each word becomes, registers, frames and maps."""
from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from spec.vectors.areas import drawn_moves, move_sizes
from spec.vectors.areas.stacks import (
    CALL,
    FIRST,
    LARGEST_NUMBER,
    UNKNOWN,
    addresses,
    bare_site,
    call_site,
    copy_to,
    first_site,
    move,
    stack_at,
    two_frames,
)
from spec.vectors.areas.vectors import Vector
from spec.vectors.model.moves import LAST_OFFSET, TEXT_BASE
from spec.vectors.model.sizes import FIXED


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


def bare_frames() -> List[Vector]:
    """UNWIND-2: any word where other frames have their saved frame pointer, which moves if the map names it."""
    vectors = []
    kinds: Dict[str, List[int]] = {"plain": [], "live": [3]}
    for kind, live in kinds.items():
        for name, value in addresses(two_frames()).items():
            stack = two_frames()
            stack["words"][3] = value
            vectors.append(
                move(
                    "bare-%s-%s" % (kind, name),
                    "UNWIND-2 COPY-2 COPY-3 COPY-8",
                    [first_site(2), bare_site(CALL, 3, live)],
                    stack,
                    copy_to(2048),
                )
            )
    between = stack_at(2048, [0, 0, CALL, 7, 7, CALL + 9, 0, 0, FIRST, 0, 0], CALL + 9)
    between["words"][1] = between["sp"] + 56
    sites = [first_site(2), bare_site(CALL, 1, []), call_site(CALL + 9, 1, [])]
    return vectors + [move("bare-between", "UNWIND-2 COPY-4", sites, between, copy_to(4096))]


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


def frames_of_other_sizes() -> List[Vector]:
    """UNWIND-2, UNWIND-3: the first frame ends at hi."""
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
    return vectors


def places_without_site() -> List[Vector]:
    """SITE-3, UNWIND-1..UNWIND-3: every place has a site."""
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
    vectors = []
    for name, pc in places.items():
        returns = two_frames()
        returns["words"][4] = pc
        at_pc = {**two_frames(), "pc": pc}
        requirements = "SITE-3 UNWIND-2 UNWIND-3 COPY-12"
        vectors += [
            move("return-address-" + name, requirements, sites, returns, copy_to(8192)),
            move("pc-" + name, "SITE-3 UNWIND-2 COPY-6 GO-14 ERR-1", sites, at_pc, copy_to(8192)),
        ]
    calls = [call_site(CALL, 3, []), call_site(FIRST, 0, [])]
    vectors.append(move("no-first-frame", "UNWIND-1 UNWIND-2", calls, two_frames(), copy_to(8192)))
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


def made() -> List[Vector]:
    return (
        words()
        + saved_frame_pointers()
        + bare_frames()
        + registers()
        + frames_of_other_sizes()
        + places_without_site()
        + faults_in_order()
        + maps()
        + move_sizes.made()
        + drawn_moves.made()
    )
