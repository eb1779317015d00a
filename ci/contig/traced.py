"""traced.py: runs a program whose runtime writes its stack events to a descriptor, and keeps the trace.

The trace is whole lines, also where a signal or a bound ends the program.  Used by ci/go_trace and ci/ocaml_trace.
"""
import os
import resource
import select
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contig import files, processes, tool

# The descriptor for events: above those that a program passes to its children by hand.
DESCRIPTOR = 973
# How the runtime ends the program if that descriptor is gone.
CLOSED_STATUS = 198


@dataclass(frozen=True)
class Run:
    """What runs, where, for how long, and where its trace goes (None: standard output)."""

    tool: str
    command: list[str]
    out: str | None
    seconds: int
    header: bytes = b""
    folder: str | None = None
    environment: Mapping[str, str] | None = None


def descriptor() -> int:
    """A number that the program may have open, and hardly uses."""
    return min(DESCRIPTOR, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1)


def _copied(source: int, write: Callable[[bytes], Any], until: float) -> bool:
    """Copies whole lines until every writer is gone; false if the time is up before."""
    rest = b""
    while True:
        ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        data = os.read(source, 1 << 16)
        if not data:
            return True
        lines, newline, rest = (rest + data).rpartition(b"\n")
        write(lines + newline)


def _run(run: Run, out: Any) -> processes.Done:
    """Runs the program; its events go to `out`.  A signal that ends this process ends the program first."""
    reading, writing = os.pipe()
    number = descriptor()
    os.dup2(writing, number, inheritable=True)
    os.close(writing)
    out.write(run.header)
    begun = time.monotonic()
    # Standard output is the trace's, if the trace has no file.
    stdout = sys.stderr if run.out is None else None
    with processes.started(
        run.command,
        stdin=None,
        stdout=stdout,
        pass_fds=(number,),
        cwd=run.folder,
        env=run.environment,
    ) as process:
        os.close(number)
        in_time = _copied(reading, out.write, begun + run.seconds)
        if in_time:
            in_time = processes.wait(process, max(0.0, begun + run.seconds - time.monotonic()))
    out.flush()
    os.close(reading)
    return processes.Done(process.returncode, not in_time, time.monotonic() - begun)


def _verdict(run: Run, done: processes.Done) -> int:
    """The program's status, said if it is not 0."""
    if done.late:
        raise tool.Problem("the program %s and was ended; the trace ends there" % done.text())
    if done.status == CLOSED_STATUS:
        raise tool.Problem(
            "the program closed descriptor %d, on which its events are written; the trace ends there"
            % descriptor()
        )
    if done.status == 0:
        return 0
    tool.say(run.tool, "the program %s" % done.text())
    return done.status if done.status > 0 else 128 - done.status


def _into_file(run: Run, path: str) -> processes.Done:
    """Writes the trace; the beginning of one, if a signal or a bound ends the program, is whole lines, too."""
    ended: tool.Ended | None = None
    with files.replacing(path) as out:
        try:
            done = _run(run, out)
        except tool.Ended as signalled:
            ended = signalled
    if ended is not None:
        tool.say(run.tool, "%s is the beginning of a trace" % tool.shown(path))
        raise ended
    return done


def trace(run: Run) -> int:
    """Runs the program and writes its trace; returns the program's status, and 128 and the number of a signal."""
    return _verdict(
        run, _run(run, sys.stdout.buffer) if run.out is None else _into_file(run, run.out)
    )
