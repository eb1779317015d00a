#!/usr/bin/env python3
"""style_test.py STYLE.py: the tree keeps the house style, and each rule of it notices the breach that it is for.

A sabotage is a file as it is plus a change, in memory; the rule that it names must find it, in that file.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Callable

STYLE = os.path.realpath(sys.argv[1])
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(STYLE), os.path.dirname(os.path.dirname(STYLE))]
import style  # noqa: E402
from rules import base  # noqa: E402

ROOT = os.path.normpath(os.path.join(os.path.dirname(STYLE), "../.."))
LEAST_RULES = 15

# A change of a text, or the text of a new file.
Change = Callable[[str], str] | str


def header(path: str, body: str) -> str:
    """A header of the core with a guard, so that only the body can be wrong."""
    guard = "CONTIG_" + path.replace("src/", "", 1).replace("/", "_").replace(".", "_").upper()
    return "/* %s: paint. */\n#ifndef %s\n#define %s\n%s\n#endif\n" % (
        os.path.basename(path),
        guard,
        guard,
        body,
    )


def append(text: str) -> Change:
    return lambda old: old + text


def replace(what: str, by: str) -> Change:
    def change(old: str) -> str:
        assert what in old, what
        return old.replace(what, by, 1)

    return change


PAINT = "src/core/paint.h"
# rule, file, change of its text (or the text of a new file)
SABOTAGES: list[tuple[str, str, Change]] = [
    ("file-header", "src/core/paint.c", "/* This is a file. */\nint x;\n"),
    ("file-header", "ci/paint.sh", "#!/bin/sh\nset -e\necho\n"),
    ("file-header", "ci/paint.py", "import os\n"),
    *(
        ("line-length", path, append(text % ("x" * length)))
        for path, text in (
            ("src/core/move/growth.c", "/* %s */\n"),
            ("spec/growth.acsl", "/*@ predicate %s = \\true; */\n"),
            ("ci/setup", "# %s\n"),
            ("fuzz/BUILD", "# %s\n"),
            ("fuzz/run", "# %s\n"),
        )
        for length in (120, 300)
    ),
    *(
        ("line-length", path, append(text % ("x" * 100)))
        for path, text in (
            ("src/core/move/growth.c", "int %s; /* blue */\n"),
            ("src/runtime/stack.c", 'int %s = f("blue", 1);\n'),
            ("ci/setup", "%s=1 # blue\n"),
            ("ci/setup", 'f "blue" %s\n'),
            ("fuzz/BUILD", "%s = 1 # blue\n"),
            ("fuzz/targets.bzl", '%s = "blue"\n'),
            ("fuzz/run", "%s = 1  # blue\n"),
            ("ci/style/style.py", '"""blue"""; %s = 1\n'),
        )
    ),
    ("whitespace", "src/core/move/growth.c", append("\tint x;\n")),
    ("whitespace", "src/runtime/stack.c", append("int x; \n")),
    ("whitespace", "src/runtime/stack.c", append("\n")),
    ("characters", "src/core/move/growth.c", append("/* caf\u00e9 */\n")),
    ("unfinished", "src/runtime/stack.c", append("/* TO" + "DO: all */\n")),
    ("machine-path", "ci/setup", append("cd /" + "home/me/contig\n")),
    ("links", "README.md", append("[paint](spec/paint.md)\n")),
    ("link-names", "README.md", append("[`paint`](SOUNDNESS.md)\n")),
    ("document-paths", "SOUNDNESS.md", append("Watched by `src/core/paint_test.c`.\n")),
    ("document-paths", "CONTRIBUTING.md", append("bazel test //ci/style:paint_test\n")),
    ("commented-code", "src/core/move/growth.c", append("/* return size + 1; */\n")),
    ("commented-code", "src/runtime/stack.c", append("// x = y;\n")),
    (
        "function-length",
        "src/core/move/growth.c",
        append("static int f(void) {\n%s}\n" % ("    x();\n" * 41)),
    ),
    ("function-length", "fuzz/run", append("def f():\n%s" % ("    x()\n" * 41))),
    (
        "function-length",
        "ci/style/style.py",
        append("def f():\n    y = [\n%s    ]\n%s" % ("        1,\n" * 9, "    x()\n" * 40)),
    ),
    ("file-length", "src/core/move/growth.c", append("int x;\n" * 500)),
    ("file-length", "ci/style/style.py", append("x = 1\n" * 500)),
    ("file-length", "fuzz/run", append("x = 1\n" * 500)),
    ("file-length", "ci/setup", append("x=1\n" * 500)),
    ("file-length", "fuzz/targets.bzl", append("x = 1\n" * 500)),
    ("file-length", "spec/model/futex.pml", append("/* x */\n" * 500)),
    ("include-guard", PAINT, "/* paint.h: paint. */\n#ifndef PAINT_H\n#define PAINT_H\n#endif\n"),
    ("include-root", "src/core/move/growth.c", append('#include "growth.h"\n')),
    ("include-root", "src/core/move/growth.c", append('#include "src/core/paint.h"\n')),
    ("include-direction", "src/core/move/growth.c", append('#include "src/runtime/runtime.h"\n')),
    ("include-direction", "spec/platform.h", append('#include "src/core/move/growth.h"\n')),
    ("include-direction", "src/runtime/stack.c", append('#include "src/harness/script.h"\n')),
    ("include-direction", "src/frames/shadow.c", append('#include "src/harness/script.h"\n')),
    ("include-direction", "src/script/operations.c", append('#include "src/frames/frames.h"\n')),
    ("include-direction", "src/frames/shadow.c", append('#include "src/runtime/runtime.h"\n')),
    ("include-direction", "src/paint/paint.c", "/* paint.c: paint. */\nint x;\n"),
    ("forbidden", "src/core/move/growth.c", append("static void f(void) { goto end; }\n")),
    ("forbidden", "src/core/move/growth.c", append("static void *f(void) { return malloc(1); }\n")),
    ("forbidden", "src/core/move/growth.c", append("static int f(long x) { return *(int *)x; }\n")),
    ("forbidden", "src/core/move/growth.c", append("#include <string.h>\n")),
    ("forbidden", "src/core/move/growth.c", append("#if 0\n#endif\n")),
    ("forbidden", PAINT, header(PAINT, "#ifdef __FRAMAC" + "__\n#endif")),
    (
        "abbreviation",
        "src/core/move/growth.c",
        append("static int get_idx(int ptr) { return ptr; }\n"),
    ),
    (
        "abbreviation",
        "spec/growth.acsl",
        append("/*@ predicate buf_ok(integer len) = len > 0; */\n"),
    ),
    ("names", "src/runtime/stack.c", append("static int getSize(void) { return 0; }\n")),
    ("names", PAINT, header(PAINT, "#define colourOf(x) (x)")),
    ("shell-safety", "ci/paint.sh", "#!/bin/sh\n# paint.sh: paint.\necho a\necho b\n"),
    (
        "named-clause",
        PAINT,
        header(PAINT, "/*@ requires 0 <= x;\n    assigns \\nothing; */\nint f(int x);"),
    ),
    (
        "named-clause",
        "src/core/move/growth.c",
        append("static void f(void) { //@ assert 1 == 1;\n}\n"),
    ),
    (
        "named-clause",
        "src/core/move/growth.c",
        append("/*@ loop invariant 0 <= k;\n    loop assigns k; loop variant k; */\n"),
    ),
    (
        "contract-at-declaration",
        "src/core/move/growth.c",
        append(
            "/*@ assigns \\nothing;\n    ensures zero: \\result == 0; */\nint paint(void) { return 0; }\n"
        ),
    ),
    ("contract-complete", PAINT, header(PAINT, "/*@ requires good: 0 <= x; */\nint f(int x);")),
    (
        "loop-complete",
        "src/core/move/growth.c",
        append("/*@ loop invariant bound: 0 <= k;\n    loop assigns k; */\n"),
    ),
    (
        "few-asserts",
        "src/core/move/growth.c",
        append(
            "static void f(int x) {\n%s}\n"
            % "".join("    //@ assert a%d: x == x;\n" % k for k in range(5))
        ),
    ),
    (
        "few-asserts",
        "src/core/move/growth.c",
        append(
            "/*@ ghost\n    void f(int x)\n    {\n%s    } */\n"
            % "".join("      /@ check a%d: x == x; @/\n" % k for k in range(5))
        ),
    ),
    ("assumption", "proofs/laws/laws_pool.c", append("/*@ lemma easy: 1 == 1; */\n")),
    ("assumption", "src/core/move/growth.c", append("/*@ lemma easy: 1 == 1; */\n")),
    ("assumption", "spec/growth.acsl", append("/*@ axiomatic paint { axiom blue: 1 == 1; } */\n")),
    ("undeclared", "src/core/move/growth.c", append("int paint(void) { return 0; }\n")),
    (
        "dead-definition",
        "spec/growth.acsl",
        append("/*@ predicate painted_blue(integer x) = x == 1; */\n"),
    ),
    ("source-in-build", "src/runtime/paint.c", "/* paint.c: paint. */\n"),
    ("source-in-build", "fuzz/targets.bzl", replace('"script_mutator.c"', '"script_paint.c"')),
    ("fuzz-targets", "fuzz/paint_fuzz.c", "/* paint_fuzz.c: paint. */\n"),
    ("fuzz-targets", "fuzz/targets.bzl", replace('"trace_fuzz"', '"paint_fuzz"')),
    ("fuzz-targets", "fuzz/README.md", replace("| `trace_fuzz` |", "| `paint_fuzz` |")),
    ("fuzz-targets", "fuzz/README.md", replace("the text form of", "another form of")),
    ("fuzz-targets", "fuzz/paint.dict", '"blue"\n'),
    ("platforms", "spec/platforms.bzl", replace('    "plan9",\n', "")),
    ("platforms", "spec/platform.h", replace("== CONTIG_PLAN9", "== CONTIG_PAINT")),
    ("bytecode", "proofs/run", replace("sys.dont_write_bytecode = True\n", "")),
    ("bytecode", "ci/paint.py", '#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, "ci")\n'),
    ("folder-readme", "paint/paint.c", "/* paint.c: paint. */\n"),
]


# Good files that come close to a breach.
GOOD: list[tuple[str, str, Change]] = [
    ("line-length", "src/core/move/growth.c", append("/*@ %s */\n" % ("x" * 113))),
    ("line-length", "src/runtime/stack.c", append('int y = f("%s");\n' % ("x" * 100))),
    ("line-length", "ci/setup", append('f "%s"\n' % ("x" * 110))),
    ("line-length", "fuzz/run", append('f("%s")\n' % ("x" * 110))),
    (
        "function-length",
        "fuzz/run",
        append("def f():\n    y = [\n%s    ]\n%s" % ("        1,\n" * 90, "    x()\n" * 39)),
    ),
]


def sabotaged(tree: base.Tree, path: str, change: Change) -> tuple[base.Tree, base.File]:
    """The tree with one file changed or added, in memory, and that file."""
    old = next((file for file in tree.files if file.path == path), None)
    if isinstance(change, str):
        text = change
    else:
        assert old is not None, path
        text = change(old.text)
    new = base.File(ROOT, path, text)
    return base.Tree([file for file in tree.files if file is not old] + [new]), new


class Sabotage:
    """What each rule finds in a tree that is changed."""

    def __init__(self, tree: base.Tree) -> None:
        self.tree = tree
        self.before = {name: set(style.breaches(tree, name)) for name in style.RULES}

    def found(self, name: str, path: str, change: Change) -> bool:
        """Whether the rule finds more than before, with one file changed."""
        changed, new = sabotaged(self.tree, path, change)
        more = set(style.breaches(changed, name, [new])) - self.before[name]
        base.Tree(self.tree.files)
        return bool(more)


def main() -> int:
    tree = base.load(ROOT)
    sabotage = Sabotage(tree)
    failed = [breach for found in sabotage.before.values() for breach in found]
    said = ["%s:%d: %s: %s" % breach for breach in sorted(failed)]
    noticed = set()
    for name, path, change in SABOTAGES:
        if sabotage.found(name, path, change):
            noticed.add(name)
        else:
            said.append("style_test: a sabotage of %s in %s went unnoticed" % (name, path))
    for name in sorted(set(style.RULES) - noticed):
        said.append("style_test: no sabotage breaks the rule %s" % name)
    for name, path, change in GOOD:
        if sabotage.found(name, path, change):
            said.append("style_test: %s finds something in a good %s" % (name, path))
    if len(style.RULES) < LEAST_RULES:
        said.append("style_test: only %d rules" % len(style.RULES))
    counts = (len(tree.files), len(style.RULES), len(SABOTAGES), len(said))
    print("\n".join(said + ["%d files, %d rules, %d sabotages, %d findings" % counts]))
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
