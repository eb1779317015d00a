/* fast_path.c: functions that often return before they call anything, and what they may not do twice.
 *
 * For plugin_test.py: it prints the same with the plugin and without it.  The comment before a function says what
 * becomes of it at -O2: "split" into fast paths without a check and NAME.slow; "bare": it has no check and is whole;
 * "whole": it has a check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))
#define MIX(one, other, third) one = one * other + (third >> 1)

struct item {
    long kind, value, used;
};

struct pair {
    long first, second;
};

static long calls;
static volatile long ticks;
static _Atomic long shared;

/* Not printf: the plugin gives a call of a variadic function another name. */
static void show(const char *name, long value)
{
    char digits[24], *at = digits + sizeof digits;
    unsigned long left = value < 0 ? 0 - (unsigned long)value : (unsigned long)value;
    *--at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    fputs(name, stdout);
    fputs(value < 0 ? " -" : " ", stdout);
    puts(at);
}

/* whole */
NOINLINE long work(long value)
{
    show("  call", ++calls);
    show("  work", value);
    return value * 3 + 1;
}

/* bare */
NOINLINE long kind_of(const struct item *item)
{
    return item == NULL ? -1 : item->kind;
}

/* Its loop is in instructions on vectors. */
/* split */
NOINLINE long sum_of(const long *words, long count)
{
    long sum = 0;
    for (long i = 0; i < count; i++)
        sum += words[i] ^ i;
    return sum;
}

/* It calls nothing, but keeps more than fits below a caller's check for sure. */
/* whole */
NOINLINE long mixed(const long *words)
{
    unsigned long next = (unsigned long)words[0];
    unsigned long a = next + 0, b = next + 1, c = next + 2;
    unsigned long d = next + 3, e = next + 4, f = next + 5;
    unsigned long g = next + 6, h = next + 7, i = next + 8;
    unsigned long j = next + 9, k = next + 10, l = next + 11;
    unsigned long m = next + 12, n = next + 13, o = next + 14;
    unsigned long p = next + 15, q = next + 16, r = next + 17;
    for (int round = 0; round < 4; round++) {
        MIX(a, h, d);
        MIX(b, i, e);
        MIX(c, j, f);
        MIX(d, k, g);
        MIX(e, l, h);
        MIX(f, m, i);
        MIX(g, n, j);
        MIX(h, o, k);
        MIX(i, p, l);
        MIX(j, q, m);
        MIX(k, r, n);
        MIX(l, a, o);
        MIX(m, b, p);
        MIX(n, c, q);
        MIX(o, d, r);
        MIX(p, e, a);
        MIX(q, f, b);
        MIX(r, g, c);
    }
    return (long)(a ^ f ^ k);
}

/* split */
NOINLINE long value_of(const struct item *item)
{
    return item->kind == 0 ? item->value : work(item->value);
}

/* A variable that is a register's on the fast path, and whose address the slow function passes on. */
/* whole */
NOINLINE long convert(const struct item *item, long *result)
{
    *result = work(item->value);
    return item->kind;
}

/* split */
NOINLINE long integer_of(const struct item *item, long *known)
{
    long result = 0;
    long found =
        __builtin_expect(item->kind == 0, 1) ? (result = item->value, 1) : convert(item, &result);
    if (known != NULL)
        *known = found;
    return result;
}

/* The way behind a call comes to a block of the fast path, too, and decides there anew. */
/* split */
NOINLINE long merged(const struct item *item)
{
    long value = item->value;
    if (__builtin_expect(item->kind == 0, 1))
        value += 200 * item->used;
    else
        value = work(value);
    if (__builtin_expect(value > 100, 0))
        return work(value);
    return value;
}

/* It has counted before it may call: that is not done twice. */
/* whole */
NOINLINE long counted(struct item *item)
{
    item->used++;
    return __builtin_expect(item->kind == 0, 1) ? item->value : work(item->value);
}

