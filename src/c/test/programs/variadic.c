/* variadic.c: definitions and calls of variadic functions, of this program and of the C library. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct pair {
    long a, b;
};

__attribute__((noinline)) static double added(const char *kinds, va_list list, int depth)
{
    char text[64];
    double sum = 0;
    if (depth > 0)
        return added(kinds, list, depth - 1) + 1;
    for (; *kinds != '\0'; kinds++)
        switch (*kinds) {
        case 'i': sum += va_arg(list, int); break;
        case 'l': sum += (double)va_arg(list, long); break;
        case 'd': sum += va_arg(list, double); break;
        case 'L': sum += (double)va_arg(list, long double); break;
        case 'p': sum += (double)va_arg(list, struct pair).b; break;
        case 's': sum += (double)strlen(va_arg(list, const char *)); break;
        }
    snprintf(text, sizeof text, "%g", sum);
    return sum + (double)strlen(text);
}

__attribute__((noinline)) static double sum(int depth, const char *kinds, ...)
{
    va_list list, again;
    va_start(list, kinds);
    va_copy(again, list);
    double first = added(kinds, list, depth), second = added(kinds, again, depth / 2);
    va_end(again);
    va_end(list);
    return 3 * first + second;
}

int main(void)
{
    struct pair pair = {1, 20};
    long double wide = 2.75L;
    for (int depth = 0; depth < 300; depth += 97) {
        printf("%g\n", sum(depth, ""));
        printf("%g\n", sum(depth, "iiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9));
        printf("%g\n", sum(depth, "dididididididididi", 1.5, 1, 2.5, 2, 3.5, 3, 4.5, 4, 5.5, 5, 6.5,
                           6, 7.5, 7, 8.5, 8, 9.5, 9));
        printf("%g\n", sum(depth, "pLpsl", pair, wide, pair, "four", 5L));
        printf("%d %s %c %5.2f %ld %x %g %d %d %d %d %g\n", depth, "text", 'c', 1.25, 1L << 40, 255,
               1e300, 1, 2, 3, 4, 2.5);
    }
    return 0;
}
