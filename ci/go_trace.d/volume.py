#!/usr/bin/env python3
"""volume.py [OPTION...]: real Go programs move their stacks by the ten thousand, and each move is made again.

For each Go: the program of ci/go_trace with GOMAXPROCS 1, 2 and 4, and with 2 the tests of packages of the standard
library.  Each trace goes through a pipe to `contig conform --moves --exact`; nothing is kept.

  --goroot DIR     a Go installation, more than once for several; default: the one of the `go` on PATH
  --contig FILE    the program that judges; default: built by Bazel
  --rounds N       of the program, for each of the three; default 200
  --programs-only  without the packages

Exit status: 0 if all conform and each Go made 50,000 moves of 1,000,000 frames at least; 1 if not; 2 if something
could not be run.
"""
import json
import os
import sys
from argparse import Namespace
from typing import Any

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import arguments, files, judging, tool  # noqa: E402

GO_TRACE = os.path.join(HERE, "go_trace.py")
PROCESSORS = (1, 2, 4)
MOST_ROUNDS = 100_000
LEAST = {"moves": 50_000, "frames": 1_000_000}
# Those of the runtime's own that move stacks, and build no programs with the `go` on PATH.
RUNTIME_TESTS = "^Test(Stack(Growth|Mem|Panic)|Chan|Select|SelfSelect|Shrink|NoShrink|DeferPtrs|DeferHeap|Nonblock)"
PACKAGES = [
    ["encoding/json", "-test.short"],
    ["go/types", "-test.short"],
    ["regexp", "-test.short"],
    ["text/template", "-test.short"],
    ["runtime", "-test.short", "-test.run", RUNTIME_TESTS],
]


def rows(
    goroot: str | None, options: Namespace, temporary: str
) -> list[tuple[str, int, list[str]]]:
    """What is traced: its name, the processors, the command."""
    common = [sys.executable, GO_TRACE, "--moves", "--keep", temporary] + (
        ["--goroot", goroot] if goroot else []
    )
    found = [
        (
            "ci/go_trace %d" % options.rounds,
            procs,
            [*common, "--procs", str(procs), str(options.rounds)],
        )
        for procs in PROCESSORS
    ]
    if not options.programs_only:
        found += [(words[0], 2, [*common, "--procs", "2", "--test", *words]) for words in PACKAGES]
    return found


def shown(report: dict[str, Any]) -> str:
    """Its numbers; of the classes of words those that occur, but for the three that always do."""
    classes = [
        "%d %s" % (count, name)
        for name, count in report["classes"].items()
        if count and name not in ("copied", "relocated", "unwritten")
    ]
    text = "%d moves, %d frames, %d words, %d registers, %d records" % tuple(
        report[name] for name in ("moves", "frames", "words", "registers", "records")
    )
    return ", ".join([text, *classes])


def one_go(goroot: str | None, options: Namespace) -> bool:
    """All programs of one installation; whether they conform and are many."""
    total = {name: 0 for name in ("moves", "frames", "words")}
    good = True
    with files.temporary("moves") as temporary:
        for name, procs, command in rows(goroot, options, temporary):
            report = options.judge.judged(command)
            conforms = report["result"] == "conforms"
            good = good and conforms
            verdict = "conforms" if conforms else "DEVIATES " + json.dumps(report)
            print(
                "%s %s, %s procs: %s; %.0f s"
                % (verdict, name, procs, shown(report), report["seconds"]),
                flush=True,
            )
            for key in total:
                total[key] += report[key]
    enough = all(total[key] >= least for key, least in LEAST.items())
    few = "" if enough else "; FEWER than %(moves)d moves or %(frames)d frames" % LEAST
    print(
        "%s: %d moves, %d frames, %d words compared%s"
        % (goroot or "go on PATH", total["moves"], total["frames"], total["words"], few),
        flush=True,
    )
    return good and enough


def main() -> int:
    parser = arguments.Parser("ci/go_trace.d/volume.py", __doc__ or "")
    parser.add_argument("--goroot", type=arguments.input_folder, action="append")
    parser.add_argument("--contig", type=arguments.input_file)
    parser.add_argument(
        "--rounds", type=arguments.whole(1, MOST_ROUNDS, "a number of rounds"), default=200
    )
    parser.add_argument("--programs-only", action="store_true")
    options = parser.read()
    options.judge = judging.Judge(options.contig, "--moves", "--exact")
    return 0 if all([one_go(goroot, options) for goroot in options.goroot or [None]]) else 1


tool.run("ci/go_trace.d/volume.py", main)
