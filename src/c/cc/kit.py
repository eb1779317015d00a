"""kit.py: what contig-cc works with: the plugin, the checker, the runtime, headers.  //src/c:kit puts them together."""
import os
from dataclasses import dataclass

from contig.tool import Problem, shown

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..")


@dataclass(frozen=True)
class Kit:
    """A folder with all of it."""

    folder: str

    def path(self, name: str) -> str:
        """A file of the kit."""
        return os.path.join(self.folder, name)

    def flags(self) -> list[str]:
        """How C is compiled: flags.txt without its reasons."""
        with open(self.path("flags.txt"), encoding="utf-8") as file:
            lines = [line.split("#", 1)[0].strip() for line in file]
        return [line for line in lines if line]

    def leaves(self) -> set[str]:
        """Functions of libraries that run on the goroutine's stack: those that the checker knows."""
        with open(self.path("leaves.h"), encoding="utf-8") as file:
            rows = [line.split("LEAF(", 1)[1] for line in file if line.startswith("    LEAF(")]
        return {row.split(",", 1)[0] for row in rows}


def find(wanted: str | None) -> Kit:
    """The kit that was named, or the one that Bazel built."""
    named = wanted or os.environ.get("CONTIG_KIT")
    places = [named] if named else [
        os.path.join(os.path.dirname(HERE), "kit"),
        os.path.join(TREE, "bazel-bin", "src", "c", "kit"),
    ]  # fmt: skip
    for place in places:
        if os.path.isfile(os.path.join(place, "flags.txt")):
            return Kit(os.path.abspath(place))
    if named:
        raise Problem("%s is no kit: it has no flags.txt" % shown(named))
    raise Problem("there is no kit: bazel build //src/c:kit makes it, --kit=DIR names another")
