#!/usr/bin/env python3
"""style_test.py STYLE.py: the tree keeps the house style, and each rule of it notices the breach that it is for.

A sabotage is a file as it is plus a change, in memory; the rule that it names must find it, in that file.
"""
import os
import sys

STYLE = os.path.realpath(sys.argv[1])
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(STYLE))
import style  # noqa: E402

ROOT = os.path.normpath(os.path.join(os.path.dirname(STYLE), "../.."))
LEAST_RULES = 15

HEAD = "/* %s: paint. */\n"


def header(path, body):
    """A header of the core with a guard, so that only the body can be wrong."""
    guard = "CONTIG_" + path.replace("src/", "", 1).replace("/", "_").replace(".", "_").upper()
    return "/* %s: paint. */\n#ifndef %s\n#define %s\n%s\n#endif\n" % (
        os.path.basename(path),
        guard,
        guard,
        body,
    )


def append(text):
    return lambda old: old + text


def replace(what, by):
    def change(old):
        assert what in old, what
        return old.replace(what, by, 1)

    return change


PAINT = "src/core/paint.h"
# rule, file, change of its text (or the text of a new file)
SABOTAGES = [
    ("file-header", "src/core/paint.c", "/* This is a file. */\nint x;\n"),
    ("file-header", "ci/paint.sh", "#!/bin/sh\nset -e\necho\n"),
    ("file-header", "ci/paint.py", "import os\n"),
    ("line-length", "src/core/move/growth.c", append("/* %s */\n" % ("x" * 140))),
    ("line-length", "src/runtime/stack.c", append("/* %s */\n" % ("x" * 240))),
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
    ("file-length", "src/core/move/growth.c", append("int x;\n" * 500)),
    ("file-length", "ci/style/style.py", append("x = 1\n" * 1000)),
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
    ("bytecode", "proofs/run", replace("sys.dont_write_bytecode = True\n", "")),
    ("bytecode", "ci/paint.py", '#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, "ci")\n'),
    ("folder-readme", "paint/paint.c", "/* paint.c: paint. */\n"),
]


def sabotaged(tree, path, change):
    """The tree with one file changed or added, in memory."""
    old = next((file for file in tree if file.path == path), None)
    text = change if isinstance(change, str) else change(old.text)
    new = style.File(ROOT, path, text)
    others = [file for file in tree if file is not old]
    whole = others + [new]
    style.join(whole)
    return whole


def main():
    tree = style.load(ROOT)
    failed = [breach for name in style.RULES for breach in style.breaches(tree, name)]
    for path, number, name, text in sorted(failed):
        print("%s:%d: %s: %s" % (path, number, name, text))
    noticed = set()
    for name, path, change in SABOTAGES:
        before = {breach for breach in style.breaches(tree, name)}
        changed = sabotaged(tree, path, change)
        checked = (
            changed if name in style.WHOLE_TREE else [file for file in changed if file.path == path]
        )
        found = [breach for breach in style.breaches(checked, name) if breach not in before]
        style.join(tree)
        if found:
            noticed.add(name)
        else:
            failed.append(name)
            print("style_test: a sabotage of %s in %s went unnoticed" % (name, path))
    for name in sorted(set(style.RULES) - noticed):
        failed.append(name)
        print("style_test: no sabotage breaks the rule %s" % name)
    if len(style.RULES) < LEAST_RULES:
        failed.append("rules")
    print(
        "%d files, %d rules, %d sabotages, %d findings"
        % (len(tree), len(style.RULES), len(SABOTAGES), len(failed))
    )
    return 1 if failed else 0


sys.exit(main())
