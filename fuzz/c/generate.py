#!/usr/bin/env python3
"""generate.py SEED: prints a program in C that does what makes it hard to move stacks.

Arrays of structures whose size is no power of two, indices that are proved to be within bounds, pointers to locals
that are kept over calls in loops, alloca, arrays of variable length, variadic functions, callbacks, alignment,
setjmp, structures by value, deep recursion.  A program does nothing undefined, ends soon, and prints a checksum.
The same seed gives the same program.  Programs may share a file, but for main.
"""
from __future__ import annotations

import random
import sys
from collections.abc import Callable

HEAD = """/* Made by fuzz/c/generate.py from seed %d. */
#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ONE_BY_ONE
typedef unsigned long word;
#define NOINLINE __attribute__((noinline))
#define ONE_BY_ONE _Pragma("clang loop unroll(disable)")
#define LIKELY(x) __builtin_expect((x), 1)
#define UNLIKELY(x) __builtin_expect((x), 0)

static word total;

NOINLINE static word step(word x)
{
    volatile word kept = x;
    return kept * 6364136223846793005u + 1442695040888963407u;
}

NOINLINE __attribute__((used)) static word use(word *at, word x)
{
    *at += step(x);
    return *at >> 7;
}
#endif
"""


class Writer:
    """A program in the making."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.parts = [HEAD % seed]
        self.names: list[str] = []

    def tag(self) -> str:
        """An end of names that no other pattern has, nor one of another program."""
        return "%d_%d" % (self.seed, len(self.names))

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def constant(self) -> str:
        return "%du" % self.random.getrandbits(self.random.choice([3, 8, 31]))

    def expression(self, *names: str) -> str:
        """Arithmetic on names, all of it unsigned."""
        text = self.random.choice(names)
        for _ in range(self.number(1, 3)):
            sign = self.random.choice(["+", "-", "*", "^", "|", "&"])
            text = "(%s %s %s)" % (text, sign, self.random.choice([*names, self.constant()]))
        return text

    def function(self, body: str, before: str = "") -> None:
        """A function of one argument n, which the program calls."""
        name = "f" + self.tag()
        self.names.append(name)
        self.parts.append(
            "%s\nNOINLINE __attribute__((used)) static word %s(word n)\n{\n%s}\n"
            % (before, name, body)
        )


def structures(out: Writer) -> None:
    """A pointer to an element stays alive over the calls of an inner loop."""
    count, name = out.number(3, 7), "struct part" + out.tag()
    fields = out.random.choice([3, 5, 6, 7, 9, 11])
    inner = out.expression("i", "k", "n")
    out.function(
        f"""    {name} parts[{count}];
    word best = n, sum = 0;
    ONE_BY_ONE for (word i = 0; i < {count}; i++) {{
        {name} *part = &parts[i];
        part->a = part->b = i;
        part->rest[{fields - 3}] = n;
        ONE_BY_ONE for (word k = 0; k < {out.number(2, 9)}; k++) {{
            word result = step({inner});
            if (result > best || (k & 1) != 0) {{
                part->a = result;
                part->b += step(result) ^ part->rest[{fields - 3}];
                best = result;
            }}
        }}
    }}
    for (word i = 0; i < {count}; i++)
        sum = sum * 31 + parts[i].a + parts[i].b;
    return sum;
""",
        f"{name} {{\n    word a, b, rest[{fields - 2}];\n}};\n",
    )


def masked(out: Writer) -> None:
    """An index within bounds by a mask, and its address over several calls."""
    size = out.random.choice([8, 16, 32])
    kind = out.random.choice(["word", "unsigned", "unsigned short", "unsigned char", "double"])
    out.function(
        f"""    {kind} cells[{size}] = {{0}};
    word sum = 0;
    ONE_BY_ONE for (word i = 0; i < {out.number(3, 20)}; i++) {{
        {kind} *cell = &cells[{out.expression("i", "n")} & {size - 1}];
        word first = step(i);
        *cell = ({kind})(first >> 12);
        sum += step(n + i);
        *cell = ({kind})(*cell + ({kind})(step(sum) & 1023));
    }}
    for (word i = 0; i < {size}; i++)
        sum = sum * 17 + (word)cells[i];
    return sum;
