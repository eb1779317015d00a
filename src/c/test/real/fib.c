/* fib.c: calls that do nothing but add. */
#include <stdio.h>
#include <stdlib.h>

static long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int count, char **words)
{
    printf("%ld\n", fib(count == 2 ? atol(words[1]) : 0));
    return 0;
}
