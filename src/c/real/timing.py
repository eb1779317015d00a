"""timing.py: how long programs take on goroutines, growth included, beside the same compiled by clang as they are.

Both take turns on one processor, and who begins changes from one repetition to the next.  Times are processor time of
the whole process.

Where a program's code lies changes its time by some percent, whatever it does (Mytkowicz, Diwan, Hauswirth, Sweeney,
"Producing Wrong Data Without Doing Anything Obviously Wrong!", ASPLOS 2009).  So both can be made in several layouts,
each with some more code before all other, and the medians are of all of them.
"""
import os
import statistics
from dataclasses import dataclass

from contig.tool import Problem, shown

from real.programs import Program, Timed
from real.running import Places, environment, standard_input

HEAD = (
    "| | plain, least | on goroutines, least | ratio | plain, median | on goroutines, median | ratio "
    "| ratios of layouts | goal |",
    "|---|---|---|---|---|---|---|---|---|",
)
# What each layout has more than the one before it, in assignments that take ten bytes each.
PADDING_ASSIGNMENTS = 5


@dataclass(frozen=True)
class Built:
    """A program in one layout."""

    plain: str
    moved: str
    functions: int


Seconds = list[list[float]]  # of each layout, of each repetition


def _least(seconds: Seconds) -> float:
    return min(one for layout in seconds for one in layout)


def _median(seconds: Seconds) -> float:
    return statistics.median(one for layout in seconds for one in layout)


@dataclass(frozen=True)
class Row:
    """How long a run took."""

    name: str
    goal: float
    plain: Seconds
    moved: Seconds

    def line(self) -> str:
        """As a row of the table."""
        cells = [self.name]
        for plain, moved in [
            (_least(self.plain), _least(self.moved)),
            (_median(self.plain), _median(self.moved)),
        ]:
            cells += ["%.3f s" % plain, "%.3f s" % moved, "%.3f" % (moved / plain)]
        ratios = [
            statistics.median(moved) / statistics.median(plain)
            for plain, moved in zip(self.plain, self.moved)
        ]
        cells.append("%.3f to %.3f" % (min(ratios), max(ratios)))
        return "| %s | %.2f |" % (" | ".join(cells), self.goal)

    def good(self) -> bool:
        """Is the goal reached, by the medians?"""
        return _median(self.moved) <= self.goal * _median(self.plain)


def padding(layout: int) -> str:
    """C that nobody calls, to be the first of a program."""
    lines = ["    moved_by = %d;" % number for number in range(layout * PADDING_ASSIGNMENTS)]
    return "\n".join(
        [
            "volatile int moved_by;",
            "void padding(void);",
            "void padding(void)",
            "{",
            *lines,
            "}",
            "",
        ]
    )


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


def measure(program: Program, places: Places, layouts: list[Built], repetitions: int) -> list[Row]:
    """A row for each timed run of the program."""
    rows = []
    for run in program.timed:
        row = Row(run.name, run.goal, [[] for _ in layouts], [[] for _ in layouts])
        for number in range(repetitions):
            for built, plain, moved in zip(layouts, row.plain, row.moved):
                turns = [(built.plain, plain), (built.moved, moved)]
                for which, seconds in turns if number % 2 == 0 else reversed(turns):
                    seconds.append(_seconds(which, run, places))
        rows.append(row)
    return rows
