#!/usr/bin/python3
"""Coverage for Bazel without its Java tools, which Debian does not have.

Bazel calls it twice, with options of its own:
  after each test    --coverage_dir=DIR --source_file_manifest=FILE --filter_sources=REGEX... --output_file=FILE
                     (gcov's counters become one LCOV file)
  after all tests    --reports_file=FILE --output_file=FILE
                     (the LCOV files named in FILE are added up)
"""
import collections
import json
import os
import re
import subprocess
import sys


class Report:
    def __init__(self):
        self.lines = collections.defaultdict(collections.Counter)
        self.calls = collections.defaultdict(collections.Counter)
        self.starts = collections.defaultdict(dict)

    def read_gcda(self, gcov, gcda):
        out = subprocess.run(
            [gcov, "--json-format", "--stdout", gcda],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        ).stdout
        for text in out.decode().splitlines():
            if not text.startswith("{"):
                continue
            for f in json.loads(text)["files"]:
                name = f["file"]
                for line in f["lines"]:
                    self.lines[name][line["line_number"]] += line["count"]
                for fn in f["functions"]:
                    self.calls[name][fn["name"]] += fn["execution_count"]
                    self.starts[name][fn["name"]] = fn["start_line"]

    def read_lcov(self, path):
        name = None
        with open(path) as f:
            for text in f:
                key, _, value = text.rstrip("\n").partition(":")
                if key == "SF":
                    name = value
                elif key == "DA":
                    line, count = value.split(",")[:2]
                    self.lines[name][int(line)] += int(count)
                elif key == "FN":
                    line, fn = value.split(",", 1)
                    self.starts[name][fn] = int(line)
                elif key == "FNDA":
                    count, fn = value.split(",", 1)
                    self.calls[name][fn] += int(count)

    def write(self, path, keep):
        with open(path, "w") as f:
            for name in sorted(self.lines):
                if not keep(name):
                    continue
                lines, calls = self.lines[name], self.calls[name]
                f.write("SF:%s\n" % name)
                for fn, start in sorted(self.starts[name].items()):
                    f.write("FN:%d,%s\n" % (start, fn))
                for fn in sorted(calls):
                    f.write("FNDA:%d,%s\n" % (calls[fn], fn))
                f.write("FNF:%d\nFNH:%d\n" % (len(calls), sum(1 for c in calls.values() if c)))
                for line in sorted(lines):
                    f.write("DA:%d,%d\n" % (line, lines[line]))
                f.write(
                    "LF:%d\nLH:%d\nend_of_record\n"
                    % (len(lines), sum(1 for c in lines.values() if c))
                )


def main():
    options = collections.defaultdict(list)
    for arg in sys.argv[1:]:
        key, _, value = arg.lstrip("-").partition("=")
        options[key].append(value)
    report = Report()
    keep = lambda name: True
    if options["reports_file"]:
        with open(options["reports_file"][0]) as f:
            for path in f.read().split():
                if os.path.exists(path) and not path.endswith("baseline_coverage.dat"):
                    report.read_lcov(path)
    else:
        gcov = os.environ.get("COVERAGE_GCOV_PATH") or "gcov"
        for folder, _, files in os.walk(options["coverage_dir"][0]):
            for name in sorted(files):
                path = os.path.join(folder, name)
                if name.endswith(".gcda"):
                    if os.path.exists(path[:-5] + ".gcno"):
                        report.read_gcda(gcov, path)
        with open(options["source_file_manifest"][0]) as f:
            sources = set(f.read().split())
        drop = [re.compile(r) for r in options["filter_sources"]]
        keep = lambda name: name in sources and not any(r.fullmatch(name) for r in drop)
    report.write(options["output_file"][0], keep)


main()
