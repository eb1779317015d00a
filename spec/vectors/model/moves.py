"""moves.py: what becomes of a stack that moves.  SITE, UNWIND, COPY, OUTSIDE.

A vector's own words are used: sites, stacks and records are the objects of its JSON.
"""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from spec.vectors.model import sizes
from spec.vectors.model.heap import Heap

Record = Dict[str, Any]

TEXT_BASE = 0x400000
LAST_OFFSET = (1 << 31) - 1
DEFER_WORDS = ["sp", "varp", "function", "panic", "link", "function_data"]


class Fault(NamedTuple):
    status: str
    frame: int
    sp: int
    pc: int


class Places(NamedTuple):
    """Of a move: the old stack, and the new high end."""

    lo: int
    sp: int
    hi: int
    new_hi: int

    def stale(self, word: int) -> bool:
        return self.lo <= word < self.sp

    def relocated(self, word: int) -> int:
        """COPY-2, COPY-3, COPY-7."""
        if self.stale(word):
            return 0
        return word + self.new_hi - self.hi if self.sp <= word < self.hi else word


def high_end(stack: Record) -> int:
    return int(stack["lo"] + stack["bytes"])


# Sites.


def is_bare(site: Record) -> bool:
    return bool(site.get("bare", 0))


def site_is_sound(site: Record) -> bool:
    """SITE-1."""
    frame, span = site["frame_words"], site["span_words"]
    bits = site["live"] + site.get("objects", [])
    if not 0 <= site["pc"] - TEXT_BASE <= LAST_OFFSET or any(bit >= span for bit in bits):
        return False
    if site["bottom"]:
        return bool(frame <= span and not is_bare(site))
    return bool(frame + 2 <= span and (is_bare(site) or frame in site["live"]))


class SiteTable:
    """SITE-2..SITE-5."""

    def __init__(self) -> None:
        self.rows: List[Record] = []

    def append(self, rows: List[Record]) -> str:
        places = [row["pc"] for row in self.rows + rows]
        if not all(map(site_is_sound, rows)) or len(set(places)) < len(places):
            return "BAD_SITE"
        self.rows += rows
        return "OK"

    def truncate(self, count: int) -> None:
        del self.rows[count:]

    def find(self, pc: int) -> int:
        return next((n for n, row in enumerate(self.rows) if row["pc"] == pc), -1)


# Frames.


def words_of(stack: Record) -> Dict[int, int]:
    return {stack["sp"] + 8 * n: word for n, word in enumerate(stack["words"])}


def frame_is_sound(site: Optional[Record], sp: int, hi: int, words: Dict[int, int]) -> bool:
    """UNWIND-2."""
    if site is None or sp + 8 * site["span_words"] > hi:
        return False
    if site["bottom"]:
        return bool(sp + 8 * site["span_words"] == hi)
    if is_bare(site):
        return True
    place = sp + 8 * site["frame_words"]
    return words[place] == 0 or place < words[place] < hi


def pointer_places(sites: List[Record], stack: Record, places: Places) -> "set[int] | Fault":
    """UNWIND-1, UNWIND-3, COPY-4, COPY-8: where the words are that hold pointers, or the first wrong frame."""
    words, table = words_of(stack), {site["pc"]: site for site in sites}
    found: "set[int]" = set()
    sp, pc, frame = places.sp, stack["pc"], 0
    while True:
        site = table.get(pc)
        if site is None or not frame_is_sound(site, sp, places.hi, words):
            return Fault("BAD_FRAME", frame, sp, pc)
        live = {sp + 8 * bit for bit in site["live"]}
        if any(places.stale(words[place]) for place in live):
            return Fault("STALE_POINTER", frame, sp, pc)
        found |= live | {sp + 8 * bit for bit in site.get("objects", [])}
        if site["bottom"]:
            return found
        pc = words[sp + 8 * site["frame_words"] + 8]
        sp, frame = sp + 8 * site["frame_words"] + 16, frame + 1


# What refers to a stack from outside.


def on_stack(sudog: Record, sp: int, hi: int) -> bool:
    return bool(sp <= sudog["vu"] < hi and sudog["vu"] + sudog["size"] <= hi)


def sgsize(sudogs: List[Record], sp: int, hi: int) -> int:
    """OUTSIDE-5."""
    return max([one["vu"] + one["size"] - sp for one in sudogs if on_stack(one, sp, hi)], default=0)


