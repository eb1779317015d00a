#!/usr/bin/env python3
"""tool_test.py: a tool ends with its verdict, or with one sentence and status 2; there is never a traceback."""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = (
    "import sys\nsys.path.insert(0, %r)\nfrom contig import arguments, files, tool\ndef main():\n    %%s\n"
    "tool.run('paint', main)\n" % HERE
)

# What main does, the status, and a part of the message.
CASES = [
    ("return 0", 0, ""),
    ("return 1", 1, ""),
    ("raise tool.Problem('the wall is wet')", 2, "paint: the wall is wet."),
    ("raise tool.Problem('a\\x1b[31m\\udcff')", 2, r"paint: a\x1b[31m\udcff."),
    ("open('/none/x')", 2, "'/none/x': No such file or directory"),
    ("return {}['wall']", 2, "internal error: KeyError: 'wall'"),
    ("assert False", 2, "internal error: AssertionError"),
    ("raise MemoryError", 2, "not enough memory"),
    ("return main()", 2, "nested too deep"),
    ("print('caf\\xe9 \\udcff')", 0, ""),
    ("arguments.Parser('paint', 'paint').read(['--help']); return 1", 0, ""),
    ("arguments.Parser('paint', 'paint').read(['--red'])", 2, "--red"),
]
# Each must say that its output is lost.
SAYING = [
    "print('wall'); return 0",
    "print('wall' * 100000); return 1",
    "print('wall', flush=True); return 0",
    "arguments.Parser('paint', 'paint').read(['--help'])",
]


def run(
    body: str, redirection: str = "", environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "-c", '"$0" -c "$1" ' + redirection, sys.executable, PROGRAM % body],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        env=environment,
    )


class Tool(unittest.TestCase):
    def one_sentence(
        self, done: "subprocess.CompletedProcess[str]", status: int, part: str
    ) -> None:
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(part, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1 if status == 2 else 0, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_cases(self) -> None:
        for body, status, part in CASES:
            with self.subTest(body):
                self.one_sentence(run(body), status, part)

    def test_ascii_locale(self) -> None:
        ascii_only = dict(os.environ, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        self.one_sentence(run("print('caf\\xe9'); return 0", environment=ascii_only), 0, "")
        self.one_sentence(run("raise tool.Problem('caf\\xe9')", environment=ascii_only), 2, "caf")

    def test_lost_output(self) -> None:
        for body in SAYING:
            for redirection in (">/dev/full", ">&-"):
                with self.subTest(body + redirection):
                    self.one_sentence(run(body, redirection), 2, "output")

    def test_lost_messages(self) -> None:
        self.assertEqual(run("raise tool.Problem('x')", "2>/dev/full").returncode, 2)
        nowhere = run("raise tool.Problem('x')", "2>&-")
        self.assertEqual((nowhere.returncode, nowhere.stdout), (2, ""))
        self.assertEqual(run("files.write('/dev/null', 'x'); return 1", "<&- 2>&-").returncode, 1)


if __name__ == "__main__":
    unittest.main()
