"""verdict.py: what one way of noticing says of one defect, and the table of all that was said.

The table is Magma's: a row a defect, a column a way, the time to detection in it.  Used by run and by the ways.
"""
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from defects.record import WAYS, Defect

TITLE_WIDTH, CELL_WIDTH = 48, 12


@dataclass(frozen=True)
class Verdict:
    """Whether it was noticed, after how many seconds, and how; details are for the JSON file."""

    noticed: bool
    seconds: float
    how: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def cell(self) -> str:
        return "%.1f s" % self.seconds if self.noticed else "NOT NOTICED"


class Way(Protocol):
    """One way of noticing."""

    def judge(self, defect: Defect) -> Verdict:
        """Plants the defect, and says whether it was noticed."""

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on what notices something where no defect is."""


@dataclass(frozen=True)
class Row:
    """A defect, and the verdict of each way that was asked."""

    defect: Defect
    verdicts: Mapping[str, Verdict]

    def line(self) -> str:
        cells = [self.verdicts[way].cell() if way in self.verdicts else "-" for way in WAYS]
        how = "; ".join(verdict.how for verdict in self.verdicts.values())
        return _line(self.defect.title, cells, how)

    def record(self) -> dict[str, Any]:
        """For the JSON file."""
        fields = self.defect.fields
        return {
            "name": self.defect.name,
            "area": self.defect.area,
            "what": fields["What"],
            "reference": fields["Reference"],
            "requirements": self.defect.words("Requirement"),
            "verdicts": {
                way: {"noticed": one.noticed, "seconds": round(one.seconds, 1), "how": one.how}
                | dict(one.details)
                for way, one in self.verdicts.items()
            },
        }


def _line(title: str, cells: Sequence[str], how: str) -> str:
    padded = "".join("%*s" % (CELL_WIDTH, cell) for cell in cells)
    return ("%-*s%s  %s" % (TITLE_WIDTH, title, padded, how)).rstrip()


def head() -> str:
    return _line("defect", WAYS, "how")


def not_noticed(rows: Sequence[Row]) -> list[str]:
    return [
        "not noticed by %s: %s: %s" % (way, row.defect.title, one.how)
        for row in rows
        for way, one in row.verdicts.items()
        if not one.noticed
    ]


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """A line a way."""
    for way in WAYS:
        asked = [row.verdicts[way] for row in rows if way in row.verdicts]
        seconds = [one.seconds for one in asked if one.noticed]
        if asked:
            yield "%s: %d of %d noticed, median %.1f s, slowest %.1f s" % (
                way,
                len(seconds),
                len(asked),
                statistics.median(seconds or [0.0]),
                max(seconds or [0.0]),
            )
