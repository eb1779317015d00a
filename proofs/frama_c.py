"""frama_c.py: runs Frama-C on one file of the core and reads its reports.

The options of every proof stand here and nowhere else, each with its reason.  Called by proofs/run, proofs/lock
and, through them, by every proof target.
"""
import csv
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

# What changes the meaning of the source: the same for parsing and for proving.
PARSE_OPTIONS = [
    # Sizes and alignments of the machine the core is compiled for.
    ("-machdep", "gcc_x86_64"),
    # Wrap-around of an unsigned type is defined in C, and is a fault here all the same.
    ("-warn-unsigned-overflow",),
    # So is a conversion that loses bits.
    ("-warn-unsigned-downcast",),
    ("-warn-signed-downcast",),
]

PROOF_OPTIONS = [
    ("-wp",),
    # Each operation that C leaves undefined is a goal of its own.
    ("-wp-rte",),
    # One goal a conjunct and a path: small goals close where their conjunction times out.
    ("-wp-split",),
]

# Both provers may try each goal; it is enough that one of them proves it.
PROVERS = ["z3", "cvc4"]

# Seconds a prover may take for a goal.  What closes at all closes in a fraction of that.
GOAL_SECONDS = 10

# Functions whose goals need longer: name -> (seconds, reason).
LONGER_GOALS = {
    "halve": (40, "alignment at an order that is not a constant: the provers try all fifteen, for 10 s and more"),
    "move_goroutine": (30, "each field of each record outside is shown to stand apart from the words that moved: 10 s"),
    "move_references": (30, "the same of the registers: 10 s"),
}

# A smoke test asks the provers for a contradiction: in what a function requires, before a call, in a loop, in a
# branch.  Nearly each takes all its seconds, since there is none to find.  Of WP's properties it leaves out those
# that a proof is about, which is how one asks WP for smoke tests alone.
SMOKE_OPTIONS = [
    ("-wp-smoke-tests",),
    ("-wp-smoke-timeout", "2"),
    ("-wp-prop=-@" + ",-@".join(["requires", "ensures", "exits", "assigns", "invariant", "variant", "assert", "check",
                                 "terminates", "decreases", "complete_behaviors", "disjoint_behaviors"]),),
]

# The smoke tests of every run: what a function requires, and its branches.  (Without those on branches WP makes none
# at all, where no other property is asked for.)
QUICK_SMOKE_OPTIONS = [
    ("-wp-no-smoke-dead-call",),
    ("-wp-no-smoke-dead-loop",),
    ("-wp-smoke-timeout", "1"),
]

# Warnings that are no reason to distrust a proof: a pattern and why.
HARMLESS_WARNINGS = [
    (r"^\[wp\] \S+ Warning: Failed smoke-test", "the report counts it as an open goal"),
    (r"^\[kernel:CERT:", "a rule of style; what it warns of is defined in C, and proved"),
]

TOOLS = {"frama-c": "frama-c-base", "why3": "why3", "z3": "z3", "cvc4": "cvc4"}


class ToolMissing(Exception):
    """A program that the proofs need is not installed."""


def require_tools(*names):
    for name in names or TOOLS:
        if shutil.which(name) is None:
            raise ToolMissing("%s is not installed; ci/setup installs it (Debian package %s)"
                              % (name, TOOLS.get(name, name)))


def flat(options):
    return [word for option in options for word in option]


def cpp_options(platform):
    """-I for includes from the repository root; the platform is a row of spec/platform.h."""
    words = ["-I."] + (["-DCONTIG_PLATFORM=" + platform] if platform else [])
    return ["-cpp-extra-args=" + " ".join(words)]


