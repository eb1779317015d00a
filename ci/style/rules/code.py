"""code.py: rules of C: what includes what, what the core does without, and names."""
from __future__ import annotations

import os
import re

from rules.base import HANDED_OUT, PROVED, Breaches, File, rule
from rules.lengths import functions

# Words that a name must be spelled with, by abbreviation.  Go's short names (lo, hi, sp, pc, bp, g, m, p) are words.
ABBREVIATIONS = {
    "addr": "address",
    "buf": "buffer",
    "cfg": "configuration",
    "cnt": "count",
    "ctx": "context",
    "cur": "current",
    "curr": "current",
    "desc": "description",
    "dst": "destination",
    "elem": "element",
    "err": "error",
    "fn": "function",
    "func": "function",
    "hdr": "header",
    "idx": "index",
    "len": "length",
    "mem": "memory",
    "msg": "message",
    "nr": "number",
    "obj": "object",
    "param": "parameter",
    "prev": "previous",
    "ptr": "pointer",
    "res": "result",
    "sz": "size",
    "tbl": "table",
    "tmp": "temporary",
    "val": "value",
    "vec": "vector",
}
# Rooms, lowest first: a file includes its own room and those below.  A room has a layer of its own, so that no two
# rooms can include each other.
LAYERS = [
    "spec",
    "src/test",
    "src/core/status.h",
    "src/core/chan",
    "src/core/heap",
    "src/core/move",
    "proofs/laws",
    "src/contig.h",
    "src/runtime",
    "src/command",
    "src/bodies",
    "src/testing",
    "src/c",
    "src/script",
    "src/frames",
    "src/harness",
    "src/conform",
    "src/cli",
    "fuzz",
    "bench",
    "examples",
    "spec/vectors",
]


def layer_of(path: str) -> int | None:
    if path.startswith(HANDED_OUT):
        return len(LAYERS) - 1
    for number, room in enumerate(LAYERS):
        if path == room or path.startswith(room + "/"):
            return number
    return None


@rule("commented-code", "no statement is kept as a comment")
def commented_code(file: File) -> Breaches:
    if not file.is_source:
        return
    for number, match in file.find(r"//(?!@)[^\n]*|/\*(?!@).*?\*/", flags=re.S):
        for offset, line in enumerate(match.group().splitlines()):
            bare = re.sub(r"^\s*(?:/\*|//|\*)?\s*|\s*\*/\s*$", "", line)
            if re.match(
                r"(?:return\b[^.]*;|(?:if|while|for) \(.*\)\s*\{?$|[\w\->.\[\]]+ = [^;]+;$|\w+\([^)]*\);$)",
                bare,
            ):
                yield number + offset, bare


@rule("include-guard", "a header is guarded by a macro that is its path")
def include_guard(file: File) -> Breaches:
    if file.extension != ".h" or file.path.startswith(HANDED_OUT):
        return
    base = file.path[len("src/") :] if file.path.startswith("src/") else file.path
    wanted = "CONTIG_" + re.sub(r"\W", "_", base).upper()
    # The runtime's architecture folders are named without the word runtime.
    short = wanted.replace("CONTIG_RUNTIME_ARCH_", "CONTIG_ARCH_")
    if not re.search(
        r"^#ifndef (?:%s|%s)\n#define (?:%s|%s)\n" % (wanted, short, wanted, short),
        file.text,
        flags=re.M,
    ):
        yield 1, "no '#ifndef %s'" % wanted


def includes(file: File) -> Breaches:
    if file.extension in (".c", ".h", ".S"):
        for number, match in file.find(r'^\s*#\s*include\s+"([^"]+)"'):
            yield number, match.group(1)


@rule("include-root", "an include names a path from the root of the tree, and it exists")
def include_root(file: File) -> Breaches:
    for number, path in includes(file):
        if "/" not in path or not os.path.exists(os.path.join(file.root, path)):
            yield number, path


