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
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import source  # noqa: E402

COMPILERS = {"gcc": [], "clang": ["-Wconditional-uninitialized"]}
# DWARF 4: version 5 has a checksum of the source text itself.
OPTIONS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-gdwarf-4", "-I.", "-c"]


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


def compiled(compiler, folder, name):
    out = os.path.join(folder, "object.o")
    # The working directory is part of debug information.
    mapped = ["-fdebug-prefix-map=%s=." % os.path.realpath(folder)]
    subprocess.run([compiler] + OPTIONS + COMPILERS[compiler] + mapped + [name, "-o", out], cwd=folder, check=True)
    with open(out, "rb") as text:
        return text.read()


def main():
    names = sys.argv[1:]
    different, refused, stripped = [], [], 0
    unproved = sorted(set(names) - set(source.core_units().values()))
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
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
        for name in names:
            for compiler in COMPILERS:
                try:
                    if compiled(compiler, annotated, name) != compiled(compiler, plain, name):
                        different.append("%s with %s" % (name, compiler))
                except subprocess.CalledProcessError:
                    refused.append("%s with %s" % (name, compiler))
    for text in unproved:
        print("compiled, and no unit that is proved: " + text)
    for text in refused:
        print("the compiler refuses " + text)
    for text in different:
        print("the annotations change the object: " + text)
    print("%d files compiled by %s, annotations taken out of %d files, %d differences"
          % (len(names), " and ".join(COMPILERS), stripped, len(different)))
    # A check that compares a file with itself would be green as well.
    return 1 if different or refused or unproved or not names or not stripped else 0


sys.exit(main())
