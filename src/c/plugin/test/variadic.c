/* variadic.c: variadic functions of each kind of argument, for plugin_test.py: what it prints is the same with the
 * plugin and without it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct five {
    long words[5];
};

static double sum_list(const char *kinds, va_list list)
{
    double sum = 0;
    for (; *kinds != '\0'; kinds++)
        switch (*kinds) {
        case 'i': sum += va_arg(list, int); break;
        case 'l': sum += (double)va_arg(list, long); break;
        case 'd': sum += va_arg(list, double); break;
        case 'D': sum += (double)va_arg(list, long double); break;
        case 's': {
            struct five five = va_arg(list, struct five);
            sum += (double)(five.words[0] + five.words[4]);
            break;
        }
        default: abort();
        }
    return sum;
}

/* Two lists, and a second start. */
__attribute__((noinline)) static double sum(const char *kinds, ...)
{
    va_list list, copy;
    va_start(list, kinds);
    va_copy(copy, list);
    double total = sum_list(kinds, list) * 3 + sum_list(kinds, copy);
    va_end(copy);
    va_end(list);
    va_start(list, kinds);
    total += sum_list(kinds, list);
    va_end(list);
    return total;
}

/* A structure comes back through a hidden pointer, and fixed arguments lie on the stack. */
__attribute__((noinline)) static struct five far(long a, long b, long c, long d, long e, long f,
                                                 struct five given, int count, ...)
{
    va_list list;
    va_start(list, count);
    struct five result = given;
    for (int i = 0; i < count; i++)
        result.words[i % 5] += va_arg(list, long) + a * b - c * d + e - f;
    va_end(list);
    return result;
}

/* A computed goto: addresses of blocks move into the body. */
__attribute__((noinline)) static long steps(int count, ...)
{
    static void *const kinds[] = {&&add, &&twice, &&end};
    va_list list;
    long total = 0;
    va_start(list, count);
    goto *kinds[va_arg(list, int)];
add:
    total += va_arg(list, int);
    goto *kinds[va_arg(list, int)];
twice:
    total *= 2;
    goto *kinds[va_arg(list, int)];
end:
    va_end(list);
    return total + count;
}

__attribute__((noinline, format(printf, 1, 2))) static void say(const char *form, ...)
{
    char line[200];
    va_list list;
    va_start(list, form);
    vsnprintf(line, sizeof line, form, list);
    va_end(list);
    puts(line);
}

int main(void)
{
    struct five five = {{1, 2, 3, 4, 5}};
    double (*called)(const char *, ...) = sum;
    say("%g %g %g", sum("d", 2.5), called(""), sum("il", 7, 8L));
    say("%g", sum("iliiliilidddddddddddsDs", 1, 2L, 3, 4, 5L, 6, 7, 8L, 9, 1.5, 2.5, 3.5, 4.5, 5.5,
                  6.5, 7.5, 8.5, 9.5, 10.5, 11.5, five, (long double)2.25, five));
    five = far(1, 2, 3, 4, 5, 6, five, 7, 10L, 20L, 30L, 40L, 50L, 60L, 70L);
    say("%ld %ld %ld %s", five.words[0], five.words[1], five.words[4], strrchr("a/b", '/'));
    say("%ld", steps(3, 0, 5, 1, 0, 4, 2));
    return 0;
}
