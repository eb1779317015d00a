"""whole.py: rules of the whole tree: what is nowhere used, not built, or listed in one place and not in another."""
from __future__ import annotations

import os
import re
from collections import Counter

from contig import c_platforms, starlark, targets
from rules.base import BreachesOfTree, File, Tree, tree_rule

PLATFORMS = "spec/platforms.bzl"
DEFINITION = re.compile(r"\b(?:predicate|logic\s+[\w\s]+?)\s(\w+)\s*(?:\{[^}]*\})?\s*[(=]")


def _vocabulary_words(file: File) -> list[str]:
    """The words of a source in which the vocabulary could be used."""
    if file.extension == ".acsl":
        return re.findall(r"\w+", file.text)
    macros = re.findall(r"^#\s*define.*(?:\\\n.*)*", file.text, flags=re.M)
    return re.findall(r"\w+", " ".join([text for _, text in file.annotations] + macros))


@tree_rule("dead-definition", "each word of the vocabulary is used")
def dead_definition(tree: Tree) -> BreachesOfTree:
    used = Counter(
        word for file in tree.files if file.is_source for word in _vocabulary_words(file)
    )
    for file in tree.files:
        if file.extension == ".acsl":
            for match in DEFINITION.finditer(re.sub(r"//[^\n]*", "", file.text)):
                if used[match.group(1)] < 2:
                    place = max(file.text.find(match.group(1)), 0)
                    yield file.path, file.line(place), match.group(1)


def _fits(pattern: str, path: str) -> bool:
    """Whether a string of a BUILD file means a path.  A list of targets may name a source without its ending."""
    if pattern in (path, os.path.splitext(path)[0]):
        return True
    words = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    return "*" in pattern and re.fullmatch(words.replace(r"\*", "[^/]*"), path) is not None


def _built(tree: Tree) -> dict[str, list[str]]:
    """The strings of each package's BUILD and .bzl files, by folder.  What is only read as text is not built."""
    found: dict[str, list[str]] = {}
    read = r'^filegroup\(\n    name = "(?:tagged|sources|replayed)".*?^\)'
    for file in tree.files:
        if file.language == "starlark":
            text = re.sub(read, "", file.text, flags=re.M | re.S)
            strings = found.setdefault(os.path.dirname(file.path), [])
            strings += re.findall(r'"([^"\n]+)"', text)
    return found


@tree_rule("source-in-build", "each source is in a BUILD file")
def source_in_build(tree: Tree) -> BreachesOfTree:
    built = _built(tree)
    for file in tree.files:
        if file.extension not in (".c", ".S"):
            continue
        package = os.path.dirname(file.path)
        while package and package not in built:
            package = os.path.dirname(package)
        relative = os.path.relpath(file.path, package or ".")
        if not any(_fits(pattern, relative) for pattern in built.get(package, [])):
            yield file.path, 1, "not in %s/BUILD" % (package or ".")


@tree_rule(
    "fuzz-targets", "fuzz/*_fuzz.c, fuzz/targets.bzl and fuzz/README.md name the same targets"
)
def fuzz_targets(tree: Tree) -> BreachesOfTree:
    listed = targets.load_text(tree.text_of(targets.LIST))
    sources = [file.path for file in tree.files if re.fullmatch(r"fuzz/\w+_fuzz\.c", file.path)]
    for path in sources:
        if os.path.basename(path)[: -len(".c")] not in listed:
            yield path, 1, "not in %s" % targets.LIST
    for name in listed:
        if "fuzz/%s.c" % name not in sources:
            yield targets.LIST, 1, "there is no fuzz/%s.c" % name
    readme = tree.text_of("fuzz/README.md")
    rows = re.findall(r"^\| `(\w+_fuzz)` \| (.*) \|$", readme, flags=re.M)
    if rows != [(name, target.purpose) for name, target in listed.items()]:
        yield "fuzz/README.md", 1, "its table is not that of %s" % targets.LIST
    used = {target.dictionary for target in listed.values()}
    for file in tree.files:
        if re.fullmatch(r"fuzz/[\w.]+\.dict", file.path) and file.name not in used:
            yield file.path, 1, "no target has this dictionary"


@tree_rule("platforms", "spec/platforms.bzl lists the rows of spec/platform.h")
def platforms(tree: Tree) -> BreachesOfTree:
    listed = starlark.literal_in(tree.text_of(PLATFORMS), PLATFORMS, "PLATFORMS")
    rows = c_platforms.names_in(tree.text_of(c_platforms.TABLE))
    if listed != rows:
        yield PLATFORMS, 1, "%s where the table has %s" % (", ".join(listed), ", ".join(rows))


@tree_rule("folder-readme", "each top-level folder is named in README.md")
def folder_readme(tree: Tree) -> BreachesOfTree:
    readme = tree.text_of("README.md")
    for folder in sorted({file.path.split("/")[0] for file in tree.files if "/" in file.path}):
        if not folder.startswith(".") and not re.search(
            r"`%s(?:/[\w/.]*)?`|\b%s/" % (folder, folder), readme
        ):
            yield "README.md", 1, "it does not say what is in %s/" % folder
