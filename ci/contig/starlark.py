"""starlark.py: literals that Bazel and Python both read, from a .bzl file.

Such a file holds lists and dictionaries that are written out, so that there is one list of something and not two.
"""
import ast
from typing import Any

from contig import files
from contig.tool import Problem, shown


def literal(path: str, name: str) -> Any:
    """The value that a .bzl file gives a name; a Problem if there is none, or it has to be computed."""
    return literal_in(files.read(path), path, name)


def literal_in(text: str, path: str, name: str) -> Any:
    """The same of a text, which is that of the file."""
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        raise Problem("%s: line %s: %s" % (shown(path), error.lineno, error.msg)) from error
    for statement in statements:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                raise Problem("%s: %s is not written out" % (shown(path), name)) from None
    raise Problem("%s has no %s" % (shown(path), name))
