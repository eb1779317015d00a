#!/usr/bin/env python3
"""make.py OUTDIR: writes contig_conform.c and contig_conform.h, the judge of traces as one C file for other projects.

The files of the tree stand in it once each, in an order in which each header comes before its first use.  Annotations
for the prover and ghost code are left out; nothing else of a file changes, but for these:
- A static function whose name another file has, too, gets the name of its file in front.
- A macro of a .c file ends with it.
- A function or variable that is not static gets contig_conform_ in front, so that no name of a runtime is taken.

With -DCONTIG_CONFORM_MAIN the file is the command, without it the functions of contig_conform.h.
"""
from __future__ import annotations

import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "ci"))
from contig import arguments, c_reader, files, tool  # noqa: E402

PREFIX = "contig_conform_"
PUBLIC = "src/conform/kit/contig_conform.h"
LIBRARY = [
    "src/core/heap",
    "src/core/move",
    "src/conform",
    "src/conform/moves",
    "src/conform/kit/kit.c",
]
# What only the command needs, its main last.
COMMAND = [
    "src/command",
    "src/conform/kit/trace_file_plain.c",
    "src/conform/options.c",
    "src/conform/conform.c",
    "src/conform/moves/command.c",
    "src/conform/program/main.c",
]
# Reads gzip, for which it needs zlib.
NOT_HERE = "src/conform/trace_file_gzip.c"

_ANNOTATION = re.compile(
    r'("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')|[ \t]*(?:/\*@.*?\*/|//@[^\n]*)[ \t]*\n?',
    flags=re.S,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"].*\n', flags=re.M)
_FEATURES = re.compile(r"^#define _(?:DEFAULT|GNU|POSIX_C)_SOURCE\b.*\n", flags=re.M)
# A type or a variable of a file.
_DEFINED = re.compile(
    r"^(?:static |const |struct |enum |union )+(?:\w+ )?\*?(?:const )?(\w+)"
    r"(?:\[[^;=]*?\])*(?: =[^=]| \{|;)",
    flags=re.M,
)
_HEAD = """\
/* contig_conform.c: made by src/conform/kit/make.py of contig; change that tree, not this file.
 *
 * Licensed under the Apache License, Version 2.0. */
#define _GNU_SOURCE /* getrandom, mmap, getopt_long */
#include "contig_conform.h"
"""
_CLANG = """\
/* Not every small function of a header is needed here. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wunused-function"
#endif
"""


def sources(places: list[str]) -> list[str]:
    """The .c files of folders, by name, and files as they are."""
    found: list[str] = []
    for place in places:
        if place.endswith(".c"):
            found.append(place)
            continue
        names = sorted(os.listdir(os.path.join(ROOT, place)))
        found += [place + "/" + name for name in names if name.endswith(".c")]
    return found


def without_annotations(text: str) -> str:
    return _ANNOTATION.sub(lambda match: match.group(1) or "", text)


class Kit:
    """The file as it grows."""

    def __init__(self) -> None:
        self.library = [path for path in sources(LIBRARY) if path not in COMMAND + [NOT_HERE]]
        self.command = sources(COMMAND)
        self.texts = {path: self.read(path) for path in self.library + self.command}
        self.system: set[str] = set()
        self.given: set[str] = set()  # headers that stand in it
        self.shared = self.shared_statics()
        self.refuse_shared()

    def read(self, path: str) -> str:
        return without_annotations(files.read(os.path.join(ROOT, path)))

    def functions(self, path: str) -> list[c_reader.Function]:
        return [one for one in c_reader.functions(path, self.texts[path]) if one.defined]

    def shared_statics(self) -> set[str]:
        """Names of static functions that more than one file has."""
        owners: dict[str, set[str]] = {}
        for path in self.texts:
            for one in self.functions(path):
                owners.setdefault(one.name, set()).add(path)
        return {name for name, paths in owners.items() if len(paths) > 1}

    def refuse_shared(self) -> None:
        """Types and variables that two files define: unlike functions they get no other name here."""
        owners: dict[str, str] = {}
        for path, text in self.texts.items():
            for name in set(_DEFINED.findall(c_reader.without_comments(text))):
                if name in owners:
                    raise tool.Problem(
                        "%s is defined in %s and in %s; one of them needs another name"
                        % (name, owners[name], path)
                    )
                owners[name] = path

    def exported(self) -> list[str]:
        """Names of functions and variables that a linker would see, but for the public ones."""
        names = {one.name for path in self.texts for one in self.functions(path) if not one.static}
        for path in self.given:
            names |= set(
                re.findall(r"^extern [^(;]*?(\w+)(?:\[[^;]*)?;", self.read(path), flags=re.M)
            )
        return sorted(name for name in names - {"main"} if not name.startswith(PREFIX))

    def part(self, path: str) -> str:
        """A source file: the headers that it needs first, its own names made its own."""
        text = self.texts[path]
        own = {one.name for one in self.functions(path) if one.static} & self.shared
        stem = os.path.splitext(os.path.basename(path))[0]
        for name in sorted(own):
            text = renamed(text, name, stem + "_" + name)
        macros = re.findall(r"^#define (\w+)", _FEATURES.sub("", text), flags=re.M)
        ends = "".join("#undef %s\n" % name for name in macros)
        return self.resolved(path, text) + ends

    def resolved(self, path: str, text: str) -> str:
        """The text with each include in its place, or nothing where the header was already."""

        def header(match: re.Match[str]) -> str:
            kind, name = match.groups()
            if kind == "<":
                self.system.add(name)
                return ""
            if name == PUBLIC:
                return ""
            if name.endswith(".acsl") or name in self.given:
                return ""
            self.given.add(name)
            return self.resolved(name, self.read(name))

        body = _INCLUDE.sub(header, _FEATURES.sub("", text))
        return "\n/* ---- %s ---- */\n%s\n" % (path, body.strip("\n"))

    def text(self) -> str:
        library = "".join(self.part(path) for path in self.library)
        command = "".join(self.part(path) for path in self.command)
        names = "".join("#define %s %s%s\n" % (name, PREFIX, name) for name in self.exported())
        includes = "".join("#include <%s>\n" % name for name in sorted(self.system))
        parts = [_HEAD, includes, _CLANG, names, library, "\n#ifdef CONTIG_CONFORM_MAIN\n"]
        return "\n".join(parts) + command + "\n#endif\n"


def renamed(text: str, name: str, new: str) -> str:
    """The text with another name for a function: not where it is a member, nor in comments and strings."""
    token = re.compile(
        r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|(?<![\w.])(?<!->)%s\b' % re.escape(name), flags=re.S
    )
    return token.sub(lambda match: new if match.group() == name else match.group(), text)


def main() -> int:
    parser = arguments.Parser("make.py", __doc__ or "")
    parser.add_argument("folder", type=arguments.output_folder)
    folder = files.output_folder(parser.read().folder)
    files.write(os.path.join(folder, "contig_conform.c"), Kit().text())
    files.write(os.path.join(folder, "contig_conform.h"), files.read(os.path.join(ROOT, PUBLIC)))
    return 0


if __name__ == "__main__":
    tool.run("make.py", main)
