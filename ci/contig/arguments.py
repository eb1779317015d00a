"""arguments.py: command lines.  Numbers have a range, names are opened before the work, and a message names the word.

Every option may be written --name=VALUE and --name VALUE.  Abbreviations of options are refused, and so is an option
that is given twice: nobody can tell which one was meant.
"""
import argparse
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from contig import files
from contig.tool import Problem, shown

DAY_SECONDS = 24 * 60 * 60


class _Once(argparse.Action):
    """Stores a value, and refuses a second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        given: set[str] = namespace.__dict__.setdefault("_given", set())
        if option_string is not None and self.dest in given:
            parser.error("%s is given twice" % option_string)
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class _Help(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        print(parser.format_help(), end="", flush=True)
        parser.exit(0)


class Parser(argparse.ArgumentParser):
    """A parser whose help is the text that the tool begins with, and whose errors are Problems."""

    def __init__(self, tool: str, text: str) -> None:
        super().__init__(
            prog=tool,
            usage=argparse.SUPPRESS,
            description=text,
            allow_abbrev=False,
            add_help=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.register("action", None, _Once)
        self.register("action", "store", _Once)
        self.add_argument("--help", "-h", action=_Help, nargs=0)

    def format_help(self) -> str:
        return (self.description or "").strip() + "\n"

    def error(self, message: str) -> NoReturn:
        raise Problem("%s; %s --help lists the options" % (message, self.prog))

    def read(self, words: Sequence[str] | None = None) -> argparse.Namespace:
        """The options of the command line, or of these words."""
        return self.parse_args(words)


def _wrong(text: str, wanted: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError("%s is not %s" % (shown(text), wanted))


def whole(low: int, high: int, what: str = "a whole number") -> Callable[[str], int]:
    """Reads a decimal number from low to high: no sign but '-', no leading zeros, no blanks, no other digits."""
    wanted = "%s from %d to %d" % (what, low, high)

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,18})", text) or not low <= int(text) <= high:
            raise _wrong(text, wanted)
        return int(text)

    return parse


def seconds(low: int = 1, high: int = DAY_SECONDS) -> Callable[[str], int]:
    """Reads whole seconds; nothing runs without a bound, and so there is no 0 for 'for ever'."""
    return whole(low, high, "a whole number of seconds")


def fraction(low: float, high: float, what: str = "a number") -> Callable[[str], float]:
    """Reads a decimal number that may have a point: no exponent, no nan, no inf."""
    wanted = "%s from %g to %g" % (what, low, high)

    def parse(text: str) -> float:
        if (
            not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?", text)
            or not low <= float(text) <= high
        ):
            raise _wrong(text, wanted)
        return float(text)

    return parse


def some_text(text: str) -> str:
    """Refuses an empty text, which would be part of every name."""
    if text == "":
        raise argparse.ArgumentTypeError("the text is empty")
    return text


def _named(check: Callable[[str], str]) -> Callable[[str], str]:
    """A check of a name, as an argument's type: its Problem becomes the option's."""

    def parse(text: str) -> str:
        if text == "":
            raise argparse.ArgumentTypeError("the name is empty")
        try:
            return check(text)
        except Problem as problem:
            raise argparse.ArgumentTypeError(str(problem)) from problem

    return parse


def _readable_folder(text: str) -> str:
    if not os.path.isdir(text):
        raise Problem("there is no folder %s" % shown(text))
    if not os.access(text, os.R_OK | os.X_OK):
        raise Problem("the folder %s cannot be read" % shown(text))
    return os.path.abspath(text)


# Types of arguments.  Each is an absolute path.
input_file = _named(files.readable)
input_folder = _named(_readable_folder)
output_file = _named(files.writable)
output_folder = _named(files.folder_possible)


def needed(options: argparse.Namespace, *names: str) -> None:
    """Refuses a command line without these options.  argparse's own check would come before that of a wrong option."""
    for name in names:
        if getattr(options, name) is None:
            raise Problem("the option --%s is missing" % name)


def known(names: Sequence[str], what: str, choices: Sequence[str]) -> None:
    """Refuses a name that is not among the choices; says which there are, if they are few."""
    for name in names:
        if name not in choices:
            there = "; there are %s" % ", ".join(choices) if len(choices) <= 20 else ""
            raise Problem("there is no %s %s%s" % (what, shown(name), there))
