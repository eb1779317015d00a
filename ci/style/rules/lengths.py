"""lengths.py: rules of sizes: columns of a line, lines of a function and of a file."""
from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from rules.base import STRING, Breaches, File, rule

CODE_COLUMNS = 100
COLUMNS = 120
FUNCTION_LINES = 40
FILE_LINES = 500
# A comment, or a string, in the words of one line of a script.  What follows a quote that stays open is a string, too.
SHELL_TEXT = r"""(?:^|(?<=\s))#.*|"(?:\\.|[^"\\])*(?:"|\\?$)|'[^']*(?:'|$)"""
# The same in C.  A macro that holds annotations stands between the marks of clang-format.
C_TEXT = STRING + r"|/\* clang-format off \*/.*?/\* clang-format on \*/|/\*.*?\*/|//[^\n]*"
# Stands for each character of a comment or a string.
TEXT = "\0"
# The end of a line that is text, and what closes around it.
ENDS_AS_TEXT = re.compile(TEXT + r"[\s)\]},;:\\]*$")


def _marked(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", TEXT, text[start:end]) + text[end:]


def _python_code(text: str) -> str:
    """Python or Starlark with each character of its comments and strings marked."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            (row, column), (last_row, last_column) = token.start, token.end
            text = _marked(text, starts[row - 1] + column, starts[last_row - 1] + last_column)
    return text


def code_of(file: File) -> str:
    """The text of a file with each character of its comments, annotations and strings marked."""
    if file.language in ("python", "starlark"):
        return _python_code(file.text)
    pattern, flags = (SHELL_TEXT, re.M) if file.language == "shell" else (C_TEXT, re.S)
    return re.sub(pattern, lambda m: _marked(m.group(), 0, len(m.group())), file.text, flags=flags)


@rule(
    "line-length",
    "a line has at most %d columns; of code, without comments and strings, %d"
    % (COLUMNS, CODE_COLUMNS),
)
def line_length(file: File) -> Breaches:
    if file.extension == ".md" or max(map(len, file.text.splitlines()), default=0) <= CODE_COLUMNS:
        return
    lines = zip(file.text.splitlines(), code_of(file).splitlines(), strict=True)
    for number, (line, code) in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield number, "%d columns" % len(line)
        elif len(line) > CODE_COLUMNS and file.language:
            ending = ENDS_AS_TEXT.search(code)
            if ending is None or len(code[: ending.start()].rstrip(TEXT)) > CODE_COLUMNS:
                yield number, "%d columns of code" % len(line)


def functions(file: File) -> Iterator[tuple[str, int, int]]:
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
        lines = sum(1 for line in body.splitlines() if line.strip())
        yield match.group(1), file.line(match.start()), lines


# A display of these alone is a table.
DATA = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp)
DATA_MARKS = (ast.expr_context, ast.unaryop)
NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def _tables(node: ast.AST) -> Iterator[tuple[int, int]]:
    """(first line, last line) of each table in a tree of syntax."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, DATA[:4]) and all(
            isinstance(one, DATA + DATA_MARKS) for one in ast.walk(inner)
        ):
            yield inner.lineno, inner.end_lineno or inner.lineno
        else:
            yield from _tables(inner)


def _lines_with_code(text: str) -> set[int]:
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            found.update(range(token.start[0], token.end[0] + 1))
    return found


def python_functions(file: File) -> Iterator[tuple[str, int, int]]:
    """The same of a Python file.  Comments and its own text do not count, and a table counts as one line."""
    code = _lines_with_code(file.text)
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                first = node.body[1] if len(node.body) > 1 else node
            lines = code & set(range(first.lineno, (node.end_lineno or node.lineno) + 1))
            for begin, end in _tables(node):
                lines -= set(range(begin + 1, end + 1))
            yield node.name, node.lineno, len(lines)


@rule("function-length", "a function has at most %d lines of code" % FUNCTION_LINES)
def function_length(file: File) -> Breaches:
    found = functions(file) if file.extension in (".c", ".h") else iter(())
    if file.language == "python":
        found = python_functions(file)
    for name, number, lines in found:
        if lines > FUNCTION_LINES:
            yield number, "%s has %d" % (name, lines)


@rule("file-length", "a file has at most %d lines" % FILE_LINES)
def file_length(file: File) -> Breaches:
    lines = file.text.count("\n")
    if (file.language or file.extension in (".pml", ".go")) and lines > FILE_LINES:
        yield 1, "%d lines" % lines
