/* cache_fuzz.c: the stack caches of several Ps and the pools below them, called directly: what a cache holds, what
 * refill and release leave there, and that no stack is in two places.
 *
 * Records of two bytes: what and which order, and P. */
#include "fuzz/target.h"
#include "src/core/heap/heap_check.h"
#include "src/harness/fresh_heap.h"

#define ARENA_CHUNKS 32u
#define BASE UINT64_C(0x700000000000)
#define PS 4u
#define HELD_MAX 512u

static struct slot_ref held[HELD_MAX];
static uint32_t held_count;

static uint32_t capacity_of(uint32_t order)
{
    return STACK_CACHE_BYTES / (FIXED_STACK_BYTES << order);
}

/* CACHE-2, CACHE-7, SPAN-6: a cache holds at most 32 KiB of each order, each stack its P's. */
static void cache_is_well_formed(uint32_t p)
{
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++) {
        require(stackcache[p].count[order] <= capacity_of(order), "model",
                "a cache holds more than 32 KiB");
        for (uint32_t i = 0; i < stackcache[p].count[order]; i++) {
            uint32_t chunk = stackcache[p].chunk[order][i], index = stackcache[p].index[order][i];
            require(span_order[chunk] == order && slot_owner[chunk].at[index] == SLOT_CACHED + p,
                    "model", "a cached stack is not its P's");
        }
    }
    require(cache_ok(p), "heap", "a cache is not well formed");
}

static void pop(uint32_t p, uint32_t order)
{
    if (stackcache[p].count[order] == 0 || held_count == HELD_MAX)
        return;
    held[held_count++] = stackcache_pop(p, order);
}

/* POOL-3, CACHE-7: a held stack goes to a cache of its order, if that has room, or to the pool. */
static void give(uint32_t p, uint32_t which, bool to_pool)
{
    if (held_count == 0)
        return;
    struct slot_ref slot = held[which % held_count];
    uint32_t order = span_order[slot.chunk];
    require(slot_owner[slot.chunk].at[slot.index] == SLOT_LIVE, "model",
            "a held stack is not live");
    if (!to_pool && stackcache[p].count[order] == capacity_of(order))
        return;
    held[which % held_count] = held[held_count - 1];
    held_count--;
    if (to_pool)
        stackpoolfree(slot.chunk, slot.index);
    else
        stackcache_push(p, order, slot.chunk, slot.index);
}

/* POOL-1: the pool gives a live stack of the order that was asked for. */
static void take(uint32_t order)
{
    if (held_count == HELD_MAX)
        return;
    struct slot_ref slot = stackpoolalloc(order);
    if (slot.chunk == NUM_CHUNKS)
        return;
    require(slot_owner[slot.chunk].at[slot.index] == SLOT_LIVE && span_order[slot.chunk] == order,
            "model", "the pool gave something else than a live stack of the order");
    held[held_count++] = slot;
}

/* CACHE-3: at most half of a cache. */
static void refill(uint32_t p, uint32_t order)
{
    if (stackcache[p].count[order] != 0)
        return;
    stackcacherefill(p, order);
    require(stackcache[p].count[order] <= capacity_of(order) / 2, "model",
            "refill brought more than half of a cache");
}

/* CACHE-4: half of a cache is left. */
static void release(uint32_t p, uint32_t order)
{
    uint32_t before = stackcache[p].count[order], half = capacity_of(order) / 2;
    stackcacherelease(p, order);
    require(stackcache[p].count[order] == (before < half ? before : half), "model",
            "release did not leave half of a cache");
}

static void step(uint32_t what, uint32_t p)
{
    uint32_t order = what / 8 % NUM_STACK_ORDERS;
    switch (what % 8) {
    case 0: refill(p, order); break;
    case 1: release(p, order); break;
    case 2: pop(p, order); break;
    case 3: give(p, what / 8, false); break;
    case 4: give(p, what / 8, true); break;
    case 5: take(order); break;
    case 6: stackcache_clear(p); break;
    case 7: stackpool_sweep(); break;
    }
}

/* CACHE-1, CACHE-5, ALLOC-6, SPAN-5, CHECK-4: what is held stays live, and at rest no span is left. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool started;
    if (!started)
        require(stackinit(BASE, (uint64_t)ARENA_CHUNKS * CHUNK_BYTES) == STACK_OK, "start",
                "the arena was refused");
    started = true;
    for (size_t i = 0; i + 2 <= size && i < 2 * 512; i += 2) {
        uint32_t p = bytes[i + 1] % PS;
        step(bytes[i], p);
        cache_is_well_formed(p);
        for (uint32_t k = 0; k < held_count; k += 7)
            require(slot_owner[held[k].chunk].at[held[k].index] == SLOT_LIVE, "model",
                    "a stack that is held was taken away");
    }
    while (held_count != 0)
        give(0, held_count - 1, true);
    for (uint32_t p = 0; p < PS; p++)
        stackcache_clear(p);
    stackpool_sweep();
    for (uint32_t chunk = 0; chunk < ARENA_CHUNKS; chunk++)
        require(span_slots[chunk] == 0, "rest", "a free span was not given back");
    require(heap_used_ok(), "heap", "the heap is not well formed at rest");
    fresh_heap();
    return 0;
}
