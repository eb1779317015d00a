/* fib.c: recursion of ordinary C.  Each goroutine's stack begins at 2 KiB, and grows as far as its calls need. */
#include "src/c/contig_c.h"

static long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/* 1 + ... + n, a call for each term: clang would make a loop of it, were it not for `volatile`. */
static long sum(long n)
{
    volatile long term = n;
    return n == 0 ? 0 : sum(n - 1) + term;
}

static void fibs(void *first)
{
    for (long n = *(long *)first; n < 30; n += 10) {
        printf("fib(%ld) = %ld\n", n, fib(n));
        contig_c_yield();
    }
}

int main(void)
{
    struct contig_c_statistics stack;
    long first = 0, second = 5;
    contig_go_c(fibs, &first, NULL, NULL);
    contig_go_c(fibs, &second, NULL, NULL);
    for (int i = 0; i < 4; i++)
        contig_c_yield();
    printf("1 + ... + 1000000 = %ld\n", sum(1000000));
    contig_c_read_statistics(contig_c_self(), &stack);
    printf("%lu growths, to %lu bytes\n", (unsigned long)stack.growths,
           (unsigned long)stack.stack_bytes);
    return 0;
}
