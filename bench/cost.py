#!/usr/bin/env python3
"""cost.py --check | --write | --record FILE: the figures and plots of docs/cost.md, from the JSON of one run.

  --record FILE     FILE, which bench/run --json wrote, becomes docs/cost/run.json; then as --write
  --write           writes tables and plots anew from docs/cost/run.json and bench/instructions.json
  --check           says whether they are what these files say

No figure is typed by hand.  docs/cost/run.json is the run without the values of single repetitions.
Exit status: 0; 1 if --check finds another table or plot; 2 if something cannot be read or written.
"""
from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, "ci")]
from contig import arguments, debian, files, tool  # noqa: E402

debian.require("jinja2", "jsonschema")
import jsonschema  # type: ignore[import]  # noqa: E402

import plots  # noqa: E402
import table  # noqa: E402
from instructions import recorded_counts  # noqa: E402

PAGE = os.path.join(ROOT, "docs", "cost.md")
FOLDER = os.path.join(ROOT, "docs", "cost")
RUN = os.path.join(FOLDER, "run.json")
Found = dict[str, Any]


def reduced(found: Found) -> Found:
    """Without the values of single repetitions, and with four digits."""

    def cell(one: Any) -> Any:
        if isinstance(one, dict):
            return {name: cell(value) for name, value in one.items() if name != "values"}
        if isinstance(one, list):
            return [cell(value) for value in one]
        return float("%.4g" % one) if isinstance(one, float) else one

    result: Found = cell(found)
    return result


def about(found: Found, _: str) -> list[str]:
    """One sentence on the run."""
    return [
        "%s; Go %s; %d repetitions%s."
        % (
            found["processor"],
            (found["go"] or "none").removeprefix("go"),
            found["repetitions"],
            (
                ", on a machine that was busy (%d %% of the time the programs waited for it)"
                % round(100 * found["waited_share"])
                if found["busy"]
                else ""
            ),
        )
    ]


def rows(found: Found, item: str) -> list[str]:
    """An item's rows; a column's figure and, in brackets, contig's as a share of it."""
    lines = ["| | contig | floors | peers |", "|---|---|---|---|"]
    for row in found["rows"]:
        if row["item"] == item:
            cells = {True: "", False: ""}
            for column in row["columns"]:
                ratio = column["ratio"]
                share = "" if ratio is None else " (%.2f)" % ratio["median"]
                comma = ", " if cells[column["floor"]] else ""
                cells[column["floor"]] += "%s%s %s%s" % (
                    comma,
                    column["name"],
                    table.number_text(column["median"]),
                    share,
                )
            own = "%s %s" % (table.number_text(row["contig"]["median"]), row["unit"])
            lines.append("| %s | %s | %s | %s |" % (row["name"], own, cells[True], cells[False]))
    if len(lines) == 2:
        raise tool.Problem("the run has no rows of %s" % tool.shown(item))
    return lines


def goals(found: Found, _: str) -> list[str]:
    """Every goal, and how the run stands to it."""
    lines = ["| row | against | at most | found | |", "|---|---|---|---|---|"]
    for row in found["rows"]:
        for goal in row["goals"]:
            lines.append(
                "| %s%s | %s | %s | %s | %s |"
                % (
                    row["name"],
                    "" if row["unit"] == "ns" else ", " + row["unit"],
                    goal["column"] or "itself",
                    "%g" % goal["at_most"],
                    table.ratio_text(goal["found"]),
                    goal["verdict"],
                )
            )
    return lines


def slopes(found: Found, _: str) -> list[str]:
    """1 is linear."""
    lines = ["| | contig | at most | | peers |", "|---|---|---|---|---|"]
    for sweep in found["sweeps"]:
        there = {name: value for name, value in sweep["slopes"].items() if value is not None}
        lines.append(
            "| %s | %.2f | %.1f | %s | %s |"
            % (
                sweep["name"],
                there.pop("contig"),
                sweep["at_most"],
                sweep["verdict"],
                ", ".join("%s %.2f" % one for one in there.items()),
            )
        )
    return lines


