/* heap_examples_test.c: an example of each requirement on the heap of stacks, in numbers that a reader can check.
 *
 * One process for each example.  The arena is a range of addresses that is not mapped: whatever read or wrote a
 * stack's memory would end the test (ALLOC-7). */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/core/heap/heap_check.h"
#include "src/core/heap/stackalloc.h"
#include "src/testing/processes.h"

#define BASE (UINT64_C(1) << 40)
#define KIB UINT64_C(1024)

static void start(uint32_t chunks)
{
    EXPECT(stackinit(BASE, chunks * (uint64_t)CHUNK_BYTES) == STACK_OK);
}

static uint64_t get(uint32_t p, uint64_t bytes)
{
    struct stack_alloc_result result = stackalloc(p, bytes);
    EXPECT(result.status == STACK_OK && heap_ok());
    return result.lo;
}

static void give(uint32_t p, uint64_t lo, uint64_t bytes)
{
    EXPECT(stackfree(p, lo, bytes) == STACK_OK && heap_ok());
}

static uint32_t chunk_at(uint64_t lo)
{
    return (uint32_t)((lo - BASE) / CHUNK_BYTES);
}

/* SIZE-1 */
static void only_powers_of_two_are_sizes(void)
{
    start(64);
    static const uint64_t bad[] = {0,
                                   1,
                                   1024,
                                   2047,
                                   2049,
                                   3 * KIB,
                                   33 * KIB,
                                   UINT64_C(1) << 30,
                                   UINT64_C(1) << 32,
                                   (UINT64_C(1) << 32) + 2048,
                                   UINT64_MAX};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(stackalloc(0, bad[i]).status == STACK_BAD_SIZE);
    for (uint64_t bytes = 2 * KIB; bytes <= 512 * KIB; bytes *= 2)
        give(0, get(0, bytes), bytes);
    EXPECT(stackalloc(0, 512 * KIB * KIB).status == STACK_NO_MEMORY);
}

/* SIZE-2, SIZE-3 */
static void small_stacks_are_cut_from_aligned_spans(void)
{
    start(64);
    for (uint32_t order = 0; order < 4; order++) {
        uint64_t lo = get(NUM_P, 2 * KIB << order);
        EXPECT(span_slots[chunk_at(lo)] == 16 >> order && span_order[chunk_at(lo)] == order);
        EXPECT((lo - BASE) % (2 * KIB << order) == 0 && block_order[chunk_at(lo)] == 0);
    }
}

/* SIZE-4, LARGE-3 */
static void large_stacks_have_chunks_of_their_own(void)
{
    start(64);
    for (uint32_t order = 0; order < 5; order++) {
        uint64_t lo = get(0, 32 * KIB << order);
        EXPECT(lo % (32 * KIB) == 0 && span_slots[chunk_at(lo)] == 0);
        EXPECT(block_state[chunk_at(lo)] == BLOCK_STACK && block_order[chunk_at(lo)] == order);
    }
}

/* HEAP-1, ALLOC-1 */
static void a_fresh_heap_is_empty_and_untouched(void)
{
    EXPECT(stackinit(BASE + 4096, 32 * KIB) == STACK_BAD_ADDRESS &&
           stackinit(BASE, 0) == STACK_BAD_SIZE);
    EXPECT(stackinit(BASE, 33 * KIB) == STACK_BAD_SIZE);
    EXPECT(stackinit(BASE, (uint64_t)(NUM_CHUNKS + 1) * CHUNK_BYTES) == STACK_BAD_SIZE);
    EXPECT(stackinit(UINT64_MAX - 32 * KIB + 1, 64 * KIB) == STACK_BAD_ADDRESS);
    start(NUM_CHUNKS);
    EXPECT(grown_chunks == 0 && stack_bytes_in_use() == 0 && heap_ok());
}

