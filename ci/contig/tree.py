"""tree.py: the files that belong to the tree: those that git tracks, or would add.

What our own tools, editors and virtual environments leave in a checkout is ignored by .gitignore, and so by every test.
Where there is no git, in a sandbox or an unpacked archive, the patterns of .gitignore are applied by hand.
"""
import fnmatch
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence

from contig import environment, processes
from contig.tool import Problem

SECONDS = 60
# A repository may name programs for git to start; reading names needs none.
GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "safe.directory=*")


def git(root: str, *arguments: str) -> str | None:
    """What git says about the tree, whatever the variables of a calling git say; None if it has nothing to say."""
    try:
        result = processes.captured(
            [*GIT, "-C", root, *arguments],
            SECONDS,
            env=environment.without("GIT_"),
            errors="surrogateescape",
        )
    except Problem:
        return None
    return result.output if result.done.status == 0 else None


def is_checkout(root: str) -> bool:
    """Whether root is the top of a working tree, and not a folder somewhere in one."""
    top = git(root, "rev-parse", "--show-toplevel")
    return top is not None and os.path.realpath(top.rstrip("\n")) == os.path.realpath(root)


def _patterns(folder: str) -> list[str]:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8") as text:
            lines = text.read().splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """What one of these patterns of .gitignore means, as one expression; of none, what no name is."""
    bare = (pattern.strip("/").replace("\\#", "[#]") for pattern in patterns)
    return re.compile("|".join(map(fnmatch.translate, bare)) or r"(?!)")


class _Ignored:
    """The patterns of a .gitignore: those with / at their end are for folders, those with / before, from the root."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._by_kind = {
            is_folder: [
                _any_of(
                    one
                    for one in patterns
                    if one.startswith("/") == rooted and (is_folder or not one.endswith("/"))
                )
                for rooted in (True, False)
            ]
            for is_folder in (True, False)
        }

    def __call__(self, folder: str, name: str, is_folder: bool) -> bool:
        rooted, anywhere = self._by_kind[is_folder]
        return bool(
            anywhere.match(name) or rooted.match(os.path.normpath(os.path.join(folder, name)))
        )


def _walk(root: str) -> Iterator[str]:
    ignored = _Ignored(_patterns(root))
    for base, folders, names in os.walk(root):
        if base != root and "*" in _patterns(base):
            folders[:] = []
            continue
        relative = os.path.relpath(base, root)
        folders[:] = [
            name for name in folders if name != ".git" and not ignored(relative, name, True)
        ]
        for name in names:
            if not ignored(relative, name, False):
                yield os.path.normpath(os.path.join(relative, name))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, or leads to one; a link that leads to itself does not."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _files_in(folder: str, names: Iterable[str]) -> list[str]:
    """Those of these names that are files of the folder; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return [one.name for one in entries if one.name in names and _is_file(one)]
    except OSError:
        # A folder that cannot be listed may have files that can be read.
        return [name for name in names if os.path.isfile(os.path.join(folder, name))]


def _present(root: str, paths: Iterable[str]) -> Iterator[str]:
    """The paths that are files, by one look at each folder; a look at each file takes longer than all the rest."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folders.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))
    for folder, names in folders.items():
        for name in _files_in(os.path.join(root, folder), names):
            yield os.path.join(folder, name)


def files(root: str) -> list[str]:
    """Paths, relative to root and in order, of the tree's files that are there.  Names may be any bytes but 0."""
    listed = (
        git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if is_checkout(root)
        else None
    )
    paths = _walk(root) if listed is None else (path for path in listed.split("\0") if path)
    return sorted(_present(root, paths))


def copy(root: str, parts: Sequence[str], to: str, but: Sequence[str] = ()) -> None:
    """Copies the tree's files that are or lie in `parts`, but not those in `but`, and nothing left beside them."""
    for name in files(root):
        if (
            name in parts or name.startswith(tuple(part + "/" for part in parts))
        ) and not name.startswith(tuple(part + "/" for part in but)):
            target = os.path.join(to, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.join(root, name), target)
