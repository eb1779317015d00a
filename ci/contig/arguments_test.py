#!/usr/bin/env python3
"""arguments_test.py: numbers, names and options are read as they are meant, or refused with the word in the message."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from contig import arguments  # noqa: E402
from contig.tool import Problem  # noqa: E402

# No number of seconds from 1 to 100.
BAD_WHOLE = [
    "",
    "0",
    "-1",
    "101",
    "1e2",
    "0x10",
    "010",
    "00",
    "+5",
    " 5",
    "5 ",
    "5\n",
    "1_0",
    "nan",
    "inf",
    "-inf",
    "1.0",
    "\u0663",
    "\u00b2",
    "99999999999999999999",
    "18446744073709551617",
    "4294967297",
    "5s",
    "--5",
]
# No number of minutes from 0 to 10.
BAD_FRACTION = [
    "",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e1",
    "1e400",
    "-1",
    "-0.5",
    "10.1",
    "0x1p3",
    "1_0",
    ".5",
    "5.",
    " 1",
    "1 ",
    "1,5",
    "\u0663",
    "01",
    "999999999999",
]


def parser() -> arguments.Parser:
    made = arguments.Parser("paint", "paint [--seconds N] COLOUR")
    made.add_argument("--seconds", type=arguments.seconds(1, 100), default=7)
    made.add_argument("--minutes", type=arguments.fraction(0, 10))
    made.add_argument("--json", type=arguments.output_file)
    made.add_argument("--out", type=arguments.output_folder)
    made.add_argument("--read", type=arguments.input_file)
    made.add_argument("--tree", type=arguments.input_folder)
    made.add_argument("--engine", choices=["brush", "roller"])
    made.add_argument("colours", nargs="*")
    return made


class Numbers(unittest.TestCase):
    def refused(self, words: list[str], *parts: str) -> None:
        with self.assertRaises(Problem, msg=words) as caught:
            parser().read(words)
        for part in parts:
            self.assertIn(part, str(caught.exception), words)
        self.assertIn("paint --help", str(caught.exception))

    def test_whole(self) -> None:
        for text in ("1", "42", "100"):
            self.assertEqual(parser().read(["--seconds", text]).seconds, int(text))
            self.assertEqual(parser().read(["--seconds=" + text]).seconds, int(text))
        for text in BAD_WHOLE:
            self.refused(["--seconds=" + text], "--seconds", "from 1 to 100")

    def test_fraction(self) -> None:
        for text, value in (("0", 0), ("0.4", 0.4), ("10", 10), ("2.50", 2.5)):
            self.assertEqual(parser().read(["--minutes=" + text]).minutes, value)
        for text in BAD_FRACTION:
            self.refused(["--minutes=" + text], "--minutes", "from 0 to 10")

    def test_options(self) -> None:
        self.refused(["--secs", "1"], "--secs")
        self.refused(["--sec", "1"], "--sec")
        self.refused(["--seconds"], "--seconds")
        self.refused(["--seconds", "1", "--seconds", "1"], "--seconds", "twice")
        self.refused(["--engine", "spray"], "--engine", "spray", "brush")
        self.refused(["-x"], "-x")
        self.assertEqual(parser().read(["red", "blue"]).colours, ["red", "blue"])
        self.assertEqual(parser().read([]).seconds, 7)

    def test_names(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "a 'b\" c")
            with open(file, "w", encoding="utf-8"):
                pass
            self.assertEqual(parser().read(["--json", file, "--read", file]).json, file)
            self.assertEqual(parser().read(["--out", file + ".new/deep"]).out, file + ".new/deep")
            self.assertFalse(os.path.exists(file + ".new"))
            for option in ("--json", "--read", "--out", "--tree"):
                self.refused([option + "="], option, "empty")
            for name in (
                folder,
                file + "/x",
                os.path.join(folder, "none/x"),
                folder + "/",
                "/proc/x",
                "x" * 300,
            ):
                self.refused(["--json", name], "--json")
            for name in (file, file + "/x", "/dev/null", "/dev/null/x", "/proc/x"):
                self.refused(["--out", name], "--out")
            for name in (
                folder,
                file + "/x",
                os.path.join(folder, "none"),
                os.path.join(folder, "a\nb"),
            ):
                self.refused(["--read", name], "--read")
            for name in (file, os.path.join(folder, "none")):
                self.refused(["--tree", name], "--tree")

    def test_needed(self) -> None:
        options = parser().read(["--seconds=8"])
        arguments.needed(options, "seconds")
        with self.assertRaisesRegex(Problem, "the option --json is missing"):
            arguments.needed(options, "seconds", "json")

    def test_known(self) -> None:
        arguments.known(["red"], "colour", ["red", "blue"])
        with self.assertRaisesRegex(Problem, "no colour 'gr.n'; there are red, blue"):
            arguments.known(["red", "gr\u00fcn"], "colour", ["red", "blue"])


if __name__ == "__main__":
    unittest.main()
