#!/usr/bin/env python3
"""c_lexer_test.py: comments, strings, macros, brackets, tokens and heads of C that are easily misread."""
from __future__ import annotations

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from contig import c_heads, c_lexer  # noqa: E402

TRICKY = r"""/* one /* still one */
char quote = '"'; /* two */ char other = '"';
const char *text = "/* no */ \" // no"; // three, with 'quotes" \
   that goes on
const char *both = "a\
/* no */";
/*@ four: "in it"; */ int x; //@ five
/@ no comment of C @/
"""


class Comments(unittest.TestCase):
    """What is a comment, and what only looks like one."""

    def test_found(self) -> None:
        found = [one.text.split("\n")[0][:7] for one in c_lexer.comments(TRICKY)]
        self.assertEqual(found, ["/* one ", "/* two ", "// thre", "/*@ fou", "//@ fiv"])

    def test_kinds(self) -> None:
        kinds = [one.is_annotation for one in c_lexer.comments(TRICKY)]
        self.assertEqual(kinds, [False, False, False, True, True])

    def test_shape_is_kept(self) -> None:
        for change in (
            c_lexer.uncommented,
            c_lexer.without_comments,
            c_lexer.without_annotations,
            c_lexer.blanks,
        ):
            changed = change(TRICKY)
            self.assertEqual(len(changed), len(TRICKY))
            self.assertEqual(changed.count("\n"), TRICKY.count("\n"))

    def test_what_is_left(self) -> None:
        code = c_lexer.uncommented(TRICKY)
        self.assertIn(r'"/* no */ \" // no";', code)
        self.assertNotIn("goes on", code)
        self.assertNotIn("four", code)
        self.assertNotIn("no", c_lexer.without_comments(TRICKY).split("/@")[0])
        plain = c_lexer.without_annotations(TRICKY)
        self.assertIn("/* two */", plain)
        self.assertNotIn("four", plain)
        self.assertNotIn("five", plain)

    def test_not_closed(self) -> None:
        self.assertEqual(list(c_lexer.comments("int x; /* open")), [])
        self.assertEqual(c_lexer.uncommented('char *a = "open'), 'char *a = "open')


class Macros(unittest.TestCase):
    """Definitions of macros."""

    def test_found(self) -> None:
        text = r"""
#define PLAIN 1
  #  define WIDE(a, b) (a) \
      + (b)
%:define DIGRAPH 2
/* #define COMMENT 3
#define COMMENT_TOO 3 */
#define NONE() x
#define EMPTY
"""
        found = {one.name: (one.parameters, one.body) for one in c_lexer.macros(text)}
        self.assertEqual(list(found), ["PLAIN", "WIDE", "DIGRAPH", "NONE", "EMPTY"])
        self.assertEqual(found["PLAIN"], (None, "1"))
        self.assertEqual(found["WIDE"][0], ("a", "b"))
        self.assertEqual(found["WIDE"][1].split(), ["(a)", "+", "(b)"])
        self.assertEqual(found["NONE"], (("",), "x"))


class Brackets(unittest.TestCase):
    """Brackets and arguments."""

    def test_arguments(self) -> None:
        text = "f(a, (b, c), {d, e}, g[1, 2]) + h"
        found, end = c_lexer.arguments(text, 1)
        self.assertEqual(found, ["a", "(b, c)", "{d, e}", "g[1, 2]"])
        self.assertEqual(text[end:], " + h")

    def test_not_closed(self) -> None:
        self.assertEqual(c_lexer.arguments("f(a, b", 1), (["a"], 6))
        self.assertEqual(c_lexer.closing("(a", 0), 2)

    def test_one_kind(self) -> None:
        self.assertEqual(c_lexer.closing("(a [ b)", 0, "()"), 6)


class Tokens(unittest.TestCase):
    """Tokens, digraphs among them."""

    def test_longest(self) -> None:
        self.assertEqual(
            c_lexer.tokens("a<<=b->c%:%:d<:0:>##1.5e+3f..."),
            ["a", "<<=", "b", "->", "c", "%:%:", "d", "<:", "0", ":>", "##", "1.5e+3f..."],
        )

    def test_strings(self) -> None:
        self.assertEqual(
            c_lexer.tokens(r"""x="a \" b"+'\'';"""), ["x", "=", r'"a \" b"', "+", r"'\''", ";"]
        )


class Heads(unittest.TestCase):
    """Heads of functions, as a person writes them and as Frama-C prints them."""

    def test_names(self) -> None:
        for head, name in (
            ("int f(int a)", "f"),
            ("static inline struct a *\n__attribute__((noinline,\n  cold(1)))\nf(void)", "f"),
            ("__attribute__((noinline))\nvoid f(void)", "f"),
            ("void ( f)(int a)", "f"),
            ("int /* g( */ f(void)", "f"),
            ("typedef int f(int)", None),
            ('_Static_assert(sizeof(int) == 4, "f(x)")', None),
            ("int a = g(1)", None),
            ("return g(1)", None),
            ("g(1)", None),
        ):
            self.assertEqual(c_heads.name_of(head), name, head)

    def test_nothing_returned(self) -> None:
        self.assertTrue(c_heads.returns_nothing("static inline void f(void)"))
        self.assertFalse(c_heads.returns_nothing("void *f(void)"))
        self.assertFalse(c_heads.returns_nothing("voidness f(void)"))

    def test_parameters(self) -> None:
        head = "int f(const char *a, struct b c[3][2]) /*@ ghost (int d, int *e) */"
        self.assertEqual(c_heads.parameters(head), (["a", "c"], ["d", "e"]))
        self.assertEqual(c_heads.parameters("int (f)(void)"), ([], []))
        self.assertEqual(c_heads.pointers(head + " { int *g; }"), ["a", "e"])

    def test_changed(self) -> None:
        self.assertEqual(c_heads.renamed("int f(int f_, int f)", "f", "g"), "int g(int f_, int f)")
        self.assertEqual(c_heads.without_storage("static __inline int f()").split(), ["int", "f()"])


if __name__ == "__main__":
    unittest.main()
