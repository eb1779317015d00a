"""targets.py: the fuzz targets, for what runs them and for what counts them."""
import ast
import os
import re

from contig import files


def fuzz_targets(root: str) -> list[str]:
    """The list in fuzz/run, which is where a target is made known."""
    text = files.read(os.path.join(root, "fuzz/run"))
    found = re.search(r"^TARGETS = (\[[^\]]*\])", text, flags=re.M)
    return list(ast.literal_eval(found.group(1))) if found else []
