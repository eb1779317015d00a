#!/usr/bin/env python3
"""programs_test.py CONTIG_CC FLAGS_OF_THE_KIT PROGRAM.c...: each program ends and prints the same in three ways.

Compiled by clang as it is; on goroutines; and on goroutines with a move at every prologue, where memory of freed stacks
is overwritten.  With each level of optimization.  CGO-1, CGO-2, CGO-5, CGO-6.
"""
import os
import subprocess
import sys
import tempfile

LEVELS = ["-O0", "-O2", "-Os"]
SECONDS = 120


def run(words: list[str], **environment: str) -> tuple[int, bytes]:
    """Status and output of a program."""
    done = subprocess.run(
        words,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def build(words: list[str], made: str) -> None:
    """Compiles and links, or fails the test."""
    status, output = run([*words, "-o", made])
    if status != 0:
        sys.exit("programs_test: %s: status %d\n%s" % (" ".join(words), status, output.decode()))


def compare(source: str, contig_cc: list[str], level: str, folder: str) -> int:
    """The number of outputs that were compared."""
    plain, moved = os.path.join(folder, "plain"), os.path.join(folder, "moved")
    build(["clang-14", level, source, "-lm"], plain)
    build([*contig_cc, level, source, "-lm"], moved)
    deep = ["deep"] if os.path.basename(source) == "recursion.c" else []
    moves = {"CONTIG_FORCE_MOVES": "1"}
    for arguments, environment in [(deep, dict[str, str]()), (list[str](), moves)]:
        expected, got = run([plain, *arguments]), run([moved, *arguments], **environment)
        if expected != got or not expected[1]:
            sys.exit(
                "programs_test: %s %s %s: %r, but plain %r"
                % (source, level, environment, got, expected)
            )
    return 2


def main() -> None:
    """All programs at all levels."""
    contig_cc = [sys.argv[1], "--kit=" + os.path.dirname(sys.argv[2])]
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in sys.argv[3:]:
            for level in LEVELS:
                compared += compare(source, contig_cc, level, folder)
    if compared < 2 * len(LEVELS) or compared != 2 * len(LEVELS) * len(sys.argv[3:]):
        sys.exit("programs_test: %d outputs were compared" % compared)
    print("programs_test: %d outputs are as plain clang's" % compared)


main()
