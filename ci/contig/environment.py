"""environment.py: the variables that a tool hands on, and a HOME that nobody else can write to.

Evidence must not depend on a variable that nobody recorded: a cache of proofs, a flag of a compiler or a sanitizer.
"""
import os
import stat
import tempfile

from contig import files

# All that a tool needs; everything else is left out.
KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "XDG_CACHE_HOME")


def _ours(path: str, forbidden: int) -> bool:
    """Whether a path is a folder of this user's, no link, without the forbidden permissions."""
    try:
        about = os.lstat(path)
    except OSError:
        return False
    return (
        stat.S_ISDIR(about.st_mode)
        and about.st_uid == os.getuid()
        and about.st_mode & forbidden == 0
    )


def private_folder(name: str) -> str:
    """A folder below the one for temporary files that is the same in the next run, if nobody else got hold of it."""
    path = os.path.join(files.temporary_root(), "%s-%d" % (name, os.getuid()))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    if _ours(path, 0o077):
        return path
    return tempfile.mkdtemp(prefix=name + "-", dir=files.temporary_root())


def home() -> str:
    """HOME, if it is a folder of ours that others cannot write to; else one of our own: Bazel obeys what it finds."""
    named = os.environ.get("HOME", "")
    if (
        os.path.isabs(named)
        and _ours(os.path.realpath(named), 0o002)
        and os.access(named, os.W_OK | os.X_OK)
    ):
        return named
    return private_folder("contig-home")


def clean() -> dict[str, str]:
    """The environment for what makes evidence."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": home(), "LC_ALL": "C.UTF-8"}


def without(*prefixes: str) -> dict[str, str]:
    """This environment without the variables that begin so."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
