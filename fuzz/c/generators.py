"""generators.py: where the programs of compare_test.py come from: generate.py, and csmith."""
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import generate
from contig.tool import Problem


@dataclass(frozen=True)
class Generator:
    """Makes a program of a seed, which says how it is compiled."""

    program: Callable[[int], str]
    # How many programs are compared where nobody says.
    count: int
    flags: tuple[str, ...] = ()
    # Of the compiler alone that the program is compared with.
    plain: tuple[str, ...] = ()
    # Programs have no names in common: they can be compiled as one file.
    shared: bool = False
    # The same without variadic functions, which LLVM compiles for goroutines by the plugin alone: what it makes is
    # refused without the plugin, or some of it.
    without_variadic: Callable[[int], str] | None = None
    # Some programs of csmith do not end, and some crash.
    seconds: float = 120
    wild: bool = False
    # Percent of the functions that contig-cc may refuse.
    refused: float = 0


def _csmith(seed: int) -> str:
    try:
        done = subprocess.run(
            ["csmith", "--no-argc", "--seed", str(seed)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Problem("csmith is not installed; ci/setup installs it") from None
    if done.returncode != 0:
        raise Problem("csmith ended with status %d" % done.returncode)
    return done.stdout


GENERATORS = {
    "own": Generator(
        generate.program,
        count=20,
        shared=True,
        without_variadic=lambda seed: generate.program(seed, False),
    ),
    # Without -fno-inline most of a program would be in its main.  Behind an endless loop clang puts nothing, and the
    # program runs on into the next function, unless that is a trap, as it is for goroutines.
    "csmith": Generator(
        _csmith,
        count=10,
        flags=("-fno-inline", "-I" + os.path.join(os.sep, "usr", "include", "csmith")),
        plain=("-mllvm", "-trap-unreachable"),
        seconds=1,
        wild=True,
        refused=0.5,
    ),
}
