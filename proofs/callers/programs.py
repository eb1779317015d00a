"""programs.py: the programs whose calls into the core are checked: their sources, and how they are run.

Called by check.py.  The sources of fuzz targets are those of fuzz/build.
"""
import ast
import glob
import importlib.machinery
import importlib.util
import os
import re
from dataclasses import dataclass
from typing import Any, List, Tuple

RUNTIME = ["src/runtime/*.c", "src/runtime/arch/x86_64/*.S"]
COMMAND = ["src/cli/demo.c", "src/cli/command.c", "src/command/*.c", "proofs/callers/demos.c"]
BODIES = ["src/bodies/x86_64/*.S"]
# Every demonstration; a million goroutines show no other call than twenty thousand.
DEMOS = ["fib 20", "deep", "frames", "million 20000", "shrink", "overflow", "hotsplit"]


@dataclass(frozen=True)
class Program:
    name: str
    sources: Tuple[str, ...]  # without those of the core
    runs: Tuple[Tuple[str, ...], ...]  # the arguments of each run


def _expand(patterns: List[str]) -> Tuple[str, ...]:
    return tuple(path for pattern in patterns for path in sorted(glob.glob(pattern)))


def _fuzz_targets() -> List[str]:
    """Those that call the core or the runtime, by fuzz/BUILD."""
    with open("fuzz/BUILD", encoding="utf-8") as text:
        found = re.search(r"^CALLS_THE_CORE = (\[.*?\])", text.read(), flags=re.M | re.S)
    assert found is not None
    targets: List[str] = ast.literal_eval(found.group(1))
    return targets


def _fuzz_build() -> Any:
    loader = importlib.machinery.SourceFileLoader("fuzz_build", "fuzz/build")
    spec = importlib.util.spec_from_loader("fuzz_build", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def all_programs() -> List[Program]:
    found = [
        Program(
            "runtime_test", _expand(RUNTIME + BODIES) + ("src/runtime/test/runtime_test.c",), ((),)
        ),
        Program(
            "demos",
            _expand(RUNTIME + BODIES + COMMAND),
            tuple(tuple(demo.split()) for demo in DEMOS),
        ),
        Program("embed", _expand(RUNTIME) + ("examples/embed.c", "examples/embed.S"), ((),)),
        Program("embed_core", ("examples/embed_core.c",), ((),)),
        Program("violations", ("proofs/callers/violations.c",), ()),
        Program("copy_test", ("src/core/test/copy_test.c",), ((),)),
        Program("pool_test", ("src/core/test/pool_test.c",), ((),)),
        Program("outside_test", ("src/core/test/outside_test.c",), ((),)),
    ]
    build = _fuzz_build()
    for target in _fuzz_targets():
        sources = [path for path in build.sources(".", target) if not path.startswith("src/core/")]
        seeds = tuple(sorted(glob.glob(os.path.join("fuzz/corpus", target, "*"))))
        found.append(Program(target, tuple(sources) + ("ci/bazel/fuzz_driver.c",), (seeds,)))
    return found


def core() -> Tuple[str, ...]:
    return _expand(["src/core/heap/*.c", "src/core/move/*.c"])
