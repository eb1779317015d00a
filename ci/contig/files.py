"""files.py: files that are replaced whole or not at all, and folders that one run at a time works in.

Invariant: whoever reads a file that `write` or `replacing` made sees the old text or the new one, and never a part,
also if the writer is killed, the disk is full, or two write at once.
"""
import contextlib
import fcntl
import io
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

from contig.tool import Problem, sentence, shown

# What a killed writer leaves behind; .gitignore names it.
NEW_PREFIX, NEW_SUFFIX = ".contig-", ".new"
# More than any file that the tools make.
ROOM_BYTES = 16 << 20
# More than any text that a tool reads as a whole; a device has no end.
MOST_BYTES = 256 << 20


def _mode(path: str) -> int:
    """The permissions that a file has, or would get."""
    if os.path.exists(path):
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some file systems cannot; the rename is in order there all the same.
        return
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _beside(target: str) -> Iterator[BinaryIO]:
    folder = os.path.dirname(target)
    mode = _mode(target)
    descriptor, temporary = tempfile.mkstemp(prefix=NEW_PREFIX, suffix=NEW_SUFFIX, dir=folder)
    try:
        with open(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fchmod(out.fileno(), mode)
            os.fsync(out.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file to write to; it takes the place of `path` when the block ends, and not at all if the block fails.

    A link stays a link.  A device or a pipe is written to directly.  Raises Problem if the system refuses.
    """
    target = os.path.realpath(path)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb") as out:
                yield out
            return
        with _beside(target) as out:
            yield out
    except OSError as error:
        raise Problem(
            "%s cannot be written: %s" % (shown(path), error.strerror or error)
        ) from error


def write(path: str, content: str | bytes) -> None:
    """Replaces a file, or makes it."""
    with replacing(path) as out:
        out.write(content.encode() if isinstance(content, str) else content)


def write_json(path: str, value: Any, *, indent: int = 1, sort_keys: bool = False) -> None:
    """Replaces a file by JSON text with a newline at its end."""
    write(path, json.dumps(value, indent=indent, sort_keys=sort_keys) + "\n")


def append_line(path: str, line: str, head: str = "") -> None:
    """Adds a line to a record that several runs write; `head` begins a new one.  No run loses another's line."""
    folder = os.path.dirname(os.path.realpath(path))
    with lock(folder, wait_seconds=30):
        before = head
        if os.path.exists(path):
            before = read(path)
        if before and not before.endswith("\n"):
            before += "\n"
        write(path, before + line + "\n")


def read(path: str) -> str:
    """The text of a file; a Problem that names it if there is none, it is not UTF-8, or it has no end."""
    try:
        with open(path, "rb") as content:
            found = content.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise Problem("%s has more than %d MiB" % (shown(path), MOST_BYTES >> 20))
        return io.TextIOWrapper(io.BytesIO(found), encoding="utf-8").read()
    except OSError as error:
        raise Problem("%s cannot be read: %s" % (shown(path), error.strerror or error)) from error
    except UnicodeDecodeError as error:
        raise Problem("%s is not UTF-8 text: byte %d" % (shown(path), error.start)) from error


def read_json(path: str) -> Any:
    """The value in a JSON file; a Problem that names the file and the place if it is none."""
    try:
        return json.loads(read(path))
    except ValueError as error:
        raise Problem("%s is not JSON: %s" % (shown(path), error)) from error


def readable(path: str) -> str:
    """The absolute path of a file that can be read now."""
    if os.path.isdir(path):
        raise Problem("%s is a folder, not a file" % shown(path))
    try:
        # A pipe would wait for a writer, and lose what it wrote.
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except (OSError, ValueError) as error:
        raise Problem(
            "%s cannot be read: %s" % (shown(path), getattr(error, "strerror", None) or error)
        ) from error
    return os.path.abspath(path)


def _try_place(folder: str, what: str) -> None:
    """Makes a file in a folder and removes it: permissions alone do not tell, for root least of all."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=NEW_PREFIX, suffix=NEW_SUFFIX, dir=folder)
    except OSError as error:
        raise Problem("%s: %s in %s" % (what, error.strerror or error, shown(folder))) from error
    os.close(descriptor)
    os.unlink(name)


def writable(path: str) -> str:
    """The absolute path of a file that can be written at the end of the work; nothing is written now."""
    target = os.path.realpath(path)
    if path.endswith("/") or os.path.isdir(target):
        raise Problem("%s is a folder, not a file" % shown(path))
    special = os.path.exists(target) and not os.path.isfile(target)
    place = target if special else os.path.dirname(target)
    if not os.path.exists(place):
        raise Problem("%s cannot be written: there is no folder %s" % (shown(path), shown(place)))
    if not special and not os.path.isdir(place):
        raise Problem("%s cannot be written: %s is no folder" % (shown(path), shown(place)))
    if special and not os.access(place, os.W_OK):
        raise Problem("%s cannot be written: permission denied" % shown(path))
    if not special:
        _try_place(place, "%s cannot be written" % shown(path))
    if len(os.path.basename(os.fsencode(target))) > 255:
        raise Problem("%s cannot be written: the name is too long" % shown(path))
    return os.path.abspath(path)


def folder_possible(path: str) -> str:
    """The absolute path of a folder that is there and can be written to, or that could be made."""
    whole = os.path.abspath(path)
    place = whole
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    if not os.path.isdir(place):
        raise Problem("the folder %s cannot be made: %s is no folder" % (shown(path), shown(place)))
    _try_place(place, "the folder %s cannot be written to" % shown(path))
    return whole


def output_folder(path: str) -> str:
    """Makes a folder for results.  A new one gets a .gitignore of its own: results are no part of a tree."""
    whole = os.path.abspath(path)
    try:
        os.makedirs(whole, exist_ok=True)
        # What a killed run began to write is nothing yet.
        if all(
            name.startswith(NEW_PREFIX) and name.endswith(NEW_SUFFIX) for name in os.listdir(whole)
        ):
            write(os.path.join(whole, ".gitignore"), "*\n")
    except OSError as error:
        raise Problem(
            "the folder %s cannot be made: %s" % (shown(path), sentence(error))
        ) from error
    return require_room(whole)


@contextlib.contextmanager
def lock(
    folder: str, wait_seconds: float = 0, hint: str = "wait until it has ended"
) -> Iterator[None]:
    """Only one run at a time is inside, in a folder that is there.  Nothing is left behind, also after a kill.

    The lock is on the folder itself, and children do not inherit it.  A Problem with the hint if it is taken.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Problem(sentence(error)) from error
    until = time.monotonic() + wait_seconds
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Problem("another run works in %s: %s" % (shown(folder), hint)) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def require_room(folder: str) -> str:
    """The folder, if it takes a file as large as any that a tool or its compiler writes there.

    A compiler on a full disk, or under a limit on the size of files, dies with words about its input.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)
    except OSError as error:
        raise Problem(
            "a file of %d MiB cannot be written to %s: %s"
            % (ROOM_BYTES >> 20, shown(folder), error.strerror or error)
        ) from error
    return folder


def temporary_root() -> str:
    """The folder for temporary files: a test's own, or TMPDIR if it is set, and never another one then."""
    for variable in ("TEST_TMPDIR", "TMPDIR"):
        named = os.environ.get(variable)
        if named is None:
            continue
        if not os.path.isdir(named) or not os.access(named, os.W_OK | os.X_OK):
            raise Problem(
                "%s is %s, which is no folder that can be written to" % (variable, shown(named))
            )
        return require_room(os.path.abspath(named))
    return require_room(tempfile.gettempdir())


@contextlib.contextmanager
def temporary(name: str) -> Iterator[str]:
    """A folder of this run's own, with a name that nobody can foresee; gone when the block ends."""
    with tempfile.TemporaryDirectory(
        prefix=name + "-", dir=temporary_root(), ignore_cleanup_errors=True
    ) as folder:
        yield folder


@contextlib.contextmanager
def work_folder(keep: str | None, name: str) -> Iterator[str]:
    """A folder to work in: the one to keep, for one run at a time, or a temporary one."""
    if keep is None:
        with temporary(name) as folder:
            yield folder
        return
    output_folder(keep)
    with lock(keep, hint="wait until it has ended, or give another folder with --keep"):
        yield keep
