"""ratio.py: lines of annotation per line of code, in src/core, proofs/laws and spec."""
import re

import source


def count(path):
    """(lines with code, lines with annotation) of one file; comments and empty lines are neither."""
    with open(path, encoding="utf-8") as text:
        content = text.read()
    # An annotation keeps its lines as "@", any other comment becomes nothing, and strings stay.
    annotated = re.sub(
        r"/\*@.*?\*/|//@[^\n]*",
        lambda match: re.sub(r"[^\n]*\S[^\n]*", "@", match.group()),
        content,
        flags=re.S,
    )
    plain = re.sub(
        r"/\*.*?\*/|//[^\n]*",
        lambda match: re.sub(r"[^\n]", "", match.group()),
        annotated,
        flags=re.S,
    )
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    annotations = sum(line.startswith("@") for line in lines)
    return len(lines) - annotations, annotations


def print_table():
    totals = {}
    for folder in (source.CORE, source.LAWS, source.VOCABULARY):
        for path in source.files((".c", ".h", ".acsl"), folder):
            code, annotations = count(path)
            so_far = totals.setdefault(folder, [0, 0])
            so_far[0] += code
            so_far[1] += annotations
            print("%-40s %6d lines of code %6d of annotation" % (path, code, annotations))
    code, annotations = totals[source.CORE]
    print(
        "%s: %d lines of code, %d of annotation, ratio %.2f; laws: %d lines of annotation; spec: %d of vocabulary"
        % (
            source.CORE,
            code,
            annotations,
            annotations / max(code, 1),
            totals[source.LAWS][1],
            totals[source.VOCABULARY][1],
        )
    )
    return 0
