/* recursion.c: calls in great number and depth. */
#include <stdio.h>

__attribute__((noinline)) static long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

__attribute__((noinline)) static long deep(long n)
{
    volatile long keep = n;
    return n == 0 ? 0 : deep(n - 1) + keep - n + 1;
}

__attribute__((noinline)) static long ackermann(long m, long n)
{
    if (m == 0)
        return n + 1;
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static int (*parity[2])(int);

static int even(int n)
{
    return n == 0 ? 1 : parity[1](n - 1);
}

static int odd(int n)
{
    return n == 0 ? 0 : parity[0](n - 1);
}

int main(int argc, char **argv)
{
    long depth = argc > 1 ? 100000 : 1000;
    parity[0] = even;
    parity[1] = odd;
    printf("%s: %ld %ld\n", argc > 1 ? argv[1] : "forced", fib(20), deep(depth));
    printf("%ld %ld\n", ackermann(2, 9), ackermann(3, 4));
    printf("%d %d\n", even(200), odd(200));
    return 0;
}
