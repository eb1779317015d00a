#!/usr/bin/env python3
"""style.py [--root DIR] [--rules]: the house style, as far as a program can tell.

Reads every source of the tree and prints a line for each breach: FILE:LINE: RULE: what is wrong.  --rules prints the
rules, which are in rules/.  The exit status is 1 if something was found.  style_test.py breaks each rule on purpose.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Sequence

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from contig import arguments, tool  # noqa: E402
import rules  # noqa: E402
from rules import base  # noqa: E402

# What each rule demands, and its check.
RULES = rules.RULES


def breaches(
    tree: base.Tree, name: str, files: Sequence[base.File] | None = None
) -> list[tuple[str, int, str, str]]:
    """(path, line, rule, text) for each breach of one rule; of a rule of files, in these files only."""
    check = RULES[name][1]
    found = check(tree, tree.files if files is None else files)
    return [(path, number, name, what) for path, number, what in found]


def main() -> int:
    parser = arguments.Parser("style.py", __doc__ or "")
    parser.add_argument(
        "--root", type=arguments.input_folder, default=os.path.normpath(os.path.join(HERE, "../.."))
    )
    parser.add_argument("--rules", action="store_true")
    options = parser.read()
    if options.rules:
        for name, (what, _) in RULES.items():
            print("%-24s %s" % (name, what))
        return 0
    tree = base.load(options.root)
    findings = [breach for name in RULES for breach in breaches(tree, name)]
    for path, number, name, what in sorted(findings):
        print("%s:%d: %s: %s" % (path, number, name, what))
    print("%d files, %d rules, %d findings" % (len(tree.files), len(RULES), len(findings)))
    return 1 if findings else 0


if __name__ == "__main__":
    tool.run("style.py", main)
