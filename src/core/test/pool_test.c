/* pool_test.c: random calls against a model that knows nothing of blocks, spans and caches.
 *
 * The model is a bitmap of the arena in units of FIXED_STACK_BYTES and a list of the stacks that are held.  Each
 * round runs in a process of its own, because the heap begins with zero memory.  Prints one line; the exit status
 * is not 0 if the heap and the model disagree. */
/* fork and waitpid */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/core/heap/heap_check.h"
#include "src/core/heap/stack_local.h"

#define MAX_UNITS (4096u * MAX_SPAN_SLOTS)
#define MAX_HELD 20000u

static const uint64_t base = 0x700000000000u;
static uint8_t unit_used[MAX_UNITS];
static struct {
    uint64_t lo, bytes;
} held[MAX_HELD];
static uint32_t num_held;
static uint64_t held_bytes;
static uint32_t chunks;
static uint64_t random_state;
static unsigned long allocated, refused, no_memory;

static uint32_t below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

static void check(bool good, const char *what)
{
    if (good)
        return;
    printf("pool_test: %s (arena of %u chunks, %lu allocations)\n", what, chunks, allocated);
    fflush(stdout);
    _exit(1);
}

static void mark(uint64_t lo, uint64_t bytes, uint8_t used)
{
    uint64_t unit, first = (lo - base) / FIXED_STACK_BYTES;
    check(lo >= base && (lo - base) % bytes % CHUNK_BYTES == 0u, "misaligned stack");
    check(lo - base + bytes <= (uint64_t)chunks * CHUNK_BYTES, "stack outside of the arena");
    for (unit = first; unit < first + bytes / FIXED_STACK_BYTES; unit++) {
        check(unit_used[unit] != used, used ? "stacks overlap" : "freed twice");
        unit_used[unit] = used;
    }
}

/* OWN-4: from the cache alone, if that has one, or by stackalloc. */
static struct stack_alloc_result alloc_somehow(uint32_t p, uint64_t bytes)
{
    if (p == NUM_P || below(2) == 0u)
        return stackalloc(p, bytes);
    uint32_t cached = move_is_local(p, bytes, bytes);
    struct stack_alloc_result result = stackalloc_local(p, bytes);
    check(result.status == STACK_OK || !cached, "a stack of the cache is refused");
    return result.status == STACK_OK ? result : stackalloc(p, bytes);
}

static enum stack_status free_somehow(uint32_t p, uint64_t lo, uint64_t bytes)
{
    if (p == NUM_P || below(2) == 0u)
        return stackfree(p, lo, bytes);
    check(stackfree_local(p, lo + 8, bytes) != STACK_OK, "a local free of what is no stack");
    return stackfree_local(p, lo, bytes) == STACK_OK ? STACK_OK : stackfree(p, lo, bytes);
}

static uint64_t random_size(void)
{
    uint32_t orders = below(4) == 0u ? NUM_STACK_ORDERS + 8u : NUM_STACK_ORDERS + 1u;
    return (uint64_t)FIXED_STACK_BYTES << below(orders);
}

static bool is_held(uint64_t lo, uint64_t bytes)
{
    uint32_t k;
    for (k = 0; k < num_held; k++) {
        if (held[k].lo == lo && held[k].bytes == bytes)
            return true;
    }
    return false;
}

/* ALLOC-3, ALLOC-5, ERR-1 */
static void check_bad_free(uint64_t lo, uint64_t bytes)
{
    uint64_t before = stack_bytes_in_use();
    if (is_held(lo, bytes))
        return;
    check(!is_live_stack(lo, bytes), "is_live_stack knows a stack that nobody holds");
    check(stackfree(below(NUM_P + 1u), lo, bytes) != STACK_OK, "free of what is no live stack");
    check(stack_bytes_in_use() == before, "a refused free changed the count");
    refused++;
}

/* ALLOC-2, SIZE-1, SIZE-2, SIZE-4, ALLOC-6 */
static void step_alloc(void)
{
    uint64_t bytes = random_size();
    struct stack_alloc_result result;
    if (num_held == MAX_HELD)
        return;
    result = alloc_somehow(below(5) == 0u ? NUM_P : below(3), bytes);
    if (result.status == STACK_NO_MEMORY) {
        no_memory++;
        return;
    }
    check(result.status == STACK_OK, "a good size is refused");
    mark(result.lo, bytes, 1u);
    check(is_live_stack(result.lo, bytes), "is_live_stack does not know a new stack");
    held[num_held].lo = result.lo;
    held[num_held++].bytes = bytes;
    held_bytes += bytes;
    allocated++;
}

