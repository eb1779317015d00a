"""running.py: programs are started on as many processors as the measure says, in turns, and what they print is read.

Contig, its floors and its peers take turns within each repetition, and who begins changes from one to the next: what
disturbs one disturbs the others.  Times are processor time of a process, so that waiting is not counted, but for what
is measured on several processors.
"""
from __future__ import annotations

import math
import os
import resource
import time
from dataclasses import dataclass, field

from contig import processes, tool
from measures import Measure
from peers import Programs

# What programs print that is a time.
TIMES = ("ns", "away", "median")
# One program of a measure.
RUN_SECONDS = 600
# Starting a program waits, too; only runs that are longer than this tell anything about the machine.
LONG_ENOUGH_SECONDS = 0.05


@dataclass
class Samples:
    """What the programs of one measure printed, a table for each repetition."""

    contig: list[dict[str, float]] = field(default_factory=list)
    peers: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    floors: dict[str, list[dict[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A command and what it printed; `peer` is None for what is ours."""

    command: list[str]
    results: list[dict[str, float]]
    peer: str | None = None


def _table(name: str, output: str) -> dict[str, float]:
    try:
        table = {key: float(value) for key, value in (line.split() for line in output.splitlines())}
    except ValueError as error:
        raise tool.Problem("%s printed no table: %s" % (name, error)) from error
    if not math.isfinite(table.get("ns", math.nan)):
        raise tool.Problem("%s printed no table: it has no time, 'ns'" % name)
    # A difference of times may come out as nothing where counts are tiny.
    return {key: max(value, 1e-3) if key in TIMES else value for key, value in table.items()}


class Runner:
    """Starts programs, and adds up how long those on one processor ran and how long they waited to run."""

    def __init__(self) -> None:
        self.ran = self.took = 0.0

    def _pinned(self, command: list[str], processors: int) -> processes.Result:
        """The result of one call on so many processors; a child inherits where its parent may run."""
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(everywhere)[-processors:])
        try:
            return processes.captured(command, RUN_SECONDS)
        finally:
            os.sched_setaffinity(0, everywhere)

    def run(self, command: list[str], processors: int = 1) -> dict[str, float]:
        """{name: value} of one call."""
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        result = self._pinned(command, processors)
        took, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        if took > LONG_ENOUGH_SECONDS and processors == 1:
            self.took += took
            self.ran += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        name = " ".join(os.path.basename(word) for word in command)
        if result.done.status != 0 or result.done.late:
            raise tool.Problem(
                "%s %s: %s" % (name, result.done.text(), result.errors.strip() or "no message")
            )
        return _table(name, result.output)

    def busy_share(self) -> float:
        return max(0.0, 1 - self.ran / self.took) if self.took else 0.0


def take(
    measure: Measure, runner: Runner, program: str, programs: Programs, repetitions: int
) -> Samples:
    """The results of all programs of a measure."""
    own = [program, *measure.arguments]
    # Contig's own first: a program that cannot do its part fails before others are built.
    first = runner.run(own, measure.processors)
    samples = Samples()
    peers = programs.commands(measure.arguments) if measure.peers else {}
    floors = {name: [program, *words] for name, words in measure.floors.items()}
    columns: list[Column] = [
        Column(own, samples.contig),
        *(
            Column(command, samples.peers.setdefault(name, []), name)
            for name, command in peers.items()
        ),
        *(Column(command, samples.floors.setdefault(name, [])) for name, command in floors.items()),
    ]
    for repetition in range(repetitions):
        turn = repetition % len(columns)
        for column in columns[turn:] + columns[:turn]:
            if column.command is own and repetition == 0:
                column.results.append(first)
            elif column.peer is None or column.peer in samples.peers:
                _run_one(column, measure.processors, runner, programs, samples)
    _count_floors(samples)
    return samples


def _run_one(
    column: Column, processors: int, runner: Runner, programs: Programs, samples: Samples
) -> None:
    """A peer that fails loses its column; contig may not fail."""
    try:
        column.results.append(runner.run(column.command, processors))
    except tool.Problem as problem:
        if column.peer is None:
            raise
        programs.note("%s has no figure here: %s." % (column.peer, problem))
        del samples.peers[column.peer]


def _count_floors(samples: Samples) -> None:
    """As much as contig copied, at the rate of the floor."""
    for column in samples.floors.values():
        for own, contig in zip(column, samples.contig):
            if "bytes" in own and "frame_bytes" in contig:
                own["ns"] *= contig["bytes"] / own["bytes"]
                own["frame_bytes"] = contig["frame_bytes"]
