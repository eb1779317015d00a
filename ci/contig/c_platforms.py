"""c_platforms.py: the platforms that the core is proved and tested for: the rows of the table in spec/platform.h.

Bazel cannot read a header: spec/platforms.bzl lists the same names for it, and ci/style/style.py compares the two.
"""
import os
import re

TABLE = "spec/platform.h"
PREFIX = "CONTIG_"


def names_in(text: str) -> list[str]:
    """The names in the text of the table, the default first."""
    rows = re.findall(rf"^#(?:el)?if CONTIG_PLATFORM == {PREFIX}(\w+)$", text, flags=re.M)
    return [row.lower() for row in rows]


def names(root: str) -> list[str]:
    """The names of all platforms, the default first."""
    with open(os.path.join(root, TABLE), encoding="utf-8") as text:
        return names_in(text.read())


def macro(name: str) -> str:
    """What CONTIG_PLATFORM is for this platform."""
    return PREFIX + name.upper()