@rule(
    "include-direction",
    "includes go one way, from each room to those below: spec, core, runtime, what is built on them",
)
def include_direction(file: File) -> Breaches:
    own = layer_of(file.path)
    if own is None and file.is_source and not file.is_test and file.path.startswith("src/"):
        yield 1, "a room that LAYERS does not name"
    if own is None or file.is_test:
        return
    for number, path in includes(file):
        other = layer_of(path)
        # What stands beside tests uses what tests share, wherever they are.
        shared = "/test/" in file.path and path.startswith("src/testing/")
        if other is not None and other > own and not shared:
            yield number, path
        if path == "src/runtime/runtime.h" and file.path.startswith(
            ("src/frames/", "src/harness/")
        ):
            yield number, path + " is the runtime's own: src/runtime/testing.h shows what others see"
        if (
            "/" in path
            and "src/cli/" in path
            and not file.path.startswith("src/cli/")
            and not file.path.startswith("fuzz/")
        ):
            yield number, path + " belongs to the command"


@rule(
    "forbidden",
    "the core has no library, no casts between pointers, no goto, no float, no union, no conditional fork",
)
def forbidden(file: File) -> Breaches:
    if (
        not file.path.startswith(PROVED)
        or file.path.startswith(HANDED_OUT)
        or file.is_test
        or not file.is_source
    ):
        return
    patterns = [
        (r"\bgoto\b", "goto"),
        (r"\b(?:float|double)\b", "floating point"),
        (r"\bunion\b", "union"),
        (r"\b(?:malloc|calloc|realloc|free|printf|abort|assert)\s*\(", "a library function"),
        (r"\(\s*(?:const\s+)?(?:struct\s+)?\w+\s*\*+\s*\)\s*[\w(&]", "a cast to a pointer"),
        (r"^\s*#\s*include\s+<(?!std(?:bool|def|int)\.h)", "a header of the library"),
        (r"^\s*#\s*(?:pragma|if 0)", "a pragma, or code that is switched off"),
    ]
    for pattern, what in patterns:
        for number, match in file.find(pattern, file.code):
            yield number, what
    for number, match in file.find(r"__FRAMAC" + "__"):
        yield number, "the prover must see what the compiler sees"


@rule("abbreviation", "names are words: no abbreviations in the core")
def abbreviation(file: File) -> Breaches:
    if not file.path.startswith(PROVED) or not file.is_source:
        return
    seen = set()
    text = (
        file.text
        if file.extension == ".acsl"
        else file.code + "\n".join(text for _, text in file.annotations)
    )
    for word in re.findall(r"\b[a-z]\w+\b", text):
        for part in word.split("_"):
            if part in ABBREVIATIONS and word not in seen:
                seen.add(word)
                first = re.search(r"\b%s\b" % re.escape(word), file.text)
                yield file.line(first.start()) if first else 1, "%s: write '%s'" % (
                    word,
                    ABBREVIATIONS[part],
                )


@rule("names", "functions and variables are snake_case, macros and enumerators UPPER_CASE")
def names(file: File) -> Breaches:
    if file.extension not in (".c", ".h"):
        return
    for number, match in file.find(r"^\s*#\s*define\s+(\w+)", file.code):
        if re.search(r"[a-z]", match.group(1)) and not re.match(r"__", match.group(1)):
            yield number, "macro %s" % match.group(1)
    for name, number, _ in functions(file):
        if (
            name != "LLVMFuzzerTestOneInput"
            and not name.startswith(("LLVMFuzzer", "__"))
            and re.search(r"[A-Z]", name)
        ):
            yield number, "function %s" % name


@rule("shell-safety", "a script stops at the first error, or at the first name that is not set")
def shell_safety(file: File) -> Breaches:
    first = file.text.split("\n", 1)[0]
    if re.match(r"#!.*\b(?:ba)?sh\b", first) and not re.search(
        r"^set -\w*[eu]\w*", file.text, flags=re.M
    ):
        lines = [
            line for line in file.text.splitlines() if line.strip() and not line.startswith("#")
        ]
        if len(lines) > 1:
            yield 1, "neither 'set -e' nor 'set -u'"