/* ALLOC-3, COUNT-1 */
static void step_free(void)
{
    uint32_t k;
    uint64_t lo, bytes;
    if (num_held == 0u)
        return;
    k = below(num_held);
    lo = held[k].lo;
    bytes = held[k].bytes;
    check_bad_free(lo + 8u, bytes);
    check_bad_free(lo, bytes * 2u);
    check_bad_free(lo + bytes / 2u, bytes / 2u);
    check(free_somehow(below(5) == 0u ? NUM_P : below(3), lo, bytes) == STACK_OK,
          "a live stack is not freed");
    mark(lo, bytes, 0u);
    held[k] = held[--num_held];
    held_bytes -= bytes;
    check_bad_free(lo, bytes);
    check(block_ok((uint32_t)((lo - base) / CHUNK_BYTES)), "block_ok after free");
    check(span_ok((uint32_t)((lo - base) / CHUNK_BYTES)), "span_ok after free");
}

static void step_bad_call(void)
{
    static const uint64_t bad_sizes[] = {0u,
                                         1u,
                                         FIXED_STACK_BYTES - 1u,
                                         FIXED_STACK_BYTES / 2u,
                                         FIXED_STACK_BYTES * 3u,
                                         CHUNK_BYTES + 8u,
                                         (uint64_t)CHUNK_BYTES << NUM_BLOCK_ORDERS,
                                         UINT64_MAX};
    uint64_t bad = bad_sizes[below(sizeof bad_sizes / sizeof bad_sizes[0])];
    check(stackalloc(0u, bad).status == STACK_BAD_SIZE, "a bad size is allocated");
    check(stackfree(0u, base, bad) == STACK_BAD_SIZE, "a bad size is freed");
    check_bad_free(base + (uint64_t)below(chunks * MAX_SPAN_SLOTS + 64u) * FIXED_STACK_BYTES +
                       8u * below(2),
                   random_size());
    check_bad_free(base - below(1u << 20), random_size());
    check_bad_free(((uint64_t)below(1u << 31) << 33) | below(1u << 31), random_size());
}

/* HEAP-5, SPAN-5, LARGE-5, ALLOC-4 */
static void check_all_free(void)
{
    uint32_t chunk, p, rest;
    while (num_held > 0u) {
        num_held--;
        check(stackfree(NUM_P, held[num_held].lo, held[num_held].bytes) == STACK_OK, "final free");
    }
    stack_gc_end();
    for (p = 0; p < NUM_P; p++)
        stackcache_clear(p);
    freestackspans();
    check(heap_ok(), "heap_ok after everything was freed");
    check(stack_bytes_in_use() == 0u, "bytes in use after everything was freed");
    for (chunk = 0; chunk < grown_chunks; chunk += 1u << block_order[chunk]) {
        rest = arena_chunks - chunk;
        check(block_state[chunk] == BLOCK_FREE, "a block is still in use");
        check(block_order[chunk] + 1u == NUM_BLOCK_ORDERS || (2u << block_order[chunk]) > rest,
              "a block is too small");
    }
}

static void check_start(void)
{
    check(stackinit(base + 8u, CHUNK_BYTES) == STACK_BAD_ADDRESS, "a misaligned arena");
    check(stackinit(UINT64_MAX - CHUNK_BYTES + 1u, CHUNK_BYTES) == STACK_BAD_ADDRESS,
          "an arena that wraps around");
    check(stackinit(ADDRESSES_END, CHUNK_BYTES) == STACK_BAD_ADDRESS,
          "an arena beyond the addresses that there are");
    check(stackinit(base, 0u) == STACK_BAD_SIZE, "an arena of no bytes");
    check(stackinit(base, CHUNK_BYTES / 2u) == STACK_BAD_SIZE, "an arena of half a chunk");
    check(stackinit(base, (uint64_t)(NUM_CHUNKS + 1u) * CHUNK_BYTES) == STACK_BAD_SIZE,
          "an arena too large");
    check(stackinit(base, (uint64_t)chunks * CHUNK_BYTES) == STACK_OK, "a good arena");
    check(heap_ok(), "heap_ok at the start");
}

/* A random call; `bias` of 960 of those that allocate or free allocate. */
static void step_any(uint32_t bias, bool *gc)
{
    uint32_t choice = below(1000);
    if (choice < bias)
        step_alloc();
    else if (choice < 960u)
        step_free();
    else if (choice < 980u)
        step_bad_call();
    else if (choice < 988u)
        stackcache_clear(below(3));
    else if (choice < 994u) {
        if (*gc)
            stack_gc_end();
        else
            stack_gc_begin();
        *gc = !*gc;
    } else if (!*gc)
        freestackspans();
}

