#!/usr/bin/env python3
"""defects_test.py: defects of stack management are put into a copy of the sources, one at a time; each must make
the runtime's tests, a demonstration or the replay of the fuzz corpus fail within 60 seconds.  Without a defect all
of them must pass, or the test would show nothing.

Called by Bazel in the folder of the tree, with the sources as data."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

SECONDS = 60
# What the programs are made of.
FOLDERS = ["src/core/heap", "src/core/move", "src/runtime", "src/runtime/arch/x86_64", "src/bodies"]

# What, file, text that must stand there once, text instead.
DEFECTS = [
    (
        "a rounding mode is taken for a flag",
        "src/runtime/arch/x86_64/layout.h",
        "#define MXCSR_CONTROL 0xffc0",
        "#define MXCSR_CONTROL 0x9fc0",
    ),
    (
        "a saved frame pointer is not relocated",
        "src/runtime/arch/x86_64/frame.h",
        ".set .Lframe_bit, 1 - \\bottom",
        ".set .Lframe_bit, 0",
    ),
    (
        "one bit of a pointer map is cleared",
        "src/bodies/x86_64.S",
        'CALL deep, pointers="0,3,4"',
        'CALL deep, pointers="0,4"',
    ),
    (
        "addresses keep their distance from the low end",
        "src/core/move/relocate.h",
        "move.new_hi - (move.old_hi - value)",
        "move.new_hi - (move.old_hi - move.old_lo) * 2 + (value - move.old_lo)",
    ),
    (
        "a span goes back while a stack in it lives",
        "src/core/heap/stackpool.c",
        "if (span_free[chunk] == span_slots[chunk] && !stack_gc_running) span_drop(chunk);",
        "if (span_free[chunk] + 1u >= span_slots[chunk] && !stack_gc_running) span_drop(chunk);",
    ),
]


def runtime_sources():
    return [path for folder in FOLDERS for path in sorted(glob.glob(folder + "/*.[cS]"))]


def build(tree, output, extra):
    command = ["gcc", "-std=c11", "-O1", "-w", "-I.", "-o", output] + runtime_sources() + extra
    result = subprocess.run(command, cwd=tree, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit("defects_test: the tree does not build:\n" + result.stderr)


def first_failure(tree):
    """Builds the tree and runs everything that may notice; the name of what failed first, or None."""
    build(tree, "runtime_test", ["src/runtime/test/runtime_test.c"])
    build(
        tree, "switch_test", ["src/runtime/test/switch_probe.S", "src/runtime/test/switch_test.c"]
    )
    start = time.monotonic()
    for program in ("runtime_test", "switch_test"):
        left = max(1, SECONDS - (time.monotonic() - start))
        try:
            failed = (
                subprocess.run(
                    ["./" + program],
                    cwd=tree,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=left,
                    check=False,
                ).returncode
                != 0
            )
        except subprocess.TimeoutExpired:
            failed = True
        if failed:
            return "%s after %.0f s" % (program, time.monotonic() - start)
    return None


def copy_with(defect, folder):
    tree = os.path.join(folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    for part in ("src", "spec"):
        shutil.copytree(part, os.path.join(tree, part), symlinks=False)
    if defect is None:
        return tree
    path = os.path.join(tree, defect[1])
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(defect[2]) != 1:
        sys.exit(
            "defects_test: %s no longer holds the line to be changed: %s" % (defect[1], defect[2])
        )
    os.chmod(path, 0o644)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(defect[2], defect[3]))
    return tree


def main():
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        failure = first_failure(copy_with(None, folder))
        if failure is not None:
            sys.exit("defects_test: without a defect %s fails" % failure)
        for defect in DEFECTS:
            failure = first_failure(copy_with(defect, folder))
            print("%-50s %s" % (defect[0], "found by " + failure if failure else "NOT FOUND"))
            missed += failure is None
    return 1 if missed else 0


sys.exit(main())
