#!/usr/bin/env python3
"""style.py [--root DIR] [--rules]: the house style, as far as a program can tell.

Reads every source of the tree and prints a line for each breach: FILE:LINE: RULE: what is wrong.  --rules prints the
rules.  The exit status is 1 if something was found.  style_test.sh breaks each rule on purpose.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
from contig import arguments, c_reader, tool  # noqa: E402
from contig import tree as tree_of_git  # noqa: E402

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
# Rooms, lowest first: a file includes its own room and those below.  A room has a layer of its own, so that no two rooms
# can include each other.
LAYERS = [
    "spec",
    "src/test",
    "src/core/status.h",
    "src/core/heap",
    "src/core/move",
    "proofs/laws",
    "src/contig.h",
    "src/runtime",
    "src/command",
    "src/bodies",
    "src/testing",
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
# Programs that are handed to other runtimes: they are no part of the specification's sources.
HANDED_OUT = "spec/vectors/"
# What is proved, and the words in which it is stated.
PROVED = ("src/core/", "proofs/laws/", "spec/")
FUNCTION_LINES = 40
FILE_LINES = 500
PYTHON_FILE_LINES = 1000
ASSERTS = 4
CORE_CHARACTERS = 130
LINE_CHARACTERS = 220
SOURCE = (".c", ".h", ".S", ".acsl")
TEXT = SOURCE + (".py", ".sh", ".md", ".bzl", ".go", "BUILD")
# Written in two parts, so that this file does not hold what it looks for.
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/"]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

RULES = {}


def rule(name, what):
    """Registers a check: it yields (line, text) for one file, or (path, line, text) for the tree."""

    def register(check):
        RULES[name] = (what, check)
        return check

    return register


class File:
    """A file, with its comments and its code kept apart but in place."""

    def __init__(self, root, path, text=None):
        self.root, self.path = root, path
        self.name = os.path.basename(path)
        self.text = text
        if text is None:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as content:
                self.text = content.read()
        self.extension = os.path.splitext(path)[1]
        self.is_source = path.endswith(SOURCE)
        self.is_test = re.search(r"_test\.\w+$", path) is not None
        self.executable = self.text.startswith("#!")
        if self.is_source:
            self.code = self._blank(r"/\*.*?\*/|//[^\n]*")
            self.annotations = self._annotations()

    def _blank(self, pattern):
        """The text with comments and strings replaced by spaces, lines kept."""
        return re.sub(
            r'"(?:[^"\\\n]|\\.)*"|' + pattern,
            lambda m: re.sub(r"[^\n]", " ", m.group()),
            self.text,
            flags=re.S,
        )

    def _annotations(self):
        """(line, text) of each ACSL comment, or of all comments of a vocabulary file."""
        found = []
        for match in re.finditer(
            r'"(?:[^"\\\n]|\\.)*"|/\*(.*?)\*/|//([^\n]*)', self.text, flags=re.S
        ):
            content = match.group(1) if match.group(1) is not None else match.group(2)
            if content is not None and content.startswith("@"):
                found.append((self.line(match.start()), content[1:]))
        return found

    def line(self, position):
        return self.text.count("\n", 0, position) + 1

    def find(self, pattern, text=None, flags=0):
        for match in re.finditer(pattern, self.text if text is None else text, flags=flags | re.M):
            yield self.line(match.start()), match


def layer_of(path):
    if path.startswith(HANDED_OUT):
        return len(LAYERS) - 1
    for number, room in enumerate(LAYERS):
        if path == room or path.startswith(room + "/"):
            return number
    return None


# ---- Text


@rule("file-header", "a file begins with its name and a sentence that says what it is for")
def file_header(file):
    if file.extension in (".c", ".h", ".S", ".acsl"):
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


@rule(
    "line-length",
    "no line is longer than %d characters; in the core and the specification %d"
    % (LINE_CHARACTERS, CORE_CHARACTERS),
)
def line_length(file):
    if file.extension == ".md":
        return
    core = file.is_source and file.path.startswith(PROVED) and not file.path.startswith(HANDED_OUT)
    limit = CORE_CHARACTERS if core else LINE_CHARACTERS
    for number, line in enumerate(file.text.splitlines(), 1):
        if len(line) > limit:
            yield number, "%d characters" % len(line)


@rule("whitespace", "no tab, no space at the end of a line, one newline at the end of a file")
def whitespace(file):
    # Go is formatted with tabs, also where it stands in a string of a script; a table may end in spaces.
    pattern = (
        r"[ \t]+$|\t" if file.is_source else r"[ \t]+$" if file.extension == ".sh" else r"(?!)"
    )
    for number, match in file.find(pattern):
        yield number, "a tab, or a space at the end"
    if not file.text.endswith("\n") or file.text.endswith("\n\n"):
        yield file.text.count("\n") + 1, "a file ends with exactly one newline"


@rule("characters", "sources are ASCII")
def characters(file):
    if file.is_source:
        for number, match in file.find(r"[^\x00-\x7f]"):
            yield number, "character %r" % match.group()


@rule("unfinished", "nothing is left for later in the sources")
def unfinished(file):
    for number, match in file.find(r"\b(?:%s)\b" % "|".join(UNFINISHED)):
        yield number, match.group()


@rule("machine-path", "no path of somebody's machine")
def machine_path(file):
    for path in MACHINE_PATHS:
        for number, _ in file.find(r"(?<![\w.\$}])" + re.escape(path)):
            yield number, path


@rule("links", "a link in a document leads to a file")
def links(file):
    if file.extension != ".md":
        return
    for number, match in file.find(r"\]\(([^)#:]+)(?:#[^)]*)?\)"):
        target = os.path.join(os.path.dirname(file.path), match.group(1))
        if not os.path.exists(os.path.join(file.root, target)):
            yield number, match.group(1)


@rule("link-names", "a name that is a link occurs in the file it leads to")
def link_names(file):
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
def document_paths(file):
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


# ---- Code


@rule("commented-code", "no statement is kept as a comment")
def commented_code(file):
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


def functions(file):
    """(name, first line, lines) of each function definition of a C file."""
    for match in re.finditer(
        r"^(?!\s|#|struct \w+ \{|enum|union|typedef|extern)[^\n;={}]*?\b(\w+)\([^;{}]*?\)\s*\{",
        file.code,
        flags=re.M | re.S,
    ):
        depth, position = 1, match.end()
        while depth and position < len(file.code):
            depth += {"{": 1, "}": -1}.get(file.code[position], 0)
            position += 1
        # Annotations do not count: a loop invariant makes a function clearer, not longer.
        body = file.code[match.end() : position]
        yield match.group(1), file.line(match.start()), sum(
            1 for line in body.splitlines() if line.strip()
        )


@rule("function-length", "a function has at most %d lines of code" % FUNCTION_LINES)
def function_length(file):
    if file.extension in (".c", ".h"):
        for name, number, lines in functions(file):
            if lines > FUNCTION_LINES:
                yield number, "%s has %d" % (name, lines)


@rule(
    "file-length",
    "a source has at most %d lines, of Python %d" % (FILE_LINES, PYTHON_FILE_LINES),
)
def file_length(file):
    if file.is_source or file.extension == ".py":
        lines = file.text.count("\n")
        if lines > (FILE_LINES if file.is_source else PYTHON_FILE_LINES):
            yield 1, "%d lines" % lines


@rule("include-guard", "a header is guarded by a macro that is its path")
def include_guard(file):
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


def includes(file):
    if file.extension in (".c", ".h", ".S"):
        for number, match in file.find(r'^\s*#\s*include\s+"([^"]+)"'):
            yield number, match.group(1)


@rule("include-root", "an include names a path from the root of the tree, and it exists")
def include_root(file):
    for number, path in includes(file):
        if "/" not in path or not os.path.exists(os.path.join(file.root, path)):
            yield number, path


@rule(
    "include-direction",
    "includes go one way, from each room to those below: spec, core, runtime, what is built on them",
)
def include_direction(file):
    own = layer_of(file.path)
    if own is None and file.is_source and not file.is_test and file.path.startswith("src/"):
        yield 1, "a room that LAYERS does not name"
    if own is None or file.is_test:
        return
    for number, path in includes(file):
        other = layer_of(path)
        if other is not None and other > own:
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
def forbidden(file):
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
def abbreviation(file):
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
def names(file):
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
def shell_safety(file):
    first = file.text.split("\n", 1)[0]
    if re.match(r"#!.*\b(?:ba)?sh\b", first) and not re.search(
        r"^set -\w*[eu]\w*", file.text, flags=re.M
    ):
        lines = [
            line for line in file.text.splitlines() if line.strip() and not line.startswith("#")
        ]
        if len(lines) > 1:
            yield 1, "neither 'set -e' nor 'set -u'"


# ---- Contracts

CLAUSE = re.compile(
    r"\b(requires|ensures|assumes|loop invariant|invariant|assert|check)\b\s*([^;]*)", flags=re.S
)
DEFINITION = re.compile(r"\b(?:predicate|logic\s+[\w\s]+?)\s(\w+)\s*(?:\{[^}]*\})?\s*[(=]")


def is_contract_text(file):
    return (
        file.path.startswith(("src/core/", "proofs/"))
        and file.extension in (".c", ".h")
        and not file.is_test
    )


@rule("named-clause", "each clause of a contract, loop and assertion has a name")
def named_clause(file):
    if not is_contract_text(file):
        return
    for number, text in file.annotations:
        for match in re.finditer(
            r"(?:^|;|\s|@)(requires|ensures|loop invariant|assert)\s+(?=\S)(?!\w+\s*:(?!:))", text
        ):
            if re.match(r"\s*//", text):
                continue
            yield number + text.count("\n", 0, match.start(1)), match.group(1) + " " + text[
                match.end() : match.end() + 40
            ].split("\n")[0]


@rule(
    "contract-at-declaration",
    "a function that a header declares has its contract there, and not in the .c file",
)
def contract_at_declaration(file):
    if not file.path.startswith("src/core/") or file.extension != ".c" or file.is_test:
        return
    header = file.path[:-2] + ".h"
    for match in re.finditer(
        r"/\*@(?!\s*ghost)((?:(?!\*/).)*?\b(?:requires|ensures|assigns)\b(?:(?!\*/).)*)\*/\s*(?!static)(?:enum |struct |const )?\w[\w\s\*]*?\b(\w+)\(",
        file.text,
        flags=re.S,
    ):
        between = file.text[match.end(1) : match.start(2)]
        if (
            "static" in between
            or re.search(r"\b(?:loop|assert)\b", match.group(1).split(";")[0])
            or re.search(r"[;{}=]", between)
        ):
            continue
        yield file.line(match.start()), "the contract of %s belongs into %s" % (
            match.group(2),
            os.path.basename(header),
        )


@rule("contract-complete", "a contract says what it changes, and that it returns")
def contract_complete(file):
    if not is_contract_text(file):
        return
    for number, text in file.annotations:
        if re.search(r"^\s*(?:requires|ensures)\b", text) and not re.search(r"\bassigns\b", text):
            yield number, "no 'assigns'"


@rule("loop-complete", "each annotated loop says what it changes and why it ends")
def loop_complete(file):
    if not is_contract_text(file):
        return
    for number, text in file.annotations:
        if re.match(r"\s*ghost\b", text):
            continue
        if "loop invariant" in text and not ("loop assigns" in text and "loop variant" in text):
            yield number, "an invariant without 'loop assigns' and 'loop variant'"


@rule(
    "few-asserts",
    "a function has at most %d asserts; what needs more is a ghost function of its own" % ASSERTS,
)
def few_asserts(file):
    if not is_contract_text(file):
        return
    for one in c_reader.functions(file.path, file.text, {}):
        count = len(re.findall(r"\b(?:assert|check)\s+\w+\s*:", one.body))
        if count > ASSERTS:
            yield one.line, "%s has %d" % (one.name, count)


@rule("assumption", "nothing is assumed: no admit, axiom or lemma")
def assumption(file):
    if not file.path.startswith(PROVED) or not file.is_source:
        return
    text = file.text if file.extension == ".acsl" else "\n" * 0
    for number, content in file.annotations + ([(1, text)] if text else []):
        for match in re.finditer(r"\b(?:admit|axiom|axiomatic|lemma)\b(?=\s+\w+\s*[:{(])", content):
            yield number + content.count("\n", 0, match.start()), match.group()


@rule("undeclared", "a function of the core is static or declared in a header")
def undeclared(file):
    if not file.path.startswith("src/core/") or file.extension != ".c" or file.is_test:
        return
    headers = file.tree_text("src/core", ".h")
    for match in re.finditer(
        r"^(?!static|\s|#|struct \w+ \{|enum \{|extern)(?:[\w\*]+\s+\**)+(\w+)\([^;{}]*?\)\s*\{",
        file.code,
        flags=re.M | re.S,
    ):
        if not re.search(r"\b%s\s*\(" % match.group(1), headers):
            yield file.line(match.start()), match.group(1)


# ---- The whole tree


# Under a limit of file sizes half of a file would stay, and be read.
@rule("bytecode", "a Python command leaves no bytecode")
def bytecode(file):
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


@rule("dead-definition", "each word of the vocabulary is used")
def dead_definition(tree):
    used = {}
    for file in tree:
        if file.is_source:
            for word in re.findall(
                r"\w+",
                file.text
                if file.extension == ".acsl"
                else " ".join(
                    [text for _, text in file.annotations]
                    + re.findall(r"^#\s*define.*(?:\\\n.*)*", file.text, flags=re.M)
                ),
            ):
                used[word] = used.get(word, 0) + 1
    for file in tree:
        if file.extension == ".acsl":
            body = re.sub(r"//[^\n]*", "", file.text)
            for match in DEFINITION.finditer(body):
                if used.get(match.group(1), 0) < 2:
                    yield file.path, file.line(max(file.text.find(match.group(1)), 0)), match.group(
                        1
                    )


@rule("source-in-build", "each source is in a BUILD file")
def source_in_build(tree):
    # What is only read as text is not built by that.
    builds = {
        os.path.dirname(file.path): re.sub(
            r'^filegroup\(\n    name = "(?:tagged|sources)".*?^\)', "", file.text, flags=re.M | re.S
        )
        for file in tree
        if file.name == "BUILD"
    }
    for file in tree:
        if file.extension not in (".c", ".S"):
            continue
        folder = os.path.dirname(file.path)
        package = folder
        while package and package not in builds:
            package = os.path.dirname(package)
        relative = file.path[len(package) + 1 :] if package else file.path
        patterns = re.findall(r'"([^"\n]+)"', builds.get(package, ""))
        # A list of targets may name a source without its ending.
        if not any(
            p in (relative, os.path.splitext(relative)[0])
            or (
                p.count("*")
                and re.fullmatch(
                    re.escape(p)
                    .replace(r"\*\*/", "(?:.*/)?")
                    .replace(r"\*\*", ".*")
                    .replace(r"\*", "[^/]*"),
                    relative,
                )
            )
            for p in patterns
        ):
            yield file.path, 1, "not in %s/BUILD" % (package or ".")


@rule("folder-readme", "each top-level folder is named in README.md")
def folder_readme(tree):
    readme = next((file.text for file in tree if file.path == "README.md"), "")
    for folder in sorted({file.path.split("/")[0] for file in tree if "/" in file.path}):
        if not folder.startswith(".") and not re.search(
            r"`%s(?:/[\w/.]*)?`|\b%s/" % (folder, folder), readme
        ):
            yield "README.md", 1, "it does not say what is in %s/" % folder


WHOLE_TREE = {"dead-definition", "source-in-build", "folder-readme"}


# Folders of inputs.
NOT_OURS = {"corpus", "traces", ".ci", ".github"}


def paths(root):
    """Sources and documents of the tree: what git tracks or would add, and nothing that a tool left in the checkout."""
    for path in tree_of_git.files(root):
        folder, name = os.path.split(path)
        executable = os.access(os.path.join(root, path), os.X_OK) and "." not in name
        if (name.endswith(TEXT) or executable) and not NOT_OURS & set(folder.split("/")):
            yield path


def load(root):
    tree = [File(root, path) for path in paths(root)]
    join(tree)
    return tree


def join(tree):
    """Lets each file see the text of all headers of a folder."""
    cache = {}

    def tree_text(folder, extension):
        key = (folder, extension)
        if key not in cache:
            cache[key] = "\n".join(
                file.text
                for file in tree
                if file.path.startswith(folder + "/") and file.extension == extension
            )
        return cache[key]

    for file in tree:
        file.tree_text = tree_text


def breaches(tree, name):
    """(path, line, rule, text) for each breach of one rule."""
    check = RULES[name][1]
    if name in WHOLE_TREE:
        return [(path, number, name, text) for path, number, text in check(tree)]
    return [(file.path, number, name, text) for file in tree for number, text in check(file)]


def main():
    parser = arguments.Parser("style.py", __doc__)
    parser.add_argument(
        "--root", type=arguments.input_folder, default=os.path.normpath(os.path.join(HERE, "../.."))
    )
    parser.add_argument("--rules", action="store_true")
    options = parser.read()
    if options.rules:
        for name, (what, _) in RULES.items():
            print("%-24s %s" % (name, what))
        return 0
    tree = load(options.root)
    findings = [breach for name in RULES for breach in breaches(tree, name)]
    for path, number, name, text in sorted(findings):
        print("%s:%d: %s: %s" % (path, number, name, text))
    print("%d files, %d rules, %d findings" % (len(tree), len(RULES), len(findings)))
    return 1 if findings else 0


if __name__ == "__main__":
    tool.run("style.py", main)
