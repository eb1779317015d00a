#!/usr/bin/env python3
"""generate.py [FOLDER]: writes the test vectors, one file an area, into a folder (default: spec/vectors).

What they expect comes from spec/vectors/model; the core is not asked.  The files are the same on every machine."""
from __future__ import annotations

import os
import sys
from typing import Callable, Dict, List

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.dont_write_bytecode = True
sys.path.insert(0, TREE)

from spec.vectors.areas import (
    heap,
    moves,
    numbers,
    outside,
    page_heap,
    sites,
    vectors,
)  # noqa: E402

AREAS: Dict[str, Callable[[], List[vectors.Vector]]] = {
    "numbers": numbers.made,
    "page_heap": page_heap.made,
    "heap": heap.made,
    "sites": sites.made,
    "moves": moves.made,
    "outside": outside.made,
}


def main() -> int:
    if len(sys.argv) > 2 or sys.argv[1:] and sys.argv[1].startswith("-"):
        print("usage: generate.py [FOLDER]", file=sys.stderr)
        return 2
    folder = sys.argv[1] if sys.argv[1:] else os.path.join(TREE, "spec", "vectors")
    try:
        for name, made in AREAS.items():
            with open(os.path.join(folder, name + ".json"), "w", encoding="ascii") as file:
                file.write(vectors.file_text(made()))
    except OSError as error:
        print("generate.py: %s: %s" % (error.filename, error.strerror), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
