#!/usr/bin/env python3
"""tools_test.py: what the tools of this folder do to files and processes.

No row of a record is lost, a copy of the tree takes any link, and no prover outlives its run.
"""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
from paths import PROOFS, ROOT  # noqa: E402
import gates  # noqa: E402
import hints  # noqa: E402
from defects import trees  # noqa: E402

LONG_SECONDS = 20
# For a program of its own: the modules of this folder.
MODULES = f"""
import sys
sys.path[:0] = [{PROOFS!r}, {os.path.join(ROOT, "ci")!r}]
import gates
"""
# Adds rows of its own, one at a time, each beside all that are there; long enough for another to come between.
RECORDER = (
    MODULES
    + """
import time

def add(now):
    time.sleep(0.05)
    now[f"{sys.argv[2]} {number}"] = 1

for number in range(10):
    gates.update_json(sys.argv[1], add)
"""
)
# Replaces a big record again and again, until it is killed.
WRITER = (
    MODULES
    + """
while True:
    for text in ("a", "b"):
        gates.write_json(sys.argv[1], [text] * 20000)
"""
)
# Stands for Frama-C, and leaves its work to a child, as WP does.
FRAMA_C = """#!/bin/sh
sleep 300 &
echo $$ $! >>"$(dirname "$0")/../started"
wait
"""
# Stands for Frama-C, and writes down what it is given.
PRINTS_VARIABLES = """#!/bin/sh
env >"$(dirname "$0")/../variables"
exit 1
"""
# Variables of a caller that Frama-C, Why3 or the preprocessor would obey.
THEIRS = (
    "FRAMAC_WP_CACHE",
    "FRAMAC_WP_CACHEDIR",
    "FRAMAC_PLUGIN",
    "WHY3CONFIG",
    "WHY3LIB",
    "WHY3DATA",
    "CPATH",
    "C_INCLUDE_PATH",
)


