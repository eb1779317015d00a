/* fib.c: `fib fib N`: the check of libgcc's split stacks in each call; without -fsplit-stack, no check. */
#include "bench/peers/peer.h"

/* With -fno-optimize-sibling-calls: a call is a call. */
static __attribute__((noinline)) long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static double fib_calls(long n)
{
    double before = 1, calls = 1;
    for (long i = 2; i <= n; i++) {
        double next = before + calls + 1;
        before = calls;
        calls = next;
    }
    return calls;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    volatile long n = atol(argv[2]);
    double begin = processor_time();
    n = fib(n) > 0 ? n : 0;
    result("ns", (processor_time() - begin) / fib_calls(n));
    return 0;
}
