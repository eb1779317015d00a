#!/usr/bin/env python3
"""run_test.py RUN BUILD TARGETS.bzl CONTIG/files.py: what fuzz/run does with findings, signals and a second run.

fuzz/run works in a small tree of its own here, with a compiler that only copies and fuzzers that do as $ACT says, so
that each run takes a second.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any

RUN, BUILD, TARGETS, CONTIG = (os.path.abspath(path) for path in sys.argv[1:5])
sys.path.insert(0, os.path.dirname(os.path.dirname(CONTIG)))
from contig.alive import alive  # noqa: E402

SECONDS = 240
# clang and afl-clang-fast: what is linked is the fuzzer.
COMPILER = """#!/bin/sh
kind=link
for word; do
  case $word in -E | -c) kind=part ;; esac
  [ "$before" = -o ] && out=$word
  before=$word
done
if [ $kind = part ]; then echo "$*" >"$out"; else cp "$FUZZER" "$out"; fi
"""
# A fuzzer of each engine: its folder comes with -artifact_prefix or with -o.
FUZZER = """#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in
  -artifact_prefix=*) folder=${1#*=} ;;
  -o) afl=$2/default; folder=$afl/crashes/; mkdir -p "$folder"; shift ;;
  esac
  shift
done
said() {
  echo "#9 DONE cov: 12"
  echo "stat::number_of_executed_units: 500"
  [ -z "$afl" ] ||
    printf 'execs_done : 500\\nedges_found : 12\\ncorpus_found : 3\\nstability : 99.00%%\\n' >"$afl/fuzzer_stats"
}
echo "#1 INITED cov: 10"
case $ACT in
find*)
  printf %s "$ACT" >"${folder}$([ -n "$afl" ] && echo id:0 || echo crash-1)"
  echo "FINDING: oracle model"
  said
  [ -n "$afl" ] || exit 77 ;;
wait)
  trap 'said; exit 0' TERM
  sh -c 'trap "" TERM INT; echo $$ >"$PIDS.new"; mv "$PIDS.new" "$PIDS.child"; sleep 100; :' &
  echo $$ >"$PIDS.begun"
  mv "$PIDS.begun" "$PIDS.parent"
  wait; wait ;;
