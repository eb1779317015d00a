"""trees.py: copies of the tree in which a defect is planted, by git apply and by nothing else.

Invariant: the tree of the caller is never written to.  Used by each way of noticing.
"""
import os
import stat
from collections.abc import Iterator, Sequence

from contig import environment, files, processes, tree
from contig.tool import Problem
from defects.record import Defect

PATCH_SECONDS = 60


def copy(root: str, parts: Sequence[str], folder: str, but: Sequence[str] = ()) -> None:
    """Copies what git tracks or would add, so that no link or socket beside it stops a run."""
    tree.copy(root, parts, folder, but)
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            os.chmod(path, os.stat(path).st_mode | stat.S_IWUSR)


def _git_apply(defect: Defect, folder: str, *options: str) -> str | None:
    """None, or what git says against the patch."""
    # Inside a repository git would look for the files at its root.
    env = dict(environment.without("GIT_"), GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
    words = ["git", "apply", "-p1", *options, defect.path]
    result = processes.captured(words, PATCH_SECONDS, cwd=folder, env=env, together=True)
    if result.done.status == 0:
        return None
    files.require_room(folder)
    return "the patch does not apply: " + " ".join(result.output.split())


def plant(defect: Defect, folder: str) -> str | None:
    """Changes the tree in the folder; or says why it cannot be, and the tree is as it was."""
    return _git_apply(defect, folder)


def remove(defect: Defect, folder: str) -> None:
    """Makes a tree as it was before the defect was planted."""
    said = _git_apply(defect, folder, "--reverse")
    if said is not None:
        raise Problem("%s cannot be taken out again: %s" % (defect.title, said))


def stale(defects: Sequence[Defect], folder: str) -> Iterator[str]:
    """Sentences on the defects whose patch does not apply to the tree in the folder any more."""
    for defect in defects:
        said = _git_apply(defect, folder, "--check")
        if said is not None:
            yield "%s: %s" % (defect.title, said)
