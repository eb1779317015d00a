"""frama_c.py: runs Frama-C on one file of the core and reads its reports.

The options of every proof stand here and nowhere else, each with its reason.  Called by proofs/run, proofs/contracts
and, through them, by every proof target.
"""
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
import time

import provers

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

# Warnings that are no reason to distrust a proof: a pattern and why.
HARMLESS_WARNINGS = [
    (r"^\[wp\] \S+ Warning: Failed smoke-test", "the report counts it as an open goal"),
    (
        r"^\[wp\] \S+ Warning: Missing terminates clause for \w+, populates 'terminates \\true'",
        "what is then proved of each function with a body",
    ),
    (r"^\[kernel:CERT:", "a rule of style; what it warns of is defined in C, and proved"),
]

# From SIGTERM to SIGKILL.
GRACE_SECONDS = 5
# What was started and has not ended, each in a group of its own.
RUNNING = set()

TOOLS = {"frama-c": "frama-c-base", "why3": "why3", "z3": "z3", "cvc4": "cvc4"}


class ToolMissing(Exception):
    """Something that the proofs need is not there: a program, or room for files."""


def require_tools(*names):
    for name in names or TOOLS:
        if shutil.which(name) is None:
            raise ToolMissing(
                "%s is not installed; ci/setup installs it (Debian package %s)"
                % (name, TOOLS.get(name, name))
            )


def flat(options):
    return [word for option in options for word in option]


def cpp_options(platform):
    """-I for includes from the repository root; the platform is a row of spec/platform.h."""
    words = ["-I."] + (["-DCONTIG_PLATFORM=" + platform] if platform else [])
    return ["-cpp-extra-args=" + " ".join(words)]


@contextlib.contextmanager
def started(command, **how):
    """A child that ends with this process: its provers are in its group."""
    with subprocess.Popen(command, start_new_session=True, **how) as process:
        RUNNING.add(process)
        try:
            yield process
        finally:
            RUNNING.discard(process)


def end(process):
    """Ends a child and its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)


def _ended(number, _):
    for process in list(RUNNING):
        end(process)
    # The scratch folders go, too.
    sys.exit(128 + number)


def watch_signals():
    """From here on a signal that ends this process ends its children first."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ended)


# More than any file that a proof makes.
ROOM_BYTES = 16 << 20


