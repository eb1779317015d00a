"""frama_c.py: runs Frama-C on one file of the core; wp_report.py reads what it says.

The options of every proof stand here and nowhere else, each with its reason.  Called by proofs/run, proofs/contracts
and, through them, by every proof target.
"""
from __future__ import annotations

import contextlib
import csv
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any

import hints
import provers
from wp_report import Goals, Progress, Proof, Row

# What changes the meaning of the source: the same for parsing and for proving.
PARSE_OPTIONS = [
    # Sizes and alignments of the machine the core is compiled for.
    ("-machdep", "gcc_x86_64"),
    # Wrap-around of an unsigned type is defined in C, and is a fault here all the same.
    ("-warn-unsigned-overflow",),
    # So is a conversion that loses bits.
    ("-warn-unsigned-downcast",),
    ("-warn-signed-downcast",),
    # A pointer that is made, if nobody reads through it: past the end of its object, it is undefined in C.
    ("-warn-invalid-pointer",),
]

PROOF_OPTIONS = [
    ("-wp",),
    # Each operation that C leaves undefined is a goal of its own.
    ("-wp-rte",),
    # A callee without a clause `terminates` ends, too: calls have no cycle (recursion.py), and each loop has a variant.
    ("-wp-definitions-terminate",),
    ("-wp-declarations-terminate",),
    # And so do the compiler's builtins, which Frama-C describes as part of its library.
    ("-wp-frama-c-stdlib-terminate",),
    # One goal a conjunct and a path: small goals close where their conjunction times out.
    ("-wp-split",),
]

# A smoke test asks the provers for a contradiction: in what a function requires, before a call, in a loop, in a
# branch.  Nearly each takes all its steps, since there is none to find.  Of WP's properties it leaves out those
# that a proof is about, which is how one asks WP for smoke tests alone.
SMOKE_OPTIONS = [
    ("-wp-smoke-tests",),
    (
        "-wp-prop=-@"
        + ",-@".join(
            [
                "requires",
                "ensures",
                "exits",
                "assigns",
                "invariant",
                "variant",
                "assert",
                "check",
                "terminates",
                "decreases",
                "complete_behaviors",
                "disjoint_behaviors",
            ]
        ),
    ),
]

# The smoke tests of every run: what a function requires, and its branches.  (Without those on branches WP makes none
# at all, where no other property is asked for.)
QUICK_SMOKE_OPTIONS = [
    ("-wp-no-smoke-dead-call",),
    ("-wp-no-smoke-dead-loop",),
]

# From SIGTERM to SIGKILL.
GRACE_SECONDS = 5
# What was started and has not ended, each in a group of its own; whether all shall end, and nothing more begin.
RUNNING: set[subprocess.Popen[Any]] = set()
STOPPED = threading.Event()

TOOLS = {"frama-c": "frama-c-base", "why3": "why3", "z3": "z3", "cvc4": "cvc4"}


class ToolMissing(Exception):
    """Something that the proofs need is not there: a program, or room for files."""


def require_tools(*names: str) -> None:
    for name in names or TOOLS:
        if shutil.which(name) is None:
            package = TOOLS.get(name, name)
            raise ToolMissing(
                f"{name} is not installed; ci/setup installs it (Debian package {package})"
            )


def flat(options: Iterable[tuple[str, ...]]) -> list[str]:
    return [word for option in options for word in option]


def cpp_options(platform: str | None) -> list[str]:
    """-I for includes from the repository root; the platform is a row of spec/platform.h."""
    words = ["-I."] + (["-DCONTIG_PLATFORM=" + platform] if platform else [])
    return ["-cpp-extra-args=" + " ".join(words)]


