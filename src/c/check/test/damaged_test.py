#!/usr/bin/env python3
"""damaged_test.py CHECKER [COUNT]: files that are no programs, and programs with wrong bytes.

Each ends with a status and a sentence, and by no signal.  The changes are the same in each run.
"""
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import linking  # noqa: E402

CHECKER = os.path.abspath(sys.argv[1])
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 400
# libelf loses memory of its own when it reads a damaged file.
os.environ["ASAN_OPTIONS"] = "abort_on_error=1:detect_leaks=0"
# The tables of a program stand at its begin and its end.
EDGE_BYTES = 4096


class DamagedTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.linker = linking.Linker(folder.name)

    def verdict(self, content: bytes, *arguments: str) -> tuple[int, str]:
        path = self.linker.path("input")
        with open(path, "wb") as out:
            out.write(content)
        done = linking.check(CHECKER, *arguments, path)
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1 if done.returncode == 2 else 0, done.stderr)
        return done.returncode, done.stderr

    # CFRAME-30: files of another kind, each with its sentence.
    def test_no_program(self) -> None:
        with open(self.linker.case("accepted.S"), "rb") as file:
            program = file.read()
        with open(self.linker.path("case.o"), "rb") as file:
            unlinked = file.read()
        outside = self.linker.path("outside")
        linking.run("clang-14", *linking.LINKER, outside + ".o", "-o", outside)
        with open(outside, "rb") as file:
            without = file.read()
        rows = [
            (b"", "is no ELF program for x86-64"),
            (b"int main;", "is no ELF program for x86-64"),
            (program[:20], "is no ELF program for x86-64"),
            (program[:2000], "is damaged"),
            (program[:18] + b"\x28" + program[19:], "is no ELF program for x86-64"),
            (unlinked, "is an object file; link it first"),
            (without, "has no section contig_c_text"),
        ]
        for content, sentence in rows:
            status, said = self.verdict(content)
            self.assertEqual(status, 2)
            self.assertIn(sentence, said)

    # CFRAME-30: tables that the linker can leave out.
    def test_without_tables(self) -> None:
        program = self.linker.case("accepted.S")
        linking.run("strip", "-s", program, "-o", self.linker.path("stripped"))
        done = linking.check(CHECKER, self.linker.path("stripped"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("has no symbol table", done.stderr)
        objects = [self.linker.path("joined.o"), self.linker.path("outside.o")]
        linking.run("clang-14", "-no-pie", *objects, "-o", program)
        done = linking.check(CHECKER, program)
        self.assertEqual(done.returncode, 2)
        self.assertIn("has no relocations", done.stderr)

    # CFRAME-30: one to eight wrong bytes, most of them in the tables.
    def test_wrong_bytes(self) -> None:
        source = random.Random(19)
        with open(self.linker.case("kept_register.c"), "rb") as file:
            program = file.read()
        seen = set()
        for _ in range(COUNT):
            changed = bytearray(program)
            for _ in range(source.randint(1, 8)):
                near = source.randrange(EDGE_BYTES)
                place = source.choice(
                    [near, len(program) - 1 - near, source.randrange(len(program))]
                )
                changed[place] = source.choice([0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)])
            seen.add(self.verdict(bytes(changed), "--verify")[0])
        self.assertEqual(seen, {1, 2})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
