#!/usr/bin/env python3
"""processes_test.py: no child outlives its parent's end by a signal, or its bound of time."""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)
from contig import processes  # noqa: E402
from contig.alive import alive  # noqa: E402
from contig.tool import Problem  # noqa: E402

LONG_SECONDS = 60
# Says the numbers of itself and of a child, which does not obey SIGTERM.
STUBBORN = ["sh", "-c", "trap '' TERM; sleep 50 & echo $$ $!; wait; wait; sleep 50"]
TOOL = """
import sys
sys.path.insert(0, %r)
from contig import processes, tool

def main():
    with open(sys.argv[1], "w") as out:
        processes.run(%r, 60, grace=0.5, stdout=out)
    return 0

tool.run("paint", main)
""" % (
    HERE,
    STUBBORN,
)


class Processes(unittest.TestCase):
    def setUp(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.file = os.path.join(self.temporary.name, "out")

    def numbers(self) -> list[int]:
        until = time.monotonic() + LONG_SECONDS
        while time.monotonic() < until:
            if os.path.exists(self.file):
                with open(self.file, encoding="utf-8") as text:
                    words = text.read().split()
                if len(words) == 2:
                    return [int(word) for word in words]
            time.sleep(0.05)
        self.fail("the child did not start")

    def gone(self, numbers: list[int]) -> None:
        until = time.monotonic() + LONG_SECONDS
        while any(alive(number) for number in numbers) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual([number for number in numbers if alive(number)], [])

    def test_status(self) -> None:
        self.assertEqual(processes.run(["sh", "-c", "exit 3"], LONG_SECONDS).status, 3)
        done = processes.run(["sh", "-c", "kill -9 $$"], LONG_SECONDS)
        self.assertEqual((done.status, done.late, done.text()), (-9, False, "was ended by SIGKILL"))

    def test_bound(self) -> None:
        with open(self.file, "w", encoding="utf-8") as out:
            done = processes.run(STUBBORN, 0.5, grace=0.2, stdout=out)
        self.assertTrue(done.late)
        self.assertIn("did not end within", done.text())
        self.gone(self.numbers())
        result = processes.captured(["sh", "-c", "echo said; sleep 50"], 0.5)
        self.assertTrue(result.done.late)

    def test_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if os.path.exists(self.file):
                os.unlink(self.file)
            with subprocess.Popen(
                [sys.executable, "-c", TOOL, self.file], stderr=subprocess.PIPE, text=True
            ) as tool:
                children = self.numbers()
                tool.send_signal(number)
                assert tool.stderr is not None
                self.assertIn("paint: ended by " + signal.Signals(number).name, tool.stderr.read())
                self.assertEqual(tool.wait(), -number)
            self.gone(children)

    def test_group_ends_with_its_leader(self) -> None:
        with open(self.file, "w", encoding="utf-8") as out:
            processes.run(["sh", "-c", "sleep 50 & echo $$ $!"], LONG_SECONDS, stdout=out)
        self.gone(self.numbers())

    def test_not_there(self) -> None:
        for command in (["no-such-program"], ["/dev/null"], ["/"]):
            with self.assertRaisesRegex(Problem, command[0]):
                processes.run(command, LONG_SECONDS)
        with self.assertRaisesRegex(Problem, "no folder '/none'"):
            processes.run(["true"], LONG_SECONDS, cwd="/none")

    def test_log(self) -> None:
        seen: list[str] = []
        program = r"printf 'one\ntw'; sleep 0.3; printf 'o\nthr\377ee\nrest'; exit 4"
        with open(self.file, "w", encoding="utf-8") as log:
            log.write("before\n")
        done = processes.logged(["sh", "-c", program], LONG_SECONDS, self.file, seen.append)
        self.assertEqual((done.status, seen), (4, ["one", "two", "thr\ufffdee"]))
        with open(self.file, "rb") as log:
            self.assertEqual(log.read(), b"before\none\ntwo\nthr\xffee\nrest")


if __name__ == "__main__":
    unittest.main()
