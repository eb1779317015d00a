"""wp_report.py: what one run of WP said: its goals, its log, and Frama-C's table of properties.

Called by frama_c.py, which runs it, and by gates.py, which judges it.
"""
from __future__ import annotations

import re
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass

# {function: {property: {"wp:main": {"total":, "valid":}, prover: {...}}}}
Goals = dict[str, dict[str, dict[str, dict[str, int]]]]
# Of the table of properties: file, line, function, property kind, status, property.
Row = dict[str, str]

# Warnings that are no reason to distrust a proof: a pattern and why.
HARMLESS_WARNINGS = [
    (r"^\[wp\] \S+ Warning: Failed smoke-test", "the report counts it as an open goal"),
    (
        r"^\[wp\] \S+ Warning: Missing terminates clause for \w+, populates 'terminates \\true'",
        "what is then proved of each function with a body",
    ),
    (r"^\[kernel:CERT:", "a rule of style; what it warns of is defined in C, and proved"),
]

# WP's line for a goal that nobody proved, its parts under one name; the provers' answers stand in the lines below.
_OPEN_GOAL = r"\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal typed_(\w+?)(?:_part\d+)?(?:$| )"
_ANSWER = r"  (\w+) [\w.]+: ([A-Z][\w ]*?\w)(?= \(|$)"
_ANSWERS = {"Step limit": "out of steps", "Timeout": "out of time"}


class Progress:
    """A line on stderr every few seconds, from the goals that frama-c reports as done."""

    def __init__(self, label: str, stop: str | None = None, seconds: float = 5) -> None:
        self.label, self.stop, self.seconds = label, stop, seconds
        self.stopped = False
        self.start = self.last = self.answered = time.monotonic()
        self.total, self.done = 0, 0
        self.spent: list[tuple[str, float]] = []

    def line(self, text: str) -> bool:
        """Takes a line of the log; is it the one to stop at?"""
        scheduled = re.match(r"\[wp\] (\d+) goals? scheduled", text)
        if scheduled:
            self.total = int(scheduled.group(1))
            self.answered = time.monotonic()
        now = time.monotonic()
        answer = re.match(r"\[wp\] \[\S.*\] (?:Goal|Smoke-test) typed_(\w+)", text)
        if answer:
            self.done += 1
            self.spent.append((answer.group(1), now - self.answered))
            self.answered = now
        if now - self.last >= self.seconds:
            self.last = now
            said = f"{self.done} of {self.total} goals, {now - self.start:.0f} s"
            print(f"  {self.label}: {said}", file=sys.stderr, flush=True)
        failed = re.match(_OPEN_GOAL, text)
        self.stopped = bool(self.stop and failed and failed.group(1) == self.stop)
        return self.stopped


@dataclass
class Proof:
    """What one run of WP reported."""

    status: int
    lines: list[str]
    functions: Goals
    properties: list[Row]
    seconds: float
    # Each goal that was answered, and the seconds since the answer before.
    spent: list[tuple[str, float]]
    smoke: str | None = None
    stopped: str | None = None
    out_of_time: int = 0

    def warnings(self) -> list[str]:
        """The log's warnings, each with the lines that belong to it, but the harmless ones."""
        found = []
        for number, line in enumerate(self.lines):
            if "Warning:" not in line:
                continue
            text = [line]
            for more in self.lines[number + 1 :]:
                if more.startswith("["):
                    break
                text.append(more)
            found.append(" ".join(" ".join(text).split()))
        return [
            text
            for text in found
            if not any(re.search(pattern, text) for pattern, _ in HARMLESS_WARNINGS)
        ]

    def answers(self) -> dict[str, dict[str, str]]:
        """{open goal: {prover: what it answered with all its steps}}: out of steps, out of time, unknown (it gave up
        with steps left), failed."""
        found: dict[str, dict[str, str]] = {}
        current: dict[str, str] | None = None
        for line in self.lines:
            goal, answer = re.match(_OPEN_GOAL, line), re.match(_ANSWER, line)
            if goal:
                current = found.setdefault(goal.group(1), {})
            elif answer and current is not None:
                said = _ANSWERS.get(answer.group(2), answer.group(2).lower())
                # Of a goal's parts, one that hangs says more than the others.
                if current.get(answer.group(1).lower()) != "out of time":
                    current[answer.group(1).lower()] = said
            elif not line.startswith("  "):
                current = None
        return found

    def seconds_of(self, functions: Collection[str]) -> dict[str, float]:
        """Seconds for each function, from each answer to the next: making a goal takes as long as proving it."""
        spent = dict.fromkeys(functions, 0.0)
        longest_first = sorted(functions, key=len, reverse=True)
        for goal, seconds in self.spent:
            name = next((f for f in longest_first if goal.startswith(f + "_")), None)
            if name:
                spent[name] += seconds
        return spent
