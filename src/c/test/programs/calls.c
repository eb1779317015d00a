/* calls.c: every way to pass arguments and results, deep enough to grow on the way. */
#include <complex.h>
#include <stdio.h>

struct small {
    int a;
    double b;
};

struct large {
    long words[9];
};

__attribute__((noinline)) static long integers(long a, long b, long c, long d, long e, long f,
                                               long g, long h, short i, char j)
{
    return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f + 17 * g + 19 * h + 23 * i + 29 * j;
}

__attribute__((noinline)) static double floats(double a, float b, double c, double d, double e,
                                               double f, double g, double h, double i,
                                               long double j)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * (double)j;
}

__attribute__((noinline)) static struct small small_of(struct small s, int n)
{
    s.a += n;
    s.b *= 1.5;
    return s;
}

__attribute__((noinline)) static struct large large_of(int n, struct large s, double x)
{
    for (int i = 0; i < 9; i++)
        s.words[i] += n * i + (long)x;
    return s;
}

__attribute__((noinline)) static long double long_of(long double x, int n)
{
    return x * n + 0.25L;
}

__attribute__((noinline)) static double complex complex_of(double complex z, int n)
{
    return z * z + n;
}

/* It reads its argument behind calls, and in other blocks than its first: lz4's LZ4IO_freeDResources. */
__attribute__((noinline)) static long late_of(struct large s, int n)
{
    long sum = integers(s.words[2], 1, 1, 1, 1, 1, 1, 1, 1, 1);
    if (n % 2 == 0)
        return sum - s.words[0];
    sum += integers(s.words[1], 2, 2, 2, 2, 2, 2, 2, 2, 2);
    sum += integers(s.words[3], s.words[4], 3, 3, 3, 3, 3, 3, 3, 3);
    return sum + s.words[5];
}

/* Each level passes all of it on, so that any of these prologues may be the one that grows. */
__attribute__((noinline)) static double level(int n, double x, struct large carried)
{
    volatile long keep[3] = {n, 2L * n, 3L * n};
    if (n == 0)
        return x + (double)carried.words[8];
    struct small s = small_of((struct small){n, x}, n);
    struct large l = large_of(n, carried, x);
    double complex z = complex_of(0.5 + 0.25 * I, n);
    double sum = (double)integers(n, 2, 3, 4, 5, 6, 7, 8, (short)n, (char)n) +
                 floats(n, 2.5F, 3, 4, 5, 6, 7, 8, 9, 10.25L) + s.a + s.b +
                 (double)long_of(1.5L, n) + creal(z) + cimag(z) + (double)late_of(carried, n);
    for (int i = 0; i < 9; i++)
        l.words[i] %= 1000003;
    double below = level(n - 1, x + 1, l);
    return below + sum / 1e3 + (double)(keep[0] + keep[1] + keep[2]);
}

int main(void)
{
    struct large zero = {{0}};
    for (int depth = 1; depth <= 400; depth = 3 * depth + 1)
        printf("%d %.6f\n", depth, level(depth, 0.5, zero));
    return 0;
}
