#!/usr/bin/env python3
"""requirements_test.py README FILE... CHAPTER...: each requirement of the specification has a vector, or a row in
README.md that says why none can have it; and not both."""
from __future__ import annotations

import json
import re
import sys
from typing import Dict, List, Set


def in_range(text: str) -> List[str]:
    """SPAN-1, or SPAN-1..SPAN-3."""
    first, last = (text.split("..") * 2)[:2]
    area = first.split("-")[0]
    return [
        "%s-%d" % (area, number)
        for number in range(int(first.split("-")[1]), int(last.split("-")[1]) + 1)
    ]


def explained(readme: str) -> Set[str]:
    """Requirements in the first column of the table of those without a vector."""
    with open(readme, encoding="utf-8") as file:
        part = file.read().split("## Requirements without a vector")[1].split("\n## ")[0]
    cells = [row.split("|")[1] for row in part.splitlines() if re.match(r"\| [A-Z]+-\d", row)]
    return {
        one
        for cell in cells
        for text in re.findall(r"[A-Z]+-\d+(?:\.\.[A-Z]+-\d+)?", cell)
        for one in in_range(text)
    }


def exercised(names: List[str]) -> Dict[str, int]:
    count: Dict[str, int] = {}
    for name in names:
        with open(name, encoding="utf-8") as file:
            for vector in json.load(file)["vectors"]:
                for one in vector["requirements"]:
                    count[one] = count.get(one, 0) + 1
    return count


def stated(chapters: List[str]) -> Set[str]:
    found: Set[str] = set()
    for name in chapters:
        with open(name, encoding="utf-8") as file:
            found |= set(re.findall(r"^### ([A-Z]+-\d+)$", file.read(), re.MULTILINE))
    return found


def findings(known: Set[str], have: Set[str], without: Set[str]) -> List[str]:
    return (
        [
            "%s has no vector, and README.md does not say why" % one
            for one in sorted(known - have - without)
        ]
        + [
            "%s has a vector, and README.md says that none can have it" % one
            for one in sorted(have & without)
        ]
        + ["%s is no requirement" % one for one in sorted((have | without) - known)]
    )


def main() -> int:
    names = [name for name in sys.argv[2:] if name.endswith(".json")]
    known = stated([name for name in sys.argv[2:] if name.endswith(".md")])
    count, without = exercised(names), explained(sys.argv[1])
    failures = findings(known, set(count), without)
    one = min(count)
    for what, wrong in (
        ("a requirement without a vector", (known, set(count) - {one}, without)),
        ("a vector of no requirement", (known, set(count) | {"SIZE-99"}, without)),
        ("a reason although there is a vector", (known, set(count), without | {one})),
    ):
        if len(findings(*wrong)) != len(failures) + 1:
            failures.append("not noticed: " + what)
    print(
        "\n".join(
            failures
            or [
                "%d requirements have %d to %d vectors each, %d have a reason for none"
                % (len(count), min(count.values()), max(count.values()), len(without))
            ]
        )
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
