"""ratios.py: what repetitions say: medians, ratios with the interval in which they lie, and slopes.

The interval is a bootstrap's: the repetitions are drawn again and again with replacement, each with all its columns,
since what disturbed one column of a repetition disturbed the others.  The draws are the same in each run.
"""
from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

DRAWS = 1000
SEED = 20
# The share of the draws that lies inside of the interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """The ratio of two medians, and the interval."""

    median: float
    low: float
    high: float


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in order, with what lies between two of them."""
    place = share * (len(ordered) - 1)
    lower = math.floor(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (place - lower) * (ordered[upper] - ordered[lower])


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio | None:
    """Of repetitions that were taken side by side; None if there is nothing to divide by."""
    pairs = list(zip(ours, theirs, strict=True))
    if not pairs or statistics.median(theirs) == 0:
        return None
    draw = random.Random(SEED)
    drawn = []
    for _ in range(DRAWS):
        sample = draw.choices(pairs, k=len(pairs))
        below = statistics.median(one[1] for one in sample)
        if below != 0:
            drawn.append(statistics.median(one[0] for one in sample) / below)
    drawn.sort()
    outside = (1 - CONFIDENCE) / 2
    return Ratio(
        statistics.median(ours) / statistics.median(theirs),
        quantile(drawn, outside),
        quantile(drawn, 1 - outside),
    )


def slope(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Of the line of least squares through the logarithms: 1 is linear.  None: less than two different xs."""
    points = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True) if x > 0 and y > 0]
    if len({x for x, _ in points}) < 2:
        return None
    mean_x, mean_y = (statistics.fmean(column) for column in zip(*points))
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def verdict(found: Ratio | None, at_most: float) -> str:
    """Whether a goal is met: only where the whole interval says the same."""
    if found is None:
        return "not measured"
    if found.high <= at_most:
        return "met"
    return "missed" if found.low > at_most else "open"