/* HEAP-2, HEAP-4, HEAP-6, SPAN-1 */
static void blocks_are_aligned_and_apart(void)
{
    start(16);
    uint32_t four = allocmanual(2, BLOCK_STACK), one = allocmanual(0, BLOCK_STACK),
             two = allocmanual(1, BLOCK_STACK);
    EXPECT(four % 4 == 0 && two % 2 == 0 && block_ok(four) && block_ok(one) && block_ok(two));
    EXPECT((one < four || one >= four + 4) && (two < four || two >= four + 4) &&
           (one < two || one >= two + 2));
    EXPECT(allocmanual(4, BLOCK_STACK) == NUM_CHUNKS);
    EXPECT(allocmanual(3, BLOCK_STACK) < NUM_CHUNKS);
    EXPECT(grown_chunks == 16);
}

/* HEAP-3, HEAP-5, HEAP-7 */
static void free_buddies_are_joined(void)
{
    uint32_t chunk[16];
    start(16);
    for (int i = 0; i < 16; i++)
        chunk[i] = allocmanual(0, BLOCK_STACK);
    EXPECT(allocmanual(0, BLOCK_STACK) == NUM_CHUNKS);
    for (int i = 0; i < 16; i++)
        freemanual(chunk[(5 * i + 3) % 16]);
    EXPECT(block_state[0] == BLOCK_FREE && block_order[0] == 4 && set_size[FREE_BLOCKS(4)] == 1);
    for (uint32_t order = 0; order < 4; order++)
        EXPECT(set_size[FREE_BLOCKS(order)] == 0);
    EXPECT(heap_ok());
}

/* SPAN-3, SPAN-7, POOL-1, POOL-3, POOL-5 */
static void a_span_gives_the_highest_first_and_the_last_freed_next(void)
{
    start(4);
    uint64_t first = get(NUM_P, 8 * KIB), second = get(NUM_P, 8 * KIB);
    EXPECT(first == BASE + chunk_at(first) * 32 * KIB + 24 * KIB && second == first - 8 * KIB);
    EXPECT(set_size[STACKPOOL(2)] == 1);
    give(NUM_P, first, 8 * KIB);
    EXPECT(get(NUM_P, 8 * KIB) == first);
    get(NUM_P, 8 * KIB);
    get(NUM_P, 8 * KIB);
    EXPECT(set_size[STACKPOOL(2)] == 0);
    give(NUM_P, second, 8 * KIB);
    EXPECT(set_size[STACKPOOL(2)] == 1 && get(NUM_P, 8 * KIB) == second);
}

/* SPAN-4, SPAN-5, POOL-6, ALLOC-4, GC-2 */
static void an_empty_span_goes_back_but_not_during_a_collection(void)
{
    start(4);
    uint64_t lo = get(NUM_P, 16 * KIB);
    EXPECT(block_state[chunk_at(lo)] == BLOCK_SPAN);
    give(NUM_P, lo, 16 * KIB);
    EXPECT(span_slots[chunk_at(lo)] == 0 && block_state[chunk_at(lo)] != BLOCK_SPAN);
    lo = get(NUM_P, 16 * KIB);
    stack_gc_begin();
    give(NUM_P, lo, 16 * KIB);
    EXPECT(span_slots[chunk_at(lo)] == 2 && span_free[chunk_at(lo)] == 2);
    stack_gc_end();
    EXPECT(span_slots[chunk_at(lo)] == 2);
    freestackspans();
    EXPECT(span_slots[chunk_at(lo)] == 0 && heap_ok());
}

/* CACHE-1, CACHE-3, SPAN-6 */
static void an_empty_cache_is_filled_to_half(void)
{
    start(4);
    uint64_t lo = get(3, 2 * KIB);
    EXPECT(stackcache[3].count[0] == 8 - 1);
    give(3, lo, 2 * KIB);
    EXPECT(stackcache[3].count[0] == 8 && get(3, 2 * KIB) == lo);
    EXPECT(stackcache[2].count[0] == 0 && cache_ok(2) && cache_ok(3));
}

