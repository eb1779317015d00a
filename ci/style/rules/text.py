"""text.py: rules of all texts: heads, blanks, characters, and what a document refers to."""
from __future__ import annotations

import os
import re

from rules.base import Breaches, File, rule

# Written in two parts, so that this file does not hold what it looks for.
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/"]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]


@rule("file-header", "a file begins with its name and a sentence that says what it is for")
def file_header(file: File) -> Breaches:
    if file.is_source or file.extension == ".pml":
        good = re.match(r"/\* (?:[\w/]+/)?%s[:,] \S" % re.escape(file.name), file.text)
    elif file.extension == ".sh" or (
        file.executable and file.text.startswith("#!") and "python" not in file.text[:40]
    ):
        good = re.match(
            r"#![^\n]*\n# (?:[\w/]+/)?%s\b.*\S" % re.escape(file.name), file.text
        ) or re.match(r"#![^\n]*\n# \w+ ", file.text)
    elif file.extension == ".py":
        good = re.match(r'(?:#![^\n]*\n)?"""\S', file.text)
    else:
        return
    if not good:
        yield 1, "the first comment does not begin with '%s:'" % file.name


@rule("whitespace", "no tab, no space at the end of a line, one newline at the end of a file")
def whitespace(file: File) -> Breaches:
    # Go is formatted with tabs, also where it stands in a string of a script; a table may end in spaces.
    no_tabs = file.is_source or file.extension == ".pml"
    pattern = r"[ \t]+$|\t" if no_tabs else r"[ \t]+$" if file.extension == ".sh" else r"(?!)"
    for number, match in file.find(pattern):
        yield number, "a tab, or a space at the end"
    if not file.text.endswith("\n") or file.text.endswith("\n\n"):
        yield file.text.count("\n") + 1, "a file ends with exactly one newline"


@rule("characters", "sources are ASCII")
def characters(file: File) -> Breaches:
    if file.is_source:
        for number, match in file.find(r"[^\x00-\x7f]"):
            yield number, "character %r" % match.group()


@rule("unfinished", "nothing is left for later in the sources")
def unfinished(file: File) -> Breaches:
    for number, match in file.find(r"\b(?:%s)\b" % "|".join(UNFINISHED)):
        yield number, match.group()


@rule("machine-path", "no path of somebody's machine")
def machine_path(file: File) -> Breaches:
    for path in MACHINE_PATHS:
        for number, _ in file.find(r"(?<![\w.\$}])" + re.escape(path)):
            yield number, path


@rule("links", "a link in a document leads to a file")
def links(file: File) -> Breaches:
    if file.extension != ".md":
        return
    for number, match in file.find(r"\]\(([^)#:]+)(?:#[^)]*)?\)"):
        target = os.path.join(os.path.dirname(file.path), match.group(1))
        if not os.path.exists(os.path.join(file.root, target)):
            yield number, match.group(1)


@rule("link-names", "a name that is a link occurs in the file it leads to")
def link_names(file: File) -> Breaches:
    if file.extension != ".md":
        return
    for number, match in file.find(r"\[`([^`]+)`\]\(([^)#:]+)(?:#[^)]*)?\)"):
        name, target = match.group(1), os.path.join(
            file.root, os.path.dirname(file.path), match.group(2)
        )
        if not os.path.isfile(target) or os.path.normpath(match.group(2)).endswith(name):
            continue
        with open(target, encoding="utf-8") as text:
            if not re.search(r"(?<!\w)%s(?!\w)" % re.escape(name), text.read()):
                yield number, "%s is not in %s" % (name, match.group(2))


@rule("document-paths", "a path or a test that a document names exists")
def document_paths(file: File) -> Breaches:
    if file.extension != ".md":
        return
    for number, match in file.find(
        r"`((?:src|spec|proofs|fuzz|bench|examples|ci)/[\w./*-]*[\w*/])"
    ):
        path = match.group(1)
        if (
            "*" not in path
            and not re.search(r"\b[A-Z]{3,}\b(?!\.md|/)", path)
            and not os.path.exists(os.path.join(file.root, path))
        ):
            yield number, path
    for number, match in file.find(r"//([\w/]+):(\w+)"):
        build = os.path.join(file.root, match.group(1), "BUILD")
        if not os.path.exists(build):
            yield number, match.group()
            continue
        with open(build, encoding="utf-8") as text:
            if '"%s"' % match.group(2) not in text.read():
                yield number, match.group()


# Under a limit of file sizes half of a file would stay, and be read.
@rule("bytecode", "a Python command leaves no bytecode")
def bytecode(file: File) -> Breaches:
    first = re.search(
        r"^ *(?:sys\.path(?:\[|\.)|import paths\b|from paths import)", file.text, flags=re.M
    )
    if (
        re.match(r"#!.*python", file.text)
        and not file.is_test
        and first
        and "\nsys.dont_write_bytecode = True\n" not in file.text[: first.start()]
    ):
        yield file.line(
            first.start()
        ), "set sys.dont_write_bytecode before the first module of the tree"