class Workplace:
    """A scratch folder with a Why3 configuration of its own: HOME may not be writable, nor say the same elsewhere."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="contig-proof-", dir=os.environ.get("TEST_TMPDIR"))
        # Frama-C takes relative names from PWD, which whoever started us in another folder need not have changed.
        self.env = dict(os.environ, PWD=os.getcwd(), HOME=self.folder, XDG_CONFIG_HOME=self.folder,
                        WHY3CONFIG=os.path.join(self.folder, "why3.conf"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def detect_provers(self):
        done = subprocess.run(["why3", "config", "detect", "-C", self.env["WHY3CONFIG"]], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise ToolMissing("why3 config detect failed: " + done.stdout.strip().replace("\n", "; "))

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
        with subprocess.Popen(["frama-c"] + arguments, env=self.env, text=True, encoding="utf-8", errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if on_line and on_line(lines[-1]):
                    process.terminate()
                    break
        return process.returncode, lines


class FramaCFailed(Exception):
    """frama-c did not accept the file."""


@functools.lru_cache(maxsize=None)
def view(path, platform=None):
    """The file as Frama-C understands it: (its text, with macros expanded, contracts merged and ghost code in place;
    names of all functions that have a body there, ghost ones and headers' included)."""
    with Workplace() as place:
        out, metrics = place.path("ast.c"), place.path("metrics.json")
        status, lines = place.run(flat(PARSE_OPTIONS) + cpp_options(platform) +
                                  [place.translation_unit(path), "-no-unicode", "-print", "-ocode", out,
                                   "-metrics", "-metrics-output", metrics])
        if status != 0 or not os.path.exists(out) or not os.path.exists(metrics):
            raise FramaCFailed("\n".join([path + ": frama-c cannot read it:"] + lines))
        with open(out, encoding="utf-8") as text, open(metrics, encoding="utf-8") as counts:
            return text.read(), {name for entry in json.load(counts)["defined-functions"] for name in entry}


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
            print("  %s: %d of %d goals, %d s" % (self.label, self.done, self.total, now - self.start),
                  file=sys.stderr, flush=True)
        failed = re.match(r"\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal typed_(\w+?)(?:_part\d+)?$", text)
        self.stopped = bool(self.stop and failed and failed.group(1) == self.stop)
        return self.stopped


class Proof:
    """What one run of WP reported."""

    def __init__(self, status, lines, report, properties, seconds, smoke=None, stopped=None):
        self.status, self.lines, self.seconds, self.smoke, self.stopped = status, lines, seconds, smoke, stopped
        # function -> {property: {"wp:main": {"total":, "valid":}, prover: {...}}}
        self.functions = report.get("wp:functions", {})
        # rows: file, line, function, property kind, status, property
        self.properties = properties

    def warnings(self):
        """The log's warnings, each with the lines that belong to it, but the harmless ones."""
        found = []
        for number, line in enumerate(self.lines):
            if "Warning:" not in line or any(re.search(pattern, line) for pattern, _ in HARMLESS_WARNINGS):
                continue
            text = [line]
            for more in self.lines[number + 1:]:
                if more.startswith("["):
                    break
                text.append(more)
            found.append(" ".join(" ".join(text).split()))
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


def prove(path, functions, platform=None, smoke=None, each_prover=False, parallel=2, stop=None):
    """Runs WP on the given functions of one file; with smoke ("all" or "quick"), its smoke tests instead; with
    stop, only until the goal of that name fails."""
    with Workplace() as place:
        place.detect_provers()
        report, table = place.path("report.json"), place.path("properties.csv")
        longer = ["%s:%d" % (name, LONGER_GOALS[name][0]) for name in functions if name in LONGER_GOALS]
        arguments = flat(PARSE_OPTIONS) + cpp_options(platform) + [place.translation_unit(path)]
        arguments += flat(PROOF_OPTIONS)
        arguments += ["-wp-prover", ",".join(PROVERS), "-wp-timeout", str(GOAL_SECONDS), "-wp-par", str(parallel),
                      "-wp-session", place.path("session"), "-wp-report-json", report]
        # The environment may name a cache of goals for a developer's own runs; Bazel's tests have none.
        arguments += ["-wp-cache-env"]
        arguments += ["-wp-fct", ",".join(sorted(functions))] if functions else []
        arguments += ["-wp-fct-timeout", ",".join(longer)] if longer else []
        arguments += flat(SMOKE_OPTIONS) if smoke else []
        arguments += flat(QUICK_SMOKE_OPTIONS) if smoke == "quick" else []
        arguments += ["-wp-run-all-provers"] if each_prover else []
        arguments += ["-then", "-report-csv", table]
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
        return Proof(status, lines, goals, rows, seconds, smoke)
