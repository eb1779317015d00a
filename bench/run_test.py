#!/usr/bin/env python3
"""run_test.py CONTIG_BENCH: the harness prints and writes every row, with and without Go; no time is looked at."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.path.join(HERE, "run")

# What the rows must begin with, and how many there must be.
ROWS = {
    "switch": 2,
    "spawn, run, exit": 2,
    "stackalloc and stackfree": 4,
    "growth from 2 KiB": 8,
    "fib": 1,
    "1000 parked goroutines": 2,
    "shrink": 1,
}
CORE_ROWS = {"copystack of": 16}
FLOORS = {"memcpy", "plain C loop", "list of free stacks", "no check", None}


def require(condition, what):
    if not condition:
        print("run_test: FAILED: " + what)
        sys.exit(1)


def run(options, path=None):
    environment = dict(os.environ)
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        [sys.executable, RUN, *options],
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_cell(cell, where):
    require(set(cell) == {"median", "best", "values"} and cell["values"], "a cell of " + where)
    require(all(value > 0 for value in cell["values"]), "a figure above 0 in " + where)


def check_table(table, expected, go_expected):
    require(table["schema"] == "contig-bench-1", "the schema's name")
    require(
        set(table)
        == {"schema", "processor", "go", "repetitions", "waited_share", "busy", "notes", "rows"},
        "the fields of the table",
    )
    for name, count in expected.items():
        found = sum(row["name"].startswith(name) for row in table["rows"])
        require(found == count, "%d rows of %s, not %d" % (count, name, found))
    require(len(table["rows"]) == sum(expected.values()), "no other row")
    for row in table["rows"]:
        require(
            row["unit"] in ("ns", "bytes", "GB/s") and row["better"] in ("less", "more"),
            "unit of " + row["name"],
        )
        require(
            row["floor_is"] in FLOORS and (row["floor_is"] is None) == (row["floor"] is None),
            "the floor of " + row["name"],
        )
        require(
            (row["go"] is None) == (row["contig_per_go"] is None), "ratio to Go of " + row["name"]
        )
        require(
            (row["floor"] is None) == (row["contig_per_floor"] is None),
            "ratio to the floor of " + row["name"],
        )
        require(go_expected or row["go"] is None, "an empty column of Go in " + row["name"])
        for key in ("contig", "go", "floor"):
            if row[key] is not None:
                check_cell(row[key], row["name"])
        require(row["contig"] is not None, "contig's figure of " + row["name"])


def check_run(program, folder, options, expected, path=None):
    file = os.path.join(folder, "table.json")
    done = run(["--tiny", "--program", program, "--json", file, *options], path)
    require(done.returncode == 0, "exit status %d: %s" % (done.returncode, done.stderr))
    with open(file, encoding="utf-8") as text:
        table = json.load(text)
    check_table(table, expected, table["go"] is not None)
    for row in table["rows"]:
        require(row["name"] in done.stdout, "a printed row " + row["name"])
    return table, done.stdout


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        check_run(program, folder, [], ROWS)
        check_run(program, folder, ["--core"], CORE_ROWS)
        table, text = check_run(program, folder, [], ROWS, path=folder)
        require(
            table["go"] is None and text.count("Go is not installed") == 1,
            "one sentence without Go",
        )
    for wrong in (
        ["--quik"],
        ["more"],
        ["--json"],
        ["--json", "/none/x"],
        ["--only", "nothing like this"],
    ):
        done = run(wrong)
        require(
            done.returncode == 2 and done.stderr.count("\n") == 1 and wrong[-1] in done.stderr,
            "exit status 2 and one sentence for " + wrong[0],
        )
    done = run(["--tiny", "--program", "/nonexistent/contig_bench"])
    require(
        done.returncode == 2 and done.stderr.count("\n") == 1,
        "one sentence for a program that is not there",
    )
    done = run(["--tiny", "--program", "/usr/bin/false"])
    require(
        done.returncode == 2 and "ended with status 1" in done.stderr,
        "a program that fails is no figure",
    )
    done = run(["--tiny", "--program", "/usr/bin/env"])
    require(
        done.returncode == 2 and done.stderr.count("\n") >= 1,
        "a program of another kind is no figure",
    )
    print("run_test: ok")


main()
