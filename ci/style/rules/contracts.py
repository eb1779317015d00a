"""contracts.py: rules of annotations: contracts, loops, assertions, and nothing that is assumed."""
from __future__ import annotations

import os
import re

from contig import c_reader
from rules.base import PROVED, Breaches, File, rule

ASSERTS = 4


def is_contract_text(file: File) -> bool:
    return (
        file.path.startswith(("src/core/", "proofs/"))
        and file.extension in (".c", ".h")
        and not file.is_test
    )


@rule("named-clause", "each clause of a contract, loop and assertion has a name")
def named_clause(file: File) -> Breaches:
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
def contract_at_declaration(file: File) -> Breaches:
    if not file.path.startswith("src/core/") or file.extension != ".c" or file.is_test:
        return
    header = file.path[:-2] + ".h"
    for match in re.finditer(
        r"/\*@(?!\s*ghost)((?:(?!\*/).)*?\b(?:requires|ensures|assigns)\b(?:(?!\*/).)*)\*/"
        r"\s*(?!static)(?:enum |struct |const )?\w[\w\s\*]*?\b(\w+)\(",
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
def contract_complete(file: File) -> Breaches:
    if not is_contract_text(file):
        return
    for number, text in file.annotations:
        if re.search(r"^\s*(?:requires|ensures)\b", text) and not re.search(r"\bassigns\b", text):
            yield number, "no 'assigns'"


@rule("loop-complete", "each annotated loop says what it changes and why it ends")
def loop_complete(file: File) -> Breaches:
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
def few_asserts(file: File) -> Breaches:
    if not is_contract_text(file):
        return
    for one in c_reader.functions(file.path, file.text, {}):
        count = len(re.findall(r"\b(?:assert|check)\s+\w+\s*:", one.body))
        if count > ASSERTS:
            yield one.line, "%s has %d" % (one.name, count)


@rule("assumption", "nothing is assumed: no admit, axiom or lemma")
def assumption(file: File) -> Breaches:
    if not file.path.startswith(PROVED) or not file.is_source:
        return
    text = file.text if file.extension == ".acsl" else "\n" * 0
    for number, content in file.annotations + ([(1, text)] if text else []):
        for match in re.finditer(r"\b(?:admit|axiom|axiomatic|lemma)\b(?=\s+\w+\s*[:{(])", content):
            yield number + content.count("\n", 0, match.start()), match.group()


@rule("undeclared", "a function of the core is static or declared in a header")
def undeclared(file: File) -> Breaches:
    if not file.path.startswith("src/core/") or file.extension != ".c" or file.is_test:
        return
    headers = file.tree.texts("src/core", ".h")
    for match in re.finditer(
        r"^(?!static|\s|#|struct \w+ \{|enum \{|extern)(?:[\w\*]+\s+\**)+(\w+)\([^;{}]*?\)\s*\{",
        file.code,
        flags=re.M | re.S,
    ):
        if not re.search(r"\b%s\s*\(" % match.group(1), headers):
            yield file.line(match.start()), match.group(1)
