#!/usr/bin/env python3
"""refusals_test.py: what no tool can do, each tool refuses at once: one sentence that names it, status 2, no traceback.

The cases are those of refusals.py.

A tool in Python runs as it is in a child of an interpreter that has already begun, since beginning takes most of the
time; a case with a variable, a redirection, another tool, or words that only a shell reads, runs in a shell of its own.
"""
import concurrent.futures
import multiprocessing
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
import tempfile
import traceback
import unittest
from typing import IO, NamedTuple, NoReturn

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
# The modules that every tool loads are loaded once, here.
from contig import arguments, environment, files, processes, tool, tree  # noqa: E402, F401
from contig.refusals import PYTHON, Case, table  # noqa: E402

# More than a refusal takes on a busy machine; the work of each command takes longer.
SECONDS = 300
LEAST_CASES = 300
FOR_A_SHELL = re.compile(r"[$`\\|;<>&]")


class Answer(NamedTuple):
    """How a command ended: None for one that did not."""

    status: int | None
    output: str
    errors: str


def become(words: list[str], output: IO[bytes], errors: IO[bytes]) -> NoReturn:
    """Turns this process, a fresh child, into a tool."""
    os.setsid()
    os.chdir(ROOT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    sys.argv = [os.path.join(ROOT, PYTHON[words[0]]), *words[1:]]
    # A tool that goes on in Debian's Python takes its words from here.
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path[0] = os.path.dirname(sys.argv[0])
    status: object = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as ended:
        status = ended.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    os._exit(status if isinstance(status, int) else 1)


def time_is_up(number: int, _: object) -> NoReturn:
    raise TimeoutError


def in_a_child(words: list[str]) -> Answer:
    """Runs a tool in Python."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            try:
                become(words, output, errors)
            finally:
                os._exit(1)
        signal.alarm(SECONDS)
        try:
            _, waited = os.waitpid(child, 0)
            status: int | None = os.waitstatus_to_exitcode(waited)
        except TimeoutError:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            status = None
        finally:
            signal.alarm(0)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="backslashreplace"))
        return Answer(status, *texts)


def in_a_shell(command: str, variables: dict[str, str]) -> Answer:
    try:
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            cwd=ROOT,
            check=False,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "", "")
    return Answer(
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="backslashreplace"),
    )


class Place(NamedTuple):
    """The names that a case may use, and their paths."""

    names: dict[str, str]

    def paths(self) -> dict[str, str]:
        """The file is this process's own: cases run side by side, and some write to it."""
        return {**self.names, "file": "%s-%d" % (self.names["file"], os.getpid())}

    def filled(self, text: str) -> str:
        for name, path in self.paths().items():
            text = text.replace("{%s}" % name, path)
        return text

    def command(self, command: str) -> str:
        """The command for a shell, its names quoted."""
        for name, path in self.paths().items():
            quoted = "'" + path.replace("'", "'\\''") + "'"
            command = command.replace("'{%s}/" % name, quoted + "'/").replace("{%s}" % name, quoted)
        return command

    def answer(self, case: Case) -> Answer:
        command = self.command(case.command)
        plain = not case.variables and not case.redirection and not FOR_A_SHELL.search(case.command)
        if plain and case.command.split()[0] in PYTHON and case.status == 2:
            return in_a_child(shlex.split(command))
        return in_a_shell(
            "%s %s" % (command, case.redirection),
            {name: self.filled(value) for name, value in case.variables.items()},
        )

    def fault(self, case: Case) -> str | None:
        """What is wrong with how a tool took a case."""
        status, output, message = self.answer(case)
        if status is None:
            return "it did not end"
        if status != case.status:
            return "status %d: %s" % (status, message)
        if (
            case.part not in message
            or "Traceback" in message
            or "internal error" in message
            or "\x1b" in message
        ):
            return "it says: " + message
        if case.status == 2 and (
            output.strip() and not case.redirection or not 1 <= message.count("\n") <= 2
        ):
            # A second one is what a tool says of another that it called.
            return "more than a sentence: " + output + message
        return None


class Refusals(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="a 'b\" ")
        self.addCleanup(temporary.cleanup)
        self.place = Place(
            {name: os.path.join(temporary.name, name) for name in ("out", "file", "text", "few")}
        )
        for folder in ("out", "few"):
            os.mkdir(self.place.names[folder])
        files.write(self.place.names["text"], "just words\n")
        # Enough of a system to start the tools, and nothing that they need.
        for program in (
            "env",
            "python3",
            "sh",
            "bash",
            "sed",
            "dirname",
            "readlink",
            "id",
            "mktemp",
            "rm",
        ):
            os.symlink(
                os.path.join("/usr/bin", program), os.path.join(self.place.names["few"], program)
            )
        # For the children that the pool makes.
        signal.signal(signal.SIGALRM, time_is_up)
        os.environ["PATH"] = "/usr/bin:/bin"
        os.environ.pop("TEST_TMPDIR", None)

    def test_table(self) -> None:
        cases = table()
        before = tree.files(ROOT)
        with concurrent.futures.ProcessPoolExecutor(
            os.cpu_count() or 1, multiprocessing.get_context("fork")
        ) as pool:
            faults = list(pool.map(self.place.fault, cases))
        for case, fault in zip(cases, faults):
            with self.subTest(case.command, variables=case.variables, redirection=case.redirection):
                self.assertIsNone(fault)
        self.assertGreaterEqual(len(cases), LEAST_CASES)
        self.assertEqual(tree.files(ROOT), before)
        print("%d cases" % len(cases))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
