#!/usr/bin/env python3
"""verify.py: what ci/verify runs after the set-up: each step measures, and one page and one JSON file say what.

A step that cannot run leaves its part of the evidence null and says why in `short`; nothing is filled in from another
run.  Options: ci/verify --help.
"""
import ast
import datetime
import glob
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, "ci")]
from contig import arguments, debian, environment, files, processes, tool, tree  # noqa: E402
from contig.traceability import report as traced  # noqa: E402
import page  # noqa: E402
from evidence import faults  # noqa: E402

# A quick run proves units, the smallest first, until so many recorded goals are reached.
SAMPLE_GOALS = 150
QUICK_TESTS = ["//src/...", "//spec/...", "//examples/...", "//ci/style/..."]
ENGINES = ("libfuzzer", "afl")
# No step runs for ever.  These are bounds, and far above what a busy machine of two processors needs.
HOUR = 3600
STEP_SECONDS = 4 * HOUR
BUILD_SECONDS = HOUR
ASK_SECONDS = 300
ACL2_SECONDS = HOUR
LONGEST_MINUTES = 24 * 60
# A planted defect that this finds is noticed; proofs/defects/run gives it 600.
DEFECT_SECONDS = 10
TOOLS = {
    "frama-c": ["frama-c", "-version"],
    "why3": ["why3", "--version"],
    "z3": ["z3", "--version"],
    "cvc4": ["cvc4", "--version"],
    "gcc": ["gcc", "--version"],
    "clang": ["clang", "--version"],
    "afl++": ["dpkg-query", "-W", "-f", "${Version}", "afl++"],
    "bazel": ["dpkg-query", "-W", "-f", "${Version}", "bazel-bootstrap"],
    "go": ["go", "version"],
    "python3": ["python3", "--version"],
    "chromium": ["dpkg-query", "-W", "-f", "${Version}", "chromium"],
}


class Run:
    """The evidence as it comes together, and where the logs go.  What it starts gets a clean environment."""

    def __init__(self, options):
        self.options = options
        self.out = options.out
        self.begun = time.monotonic()
        self.short = []
        self.logs = set()
        # CONTIG_ACL2 says where ACL2 is installed.
        kept = {name: os.environ[name] for name in ("CONTIG_ACL2",) if name in os.environ}
        self.environment = {**environment.clean(), **kept}
        self.evidence = {
            "schema": "contig-evidence-1",
            "run": {
                "begun": datetime.datetime.now(datetime.timezone.utc).strftime(
                    "%Y-%m-%dT%H:%M:%SZ"
                ),
                "seconds": 0,
                "quick": options.quick,
                "fuzz_minutes": options.minutes,
                "machine": "%s %s" % (platform.system(), platform.machine()),
                "processors": os.cpu_count() or 1,
            },
            "source": source_of_tree(),
            "tools": {name: version(command) for name, command in TOOLS.items()},
            "traceability": None,
            "proof": None,
            "assembly": None,
            "tests": None,
            "fuzz": None,
            "mutants": None,
            "traces": None,
            "demonstrations": None,
            "benchmarks": None,
            "configurations": [],
            "verdict": {"passed": False, "short": []},
        }

    def say(self, text):
        print("[%5d s] %s" % (time.monotonic() - self.begun, text), flush=True)

    def fell_short(self, text):
        self.short.append(text)
        self.say("SHORT: " + text)

    def verified(self, what, how):
        self.evidence["configurations"].append({"what": what, "how": how})

    def log(self, name):
        return os.path.join(self.out, name)

    def fresh(self, name):
        """Where a step's table goes; one of an earlier run must not pass for it."""
        path = self.log(name)
        if os.path.exists(path):
            os.remove(path)
        return path

    def call(self, command, log, show=None, seconds=STEP_SECONDS):
        """Runs a command into a log; lines for which show returns a text are printed.  Returns the exit status."""
        with open(self.log(log), "a" if log in self.logs else "w", encoding="utf-8") as out:
            out.write("$ %s\n" % " ".join(command))
        self.logs.add(log)

        def look(line):
            text = show(line) if show else None
            if text:
                self.say(text)

        done = processes.logged(
            command,
            seconds,
            self.log(log),
            look,
            grace=processes.TOOL_GRACE_SECONDS,
            cwd=ROOT,
            env=self.environment,
        )
        if done.late:
            self.fell_short("%s %s" % (" ".join(command[:2]), done.text()))
            return done.status or 1
        return done.status

    def finish(self):
        self.evidence["run"]["seconds"] = round(time.monotonic() - self.begun, 1)
        self.evidence["verdict"] = {"passed": not self.short, "short": self.short}
        wrong = faults(self.evidence)
        for text in wrong:
            self.say("the evidence does not fit its schema: " + text)
        files.write_json(self.log("evidence.json"), self.evidence)
        files.write(self.log("index.html"), page.page(self.evidence))
        self.say(
            "%s; report: %s"
            % (
                "everything that ran is as it should be"
                if not self.short
                else "%d things fell short" % len(self.short),
                self.log("index.html"),
            )
        )
        for text in self.short:
            print("  " + text)
        return 1 if self.short or wrong else 0


