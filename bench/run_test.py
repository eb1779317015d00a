#!/usr/bin/env python3
"""run_test.py CONTIG_BENCH: the harness prints, writes and plots every row, with peers and without.

No time is looked at.
Its figures of known samples are looked at: medians, ratios, slopes and what they say of a goal.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from typing import Any, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.path.join(HERE, "run")
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "ci")]
from contig import debian, tool  # noqa: E402

debian.require("jinja2", "jsonschema")
import jsonschema  # type: ignore[import]  # noqa: E402

import cost  # noqa: E402
import instructions  # noqa: E402
import peers  # noqa: E402
import plots  # noqa: E402
import ratios  # noqa: E402

# What the rows must begin with, and how many there must be.
ROWS = {
    "switch": 2,
    "raw switch": 1,
    "spawn, run, exit": 2,
    "message": 3,
    "100 goroutines blocked on a channel": 2,
    "two threads": 8 if len(os.sched_getaffinity(0)) > 1 else 0,
    "stackalloc and stackfree": 6,
    "growth from 2 KiB to": 8,
    "fib": 1,
    "1000 calls deep": 1,
    "call ": 3,
    "recursion that grows": 2,
    "forced move": 1,
    "100 parked goroutines": 2,
    "10000 parked goroutines": 2,
    "idle": 2,
    "shrink": 1,
    "GC cycle over idle": 1,
    "contig_start": 2,
    "start of the process": 2,
}
SWEEPS = {
    "move of a stack, by its depth": 2,
    "move of a frame, by its size": 2,
    "move of a frame, by its pointers": 2,
    "growth from 2 KiB, by": 2,
    "one turn of all goroutines": 2,
    "making goroutines that park": 2,
    "GC cycle, by": 2,
    "a block of the page heap": 2,
}
CORE_ROWS = {"copystack of": 16}
PEERS = {peer.name for peer in peers.all_peers([], None)}
FLOORS = {
    "memcpy",
    "plain C loop",
    "list of free stacks",
    "no check",
    "raw switch",
    "never used",
    "one thread",
}


def fail(what: str) -> NoReturn:
    print("run_test: FAILED: " + what)
    sys.exit(1)


def require(condition: bool, what: str) -> None:
    if not condition:
        fail(what)


def run(options: list[str], **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, RUN, *options],
        env={**os.environ, **variables},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_counts(table: dict[str, Any], expected: dict[str, int]) -> None:
    for name, count in expected.items():
        found = sum(row["name"].startswith(name) for row in table["rows"])
        require(found == count, "%d rows of %s, not %d" % (count, name, found))
    require(len(table["rows"]) == sum(expected.values()), "no other row")


def check_columns(row: dict[str, Any]) -> None:
    """Each column is a known one, and once; a goal of one that is there has a verdict."""
    names = [column["name"] for column in row["columns"]]
    require(len(names) == len(set(names)), "each column once in " + row["name"])
    for column in row["columns"]:
        known = FLOORS if column["floor"] else PEERS
        require(column["name"] in known, "a known column, not %s" % column["name"])
    for goal in row["goals"]:
        there = goal["column"] is None or goal["column"] in names
        require((goal["found"] is not None) == there, "a verdict on a goal of " + row["name"])
        require(goal["column"] in {None, *PEERS, *FLOORS}, "a goal of a known column")


def check_run(
    program: str, folder: str, options: list[str], expected: dict[str, int], **variables: str
) -> tuple[dict[str, Any], str]:
    """One tiny run: its table fits the schema, has these rows, and each is printed and plotted."""
    file, plotted = os.path.join(folder, "table.json"), os.path.join(folder, "plots")
    words = ["--tiny", "--program", program, "--json", file, "--plots", plotted, *options]
    done = run(words, **variables)
    require(done.returncode == 0, "exit status %d: %s" % (done.returncode, done.stderr))
    with open(file, encoding="utf-8") as text:
        table: dict[str, Any] = json.load(text)
    with open(os.path.join(HERE, "schema.json"), encoding="utf-8") as text:
        jsonschema.Draft7Validator(json.load(text)).validate(table)
    check_counts(table, expected)
    for row in table["rows"]:
        check_columns(row)
        require(row["name"] in done.stdout, "a printed row " + row["name"])
    for sweep in table["sweeps"]:
        require(
            "slope of %s: contig" % sweep["name"] in done.stdout, "the slope of " + sweep["name"]
        )
    check_plots(table, plotted)
    return table, done.stdout


def check_plots(table: dict[str, Any], folder: str) -> None:
    """Each row's name or each sweep's is in a picture that is well-formed."""
    shown = ""
    for name in plots.all_of(table):
        root = ElementTree.parse(os.path.join(folder, name)).getroot()
        shown += "\n".join(one.text or "" for one in root.iter()) + "\n"
    swept = {sweep["name"] for sweep in table["sweeps"]}
    for row in table["rows"]:
        title = row["item"] if row["item"] in swept else row["name"]
        require(title in shown, "a plot of " + title)


def check_refusals() -> None:
    for wrong in (
        ["--quik"],
        ["more"],
        ["--json"],
        ["--json", "/none/x"],
        ["--only", "nothing like this"],
        ["--repeat", "0"],
        ["--ocaml", "/none"],
    ):
        done = run(wrong)
        require(
            done.returncode == 2 and done.stderr.count("\n") == 1 and wrong[-1] in done.stderr,
            "exit status 2 and one sentence for " + wrong[0],
        )
    for program, part in (
        ("/nonexistent/contig_bench", "nonexistent"),
        ("/usr/bin/false", "ended with status 1"),
        ("/usr/bin/echo", "printed no table"),
    ):
        done = run(["--tiny", "--program", program])
        require(done.returncode == 2 and part in done.stderr, "no figures from " + program)


def check_ratios() -> None:
    """Figures that can be told beforehand."""
    same = ratios.ratio([2.0] * 20, [4.0] * 20)
    require(same == ratios.Ratio(0.5, 0.5, 0.5), "the ratio of samples that do not vary")
    noisy = ratios.ratio([1.0 + 0.01 * n for n in range(20)], [2.0] * 20)
    require(noisy is not None and noisy.low < noisy.median < noisy.high, "an interval around noise")
    assert noisy is not None
    require(noisy.low > 0.5 and noisy.high < 0.6, "no wider than the samples")
    require(ratios.ratio([1.0], [0.0]) is None, "no ratio to nothing")
    require(ratios.verdict(noisy, 0.6) == "met", "a goal above the interval")
    require(ratios.verdict(noisy, 0.5) == "missed", "a goal below it")
    require(ratios.verdict(noisy, noisy.median) == "open", "a goal inside of it")
    require(ratios.verdict(None, 1) == "not measured", "a goal without a peer")
    square = ratios.slope([1, 10, 100], [3, 300, 30000])
    require(square is not None and abs(square - 2) < 1e-9, "the slope of a square")
    require(ratios.slope([5, 5], [1, 2]) is None, "no slope of one point")


def check_instructions() -> None:
    """The gate on instructions: 3 % more and 3 % less are seen, 1 % and rounding are not, and neither is nothing."""
    recorded = {"compiler": "one", "paths": {"path": {"instructions": 100.0}}}
    for count, wrong in ((103.0, 1), (97.0, 1), (101.0, 0), (99.0, 0)):
        found = {"path": {"instructions": count}}
        require(len(instructions.compare(found, recorded)) == wrong, "a verdict on %s" % count)
    require(
        len(instructions.compare({"other": {"instructions": 1.0}}, recorded)) == 1, "a new path"
    )
    require(len(instructions.gone(recorded)) == 1, "a path that is not counted any more")
    try:
        instructions.check_compiler("another", recorded)
    except tool.Problem as problem:
        require("another" in str(problem) and "one" in str(problem), "both compilers' names")
    else:
        fail("another compiler's counts are compared")


def check_records(folder: str) -> None:
    """A record that holds no counts is refused, and a run that lacks rows of the page replaces no recorded one."""
    kept, instructions.RECORD = instructions.RECORD, os.path.join(folder, "instructions.json")
    for text in ("[]", "{}", '{"compiler": "one", "paths": {"path": {"instructions": 0}}}'):
        with open(instructions.RECORD, "w", encoding="utf-8") as out:
            out.write(text)
        try:
            instructions.recorded_counts()
        except tool.Problem as problem:
            require("does not hold the counts" in str(problem), "a sentence on " + text)
        else:
            fail("%s passes for counts" % text)
    instructions.RECORD = kept
    partial, cost.RUN = os.path.join(folder, "table.json"), os.path.join(folder, "run.json")
    sys.argv[1:] = ["--record", partial]
    try:
        cost.main()
    except tool.Problem as problem:
        require("has no rows of" in str(problem), "a sentence on rows, not: %s" % problem)
    else:
        fail("a run that lacks rows passes for a whole one")
    require(not os.path.exists(cost.RUN), "no record of it")


def check_failing_peer(program: str, folder: str) -> None:
    """A compiler that fails and a program that fails each cost a column and give a note."""
    tools = os.path.join(folder, "tools")
    os.mkdir(tools)
    for name, text in (("go", "exit 1"), ("scheme", "echo why >&2; exit 3")):
        path = os.path.join(tools, name)
        with open(path, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\n%s\n" % text)
        os.chmod(path, 0o755)
    path = tools + ":/usr/bin:/bin"
    table, text = check_run(program, folder, ["--only", "raw switch"], {"raw switch": 1}, PATH=path)
    require("Chez" in text and "ended with status 3" in text, "a note on a peer that fails")
    require("Chez" not in [one["name"] for one in table["rows"][0]["columns"]], "no figure of it")
    done = run(["--tiny", "--program", program, "--only", "shrink"], PATH=path)
    require("Go is not measured: go could not build it" in done.stdout, "a note on a compiler")


def main() -> None:
    program = os.path.abspath(sys.argv[1])
    check_ratios()
    check_instructions()
    long = peers.long_sources()
    require(not long, "sources that can be checked by eye, not %s" % long)
    with tempfile.TemporaryDirectory() as folder:
        check_run(program, folder, [], {**ROWS, **SWEEPS})
        check_run(program, folder, ["--core"], CORE_ROWS)
        check_records(folder)
        check_run(program, folder, ["--sweeps"], SWEEPS)
        table, text = check_run(program, folder, [], {**ROWS, **SWEEPS}, PATH=folder)
        require(table["go"] is None and text.count("go is missing") == 1, "one sentence without Go")
        require("(gccgo-12)" in text, "the package of a peer that is missing")
        check_failing_peer(program, folder)
    check_refusals()
    print("run_test: ok")


main()
