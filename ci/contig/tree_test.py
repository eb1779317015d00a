#!/usr/bin/env python3
"""tree_test.py: what belongs to a tree, with git and without, and whatever the names and the variables are."""
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from contig import files, tree  # noqa: E402

OURS = [
    "README",
    "src/a.c",
    "src/a b.c",
    "src/\u00fc.c",
    'src/a"b.c',
    "src/new\nline.c",
    "src/deep/er/x",
]
LEFT = [
    "verify-out/index.html",
    "src/a.c~",
    "src/.#a.c",
    "venv/lib/x.py",
    "src/__pycache__/a.pyc",
    "out/log",
    "out/deep/BUILD",
    "src/.contig-ab.new",
]
IGNORED = "/verify-out/\n__pycache__/\nvenv/\n*~\n.#*\n.contig-*.new\n# /src/\n"


class Tree(unittest.TestCase):
    def setUp(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.root = os.path.join(self.temporary.name, "a 'tree\"")
        for name in OURS + LEFT:
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            files.write(path, "x\n")
        files.write(os.path.join(self.root, "out/.gitignore"), "*\n")
        files.write(os.path.join(self.root, ".gitignore"), IGNORED)
        os.symlink("none", os.path.join(self.root, "src/dangling.c"))
        os.symlink("loop.c", os.path.join(self.root, "src/loop.c"))
        self.wanted = sorted(OURS + [".gitignore"])

    def git(self, *arguments: str) -> None:
        name = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(
            ["git", *name, *arguments], cwd=self.root, check=True, stdout=subprocess.DEVNULL
        )

    def test_without_git(self) -> None:
        self.assertEqual(tree.files(self.root), self.wanted)

    def test_copy(self) -> None:
        to = os.path.join(self.temporary.name, "copy")
        tree.copy(self.root, ["src"], to)
        self.assertEqual(tree.files(to), [name for name in self.wanted if name.startswith("src/")])

    def test_with_git(self) -> None:
        self.git("init", "-q")
        self.assertEqual(tree.files(self.root), self.wanted)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "a")
        self.assertEqual(tree.files(self.root), self.wanted)
        os.unlink(os.path.join(self.root, "src/a.c"))
        self.assertEqual(tree.files(self.root), [name for name in self.wanted if name != "src/a.c"])

    def test_folder_in_a_checkout(self) -> None:
        self.git("init", "-q")
        self.git("add", ".")
        self.assertEqual(tree.files(os.path.join(self.root, "out")), [])
        self.assertIn("a b.c", tree.files(os.path.join(self.root, "src")))
        self.assertNotIn("README", tree.files(os.path.join(self.root, "src")))

    def test_variables_of_a_calling_git(self) -> None:
        self.git("init", "-q")
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            os.environ[name] = "/nonexistent"
            self.addCleanup(os.environ.pop, name)
        self.assertEqual(tree.files(self.root), self.wanted)

    def test_folder_that_cannot_be_listed(self) -> None:
        self.git("init", "-q")
        self.git("add", ".")
        refused = PermissionError(13, "Permission denied")
        with mock.patch.object(os, "scandir", side_effect=refused):
            self.assertEqual(tree.files(self.root), self.wanted)

    def test_names_that_are_no_text(self) -> None:
        bad = os.fsencode(self.root) + b"/src/\xff.c"
        with open(bad, "wb"):
            pass
        self.git("init", "-q")
        self.assertIn("src/\udcff.c", tree.files(self.root))


if __name__ == "__main__":
    unittest.main()
