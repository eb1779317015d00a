"""sweeps.py: the same work for one size after the other, and the slope of its time: 1 is linear, 0 is constant."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from measures import KIB, Measure, Row, Sample, Scale, counts, words


# Of goroutines and of bytes, in a quick run.
QUICK_MOST = 100000


@dataclass(frozen=True)
class Sweep:
    """What x is, and the steepest slope that is no surprise: linear work gets steeper where it leaves a cache."""

    name: str
    x: str
    unit: str
    at_most: float


DEPTH = Sweep("move of a stack, by its depth", "frames of 12 words", "ns a move", 1.1)
FRAME = Sweep("move of a frame, by its size", "bytes of a frame", "ns a frame", 1.0)
POINTERS = Sweep("move of a frame, by its pointers", "pointers among 64 words", "ns a frame", 1.0)
GROWTH = Sweep("growth from 2 KiB, by the stack's last size", "bytes", "ns", 1.3)
ROBIN = Sweep("one turn of all goroutines, by their number", "goroutines", "ns a turn", 1.3)
PARK = Sweep("making goroutines that park, by their number", "goroutines", "ns", 1.1)
CYCLE = Sweep("GC cycle, by the number of idle goroutines", "goroutines", "ns a cycle", 1.1)
HEAP = Sweep("a block of the page heap and back, by free blocks", "free blocks", "ns", 0.3)
ALL = (DEPTH, FRAME, POINTERS, GROWTH, ROBIN, PARK, CYCLE, HEAP)


def _frames(own: Sample, contig: Sample) -> float:
    return own["ns"] / (contig["bytes"] / contig["frame_bytes"])


def _point(
    sweep: Sweep, x: float, arguments: tuple[str, ...], peers: bool, factor: float
) -> Measure:
    """`factor`: how often what the program measured is in what the sweep is about."""
    row = Row("%s: %g" % (sweep.name, x), sweep.unit, value=lambda own, _: own["ns"] * factor)
    return Measure(sweep.name, arguments, (row,), peers=peers, x=x)


def _frame_point(sweep: Sweep, x: float, arguments: tuple[str, ...]) -> Measure:
    row = Row("%s: %g" % (sweep.name, x), sweep.unit, value=_frames)
    return Measure(sweep.name, arguments, (row,), peers=False, x=x)


def _some(scale: Scale, *xs: int) -> list[int]:
    """All of them in a full run, else the ends and the middle of those that are quick."""
    if scale is Scale.FULL:
        return list(xs)
    if scale is Scale.TINY:
        return [xs[0], xs[1]]
    most = [x for x in xs if x <= QUICK_MOST]
    return [most[0], most[len(most) // 2], most[-1]]


def moves(scale: Scale) -> Iterator[Measure]:
    """copystack alone."""
    for levels in _some(scale, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000):
        count = counts(scale, 2, 1000000, 3000000) // (levels + 10) + 2
        yield _point(DEPTH, levels, words("core-levels", 12, levels, count), False, 1)
    count = counts(scale, 2, 1000, 3000)
    for frame_words in _some(scale, 4, 8, 16, 32, 64, 128, 256, 512):
        arguments = words("core", "words_%d" % frame_words, 64 * KIB, count)
        yield _frame_point(FRAME, 8 * frame_words, arguments)
    for pointers in _some(scale, 2, 16, 32, 48, 58):
        arguments = words("core", "pointers_%d" % pointers, 64 * KIB, count)
        yield _frame_point(POINTERS, pointers, arguments)


def numbers(scale: Scale) -> Iterator[Measure]:
    """Of goroutines and of free blocks."""
    for size in _some(scale, *(4 * KIB << doublings for doublings in range(9))):
        count = counts(scale, 2, 24, 48) * KIB * KIB // size + 2
        yield _point(GROWTH, size, words("growth", 12, size, count), True, 1)
    for n in _some(scale, 10, 100, 1000, 10000, 100000, 1000000):
        rounds = max(counts(scale, 2, 400000, 1000000) // n, 4)
        yield _point(ROBIN, n, words("robin", n, rounds), True, n)
    for n in _some(scale, 1000, 10000, 100000, 1000000):
        yield _point(PARK, n, words("park", n), True, n)
        yield _point(
            CYCLE, n, words("cycle", n, max(counts(scale, 1, 50000, 100000) // n, 3)), True, n
        )
    for n in _some(scale, 1, 10, 100, 1000, 10000, 100000):
        yield _point(HEAP, n, words("heap", n, counts(scale, 100, 200000, 500000)), False, 1)


def measures(scale: Scale) -> Iterator[Measure]:
    yield from moves(scale)
    yield from numbers(scale)