"""
    )


def chosen(out: Writer) -> None:
    """A pointer to one of several variables."""
    choice = out.expression("i", "n")
    out.function(
        f"""    word a = n, b = n + 1, c[3] = {{n, 2, 3}};
    ONE_BY_ONE for (word i = 0; i < {out.number(3, 9)}; i++) {{
        word *at = ({choice} & 1) != 0 ? &a : ({choice} & 2) != 0 ? &b : &c[i % 3];
        word result = step(i + *at);
        *at ^= result;
        *at += step(result & 255);
    }}
    return a + b * 3 + c[0] + c[1] * 5 + c[2];
"""
    )


def allocated(out: Writer) -> None:
    """alloca, in a loop or once, and an array of variable length."""
    if out.random.random() < 0.5:
        memory = "word *cells = alloca((count + 1) * sizeof *cells);"
    else:
        memory = "word cells[count + 1];"
    out.function(
        f"""    word sum = 0;
    ONE_BY_ONE for (word i = 0; i < {out.number(2, 5)}; i++) {{
        word count = 1 + (step(n + i) >> 60);
        {memory}
        for (word k = 0; k <= count; k++)
            cells[k] = step(k ^ {out.expression("n", "i")});
        for (word k = 0; k <= count; k++)
            sum = sum * 7 + use(&cells[k], sum) + cells[count - k];
    }}
    return sum;
"""
    )


KINDS = {"word": "%s", "int": "(int)(%s & 0xffff)", "double": "(double)(%s & 0xffff)"}


def variadic(out: Writer) -> None:
    """A function that takes what a list of kinds says, some of it on the stack."""
    name = "v" + out.tag()
    kinds = [out.random.choice(sorted(KINDS)) for _ in range(out.number(1, 24))]
    values = ", ".join(KINDS[kind] % out.expression("n", "sum") for kind in kinds)
    letters = "".join(kind[0] for kind in kinds)
    out.function(
        f"""    word sum = step(n);
    ONE_BY_ONE for (word i = 0; i < {out.number(1, 3)}; i++)
        sum += {name}("{letters}", {values});
    return sum;
""",
        f"""
NOINLINE static word {name}(const char *kinds, ...)
{{
    va_list list, copy;
    word sum = 0;
    va_start(list, kinds);
    va_copy(copy, list);
    for (const char *kind = kinds; *kind != '\\0'; kind++) {{
        sum = step(sum);
        switch (*kind) {{
        case 'w': sum += va_arg(list, word); break;
        case 'i': sum += (word)va_arg(list, int); break;
        default: sum += (word)va_arg(list, double); break;
        }}
    }}
    va_end(list);
    if (kinds[0] == 'w')
        sum ^= va_arg(copy, word);
    va_end(copy);
    return sum;
}}
""",
    )


def callback(out: Writer) -> None:
    """A function by pointer changes a structure of its caller's; or qsort calls back."""
    name = "visit" + out.tag()
    if out.random.random() < 0.5:
        before = f"""
NOINLINE static int {name}(const void *left, const void *right)
{{
    word a = *(const word *)left, b = *(const word *)right;
    return (a > b) - (a < b);
}}
"""
        call = f"qsort(state, {out.number(3, 9)}, sizeof *state, {name});"
    else:
        before = f"""
NOINLINE static void {name}(word *state, word i)
{{
    state[i % 9] += step(i) ^ state[0];
}}
static void (*volatile {name}_pointer)(word *, word) = {name};
"""
        call = f"{name}_pointer(state, {out.expression('i', 'n')});"
    out.function(
        f"""    word state[9], sum = 0;
    for (word i = 0; i < 9; i++)
        state[i] = step(i + n);
    ONE_BY_ONE for (word i = 0; i < {out.number(2, 6)}; i++) {{
        {call}
        sum = sum * 5 + state[i];
    }}
    return sum;
""",
        before,
    )


def aligned(out: Writer) -> None:
    """Locals that are aligned to more than the stack is."""
    alignment = out.random.choice([32, 64, 128])
    out.function(
        f"""    _Alignas({alignment}) word cells[{out.random.choice([4, 8, 12])}];
    word sum = 0;
    for (word i = 0; i < 4; i++)
        cells[i] = {out.expression("i", "n")};
    ONE_BY_ONE for (word i = 0; i < 4; i++)
        sum += use(&cells[i], n) ^ step(cells[3 - i]);
    return sum + ((word)cells & {alignment - 1});
"""
    )


