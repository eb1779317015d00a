#!/usr/bin/env python3
"""plugin_test.py PLUGIN: what the clang plugin refuses, and what it makes.

Each refusal in refused.c is clang's only error for that function.  variadic.c and fast_path.c print the same with the
plugin and without, at each level of optimization.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

PLUGIN = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.realpath(__file__))
FLAGS = os.path.join(HERE, "..", "flags.txt")
REFUSED, VARIADIC, FAST_PATH, PLAIN_PROCESS = (
    os.path.join(HERE, name)
    for name in ("refused.c", "variadic.c", "fast_path.c", "plain_process.c")
)
SECONDS = 120
LEVELS = ("-O0", "-O1", "-O2", "-Os")
ERROR = re.compile(r"^[^ ]*:(\d+):\d+: error: function (.*)$", re.MULTILINE)
# Options that the plugin refuses, and how the sentence about main begins.
OPTIONS = {
    "-flto": "code of link-time optimization is made without the plugin",
    "-flto=thin": "code of link-time optimization is made without the plugin",
    "-fno-omit-frame-pointer": "rbp would hold an address of the stack",
    "-fno-sanitize=safe-stack": "it was not compiled with -fsanitize=safe-stack",
    "-fstack-clash-protection": "probes of the stack pass its check",
}


def flags() -> list[str]:
    """The flags of FLAGS, without their reasons."""
    with open(FLAGS) as lines:
        words = (line.split("#")[0].strip() for line in lines)
        return [word for word in words if word]


def compiled(source: str, out: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Compiles with the plugin."""
    command = ["clang-14", *flags(), "-fpass-plugin=" + PLUGIN, *more, "-c", source, "-o", out]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def expected_refusals() -> set[tuple[str, str]]:
    """Line and sentence of each refusal: the line is that of the definition after the comment, or one of its body."""
    with open(REFUSED) as source:
        text = source.read()
    found = set()
    for match in re.finditer(r"/\* refused: (.*?)\s*\*/", text, re.DOTALL):
        found.add(re.sub(r"\s*\n \*\s*", " ", match.group(1)))
    return {(sentence.split(":")[0], sentence) for sentence in found}


def function_lines(name: str) -> range:
    """The lines of a function's definition."""
    with open(REFUSED) as source:
        lines = source.read().split("\n")
    first = next(i for i, line in enumerate(lines) if re.match(r"\S.*\b%s\(.*[^;]$" % name, line))
    return range(first + 1, lines.index("}", first) + 2)


def expected_shapes() -> dict[str, str]:
    """What becomes of each function of FAST_PATH: the comment before it."""
    with open(FAST_PATH) as source:
        text = source.read()
    return {
        name: shape
        for shape, name in re.findall(r"^/\* (\w+) \*/\n[^\n]*?\b(\w+)\(", text, re.MULTILINE)
    }


def shapes(made: str) -> dict[str, str]:
    """What became of each function of an object."""
    command = ["objdump", "--disassemble", "--reloc", made]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    parts = re.split(r"^[0-9a-f]{16} <([\w.]+)>:$", text, flags=re.MULTILINE)
    checked = {name: "__morestack" in code for name, code in zip(parts[1::2], parts[2::2])}
    found = {}
    for name in checked:
        if name.endswith(".slow"):
            continue
        found[name] = "whole" if checked[name] else "bare"
        if name + ".slow" in checked:
            found[name] = "both have a check" if checked[name] else "split"
    return found


class PluginTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out = os.path.join(folder.name, "out.o")

    def refusals(self, source: str, *more: str) -> list[tuple[int, str]]:
        done = compiled(source, self.out, *more)
        self.assertEqual(done.returncode, 1, done.stderr)
        return [(int(line), text) for line, text in ERROR.findall(done.stderr)]

    # CFRAME-22, CFRAME-23, CFRAME-24: each function, at its place, and no other.
    def test_refused(self) -> None:
        for more in (("-O0", "-g"), ("-O2",)):
            found = self.refusals(REFUSED, "-mavx", *more)
            wanted = expected_refusals()
            self.assertGreater(len(wanted), 10)
            self.assertEqual(sorted(text for _, text in found), sorted(text for _, text in wanted))
            for line, text in found:
                self.assertIn(line, function_lines(text.split(":")[0]), text)

    # CFRAME-24: options that undo what the flags do.
    def test_options(self) -> None:
        source = os.path.join(self.folder, "main.c")
        with open(source, "w") as out:
            out.write("int main(void)\n{\n    return 0;\n}\n")
        for option, sentence in OPTIONS.items():
            for level in ("-O0", "-O2"):
                found = self.refusals(source, level, option)
                self.assertEqual([line for line, _ in found], [1])
                self.assertTrue(found[0][1].startswith("main: " + sentence), found)

    def printed(self, *parts: str) -> str:
        program = os.path.join(self.folder, "program")
        subprocess.run(["clang-14", "-no-pie", *parts, "-o", program], check=True, timeout=SECONDS)
        done = subprocess.run(
            [program], capture_output=True, text=True, check=True, timeout=SECONDS
        )
        return done.stdout

    def same_at_each_level(self, source: str, lines: int) -> None:
        plain = self.printed("-O1", source)
        self.assertEqual(plain.count("\n"), lines)
        for level in LEVELS:
            done = compiled(source, self.out, level, "-g")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.printed(self.out, PLAIN_PROCESS), plain, level)

    # CFRAME-21: shims and bodies give what the function gave.
    def test_variadic(self) -> None:
        self.same_at_each_level(VARIADIC, 4)

    # CFRAME-32: whichever path a call takes, it gives what it gave, and changes what it changed.
    def test_fast_paths(self) -> None:
        self.same_at_each_level(FAST_PATH, 273)
        self.assertEqual(compiled(FAST_PATH, self.out, "-O2").returncode, 0)
        found, wanted = shapes(self.out), expected_shapes()
        self.assertGreater(len(wanted), 15)
        self.assertEqual({name: found.get(name) for name in wanted}, wanted)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
