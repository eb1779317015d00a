/* memory.c: locals whose addresses are taken, and what a compiler makes of them: arrays, alloca, alignment. */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>

struct odd {
    long sum, last, count, more[4];
};

__attribute__((noinline)) static long touched(long n)
{
    volatile long keep = n;
    return n <= 0 ? 0 : touched(n - 1) + keep;
}

/* safe-stack alone leaves this array on the stack, and a pointer to one of its elements in a register over calls. */
__attribute__((noinline)) static long many(long n)
{
    struct odd items[4];
    long sum = 0;
#pragma clang loop unroll(disable)
    for (int i = 0; i < 4; i++) {
        struct odd *item = &items[i];
        item->sum = item->last = item->count = 0;
        for (long k = 0; k < n; k++) {
            long got = touched((k + i) % 9);
            if (got > sum || k % 2 != 0) {
                item->last = got;
                item->sum += touched(got % 5);
                item->count += item->last;
                sum = got;
            }
        }
    }
    for (int i = 0; i < 4; i++)
        sum = 31 * sum + items[i].sum + 7 * items[i].last + items[i].count;
    return sum;
}

__attribute__((noinline)) static unsigned variable(int n)
{
    char bytes[n];
    unsigned *words = __builtin_alloca((unsigned)n * sizeof *words);
    for (int i = 0; i < n; i++) {
        bytes[i] = (char)(i * n);
        words[i] = (unsigned)touched(i % 5) + (unsigned)i;
    }
    unsigned sum = n > 1 ? variable(n - 1) : 7;
    for (int i = 0; i < n; i++)
        sum = 33 * sum + words[i] + (unsigned char)bytes[i];
    return sum;
}

__attribute__((noinline)) static uintptr_t aligned(int n)
{
    alignas(64) volatile unsigned char block[64];
    alignas(32) volatile long one = n;
    for (int i = 0; i < 64; i++)
        block[i] = (unsigned char)(i + n);
    uintptr_t wrong = (uintptr_t)block % 64 + (uintptr_t)&one % 32;
    wrong += n > 0 ? aligned(n - 1) : 0;
    for (int i = 0; i < 64; i++)
        wrong += block[i] != (unsigned char)(i + n);
    return wrong + (one != n);
}

/* A pointer to a caller's variable, written through after many growths. */
__attribute__((noinline)) static void through(int n, long *first, long **last)
{
    long mine = n;
    *first += n;
    *last = &mine;
    if (n > 0)
        through(n - 1, n % 2 == 0 ? first : &mine, last);
    *first += mine;
}

int main(void)
{
    long total = 0, *last = NULL;
    printf("%ld %ld\n", many(100), many(1000));
    printf("%u\n", variable(60));
    printf("%lu\n", (unsigned long)aligned(100));
    through(300, &total, &last);
    printf("%ld\n", total);
    return 0;
}
