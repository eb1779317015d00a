"""ratio.py: lines of annotation per line of code, in src/core, proofs/laws and spec."""
from __future__ import annotations

import re

from contig import c_lexer

import source


def count(path: str) -> tuple[int, int]:
    """(lines with code, lines with annotation) of one file; comments and empty lines are neither."""
    with open(path, encoding="utf-8") as text:
        content = text.read()

    def marked(comment: c_lexer.Comment) -> str:
        """An annotation keeps its lines as "@", any other comment becomes nothing."""
        if comment.is_annotation:
            return re.sub(r"[^\n]*\S[^\n]*", "@", comment.text)
        return c_lexer.blanks(comment.text)

    lines = [line.strip() for line in c_lexer.with_comments(content, marked).splitlines()]
    annotations = sum(line.startswith("@") for line in lines)
    return sum(map(bool, lines)) - annotations, annotations


def print_table() -> int:
    totals: dict[str, list[int]] = {}
    for folder in (source.CORE, source.LAWS, source.VOCABULARY):
        for path in source.files((".c", ".h", ".acsl"), folder):
            code, annotations = count(path)
            so_far = totals.setdefault(folder, [0, 0])
            so_far[0] += code
            so_far[1] += annotations
            print(f"{path:<40} {code:6d} lines of code {annotations:6d} of annotation")
    code, annotations = totals[source.CORE]
    print(
        f"{source.CORE}: {code} lines of code, {annotations} of annotation, "
        f"ratio {annotations / max(code, 1):.2f}; laws: {totals[source.LAWS][1]} lines of annotation; "
        f"spec: {totals[source.VOCABULARY][1]} of vocabulary"
    )
    return 0
