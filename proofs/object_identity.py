#!/usr/bin/env python3
"""object_identity.py FILE...: the annotations of src/core do not reach the compiled code.

Compiles each file twice, as it is and with every ACSL comment blanked out in it and in all that it includes, and
compares the objects byte for byte.  Blanking keeps the lines, so that even debug information must agree.
The FILEs are what the build compiles: each of them must be a unit that is proved.  The compilers warn, too, of a
variable that may be read before it is written, which is no fault for WP.
"""
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "ci")]
from contig import files, processes, tool  # noqa: E402
import source  # noqa: E402

COMPILERS = {"gcc": [], "clang": ["-Wconditional-uninitialized"]}
# DWARF 4: version 5 has a checksum of the source text itself.
OPTIONS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-gdwarf-4", "-I.", "-c"]
COMPILER_SECONDS = 600


def without_annotations(text):
    """Each annotation becomes white space of the same shape; strings and other comments stay."""
    pattern = re.compile(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*', re.S)

    def blank(match):
        part = match.group()
        return re.sub(r"[^\n]", " ", part) if part.startswith(("/*@", "//@")) else part

    return pattern.sub(blank, text)


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


class Refused(Exception):
    """A compiler does not take a file."""


def compiled(compiler, folder, name):
    out = os.path.join(folder, "object.o")
    # The working directory is part of debug information.
    mapped = ["-fdebug-prefix-map=%s=." % os.path.realpath(folder)]
    command = [compiler] + OPTIONS + COMPILERS[compiler] + mapped + [name, "-o", out]
    found = processes.captured(command, COMPILER_SECONDS, cwd=folder, together=True)
    if found.done.status or found.done.late:
        files.require_room(folder)
        raise Refused(
            "%s with %s: %s\n%s" % (name, compiler, found.done.text(), found.output.strip())
        )
    with open(out, "rb") as text:
        return text.read()


def main():
    names = sys.argv[1:]
    if not names:
        raise tool.Problem("no FILE is given")
    for name in names:
        files.readable(name)
    different, refused, stripped = [], [], 0
    unproved = sorted(set(names) - set(source.core_units().values()))
    with files.temporary("contig-objects") as folder:
        annotated, plain = (os.path.join(folder, name) for name in ("annotated", "plain"))
        for part in ("src/core", "spec"):
            shutil.copytree(part, os.path.join(annotated, part))
            shutil.copytree(part, os.path.join(plain, part))
            for path in source.files((".c", ".h", ".acsl"), os.path.join(plain, part)):
                content = read(path)
                bare = without_annotations(content)
                stripped += bare != content
                with open(path, "w", encoding="utf-8") as out:
                    out.write(bare)
        for name in sorted(set(names) - set(unproved)):
            for compiler in COMPILERS:
                try:
                    if compiled(compiler, annotated, name) != compiled(compiler, plain, name):
                        different.append("%s with %s" % (name, compiler))
                except Refused as refusal:
                    refused.append(str(refusal))
    for text in unproved:
        print("compiled, and no unit that is proved: " + text)
    for text in refused:
        print("the compiler refuses " + text)
    for text in different:
        print("the annotations change the object: " + text)
    print(
        "%d files compiled by %s, annotations taken out of %d files, %d differences"
        % (len(names), " and ".join(COMPILERS), stripped, len(different))
    )
    # A check that compares a file with itself would be green as well.
    return 1 if different or refused or unproved or not stripped else 0


tool.run("proofs/object_identity.py", main)
