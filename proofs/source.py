"""source.py: what stands in src/core and proofs/laws, seen by clang and by Frama-C, and not by WP.

A proof that leaves a function out is found by comparing WP's report with these lists.  Contracts, loops and
vocabulary are read from the syntax tree that Frama-C prints, never from the source text, so that a macro or a
line break cannot hide one.
"""
import ast
import hashlib
import json
import os
import re
import subprocess

import frama_c

CORE, LAWS, VOCABULARY = "src/core", "proofs/laws", "spec"
# Folders with programs, which are not proved: tests, and the checker that is handed to other runtimes.
PROGRAMS = ("test", "vectors")


def files(extensions, *tops):
    """The files with these endings in these folders and below, but for programs."""
    found = []
    for top in tops:
        for folder, below, names in os.walk(top):
            below[:] = sorted(name for name in below if name not in PROGRAMS)
            found += [
                "%s/%s" % (folder, name)
                for name in sorted(names)
                if name.endswith(extensions) and not os.path.splitext(name)[0].endswith("_test")
            ]
    return found


def core_units():
    """{unit: file to prove it in}.  A unit is NAME.c with NAME.h in one folder, or NAME.h alone."""
    units = {}
    for path in files((".c", ".h"), CORE, LAWS):
        stem, extension = os.path.splitext(path)
        unit = os.path.basename(stem)
        if os.path.splitext(units.get(unit, path))[0] != stem:
            raise frama_c.FramaCFailed("%s and %s: two units of one name" % (units[unit], path))
        if extension == ".c" or unit not in units:
            units[unit] = path
    return units


def proof_targets():
    """The list PROVED of proofs/BUILD, which is Python enough to be read as such."""
    with open(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "BUILD"), encoding="utf-8"
    ) as text:
        lists = {
            node.targets[0].id: set(ast.literal_eval(node.value))
            for node in ast.parse(text.read()).body
            if isinstance(node, ast.Assign)
        }
    return lists["PROVED"]


def _functions_with_bodies(tree):
    """(file, name) of each function definition in clang's JSON, which names a file only where it changes."""
    current = None
    found = []

    def note(location):
        nonlocal current
        for part in (location, location.get("spellingLoc", {}), location.get("expansionLoc", {})):
            current = part.get("file", current)

    def walk(node):
        if "loc" in node:
            note(node["loc"])
        place = current
        for end in ("begin", "end"):
            note(node.get("range", {}).get(end, {}))
        inner = node.get("inner", [])
        if node.get("kind") == "FunctionDecl" and any(
            child.get("kind") == "CompoundStmt" for child in inner
        ):
            found.append((place, node["name"]))
        for child in inner:
            walk(child)

    walk(tree)
    return found


