#!/usr/bin/env python3
"""examples_test.py README FILE...: the examples of README.md are vectors, one of each file at least, and the table of
files counts them rightly.  A reader in plain Python, without our checker, judges those that are arithmetic."""
from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, Dict, List

GUARD = 928


def number(value: Any) -> int:
    return int(value, 16) if isinstance(value, str) else int(value)


def grown(step: Dict[str, Any]) -> int:
    """GROW-2, GROW-3, as somebody would write it who has only the README."""
    size = 2 * number(step["old"])
    while size < number(step["used"]) + number(step["frame"]) + GUARD:
        size *= 2
    return size if size <= min(number(step["maximum"]), 1 << 29) else 0


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    examples: List[Any] = [
        json.loads(part) for part in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    ]
    failures = []
    for path in sys.argv[2:]:
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            vectors = json.load(file)["vectors"]
        if not any(one in vectors for one in examples):
            failures.append("README.md has no example of %s" % name)
        if "| %s | %d |" % (name, len(vectors)) not in text:
            failures.append("README.md does not say that %s has %d vectors" % (name, len(vectors)))
        examples = [one for one in examples if one not in vectors]
        failures += [
            "%s: another size" % vector["name"]
            for vector in vectors
            for step in vector.get("steps", [])
            if step["call"] == "newstack_size" and grown(step) != number(step["result"])
        ]
    failures += ["README.md: %s is no vector any more" % one["name"] for one in examples]
    print("\n".join(failures or ["the examples are vectors"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