def jumping(out: Writer) -> None:
    """setjmp, and longjmp from a function or two further in."""
    name = "leap" + out.tag()
    out.function(
        f"""    volatile word cells[5] = {{n, 1, 2, 3, 4}};
    volatile word tries = 0;
    if (setjmp({name}_target) < {out.number(1, 4)}) {{
        tries++;
        cells[tries % 5] += step(n);
        {name}(tries, {out.number(0, 5)});
    }}
    return cells[0] + cells[1] * 3 + tries + step(cells[2]);
""",
        f"""
static jmp_buf {name}_target;

NOINLINE static void {name}(word tries, word depth)
{{
    if (depth > 0)
        {name}(tries, depth - 1);
    total += step(depth);
    longjmp({name}_target, (int)tries);
}}
""",
    )


def by_value(out: Writer) -> None:
    """Structures as arguments and results; the callee indexes its own copy."""
    words, name = out.random.choice([1, 2, 3, 5, 9, 21]), "value" + out.tag()
    out.function(
        f"""    struct {name} one = {{{{0}}}}, two = {{{{1}}}};
    ONE_BY_ONE for (word i = 0; i < {out.number(2, 6)}; i++) {{
        one.cells[i % {words}] = step(n ^ i);
        two = {name}(one, two, {out.expression("i", "n")});
        one.cells[0] += two.cells[{words - 1}];
    }}
    return one.cells[0] * 3 + two.cells[0];
""",
        f"""
struct {name} {{
    word cells[{words}];
}};

NOINLINE static struct {name} {name}(struct {name} a, struct {name} b, word n)
{{
    ONE_BY_ONE for (word i = 0; i < {words}; i++) {{
        word *cell = &a.cells[(i + n) % {words}];
        *cell += step(b.cells[i]);
        b.cells[i] ^= step(*cell);
    }}
    return (n & 1) != 0 ? a : b;
}}
""",
    )


def read_late(out: Writer) -> None:
    """A structure by value that is read alone, at constant offsets, behind calls and branches."""
    words, name = out.random.choice([3, 4, 6, 9, 17]), "late" + out.tag()
    reads = "\n".join(
        f"    sum += step(sum ^ given.cells[{out.random.randrange(words)}]);"
        for _ in range(out.number(1, 5))
    )
    out.function(
        f"""    struct {name} given;
    ONE_BY_ONE for (word i = 0; i < {words}; i++)
        given.cells[i] = step(n + i);
    return {name}_sum(given, {out.expression("n", "n")}) ^ {name}_sum(given, n);
""",
        f"""
struct {name} {{
    word cells[{words}];
}};

NOINLINE static word {name}_sum(struct {name} given, word n)
{{
    word sum = step(given.cells[{out.random.randrange(words)}]);
    if ((n & {out.number(1, 7)}) == 0)
        return sum - given.cells[{out.random.randrange(words)}];
{reads}
    return sum ^ given.cells[{out.random.randrange(words)}];
}}
""",
    )


def _hurried_statement(out: Writer) -> str:
    """One statement of a function that is often over before it calls anything."""
    test = f"(value >> {out.number(0, 9)} & {out.random.choice([1, 3, 7])}) == 0"
    when = f"if ({out.random.choice(['LIKELY', 'UNLIKELY'])}({test}))"
    change = f"value = value * {out.number(2, 9)} + at[{out.number(0, 2)}];"
    write = f"at[{out.number(0, 2)}] += value;"
    return out.random.choice(
        [
            f"{when}\n        {change}\n    else\n        value = step(value);",
            f"{when}\n        return value ^ at[{out.number(0, 2)}];",
            f"{when}\n        return step(value) + n;",
            f"{when} {{\n        {write}\n        return value;\n    }}",
            f"{when}\n        {write}",
            f"for (word i = 0; i < (n & 3); i++)\n        {when} value += i; else value ^= step(i);",
            change,
        ]
    )