def require_room(folder):
    """On a full disk, or under a limit on the size of files, a tool ends as if its input were wrong."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)
    except OSError as problem:
        raise ToolMissing(
            "a file of %d MiB cannot be written to %s: %s"
            % (ROOM_BYTES >> 20, folder, problem.strerror)
        ) from problem


class Workplace:
    """A scratch folder with a Why3 configuration of its own: HOME may not be writable, nor say the same elsewhere."""

    def __enter__(self):
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

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def detect_provers(self, kind):
        """Configures the provers with their steps for this kind of run; returns their names for -wp-prover."""
        try:
            return provers.configure(self.folder, self.env, kind)
        except provers.NoProver as problem:
            raise ToolMissing(str(problem)) from problem

    def translation_unit(self, path):
        """The file itself, or for a header one that includes it: Frama-C takes only C files."""
        if not path.endswith(".h"):
            return path
        unit = self.path(os.path.basename(path)[:-2] + "_header.c")
        with open(unit, "w", encoding="utf-8") as out:
            out.write('#include "%s"\n' % path)
        return unit

    def run(self, arguments, on_line=None):
        """Runs frama-c, to its end or until on_line says so; returns (exit status, output lines)."""
        lines = []
        with started(
            ["frama-c"] + arguments,
            env=self.env,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if on_line and on_line(lines[-1]):
                    end(process)
                    break
        require_room(self.folder)
        return process.returncode, lines


class FramaCFailed(Exception):
    """frama-c did not accept the file."""


@functools.lru_cache(maxsize=None)
def view(path, platform=None):
    """The file as Frama-C understands it: (its text, with macros expanded, contracts merged and ghost code in place;
    names of all functions that have a body there, ghost ones and headers' included)."""
    with Workplace() as place:
        out, metrics = place.path("ast.c"), place.path("metrics.json")
        status, lines = place.run(
            flat(PARSE_OPTIONS)
            + cpp_options(platform)
            + [
                place.translation_unit(path),
                "-no-unicode",
                "-print",
                "-ocode",
                out,
                "-metrics",
                "-metrics-output",
                metrics,
            ]
        )
        if status != 0 or not os.path.exists(out) or not os.path.exists(metrics):
            raise FramaCFailed("\n".join([path + ": frama-c cannot read it:"] + lines))
        with open(out, encoding="utf-8") as text, open(metrics, encoding="utf-8") as counts:
            return text.read(), {
                name for entry in json.load(counts)["defined-functions"] for name in entry
            }


class Progress:
    """A line on stderr every few seconds, from the goals that frama-c reports as done."""

    def __init__(self, label, stop=None, seconds=5):
        self.label, self.stop, self.seconds = label, stop, seconds
        self.stopped = False
        self.start = self.last = time.monotonic()
        self.total, self.done = 0, 0

    def line(self, text):
        scheduled = re.match(r"\[wp\] (\d+) goals? scheduled", text)
        if scheduled:
            self.total = int(scheduled.group(1))
        elif re.match(r"\[wp\] \[\S.*\] (Goal|Smoke-test) ", text):
            self.done += 1
        now = time.monotonic()
        if now - self.last >= self.seconds:
            self.last = now
            print(
                "  %s: %d of %d goals, %d s"
                % (self.label, self.done, self.total, now - self.start),
                file=sys.stderr,
                flush=True,
            )
        failed = re.match(_OPEN_GOAL, text)
        self.stopped = bool(self.stop and failed and failed.group(1) == self.stop)
        return self.stopped


# WP's line for a goal that nobody proved, its parts under one name; the provers' answers stand in the lines below.
_OPEN_GOAL = r"\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal typed_(\w+?)(?:_part\d+)?(?:$| )"
_ANSWER = r"  (\w+) [\w.]+: ([A-Z][\w ]*?\w)(?= \(|$)"
_ANSWERS = {"Step limit": "out of steps", "Timeout": "out of time"}


class Proof:
    """What one run of WP reported."""

    def __init__(
        self, status, lines, report, properties, seconds, smoke=None, stopped=None, out_of_time=0
    ):
        self.status, self.lines, self.seconds, self.smoke, self.stopped = (
            status,
            lines,
            seconds,
            smoke,
            stopped,
        )
        self.out_of_time = out_of_time
        # function -> {property: {"wp:main": {"total":, "valid":}, prover: {...}}}
        self.functions = report.get("wp:functions", {})
        # rows: file, line, function, property kind, status, property
        self.properties = properties

    def warnings(self):
        """The log's warnings, each with the lines that belong to it, but the harmless ones."""
        found = []
        for number, line in enumerate(self.lines):
            if "Warning:" not in line:
                continue
            text = [line]
            for more in self.lines[number + 1 :]:
                if more.startswith("["):
                    break
                text.append(more)
            found.append(" ".join(" ".join(text).split()))
        return [
            text
            for text in found
            if not any(re.search(pattern, text) for pattern, _ in HARMLESS_WARNINGS)
        ]

    def answers(self):
        """{open goal: {prover: what it answered with all its steps}}: out of steps, out of time, unknown (it gave up
        with steps left), failed."""
        found, current = {}, None
        for line in self.lines:
            goal, answer = re.match(_OPEN_GOAL, line), re.match(_ANSWER, line)
            if goal:
                current = found.setdefault(goal.group(1), {})
            elif answer and current is not None:
                said = _ANSWERS.get(answer.group(2), answer.group(2).lower())
                # Of a goal's parts, one that hangs says more than the others.
                if current.get(answer.group(1).lower()) != "out of time":
                    current[answer.group(1).lower()] = said
            elif not line.startswith("  "):
                current = None
        return found

    def prover_seconds(self, functions):
        """Seconds of prover time for each function: WP puts it into the log only."""
        spent = dict.fromkeys(functions, 0.0)
        longest_first = sorted(functions, key=len, reverse=True)
        current = None
        for line in self.lines:
            goal = re.match(r"\[wp\] \[.*?\] (?:Goal|Smoke-test) typed_(?:\w+?_)??(\w+)", line)
            if goal:
                name = line.split(" typed_", 1)[1]
                current = next((f for f in longest_first if name.startswith(f + "_")), None)
            elif not line.startswith("  "):
                current = None
            if current:
                for number, unit in re.findall(r"\((?:Qed:)?([\d.]+)(ms|s)\)", line):
                    spent[current] += float(number) / (1000 if unit == "ms" else 1)
        return spent


def prove(
    path, functions, platform=None, smoke=None, each_prover=False, parallel=2, stop=None, cache=None
):
    """Runs WP on the given functions of one file; with smoke ("all" or "quick"), its smoke tests instead; with
    stop, only until the goal of that name fails; with cache, goals that this folder knows as proved are not tried:
    such a run is no evidence."""
    with Workplace() as place:
        kind = (
            {"all": "smoke", "quick": "smoke-quick"}[smoke]
            if smoke
            else "alone"
            if each_prover
            else "proof"
        )
        report, table = place.path("report.json"), place.path("properties.csv")
        arguments = flat(PARSE_OPTIONS) + cpp_options(platform) + [place.translation_unit(path)]
        arguments += flat(PROOF_OPTIONS)
        arguments += [
            "-wp-prover",
            ",".join(place.detect_provers(kind)),
            "-wp-par",
            str(parallel),
            "-wp-timeout",
            str(provers.NET_SECONDS),
            "-wp-session",
            place.path("session"),
            "-wp-report-json",
            report,
        ]
        # Of a smoke test that passed WP does not say how: its cache does, made for this run alone.
        answers = place.path("answers") if smoke else cache
        arguments += (
            ["-wp-cache", "update", "-wp-cache-dir", os.path.abspath(answers)]
            if answers
            else ["-wp-cache", "none"]
        )
        arguments += ["-wp-fct", ",".join(sorted(functions))] if functions else []
        arguments += (
            flat(SMOKE_OPTIONS) + ["-wp-smoke-timeout", str(provers.SMOKE_SECONDS[smoke])]
            if smoke
            else []
        )
        arguments += flat(QUICK_SMOKE_OPTIONS) if smoke == "quick" else []
        arguments += ["-wp-run-all-provers"] if each_prover else []
        # Without untried ones the table would not know of a property that no goal was made for.
        arguments += ["-then", "-report-untried", "-report-csv", table]
        start = time.monotonic()
        progress = Progress(path, stop)
        status, lines = place.run(arguments, progress.line)
        seconds = time.monotonic() - start
        if progress.stopped:
            return Proof(status, lines, {}, [], seconds, smoke, stop)
        goals, rows = {}, []
        if os.path.exists(report):
            with open(report, encoding="utf-8") as text:
                # "null" where there was not one goal.
                goals = json.load(text) or {}
        if os.path.exists(table):
            with open(table, encoding="utf-8", newline="") as text:
                rows = list(csv.DictReader(text, dialect="excel-tab", quoting=csv.QUOTE_NONE))
        return Proof(
            status,
            lines,
            goals,
            rows,
            seconds,
            smoke,
            out_of_time=_out_of_time(answers) if smoke else 0,
        )


def _out_of_time(folder):
    """How many answers in WP's cache are those of a prover that ran out of time."""
    found = 0
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            found += bool(re.search(r'"verdict": *"timeout"', text.read()))
    return found
