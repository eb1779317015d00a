#!/usr/bin/env python3
"""c_reader_test.py: what the reader of C and ACSL must see, and must not see."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from contig import c_reader, contracts  # noqa: E402

HEADER = r"""/* pool.h: COPY-9 stands in the head of the file. */
#ifndef POOL
#define POOL(a) { (a); } /* { */
struct pool { int x; };
enum { A = 1, B };

/* Far away. */

/* ALLOC-1: near, with 'quotes" in it. */
/*@ requires p: p < 3; // not a clause: ensures q: 1;
    assigns \nothing;
    behavior none:
      assumes many: \forall integer k; 0 <= k < 3 ==> p > k;
      ensures zero: \result == 0;
    behavior some:
      ensures zero: \result == 1;
      ensures zero: \result != 2;
    complete behaviors;
    ensures \result < 2; */
int take(int p);

static const char *text = "/*@ ensures no: 1; */ int no(void) {";
static const struct pool pools[] = {{1}, {2}};

/* SPAN-1: a static one */
static inline int __attribute__((unused)) give(struct pool *p) /*@ ghost (int n) */
{
    /* SPAN-2, in the body */
    if (p->x == '{') return take(1);
    return 0;
}

/* POOL-1: a ghost */
/*@ ghost
    /@ requires here: site < 3;
       ensures found: \forall integer k; k > 0; @/
    static inline void is_found(int site) {
        /@ loop assigns site; loop variant site; @/
        while (site > 0) site--;
    }
    /@ ensures other: \true; @/
    void second(void);
*/
//@ ghost extern int place[3];
"""

WORDS = r"""/* words.acsl: COPY-9. */
/*@ // COPY-1: bit
    predicate bit_of(integer w) = \forall integer k; w > k ==> \exists integer j; j == k;

    // COPY-2
    logic integer home{L}(integer pc) =
      pc < 0 ? 0 : // why
      home(pc - 1);
    predicate open = \let a = 1; a == 1; */
"""


class Functions(unittest.TestCase):
    """Functions, their comments, contracts and places."""

    def setUp(self) -> None:
        self.found = {one.name: one for one in c_reader.functions("pool.h", HEADER)}

    def test_names(self) -> None:
        self.assertEqual(list(self.found), ["take", "give", "is_found", "second"])

    def test_kinds(self) -> None:
        give, found = self.found["give"], self.found["is_found"]
        self.assertTrue(give.static and give.defined and not give.ghost)
        self.assertTrue(found.ghost and found.defined)
        self.assertFalse(self.found["take"].defined)

    def test_comments(self) -> None:
        self.assertIn("ALLOC-1", self.found["take"].comment)
        self.assertNotIn("Far away", self.found["take"].comment)
        self.assertNotIn("COPY-9", "".join(one.comment for one in self.found.values()))
        self.assertIn("SPAN-1", self.found["give"].comment)
        self.assertIn("SPAN-2", self.found["give"].comment)
        self.assertIn("POOL-1", self.found["is_found"].comment)
        self.assertNotIn("POOL-1", self.found["second"].comment)

    def test_labels(self) -> None:
        self.assertEqual(
            list(self.found["take"].clauses),
            [
                "requires p",
                "assigns",
                "none assumes many",
                "none ensures zero",
                "some ensures zero",
                "some ensures zero #2",
                "complete behaviors",
                "ensures",
            ],
        )
        self.assertEqual(list(self.found["is_found"].clauses), ["requires here", "ensures found"])
        self.assertEqual(self.found["take"].clauses["requires p"], "requires p: p < 3")

    def test_lines(self) -> None:
        lines = HEADER.splitlines()
        take = self.found["take"]
        self.assertIn("take(int p)", lines[take.line - 1])
        for label, line in take.clause_lines.items():
            self.assertIn(label.split(" #")[0].split()[-1], lines[line - 1])
        first, last = self.found["give"].spans[0]
        self.assertTrue(lines[first - 1].startswith("/* SPAN-1") and lines[last - 1] == "}")


MACROS = r"""/* move.h: macros. */
#define INPUTS \
    requires table: ok;   \
    requires live:  g->lo <= g->hi &&  \
                      live(g);
#define BOTH(x, y) ensures first: x; ensures second: (y) > 0;
#define PLACES arena[0 .. 1], *fault

/*@ INPUTS
    assigns  PLACES;
    BOTH(f(1, 2), \result)
    ensures  last: \true; */
int move(void);

/*@ INPUTS */
int look(void);
"""


class Macros(unittest.TestCase):
    """Macros that stand for clauses."""

    def test_labels(self) -> None:
        found = {one.name: one for one in c_reader.functions("move.h", MACROS)}
        move = found["move"]
        self.assertEqual(
            list(move.clauses),
            [
                "requires table",
                "requires live",
                "assigns",
                "ensures first",
                "ensures second",
                "ensures last",
            ],
        )
        self.assertEqual(move.clauses["requires live"], "requires live: g->lo <= g->hi && live(g)")
        self.assertEqual(move.clauses["ensures first"], "ensures first: f(1, 2)")
        self.assertEqual(move.clauses["ensures second"], "ensures second: (\\result) > 0")
        self.assertEqual(list(found["look"].clauses), ["requires table", "requires live"])
        lines = MACROS.splitlines()
        self.assertIn("INPUTS", lines[move.clause_lines["requires live"] - 1])
        self.assertIn("ensures  last", lines[move.clause_lines["ensures last"] - 1])
        self.assertIn("live(g)", move.contract)

    def test_from_another_file(self) -> None:
        macros = contracts.clause_macros(MACROS)
        self.assertEqual(sorted(macros), ["BOTH", "INPUTS"])
        found = c_reader.functions(
            "a.c", "/* a.c */\n/*@ INPUTS assigns x; */\nint f(void);\n", macros
        )
        self.assertEqual(list(found[0].clauses), ["requires table", "requires live", "assigns"])


class Vocabulary(unittest.TestCase):
    """Definitions, in .acsl files and in annotations."""

    def test_definitions(self) -> None:
        found = {one.name: one for one in c_reader.definitions("words.acsl", WORDS)}
        self.assertEqual(list(found), ["bit_of", "home", "open"])
        self.assertTrue(found["bit_of"].text.endswith("j == k;"))
        self.assertTrue(found["home"].text.endswith("home(pc - 1);"))
        self.assertTrue(found["open"].text.endswith("a == 1;"))
        self.assertIn("COPY-1", found["bit_of"].comment)
        self.assertIn("COPY-2", found["home"].comment)
        self.assertNotIn("COPY-9", found["bit_of"].comment)
        self.assertEqual(WORDS.splitlines()[found["home"].line - 1].strip()[:10], "logic inte")

    def test_in_code(self) -> None:
        text = "/*@ predicate here(integer a) = a > 0; */\n/*@ ensures predicate: 1; */\nint f(void);\n"
        self.assertEqual([one.name for one in c_reader.definitions("a.h", text)], ["here"])


class Broken(unittest.TestCase):
    """Text that is no C ends without an exception."""

    def test_cut_anywhere(self) -> None:
        for end in range(0, len(HEADER), 7):
            c_reader.functions("pool.h", HEADER[:end])
            c_reader.functions("pool.h", HEADER[end:])
            c_reader.definitions("words.acsl", WORDS[: end % len(WORDS)])


if __name__ == "__main__":
    unittest.main()
