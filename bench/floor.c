/* floor.c: the least that the same work can cost in C on this machine: fast paths without checks, and memcpy.
 *
 * Not implementations: nothing is looked at twice, nothing can fail, and a wrong word would go unnoticed. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_POPULATE */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/bench.h"

#define FIXED_BYTES 2048u

static uint64_t *buffer_make(uint64_t bytes)
{
    void *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (buffer == MAP_FAILED)
        fail("there is no memory for a buffer");
    memset(buffer, 1, bytes);
    return buffer;
}

/* Keeps the compiler from dropping a copy that nobody reads. */
static void used_by_someone(const void *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

/* `bytes` there and back. */
void measure_floor_memcpy(char **arguments)
{
    uint64_t bytes = number(arguments[0]), count = number(arguments[1]);
    uint64_t *one = buffer_make(bytes), *other = buffer_make(2 * bytes);
    double begin = 0;
    for (uint64_t i = 0; i < count + 1; i++) {
        if (i == 1)
            begin = processor_time();
        memcpy(other, one, bytes);
        used_by_someone(other);
        memcpy(one, other, bytes);
        used_by_someone(one);
    }
    result("ns", (processor_time() - begin) / (2 * (double)count));
    result("bytes", (double)bytes);
    munmap(one, bytes);
    munmap(other, 2 * bytes);
}

/* A return address, and what to know of the frame that it returns to. */
struct row {
    uint64_t pc;
    uint32_t words, pointers;
};

#define ROWS 1024u
static struct row rows[ROWS];

static uint32_t row_home(uint64_t pc)
{
    return (uint32_t)((pc * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
}

static uint64_t row_add(uint64_t pc, uint32_t words, uint32_t pointers)
{
    struct row *row = &rows[row_home(pc)];
    while (row->pc != 0)
        row++;
    *row = (struct row){pc, words, pointers};
    return pc;
}

/* Copies the words up to both ends, then relocates the pointers of one frame after the other. */
static __attribute__((noinline)) void copy_frames(uint64_t *to_end, const uint64_t *from_end,
                                                  uint64_t words)
{
    uint64_t low = (uint64_t)(uintptr_t)(from_end - words), bytes = 8 * words;
    uint64_t distance = (uint64_t)(uintptr_t)to_end - (uint64_t)(uintptr_t)from_end;
    uint64_t *at = to_end - words;
    memcpy(at, from_end - words, bytes);
    while (at < to_end) {
        uint64_t pc = at[0];
        const struct row *row = &rows[row_home(pc)];
        while (row->pc != pc)
            row++;
        for (uint32_t left = row->pointers; left != 0; left &= left - 1) {
            uint64_t *slot = at + __builtin_ctz(left);
            if (*slot - low < bytes)
                *slot += distance;
        }
        at += row->words;
    }
}

/* Frames as the walk sees them: the return address, locals, and pointers from word 6 on, at most 26 of them. */
void measure_floor_copy(char **arguments)
{
    uint64_t frame_words = number(arguments[0]), pointers = number(arguments[1]),
             stack_bytes = number(arguments[2]), count = number(arguments[3]);
    uint32_t mask = ((UINT32_C(1) << pointers) - 1) << 6;
    uint64_t pcs[16], words = stack_bytes / 8 / frame_words * frame_words;
    uint64_t *one = buffer_make(stack_bytes), *other = buffer_make(2 * stack_bytes);
    uint64_t *one_end = one + stack_bytes / 8, *other_end = other + 2 * stack_bytes / 8;
    for (uint32_t i = 0; i < 16; i++)
        pcs[i] = row_add(0x401000 + i * 977, (uint32_t)frame_words, mask);
    for (uint64_t at = 0; at < words; at += frame_words) {
        uint64_t *frame = one_end - words + at;
        frame[0] = pcs[at / frame_words % 16];
        for (uint64_t i = 6; i < 6 + pointers; i++)
            frame[i] = (uint64_t)(uintptr_t)&frame[5];
    }
    double begin = 0;
    for (uint64_t i = 0; i < count + 1; i++) {
        if (i == 1)
            begin = processor_time();
        copy_frames(other_end, one_end, words);
        copy_frames(one_end, other_end, words);
    }
    result("ns", (processor_time() - begin) / (2 * (double)count));
    result("bytes", 8 * (double)words);
    result("frame_bytes", 8 * (double)frame_words);
    munmap(one, stack_bytes);
    munmap(other, 2 * stack_bytes);
}

/* A list of free stacks of each size, linked through their first words, found through the thread. */
struct cache {
    uint64_t *first[4];
    uint64_t bytes[4];
};

static struct cache the_cache;
static _Thread_local struct cache *cache = &the_cache;

static __attribute__((noinline)) uint64_t *floor_alloc(uint64_t bytes)
{
    int order = __builtin_ctzll(bytes / FIXED_BYTES);
    uint64_t *stack = cache->first[order];
    cache->first[order] = (uint64_t *)(uintptr_t)stack[0];
    cache->bytes[order] -= bytes;
    return stack;
}

static __attribute__((noinline)) void floor_free(uint64_t *stack, uint64_t bytes)
{
    int order = __builtin_ctzll(bytes / FIXED_BYTES);
    stack[0] = (uint64_t)(uintptr_t)cache->first[order];
    cache->first[order] = stack;
    cache->bytes[order] += bytes;
}

void measure_floor_stackalloc(char **arguments)
{
    uint64_t stack_bytes = number(arguments[0]), count = number(arguments[1]);
    uint64_t *only = buffer_make(stack_bytes);
    floor_free(only, stack_bytes);
    double begin = processor_time();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *stack = floor_alloc(stack_bytes);
        *(volatile uint64_t *)&stack[stack_bytes / 8 - 1] = 1;
        floor_free(stack, stack_bytes);
    }
    result("ns", (processor_time() - begin) / (double)count);
    munmap(only, stack_bytes);
}
