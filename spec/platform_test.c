/* platform_test.c: the platform that this test is compiled for is a row of the table, and the sizes follow from it.
 *
 * SIZE-5, SIZE-6.  Compiled once for each platform: the expected numbers are those of Go 1.19, written down by hand. */
#include <stdint.h>
#include <stdio.h>

#include "spec/platform.h"

struct row {
    const char *name;
    uint32_t platform, system, fixed, orders, guard;
};

static const struct row rows[] = {
    {"linux", CONTIG_LINUX, 0, 2048, 4, 928},
    {"windows_64", CONTIG_WINDOWS_64, 4096, 8192, 2, 5024},
    {"plan9", CONTIG_PLAN9, 512, 4096, 3, 1440},
};

/* SIZE-6: the formulas, as Go computes them. */
static int follows_from_stack_system(void)
{
    uint32_t fixed = 1, orders = 0;
    while (fixed < 2048 + STACK_SYSTEM_BYTES)
        fixed *= 2;
    while (orders < 4 && fixed << orders < 32768)
        orders++;
    return FIXED_STACK_BYTES == fixed && STACK_GUARD_BYTES == 800 + 128 + STACK_SYSTEM_BYTES &&
           NUM_STACK_ORDERS == orders;
}

/* SIZE-5: the largest power of two that the default limit permits. */
static int largest_is_under_the_limit(void)
{
    uint64_t largest = (uint64_t)CHUNK_BYTES << (NUM_BLOCK_ORDERS - 1);
    return largest == 536870912 && 2 * largest > 1000000000;
}

int main(void)
{
    int good = follows_from_stack_system() && largest_is_under_the_limit();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].platform != CONTIG_PLATFORM)
            continue;
        good = good && rows[i].system == STACK_SYSTEM_BYTES && rows[i].fixed == FIXED_STACK_BYTES &&
               rows[i].orders == NUM_STACK_ORDERS && rows[i].guard == STACK_GUARD_BYTES;
        printf("platform_test: %s %s\n", rows[i].name, good ? "ok" : "FAILED");
        return good ? 0 : 1;
    }
    printf("platform_test: FAILED: the platform has no row in this test\n");
    return 1;
}
