"""places.py: tests, fuzz oracles, trace rules, planted defects and runtime code, by requirement.

A tag counts where it stands: in the comment of a function or in its body, before a step of a
script, before a label of assembly.  What the head of a file says counts for nothing.
"""
from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from collections.abc import Callable, Sequence

from contig import c_reader
from contig.traceability.core import Core
from contig.traceability.tree import Tree, called_in, is_test, label_of, tags_in


@dataclass
class Place:
    """Something that speaks for requirements, and where it stands."""

    name: str
    path: str
    line: int
    tags: list[str]
    target: str = ""
    what: str = ""
    functions: list[str] = field(default_factory=list)  # of the core, that it concerns


@dataclass
class Places:
    """All that is tagged outside of the core."""

    tests: list[Place]
    oracles: list[Place]
    rules: list[Place]
    code: list[Place]
    defects: list[Place]
    test_files: list[str]


def _of_c(tree: Tree, path: str, target: str) -> list[Place]:
    """The functions of a C file that name a requirement, and what they call."""
    found = []
    for one in tree.functions(path):
        tags = tags_in(one.comment)
        if tags:
            found.append(Place(one.name, path, one.line, tags, target, functions=called(one)))
    return found


def called(one: c_reader.Function) -> list[str]:
    """Names that a function calls."""
    return sorted(called_in(one.body))


def _of_script(tree: Tree, path: str, target: str) -> list[Place]:
    """Comments of a shell or Python script that name requirements, but for the one at its head."""
    lines = tree.read(path).splitlines()
    number, found = _after_head(lines), []
    while number < len(lines):
        if not re.match(r"\s*#", lines[number]):
            number += 1
            continue
        first = number
        while number < len(lines) and re.match(r"\s*#", lines[number]):
            number += 1
        tags = tags_in("\n".join(lines[first:number]))
        if tags:
            step = lines[number].strip() if number < len(lines) else ""
            name = re.match(r"(?:def\s+)?(\w+)\s*\(", step)
            found.append(
                Place(
                    name.group(1) if name else os.path.basename(path), path, first + 1, tags, target
                )
            )
    return found


def _after_head(lines: Sequence[str]) -> int:
    """The first line after the comment, or the text in quotes, at the head of a script."""
    number = 0
    while number < len(lines) and lines[number].startswith("#"):
        number += 1
    if number < len(lines) and lines[number].startswith('"""'):
        while number < len(lines) and not lines[number].rstrip().endswith('"""'):
            number += 1
        number += 1
    return number


def _of_assembly(tree: Tree, path: str, target: str) -> list[Place]:
    """Labels and macros of an assembly file whose comment names requirements."""
    text = tree.read(path)
    starts = c_reader.line_starts(text)
    found = []
    for comment in c_reader.comments(text):
        if comment.end <= c_reader.header_end(text) or not tags_in(comment.text):
            continue
        name = re.search(
            r"^(?:\.macro\s+|#\s*define\s+)?(\w+)(?::|\(|\s)", text[comment.end :].lstrip()
        )
        found.append(
            Place(
                name.group(1) if name else os.path.basename(path),
                path,
                c_reader.line_of(starts, comment.start),
                tags_in(comment.text),
                target,
            )
        )
    return found


def _tagged(tree: Tree, path: str, target: str) -> list[Place]:
    if path.endswith((".c", ".h")):
        return _of_c(tree, path, target) + _of_macros(tree, path, target)
    return (
        _of_assembly(tree, path, target) if path.endswith(".S") else _of_script(tree, path, target)
    )


def _of_macros(tree: Tree, path: str, target: str) -> list[Place]:
    """Macros that are written like functions, and whose comment names requirements."""
    text = tree.read(path)
    starts = c_reader.line_starts(text)
    found = []
    for comment in c_reader.comments(text):
        macro = re.match(r"[ \t]*\n[ \t]*#\s*define\s+(\w+)", text[comment.end :])
        if macro and comment.end > c_reader.header_end(text) and tags_in(comment.text):
            found.append(
                Place(
                    macro.group(1),
                    path,
                    c_reader.line_of(starts, comment.end) + 1,
                    tags_in(comment.text),
                    target,
                )
            )
    return found