# ---- What is there


def version(command):
    if shutil.which(command[0]) is None:
        return None
    result = processes.captured(command, ASK_SECONDS, env=environment.clean(), together=True)
    return result.output.strip().split("\n")[0] if result.done.status == 0 else None


def source_of_tree():
    """A digest of every file that git knows or would add."""
    paths, whole = tree.files(ROOT), hashlib.sha256()
    for path in paths:
        with open(os.path.join(ROOT, path), "rb") as content:
            # A name may hold a newline: its end is a byte that no name has.
            whole.update(os.fsencode(path) + b"\0" + hashlib.sha256(content.read()).digest())
    checkout = tree.is_checkout(ROOT)
    commit = tree.git(ROOT, "rev-parse", "HEAD") if checkout else None
    changed = tree.git(ROOT, "status", "--porcelain", "-z") if checkout else None
    return {
        "sha256": whole.hexdigest(),
        "files": len(paths),
        "commit": commit.strip() if commit else None,
        "changed": bool(changed) if changed is not None else None,
    }


def traceability(run):
    run.evidence["traceability"] = found = traced.evidence(ROOT)
    run.say(
        "%d requirements: %s; %d gaps"
        % (
            len(found["requirements"]),
            ", ".join("%d %s" % (n, k) for k, n in found["counts"].items()),
            len(found["gaps"]),
        )
    )
    if found["gaps"]:
        run.fell_short("%d gaps between requirements and evidence" % len(found["gaps"]))


# ---- Steps


def units_to_prove(quick):
    """(units to prove now, units left out, in this order)."""
    proved = traced.proof_units(ROOT)
    recorded = files.read_json(os.path.join(ROOT, "proofs/goals.json"))
    goals = {unit: sum(counts.values()) for unit, counts in recorded.items()}
    ordered = sorted(proved, key=lambda unit: (goals.get(unit, 0), unit))
    if not quick:
        return ordered, []
    chosen, total = [], 0
    for unit in ordered:
        if chosen and total + goals.get(unit, 0) > SAMPLE_GOALS:
            break
        chosen.append(unit)
        total += goals.get(unit, 0)
    return chosen, [unit for unit in ordered if unit not in chosen]


def prove(run):
    units, left_out = units_to_prove(run.options.quick)
    run.say(
        "proving %d files of src/core%s: %s"
        % (len(units), " (a sample)" if left_out else "", " ".join(units))
    )
    report = run.fresh("proof.json")

    def show(line):
        return (
            line.strip()
            if re.match(r"\s+\w+ +\d+ goals|src/core/|NOT PROVED|  \S+: \d+ of \d+ goals", line)
            else None
        )

    begun = time.monotonic()
    status = run.call(["proofs/run", "--json", report] + units, "proof.log", show)
    proof = {
        "platform": "linux",
        "sample": bool(left_out),
        "units": units,
        "not_tried": left_out,
        "functions": [],
        "findings": [],
        "contracts": None,
        "seconds": round(time.monotonic() - begun, 1),
    }
    if os.path.exists(report):
        result = files.read_json(report)
        proof["platform"] = result["platform"]
        proof["findings"] = result["findings"]
        proof["functions"] = [
            {
                "function": row["function"],
                "file": path,
                "goals": row["goals"],
                "proved": row["proved"],
                "seconds": row["seconds"],
                "provers": row["provers"],
            }
            for path, one in result["files"].items()
            for row in one["functions"]
        ]
    else:
        run.fell_short(
            "proofs/run wrote no report (exit status %d): %s" % (status, run.log("proof.log"))
        )
    if status != 0 and os.path.exists(report):
        run.fell_short("proofs: %d findings" % len(proof["findings"]))
    lines = []
    if run.call(["proofs/contracts"], "contracts.log", lines.append) != 0:
        run.fell_short("proofs/contracts found something: %s" % run.log("contracts.log"))
    proof["contracts"] = next((line for line in reversed(lines) if line), None)
    run.evidence["proof"] = proof
    run.verified(
        "src/core on %s, Frama-C/WP with z3 and cvc4" % proof["platform"],
        "%d files, %d functions" % (len(units), len(proof["functions"])),
    )


