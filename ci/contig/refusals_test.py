#!/usr/bin/env python3
"""refusals_test.py: what no tool can do, each tool refuses at once: one sentence that names it, status 2, no traceback.

A case is a command, a part of the message, and the variables, redirection and status if they matter.  {out} is a folder
that can be written to, {file} a file in it, {text} one that holds no JSON, patch or program.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import unittest
from typing import NamedTuple

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
from contig import tree  # noqa: E402

# More than a refusal takes on a busy machine; the work of each command takes longer.
SECONDS = 600
LEAST_CASES = 120


class Case(NamedTuple):
    command: str
    part: str
    variables: dict[str, str] = {}
    redirection: str = ""
    status: int = 2


TOOLS = ["ci/verify", "ci/nightly", "ci/go_trace", "fuzz/run", "fuzz/build", "fuzz/coverage", "fuzz/bugs/run", "bench/run",
         "proofs/mutate", "ci/style/style.py"]
ALL_WITH_HELP = TOOLS + ["ci/test", "ci/setup", "ci/report/figures.py", "ci/go_findsghi"]

# Options that take a number, and a number above their range.
NUMBERS = [("fuzz/run pool_fuzz --seconds", "604801"), ("fuzz/bugs/run --seconds", "86401"), ("ci/nightly --fuzz-seconds", "86401"),
           ("ci/go_trace --seconds", "86401"), ("ci/go_trace --procs", "1025")]
NO_NUMBERS = ["0", "-1", "nan", "inf", "1e3", "010", "0x10", "1.5", "' 7'", "''", "99999999999999999999", "4294967297"]
FRACTIONS = [("ci/verify --minutes", "1441"), ("fuzz/coverage --require", "100.1")]
NO_FRACTIONS = ["-1", "nan", "inf", "-inf", "1e9", "0x1", "1,5", "''", "99999999999999999999"]

OUTPUT_FOLDERS = ["ci/verify --out", "ci/nightly --out", "fuzz/run pool_fuzz --out", "ci/go_trace --keep", "fuzz/build --objects"]
NO_FOLDERS = ["/dev/null", "/dev/null/x", "/proc/x", "{text}", "{text}/x", "''"]
OUTPUT_FILES = ["fuzz/run pool_fuzz --json", "fuzz/bugs/run --json", "bench/run --json", "ci/go_trace --out"]
NO_FILES = ["/nonexistent/x", "{out}", "{text}/x", "/proc/x", "''"]
INPUT_FILES = ["fuzz/run pool_fuzz --replay", "fuzz/bugs/run --patch", "proofs/mutate --patch", "bench/run --program"]
NO_INPUT = ["/nonexistent", "{out}", "{text}/x", "'{out}/a b\nc'", "''"]
INPUT_FOLDERS = ["fuzz/coverage --corpus", "ci/style/style.py --root", "fuzz/build --root", "ci/go_trace --goroot"]

OTHERS = [
    Case("ci/verify --only nosuchstep", "nosuchstep"),
    Case("ci/verify stray", "stray"),
    Case("ci/verify --quick --out", "--out"),
    Case("ci/verify --minutes 1 --minutes 2", "--minutes is given twice"),
    Case("ci/nightly nosuchstep", "nosuchstep"),
    Case("ci/nightly fuzz --out=/proc/x", "/proc/x"),
    Case("ci/setup --nosuch", "--nosuch"),
    Case("ci/setup --check more", "more"),
    Case("ci/setup --check", "cannot be written", {"PATH": "{few}"}, ">/dev/full"),
    Case("ci/report/figures.py", "an option is missing"),
    Case("ci/report/figures.py --chek", "--chek"),
    Case("ci/report/figures.py --check --write", "--check --write"),
    Case("fuzz/run", "TARGET"),
    Case("fuzz/run nosuch_fuzz", "nosuch_fuzz"),
    Case("fuzz/run pool_fuzz --engine none", "none"),
    Case("fuzz/run all --replay {text}", "--replay needs one target"),
    Case("fuzz/run pool_fuzz --json {file} --json {file}", "--json is given twice"),
    Case("fuzz/run pool_fuzz", "/proc/x", {"FUZZ_OUT": "/proc/x"}),
    Case("fuzz/run pool_fuzz --no-ledger --out {out}/run", "clang' is not installed", {"PATH": "{few}"}),
    Case("fuzz/run pool_fuzz --replay {text} --out {out}/replay", "clang' is not installed", {"PATH": "{few}"}),
    Case("fuzz/build", "OUT"),
    Case("fuzz/build {out}/build nosuch_fuzz", "nosuch_fuzz"),
    Case("fuzz/build {out}/build pool_fuzz", "nosuchcc' is not installed", {"CC": "nosuchcc"}),
    Case("fuzz/build {out}/build pool_fuzz", "ended with status 1", {"CC": "false"}),
    Case("fuzz/build {text}", "no folder"),
    Case("fuzz/coverage", "TMPDIR is '/nonexistent'", {"TMPDIR": "/nonexistent"}),
    Case("fuzz/coverage stray", "stray"),
    Case("fuzz/bugs/run nosuch", "nosuch"),
    Case("fuzz/bugs/run --engine none", "none"),
    Case("fuzz/bugs/run --patch {text}", "'What:'"),
    Case("fuzz/bugs/run --patch /bin/true", "not UTF-8"),
    Case("fuzz/bugs/run --patch {text} wrong_pool", "--patch and the name 'wrong_pool'"),
    Case("fuzz/bugs/run --check", "TMPDIR is '/dev/null'", {"TMPDIR": "/dev/null"}),
    Case("fuzz/bugs/run --check", "output cannot be written", {}, ">/dev/full"),
    Case("fuzz/bugs/run --check", "patch' is not installed", {"PATH": "{few}"}),
    Case("bench/run stray", "stray"),
    Case("bench/run --only nosuchrow", "nosuchrow"),
    Case("bench/run --tiny --program /bin/false", "false switch"),
    Case("bench/run --tiny --program {text}", "cannot be run"),
    Case("bench/run --tiny --program /bin/false", "TMPDIR", {"TMPDIR": "{text}"}),
    Case("bench/run --core", "bazel is not installed", {"PATH": "{few}"}),
    Case("proofs/mutate nosuch", "nosuch"),
    Case("proofs/mutate --patch {text}", "changes no file"),
    Case("proofs/mutate --patch /bin/true", "not UTF-8"),
    Case("proofs/mutate --fuzz --proof", "--proof"),
    Case("ci/go_trace --check", "TMPDIR", {"TMPDIR": "/nonexistent"}),
    Case("ci/go_trace --check --goroot {out}", "no Go that runs"),
    Case("ci/go_trace --check", "no Go that runs", {"PATH": "{few}"}),
    Case("ci/go_trace", "efence=1", {"GODEBUG": "gctrace=0,efence=1"}),
    Case("ci/go_trace nosuch.go", "nosuch.go"),
    Case("ci/go_trace --test", "--test"),
    Case("ci/go_trace --test ''", "no package"),
    Case("ci/go_trace --test -- -x", "--test"),
    Case("ci/go_findsghi 0", "0"),
    Case("ci/go_findsghi 1 2", "one argument"),
    Case("ci/go_findsghi '1;id'", "ROUNDS"),
    Case("ci/go_findsghi 99999999999999999999", "ROUNDS"),
    Case("ci/oss_fuzz/dry_run nosuch", "nosuch"),
    Case("ci/oss_fuzz/dry_run libfuzzer '$(id)'", "no engine"),
    Case("ci/style/style.py", "output cannot be written", {}, ">/dev/full"),
    Case("ci/style/style.py --rules", "output", {}, ">&-"),
    Case("ci/style/style.py stray", "stray"),
    # A name goes to the terminal escaped, and a long one cut.
    Case("fuzz/run \"$(printf 'a\\033[31m')\"", r"\x1b[31m"),
    Case("fuzz/bugs/run \"$(printf 'a\\nb')\"", r"a\nb"),
    Case("ci/nightly \"$(printf '\\377')\"", r"\udcff"),
    # What is hostile around a tool is no reason to fail.
    Case("ci/style/style.py --rules", "", {"HOME": "/nonexistent", "GIT_DIR": "/nonexistent", "LC_ALL": "C"}, "", 0),
    Case("ci/go_trace --check", "", {"HOME": "/nonexistent", "GIT_DIR": "/none", "TMPDIR": "{out}"}, "", 0),
    Case("fuzz/bugs/run --check", "", {"HOME": "", "TMPDIR": "{out}"}, "", 0),
]


def table() -> list[Case]:
    """Every case."""
    cases = [Case("%s=%s" % (option, value), option.split()[-1]) for option, high in NUMBERS for value in NO_NUMBERS + [high]]
    cases += [Case("%s=%s" % (option, value), option.split()[-1]) for option, high in FRACTIONS for value in NO_FRACTIONS + [high]]
    for options, names in ((OUTPUT_FOLDERS, NO_FOLDERS), (OUTPUT_FILES, NO_FILES), (INPUT_FILES, NO_INPUT)):
        cases += [Case("%s %s" % (option, name), option.split()[-1]) for option in options for name in names]
    cases += [Case("%s %s" % (option, name), option.split()[-1]) for option in INPUT_FOLDERS for name in ("/nonexistent", "{text}")]
    needed = {"fuzz/run": " pool_fuzz", "fuzz/build": " {out}/build pool_fuzz"}
    cases += [Case(tool + needed.get(tool, "") + " --nosuch", "--nosuch") for tool in TOOLS]
    cases += [Case(tool + " --help", "output", {}, ">/dev/full") for tool in TOOLS]
    cases += [Case(tool + " --help", "", {}, "", 0) for tool in ALL_WITH_HELP]
    return cases + OTHERS


class Refusals(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="a 'b\" ")
        self.addCleanup(temporary.cleanup)
        self.names = {name: os.path.join(temporary.name, name) for name in ("out", "file", "text", "few")}
        for folder in ("out", "few"):
            os.mkdir(self.names[folder])
        with open(self.names["text"], "w", encoding="utf-8") as text:
            text.write("just words\n")
        # Enough of a system to start the tools, and nothing that they need.
        for program in ("env", "python3", "sh", "bash", "sed", "dirname", "readlink", "id", "mktemp", "rm"):
            os.symlink(os.path.join("/usr/bin", program), os.path.join(self.names["few"], program))

    def filled(self, text: str) -> str:
        for name, path in self.names.items():
            text = text.replace("{%s}" % name, path)
        return text

    def words(self, command: str) -> str:
        """The command for a shell, its names quoted."""
        for name, path in self.names.items():
            quoted = "'" + path.replace("'", "'\\''") + "'"
            command = command.replace("'{%s}/" % name, quoted + "'/").replace("{%s}" % name, quoted)
        return command

    def fault(self, case: Case) -> str | None:
        """What is wrong with how a tool took a case."""
        environment = {**os.environ, "PATH": "/usr/bin:/bin", **{name: self.filled(value) for name, value in case.variables.items()}}
        environment.pop("TEST_TMPDIR", None)
        try:
            done = subprocess.run(["/bin/bash", "-c", "%s %s" % (self.words(case.command), case.redirection)], cwd=ROOT, check=False,
                                  env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "it did not end"
        message = done.stderr.decode(errors="backslashreplace")
        if done.returncode != case.status:
            return "status %d: %s" % (done.returncode, message)
        if case.part not in message or "Traceback" in message or "internal error" in message or "\x1b" in message:
            return "it says: " + message
        if case.status == 2 and (done.stdout.strip() and not case.redirection or not 1 <= message.count("\n") <= 2):
            # A second one is what a tool says of another that it called.
            return "more than a sentence: " + done.stdout.decode(errors="replace") + message
        return None

    def test_table(self) -> None:
        cases = table()
        before = tree.files(ROOT)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            faults = list(pool.map(self.fault, cases))
        for case, fault in zip(cases, faults):
            with self.subTest(case.command, variables=case.variables, redirection=case.redirection):
                self.assertIsNone(fault)
        self.assertGreaterEqual(len(cases), LEAST_CASES)
        self.assertEqual(tree.files(ROOT), before)
        print("%d cases" % len(cases))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
