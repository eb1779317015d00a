"""timing.py: how long programs take on goroutines, growth included, beside the same compiled by clang as they are.

Both take turns on one processor, and who begins changes from one repetition to the next.  Times are processor time of
the whole process.
"""
import os
import statistics
from dataclasses import dataclass

from contig.tool import Problem, shown

from real.programs import Program, Timed
from real.running import Places, environment, standard_input

HEAD = (
    "| | plain, least | on goroutines, least | ratio | plain, median | on goroutines, median | ratio | goal |",
    "|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Row:
    """Seconds of each repetition."""

    name: str
    goal: float
    plain: list[float]
    moved: list[float]

    def line(self) -> str:
        """As a row of the table."""
        cells = [self.name]
        for plain, moved in [
            (min(self.plain), min(self.moved)),
            (statistics.median(self.plain), statistics.median(self.moved)),
        ]:
            cells += ["%.3f s" % plain, "%.3f s" % moved, "%.3f" % (moved / plain)]
        return "| %s | %.2f |" % (" | ".join(cells), self.goal)

    def good(self) -> bool:
        """Is the goal reached, by the medians?"""
        return statistics.median(self.moved) <= self.goal * statistics.median(self.plain)


def _child(words: list[str], run: Timed, places: Places) -> None:
    """Becomes the program, on the last processor."""
    try:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        os.dup2(os.open(standard_input(run.run, places), os.O_RDONLY), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.chdir(places.made)
        os.execve(words[0], words, environment())
    finally:
        os._exit(127)


def _seconds(program: str, run: Timed, places: Places) -> float:
    words = [program, *(places.named(word) for word in run.run.arguments)]
    child = os.fork()
    if child == 0:
        _child(words, run, places)
    _, status, used = os.wait4(child, 0)
    seconds: float = used.ru_utime + used.ru_stime
    if status != 0:
        raise Problem(
            "%s ended with status %d" % (shown(program), os.waitstatus_to_exitcode(status))
        )
    return seconds


def measure(
    program: Program, places: Places, plain: str, moved: str, repetitions: int
) -> list[Row]:
    """A row for each timed run of the program."""
    rows = []
    for run in program.timed:
        row = Row(run.name, run.goal, [], [])
        for number in range(repetitions):
            turns = [(plain, row.plain), (moved, row.moved)]
            for which, seconds in turns if number % 2 == 0 else reversed(turns):
                seconds.append(_seconds(which, run, places))
        rows.append(row)
    return rows
