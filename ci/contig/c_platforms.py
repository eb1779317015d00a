"""c_platforms.py: the platforms that the core is proved and tested for: the rows of the table in spec/platform.h.

Bazel cannot read a header: spec/platforms.bzl lists the same names for it, and ci/style/style.py compares the two.
"""
import os
import re

TABLE = "spec/platform.h"
PREFIX = "CONTIG_"


def rows_in(text: str) -> dict[str, dict[str, int]]:
    """{name: {macro: size}} of the text of the table, the default first: the sizes in the lines after the name."""
    row = rf"^#(?:el)?if CONTIG_PLATFORM == {PREFIX}(\w+)\n((?:#define \w+ \d+u\n)*)"
    return {
        name.lower(): {macro: int(size) for macro, size in re.findall(r"(\w+) (\d+)u\n", sizes)}
        for name, sizes in re.findall(row, text, flags=re.M)
    }


def names_in(text: str) -> list[str]:
    """The names in the text of the table, the default first."""
    return list(rows_in(text))


def names(root: str) -> list[str]:
    """The names of all platforms, the default first."""
    with open(os.path.join(root, TABLE), encoding="utf-8") as text:
        return names_in(text.read())


def macro(name: str) -> str:
    """What CONTIG_PLATFORM is for this platform."""
    return PREFIX + name.upper()
