"""source.py: what stands in src/core and proofs/laws, seen by clang and by Frama-C, and not by WP.

A proof that leaves a function out is found by comparing WP's report with these lists.  Contracts, loops and
vocabulary are read from the syntax tree that Frama-C prints, never from the source text, so that a macro or a
line break cannot hide one.
"""
from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Collection
from typing import Any

from contig import c_reader
from contig.c_printed import Clauses, Tree

import frama_c

CORE, LAWS, VOCABULARY = "src/core", "proofs/laws", "spec"
# Folders with programs, which are not proved: tests, and the checker that is handed to other runtimes.
PROGRAMS = ("test", "vectors")


def files(extensions: tuple[str, ...], *tops: str) -> list[str]:
    """The files with these endings in these folders and below, but for programs."""
    found = []
    for top in tops:
        for folder, below, names in os.walk(top):
            below[:] = sorted(name for name in below if name not in PROGRAMS)
            found += [
                f"{folder}/{name}"
                for name in sorted(names)
                if name.endswith(extensions) and not os.path.splitext(name)[0].endswith("_test")
            ]
    return found


def core_units() -> dict[str, str]:
    """{unit: file to prove it in}.  A unit is NAME.c with NAME.h in one folder, or NAME.h alone."""
    units: dict[str, str] = {}
    for path in files((".c", ".h"), CORE, LAWS):
        stem, extension = os.path.splitext(path)
        unit = os.path.basename(stem)
        if os.path.splitext(units.get(unit, path))[0] != stem:
            raise frama_c.FramaCFailed(f"{units[unit]} and {path}: two units of one name")
        if extension == ".c" or unit not in units:
            units[unit] = path
    return units


def proof_targets() -> set[str]:
    """The list PROVED of proofs/BUILD, which is Python enough to be read as such."""
    build = os.path.join(os.path.dirname(os.path.abspath(__file__)), "BUILD")
    with open(build, encoding="utf-8") as text:
        lists = {
            target.id: set(ast.literal_eval(node.value))
            for node in ast.parse(text.read()).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id == "PROVED"
        }
    return lists["PROVED"]


Node = dict[str, Any]


class _Bodies:
    """(file, name) of each function definition in clang's JSON, which names a file only where it changes."""

    def __init__(self, tree: Node) -> None:
        self.found: list[tuple[str, str]] = []
        self._current = ""
        self._walk(tree)

    def _note(self, location: Node) -> None:
        for part in (location, location.get("spellingLoc", {}), location.get("expansionLoc", {})):
            self._current = part.get("file", self._current)

    def _walk(self, node: Node) -> None:
        if "loc" in node:
            self._note(node["loc"])
        place = self._current
        for end in ("begin", "end"):
            self._note(node.get("range", {}).get(end, {}))
        inner = node.get("inner", [])
        if node.get("kind") == "FunctionDecl" and any(
            child.get("kind") == "CompoundStmt" for child in inner
        ):
            self.found.append((place, node["name"]))
        for child in inner:
            self._walk(child)


def compiled_functions(path: str, platform: str | None = None) -> dict[str, str]:
    """{name: file} of all functions with a body in the translation unit of this file, by clang."""
    command = ["clang", "-std=c11", "-fsyntax-only", "-I.", "-x", "c", "-Xclang", "-ast-dump=json"]
    command += ["-DCONTIG_PLATFORM=" + platform] if platform else []
    done = subprocess.run(
        command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        if done.returncode < 0 or done.returncode >= 126:
            said = done.stderr.strip().splitlines() or ["no message"]
            raise frama_c.ToolMissing("clang could not run: " + said[-1])
        raise frama_c.FramaCFailed(f"{path}: clang cannot read it:\n{done.stderr}")
    bodies = _Bodies(json.loads(done.stdout))
    return {name: os.path.normpath(file) for file, name in bodies.found}


def _defined_in_headers_of_others(names: Collection[str], own: Collection[str]) -> set[str]:
    """Those of these ghost functions that another unit's header defines; clang does not see where."""
    elsewhere = set()
    for header in files((".h",), CORE, LAWS):
        if header not in own:
            with open(header, encoding="utf-8") as text:
                defined = {
                    one.name for one in c_reader.functions(header, text.read()) if one.defined
                }
            elsewhere |= defined & set(names)
    return elsewhere


def may_define(path: str, names: Collection[str]) -> bool:
    """Does the file say any of these names?  A glance that spares Frama-C's reading of all the others."""
    with open(path, encoding="utf-8") as text:
        words = set(re.findall(r"\w+", text.read()))
    return not words.isdisjoint(names)


def functions_of(path: str, platform: str | None = None) -> set[str]:
    """Names of the functions to prove in this unit: those that its .c and .h define, ghost ones included.  A body in
    another unit's header is that unit's to prove."""
    compiled = compiled_functions(path, platform)
    own = {os.path.splitext(path)[0] + ending for ending in (".c", ".h")}
    _, seen = frama_c.view(path, platform)
    unseen = {name for name, file in compiled.items() if file in own} - seen
    if unseen:
        names = ", ".join(sorted(unseen))
        raise frama_c.FramaCFailed(f"{path}: clang sees functions that Frama-C does not: {names}")
    ghosts = seen - set(compiled)
    return {name for name in seen if compiled.get(name) in own} | (
        ghosts - _defined_in_headers_of_others(ghosts, own)
    )


def digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def contracts(path: str, platform: str | None = None) -> dict[str, Clauses]:
    """{function: {clause label: clause text}} of a file's tree."""
    return Tree(frama_c.view(path, platform)[0]).contracts


def demanding(path: str, platform: str | None = None) -> set[str]:
    """The functions of a file's tree that require something of their callers."""
    return {
        name
        for name, clauses in contracts(path, platform).items()
        if any("requires" in label.split() for label in clauses)
    }
