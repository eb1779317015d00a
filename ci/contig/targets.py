"""targets.py: the fuzz targets of a tree, as fuzz/targets.bzl lists them.

Called by fuzz/build, fuzz/run, fuzz/coverage, ci/report, ci/oss_fuzz, proofs/callers and proofs/defects.
"""
import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass

from contig import files, starlark

LIST = "fuzz/targets.bzl"
# What libFuzzer is told for a target without a bound of its own.
BYTES = 1024


@dataclass(frozen=True)
class Target:
    """One fuzz target; fuzz/targets.bzl says what the fields mean."""

    name: str
    purpose: str
    deps: list[str]
    calls_core: bool = False
    mutator: str | None = None
    mutator_deps: tuple[str, ...] = ()
    dictionary: str | None = None
    bytes: int = BYTES


def load_text(text: str) -> dict[str, Target]:
    """All targets in the text of the list."""
    listed = starlark.literal_in(text, LIST, "TARGETS")
    return {name: Target(name, **fields) for name, fields in listed.items()}


def load(root: str) -> dict[str, Target]:
    """All targets by name, in the order of the list."""
    return load_text(files.read(os.path.join(root, LIST)))


def _patterns(libraries: dict[str, list[str]], deps: Sequence[str]) -> list[str]:
    """The patterns of these libraries and of all that they need, each once."""
    found: dict[str, None] = {}
    for one in deps:
        inner = _patterns(libraries, libraries[one]) if one.startswith("//") else [one]
        found.update(dict.fromkeys(inner))
    return list(found)


def files_of(root: str, deps: Sequence[str]) -> list[str]:
    """The sources of libraries, relative to the root of the tree."""
    libraries = starlark.literal(os.path.join(root, LIST), "LIBRARIES")
    found: dict[str, None] = {}
    for pattern in _patterns(libraries, deps):
        paths = sorted(glob.glob(os.path.join(glob.escape(root), pattern)))
        found.update(dict.fromkeys(os.path.relpath(path, root) for path in paths))
    return list(found)


def sources(root: str, target: Target) -> list[str]:
    """All that is compiled for a target, relative to the root of the tree."""
    own = ["%s.c" % target.name] + ([target.mutator] if target.mutator else [])
    return ["fuzz/" + name for name in own] + files_of(root, target.deps)