def alive(number: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def said_by(tool: subprocess.Popen[str]) -> str:
    """What it writes to standard error until it ends."""
    assert tool.stderr is not None
    return tool.stderr.read()


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def stand_in(self, frama_c: str, scratch: str, **more: str) -> dict[str, str]:
        """Makes a program that stands for Frama-C; returns the variables with which a tool finds it."""
        os.mkdir(self.path("bin"))
        for name in ("why3", "z3", "cvc4"):
            os.symlink("/bin/true", self.path("bin/" + name))
        with open(self.path("bin/frama-c"), "w", encoding="utf-8") as out:
            out.write(frama_c)
        os.chmod(self.path("bin/frama-c"), 0o755)
        path = self.path("bin") + ":" + os.environ["PATH"]
        return {**os.environ, "PATH": path, "TEST_TMPDIR": scratch, **more}


class Records(Folder):
    def setUp(self) -> None:
        super().setUp()
        self.record = self.path("record.json")

    def test_two_runs_keep_both_rows(self) -> None:
        recorders = [
            subprocess.Popen([sys.executable, "-c", RECORDER, self.record, name]) for name in "xy"
        ]
        self.assertEqual([recorder.wait() for recorder in recorders], [0, 0])
        self.assertEqual(
            sorted(gates.read_json(self.record)),
            sorted(f"{name} {i}" for name in "xy" for i in range(10)),
        )
        self.assertEqual(os.listdir(self.folder), ["record.json"])

    def test_killed_writer_leaves_a_whole_file(self) -> None:
        for _ in range(10):
            with subprocess.Popen([sys.executable, "-c", WRITER, self.record]) as writer:
                while not os.path.exists(self.record):
                    time.sleep(0.01)
                time.sleep(0.02)
                writer.kill()
            with open(self.record, encoding="utf-8") as text:
                self.assertEqual(len(set(json.load(text))), 1)

    def test_failed_change_leaves_the_old_file(self) -> None:
        gates.write_json(self.record, {"old": 1})
        with self.assertRaises(TypeError):
            gates.update_json(self.record, lambda now: now.update(new=object()))
        self.assertEqual(gates.read_json(self.record), {"old": 1})
        self.assertEqual(os.listdir(self.folder), ["record.json"])


class Hints(Folder):
    """hints: what a run's log says, and what WP is told."""

    def test_log(self) -> None:
        log = [
            "[wp] [Qed] Goal typed_f_exits : Valid (2ms)",
            "[wp] [Z3 4.8.12 (quick)] Goal typed_f_ensures_a : Valid (Qed:2ms) (30ms) (96240)",
            "[wp] [CVC4 1.8 (quick)] Goal typed_f_ensures_b_part1 : Valid (Qed:2ms) (30ms) (96240)",
            "[wp] [Z3 4.8.12] Goal typed_f_ensures_c : Valid (Qed:2ms) (30ms) (96240)",
            "[wp] [Failed] Goal typed_f_ensures_d",
        ]
        self.assertEqual(
            hints.found(log), {"cvc4-quick": ["f_ensures_b_part1"], "z3": ["f_ensures_c"]}
        )

    def test_session(self) -> None:
        hints.write(self.folder, {"cvc4": ["f_ensures_a"]}, 7)
        with open(
            os.path.join(self.folder, "script", "f_ensures_a.json"), encoding="utf-8"
        ) as text:
            self.assertEqual(json.load(text), [{"prover": "cvc4", "verdict": "valid", "time": 7}])


class Copies(Folder):
    def test_any_link(self) -> None:
        """Only files are copied; what is no file stops nothing."""
        os.makedirs(self.path("tree/src/deep"))
        for name in ("tree/src/a.c", "tree/src/deep/b.c", "tree/README.md", "tree/other"):
            with open(self.path(name), "w", encoding="utf-8") as out:
                out.write(name)
        for name, target in (
            ("dangling", "nowhere"),
            (".#a.c", "nobody@nowhere"),
            ("round", "round"),
            ("up", ".."),
            ("file", "a.c"),
        ):
            os.symlink(target, self.path("tree/src/" + name))
        os.mkfifo(self.path("tree/src/pipe"))
        os.chmod(self.path("tree/src/a.c"), 0o444)
        trees.copy(self.path("tree"), ("src", "README.md"), self.path("copy"))
        found = {
            os.path.relpath(os.path.join(base, name), self.path("copy"))
            for base, _, names in os.walk(self.path("copy"))
            for name in names
        }
        self.assertEqual(found, {"src/a.c", "src/deep/b.c", "src/file", "README.md"})
        self.assertTrue(os.stat(self.path("copy/src/a.c")).st_mode & 0o200)


class Variables(Folder):
    def test_the_callers_are_dropped(self) -> None:
        """A cache, a plug-in or a prover that a variable names would answer instead of the provers."""
        env = self.stand_in(
            PRINTS_VARIABLES, self.folder, **dict.fromkeys(THEIRS, self.path("theirs"))
        )
        for words, status in (
            (["run", "relocate"], 1),
            (["contracts", "bits"], 1),
            (["trivial.py", "bits"], 2),
        ):
            with self.subTest(words):
                done = subprocess.run(
                    [os.path.join(PROOFS, words[0]), *words[1:]],
                    cwd=ROOT,
                    env=env,
                    text=True,
                    capture_output=True,
                    check=False,
                    timeout=LONG_SECONDS,
                )
                self.assertEqual(done.returncode, status, done.stderr)
                with open(self.path("variables"), encoding="utf-8") as text:
                    given = text.read()
                self.assertIn(f"WHY3CONFIG={self.folder}/contig-proof-", given)
                self.assertNotIn(self.path("theirs"), given)
                os.unlink(self.path("variables"))


class Signals(Folder):
    def numbers(self, tool: subprocess.Popen[str], count: int) -> list[int]:
        """Of the processes that came out of the stand-in for Frama-C."""
        until = time.monotonic() + LONG_SECONDS
        while time.monotonic() < until and tool.poll() is None:
            if os.path.exists(self.path("started")):
                with open(self.path("started"), encoding="utf-8") as text:
                    words = text.read().split()
                if len(words) >= count:
                    return [int(word) for word in words]
            time.sleep(0.05)
        tool.kill()
        self.fail("Frama-C was not started: " + said_by(tool))

    def test_children_end(self) -> None:
        os.mkdir(self.path("scratch"))
        env = self.stand_in(FRAMA_C, self.path("scratch"))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # The second one asks several copies of Frama-C side by side.
            for words, least in ((["run", "relocate"], 2), (["contracts", "bits", "span"], 4)):
                with self.subTest(words, number=number):
                    with subprocess.Popen(
                        [os.path.join(PROOFS, words[0]), *words[1:]],
                        cwd=ROOT,
                        env=env,
                        text=True,
                        stderr=subprocess.PIPE,
                        stdout=subprocess.DEVNULL,
                    ) as tool:
                        children = self.numbers(tool, least)
                        tool.send_signal(number)
                        said = said_by(tool)
                    self.assertEqual((tool.returncode, said), (128 + number, ""))
                    self.assertEqual([child for child in children if alive(child)], [])
                    self.assertEqual(os.listdir(self.path("scratch")), [])
                    os.unlink(self.path("started"))


if __name__ == "__main__":
    unittest.main()
