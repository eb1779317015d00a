"""stacks.py: stacks with frames, built for a vector, and the vector of a move."""
from __future__ import annotations

from typing import Any, Dict, List, Optional

from spec.vectors.areas.vectors import Vector, vector
from spec.vectors.model import moves
from spec.vectors.model.heap import Heap
from spec.vectors.model.moves import TEXT_BASE, Record, high_end
from spec.vectors.model.sizes import END_OF_NUMBERS

CHUNKS = 16
LARGEST_NUMBER = END_OF_NUMBERS - 1
# Return addresses.
FIRST = TEXT_BASE + 16  # of a goroutine's first frame
CALL = TEXT_BASE + 48
UNKNOWN = TEXT_BASE + 81  # of no site


def site(
    pc: int,
    frame: int,
    span: int,
    live: List[int],
    bottom: int = 0,
    objects: Optional[List[int]] = None,
) -> Record:
    row: Record = {
        "pc": pc,
        "frame_words": frame,
        "span_words": span,
        "bottom": bottom,
        "live": live,
    }
    if objects is not None:
        row["objects"] = objects
    return row


def first_site(
    words: int, live: Optional[List[int]] = None, objects: Optional[List[int]] = None
) -> Record:
    return site(FIRST, words, words, live or [], 1, objects)


def call_site(
    pc: int, frame: int, live: List[int], objects: Optional[List[int]] = None, arguments: int = 0
) -> Record:
    """Of a frame with its saved frame pointer and its caller's `arguments`, which stand above the return address."""
    return site(pc, frame, frame + 2 + arguments, sorted(set(live) | {frame}), 0, objects)


def bare_site(pc: int, frame: int, live: List[int]) -> Record:
    """Of a frame of compiled C, which saves no frame pointer."""
    return {**site(pc, frame, frame + 2, live), "bare": 1}


def stack_at(
    size: int, words: List[int], pc: int, chunks: int = CHUNKS, **registers: Any
) -> Record:
    """The stack that the heap of a vector gives first, with these used words."""
    _, lo = Heap(chunks).stackalloc(0, size)
    stack: Record = {
        "lo": lo,
        "bytes": size,
        "sp": lo + size - 8 * len(words),
        "pc": pc,
        "bp": 0,
        "ctxt": 0,
        "words": list(words),
    }
    stack.update(registers)
    return stack


def copy_to(new_bytes: int) -> Record:
    return {"call": "copystack", "new_bytes": new_bytes}


def grow(frame: int, maximum: int = 1_000_000_000, forced: int = 0) -> Record:
    return {"call": "growstack", "frame": frame, "maximum": maximum, "forced": forced}


def move(
    name: str,
    requirements: str,
    sites: List[Record],
    stack: Record,
    call: Record,
    chunks: int = CHUNKS,
) -> Vector:
    """The vector of one move of a stack that is allocated first."""
    heap = Heap(chunks)
    heap.stackalloc(0, stack["bytes"])
    outcome = (
        moves.resized(heap, sites, stack, call)
        if call["call"] != "copystack"
        else moves.copystack(heap, sites, stack, call["new_bytes"])
    )
    fault: Dict[str, Any] = {}
    if outcome.fault is not None:
        fault = {
            "fault": {"frame": outcome.fault.frame, "sp": outcome.fault.sp, "pc": outcome.fault.pc}
        }
    return vector(
        "move",
        name,
        requirements,
        chunks=chunks,
        sites=sites,
        before=stack,
        **call,
        status=outcome.status,
        **fault,
        after=outcome.stack,
        state=heap.state(),
    )


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