def hurried(out: Writer) -> None:
    """Ways that return early, call, write, merge and loop: what the plugin splits into fast paths and the whole."""
    name = "hurried" + out.tag()
    statements = "\n    ".join(_hurried_statement(out) for _ in range(out.number(2, 7)))
    out.function(
        f"""    word cells[3] = {{n, n >> 3, 7}}, sum = 0;
    ONE_BY_ONE for (word i = 0; i < 40; i++)
        sum = sum * 5 + {name}(cells, step(n + i) >> 7);
    return sum ^ cells[0] ^ cells[1] * 3 ^ cells[2] * 7;
""",
        f"""
NOINLINE static word {name}(word *at, word n)
{{
    word value = n ^ at[{out.number(0, 2)}];
    {statements}
    return value;
}}
""",
    )


def recursive(out: Writer) -> None:
    """Deep recursion with a frame of some size."""
    name = "deep" + out.tag()
    words = out.random.choice([1, 3, 30, 150, 700])
    depth = out.number(5, 3000 if words < 100 else 100)
    out.function(
        f"    return {name}({depth}, n);\n",
        f"""
NOINLINE static word {name}(word depth, word n)
{{
    volatile word kept[{words}];
    kept[0] = n;
    kept[{words - 1}] = {out.expression("depth", "n")};
    if (depth == 0)
        return step(n);
    word below = {name}(depth - 1, kept[{words - 1}]);
    return below * 3 + kept[0] + kept[{words - 1}];
}}
""",
    )


def branching(out: Writer) -> None:
    """A switch with a table, and a computed goto."""
    cases = out.number(5, 12)
    rows = "".join(
        "        case %d: sum += %s; break;\n" % (i, out.expression("sum", "n", "i"))
        for i in range(cases)
    )
    out.function(
        f"""    static void *const places[] = {{&&even, &&odd, &&end}};
    word cells[6] = {{n}}, sum = 0, i = 0;
    ONE_BY_ONE for (i = 0; i < {out.number(4, 16)}; i++) {{
        word *cell = &cells[i % 6];
        switch (step(i + n) % {cases + 1}) {{
{rows}        default: *cell += step(sum); break;
        }}
        *cell ^= step(*cell);
    }}
    goto *places[i & 1];
even:
    sum += step(cells[1]);
    goto *places[1 + (sum & 1)];
odd:
    sum ^= step(cells[2]);
    goto *places[2];
end:
    return sum + cells[3];
"""
    )


def copied(out: Writer) -> None:
    """Bytes that libc copies, sets and compares."""
    size = out.random.choice([17, 64, 200, 1000])
    out.function(
        f"""    char from[{size}], to[{size}];
    memset(from, (int)(n & 127), sizeof from);
    snprintf(from, sizeof from, "%lu", step(n));
    memcpy(to, from, sizeof to);
    word sum = step((word)to[(n ^ step(n)) % {size}]);
    to[sum % {size}] = 1;
    return sum + (word)(memcmp(from, to, sizeof to) != 0) + strlen(from) + (word)to[n % {size}];
"""
    )


PATTERNS: list[Callable[[Writer], None]] = [
    structures,
    masked,
    chosen,
    allocated,
    variadic,
    callback,
    aligned,
    jumping,
    by_value,
    read_late,
    hurried,
    recursive,
    branching,
    copied,
]


def program(seed: int, with_variadic: bool = True) -> str:
    """The whole program of a seed; LLVM compiles variadic functions for goroutines by the plugin alone."""
    out = Writer(seed)
    patterns = [one for one in PATTERNS if with_variadic or one is not variadic]
    for _ in range(out.number(4, 14)):
        out.random.choice(patterns)(out)
    calls = "".join(
        "        total = total * 31 + %s(total ^ i);\n" % name
        for name in out.random.choices(out.names, k=2 * len(out.names))
    )
    return "%s\nint main(void)\n{\n    for (word i = 0; i < %d; i++) {\n%s    }\n%s}\n" % (
        "".join(out.parts),
        out.number(1, 4),
        calls,
        '    printf("%016lx\\n", total);\n    return 0;\n',
    )


def main() -> int:
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        print("generate.py: usage: generate.py SEED, a number", file=sys.stderr)
        return 2
    sys.stdout.write(program(int(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
