"""copied.py: a copy of a part of the tree that a test breaks, and that is whole again after each fault.

For tests of checks: each fault is a shell command, which runs in the copy.  What it changed, removed or added is put
back afterwards, so that hundreds of faults need one copy.
"""
import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

from contig import tree


class Copy:
    """A copy of the tree's files that `wanted` chooses, below a new folder `to`."""

    def __init__(self, root: str, to: str, wanted: Callable[[str], bool]) -> None:
        self.root, self.whole = os.path.join(to, "tree"), os.path.join(to, "whole")
        for path in filter(wanted, tree.files(root)):
            for copy in (self.root, self.whole):
                target = os.path.join(copy, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy(os.path.join(root, path), target)
        self._marks = self._look()

    def _look(self) -> dict[str, tuple[int, ...]]:
        """What tells a file that was written from one that was not."""
        found: dict[str, tuple[int, ...]] = {}
        for base, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(base, name)
                mark = os.stat(path)
                key = os.path.relpath(path, self.root)
                found[key] = (mark.st_ino, mark.st_mtime_ns, mark.st_ctime_ns, mark.st_size)
        return found

    @contextlib.contextmanager
    def broken(self, command: str) -> Iterator[None]:
        """The copy with a fault in it."""
        try:
            subprocess.run(["sh", "-euc", command], cwd=self.root, check=True, timeout=60)
            yield
        finally:
            self.mend()

    def mend(self) -> None:
        """Makes the copy whole again."""
        now = self._look()
        for path in now.keys() - self._marks.keys():
            os.unlink(os.path.join(self.root, path))
        for path, mark in self._marks.items():
            if now.get(path) != mark:
                target = os.path.join(self.root, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy(os.path.join(self.whole, path), target)
        if now != self._marks:
            self._marks = self._look()
