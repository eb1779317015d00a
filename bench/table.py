"""table.py: rows out of samples; their text and their JSON (bench/schema.json)."""
from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from measures import Goal, Measure, Row, Sample
from ratios import Ratio, quantile, ratio, slope, verdict
from running import Samples
from sweeps import Sweep

SCHEMA = "contig-bench-2"
# A median this much above the best is marked: the repetitions did not agree.
SPREAD = 1.15

Cell = dict[str, Any]


def _values(row: Row, column: Sequence[Sample], contig: Sequence[Sample]) -> list[float]:
    return [row.value(own, ours) for own, ours in zip(column, contig)]


def _cell(values: list[float], better: str) -> Cell:
    ordered = sorted(values)
    return {
        "median": statistics.median(values),
        "low": quantile(ordered, 0.25),
        "high": quantile(ordered, 0.75),
        "best": ordered[0] if better == "less" else ordered[-1],
        "values": values,
    }


def _ratio_json(found: Ratio | None) -> Cell | None:
    if found is None:
        return None
    return {"median": found.median, "low": found.low, "high": found.high}


def _goal(goal: Goal, ours: list[float], columns: dict[str, list[float]]) -> Cell:
    """A goal without a column is one for contig's own figure."""
    found = None
    if goal.column is None:
        found = ratio(ours, [1.0] * len(ours))
    elif goal.column in columns:
        found = ratio(ours, columns[goal.column])
    return {
        "column": goal.column,
        "at_most": goal.at_most,
        "found": _ratio_json(found),
        "verdict": verdict(found, goal.at_most),
    }


def rows_of(measure: Measure, samples: Samples) -> Iterator[Cell]:
    """One object for each row, with all its columns."""
    for row in measure.rows:
        ours = _values(row, samples.contig, samples.contig)
        columns = {
            **{name: column for name, column in samples.peers.items()},
            **{name: samples.floors[name] for name in row.floors},
        }
        figures = {
            name: _values(row, column, samples.contig)
            for name, column in columns.items()
            if _has(row, column)
        }
        yield {
            "item": measure.item,
            "name": row.name,
            "unit": row.unit,
            "better": row.better,
            "x": measure.x,
            "contig": _cell(ours, row.better),
            "columns": [
                {
                    "name": name,
                    "floor": name in row.floors,
                    **_cell(values, row.better),
                    "ratio": _ratio_json(ratio(ours, values)),
                }
                for name, values in figures.items()
            ],
            "goals": [_goal(goal, ours, figures) for goal in row.goals],
        }


def _has(row: Row, column: Sequence[Sample]) -> bool:
    """Whether a peer prints what the row is about."""
    try:
        row.value(column[0], {"bytes": 1.0, "frame_bytes": 1.0})
    except KeyError:
        return False
    return True


def points_of(rows: Sequence[Cell], name: str) -> list[tuple[float, float]]:
    """(x, median) of a column, where it has a figure."""
    found = []
    for row in rows:
        cells = [row["contig"]] if name == "contig" else []
        cells += [one for one in row["columns"] if one["name"] == name]
        found += [(row["x"], cell["median"]) for cell in cells]
    return found


def sweep_of(sweep: Sweep, rows: list[Cell]) -> Cell:
    """The slopes of a sweep's columns; one that lacks the largest points has a slope of those that it has."""
    names = dict.fromkeys(one["name"] for row in rows for one in row["columns"])
    slopes = {}
    for name in ("contig", *names):
        points = points_of(rows, name)
        slopes[name] = slope([x for x, _ in points], [y for _, y in points])
    own = slopes["contig"]
    return {
        "name": sweep.name,
        "x": sweep.x,
        "unit": sweep.unit,
        "at_most": sweep.at_most,
        "slopes": slopes,
        "verdict": ("not measured" if own is None else "met" if own <= sweep.at_most else "missed"),
    }


def number_text(value: float) -> str:
    return "%.0f" % value if value >= 1000 else "%.1f" % value if value >= 10 else "%.2f" % value


def figure_text(cell: Cell) -> str:
    """The median, marked where it is far from the best."""
    low, high = sorted((cell["best"], cell["median"]))
    return ("~" if low <= 0 or high / low > SPREAD else "") + number_text(cell["median"])


def ratio_text(found: Cell | None) -> str:
    if found is None:
        return ""
    return "%.2f [%.2f %.2f]" % (found["median"], found["low"], found["high"])


def row_text(row: Cell) -> str:
    """A line for the row, and a line for each column."""
    unit = row["unit"] + ("^" if row["better"] == "more" else "")
    lines = [
        "%-70s %-7s %10s" % (row["name"], unit, figure_text(row["contig"]))
        + "".join(goal_text(goal) for goal in row["goals"] if goal["column"] is None)
    ]
    for column in row["columns"]:
        goals = [goal_text(one) for one in row["goals"] if one["column"] == column["name"]]
        lines.append(
            "    %-32s %42s%10s  %s%s"
            % (
                column["name"] + (" (floor)" if column["floor"] else ""),
                "",
                figure_text(column),
                ratio_text(column["ratio"]),
                "".join(goals),
            )
        )
    return "\n".join(lines)


def goal_text(goal: Cell) -> str:
    return "  goal %.4g: %s" % (goal["at_most"], goal["verdict"])


def sweep_text(sweep: Cell) -> str:
    slopes = ", ".join(
        "%s %.2f" % (name, value) for name, value in sweep["slopes"].items() if value is not None
    )
    return "slope of %s: %s  at most %.1f: %s" % (
        sweep["name"],
        slopes,
        sweep["at_most"],
        sweep["verdict"],
    )