/* CHECK-4, COUNT-2, ALLOC-1 */
static void run_round(uint32_t round)
{
    static const uint32_t arenas[] = {1u, 3u, 64u, 100u, 1000u, 4095u};
    bool gc = false;
    uint32_t step;
    chunks = arenas[round % (sizeof arenas / sizeof arenas[0])];
    random_state = round + 1u;
    check_start();
    for (step = 0; step < 30000u; step++) {
        step_any(step / 5000u % 2u == 0u ? 600u : 400u, &gc);
        check(cache_ok(below(3)), "cache_ok");
        check(stack_bytes_in_use() == held_bytes, "bytes in use");
        if (step % 1000u == 0u)
            check(heap_ok(), "heap_ok");
    }
    check_all_free();
}

/* A free block of 2^order chunks, in its set; no other is there. */
static void put_free_block(uint32_t order)
{
    grown_chunks = 1u << order;
    block_state[0] = BLOCK_FREE;
    block_order[0] = (uint8_t)order;
    set_member[FREE_BLOCKS(order)].at[0] = 0;
    set_rank[FREE_BLOCKS(order)].at[0] = 0;
    set_size[FREE_BLOCKS(order)] = 1;
}

/* CHECK-4, HEAP-6: with room for another such block the mark must be a multiple of two; at the end of the arena it need
 * not be. */
static void check_mark(uint32_t order)
{
    put_free_block(order);
    arena_chunks = 2u << order;
    check(!heap_used_ok() && !heap_ok(), "a mark that is not aligned is taken for good");
    arena_chunks = 1u << order;
    check(heap_used_ok() && heap_ok(), "a mark at the end of the arena is refused");
    arena_chunks = chunks;
    set_size[FREE_BLOCKS(order)] = 0;
    block_state[0] = BLOCK_NONE;
    block_order[0] = 0;
    grown_chunks = 0;
    check(heap_ok(), "an empty heap is refused");
}

/* CHECK-4, HEAP-4, COUNT-1: stacks above the mark, which is_live_stack knows and the count does not. */
static void check_above_mark(uint32_t chunk)
{
    block_state[chunk] = BLOCK_STACK;
    check(heap_used_ok() && !heap_ok(), "a block above the mark is taken for good");
    block_state[chunk] = BLOCK_NONE;
    span_slots[chunk] = MAX_SPAN_SLOTS;
    slot_owner[chunk].at[3] = SLOT_LIVE;
    check(heap_used_ok() && !heap_ok(), "a span above the mark is taken for good");
    span_slots[chunk] = 0;
    span_free[chunk] = 1;
    check(heap_used_ok() && !heap_ok(), "a free slot above the mark is taken for good");
    span_free[chunk] = 0;
    slot_owner[chunk].at[3] = SLOT_FREE;
    check(heap_used_ok() && heap_ok(), "an empty heap is refused");
}

/* CHECK-4: a heap that is wrong in one place at a time. */
static void check_wrong_heaps(void)
{
    chunks = 8;
    check(stackinit(base, (uint64_t)chunks * CHUNK_BYTES) == STACK_OK, "a good arena");
    for (uint32_t order = 0; order + 1 < NUM_BLOCK_ORDERS; order++)
        check_mark(order);
    check_above_mark(5);
    check_above_mark(chunks);
    check_above_mark(NUM_CHUNKS - 1u);
    arena_base = base + 8u;
    check(!heap_used_ok() && !heap_ok(), "a misaligned arena is taken for good");
    arena_base = 0u - (uint64_t)chunks * CHUNK_BYTES;
    check(!heap_used_ok() && !heap_ok(), "an arena that wraps around is taken for good");
    arena_base = base;
    check(heap_ok(), "an empty heap is refused");
}

int main(void)
{
    enum { ROUNDS = 12 };
    uint32_t round;
    int status;
    for (round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        if (child == 0) {
            if (round == 0)
                check_wrong_heaps();
            run_round(round);
            if (round == ROUNDS - 1) {
                printf("pool_test: ok (%u rounds; the last: %lu allocations, %lu without memory, "
                       "%lu bad frees refused)\n",
                       (unsigned)ROUNDS, allocated, no_memory, refused);
                fflush(stdout);
            }
            _exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            return 1;
    }
    return 0;
}
