"""measures.py: the rows of the table, and the program calls that they come from.

A measure is one call of contig_bench; a peer's program gets the same words, and so does each floor, which is another
call of contig_bench.  A row takes one figure out of what the calls print.
"""
from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

KIB = 1024
MIB = KIB * KIB

# What a program printed: name, value.
Sample = Mapping[str, float]
# A figure out of a column's sample and contig's own.
Value = Callable[[Sample, Sample], float]


class Scale(enum.Enum):
    """How much is measured: TINY figures mean nothing."""

    TINY = 0
    QUICK = 1
    FULL = 2


@dataclass(frozen=True)
class Goal:
    """contig is to take at most so much of what a column says; without a column, so much by itself."""

    at_most: float
    column: str | None = None


def time(own: Sample, _: Sample) -> float:
    return own["ns"]


def resident(own: Sample, _: Sample) -> float:
    return own["bytes"]


def frame_time(own: Sample, contig: Sample) -> float:
    """A peer's frames may have another size; memcpy is counted in contig's frames."""
    return own["ns"] / (contig["bytes"] / own.get("frame_bytes", contig["frame_bytes"]))


def rate(own: Sample, contig: Sample) -> float:
    return contig["bytes"] / own["ns"]


@dataclass(frozen=True)
class Row:
    """One line of the table; `floors` are those of its measure that mean something here."""

    name: str
    unit: str = "ns"
    better: str = "less"
    value: Value = time
    floors: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True)
class Measure:
    """One call, and what is read out of it.  `item` names the plot; `x` is its place in a sweep of that name."""

    item: str
    arguments: tuple[str, ...]
    rows: tuple[Row, ...]
    floors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    peers: bool = True
    x: float | None = None
    processors: int = 1


def words(*arguments: object) -> tuple[str, ...]:
    return tuple(str(one) for one in arguments)


