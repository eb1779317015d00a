"""sites.py: vectors of the table of call sites: what is refused, and what a return address finds."""
from __future__ import annotations

from typing import Any, Dict, List

from spec.vectors.areas.stacks import CALL, FIRST, bare_site, call_site, first_site, site
from spec.vectors.areas.vectors import Step, Vector, vector
from spec.vectors.model.moves import LAST_OFFSET, TEXT_BASE, Record, SiteTable
from spec.vectors.model.sizes import END_OF_NUMBERS


class Table:
    """Calls on one table."""

    def __init__(self) -> None:
        self.table = SiteTable()
        self.steps: List[Step] = []

    def append(self, *rows: Record) -> "Table":
        self.steps.append(
            {"call": "sites_append", "sites": list(rows), "status": self.table.append(list(rows))}
        )
        return self

    def truncate(self, count: int) -> "Table":
        self.table.truncate(count)
        self.steps.append({"call": "sites_truncate", "count": count})
        return self

    def find(self, *places: int) -> "Table":
        self.steps += [
            {"call": "site_find", "pc": pc, "result": self.table.find(pc)} for pc in places
        ]
        return self


def vector_of(name: str, requirements: str, table: Table, **members: Any) -> Vector:
    return vector("sites", "sites-" + name, requirements, steps=table.steps, **members)


def rows() -> Dict[str, Record]:
    """One row each, sound or not."""
    return {
        "no-words": site(CALL, 0, 2, [0]),
        "first-without-words": first_site(0),
        "first-with-map": first_site(3, [0, 2]),
        "first-frame-larger-than-span": site(CALL, 4, 3, [], 1),
        "frame-as-large-as-span": site(CALL, 2, 2, [2]),
        "no-room-for-return-address": site(CALL, 1, 2, [1]),
        "room-for-both": site(CALL, 1, 3, [1]),
        "frame-pointer-not-marked": site(CALL, 3, 5, [0, 1, 2]),
        "frame-pointer-marked": site(CALL, 3, 5, [3]),
        "return-address-marked": site(CALL, 3, 5, [3, 4]),
        "bare-frame": bare_site(CALL, 3, []),
        "bare-frame-with-map": bare_site(CALL, 3, [0, 3]),
        "bare-frame-without-return-address": {**site(CALL, 3, 4, []), "bare": 1},
        "bare-first-frame": {**first_site(3), "bare": 1},
        "last-bit": call_site(CALL, 3, [6], None, 2),
        "bit-beyond-span": site(CALL, 3, 5, [3, 5]),
        "bit-beyond-span-of-32": site(CALL, 30, 32, [30, 32]),
        "bit-beyond-span-of-first": first_site(2, [2]),
        "last-bit-of-32": call_site(CALL, 30, [31]),
        "last-bit-of-64": call_site(CALL, 62, [63]),
        "last-bit-of-128": call_site(CALL, 126, [127]),
        "frame-pointer-in-third-mask": call_site(CALL, 64, []),
        "object-beyond-span": site(CALL, 3, 5, [3], 0, [5]),
        "last-object": site(CALL, 3, 5, [3], 0, [4]),
        "no-objects": site(CALL, 3, 5, [3], 0, []),
        "pc-at-text": site(TEXT_BASE, 3, 5, [3]),
        "pc-below-text": site(TEXT_BASE - 1, 3, 5, [3]),
        "pc-last": site(TEXT_BASE + LAST_OFFSET, 3, 5, [3]),
        "pc-beyond-last": site(TEXT_BASE + LAST_OFFSET + 1, 3, 5, [3]),
    }


def one_row(name: str, row: Record) -> Vector:
    return vector_of(
        name, "SITE-1 SITE-3", Table().append(row).find(row["pc"], row["pc"] + 1, CALL - 1)
    )


GOOD, OTHER, WRONG = call_site(CALL, 3, []), first_site(2), site(CALL + 9, 3, 5, [])


def rows_together() -> List[Vector]:
    """SITE-2, SITE-4: an address that is there already, and rows of which one is wrong."""
    return [
        vector_of(
            "same-address-at-once",
            "SITE-2 SITE-4",
            Table().append(GOOD, OTHER, GOOD).find(CALL, FIRST),
        ),
        vector_of(
            "same-address-later",
            "SITE-2 SITE-4",
            Table().append(GOOD).append(OTHER, GOOD).find(CALL, FIRST),
        ),
        vector_of(
            "all-or-none", "SITE-4", Table().append(GOOD, OTHER, WRONG).find(CALL, FIRST, CALL + 9)
        ),
        vector_of(
            "none-after-some",
            "SITE-4",
            Table().append(GOOD).append(OTHER, WRONG).append(OTHER).find(CALL, FIRST),
        ),
    ]


def rows_taken_away() -> List[Vector]:
    """SITE-5."""
    some = Table().append(GOOD, OTHER).truncate(1).find(CALL, FIRST).append(OTHER).find(FIRST)
    every = Table().append(GOOD, OTHER).truncate(0).find(CALL, FIRST)
    every = every.append(OTHER, GOOD).find(CALL, FIRST)
    return [
        vector_of("taken-away", "SITE-5", some),
        vector_of("all-taken-away", "SITE-5", every),
        vector_of(
            "nothing-taken-away", "SITE-5", Table().append(GOOD).truncate(1).truncate(7).find(CALL)
        ),
    ]


def addresses_not_there() -> List[Vector]:
    """SITE-3."""
    far = [0, CALL - TEXT_BASE, CALL + (1 << 31), CALL + (1 << 32), CALL + (1 << 63)]
    far += [TEXT_BASE - 1, END_OF_NUMBERS - 1]
    return [
        vector_of(
            "nothing-there", "SITE-3", Table().append().find(0, CALL, TEXT_BASE, END_OF_NUMBERS - 1)
        ),
        vector_of("far-addresses", "SITE-3", Table().append(GOOD).find(*far)),
    ]


def many_rows() -> Vector:
    """SITE-3, SITE-7: every third of many rows, of which some were taken away."""
    many = [call_site(TEXT_BASE + 65536 * number, number % 7, [0]) for number in range(60)]
    table = Table().append(*many[:30]).append(*many[30:]).truncate(45)
    return vector_of("many", "SITE-3 SITE-7", table.find(*[row["pc"] for row in many[::3]]))


def made() -> List[Vector]:
    single = [one_row(name, row) for name, row in rows().items()]
    return single + rows_together() + rows_taken_away() + addresses_not_there() + [many_rows()]
