#!/usr/bin/env python3
"""kit_test.py: the kit compiles everywhere, takes no name of a runtime, and says what `contig conform` says.

Its report is compared on the traces of the tests, on those of contig's demonstrations and of examples/toy_runtime.c, on
the corpus of trace_fuzz, and on copies with one line spoilt.  The guide's commands and its deviations are what happens.
COPY-1 GROW-2 GROW-4 LIFE-1.

Called by Bazel in the folder of the tree, with the kit as data."""
from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

WARNINGS = ["-Wall", "-Wextra", "-Werror"]
MODES: list[list[str]] = [
    [],
    ["--exact"],
    ["--json"],
    ["--moves"],
    ["--moves", "--json"],
    ["--profile", "plain"],
]
DEMOS = ["fib 10", "deep 65536", "shrink", "overflow", "hotsplit"]
FAULTS_PER_TRACE, TOY_FAULTS = 40, 300
LEAST_DEVIATIONS, LEAST_REQUIREMENTS = 200, 15

given = argparse.Namespace()
work = ""


def run(words: list[str], where: str | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=where, check=False
    )
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def must(words: list[str], where: str | None = None) -> str:
    status, out, error = run(words, where)
    if status != 0:
        raise AssertionError(
            "%s: status %d\n%s%s" % (" ".join(words), status, out[-2000:], error[-4000:])
        )
    return out


def in_work(name: str) -> str:
    return os.path.join(work, name)


def write(name: str, text: str) -> str:
    with open(in_work(name), "w", encoding="latin-1", newline="") as out:
        out.write(text)
    return in_work(name)


def read(path: str) -> str:
    with open(path, encoding="latin-1", newline="") as file:
        return file.read()


def compiled(compiler: str, source: str, program: str, *options: str) -> str:
    must([compiler, "-std=c11", *WARNINGS, "-O2", *options, source, "-o", in_work(program)])
    return in_work(program)


def toy_trace(text: str, name: str) -> str:
    """The trace of a toy runtime with this source; one that its own mistake ends has written what came before."""
    program = compiled("gcc", write(name + ".c", text), name, "-Wno-error")
    with open(in_work(name + ".txt"), "wb") as out:
        subprocess.run([program], stdout=out, stderr=subprocess.DEVNULL, check=False)
    return in_work(name + ".txt")


def spoilt(lines: list[str], chance: random.Random) -> list[str]:
    """The lines with one fault: a line is gone, comes twice, or late, or one digit is another."""
    at = chance.randrange(len(lines) - 1)
    kind = chance.randrange(4)
    line = lines[at]
    digits = [place for place, letter in enumerate(line) if letter.isdigit()]
    if kind == 3 and digits:
        place = chance.choice(digits)
        digit = str((int(line[place]) + chance.randrange(1, 10)) % 10)
        changed = [line[:place] + digit + line[place + 1 :]]
    else:
        forms: list[list[str]] = [[], [line, line], [lines[at + 1], line], []]
        changed = forms[kind]
    return lines[:at] + changed + lines[at + (2 if kind == 2 else 1) :]