def size_text(size: int) -> str:
    return "%d MiB" % (size // MIB) if size >= MIB else "%d KiB" % (size // KIB)


def copy_count(size: int, scale: Scale) -> int:
    """So many moves of a stack that each measure takes about as long."""
    return 2 if scale is Scale.TINY else max(20, 48 * MIB // size)


def counts(scale: Scale, tiny: int, quick: int, full: int) -> int:
    return {Scale.TINY: tiny, Scale.QUICK: quick, Scale.FULL: full}[scale]


def switches(scale: Scale) -> Iterator[Measure]:
    many = counts(scale, 1000, 2000000, 5000000)
    yield Measure(
        "switch",
        words("switch", many),
        (
            Row(
                "switch: yield between two goroutines, one way",
                floors=("raw switch",),
                goals=(Goal(0.25, "Go"), Goal(2.5, "raw switch")),
            ),
        ),
        {"raw switch": words("switch-raw", many)},
    )
    yield Measure(
        "switch",
        words("switch-inexact", many),
        (Row("switch: the same, after an inexact division", goals=(Goal(0.25, "Go"),)),),
    )
    yield Measure(
        "switch",
        words("switch-raw", many),
        (Row("raw switch, without a scheduler, one way", goals=(Goal(1, "Boost.Context"),)),),
    )
    yield Measure(
        "spawn",
        words("spawn", 1, many // 4),
        (Row("spawn, run, exit: one at a time", goals=(Goal(1.5, "OCaml"),)),),
    )
    yield Measure(
        "spawn",
        words("spawn", 128, many // 500),
        (
            Row(
                "spawn, run, exit: 128 at a time",
                goals=(Goal(0.12, "Go"), Goal(1.5, "OCaml")),
            ),
        ),
    )


def messages(scale: Scale) -> Iterator[Measure]:
    many = counts(scale, 1000, 1000000, 3000000)
    for capacity, name in ((0, "an unbuffered channel"), (128, "a channel with a buffer of 128")):
        yield Measure(
            "channel",
            words("channel", capacity, many),
            (Row("message over " + name, goals=(Goal(0.25, "Go"),)),),
        )
    yield Measure(
        "channel",
        words("select", many),
        (Row("message to a select over two channels", goals=(Goal(0.25, "Go"),)),),
    )
    blocked = counts(scale, 100, 100000, 100000)
    name = "%d goroutines blocked on a channel, each" % blocked
    yield Measure(
        "channel",
        words("blocked", blocked),
        (Row(name), Row(name, "bytes", value=resident)),
    )


# Two threads are to do at least so much more than one.
OF_ONE_THREAD = 1 / 1.8


def processor(own: Sample, _: Sample) -> float:
    return own["processor"]


def on_two(
    measure: str, name: str, arguments: tuple[object, ...], goals: tuple[Goal, ...] = ()
) -> Measure:
    """The same work on two threads and on one, by the clock on the wall; `arguments` are all but how many threads."""
    one = ("one thread",)
    return Measure(
        "threads",
        words(measure, 2, *arguments),
        (
            Row(
                "two threads: %s, on the wall" % name,
                floors=one,
                goals=(Goal(OF_ONE_THREAD, "one thread"), *goals),
            ),
            Row("two threads: %s, of the processors" % name, value=processor, floors=one),
        ),
        {"one thread": words(measure, 1, *arguments)},
        processors=2,
    )


def threads(scale: Scale) -> Iterator[Measure]:
    rounds = counts(scale, 10, 1000, 3000)
    yield on_two("threads-spawn", "spawn, run, exit", (rounds,))
    yield on_two(
        "threads-growth", "growth from 2 KiB to 16 KiB", (16 * KIB, counts(scale, 20, 20000, 60000))
    )
    messages_each = counts(scale, 100, 20000, 60000)
    of_go = (Goal(0.5, "Go"),)
    yield on_two("threads-pairs", "message of one of 64 pairs", (64, messages_each), of_go)
    yield on_two("threads-pairs", "message of one pair", (1, 32 * messages_each), of_go)


ALLOCATORS = ("glibc", "tcmalloc", "jemalloc", "mimalloc")


def allocations(scale: Scale) -> Iterator[Measure]:
    many = counts(scale, 1000, 2000000, 5000000)
    for size in (2, 4, 8, 16):
        yield Measure(
            "stackalloc",
            words("stackalloc", size * KIB, 1, many),
            (
                Row(
                    "stackalloc and stackfree of %d KiB, cached" % size,
                    floors=("list of free stacks",),
                    goals=(
                        Goal(0.8, "Go"),
                        *(Goal(0.5, name) for name in ALLOCATORS if name != "glibc"),
                    ),
                ),
            ),
            {"list of free stacks": words("floor-stackalloc", size * KIB, many)},
        )
    for size in (2, 16):
        yield Measure(
            "stackalloc",
            words("stackalloc", size * KIB, 64, counts(scale, 1000, 500000, 1000000)),
            (
                Row(
                    "stackalloc and stackfree of %d KiB, 64 live" % size,
                    goals=tuple(Goal(1, name) for name in ("Go", *ALLOCATORS)),
                ),
            ),
        )


def growth_sizes(scale: Scale) -> list[int]:
    return {
        Scale.TINY: [4, 64],
        Scale.QUICK: [4, 16, 64, 256, 1024],
        Scale.FULL: [4, 8, 16, 32, 64, 128, 256, 512, 1024],
    }[scale]


def growths(scale: Scale) -> Iterator[Measure]:
    for frame_words, of_go in ((12, 0.2), (40, 0.25)):
        for size in (k * KIB for k in growth_sizes(scale)):
            count = copy_count(size, scale)
            name = "growth from 2 KiB to %s, frames of %d words" % (size_text(size), frame_words)
            goals = [Goal(of_go, "Go")]
            # The floor is one copy of what growth copies in pieces of a half, a quarter and so on.
            if frame_words == 12:
                goals.append(Goal(2, "plain C loop"))
            yield Measure(
                "growth, %d words" % frame_words,
                words("growth", frame_words, size, count),
                (
                    Row(
                        name + ", a frame",
                        value=frame_time,
                        floors=("plain C loop",),
                        goals=tuple(goals),
                    ),
                    Row(name + ", copied", "GB/s", "more", rate, ("memcpy",)),
                ),
                {
                    "memcpy": words("floor-memcpy", size // 2, count),
                    "plain C loop": words("floor-copy", frame_words, 2, size // 2, count),
                },
            )


def calls(scale: Scale) -> Iterator[Measure]:
    yield Measure(
        "calls",
        words("fib", counts(scale, 10, 32, 36)),
        (
            Row(
                "fib, a call",
                floors=("no check",),
                goals=(Goal(1.02, "no check"), Goal(1, "Go")),
            ),
        ),
        {"no check": words("floor-fib", counts(scale, 10, 32, 36))},
    )
    yield Measure(
        "calls",
        words("deep", 12, 1000, counts(scale, 10, 2000, 10000)),
        (Row("1000 calls deep and back on a new stack, a call"),),
    )


def forced_moves(scale: Scale) -> Iterator[Measure]:
    """A whole move of a stack, as a poisoned guard asks for it; the prologue that asks is not in it."""
    count = counts(scale, 10, 500000, 2000000)
    yield Measure(
        "tail",
        words("forced", count),
        (Row("forced move of 1.4 KB of C frames", floors=("memcpy",), goals=(Goal(100),)),),
        {"memcpy": words("floor-memcpy", 1424, count)},
        peers=False,
    )


def boundaries(scale: Scale) -> Iterator[Measure]:
    """Calls that need more stack: again and again at one place, and each on its own."""
    levels, rounds = counts(scale, 30, 128, 128), counts(scale, 10, 100000, 200000)
    yield Measure(
        "hot split",
        words("hot", 0, levels, rounds),
        (
            Row("call where a stack or segment ends"),
            Row("call away from there", value=lambda own, _: own["away"]),
            Row(
                "call where a stack or segment ends / away from there",
                "times",
                value=lambda own, _: own["ns"] / own["away"],
                goals=(Goal(1.25),),
            ),
        ),
    )
    yield Measure(
        "tail",
        words("tail", 12, 64 * KIB, counts(scale, 100, 5000, 20000)),
        (
            Row("recursion that grows a stack to 64 KiB, p99.9", goals=(Goal(0.5, "Go"),)),
            Row(
                "recursion that grows a stack to 64 KiB, median",
                value=lambda own, _: own["median"],
            ),
        ),
    )


def parked(scale: Scale) -> Iterator[Measure]:
    for count in (10000, 1000000):
        if scale is Scale.TINY:
            count //= 100
        name = "%d parked goroutines, each" % count
        large = count >= 1000000
        yield Measure(
            "parked",
            words("park", count),
            (
                Row(name, goals=(Goal(0.25, "Go"),) if large else ()),
                Row(name, "bytes", value=resident, goals=(Goal(2150),) if large else ()),
            ),
        )


def idle(scale: Scale) -> Iterator[Measure]:
    count = counts(scale, 20, 1000, 2000)
    yield Measure(
        "idle",
        words("idle", 64 * KIB, count),
        (
            Row(
                "idle after 64 KiB of stack, returned, and two cycles, each",
                "bytes",
                value=resident,
                floors=("never used",),
                goals=(Goal(1.1, "never used"),),
            ),
        ),
        {"never used": words("idle", 0, count)},
    )
    yield Measure(
        "idle",
        words("idle", 0, count),
        (Row("idle, and no stack used, each", "bytes", value=resident),),
    )


def cycles(scale: Scale) -> Iterator[Measure]:
    yield Measure(
        "cycle",
        words("shrink", counts(scale, 20, 1000, 2000)),
        (Row("shrink of one stack in a GC cycle, 64 to 32 KiB", goals=(Goal(0.1, "Go"),)),),
    )
    yield Measure(
        "cycle",
        words("cycle", counts(scale, 100, 10000, 10000), counts(scale, 2, 10, 20)),
        (Row("GC cycle over idle goroutines, nothing to shrink, each", goals=(Goal(0.1, "Go"),)),),
    )


def starts() -> Iterator[Measure]:
    yield Measure(
        "start",
        words("start"),
        (
            Row("contig_start to the end of the first goroutine", goals=(Goal(100e3),)),
            Row(
                "contig_start to the end of the first goroutine",
                "bytes",
                value=resident,
                goals=(Goal(MIB),),
            ),
        ),
    )
    yield Measure(
        "start",
        words("process"),
        (
            Row("start of the process to the end of the first goroutine"),
            Row("start of the process to the end of the first goroutine", "bytes", value=resident),
        ),
    )


def runtime(scale: Scale) -> Iterator[Measure]:
    yield from switches(scale)
    yield from messages(scale)
    yield from threads(scale)
    yield from allocations(scale)
    yield from growths(scale)
    yield from calls(scale)
    yield from boundaries(scale)
    yield from forced_moves(scale)
    yield from parked(scale)
    yield from idle(scale)
    yield from cycles(scale)
    yield from starts()


def core(scale: Scale) -> Iterator[Measure]:
    """copystack alone, without goroutines that run."""
    sizes = [2, 8, 32, 128, 512] if scale is Scale.FULL else []
    kinds = [
        ("12", "12 words", 12, 2),
        ("12-turns", "12 words of 16 functions", 12, 2),
        ("40", "40 words", 40, 2),
        ("40-dense", "40 words, 22 pointers", 40, 22),
    ]
    for family, text, frame_words, pointers in kinds:
        for size in (k * KIB for k in sorted([*sizes, *growth_sizes(Scale.QUICK)])):
            if scale is Scale.TINY and size not in (4 * KIB, 64 * KIB):
                continue
            count = copy_count(size, scale)
            name = "copystack of %s, frames of %s" % (size_text(size), text)
            yield Measure(
                "copystack, " + text,
                words("core", family, size, count),
                (
                    Row(name + ", a frame", value=frame_time, floors=("plain C loop",)),
                    Row(name + ", copied", "GB/s", "more", rate, ("memcpy",)),
                ),
                {
                    "plain C loop": words("floor-copy", frame_words, pointers, size, count),
                    "memcpy": words("floor-memcpy", size, count),
                },
                peers=False,
            )