fail) exit 3 ;;
*) said ;;
esac
"""


class FuzzRun(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="a 'b ")
        self.addCleanup(temporary.cleanup)
        self.root = os.path.join(temporary.name, "tree")
        os.makedirs(self.path("fuzz"))
        for source in (RUN, BUILD, TARGETS):
            shutil.copy(source, self.path("fuzz"))
        shutil.copytree(
            os.path.dirname(CONTIG),
            self.path("ci/contig"),
            ignore=shutil.ignore_patterns("*_test*"),
        )
        os.mkdir(self.path("bin"))
        for name, text in (
            ("clang", COMPILER),
            ("afl-clang-fast", COMPILER),
            ("afl-fuzz", FUZZER),
            ("fuzzer", FUZZER),
        ):
            with open(self.path("bin", name), "w", encoding="utf-8") as program:
                program.write(text)
            os.chmod(self.path("bin", name), 0o755)
        self.pids = self.path("pids")

    def path(self, *names: str) -> str:
        return os.path.join(self.root, *names)

    def begun(self, act: str, *words: str, target: str = "pool_fuzz") -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "PATH": self.path("bin") + ":/usr/bin:/bin",
            "FUZZER": self.path("bin/fuzzer"),
            "ACT": act,
            "PIDS": self.pids,
            "FUZZ_OUT": "",
        }
        process = subprocess.Popen(
            [self.path("fuzz/run"), target, "--seconds", "90", *words],
            cwd=self.root,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None and process.stderr is not None
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        return process

    def answer(self, process: "subprocess.Popen[str]") -> tuple[int, str, str]:
        output, errors = process.communicate(timeout=SECONDS)
        self.assertNotIn("Traceback", errors)
        return process.returncode, output, errors

    def run_once(self, act: str, *words: str, target: str = "pool_fuzz") -> tuple[int, str, str]:
        return self.answer(self.begun(act, *words, target=target))

    def fuzzing(self, run: "subprocess.Popen[str]") -> list[int]:
        """The numbers of the fuzzer and of its child, as soon as both run."""
        until, names = time.monotonic() + SECONDS, (self.pids + ".parent", self.pids + ".child")
        while not all(os.path.exists(name) for name in names):
            if run.poll() is not None or time.monotonic() > until:
                self.fail("the fuzzer did not begin: %s" % run.communicate()[1])
            time.sleep(0.05)
        numbers = []
        for name in names:
            with open(name, encoding="utf-8") as text:
                numbers.append(int(text.read()))
            os.unlink(name)
        return numbers

    def findings(self) -> list[str]:
        folder = self.path("fuzz-out/findings/pool_fuzz")
        texts = []
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), encoding="utf-8") as text:
                texts.append(text.read())
        return sorted(texts)

    def results(self, name: str) -> Any:
        with open(self.path(name), encoding="utf-8") as text:
            return json.load(text)

    def ledger(self) -> list[str]:
        if not os.path.exists(self.path("fuzz/ledger.tsv")):
            return []
        with open(self.path("fuzz/ledger.tsv"), encoding="utf-8") as text:
            return text.read().splitlines()

    def test_second_run_is_refused(self) -> None:
        first = self.begun("wait")
        self.fuzzing(first)
        status, output, errors = self.run_once("find-late")
        self.assertEqual((status, output), (2, ""))
        self.assertRegex(
            errors,
            r"\Afuzz/run: another run works in .*pool_fuzz/libfuzzer'?: wait until it has ended.*\n\Z",
        )
        # The first one's folder is as it was; another folder, or another target, is free.
        self.assertTrue(os.path.exists(self.path("fuzz-out/pool_fuzz/libfuzzer/log")))
        self.assertEqual(self.run_once("", "--out", self.path("other"))[0], 0)
        self.assertEqual(self.run_once("", target="growth_fuzz")[0], 0)
        first.terminate()
        self.assertEqual(self.answer(first)[0], -signal.SIGTERM)
        self.assertEqual(self.run_once("")[0], 0)

    def test_two_runs_at_once_lose_no_line(self) -> None:
        runs = [
            self.begun("", target=target) for target in ("pool_fuzz", "growth_fuzz", "cache_fuzz")
        ]
        self.assertEqual([self.answer(run)[0] for run in runs], [0, 0, 0])
        self.assertEqual(
            sorted(line.split("\t")[2] for line in self.ledger()[1:]),
            ["cache_fuzz", "growth_fuzz", "pool_fuzz"],
        )

    def test_signals_end_all_processes(self) -> None:
        for number, engine in (
            (signal.SIGTERM, "libfuzzer"),
            (signal.SIGINT, "libfuzzer"),
            (signal.SIGTERM, "afl"),
        ):
            with self.subTest(signal=number.name, engine=engine):
                run = self.begun("wait", "--engine", engine, "--json", self.path("out.json"))
                numbers = self.fuzzing(run)
                run.send_signal(number)
                status, output, errors = self.answer(run)
                self.assertEqual(status, -number)
                self.assertEqual([alive(one) for one in numbers], [False, False])
                # What was done until then is said, and said to be a part.
                self.assertIn("pool_fuzz: ended early: ", output)
                self.assertIn(" 500 executions, coverage 12", output)
                self.assertEqual(errors, "fuzz/run: ended by %s.\n" % number.name)
                (result,) = self.results("out.json")
                self.assertTrue(result["partial"])
                self.assertEqual(result["executions"], 500)

    def test_partial_and_whole_results(self) -> None:
        self.assertEqual(self.run_once("", "--json", self.path("out.json"))[0], 0)
        self.assertFalse(self.results("out.json")[0]["partial"])
        # A signal ends all that was to follow, too.
        run = self.begun("wait", "--json", self.path("out.json"), target="all")
        self.fuzzing(run)
        run.terminate()
        self.assertEqual(self.answer(run)[0], -signal.SIGTERM)
        self.assertEqual([row["target"] for row in self.results("out.json")], ["script_fuzz"])
        self.assertEqual(self.run_once("fail", "--json", self.path("out.json"))[0], 2)
        self.assertEqual(self.results("out.json"), [])

    def test_findings_stay(self) -> None:
        for engine in ("libfuzzer", "afl"):
            with self.subTest(engine=engine):
                before = self.findings()
                act = "find-" + engine
                status, output, _ = self.run_once(act, "--engine", engine)
                self.assertEqual(status, 1)
                self.assertIn("to see it again: fuzz/run pool_fuzz --replay ", output)
                self.assertEqual(self.findings(), sorted(before + [act]))
                # A run without one, and one with another, delete nothing; the same twice is one.
                self.assertEqual(self.run_once("", "--engine", engine)[0], 0)
                self.assertEqual(self.run_once("find-other", "--engine", engine)[0], 1)
                self.assertEqual(self.run_once(act, "--engine", engine)[0], 1)
                self.assertEqual(self.findings(), sorted({*before, act, "find-other"}))

    def test_finding_of_a_killed_run_stays(self) -> None:
        run = self.begun("wait")
        fuzzer, _ = self.fuzzing(run)
        with open(
            self.path("fuzz-out/pool_fuzz/libfuzzer/crash-9"), "w", encoding="utf-8"
        ) as crash:
            crash.write("found before the kill")
        run.kill()
        self.answer_of_killed(run, fuzzer)
        status, output, _ = self.run_once("")
        self.assertEqual(status, 0)
        self.assertRegex(output, r"pool_fuzz: an earlier run found .*/findings/pool_fuzz/crash-")
        self.assertEqual(self.findings(), ["found before the kill"])

    def answer_of_killed(self, run: "subprocess.Popen[str]", fuzzer: int) -> None:
        run.communicate(timeout=SECONDS)
        # Nobody was left to end it.
        os.killpg(fuzzer, signal.SIGKILL)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
