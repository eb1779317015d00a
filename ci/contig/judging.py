"""judging.py: `contig conform` as the judge of a trace that another process is writing; nothing is kept.

Used by ci/go_trace.d/volume.py and ci/ocaml_trace.d/fibers.py.
"""
import json
import os
import shlex
import subprocess
import time
from typing import Any

from contig import processes, tool

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
RUN_SECONDS = 3600
BUILD_SECONDS = 1800
ASK_SECONDS = 60


def _built() -> str:
    """The judge, optimised."""
    command = ["bazel", "build", "-c", "opt", "//src/cli:contig"]
    done = processes.captured(command, BUILD_SECONDS, cwd=ROOT, together=True)
    if done.done.status != 0:
        raise tool.Problem(
            "contig cannot be built (bazel %s):\n%s" % (done.done.text(), done.output.strip())
        )
    return os.path.join(ROOT, "bazel-bin/src/cli/contig")


class Judge:
    """The program that judges (None: built here) with its options for every trace; tried on an empty one."""

    def __init__(self, contig: str | None, *options: str) -> None:
        self.contig = os.path.abspath(contig) if contig else _built()
        self.command = [self.contig, "conform", *options, "--json", "-"]
        self._read(processes.captured(self.command, ASK_SECONDS).output)

    def _read(self, output: str) -> dict[str, Any]:
        """The report."""
        try:
            report: dict[str, Any] = json.loads(output)
        except ValueError as error:
            said = "it said %s" % tool.shown(output[:200])
            raise tool.Problem(
                "%s does not judge traces: %s" % (tool.shown(self.contig), said)
            ) from error
        return report

    def _report(self, tracer: list[str], may_fail: bool) -> dict[str, Any]:
        with processes.started(tracer, stdout=subprocess.PIPE) as source:
            with processes.started(
                self.command, stdin=source.stdout, stdout=subprocess.PIPE, text=True
            ) as judge:
                assert source.stdout is not None and judge.stdout is not None
                source.stdout.close()
                output = judge.stdout.read()
                in_time = processes.wait(judge, RUN_SECONDS) and processes.wait(source, RUN_SECONDS)
        # A judge that has seen a deviation reads no further: what the tracer says then counts for nothing.
        report = self._read(output)
        if report["result"] != "deviates" and (
            not in_time or (source.returncode != 0 and not may_fail)
        ):
            raise tool.Problem(
                "%s has no whole trace: it ended with status %s"
                % (shlex.join(tracer), source.returncode)
            )
        return report

    def judged(self, tracer: list[str], may_fail: bool = False) -> dict[str, Any]:
        """The report on the trace that a command writes, with the seconds that it took.  `may_fail`: a program that
        goes wrong is expected, and what it wrote until then is judged."""
        begun = time.monotonic()
        report = self._report(tracer, may_fail)
        if report["result"] == "unreadable":
            raise tool.Problem(
                "the trace of %s: line %d: %s"
                % (shlex.join(tracer), report["line"], report["error"])
            )
        return {**report, "seconds": time.monotonic() - begun}
