"""refused.py: which functions are refused, and why, by what contig-cc says: for tests that count them."""
import os
import re
from collections import Counter
from dataclasses import dataclass, field

from contig.tool import Problem, shown

from cc import building

# The plugin's sentences have a column, those of the checker an address and a full stop.
_SENTENCE = re.compile(
    r"^(.*?):\d+(?::\d+: error)?: function (\S+?)(?: at 0x[0-9a-f]+)?: (.*?)\.?(?:; .*)?$",
    re.MULTILINE,
)
_TOTAL = re.compile(r"^(\d+) functions, \d+ sites, \d+ refusals$", re.MULTILINE)
# What differs from place to place: registers, numbers, and the name of a callee.
_PLACE = re.compile(r"(?:^|(?<=in )|(?<=caller )|(?<=caller's ))(?:r\w{1,2}|xmm\d+)\b|-?\b\d+\b")
_CALLEE = re.compile(r" to \S+$")


@dataclass(frozen=True)
class Refusal:
    """A sentence about a function of a source."""

    source: str
    function: str
    reason: str


def refusals(text: str) -> list[Refusal]:
    """What the plugin or the checker says, in the order of its sentences."""
    return [
        Refusal(os.path.basename(source), function, _PLACE.sub("*", _CALLEE.sub(" to *", reason)))
        for source, function, reason in _SENTENCE.findall(text)
    ]


def judged(checker: str, program: str) -> int:
    """How many functions the checker judges in a program that it accepts."""
    found = _TOTAL.search(building.output([checker, program]))
    if found is None:
        raise Problem("the checker says no total of %s" % shown(program))
    return int(found[1])


@dataclass
class Table:
    """Functions, and those among them that are refused: each counts once, for its first reason."""

    functions: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Counts the functions that a text refuses, of one program."""
        first: dict[tuple[str, str], str] = {}
        for refusal in refusals(text):
            first.setdefault((refusal.source, refusal.function), refusal.reason)
        self.reasons.update(first.values())
        self.functions += len(first)

    def extend(self, other: "Table") -> None:
        """Counts what another table has counted."""
        self.functions += other.functions
        self.reasons.update(other.reasons)

    def share(self) -> float:
        """Percent of the functions that are refused."""
        return 100 * self.reasons.total() / max(self.functions, 1)

    def lines(self) -> list[str]:
        """The table as text."""
        rows = ["%d functions, %d refused (%.3f %%)"
                % (self.functions, self.reasons.total(), self.share())]  # fmt: skip
        for reason, count in self.reasons.most_common():
            rows.append("%8d  %.3f %%  %s" % (count, 100 * count / self.functions, reason))
        return rows