class KitTest(unittest.TestCase):
    command: str
    commands: list[str]
    judges: list[str]
    traces: list[str]
    spoilt: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.commands = [
            compiled(compiler, given.kit, "contig-conform-" + compiler, "-DCONTIG_CONFORM_MAIN")
            for compiler in ("gcc", "clang")
        ]
        cls.command = cls.commands[0]
        must(["gcc", "-std=c11", *WARNINGS, "-O2", "-c", given.kit, "-o", in_work("kit.o")])
        cls.judges = [
            compiled("gcc", given.judge, "judge_c", "-I.", in_work("kit.o")),
            in_work("judge_cc"),
        ]
        must(
            [
                "g++",
                "-x",
                "c++",
                "-std=c++11",
                "-pedantic",
                *WARNINGS,
                "-I.",
                given.judge,
                "-x",
                "none",
                in_work("kit.o"),
                "-o",
                in_work("judge_cc"),
            ]
        )
        cls.traces = [trace for trace in given.traces if os.path.isfile(trace)]
        for number, demo in enumerate(DEMOS):
            name = in_work("demo%d.txt" % number)
            run([given.contig, "demo", *demo.split(), "--trace=" + name])
            cls.traces.append(name)
        cls.traces.append(toy_trace(read(given.toy), "toy"))
        cls.spoilt = cls.faults([trace for trace in cls.traces if "corpus" not in trace])

    @staticmethod
    def faults(traces: list[str]) -> list[str]:
        chance = random.Random(1)
        made: list[str] = []
        for trace in traces:
            # Whole moves are long; the beginning of a trace of many has each kind of line.
            lines = read(trace).splitlines(keepends=True)[:1500]
            for _ in range(FAULTS_PER_TRACE):
                made.append(write("spoilt%d.txt" % len(made), "".join(spoilt(lines, chance))))
        return made

    def same(self, traces: list[str], mode: list[str]) -> str:
        wanted = run([given.conform, *mode, *traces])
        for program in self.commands:
            self.assertEqual(
                run([program, *mode, *traces]), wanted, "%s on %d traces" % (mode, len(traces))
            )
        return wanted[1]

    def test_compilers(self) -> None:
        """The library; gcc's and both commands are compiled for the other tests."""
        must(["clang", "-std=c11", *WARNINGS, "-O2", "-c", given.kit, "-o", in_work("one.o")])

    def test_names(self) -> None:
        names = [
            line.split()[-1]
            for line in must(["nm", "-g", "--defined-only", in_work("kit.o")]).splitlines()
        ]
        self.assertLessEqual(
            {"contig_conform_start", "contig_conform_line", "contig_conform_end"}, set(names)
        )
        self.assertEqual([name for name in names if not name.startswith("contig_conform_")], [])

    def test_traces(self) -> None:
        for mode in MODES:
            with self.subTest(mode=mode):
                self.same(self.traces, mode)

    def test_spoilt_traces(self) -> None:
        for mode in MODES[:2] + [["--moves", "--json"]]:
            with self.subTest(mode=mode):
                self.same(self.spoilt, mode)
        deviations = re.findall(
            r":\d+: ([A-Z]+-\d+): expected .*; found ", self.same(self.spoilt, [])
        )
        self.assertGreater(len(deviations), LEAST_DEVIATIONS)
        self.assertGreater(len(set(deviations)), LEAST_REQUIREMENTS)

    def test_toy_faults(self) -> None:
        """A profile without pools judges enough: nine of ten faults in the toy's trace are reported."""
        lines = read(in_work("toy.txt")).splitlines(keepends=True)[:-1]
        chance = random.Random(2)
        names = [
            write("fault%d.txt" % n, "".join(spoilt(lines, chance))) for n in range(TOY_FAULTS)
        ]
        _, out, _ = run([self.command, *names])
        conforming = sum(": conforms" in line for line in out.splitlines())
        self.assertLess(conforming, TOY_FAULTS // 10)

    def test_functions(self) -> None:
        """The functions say what the command says, of lines that end with a newline."""
        whole: list[str] = []
        for trace in self.traces + self.spoilt:
            text = read(trace)
            if re.match("@|[^\x7f-\xff\n]*\n", text):
                whole.append(
                    write("whole%d.txt" % len(whole), text if text.endswith("\n") else text + "\n")
                )
        self.assertGreater(len(whole), 300)
        for mode in MODES[:2] + [["--moves"]]:
            status, out, error = run([given.conform, *mode, *whole])
            for judge in self.judges:
                with self.subTest(mode=mode, judge=judge):
                    judged = run([judge, *mode, *whole])
                    numbers = "".join(
                        line for line in out.splitlines(keepends=True) if not line.startswith("  ")
                    )
                    self.assertEqual(
                        sorted(judged[1].splitlines()), sorted((numbers + error).splitlines())
                    )
                    self.assertEqual(judged[0], status)

    def test_refusals(self) -> None:
        """What the judge cannot take it names, in one sentence."""
        trace = self.traces[0]
        for words, part in (
            (["--nosuch", trace], "'--nosuch'"),
            (["--exact=1", trace], "'--exact'"),
            (["-x", trace], "'x'"),
            (["--moves"], "a trace is missing"),
            (["/nonexistent"], "/nonexistent"),
            ([""], "'': No such file"),
        ):
            for judge in self.judges:
                with self.subTest(words=words, judge=judge):
                    status, out, error = run([judge, *words])
                    self.assertEqual((status, out, error.count("\n")), (2, "", 1))
                    self.assertIn(part, error)

    def test_two_at_a_time(self) -> None:
        """Moves are judged one trace at a time; what has ended does not count."""
        source = write(
            "two.c",
            """#include <stdio.h>
            #include "src/conform/kit/contig_conform.h"
            int main(void) {
                struct contig_conform_options options = {.moves = true};
                struct contig_conform_report report;
                struct contig_conform *a = contig_conform_start(&options), *b = contig_conform_start(&options);
                contig_conform_end(b, &report);
                puts(report.expected);
                contig_conform_end(a, &report);
                puts(report.expected);
                options = (struct contig_conform_options){.profile = "none"};
                contig_conform_end(contig_conform_start(&options), &report);
                puts(report.expected);
                return contig_conform_end(contig_conform_start(NULL), NULL);
            }""",
        )
        status, out, _ = run([compiled("gcc", source, "two", "-I.", in_work("kit.o"))])
        self.assertEqual(
            out.splitlines(),
            [
                "another trace of this process has its moves judged now",
                "there is no event in it",
                "there is no profile of that name",
            ],
        )
        self.assertEqual(status, 2)

    def test_gzip(self) -> None:
        path = in_work("packed.txt")
        must(["gzip", "-k", "-f", "-S", ".gz", shutil.copy(in_work("toy.txt"), path)])
        status, _, error = run([self.command, path + ".gz"])
        self.assertEqual(status, 2)
        self.assertIn(
            "packed.txt.gz: unreadable: compressed with gzip, which is not read here", error
        )

    def test_guide(self) -> None:
        """Each change of the toy runtime that the guide names leads to the deviation that it shows."""
        guide, toy = read(given.guide), read(given.toy)
        rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| `([A-Z]+-\d+)` \|", guide, flags=re.M)
        self.assertGreaterEqual(len(rows), 4)
        self.assertIn("conforms", must([self.command, in_work("toy.txt")]))
        for number, (line, instead, requirement) in enumerate(rows):
            with self.subTest(line=line):
                self.assertEqual(toy.count(line), 1)
                trace = toy_trace(toy.replace(line, instead), "changed%d" % number)
                status, out, error = run([self.command, trace])
                self.assertEqual(status, 1, error)
                self.assertRegex(out, r":\d+: %s: expected " % requirement)

    def test_guide_shows(self) -> None:
        """The lines that the guide shows of the toy's trace and of a verdict have the form of the real ones."""
        guide = read(given.guide)
        shown = [line.strip() for line in guide.splitlines() if line.startswith("    @")]
        self.assertGreater(len(shown), 8)
        plain = [line for line in shown if "profile=" not in line and "..." not in line]
        real = {re.sub("0x[0-9a-f]+", "A", line) for line in read(in_work("toy.txt")).splitlines()}
        self.assertEqual(
            [line for line in plain if re.sub("0x[0-9a-f]+", "A", line) not in real], []
        )
        out = must([self.command, in_work("toy.txt")])
        self.assertIn(out.strip().split(": ", 1)[1], guide)


def main() -> None:
    global work
    parser = argparse.ArgumentParser()
    for name in ("conform", "contig", "kit", "judge", "toy", "guide"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("traces", nargs="+")
    parser.parse_args(namespace=given)
    with tempfile.TemporaryDirectory(prefix="contig-kit-") as work:
        unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