/* CACHE-2, CACHE-4, CACHE-7 */
static void a_full_cache_is_released_to_half(void)
{
    uint64_t lo[40];
    start(8);
    for (int i = 0; i < 40; i++)
        lo[i] = get(NUM_P, 2 * KIB);
    for (int i = 0; i < 40; i++) {
        give(1, lo[i], 2 * KIB);
        EXPECT(stackcache[1].count[0] == (i < 16 ? i + 1 : 9 + (i - 16) % 8) &&
               stackcache[1].count[0] * 2 * KIB <= 32 * KIB);
        EXPECT(cache_ok(1));
    }
}

/* CACHE-5 */
static void a_cleared_cache_is_empty(void)
{
    start(8);
    for (uint32_t order = 0; order < 4; order++)
        give(1, get(1, 2 * KIB << order), 2 * KIB << order);
    stackcache_clear(1);
    for (uint32_t order = 0; order < 4; order++)
        EXPECT(stackcache[1].count[order] == 0);
    freestackspans();
    EXPECT(stack_bytes_in_use() == 0 && heap_ok() && block_state[0] == BLOCK_FREE);
}

/* LARGE-1, LARGE-4, LARGE-5, ALLOC-4 */
static void a_large_stack_is_queued_during_a_collection(void)
{
    start(8);
    uint64_t lo = get(0, 64 * KIB);
    give(0, lo, 64 * KIB);
    EXPECT(block_state[chunk_at(lo)] == BLOCK_FREE);
    lo = get(0, 64 * KIB);
    stack_gc_begin();
    give(0, lo, 64 * KIB);
    EXPECT(block_state[chunk_at(lo)] == BLOCK_QUEUED && block_order[chunk_at(lo)] == 1);
    EXPECT(get(0, 32 * KIB) != lo && block_state[chunk_at(lo)] == BLOCK_QUEUED);
    EXPECT(get(0, 64 * KIB) == lo);
    give(0, lo, 64 * KIB);
    stack_gc_end();
    freestackspans();
    EXPECT(block_state[chunk_at(lo)] != BLOCK_QUEUED && set_size[QUEUED_STACKS(1)] == 0);
}

/* ALLOC-2, ALLOC-6: every address of a small arena, handed out once. */
static void no_two_live_stacks_overlap(void)
{
    static uint8_t owner[1024];
    start(64);
    uint32_t step = 0;
    for (;; step++) {
        uint64_t bytes = 2 * KIB << (step * 7 + step / 3) % 6;
        struct stack_alloc_result result = stackalloc(step % 3 == 0 ? NUM_P : step % 3, bytes);
        if (result.status == STACK_NO_MEMORY)
            break;
        EXPECT(result.status == STACK_OK && is_live_stack(result.lo, bytes));
        for (uint64_t unit = (result.lo - BASE) / 2048; unit < (result.lo - BASE + bytes) / 2048;
             unit++) {
            EXPECT(owner[unit] == 0);
            owner[unit] = 1;
        }
    }
    EXPECT(step > 60 && heap_ok());
}

/* ALLOC-3, ALLOC-5, ERR-1 */
static void only_live_stacks_can_be_freed(void)
{
    start(4);
    uint64_t lo = get(0, 4 * KIB), in_use = stack_bytes_in_use();
    EXPECT(is_live_stack(lo, 4 * KIB) && !is_live_stack(lo, 2 * KIB) &&
           !is_live_stack(lo + 2 * KIB, 2 * KIB));
    EXPECT(stackfree(0, lo, 8 * KIB) == STACK_BAD_ADDRESS &&
           stackfree(0, lo + 8, 4 * KIB) == STACK_BAD_ADDRESS);
    EXPECT(stackfree(0, lo, 4 * KIB + 1) == STACK_BAD_SIZE &&
           stackfree(0, 0, 4 * KIB) == STACK_BAD_ADDRESS);
    EXPECT(stackfree(0, UINT64_MAX, 4 * KIB) == STACK_BAD_ADDRESS);
    EXPECT(stack_bytes_in_use() == in_use && is_live_stack(lo, 4 * KIB) && heap_ok());
    give(0, lo, 4 * KIB);
    EXPECT(stackfree(0, lo, 4 * KIB) == STACK_BAD_ADDRESS && !is_live_stack(lo, 4 * KIB) &&
           heap_ok());
}

