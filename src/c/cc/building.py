"""building.py: the programs that contig-cc runs."""
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

from contig.tool import Problem, shown

from cc.kit import Kit

# Its split-stack prologues, its safe-stack pass and the plugin's interface are those of one version.
CLANG = "clang-14"


def run(words: Sequence[str]) -> int:
    """A program's status; its output is the caller's."""
    try:
        return subprocess.run(words, check=False).returncode
    except FileNotFoundError:
        raise Problem("%s is not installed" % shown(words[0])) from None


def must(words: Sequence[str]) -> None:
    """The same for a program that has said itself why it failed."""
    status = run(words)
    if status != 0:
        raise Problem("%s ended with status %d" % (os.path.basename(words[0]), status))


def _printed(words: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(words, check=False, stdout=subprocess.PIPE, encoding="utf-8")
    except FileNotFoundError:
        raise Problem("%s is not installed" % shown(words[0])) from None
    return done.returncode, done.stdout


def output(words: Sequence[str]) -> str:
    """What a program prints."""
    status, printed = _printed(words)
    if status != 0:
        raise Problem("%s ended with status %d" % (os.path.basename(words[0]), status))
    return printed


def is_fit(words: Sequence[str]) -> bool:
    """The checker's verdict; its sentences are shown if there is something to say."""
    status, printed = _printed(words)
    if status not in (0, 1):
        raise Problem("%s ended with status %d" % (os.path.basename(words[0]), status))
    if status == 1:
        sys.stderr.write(printed)
    return status == 0


def compile_one(kit: Kit, options: Sequence[str], source: str, made: str) -> None:
    """An object for goroutines.  The table of sites has lines if the object has."""
    lines = [] if any(word.startswith("-g") for word in options) else ["-gline-tables-only"]
    plugin = "-fpass-plugin=" + kit.path("contig_plugin.so")
    include = ["-I" + kit.path(place) for place in ("include", "include/src", "include/src/c")]
    must([CLANG, *lines, *options, *kit.flags(), plugin, *include, "-c", source, "-o", made])


@contextlib.contextmanager
def steps_folder(wanted: str | None) -> Iterator[str]:
    """A folder for what is made on the way: the caller's, or one that is removed."""
    if wanted is not None:
        os.makedirs(wanted, exist_ok=True)
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="contig-cc-") as folder:
        yield folder
