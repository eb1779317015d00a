"""drawn_moves.py: vectors of moves with drawn sites, frames and words."""
from __future__ import annotations

import random
from typing import List

from spec.vectors.areas.stacks import copy_to, move, site, stack_at
from spec.vectors.areas.vectors import Vector
from spec.vectors.model.moves import TEXT_BASE, Record, high_end
from spec.vectors.model.sizes import FIXED


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
    return [drawn(number) for number in range(48)]