/* COUNT-1, COUNT-2 */
static void bytes_in_use_are_those_of_live_stacks(void)
{
    start(64);
    uint64_t small = get(0, 2 * KIB);
    EXPECT(stack_bytes_in_use() == 2 * KIB);
    uint64_t large = get(0, 128 * KIB);
    EXPECT(stack_bytes_in_use() == 130 * KIB);
    EXPECT(stackalloc(0, 5).status != STACK_OK && stack_bytes_in_use() == 130 * KIB);
    give(0, small, 2 * KIB);
    EXPECT(stack_bytes_in_use() == 128 * KIB);
    give(0, large, 128 * KIB);
    EXPECT(stack_bytes_in_use() == 0);
}

/* POOL-7 */
static void a_chunk_set_is_empty_from_zero_memory(void)
{
    start(8);
    EXPECT(set_size[STACKPOOL(0)] == 0);
    chunk_set_insert(STACKPOOL(0), 5);
    chunk_set_insert(STACKPOOL(0), 0);
    EXPECT(set_size[STACKPOOL(0)] == 2 && chunk_set_last(STACKPOOL(0)) == 0);
    chunk_set_remove(STACKPOOL(0), 5);
    EXPECT(set_size[STACKPOOL(0)] == 1 && chunk_set_last(STACKPOOL(0)) == 0);
}

/* CHECK-4: the checkers see a table that is wrong. */
static void a_wrong_table_is_seen(void)
{
    start(8);
    uint64_t lo = get(NUM_P, 2 * KIB);
    uint32_t chunk = chunk_at(lo);
    EXPECT(heap_ok() && span_ok(chunk));
    span_free[chunk]++;
    EXPECT(!heap_ok() && !span_ok(chunk));
    span_free[chunk]--;
    slot_owner[chunk].at[(lo - BASE) % CHUNK_BYTES / 2048] = SLOT_FREE;
    EXPECT(!heap_ok() && !span_ok(chunk));
    slot_owner[chunk].at[(lo - BASE) % CHUNK_BYTES / 2048] = SLOT_LIVE;
    EXPECT(heap_ok());
    stackcache[2].count[1] = 1;
    EXPECT(!heap_ok() && !cache_ok(2));
    stackcache[2].count[1] = 0;
    stack_units_of[0]++;
    EXPECT(!heap_ok());
}

static const struct test examples[] = {
    TEST(only_powers_of_two_are_sizes),
    TEST(small_stacks_are_cut_from_aligned_spans),
    TEST(large_stacks_have_chunks_of_their_own),
    TEST(a_fresh_heap_is_empty_and_untouched),
    TEST(blocks_are_aligned_and_apart),
    TEST(free_buddies_are_joined),
    TEST(a_span_gives_the_highest_first_and_the_last_freed_next),
    TEST(an_empty_span_goes_back_but_not_during_a_collection),
    TEST(an_empty_cache_is_filled_to_half),
    TEST(a_full_cache_is_released_to_half),
    TEST(a_cleared_cache_is_empty),
    TEST(a_large_stack_is_queued_during_a_collection),
    TEST(no_two_live_stacks_overlap),
    TEST(only_live_stacks_can_be_freed),
    TEST(bytes_in_use_are_those_of_live_stacks),
    TEST(a_chunk_set_is_empty_from_zero_memory),
    TEST(a_wrong_table_is_seen),
};

int main(void)
{
    return tests_run("heap_examples_test", examples, sizeof examples / sizeof *examples);
}
