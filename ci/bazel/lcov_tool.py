#!/usr/bin/python3
"""Coverage for Bazel without its Java tools, which Debian does not have.

Bazel calls it twice, with options of its own:
  after each test    --coverage_dir=DIR --source_file_manifest=FILE --filter_sources=REGEX... --output_file=FILE
                     (gcov's counters become one LCOV file)
  after all tests    --reports_file=FILE --output_file=FILE
                     (the LCOV files named in FILE are added up)
"""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TextIO


class Report:
    """How often each line and each function of each file ran, and where functions begin."""

    def __init__(self) -> None:
        self.lines: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.starts: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def read_gcda(self, gcov: str, gcda: str) -> None:
        """Adds the counters of one object."""
        out = subprocess.run(
            [gcov, "--json-format", "--stdout", gcda],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        ).stdout
        for text in out.decode().splitlines():
            if not text.startswith("{"):
                continue
            for file in json.loads(text)["files"]:
                name = file["file"]
                for line in file["lines"]:
                    self.lines[name][line["line_number"]] += line["count"]
                for function in file["functions"]:
                    self.calls[name][function["name"]] += function["execution_count"]
                    self.starts[name][function["name"]] = function["start_line"]

    def read_lcov(self, path: str) -> None:
        """Adds a file that `write` made."""
        name = ""
        with open(path, encoding="utf-8") as records:
            for text in records:
                key, _, value = text.rstrip("\n").partition(":")
                if key == "SF":
                    name = value
                elif key == "DA":
                    line, count = value.split(",")[:2]
                    self.lines[name][int(line)] += int(count)
                elif key == "FN":
                    line, function = value.split(",", 1)
                    self.starts[name][function] = int(line)
                elif key == "FNDA":
                    count, function = value.split(",", 1)
                    self.calls[name][function] += int(count)

    def _write_file(self, out: TextIO, name: str) -> None:
        lines, calls = self.lines[name], self.calls[name]
        out.write("SF:%s\n" % name)
        for function, start in sorted(self.starts[name].items()):
            out.write("FN:%d,%s\n" % (start, function))
        for function in sorted(calls):
            out.write("FNDA:%d,%s\n" % (calls[function], function))
        out.write("FNF:%d\nFNH:%d\n" % (len(calls), sum(map(bool, calls.values()))))
        for line in sorted(lines):
            out.write("DA:%d,%d\n" % (line, lines[line]))
        out.write("LF:%d\nLH:%d\n" % (len(lines), sum(map(bool, lines.values()))))
        out.write("end_of_record\n")

    def write(self, path: str, keep: Callable[[str], bool]) -> None:
        """Writes the files that shall be kept."""
        with open(path, "w", encoding="utf-8") as out:
            for name in sorted(self.lines):
                if keep(name):
                    self._write_file(out, name)


def words(path: str) -> list[str]:
    with open(path, encoding="utf-8") as text:
        return text.read().split()


def add_up(report: Report, reports: str, output: str) -> None:
    """All tests: one report of many."""
    for path in words(reports):
        if os.path.exists(path) and not path.endswith("baseline_coverage.dat"):
            report.read_lcov(path)
    report.write(output, lambda name: True)


def collect(report: Report, options: defaultdict[str, list[str]], output: str) -> None:
    """One test: the counters in its folder."""
    gcov = os.environ.get("COVERAGE_GCOV_PATH") or "gcov"
    for folder, _, names in os.walk(options["coverage_dir"][0]):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".gcda") and os.path.exists(path[:-5] + ".gcno"):
                report.read_gcda(gcov, path)
    sources = set(words(options["source_file_manifest"][0]))
    drop = [re.compile(pattern) for pattern in options["filter_sources"]]
    report.write(
        output, lambda name: name in sources and not any(one.fullmatch(name) for one in drop)
    )


def main() -> None:
    options: defaultdict[str, list[str]] = defaultdict(list)
    for word in sys.argv[1:]:
        key, _, value = word.lstrip("-").partition("=")
        options[key].append(value)
    output = options["output_file"][0]
    if options["reports_file"]:
        add_up(Report(), options["reports_file"][0], output)
    else:
        collect(Report(), options, output)


main()
