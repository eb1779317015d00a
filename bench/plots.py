"""plots.py: one SVG for each item of the table, and one for each sweep.

The template is Jinja2's, since that is small and escapes what it is given; bars and lines need no library for plots.
The files have no script and no font of their own, and read well on white and on black.
"""
from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

import table
from contig import files

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, LEFT, BAR_WIDTH, LINE = 760, 250, 330, 18
PLOT_HEIGHT, MARGIN = 300, 60
# Where bars differ by more, their lengths are logarithms.
LINEAR_UP_TO = 40
COLOURS = ("#1668b8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be185d", "#0f766e", "#57534e")


@dataclass(frozen=True)
class Bar:
    """A bar from the left edge, the quartiles around its end, and the text beside it."""

    y: int
    label: str
    width: float
    low: float
    high: float
    text: str
    kind: str


def file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") + ".svg"


def _template(name: str) -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template(name)


def _scale(values: Sequence[float]) -> tuple[bool, float, float]:
    """Whether lengths are logarithms, and what is nothing and what is a whole bar."""
    positive = [value for value in values if value > 0]
    if not positive:
        return False, 0, 1
    low, high = min(positive), max(positive)
    if high / low <= LINEAR_UP_TO:
        return False, 0, high
    return True, low / 2, high


def _length(value: float, scale: tuple[bool, float, float]) -> float:
    logarithmic, low, high = scale
    if logarithmic:
        if value <= low:
            return 0
        return BAR_WIDTH * math.log(value / low) / math.log(high / low)
    return BAR_WIDTH * max(value, 0) / high


def bars(title: str, rows: Sequence[dict[str, Any]]) -> str:
    """Each row with its columns; all rows of one item and unit are of one scale."""
    cells = [cell for row in rows for cell in (row["contig"], *row["columns"])]
    scale = _scale([cell["high"] for cell in cells])
    drawn: list[Bar] = []
    heads: list[tuple[int, str]] = []
    y = 44
    for row in rows:
        heads.append((y, row["name"]))
        named = [("contig", row["contig"], "contig")] + [
            (one["name"], one, "floor" if one["floor"] else "peer") for one in row["columns"]
        ]
        for name, cell, kind in named:
            y += LINE
            width, low, high = (_length(cell[key], scale) for key in ("median", "low", "high"))
            drawn.append(Bar(y, name, width, low, high, "%.4g" % cell["median"], kind))
        y += LINE + 8
    return _template("bars.svg.j2").render(
        title=title,
        unit=rows[0]["unit"] + (", logarithmic" if scale[0] else ""),
        better=rows[0]["better"],
        heads=heads,
        bars=drawn,
        width=WIDTH,
        left=LEFT,
        height=y,
    )


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten."""
    return [10.0**n for n in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]


class Axis:
    """From values to places, by logarithms."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self.low, self.high = min(values) / 1.2, max(values) * 1.2
        self.begin, self.end = begin, end
        self.ticks = [(self.place(tick), "%g" % tick) for tick in _ticks(self.low, self.high)]

    def place(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.begin + share * (self.end - self.begin)


def lines(sweep: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """Both axes are logarithmic, so that a slope of 1 is linear."""
    columns = {
        name: [(x, y) for x, y in table.points_of(rows, name) if y > 0] for name in sweep["slopes"]
    }
    points = [point for column in columns.values() for point in column]
    x = Axis([one for one, _ in points], MARGIN, WIDTH - 200)
    y = Axis([one for _, one in points], PLOT_HEIGHT, 40)
    drawn = []
    for (name, column), colour in zip(columns.items(), COLOURS):
        value = sweep["slopes"][name]
        drawn.append(
            {
                "name": name + ("" if value is None else ", slope %.2f" % value),
                "colour": colour,
                "dots": [(x.place(one), y.place(other)) for one, other in column],
            }
        )
    return _template("lines.svg.j2").render(
        title=sweep["name"],
        x=x,
        y=y,
        x_name=sweep["x"],
        y_name=sweep["unit"],
        lines=drawn,
        width=WIDTH,
        height=PLOT_HEIGHT + 50,
    )


def all_of(found: dict[str, Any]) -> dict[str, str]:
    """{file name: text} of a whole run."""
    drawn = {}
    swept = {sweep["name"] for sweep in found["sweeps"]}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in found["rows"]:
        if row["item"] not in swept:
            groups.setdefault((row["item"], row["unit"]), []).append(row)
    for (item, unit), rows in groups.items():
        title = item if unit == "ns" else "%s, %s" % (item, unit)
        drawn[file_name(title)] = bars(title, rows)
    for sweep in found["sweeps"]:
        mine = [row for row in found["rows"] if row["item"] == sweep["name"]]
        drawn[file_name(sweep["name"])] = lines(sweep, mine)
    return drawn


def write_all(found: dict[str, Any], folder: str) -> None:
    for name, text in all_of(found).items():
        files.write(os.path.join(folder, name), text)
