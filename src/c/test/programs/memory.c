/* memory.c: locals whose addresses are taken, and what a compiler makes of them: arrays, alloca, alignment. */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct odd {
    int key;
    char name[17];
    short value;
};

__attribute__((noinline)) static long touched(long n)
{
    volatile long keep = n;
    return n <= 0 ? 0 : touched(n - 1) + keep;
}

/* safe-stack alone leaves this array on the stack, and a pointer to one of its elements in a register over calls. */
__attribute__((noinline)) static unsigned many(unsigned n)
{
    struct odd items[4];
    unsigned sum = 0;
    memset(items, 0, sizeof items);
    for (unsigned i = 0; i < n; i++) {
        struct odd *item = &items[i % 4];
        item->key += (int)touched(i % 9);
        item->value = (short)(item->key + (int)i);
        sum = 31 * sum + (unsigned)item->value + (unsigned)touched(3);
    }
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
    printf("%u %u\n", many(100), many(1000));
    printf("%u\n", variable(60));
    printf("%lu\n", (unsigned long)aligned(100));
    through(300, &total, &last);
    printf("%ld\n", total);
    return 0;
}