def compiled_functions(path, platform=None):
    """{name: file} of all functions with a body in the translation unit of this file, by clang."""
    command = ["clang", "-std=c11", "-fsyntax-only", "-I.", "-x", "c", "-Xclang", "-ast-dump=json"]
    command += ["-DCONTIG_PLATFORM=" + platform] if platform else []
    done = subprocess.run(
        command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        if done.returncode < 0 or done.returncode >= 126:
            said = done.stderr.strip().splitlines() or ["no message"]
            raise frama_c.ToolMissing("clang could not run: " + said[-1])
        raise frama_c.FramaCFailed("%s: clang cannot read it:\n%s" % (path, done.stderr))
    return {
        name: os.path.normpath(file)
        for file, name in _functions_with_bodies(json.loads(done.stdout))
    }


def _defined_in_headers_of_others(names, own):
    """Those of these ghost functions that another unit's header defines; clang does not see where."""
    elsewhere = set()
    for header in files((".h",), CORE, LAWS):
        if header not in own:
            with open(header, encoding="utf-8") as text:
                content = text.read()
            elsewhere |= {
                name for name in names if re.search(r"\b%s\s*\([^;{}]*\)\s*\{" % name, content)
            }
    return elsewhere


def may_define(path, names):
    """Does the file say any of these names?  A glance that spares Frama-C's reading of all the others."""
    with open(path, encoding="utf-8") as text:
        words = set(re.findall(r"\w+", text.read()))
    return not words.isdisjoint(names)


def functions_of(path, platform=None):
    """Names of the functions to prove in this unit: those that its .c and .h define, ghost ones included.  A body in
    another unit's header is that unit's to prove."""
    compiled = compiled_functions(path, platform)
    own = {os.path.splitext(path)[0] + ending for ending in (".c", ".h")}
    _, seen = frama_c.view(path, platform)
    unseen = {name for name, file in compiled.items() if file in own} - seen
    if unseen:
        raise frama_c.FramaCFailed(
            "%s: clang sees functions that Frama-C does not: %s" % (path, ", ".join(sorted(unseen)))
        )
    ghosts = seen - set(compiled)
    return {name for name in seen if compiled.get(name) in own} | (
        ghosts - _defined_in_headers_of_others(ghosts, own)
    )


class Tree:
    """Contracts, vocabulary and loops in the text that frama-c -print writes."""

    def __init__(self, text):
        self.contracts = {}  # function -> {clause label: clause text}
        self.vocabulary = {}  # "predicate NAME" or the like -> text
        self.loops = {}  # function -> (loops, variants)
        self.bodies = {}  # function -> its definition
        self.pointers = (
            {}
        )  # function -> names of its parameters that are pointers, ghost ones included
        self.declared = {}  # what other units may see, "variable NAME" or the like -> its type
        self._read(text)

    def _read(self, text):
        contract = None
        for kind, chunk in _top_level(text):
            if kind == "annotation":
                word = re.match(r"\w+", chunk)
                if word and word.group() == "ghost":
                    # Ghost declarations have the form of C, with /@ @/ for comments.
                    inner = chunk[len("ghost") :].replace("/@", "/*@").replace("@/", "*/")
                    self._read(inner)
                elif word and word.group() in _CLAUSES:
                    contract = chunk
                else:
                    self._define(chunk)
                continue
            name = _declared_function(chunk)
            self.declared.update(_declarations(chunk, name))
            if name:
                self.contracts.setdefault(name, {})
                self.pointers[name] = _pointers(chunk)
                if contract is not None:
                    self.contracts[name] = _clauses(contract)
                if kind == "body":
                    self.bodies[name] = chunk
                    self.loops[name] = (
                        len(re.findall(r"\bwhile\s*\(", chunk)),
                        len(re.findall(r"\bloop\s+variant\b", chunk)),
                    )
            contract = None

    def _define(self, text):
        text = " ".join(text.split())
        head = re.match(r"((?:\w+\s+)*?)(\w+)\s*(?:\{[^}]*\}\s*)?(?:\(|=|reads|;|:|$)", text)
        label = text.split()[0] + " " + (head.group(2) if head else "?")
        while label in self.vocabulary:
            label += "'"
        self.vocabulary[label] = text


_CLAUSES = {
    "requires",
    "ensures",
    "assigns",
    "behavior",
    "terminates",
    "decreases",
    "exits",
    "assumes",
    "allocates",
    "frees",
    "check",
    "admit",
    "complete",
    "disjoint",
}
_CLAUSE_END = re.compile(r";\s*(?=(?:%s)\b|$)" % "|".join(sorted(_CLAUSES)))


def _top_level(text):
    """Yields ("annotation", inside of a comment), ("declaration", text up to ;) and ("body", text up to })."""
    position, start, depth = 0, 0, 0
    while position < len(text):
        if text.startswith("/*", position):
            end = text.index("*/", position)
            if depth == 0 and text.startswith("/*@", position) and not text[start:position].strip():
                yield "annotation", text[position + 3 : end].strip()
            if not text[start:position].strip():
                start = end + 2
            position = end + 2
            continue
        character = text[position]
        if character == "#" and not text[start:position].strip():
            position = start = text.index("\n", position)
            continue
        if character == '"':
            position = re.compile(r'"(?:[^"\\]|\\.)*"').match(text, position).end()
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            # The brace that ends a type or an initialiser is followed by more of the declaration.
            if depth == 0 and _declared_function(text[start:position]):
                yield "body", text[start : position + 1]
                start = position + 1
        elif character == ";" and depth == 0:
            yield "declaration", text[start : position + 1]
            start = position + 1
        position += 1


def _declared_function(text):
    """The name in a function's declaration or definition; None for a type or a variable."""
    head = re.sub(r"/\*.*?\*/|__attribute__\s*\(\(.*?\)\)", " ", text, flags=re.S).split("{", 1)[0]
    # A function with an attribute is printed with its name in parentheses.
    head = re.sub(r"\(\s*(\w+)\s*\)(?=\s*\()", r" \1 ", head)
    if re.match(r"\s*typedef\b", head) or "=" in head:
        return None
    name = re.search(r"(\w+)\s*\(", head)
    return name.group(1) if name else None


def _declarations(text, function):
    """{"function NAME", "variable NAME", "type NAME" or "enumerator NAME": what its declaration says}."""
    text = " ".join(re.sub(r"__attribute__\s*\(\(.*?\)\)", " ", text, flags=re.S).split())
    if function:
        head = re.sub(
            r"\b(?:extern|static|(?:__)?inline)\b", " ", text.split("{", 1)[0].rstrip("; ")
        )
        return {"function " + function: re.sub(r"[()]", " ", head)}
    body = re.match(r"(struct|union|enum) (\w+) \{(.*)\} ?;$", text)
    if body and body.group(1) == "enum":
        return {
            "enumerator " + name: value.strip()
            for name, value in re.findall(r"(\w+) ?=([^,]*)", body.group(3))
        }
    if body:
        return {"type " + body.group(2): text}
    named = re.search(r"(\w+) ?(?:\[[^]]*\] ?)*$", text.split("=", 1)[0].rstrip("; "))
    if not named or re.match(r"static\b|(?:struct|union|enum) \w+ ?;", text):
        return {}
    kind = "type " if text.startswith("typedef ") else "variable "
    return {kind + named.group(1): re.sub(r"^extern ", "", text.split("=", 1)[0].rstrip("; "))}


def _pointers(text):
    """Names of the pointers among the parameters in a function's declaration or definition."""
    head = re.sub(r"/\*@\s*ghost|\*/", " ", text).split("{", 1)[0]
    return re.findall(r"\*\s*(?:(?:const|restrict|__restrict)\s+)*(\w+)\s*(?=[,)])", head)


def _split_clauses(contract):
    """Splits before each keyword that follows a semicolon: a quantifier's own semicolon has none after it."""
    return [
        part.strip().rstrip(";").strip()
        for part in re.split(_CLAUSE_END, contract)
        if part.strip(" ;\n")
    ]


def _clauses(contract):
    """{label: text} of a contract; a label is "[behavior ]kind[ name]", numbered where it repeats."""
    clauses, behavior = {}, ""
    for clause in _split_clauses(contract):
        clause = " ".join(clause.split())
        while True:
            begins = re.match(r"behavior (\w+)\s*:\s*", clause)
            if not begins:
                break
            behavior, clause = begins.group(1) + " ", clause[begins.end() :]
        words = re.match(r"((?:check |admit )?\w+(?: behaviors)?)(?: (\w+)\s*:(?!:))?", clause)
        if not words:
            continue
        if words.group(1) in ("complete behaviors", "disjoint behaviors"):
            behavior = ""
        label = behavior + words.group(1) + (" " + words.group(2) if words.group(2) else "")
        count = 1
        while (label if count == 1 else "%s #%d" % (label, count)) in clauses:
            count += 1
        clauses[label if count == 1 else "%s #%d" % (label, count)] = clause
    return clauses


def digest(text):
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def contracts(path, platform=None):
    """{function: {clause label: clause text}} of a file's tree."""
    return Tree(frama_c.view(path, platform)[0]).contracts


def demanding(path, platform=None):
    """The functions of a file's tree that require something of their callers."""
    return {
        name
        for name, clauses in contracts(path, platform).items()
        if any("requires" in label.split() for label in clauses)
    }