def instructions(_: Found, __: str) -> list[str]:
    """Callgrind's counts, as recorded."""
    recorded = recorded_counts()
    lines = ["| path | instructions | data misses | wrong branches |", "|---|---|---|---|"]
    for name, counts in recorded["paths"].items():
        figures = (counts["instructions"], counts["data_misses"], counts["wrong_branches"])
        lines.append(
            "| %s | %s | %.1f | %.1f |"
            % (name, table.number_text(figures[0]), *(abs(figure) for figure in figures[1:]))
        )
    return lines + ["", "The program was made by `%s`." % recorded["compiler"]]


KINDS: dict[str, Callable[[Found, str], list[str]]] = {
    "about": about,
    "rows": rows,
    "goals": goals,
    "slopes": slopes,
    "instructions": instructions,
}
PLACE = re.compile(r"(<!-- (\w+)(?:: ([^>]*?))? -->\n).*?(<!-- /\2 -->)", flags=re.S)


def page(text: str, found: Found) -> str:
    """The page with each place filled in; a place of an unknown kind is a mistake."""

    def filled(match: "re.Match[str]") -> str:
        if match[2] not in KINDS:
            raise tool.Problem("docs/cost.md has a place of kind %s" % tool.shown(match[2]))
        return "%s%s\n%s" % (match[1], "\n".join(KINDS[match[2]](found, match[3] or "")), match[4])

    missing = set(KINDS) - {match[2] for match in PLACE.finditer(text)}
    if missing:
        raise tool.Problem("docs/cost.md has no place for %s" % ", ".join(sorted(missing)))
    return PLACE.sub(filled, text)


def wanted(found: Found) -> dict[str, str]:
    """{path: text} of all that is made."""
    made = {os.path.join(FOLDER, name): text for name, text in plots.all_of(found).items()}
    return {PAGE: page(files.read(PAGE), found), **made}


def check(made: dict[str, str]) -> list[str]:
    """What is not as it should be: a sentence each."""
    wrong = []
    for path, text in made.items():
        if not os.path.exists(path) or files.read(path) != text:
            wrong.append("%s is not what docs/cost/run.json says" % os.path.relpath(path, ROOT))
    for name in sorted(os.listdir(FOLDER)):
        path = os.path.join(FOLDER, name)
        if path not in made and path != RUN:
            wrong.append("docs/cost/%s is of no run" % name)
    return wrong


def write(made: dict[str, str]) -> None:
    for path, text in made.items():
        files.write(path, text)
    for name in os.listdir(FOLDER):
        path = os.path.join(FOLDER, name)
        if path not in made and path != RUN:
            os.unlink(path)


def read(path: str) -> Found:
    """A run, or the recorded one; a Problem if it is none."""
    found, schema = files.read_json(path), files.read_json(os.path.join(HERE, "schema.json"))
    if path == RUN:
        schema["definitions"]["cell"]["required"].remove("values")
    wrong = next(jsonschema.Draft7Validator(schema).iter_errors(found), None)
    if wrong is not None:
        raise tool.Problem(
            "%s is not what bench/run --json writes: %s" % (tool.shown(path), wrong.message[:200])
        )
    return reduced(found)


def main() -> int:
    parser = arguments.Parser("bench/cost.py", __doc__ or "")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--record", metavar="FILE", type=arguments.input_file)
    options = parser.read()
    if options.check + options.write + (options.record is not None) != 1:
        raise tool.Problem("give one of --check, --write and --record FILE")
    found = read(options.record or RUN)
    # A run that lacks rows of the page is refused here: the recorded one is still there then.
    made = wanted(found)
    if options.record:
        files.write_json(RUN, found)
    if not options.check:
        write(made)
        return 0
    wrong = check(made)
    for sentence in wrong:
        tool.say("bench/cost.py", sentence + ": bench/cost.py --write makes it anew")
    return 1 if wrong else 0


if __name__ == "__main__":
    tool.run("bench/cost.py", main)
