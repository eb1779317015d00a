"""c_printed.py: the text that `frama-c -print` writes, read into contracts, vocabulary, bodies and loops.

Macros are expanded there, contracts merged and ghost code in place, so no spelling of a source can hide anything.
Called by proofs/source.py.
"""
from __future__ import annotations

import re
from collections.abc import Iterator

from contig import c_heads, c_lexer, contracts

Clauses = dict[str, str]


class Tree:
    """Contracts, vocabulary and loops of one printed text."""

    def __init__(self, text: str) -> None:
        self.contracts: dict[str, Clauses] = {}  # function -> {clause label: clause text}
        self.vocabulary: dict[str, str] = {}  # "predicate NAME" or the like -> text
        self.loops: dict[str, tuple[int, int]] = {}  # function -> (loops, variants)
        self.bodies: dict[str, str] = {}  # function -> its definition
        # Function -> names of its parameters that are pointers, ghost ones included.
        self.pointers: dict[str, list[str]] = {}
        # What other units may see, "variable NAME" or the like -> its type.
        self.declared: dict[str, str] = {}
        self._read(text)

    def _read(self, text: str) -> None:
        contract = None
        for kind, chunk in _top_level(text):
            if kind != "annotation":
                self._declaration(chunk, contract, kind == "body")
                contract = None
            elif re.match(r"ghost\b", chunk):
                # Ghost declarations have the form of C, with /@ @/ for comments.
                self._read(chunk[len("ghost") :].replace("/@", "/*@").replace("@/", "*/"))
            elif contracts.is_contract(chunk):
                contract = chunk
            else:
                self._define(chunk)

    def _declaration(self, chunk: str, contract: str | None, is_body: bool) -> None:
        name = _declared_function(chunk)
        self.declared.update(_declarations(chunk, name))
        if name is None:
            return
        self.contracts.setdefault(name, {})
        self.pointers[name] = c_heads.pointers(chunk)
        if contract is not None:
            self.contracts[name] = {one.label: one.text for one in contracts.clauses(contract)}
        if is_body:
            self.bodies[name] = chunk
            loops = len(re.findall(r"\bwhile\s*\(", chunk))
            self.loops[name] = (loops, len(re.findall(r"\bloop\s+variant\b", chunk)))

    def _define(self, text: str) -> None:
        text = " ".join(text.split())
        head = re.match(r"((?:\w+\s+)*?)(\w+)\s*(?:\{[^}]*\}\s*)?(?:\(|=|reads|;|:|$)", text)
        label = text.split()[0] + " " + (head.group(2) if head else "?")
        while label in self.vocabulary:
            label += "'"
        self.vocabulary[label] = text


def _top_level(text: str) -> Iterator[tuple[str, str]]:
    """Yields ("annotation", inside of a comment), ("declaration", text up to ;) and ("body", text up to })."""
    start, depth = 0, 0
    for match in re.finditer(rf"{c_lexer.STRING}|{c_lexer.COMMENT}|[{{}};#]", text, flags=re.S):
        token, before = match.group(), text[start : match.start()].strip()
        if match.start() < start or token.startswith(('"', "'")):
            continue
        if token.startswith("/"):
            if depth == 0 and token.startswith("/*@") and not before:
                yield "annotation", token[3:-2].strip()
            start = start if before else match.end()
        elif token == "#" and not before:
            start = match.end() + len(text[match.end() :].split("\n", 1)[0])
        elif token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            # The brace that ends a type or an initialiser is followed by more of the declaration.
            if depth == 0 and _declared_function(text[start : match.start()]):
                yield "body", text[start : match.end()]
                start = match.end()
        elif token == ";" and depth == 0:
            yield "declaration", text[start : match.end()]
            start = match.end()


def _declared_function(text: str) -> str | None:
    """The name in a function's declaration or definition; None for a type or a variable."""
    return c_heads.name_of(c_lexer.without_comments(text).split("{", 1)[0])


def _declarations(text: str, function: str | None) -> dict[str, str]:
    """{"function NAME", "variable NAME", "type NAME" or "enumerator NAME": what its declaration says}."""
    text = " ".join(c_heads.without_attributes(text).split())
    said = text.split("=", 1)[0].rstrip("; ")
    if function:
        head = c_heads.without_storage(text.split("{", 1)[0].rstrip("; "))
        return {"function " + function: re.sub(r"[()]", " ", head)}
    body = re.match(r"(struct|union|enum) (\w+) \{(.*)\} ?;$", text)
    if body and body.group(1) == "enum":
        values = re.findall(r"(\w+) ?=([^,]*)", body.group(3))
        return {"enumerator " + name: value.strip() for name, value in values}
    if body:
        return {"type " + body.group(2): text}
    named = re.search(r"(\w+) ?(?:\[[^]]*\] ?)*$", said)
    if not named or re.match(r"static\b|(?:struct|union|enum) \w+ ?;", text):
        return {}
    kind = "type " if text.startswith("typedef ") else "variable "
    return {kind + named.group(1): re.sub(r"^extern ", "", said)}
