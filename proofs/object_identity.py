#!/usr/bin/env python3
"""object_identity.py FILE...: the annotations of src/core do not reach the compiled code.

Compiles each file twice, as it is and with every ACSL comment blanked out in it and in all that it includes, and
compares the objects byte for byte.  Blanking keeps the lines, so that even debug information must agree.
The FILEs are what the build compiles: each of them must be a unit that is proved.  The compilers warn, too, of a
variable that may be read before it is written, which is no fault for WP.
"""
from __future__ import annotations

import os
import shutil
import sys

sys.dont_write_bytecode = True
import paths  # noqa: E402,F401
from contig import c_lexer, files, processes, tool  # noqa: E402
import source  # noqa: E402

COMPILERS: dict[str, list[str]] = {"gcc": [], "clang": ["-Wconditional-uninitialized"]}
# DWARF 4: version 5 has a checksum of the source text itself.
OPTIONS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-gdwarf-4", "-I.", "-c"]
COMPILER_SECONDS = 600


class Refused(Exception):
    """A compiler does not take a file."""


def compiled(compiler: str, folder: str, name: str) -> bytes:
    out = os.path.join(folder, "object.o")
    # The working directory is part of debug information.
    mapped = [f"-fdebug-prefix-map={os.path.realpath(folder)}=."]
    command = [compiler] + OPTIONS + COMPILERS[compiler] + mapped + [name, "-o", out]
    found = processes.captured(command, COMPILER_SECONDS, cwd=folder, together=True)
    if found.done.status or found.done.late:
        files.require_room(folder)
        raise Refused(f"{name} with {compiler}: {found.done.text()}\n{found.output.strip()}")
    with open(out, "rb") as text:
        return text.read()


def two_trees(folder: str) -> tuple[str, str, int]:
    """Copies what is proved as it is and without annotations: the two folders, and how many files differ."""
    annotated, plain = (os.path.join(folder, name) for name in ("annotated", "plain"))
    stripped = 0
    for part in ("src/core", "spec"):
        shutil.copytree(part, os.path.join(annotated, part))
        shutil.copytree(part, os.path.join(plain, part))
        for path in source.files((".c", ".h", ".acsl"), os.path.join(plain, part)):
            content = files.read(path)
            bare = c_lexer.without_annotations(content)
            stripped += bare != content
            with open(path, "w", encoding="utf-8") as out:
                out.write(bare)
    return annotated, plain, stripped


def main() -> int:
    names = sys.argv[1:]
    if not names:
        raise tool.Problem("no FILE is given")
    for name in names:
        files.readable(name)
    unproved = sorted(set(names) - set(source.core_units().values()))
    findings = [f"compiled, and no unit that is proved: {name}" for name in unproved]
    different = 0
    with files.temporary("contig-objects") as folder:
        annotated, plain, stripped = two_trees(folder)
        for name in sorted(set(names) - set(unproved)):
            for compiler in COMPILERS:
                try:
                    if compiled(compiler, annotated, name) != compiled(compiler, plain, name):
                        different += 1
                        findings.append(
                            f"the annotations change the object: {name} with {compiler}"
                        )
                except Refused as refusal:
                    findings.append(f"the compiler refuses {refusal}")
    for text in findings:
        print(text)
    print(
        f"{len(names)} files compiled by {' and '.join(COMPILERS)}, "
        f"annotations taken out of {stripped} files, {different} differences"
    )
    # A check that compares a file with itself would be green as well.
    return 1 if findings or not stripped else 0


tool.run("proofs/object_identity.py", main)