/* What counts after the last way to a call is on the fast path. */
/* split */
NOINLINE long counted_late(struct item *item)
{
    if (__builtin_expect(item->kind != 0, 0))
        return work(item->used);
    item->used++;
    return item->value;
}

/* A word that may change by itself is read once. */
/* whole */
NOINLINE long ticked(struct item *item)
{
    long tick = ticks;
    return __builtin_expect(item->kind == 0, 1) ? tick : work(tick);
}

/* whole */
NOINLINE long shared_once(struct item *item)
{
    long number = shared++;
    return __builtin_expect(item->kind == 0, 1) ? number : work(number);
}

/* The first turn of a loop, or all of it in the slow function. */
/* split */
NOINLINE long first_of(const struct item *items, long count, long kind)
{
    for (long i = 0; i < count; i++) {
        if (__builtin_expect(items[i].kind == kind, 1))
            return items[i].value;
        work(i);
    }
    return -1;
}

/* split */
NOINLINE double scaled(double value, float by, const struct item *item)
{
    if (__builtin_expect(item->kind == 0, 1))
        return value * by;
    return value + (double)work(item->value);
}

/* split */
static NOINLINE long choose(const struct item *item, long other)
{
    switch (item->kind) {
    case 0: return other;
    case 1: return item->value;
    case 2: return item->value + other;
    case 3: return item->value ^ other;
    case 4: return work(other);
    default: return -other;
    }
}

/* Its result is in two registers. */
/* whole */
NOINLINE struct pair both(const struct item *item)
{
    struct pair pair = {item->value, item->kind};
    if (item->kind != 0)
        pair.first = work(item->value);
    return pair;
}

/* An argument is on the stack. */
/* whole */
NOINLINE long seven(long a, long b, long c, long d, long e, long f, long g)
{
    return __builtin_expect(a == 0, 1) ? g : work(b + c + d + e + f);
}

/* split */
NOINLINE long depth_of(long n)
{
    return n < 2 ? n : depth_of(n - 1) + depth_of(n - 2);
}

/* Most of its calls come to one. */
/* whole */
NOINLINE long rarely(const struct item *item)
{
    if (__builtin_expect(item->kind == 0, 0))
        return item->value;
    return work(item->value);
}

/* The fast path has a choice of values, and leaves from two places. */
/* split */
NOINLINE long two_ways(const struct item *item, long low, long high)
{
    long bound = item->kind & 1 ? low : high;
    if (__builtin_expect(item->value > bound, 0))
        return work(bound);
    if (__builtin_expect(item->value == low, 0))
        abort();
    return bound - item->value;
}

int main(void)
{
    static const long words[] = {5, -3, 77, 1L << 40};
    long known = 7;
    double (*call)(double, float, const struct item *) = scaled;
    show("kind_of", kind_of(NULL));
    show("sum_of", sum_of(words, 4));
    show("mixed", mixed(words));
    for (long kind = 0; kind < 6; kind++) {
        struct item item = {kind, 10 + kind, 100};
        struct item items[] = {{9 - kind, 1, 0}, {kind, 2, 0}, {5, 3, 0}};
        ticks = kind * 7;
        show("kind_of", kind_of(&item));
        show("value_of", value_of(&item));
        show("integer_of", integer_of(&item, &known) + integer_of(&item, NULL));
        show("known", known);
        show("merged", merged(&item));
        show("counted", counted(&item));
        show("counted_late", counted_late(&item));
        show("used", item.used);
        show("ticked", ticked(&item));
        show("shared_once", shared_once(&item));
        show("shared", shared);
        show("first_of", first_of(items, kind / 2 + 1, 5));
        show("scaled", (long)(1000 * call(1.5, 0.25f, &item)));
        show("choose", choose(&item, 1000));
        show("both", both(&item).first + both(&item).second);
        show("seven", seven(kind, 1, 2, 3, 4, 5, 6));
        show("depth_of", depth_of(10 + kind));
        show("rarely", rarely(&item));
        show("two_ways", two_ways(&item, 9, 12));
    }
    return 0;
}
