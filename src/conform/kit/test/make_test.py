#!/usr/bin/env python3
"""make_test.py: the guide's commands make the kit; a tree that cannot become one file is noticed.

Called by Bazel in the folder of the tree, with the sources as data."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unittest

NEEDED = ["ci/contig", "docs", "examples", "spec"] + [
    "src/" + folder for folder in ("command", "conform", "core", "runtime")
]
GUIDE = "docs/conform_your_runtime.md"


class MakeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tree = tempfile.mkdtemp(prefix="contig-make-")
        self.addCleanup(shutil.rmtree, self.tree)
        for folder in NEEDED:
            shutil.copytree(folder, os.path.join(self.tree, folder))

    def append(self, path: str, text: str) -> None:
        with open(os.path.join(self.tree, path), "a", encoding="utf-8") as out:
            out.write(text)

    def run_in_tree(self, *words: str) -> tuple[int, str]:
        """Status and output; the words that begin with TREE/ are paths in the tree."""
        done = subprocess.run(
            [re.sub("^TREE/", self.tree + "/", word) for word in words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def make(self) -> tuple[int, str]:
        return self.run_in_tree("python3", "TREE/src/conform/kit/make.py", "TREE/out")

    def compile(self) -> tuple[int, str]:
        """Makes the kit and links the command from it."""
        status, said = self.make()
        self.assertEqual(status, 0, said)
        compiler = ("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-DCONTIG_CONFORM_MAIN")
        return self.run_in_tree(*compiler, "TREE/out/contig_conform.c", "-o", "TREE/command")

    def test_as_it_is(self) -> None:
        self.assertEqual(self.compile(), (0, ""))
        with open(os.path.join(self.tree, "out/contig_conform.c"), encoding="utf-8") as file:
            text = file.read()
        for mark in ("/*@", "//@", '#include "src', '.acsl"'):
            self.assertNotIn(mark, text)

    def test_guide(self) -> None:
        """The commands of the guide's first two sections, letter by letter, print what it shows."""
        with open(os.path.join(self.tree, GUIDE), encoding="utf-8") as file:
            beginning = file.read().split("\n## 3. ", 1)[0]
        block = re.findall(r"^    (.*)$", beginning, flags=re.M)
        commands = [line for line in block if re.match(r"src/|cc |kit/[\w-]+ ", line)]
        self.assertEqual(len(commands), 5)
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(commands)],
            cwd=self.tree,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.assertEqual(done.stdout.splitlines(), [line for line in block if line not in commands])
        self.assertEqual(done.returncode, 0)

    def test_static_functions(self) -> None:
        """Two static functions of one name are two functions."""
        for number, path in enumerate(["src/conform/index.c", "src/core/move/unwind.c"]):
            self.append(
                path,
                "static int twice(void)\n{\n    return %d;\n}\nint user%d(void);\nint user%d(void)\n{\n"
                "    return twice();\n}\n" % (number, number, number),
            )
        self.assertEqual(self.compile(), (0, ""))

    def test_left_out(self) -> None:
        for path in (
            "src/conform/plain_rules.c",
            "src/conform/moves/shape.c",
            "src/core/move/unwind.c",
        ):
            with self.subTest(path=path):
                text = os.path.join(self.tree, path)
                os.rename(text, text + ".away")
                status, said = self.compile()
                self.assertEqual(status, 1)
                self.assertIn("undefined reference", said)
                os.rename(text + ".away", text)

    def test_types_and_variables(self) -> None:
        for both in (
            "static int kept_here = 1;\n",
            "struct kept_here { int one; };\n",
            'static const char kept_here[] = "";\n',
        ):
            with self.subTest(both=both):
                for path in ("src/conform/index.c", "src/core/move/unwind.c"):
                    self.append(path, both)
                status, said = self.make()
                self.assertEqual(status, 2)
                self.assertRegex(
                    said,
                    "^make.py: kept_here is defined in .*unwind.c and in .*index.c; one of them needs another",
                )


if __name__ == "__main__":
    unittest.main()