@contextlib.contextmanager
def started(command: list[str], **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """A child that ends with this process: its provers are in its group."""
    with subprocess.Popen(command, start_new_session=True, **how) as process:
        RUNNING.add(process)
        try:
            if STOPPED.is_set():
                end(process)
            yield process
        finally:
            RUNNING.discard(process)


def end(process: subprocess.Popen[Any]) -> None:
    """Ends a child and its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)


def stop() -> None:
    """Ends every child, also those that other threads are about to start."""
    STOPPED.set()
    for process in list(RUNNING):
        end(process)


def _ended(number: int, _: FrameType | None) -> None:
    stop()
    # The scratch folders go, too.
    sys.exit(128 + number)


def watch_signals() -> None:
    """From here on a signal that ends this process ends its children first."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ended)


# More than any file that a proof makes.
ROOM_BYTES = 16 << 20


def require_room(folder: str) -> None:
    """On a full disk, or under a limit on the size of files, a tool ends as if its input were wrong."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)
    except OSError as problem:
        raise ToolMissing(
            f"a file of {ROOM_BYTES >> 20} MiB cannot be written to {folder}: {problem.strerror}"
        ) from problem


class Workplace:
    """A scratch folder with a Why3 configuration of its own: HOME may not be writable, nor say the same elsewhere."""

    folder: str
    env: dict[str, str]

    def __enter__(self) -> Workplace:
        self.folder = tempfile.mkdtemp(prefix="contig-proof-", dir=os.environ.get("TEST_TMPDIR"))
        # Frama-C takes relative names from PWD, which whoever started us in another folder need not have changed.
        # Nothing else of the environment gets there: FRAMAC_* and WHY3* would choose a cache, plug-ins or provers.
        self.env = {
            "PWD": os.getcwd(),
            "HOME": self.folder,
            "XDG_CONFIG_HOME": self.folder,
            "TMPDIR": self.folder,
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "WHY3CONFIG": os.path.join(self.folder, "why3.conf"),
        }
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def write(self, name: str, content: str) -> str:
        """Makes a file here; returns its path."""
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(content)
        return self.path(name)

    def detect_provers(self, kind: str) -> list[str]:
        """Configures the provers with their steps for this kind of run; returns their names for -wp-prover."""
        try:
            return provers.configure(self.folder, self.env, kind)
        except provers.NoProver as problem:
            raise ToolMissing(str(problem)) from problem

    def translation_unit(self, path: str) -> str:
        """The file itself, or for a header one that includes it: Frama-C takes only C files."""
        if not path.endswith(".h"):
            return path
        return self.write(os.path.basename(path)[:-2] + "_header.c", f'#include "{path}"\n')

    def run(
        self, arguments: list[str], on_line: Callable[[str], bool] | None = None
    ) -> tuple[int, list[str]]:
        """Runs frama-c, to its end or until on_line says so; returns (exit status, output lines)."""
        lines: list[str] = []
        with started(
            ["frama-c"] + arguments,
            env=self.env,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if on_line and on_line(lines[-1]):
                    end(process)
                    break
        require_room(self.folder)
        assert process.returncode is not None
        return process.returncode, lines


class FramaCFailed(Exception):
    """frama-c did not accept the file."""


@functools.lru_cache(maxsize=None)
def view(path: str, platform: str | None = None) -> tuple[str, set[str]]:
    """The file as Frama-C understands it: (its text, with macros expanded, contracts merged and ghost code in place;
    names of all functions that have a body there, ghost ones and headers' included)."""
    with Workplace() as place:
        out, metrics = place.path("ast.c"), place.path("metrics.json")
        words = flat(PARSE_OPTIONS) + cpp_options(platform) + [place.translation_unit(path)]
        words += ["-no-unicode", "-print", "-ocode", out, "-metrics", "-metrics-output", metrics]
        status, lines = place.run(words)
        if status != 0 or not os.path.exists(out) or not os.path.exists(metrics):
            raise FramaCFailed("\n".join([path + ": frama-c cannot read it:"] + lines))
        with open(out, encoding="utf-8") as text, open(metrics, encoding="utf-8") as counts:
            return text.read(), {
                name for entry in json.load(counts)["defined-functions"] for name in entry
            }


def prove(
    path: str,
    functions: Collection[str],
    platform: str | None = None,
    smoke: str | None = None,
    each_prover: bool = False,
    parallel: int = 2,
    stop: str | None = None,
    cache: str | None = None,
    hinted: hints.Hints | None = None,
) -> Proof:
    """Runs WP on the given functions of one file; with smoke ("all" or "quick"), its smoke tests instead; with
    stop, only until the goal of that name fails; with cache, goals that this folder knows as proved are not tried:
    such a run is no evidence; with hinted, a goal is tried first by the prover that closed it before.
    """
    with Workplace() as place:
        # Of a smoke test that passed WP does not say how: its cache does, made for this run alone.
        answers = place.path("answers") if smoke else cache
        names = place.detect_provers(_kind(smoke, each_prover))
        arguments = flat(PARSE_OPTIONS) + cpp_options(platform) + [place.translation_unit(path)]
        if hinted:
            hints.write(place.path("session"), hinted, provers.NET_SECONDS)
            names.insert(0, "script")
        arguments += ["-wp-prover", ",".join(names)]
        arguments += ["-wp-par", str(parallel), "-wp-session", place.path("session")]
        arguments += ["-wp-report-json", place.path("report.json")]
        arguments += _wp_options(functions, smoke, each_prover, answers)
        # Without untried ones the table would not know of a property that no goal was made for.
        arguments += ["-then", "-report-untried", "-report-csv", place.path("properties.csv")]
        start = time.monotonic()
        progress = Progress(path, stop)
        status, lines = place.run(arguments, progress.line)
        seconds = time.monotonic() - start
        if progress.stopped:
            return Proof(status, lines, {}, [], seconds, progress.spent, smoke, stop)
        late = _out_of_time(answers) if smoke and answers else 0
        return Proof(
            status, lines, *_reports(place), seconds, progress.spent, smoke, out_of_time=late
        )


def _kind(smoke: str | None, each_prover: bool) -> str:
    """The kind of run, by which the provers have their steps (provers.py)."""
    if smoke:
        return {"all": "smoke", "quick": "smoke-quick"}[smoke]
    return "alone" if each_prover else "proof"


def _wp_options(
    functions: Collection[str], smoke: str | None, each_prover: bool, answers: str | None
) -> list[str]:
    """What WP is to prove, and how."""
    arguments = flat(PROOF_OPTIONS) + ["-wp-timeout", str(provers.NET_SECONDS)]
    if answers:
        arguments += ["-wp-cache", "update", "-wp-cache-dir", os.path.abspath(answers)]
    else:
        arguments += ["-wp-cache", "none"]
    if functions:
        arguments += ["-wp-fct", ",".join(sorted(functions))]
    if smoke:
        arguments += flat(SMOKE_OPTIONS)
        arguments += ["-wp-smoke-timeout", str(provers.SMOKE_SECONDS[smoke])]
    if smoke == "quick":
        arguments += flat(QUICK_SMOKE_OPTIONS)
    if each_prover:
        arguments += ["-wp-run-all-provers"]
    return arguments


def _reports(place: Workplace) -> tuple[Goals, list[Row]]:
    """What WP wrote: the goals of each function, and Frama-C's table of properties."""
    report, table = place.path("report.json"), place.path("properties.csv")
    goals: Goals = {}
    rows: list[Row] = []
    if os.path.exists(report):
        with open(report, encoding="utf-8") as text:
            # "null" where there was not one goal.
            goals = (json.load(text) or {}).get("wp:functions", {})
    if os.path.exists(table):
        with open(table, encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text, dialect="excel-tab", quoting=csv.QUOTE_NONE))
    return goals, rows


def _out_of_time(folder: str) -> int:
    """How many answers in WP's cache are those of a prover that ran out of time."""
    found = 0
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            found += bool(re.search(r'"verdict": *"timeout"', text.read()))
    return found