# Who holds the routines that are proved, and what else the proof needs.
ASSEMBLY_PROGRAMS = ("src/cli/contig_stacks", "src/runtime/switch_test")
ASSEMBLY_TOOLS = ("proofs/assembly/zydis_decode", "src/frames/prologue_code")


def assembly_again(run):
    """{routine: theorems of x86isa}, by proofs that share nothing with prove.py; empty where ACL2 is not installed."""
    if run.call(["proofs/assembly/acl2/install", "--check"], "acl2.log", seconds=ASK_SECONDS) != 0:
        run.say("assembly: ACL2 is not installed (ci/setup --acl2): the second model is left out")
        return {}
    report = run.fresh("acl2.json")
    status = run.call(
        ["proofs/assembly/acl2/run", "--json", report, "--log", run.log("acl2-proofs.log")],
        "acl2.log",
        seconds=ACL2_SECONDS,
    )
    if status != 0 or not os.path.exists(report):
        run.fell_short(
            "assembly: ACL2 does not prove all (exit status %d): %s" % (status, run.log("acl2.log"))
        )
        return {}
    found = files.read_json(report)
    theorems = sum(found["theorems"].values()) + len(found["composed"])
    run.verified(
        "assembly on linked bytes, ACL2 with x86isa",
        "%d theorems, %d runs compared" % (theorems, found["runs"]),
    )
    return found["theorems"]


def assembly(run):
    built = [os.path.join("bazel-bin", path) for path in (*ASSEMBLY_PROGRAMS, *ASSEMBLY_TOOLS)]
    targets = ["//%s:%s" % os.path.split(path) for path in (*ASSEMBLY_PROGRAMS, *ASSEMBLY_TOOLS)]
    if run.call(bazel("build", *targets), "assembly.log", seconds=BUILD_SECONDS) != 0:
        run.fell_short("assembly: the programs do not build: " + run.log("assembly.log"))
        return
    *programs, zydis, code = built
    made, report = run.fresh("compiled_functions.txt"), run.fresh("assembly.json")
    files.write(made, processes.captured([code], ASK_SECONDS, cwd=ROOT, env=run.environment).output)
    begun = time.monotonic()
    command = [
        debian.PYTHON,
        "proofs/assembly/prove.py",
        "--zydis",
        zydis,
        "--made",
        made,
        "--json",
        report,
    ]
    status = run.call(
        command + programs,
        "assembly.log",
        lambda line: line if line.startswith("NOT PROVED") else None,
    )
    if not os.path.exists(report):
        run.fell_short(
            "assembly: no report (exit status %d): %s" % (status, run.log("assembly.log"))
        )
        return
    found, again = files.read_json(report), assembly_again(run)
    run.evidence["assembly"] = {
        "programs": len(found["programs"]),
        "functions": found["compiled_functions"],
        "solvers": found["solvers"],
        "seconds": round(time.monotonic() - begun, 1),
        "routines": [
            {
                "routine": row["routine"],
                "instructions": row["instructions"],
                "paths": row["paths"],
                "below": max(row["below"].values(), default=0),
                "theorems": row["theorems"],
                "open": row["open"],
                "acl2": again.get(row["routine"].split(" (")[0]),
            }
            for row in found["routines"]
        ],
    }
    goals = sum(sum(row["theorems"].values()) for row in found["routines"])
    run.say(
        "assembly: %d routines, %d goals by each of %s"
        % (len(found["routines"]), goals, ", ".join(found["solvers"]))
    )
    if status != 0:
        run.fell_short(
            "assembly: %d answers are not a proof"
            % sum(len(row["open"]) for row in found["routines"])
        )
    run.verified(
        "assembly on linked bytes, %s" % ", ".join(found["solvers"]),
        "%d routines, %d compiled functions"
        % (len(found["routines"]), found["compiled_functions"]),
    )