def outside_is_sound(outside: Record, places: Places) -> bool:
    """OUTSIDE-1..OUTSIDE-4."""
    pointers = [outside["first_defer"], outside["panic"]]
    pointers += [record[word] for record in outside["defers"] for word in DEFER_WORDS]
    pointers += [sudog[word] for sudog in outside["sudogs"] for word in ("vu", "vp")]
    begin = [one for one in outside["sudogs"] if places.sp <= one["vu"] < places.hi]
    return (
        not any(map(places.stale, pointers))
        and places.sp <= outside["stktopsp"] <= places.hi
        and all(on_stack(one, places.sp, places.hi) for one in begin)
    )


def outside_moved(outside: Record, places: Places) -> Record:
    def moved(record: Record, words: List[str]) -> Record:
        return {**record, **{word: places.relocated(record[word]) for word in words}}

    result = moved(outside, ["first_defer", "panic"])
    result["stktopsp"] += places.new_hi - places.hi
    result["defers"] = [moved(record, DEFER_WORDS) for record in outside["defers"]]
    result["sudogs"] = [moved(record, ["vu", "vp"]) for record in outside["sudogs"]]
    return result


# Moves.


def registers_fault(stack: Record, places: Places) -> Optional[Fault]:
    """COPY-5."""
    if not places.lo <= places.sp <= places.hi or (places.hi - places.sp) % 8 != 0:
        return Fault("BAD_FRAME", 0, places.sp, stack["pc"])
    if stack["bp"] != 0 and not places.sp <= stack["bp"] < places.hi:
        return Fault("BAD_FRAME", 0, places.sp, stack["pc"])
    if places.stale(stack["ctxt"]):
        return Fault("STALE_POINTER", 0, places.sp, stack["pc"])
    return None


class Outcome(NamedTuple):
    status: str
    fault: Optional[Fault]
    stack: Record


def copystack(heap: Heap, sites: List[Record], stack: Record, new_bytes: int) -> Outcome:
    """COPY-1..COPY-12: the stack afterwards; after an error it is the one before."""
    places = Places(stack["lo"], stack["sp"], high_end(stack), 0)
    fault = registers_fault(stack, places)
    outside = stack.get("outside")
    if fault is None and outside is not None and not outside_is_sound(outside, places):
        fault = Fault("BAD_OUTSIDE", 0, stack["sp"], stack["pc"])
    pointers = fault or pointer_places(sites, stack, places)
    if isinstance(pointers, Fault):
        return Outcome(pointers.status, pointers, stack)
    if new_bytes < places.hi - places.sp:
        return Outcome("BAD_SIZE", None, stack)
    status, lo = heap.stackalloc(0, new_bytes)
    if status != "OK":
        return Outcome(status, None, stack)
    places = places._replace(new_hi=lo + new_bytes)
    after = {
        **stack,
        "lo": lo,
        "bytes": new_bytes,
        "sp": lo + new_bytes - (places.hi - places.sp),
        "bp": places.relocated(stack["bp"]),
        "ctxt": places.relocated(stack["ctxt"]),
        "words": [
            places.relocated(word) if place in pointers else word
            for place, word in words_of(stack).items()
        ],
    }
    if outside is not None:
        after["outside"] = outside_moved(outside, places)
    return Outcome(heap.stackfree(0, stack["lo"], stack["bytes"]), None, after)


def resized(heap: Heap, sites: List[Record], stack: Record, call: Record) -> Outcome:
    """GROW-2, GROW-3, SHRINK-1, SHRINK-2: the move that a growth or a shrink leads to."""
    size, used = stack["bytes"], high_end(stack) - stack["sp"]
    sound = registers_fault(stack, Places(stack["lo"], stack["sp"], high_end(stack), 0)) is None
    if sound and call["call"] == "growstack" and not call["forced"]:
        size = sizes.newstack_size(size, used, call["frame"], call["maximum"])
        if size == 0:
            return Outcome("TOO_LARGE", None, stack)
    if sound and call["call"] == "shrinkstack":
        if sizes.shrinkstack_size(size, used) == size:
            return Outcome("OK", None, stack)
        size //= 2
    return copystack(heap, sites, stack, size)
