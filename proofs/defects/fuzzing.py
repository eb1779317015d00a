"""fuzzing.py: how soon does a fuzz target find a defect, on each engine, and which oracle speaks?

Programs are built by fuzz/build, which compiles again only what a patch reaches; fuzz/run knows what an engine leaves.
What a target finds in the tree without a defect is a finding, and no detection.  Called by run.
"""
import glob
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contig import processes, targets
from contig.tool import Problem
from defects import trees
from defects.record import ROOT, Defect
from defects.verdict import Verdict

PARTS = ("src", "spec", "fuzz", "ci/bazel", "proofs/defects/canary.h")
SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover=all"
ENGINES = ("libfuzzer", "afl")
CONTROL_SECONDS = 20
# What an engine may take on top of its time; what a finding and a seed may take, which is slow after that.
SETTLE_SECONDS, INPUT_SECONDS, SEED_SECONDS = 600, 10, 3
# What afl-fuzz leaves for a finding; of a run that goes on, only findings that are whole.
CRASHES, HANGS = "afl/default/crashes", "afl/default/hangs"


def _loaded(name: str) -> Any:
    """A program of fuzz/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(ROOT, "fuzz", name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


BUILD, RUN = _loaded("build"), _loaded("run")
TARGETS = targets.load(ROOT)


@dataclass(frozen=True)
class Engine:
    """One engine with what the command line says of it."""

    name: str
    asan: bool
    seconds: int
    empty: bool

    def compiler(self) -> dict[str, str]:
        """The variables for fuzz/build."""
        flags = SANITIZE if self.asan else ""
        if self.name == "libfuzzer":
            flags += " -fsanitize=fuzzer-no-link"
            how = {"CC": "clang", "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}
        else:
            how = {"CC": "afl-clang-fast", "LIB_FUZZING_ENGINE": "", "AFL_QUIET": "1"}
        return {**os.environ, **how, "CFLAGS": flags}


@dataclass(frozen=True)
class Run:
    """One run of a target on an engine, in a folder of its own."""

    engine: Engine
    program: str
    target: str
    folder: str
    canary: str

    def path(self, *names: str) -> str:
        return os.path.join(self.folder, *names)

    def left(self, *patterns: str) -> list[str]:
        """Files that the engine left."""
        place = glob.escape(self.folder)
        return sorted(
            path for pattern in patterns for path in glob.glob(os.path.join(place, pattern))
        )

    def environment(self) -> dict[str, str]:
        variables = dict(RUN.environment_of(), CONTIG_CANARY=self.canary)
        if self.engine.name != "afl":
            return variables
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            variables.pop(name, None)
        for name in ("NO_UI", "SKIP_CPUFREQ", "NO_AFFINITY", "SKIP_CRASHES"):
            variables["AFL_" + name] = "1"
        variables["AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES"] = "1"
        if TARGETS[self.target].mutator is not None:
            variables["AFL_CUSTOM_MUTATOR_LIBRARY"] = self.program + "_mutator.so"
            variables["AFL_CUSTOM_MUTATOR_ONLY"] = "1"
        return variables

    def command(self, seeds: str) -> list[str]:
        if self.engine.name == "afl":
            words = ["afl-fuzz", "-V", str(self.engine.seconds), "-i", seeds]
            return [*words, "-o", self.path("afl"), "-t", "3000", "-m", "none", "--", self.program]
        os.makedirs(self.path("corpus"))
        return [
            self.program,
            "-max_total_time=%d" % self.engine.seconds,
            "-max_len=%d" % TARGETS[self.target].bytes,
            "-entropic=0",
            "-timeout=3",
            "-artifact_prefix=%s/" % self.folder,
            self.path("corpus"),
            seeds,
        ]


def _crashing_seed(run: Run, seeds: str, variables: dict[str, str]) -> bool:
    """afl-fuzz leaves out seeds that crash; what they show is a detection all the same."""
    for path in sorted(glob.glob(os.path.join(glob.escape(seeds), "*"))):
        quiet = subprocess.DEVNULL
        done = processes.run(
            [run.program, path], SEED_SECONDS, stdout=quiet, stderr=quiet, env=variables
        )
        if done.status != 0 or done.late:
            os.makedirs(run.path(CRASHES))
            shutil.copy(path, run.path(CRASHES, "id-seed"))
            return True
    return False


def _run_engine(run: Run, seeds: str, variables: dict[str, str]) -> int:
    """Runs the engine until it finds something, or its time is up; its status."""
    with open(run.path("log"), "w", encoding="utf-8") as log:
        with processes.started(
            run.command(seeds), stdout=log, stderr=log, env=variables
        ) as process:
            until = time.monotonic() + run.engine.seconds + SETTLE_SECONDS
            while not processes.wait(process, 0.1) and time.monotonic() < until:
                if run.left(CRASHES + "/id*,sig*", HANGS + "/id*"):
                    break
        return int(process.returncode)


def _finding(run: Run, status: int, log: str) -> bool:
    """Whether the engine found something; a Problem if it failed itself."""
    if run.engine.name == "afl":
        found = bool(run.left(CRASHES + "/id*", HANGS + "/id*"))
        found = found or ("PROGRAM ABORT" in log and "crash" in log)
        failed = not found and not run.left("afl/default/fuzzer_stats")
    else:
        found = bool(RUN.findings_in(run.folder))
        failed = not found and status != 0
    if failed:
        raise Problem(
            "%s: %s itself failed, and its log ends with: %s"
            % (run.target, run.engine.name, log[-2000:])
        )
    return found


def _oracle(run: Run, log: str, variables: dict[str, str]) -> str:
    """Which oracle spoke: in libFuzzer's log, or when AFL++'s finding is run once more."""
    if run.engine.name == "afl":
        found = run.left(CRASHES + "/id*", HANGS + "/id*")
        if not found:
            return "crash"
        words = [run.program, found[0]]
        result = processes.captured(words, INPUT_SECONDS, env=variables, together=True)
        if result.done.late:
            return "hang"
        log = result.output
    said = re.search(r"FINDING: oracle (\w+)", log)
    if said:
        return said.group(1)
    if "timeout" in log and "ALARM" in log:
        return "hang"
    said = re.search(r"AddressSanitizer: ([\w-]+)|(runtime error)", log)
    return "sanitizer" if said and said.group(1) not in (None, "SEGV", "ABRT") else "crash"


def _fuzzed(run: Run) -> tuple[float | None, str | None]:
    """Seconds to a finding and the oracle that spoke, or neither."""
    variables = run.environment()
    seeds = RUN.seeds(run.target, run.path("seeds"), run.engine.empty)
    begun = time.monotonic()
    status, log = 0, ""
    if run.engine.name != "afl" or not _crashing_seed(run, seeds, variables):
        status = _run_engine(run, seeds, variables)
        with open(run.path("log"), encoding="utf-8", errors="replace") as text:
            log = text.read()
    spent = time.monotonic() - begun
    if not _finding(run, status, log):
        return None, None
    return spent, _oracle(run, log, variables)


class Fuzzing:
    """A copy of the tree in which one defect after the other is planted, and its programs."""

    def __init__(self, work: str, options: Namespace) -> None:
        self.work, self.tree = work, os.path.join(work, "tree")
        names = ENGINES if options.engine == "both" else (options.engine,)
        self.engines = [
            Engine(name, options.asan, options.seconds, options.empty) for name in names
        ]
        trees.copy(ROOT, PARTS, self.tree)
        # Where fuzz/run looks for seeds.
        RUN.HERE = os.path.join(self.tree, "fuzz")

    def _tried(self, engine: Engine, target: str) -> dict[str, Any]:
        """Builds and fuzzes a target: seconds, oracle, and what the canary saw."""
        folder = os.path.join(self.work, engine.name)
        objects = os.path.join(folder, "objects")
        BUILD.build(self.tree, objects, folder, [TARGETS[target]], engine.compiler())
        canary = os.path.join(self.work, "canary")
        with open(canary, "wb") as file:
            file.write(b"\0\0")
        with tempfile.TemporaryDirectory(dir=self.work, ignore_cleanup_errors=True) as place:
            program = os.path.join(folder, target)
            spent, oracle = _fuzzed(Run(engine, program, target, place, canary))
        with open(canary, "rb") as file:
            reached, triggered = map(bool, file.read(2))
        said = {"reached": reached, "triggered": triggered}
        return {"seconds": spent, "oracle": oracle, **said}

    def judge(self, defect: Defect) -> Verdict:
        """The verdict of its target on each engine; the soonest counts."""
        target = defect.fields["Fuzz"]
        stale = trees.plant(defect, self.tree)
        if stale is not None:
            return Verdict(False, 0, stale)
        results: dict[str, dict[str, Any]] = {}
        try:
            for engine in self.engines:
                results[engine.name] = self._tried(engine, target)
        except BUILD.Failed as problem:
            return Verdict(False, 0, "it does not build: %s" % problem)
        finally:
            trees.remove(defect, self.tree)
        seconds = [one["seconds"] for one in results.values() if one["seconds"] is not None]
        how = ", ".join("%s %s" % (name, _shown(one)) for name, one in results.items())
        details = {"target": target, "engines": results}
        soonest = min(seconds or [float(self.engines[0].seconds)])
        return Verdict(bool(seconds), soonest, "%s: %s" % (target, how), details)

    def controls(self, defects: Sequence[Defect]) -> list[str]:
        """Sentences on targets that find something in the tree without a defect."""
        found = []
        for target in sorted({defect.fields["Fuzz"] for defect in defects}):
            for engine in self.engines:
                short = Engine(engine.name, engine.asan, CONTROL_SECONDS, engine.empty)
                result = self._tried(short, target)
                if result["seconds"] is not None:
                    what = "without a defect %s finds something on %s" % (target, engine.name)
                    found.append("%s: %s" % (what, _shown(result)))
        return found


def _shown(result: dict[str, Any]) -> str:
    """Seconds, oracle and canary of one engine."""
    state = (
        "triggered" if result["triggered"] else "reached" if result["reached"] else "not reached"
    )
    if result["seconds"] is None:
        return "nothing (%s)" % state
    return "%.1f s by %s (%s)" % (result["seconds"], result["oracle"], state)
