#!/usr/bin/env python3
"""tools_test.py: what the tools of this folder do to files and processes: no row of a record is lost, a copy of the tree
takes any link, and no prover outlives its run."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, "ci")]
import gates  # noqa: E402
import mutants  # noqa: E402

LONG_SECONDS = 20
# Adds rows of its own, one at a time, each beside all that are there; long enough for another to come between.
RECORDER = (
    """
import sys, time
sys.path.insert(0, %r)
import gates

def add(now):
    time.sleep(0.05)
    now["%%s %%d" %% (sys.argv[2], number)] = 1

for number in range(10):
    gates.update_json(sys.argv[1], add)
"""
    % HERE
)
# Replaces a big record again and again, until it is killed.
WRITER = (
    """
import sys
sys.path.insert(0, %r)
import gates
while True:
    for text in ("a", "b"):
        gates.write_json(sys.argv[1], [text] * 20000)
"""
    % HERE
)
# Stands for Frama-C, and leaves its work to a child, as WP does.
FRAMA_C = """#!/bin/sh
sleep 300 &
echo $$ $! >>"$(dirname "$0")/../started"
wait
"""


def alive(number):
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        with open("/proc/%d/stat" % number, encoding="utf-8") as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)


class Records(Folder):
    def setUp(self):
        super().setUp()
        self.record = self.path("record.json")

    def test_two_runs_keep_both_rows(self):
        recorders = [
            subprocess.Popen([sys.executable, "-c", RECORDER, self.record, name]) for name in "xy"
        ]
        self.assertEqual([recorder.wait() for recorder in recorders], [0, 0])
        self.assertEqual(
            sorted(gates.read_json(self.record)),
            sorted("%s %d" % (name, i) for name in "xy" for i in range(10)),
        )
        self.assertEqual(os.listdir(self.folder), ["record.json"])

    def test_killed_writer_leaves_a_whole_file(self):
        for _ in range(10):
            with subprocess.Popen([sys.executable, "-c", WRITER, self.record]) as writer:
                while not os.path.exists(self.record):
                    time.sleep(0.01)
                time.sleep(0.02)
                writer.kill()
            with open(self.record, encoding="utf-8") as text:
                self.assertEqual(len(set(json.load(text))), 1)

    def test_failed_change_leaves_the_old_file(self):
        gates.write_json(self.record, {"old": 1})
        with self.assertRaises(TypeError):
            gates.update_json(self.record, lambda now: now.update(new=object()))
        self.assertEqual(gates.read_json(self.record), {"old": 1})
        self.assertEqual(os.listdir(self.folder), ["record.json"])


class Copies(Folder):
    def test_any_link(self):
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
        mutants.copy_of_tree(self.path("tree"), self.path("copy"), ("src", "README.md"))
        found = {
            os.path.relpath(os.path.join(base, name), self.path("copy"))
            for base, _, names in os.walk(self.path("copy"))
            for name in names
        }
        self.assertEqual(found, {"src/a.c", "src/deep/b.c", "src/file", "README.md"})
        self.assertTrue(os.stat(self.path("copy/src/a.c")).st_mode & 0o200)


class Variables(Folder):
    def test_the_callers_are_dropped(self):
        """A cache, a plug-in or a prover that a variable names would answer instead of the provers."""
        os.mkdir(self.path("bin"))
        for name in ("why3", "z3", "cvc4"):
            os.symlink("/bin/true", self.path("bin/" + name))
        with open(self.path("bin/frama-c"), "w", encoding="utf-8") as out:
            out.write('#!/bin/sh\nenv >"$(dirname "$0")/../variables"\nexit 1\n')
        os.chmod(self.path("bin/frama-c"), 0o755)
        theirs = {
            name: self.path("theirs")
            for name in (
                "FRAMAC_WP_CACHE",
                "FRAMAC_WP_CACHEDIR",
                "FRAMAC_PLUGIN",
                "WHY3CONFIG",
                "WHY3LIB",
                "WHY3DATA",
                "CPATH",
                "C_INCLUDE_PATH",
            )
        }
        env = dict(
            os.environ,
            PATH=self.path("bin") + ":" + os.environ["PATH"],
            TEST_TMPDIR=self.folder,
            **theirs,
        )
        for words, status in (
            (["run", "relocate"], 1),
            (["contracts", "bits"], 1),
            (["trivial.py", "bits"], 2),
        ):
            with self.subTest(words):
                done = subprocess.run(
                    [os.path.join(HERE, words[0]), *words[1:]],
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
                self.assertIn("WHY3CONFIG=%s/contig-proof-" % self.folder, given)
                self.assertNotIn(self.path("theirs"), given)
                os.unlink(self.path("variables"))


class Signals(Folder):
    def numbers(self, tool, count):
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
        self.fail("Frama-C was not started: " + tool.stderr.read())

    def test_children_end(self):
        os.mkdir(self.path("bin"))
        with open(self.path("bin/frama-c"), "w", encoding="utf-8") as out:
            out.write(FRAMA_C)
        for name in ("why3", "z3", "cvc4"):
            os.symlink("/bin/true", self.path("bin/" + name))
        os.chmod(self.path("bin/frama-c"), 0o755)
        os.mkdir(self.path("scratch"))
        env = dict(
            os.environ,
            PATH=self.path("bin") + ":" + os.environ["PATH"],
            TEST_TMPDIR=self.path("scratch"),
        )
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # The second one asks several copies of Frama-C side by side.
            for words, least in ((["run", "relocate"], 2), (["contracts", "bits", "span"], 4)):
                with self.subTest(words, number=number):
                    with subprocess.Popen(
                        [os.path.join(HERE, words[0]), *words[1:]],
                        cwd=ROOT,
                        env=env,
                        text=True,
                        stderr=subprocess.PIPE,
                        stdout=subprocess.DEVNULL,
                    ) as tool:
                        children = self.numbers(tool, least)
                        tool.send_signal(number)
                        said = tool.stderr.read()
                    self.assertEqual((tool.returncode, said), (128 + number, ""))
                    self.assertEqual([child for child in children if alive(child)], [])
                    self.assertEqual(os.listdir(self.path("scratch")), [])
                    os.unlink(self.path("started"))


if __name__ == "__main__":
    unittest.main()