def _rules(tree: Tree) -> list[Place]:
    """Where src/conform says that a trace broke a requirement: a string that is its number."""
    found = []
    for path in tree.files("src/conform", ".c"):
        if is_test(path):
            continue
        spans = sorted(
            (first, last, one.name) for one in tree.functions(path) for first, last in one.spans
        )
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            for tag in re.findall(r'"([A-Z]+-\d+)"', line):
                inside = [name for first, last, name in spans if first <= number <= last]
                found.append(
                    Place(
                        inside[-1] if inside else os.path.basename(path),
                        path,
                        number,
                        [tag],
                        "contig conform",
                    )
                )
    return found


def _changed(tree: Tree, core: Core, patch: str) -> list[str]:
    """The functions that a patch takes a line out of, and those of their unit that use them."""
    found: dict[str, None] = {}
    path = ""
    for line in patch.splitlines():
        if line.startswith("+++ b/"):
            path = line[len("+++ b/") :]
        elif (
            line.startswith("-")
            and not line.startswith("---")
            and len(line.strip()) > 3
            and tree.exists(path)
        ):
            at = tree.read(path).find(line[1:].strip())
            if at < 0 or not path.endswith((".c", ".h")):
                continue
            number = tree.read(path).count("\n", 0, at) + 1
            for one in tree.functions(path):
                if any(first <= number <= last for first, last in one.spans):
                    found[one.name] = None
    units = {core.functions[name].unit for name in found if name in core.functions}
    return sorted(
        found.keys()
        | {
            name
            for name in core.callers(found)
            if name in core.functions and core.functions[name].unit in units
        }
    )


def _defects(tree: Tree, core: Core) -> list[Place]:
    """Wrong changes that something must detect."""
    found = []
    for path in tree.files("proofs", ".patch"):
        text = tree.read(path)
        head = text.split("\n--- ", 1)[0]
        fields = dict(re.findall(r"^([\w-]+): +(.*\S)", head, flags=re.M))
        words = {one: fields.get(one, "").split() for one in ("Proof", "Gate", "Test", "Fuzz")}
        noticed = ["proof"] * bool(words["Proof"]) + words["Gate"][:1]
        ways = ("schedule", "stress", "vectors", "replay")
        other = [way for way in ways if way.title() in fields]
        found.append(
            Place(
                os.path.basename(path)[: -len(".patch")],
                path,
                1,
                tags_in(head),
                ", ".join(noticed + words["Test"] + words["Fuzz"] + other),
                fields.get("What", ""),
                words["Proof"] + words["Gate"][1:] + _changed(tree, core, text),
            )
        )
    return found


def _all(tree: Tree, paths: Sequence[str], target: Callable[[str], str]) -> list[Place]:
    return [place for path in paths for place in _tagged(tree, path, target(path))]


def survey(tree: Tree, core: Core) -> Places:
    """Everything that is tagged outside of the core."""
    tests = [
        path
        for folder in ("src", "spec", "examples", "fuzz", "proofs", "ci")
        for path in tree.files(folder, ".c", ".sh", ".py")
        if is_test(path)
    ]
    oracles = [path for path in harness_files(tree)]
    runtime = [
        path
        for folder in ("src/runtime", "src/cli", "src/bodies")
        for path in tree.files(folder, ".c", ".h", ".S")
        if not is_test(path)
    ]
    return Places(
        _all(tree, tests, label_of),
        _all(tree, oracles, label_of),
        _rules(tree),
        _all(tree, runtime, lambda path: "//" + os.path.dirname(path)),
        _defects(tree, core),
        tests,
    )


def harness_files(tree: Tree) -> list[str]:
    """The fuzz targets and what judges a run."""
    return [
        path
        for folder in ("fuzz", "src/script", "src/harness", "src/frames")
        for path in tree.files(folder, ".c", ".h")
        if not is_test(path)
    ]


def runs(tree: Tree, core: Core, paths: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """{function of the core: (target, function) that calls it, itself or through the core}."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        if not path.endswith((".c", ".h")):
            continue
        for one in tree.functions(path):
            for name in core.callees(called(one)):
                found.setdefault(name, []).append((label_of(path), one.name))
    return found
