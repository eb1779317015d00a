/* heap_bench.c: stacks without goroutines: the allocator of the core. */
#include <stdlib.h>

#include "bench/bench.h"
#include "src/core/heap/stackalloc.h"

/* As many as a peer's program keeps on its own stack. */
#define LIVE_MAX 64u

static uint64_t take(uint64_t size_bytes)
{
    struct stack_alloc_result stack = stackalloc(0, size_bytes);
    if (stack.status != STACK_OK)
        fail("there is no stack");
    return stack.lo;
}

static void give(uint64_t low, uint64_t size_bytes)
{
    if (stackfree(0, low, size_bytes) != STACK_OK)
        fail("a stack cannot be freed");
}

/* `live` at a time; the last one goes first. */
static void alloc_and_free(uint64_t size_bytes, uint64_t live, uint64_t rounds)
{
    uint64_t stacks[LIVE_MAX];
    for (uint64_t i = 0; i < rounds; i++) {
        for (uint64_t j = 0; j < live; j++) {
            stacks[j] = take(size_bytes);
            *(volatile char *)(uintptr_t)(stacks[j] + size_bytes - 8) = 1;
        }
        for (uint64_t j = live; j > 0; j--)
            give(stacks[j - 1], size_bytes);
    }
}

void measure_stackalloc(char **arguments)
{
    uint64_t size_bytes = number(arguments[0]), live = number(arguments[1]);
    uint64_t rounds = number(arguments[2]) / live;
    if (live > LIVE_MAX)
        fail("so many stacks are too many");
    runtime_begin();
    alloc_and_free(size_bytes, live, 100);
    double begin = processor_time();
    alloc_and_free(size_bytes, live, rounds);
    result("ns", (processor_time() - begin) / (double)(rounds * live));
    runtime_finish();
}

/* 128 KiB from a page heap with so many free blocks of 64 KiB, none beside another, and back. */
void measure_heap(char **arguments)
{
    uint64_t blocks = number(arguments[0]), count = number(arguments[1]);
    const uint64_t small = 65536, large = 2 * small;
    uint64_t *stacks = calloc(2 * blocks, sizeof *stacks);
    if (stacks == NULL)
        fail("there is no memory for the stacks' addresses");
    runtime_begin();
    for (uint64_t i = 0; i < 2 * blocks; i++)
        stacks[i] = take(small);
    for (uint64_t i = 0; i < blocks; i++)
        give(stacks[2 * i], small);
    double begin = processor_time();
    for (uint64_t i = 0; i < count; i++)
        give(take(large), large);
    result("ns", (processor_time() - begin) / (double)count);
    for (uint64_t i = 0; i < blocks; i++)
        give(stacks[2 * i + 1], small);
    free(stacks);
    runtime_finish();
}
