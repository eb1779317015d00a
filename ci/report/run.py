"""run.py: one run of ci/verify: its evidence as it comes together, what fell short, and the commands that it starts.

Made by verify.py; each module of steps/ measures something with it.
"""
import argparse
import datetime
import os
import platform
import time
from collections.abc import Callable

import machine
from contig import environment, processes
from evidence import ROOT, Evidence

# No command runs for ever.  These are bounds, and far above what a busy machine of two processors needs.
HOUR = 3600
STEP_SECONDS = 4 * HOUR
BUILD_SECONDS = HOUR


def _nothing_measured(options: argparse.Namespace) -> Evidence:
    begun = datetime.datetime.now(datetime.timezone.utc)
    return {
        "schema": "contig-evidence-2",
        "run": {
            "begun": begun.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": 0,
            "quick": options.quick,
            "fuzz_minutes": options.minutes,
            "machine": "%s %s" % (platform.system(), platform.machine()),
            "processors": os.cpu_count() or 1,
        },
        "source": machine.source(ROOT),
        "tools": machine.tools(),
        "traceability": None,
        "proof": None,
        "assembly": None,
        "tests": None,
        "fuzz": None,
        "planted_defects": None,
        "traces": None,
        "demonstrations": None,
        "benchmarks": None,
        "configurations": [],
        "verdict": {"passed": False, "short": []},
    }


class Run:
    """The evidence, and where the logs go.  What it starts gets a clean environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.out = str(options.out)
        self.begun = time.monotonic()
        self.short: list[str] = []
        self.logs: set[str] = set()
        # CONTIG_ACL2 says where ACL2 is installed.
        kept = {name: os.environ[name] for name in ("CONTIG_ACL2",) if name in os.environ}
        self.environment = {**environment.clean(), **kept}
        self.evidence = _nothing_measured(options)

    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self.begun

    def say(self, text: str) -> None:
        """One line of progress."""
        print("[%5d s] %s" % (self.seconds(), text), flush=True)

    def fell_short(self, text: str) -> None:
        """Something is not as it should be; the run goes on."""
        self.short.append(text)
        self.say("SHORT: " + text)

    def verified(self, what: str, how: str) -> None:
        """A configuration, and what looked at it."""
        self.evidence["configurations"].append({"what": what, "how": how})

    def log(self, name: str) -> str:
        """The path of a file of this run."""
        return os.path.join(self.out, name)

    def fresh(self, name: str) -> str:
        """Where a step's table goes; one of an earlier run must not pass for it."""
        path = self.log(name)
        if os.path.exists(path):
            os.remove(path)
        return path

    def call(
        self,
        command: list[str],
        log: str,
        show: Callable[[str], str | None] | None = None,
        seconds: float = STEP_SECONDS,
    ) -> int:
        """Runs a command into a log; lines for which show returns a text are printed.  Returns the exit status."""
        with open(self.log(log), "a" if log in self.logs else "w", encoding="utf-8") as out:
            out.write("$ %s\n" % " ".join(command))
        self.logs.add(log)

        def look(line: str) -> None:
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

    def ask(self, command: list[str], seconds: float, together: bool = False) -> processes.Result:
        """Runs a command and keeps what it says."""
        return processes.captured(
            command, seconds, cwd=ROOT, env=self.environment, together=together
        )


def bazel(*words: str) -> list[str]:
    """A command of Bazel, as this machine has it."""
    settings = ["--config=debian7"] if os.path.isdir("/usr/share/bazel/rules/shell") else []
    plain = ["--curses=no", "--color=no", "--show_progress_rate_limit=30"]
    return ["bazel", *words[:1], *settings, *plain, *words[1:]]