def bazel(*words):
    command = ["bazel"] + list(words[:1])
    if os.path.isdir("/usr/share/bazel/rules/shell"):
        command.append("--config=debian7")
    return (
        command + ["--curses=no", "--color=no", "--show_progress_rate_limit=30"] + list(words[1:])
    )


def tests(run):
    wanted = QUICK_TESTS if run.options.quick else ["//..."]
    run.say("tests: %s" % " ".join(wanted))
    record = run.fresh("tests.json")
    status = run.call(
        bazel(
            "test",
            "--keep_going",
            "--build_event_json_file=" + record,
            "--test_tag_filters=-proof",
            "--build_tests_only",
            "--nocache_test_results",
            *wanted,
        ),
        "tests.log",
        lambda line: line if re.match(r"(?:FAIL|ERROR|TIMEOUT)", line) else None,
    )
    found = {}
    with open(record, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if "testSummary" in event["id"] and "testSummary" in event:
                one = event["testSummary"]
                found[event["id"]["testSummary"]["label"]] = {
                    "status": one["overallStatus"],
                    "seconds": int(one.get("totalRunDurationMillis", 0)) / 1000,
                    "cached": bool(one.get("totalNumCached")),
                }
    run.evidence["tests"] = [dict(label=label, **one) for label, one in sorted(found.items())]
    failed = [label for label, one in found.items() if one["status"] != "PASSED"]
    run.say("tests: %d passed, %d failed" % (len(found) - len(failed), len(failed)))
    if failed or status != 0:
        run.fell_short(
            "tests: %s" % (", ".join(sorted(failed)) or "bazel failed: %s" % run.log("tests.log"))
        )
    run.verified("gcc -std=c11 -O2 for core and runtime, x86-64 Linux", "%d tests" % len(found))


def fuzz_targets():
    """The list in fuzz/run, which is where a target is made known."""
    found = re.search(
        r"^TARGETS = (\[[^\]]*\])", files.read(os.path.join(ROOT, "fuzz/run")), flags=re.M
    )
    return ast.literal_eval(found.group(1)) if found else []


def fuzz_one(run, target, engine, seconds):
    """Runs one target on one engine; its row."""
    report, log = run.fresh("fuzz.json"), "fuzz_%s_%s.log" % (target, engine)
    row = {
        "target": target,
        "engine": engine,
        "seconds": 0,
        "executions": None,
        "corpus": None,
        "edges": None,
        "findings": [],
        "note": None,
    }
    status = run.call(
        [
            "fuzz/run",
            target,
            "--engine",
            engine,
            "--seconds",
            str(seconds),
            "--no-ledger",
            "--json",
            report,
            "--out",
            os.path.join(run.out, "fuzz"),
        ],
        log,
        seconds=seconds + BUILD_SECONDS,
    )
    if not os.path.exists(report):
        row["note"] = "did not run"
        run.fell_short(
            "fuzzing: %s on %s ended with %d: %s" % (target, engine, status, run.log(log))
        )
        return row
    found = files.read_json(report)[0]
    os.remove(report)
    row.update(
        seconds=found["seconds"],
        executions=found["executions"],
        edges=found["coverage"],
        findings=[os.path.basename(path) for path in found["findings"]],
    )
    corpus = os.path.join(
        run.out, "fuzz", target, engine, "corpus" if engine == "libfuzzer" else "afl/default/queue"
    )
    row["corpus"] = len(glob.glob(os.path.join(corpus, "*"))) if os.path.isdir(corpus) else None
    if row["findings"]:
        run.fell_short("fuzzing: %s on %s found %s" % (target, engine, ", ".join(row["findings"])))
    run.say(
        "fuzzing: %s on %s: %s inputs, %s edges, %d findings"
        % (target, engine, row["executions"], row["edges"], len(row["findings"]))
    )
    return row


def fuzz(run):
    targets = fuzz_targets()
    if not targets:
        run.fell_short("fuzzing: fuzz/run names no target")
        return
    seconds = max(2, int(60 * run.options.minutes / (len(targets) * len(ENGINES))))
    run.say("fuzzing %d targets on %s, %d s each" % (len(targets), " and ".join(ENGINES), seconds))
    run.evidence["fuzz"] = [
        fuzz_one(run, target, engine, seconds) for engine in ENGINES for target in targets
    ]
    run.verified(
        "fuzz targets with clang, libFuzzer and AFL++",
        "%d targets, %d s each" % (len(targets), seconds),
    )


def planted(run, log, *options):
    """Plants defects in a copy of the tree; a row for each, and the exit status."""
    report = run.fresh("defects.json")
    status = run.call(
        ["proofs/defects/run", *options, "--json", report],
        log,
        lambda line: line
        if re.match(r"\w+/\w+ |not noticed|\w+: \d+ of \d+ noticed", line)
        else None,
    )
    rows = [
        {
            "name": one["name"],
            "killed": said["noticed"],
            "seconds": said["seconds"],
            "how": "%s: %s; %s" % (one["what"], said["how"], one["reference"]),
        }
        for one in (files.read_json(report) if os.path.exists(report) else [])
        for said in one["verdicts"].values()
    ]
    run.fresh("defects.json")
    return status, rows


def mutants(run):
    run.say("bugs put in on purpose: each must be noticed")
    status, rows = planted(run, "mutants.log", "--quick", "--by", "proof")
    run.evidence["mutants"] = rows
    if status != 0 or not rows:
        run.fell_short(
            "bugs put in: %s"
            % (
                ", ".join(row["name"] for row in rows if not row["killed"])
                or "proofs/defects/run failed: " + run.log("mutants.log")
            )
        )


def defects(run):
    """The bug benchmark: how soon fuzzing finds each planted defect, within a short time for each."""
    run.say("planted defects: %d s of fuzzing for each" % DEFECT_SECONDS)
    seconds = ("--engine", "libfuzzer", "--seconds", str(DEFECT_SECONDS))
    _, rows = planted(run, "defects.log", "--by", "fuzz", *seconds)
    run.evidence["mutants"] = (run.evidence["mutants"] or []) + rows


def conform(run, program, name, path, exact):
    command = [program, "conform", "--json"] + (["--exact"] if exact else []) + [path]
    said = processes.captured(
        command, HOUR, cwd=ROOT, env=run.environment, together=True
    ).output.strip()
    try:
        one = json.loads(said.split("\n")[-1])
    except ValueError:
        one = {"result": "unreadable"}
    if one["result"] != "conforms":
        run.fell_short("trace %s: %s" % (name, said[:200]))
    return {
        "trace": name,
        "profile": one.get("profile"),
        "exact": exact,
        "lines": one.get("lines", 0),
        "allocations": one.get("allocations"),
        "growths": one.get("growths"),
        "shrinks": one.get("shrinks"),
        "result": one["result"],
    }


def traces(run):
    if run.call(bazel("build", "//src/cli:contig"), "traces.log", seconds=BUILD_SECONDS) != 0:
        run.fell_short("traces: //src/cli:contig does not build: " + run.log("traces.log"))
        return
    program, rows, demonstrations = os.path.join(ROOT, "bazel-bin/src/cli/contig"), [], []
    for packed in sorted(glob.glob(os.path.join(ROOT, "src/conform/traces/*.gz"))):
        name = os.path.basename(packed)[: -len(".gz")]
        path = run.log(name)
        with gzip.open(packed, "rb") as text, open(path, "wb") as out:
            shutil.copyfileobj(text, out)
        rows.append(conform(run, program, name, path, False))
        os.remove(path)
    for name, argument in (
        ("fib", "20"),
        ("deep", "4194304"),
        ("shrink", None),
        ("hotsplit", None),
    ):
        path = run.fresh("contig-%s.txt" % name)
        command = (
            [program, "demo", name]
            + ([argument] if argument else [])
            + ["--check", "--json", "--trace=" + path]
        )
        result = processes.captured(command, HOUR, cwd=ROOT, env=run.environment)
        try:
            figures = json.loads(result.output)
        except ValueError:
            figures = {}
        passed = result.done.status == 0 and figures.get("passed") is True
        demonstrations.append(
            {
                "name": name,
                "passed": passed,
                "figures": {
                    key: value
                    for key, value in figures.items()
                    if key != "demo"
                    and isinstance(value, (int, float, str))
                    and not isinstance(value, bool)
                },
            }
        )
        if not passed:
            run.fell_short(
                "demonstration %s %s: %s" % (name, result.done.text(), result.errors.strip()[-200:])
            )
        if os.path.exists(path):
            rows.append(conform(run, program, "contig demo " + name, path, False))
            os.remove(path)
    run.evidence["traces"], run.evidence["demonstrations"] = rows, demonstrations
    run.say(
        "traces: %d replayed, %d conform; %d demonstrations"
        % (len(rows), sum(row["result"] == "conforms" for row in rows), len(demonstrations))
    )


def median(value):
    return value["median"] if isinstance(value, dict) else value


def benchmarks(run):
    report = run.fresh("bench.json")
    if (
        run.call(
            ["bench/run", "--quick", "--json", report],
            "bench.log",
            lambda line: line if re.match(r"\S.*\d", line) else None,
        )
        != 0
    ):
        run.fell_short("benchmarks failed: " + run.log("bench.log"))
        return
    found = files.read_json(report)
    run.evidence["benchmarks"] = {
        "processor": found.get("processor"),
        "go": found.get("go"),
        "repetitions": found.get("repetitions"),
        "busy": found.get("busy"),
        "rows": [
            {
                "name": row["name"],
                "unit": row["unit"],
                "better": row["better"],
                "contig": median(row["contig"]),
                "go": median(row["go"]),
                "floor": median(row["floor"]),
                "floor_is": row.get("floor_is"),
            }
            for row in found["rows"]
        ],
    }


def setup(run):
    """Installs what is missing, in the foreground: sudo may ask for a password."""
    run.say("ci/setup")
    if (
        subprocess.run(
            [os.path.join(ROOT, "ci/setup")], cwd=ROOT, check=False, timeout=HOUR
        ).returncode
        != 0
    ):
        raise tool.Problem("ci/setup could not install what is missing; ci/setup --check names it")


STEPS = {
    "setup": setup,
    "traceability": traceability,
    "prove": prove,
    "assembly": assembly,
    "tests": tests,
    "fuzz": fuzz,
    "traces": traces,
    "mutants": mutants,
    "defects": defects,
    "bench": benchmarks,
}


def steps_of(options):
    """The steps of this run, in order."""
    if options.only:
        return [name for name in STEPS if name in options.only]
    left_out = ({"assembly", "mutants", "defects"} if options.quick else set()) | (
        set() if options.bench else {"bench"}
    )
    return [name for name in STEPS if name not in left_out]


def perform(run, names):
    """Each step; what one cannot do falls short, and the others go on."""
    for name in names:
        try:
            STEPS[name](run)
        except tool.Problem as problem:
            if name == "setup":
                raise
            run.fell_short("%s: %s" % (name, problem))
        except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as problem:
            run.fell_short("%s: %s: %s" % (name, type(problem).__name__, problem))


def parse():
    with open(os.path.join(ROOT, "ci/verify"), encoding="utf-8") as text:
        help_text = re.sub(
            r"^# ?", "", "".join(re.findall(r"^# .*\n", text.read(), flags=re.M)), flags=re.M
        )
    parser = arguments.Parser("ci/verify", help_text)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--minutes", type=arguments.fraction(0, LONGEST_MINUTES, "a number of minutes")
    )
    parser.add_argument(
        "--out", type=arguments.output_folder, default=os.path.join(ROOT, "verify-out")
    )
    parser.add_argument("--bench", action="store_true")
    # For the tests of this program: only these steps.
    parser.add_argument("--only", action="append", choices=list(STEPS))
    options = parser.read()
    if options.minutes is None:
        options.minutes = 1 if options.quick else 2
    return options


def main():
    debian.use()
    options = parse()
    files.output_folder(options.out)
    os.chdir(ROOT)
    with files.lock(options.out, hint="wait until it has ended, or give another folder with --out"):
        run = Run(options)
        try:
            perform(run, steps_of(options))
        except tool.Ended as ended:
            run.fell_short("ended by %s: what stands here is a part of a run" % ended)
            run.finish()
            raise
        return run.finish()


if __name__ == "__main__":
    tool.run("ci/verify", main)
