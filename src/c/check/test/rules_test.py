#!/usr/bin/env python3
"""rules_test.py CHECKER [FOLDER]: each case in cases/ is refused with the sentences that it names, and with no other.

A case is a file of C or assembly.  The comment at its head has a line "refused: FUNCTION: SENTENCE" for each refusal,
and "compiled: FLAGS" for flags beside those of contig-cc.  It is linked as contig-cc links.  Programs of cases are kept
in FOLDER, for the next run: proofs/defects runs this test once for each planted defect.
"""
import os
import re
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import linking  # noqa: E402

CHECKER = os.path.abspath(sys.argv[1])
KEPT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
REFUSAL = re.compile(r"^[^ ]*:\d+: function (\S+) at 0x[0-9a-f]+: (.*)\.$", re.MULTILINE)
# Cases in which nothing is wrong; the others are refused.
FIT = {
    "accepted.S",
    "dead_word.S",
    "never_returns.S",
    "passed_unread.S",
    "unchecked_loop_of_jumps.S",
}
UNNAMED_SITE = """
    .section contig_sites
    .long unnamed - ., 0, 0, 0, 2, 2, 0, 0
    .section contig_c_text, "ax"
    .type unnamed, @function
unnamed:
    ret
"""


def refusals(path: str) -> list[tuple[str, str]]:
    """Function and sentence of each refusal that a case expects."""
    rows = re.findall(r"^ \* refused: (\S+): (.*?) *$", linking.head(path), re.MULTILINE)
    return sorted((str(name), str(sentence)) for name, sentence in rows)


class RulesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.linker = linking.Linker(folder.name)
        self.path = self.linker.path

    # CFRAME-1, CFRAME-2, CFRAME-3, CFRAME-4, CFRAME-5, CFRAME-6, CFRAME-7, CFRAME-8, CFRAME-9, CFRAME-10, CFRAME-11,
    # CFRAME-12, CFRAME-13, CFRAME-14, CFRAME-15, CFRAME-16, CFRAME-17, CFRAME-18, CFRAME-19, CFRAME-25, CFRAME-26,
    # CFRAME-27, CFRAME-31: each case says which, and what comes of it.
    def test_cases(self) -> None:
        cases = sorted(name for name in os.listdir(linking.CASES) if name.endswith((".c", ".S")))
        self.assertGreaterEqual(len(cases), 45)
        for case in cases:
            with self.subTest(case):
                program = self.linker.kept_case(case, KEPT or self.linker.folder)
                done = linking.check(CHECKER, program)
                wanted = refusals(os.path.join(linking.CASES, case))
                found = [(str(name), str(text)) for name, text in REFUSAL.findall(done.stdout)]
                self.assertEqual(sorted(found), wanted, done.stdout + done.stderr)
                self.assertEqual(case in FIT, not wanted)
                self.assertEqual(done.returncode, 1 if wanted else 0, done.stderr)

    def with_table(self) -> str:
        """The case in which nothing is wrong, with its table."""
        program = self.linker.case("accepted.S")
        done = linking.check(CHECKER, "--table", self.path("table.S"), program)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.linked_with_table()

    def linked_with_table(self) -> str:
        linking.run("clang-14", "-c", self.path("table.S"), "-o", self.path("table.o"))
        return self.linker.case("accepted.S", [self.path("table.o")])

    # CFRAME-28, CFRAME-29: the table that was written is the one that is found.
    def test_table(self) -> None:
        done = linking.check(CHECKER, "--verify", self.with_table())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        with open(self.path("table.S")) as table:
            rows = re.findall(r"^ +\.long \d+, (\d+), (\d+), 2$", table.read(), re.MULTILINE)
        # Two calls with a frame of 16 bytes, two slow paths.
        self.assertEqual([int(frame) for frame, _ in rows], [0, 0, 0, 0])
        self.assertTrue(all(int(span) == int(frame) + 2 for frame, span in rows))

    # CFRAME-28: nothing is written if something is refused.
    def test_no_table(self) -> None:
        program = self.linker.case("kept_word.S")
        done = linking.check(CHECKER, "--table", self.path("table.S"), program)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.path("table.S")))

    # CFRAME-29: a row changed in any of its words but the line.
    def test_wrong_table(self) -> None:
        with open(self.with_table(), "rb") as file:
            image = file.read()
        at = image.find(struct.pack("<4i", 0, 0, 2, 2)) - 8
        self.assertGreater(at, 0)
        for word in (0, 1, 3, 4, 5, 6, 7):
            changed = bytearray(image)
            changed[at + 4 * word] ^= 4
            with open(self.path("changed"), "wb") as out:
                out.write(changed)
            done = linking.check(CHECKER, "--verify", self.path("changed"))
            self.assertEqual(done.returncode, 1, "word %d: %s" % (word, done.stdout))

    # CFRAME-29: no table, and a row too many.
    def test_other_rows(self) -> None:
        done = linking.check(CHECKER, "--verify", self.linker.case("accepted.S"))
        self.assertIn("the site table has no row for this place", done.stdout)
        self.with_table()
        with open(self.path("table.S"), "a") as table:
            table.write(UNNAMED_SITE)
        done = linking.check(CHECKER, "--verify", self.linked_with_table())
        self.assertIn("the site table has a row for a place that is no site", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
