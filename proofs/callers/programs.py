"""programs.py: the programs whose calls into the core are checked: their sources, and how they are run.

Called by check.py.  The fuzz targets are those of fuzz/targets.bzl that call the core.
"""
import glob
import os
from dataclasses import dataclass
from typing import List, Tuple

from contig import targets

RUNTIME = ["src/runtime/*.c", "src/runtime/arch/x86_64/*.S"]
COMMAND = ["src/cli/*demo*.c", "src/cli/command.c", "src/command/*.c", "proofs/callers/demos.c"]
BODIES = ["src/bodies/x86_64/*.S"]
# Every demonstration; a million goroutines show no other call than twenty thousand.
DEMOS = ["fib 20", "deep", "frames", "million 20000", "shrink", "overflow", "hotsplit"]
CHANNEL_DEMOS = ["ring 1000", "sieve 100", "select 1000"]


@dataclass(frozen=True)
class Program:
    name: str
    sources: Tuple[str, ...]  # without those of the core
    runs: Tuple[Tuple[str, ...], ...]  # the arguments of each run


def _expand(patterns: List[str]) -> Tuple[str, ...]:
    return tuple(path for pattern in patterns for path in sorted(glob.glob(pattern)))


def all_programs() -> List[Program]:
    found = [
        Program(
            "runtime_test", _expand(RUNTIME + BODIES) + ("src/runtime/test/runtime_test.c",), ((),)
        ),
        Program("chan_test", _expand(RUNTIME + BODIES) + ("src/runtime/test/chan_test.c",), ((),)),
        Program(
            "demos",
            _expand(RUNTIME + BODIES + COMMAND),
            tuple(tuple(demo.split()) for demo in DEMOS + CHANNEL_DEMOS),
        ),
        Program("embed", _expand(RUNTIME) + ("examples/embed.c", "examples/embed.S"), ((),)),
        Program("embed_core", ("examples/embed_core.c",), ((),)),
        Program("violations", _expand(["src/command/*.c"]) + ("proofs/callers/violations.c",), ()),
        Program("copy_test", ("src/core/test/copy_test.c",), ((),)),
        Program("pool_test", ("src/core/test/pool_test.c",), ((),)),
        Program("outside_test", ("src/core/test/outside_test.c",), ((),)),
    ]
    for name, target in targets.load(".").items():
        if target.calls_core:
            paths = targets.sources(".", target)
            sources = [path for path in paths if not path.startswith("src/core/")]
            seeds = tuple(sorted(glob.glob(os.path.join("fuzz/corpus", name, "*"))))
            found.append(Program(name, (*sources, "ci/bazel/fuzz_driver.c"), (seeds,)))
    return found


def core() -> Tuple[str, ...]:
    return _expand(["src/core/chan/*.c", "src/core/heap/*.c", "src/core/move/*.c"])
