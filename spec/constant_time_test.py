#!/usr/bin/env python3
"""constant_time_test.py EXPLAIN: in the tree of ci/explain, what must take constant time has no loop and calls nothing
that has one.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(sys.argv[1])))
PATH = os.path.join(ROOT, "src/core/heap/chunk_set.c")
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import c_reader  # noqa: E402

LOOP = re.compile(r"\b(?:for|while|do|goto)\b")
CALL = re.compile(r"\b([a-z_]\w*)\s*\(")
OPERATIONS = ("chunk_set_insert", "chunk_set_remove", "chunk_set_last")


# POOL-8: insertion, removal and choice.
def faults(text: str) -> list[str]:
    """Sentences on what the operations of a file must not have."""
    known = {
        one.name: c_reader.without_comments(one.body)
        for one in c_reader.functions(PATH, text)
        if one.defined
    }
    found = ["there is no %s" % name for name in OPERATIONS if name not in known]
    waiting, seen = [name for name in OPERATIONS if name in known], set(OPERATIONS)
    while waiting:
        name = waiting.pop()
        if LOOP.search(known[name]):
            found.append("%s has a loop" % name)
        for callee in CALL.findall(known[name]):
            if callee not in known:
                found.append("%s calls %s, which stands elsewhere" % (name, callee))
            elif callee not in seen:
                seen.add(callee)
                waiting.append(callee)
            elif callee == name:
                found.append("%s calls itself" % name)
    return found


def main() -> int:
    """The status: 0 if nothing is wrong, and what is put in on purpose is noticed."""
    with open(PATH, encoding="utf-8") as source:
        text = source.read()
    wrong = faults(text)
    body = re.search(r"chunk_set_remove\([^;{]*\)\s*\{", text)
    for planted, said in (
        ("while (row > 9) row--;", "has a loop"),
        ("memmove(0, 0, 0);", "stands elsewhere"),
    ):
        bad = text[: body.end()] + planted + text[body.end() :] if body else text
        if not any(said in one for one in faults(bad)):
            wrong.append("'%s' in chunk_set_remove went unnoticed" % planted)
    for sentence in wrong:
        print("constant_time_test: %s" % sentence, file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
