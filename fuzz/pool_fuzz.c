/* pool_fuzz.c: stackalloc and stackfree of several Ps, caches, GC phases and wrong calls, against a model that is
 * a bitmap of the arena and a list of the stacks that are held.
 *
 * The first byte chooses the arena; then records of four bytes: what, P, size, which.  Nothing touches the memory of a
 * stack, so that there is none. */
#include "fuzz/target.h"
#include "src/core/heap/heap_check.h"
#include "src/core/heap/stack_local.h"
#include "src/harness/fresh_heap.h"

#define BASE UINT64_C(0x700000000000)
#define CHUNKS_MAX 16384u
#define UNITS (CHUNKS_MAX * MAX_SPAN_SLOTS)
#define PS 3u
#define HELD_MAX 256u

static bool unit_used[UNITS];
static struct {
    uint64_t low, bytes;
} held[HELD_MAX];
static uint32_t held_count;
static uint64_t held_bytes;
static uint32_t chunks; /* of the arena */

/* ALLOC-2, SPAN-1, SIZE-3, SIZE-4: no two stacks overlap, each lies in the arena and is aligned. */
static void mark(uint64_t low, uint64_t bytes, bool used)
{
    require(low >= BASE && low + bytes <= BASE + (uint64_t)chunks * CHUNK_BYTES, "model",
            "a stack lies outside of the arena");
    require((low - BASE) % (bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES) == 0, "model",
            "a stack is not aligned");
    /* Of a large stack the first unit of each chunk stands for the chunk; no span begins inside of it. */
    uint64_t step = bytes < CHUNK_BYTES ? 1 : MAX_SPAN_SLOTS;
    for (uint64_t unit = (low - BASE) / FIXED_STACK_BYTES;
         unit < (low + bytes - BASE) / FIXED_STACK_BYTES; unit += step) {
        require(!used || step != 1 || !unit_used[unit / MAX_SPAN_SLOTS * MAX_SPAN_SLOTS] ||
                    span_slots[unit / MAX_SPAN_SLOTS] != 0,
                "model", "a small stack lies in a large one");
        require(unit_used[unit] != used, "model",
                used ? "two stacks overlap" : "a stack was freed that was not held");
        unit_used[unit] = used;
    }
    held_bytes += used ? bytes : -bytes;
}

/* OWN-4: what the P's own cache has is taken from there without the rest of the heap, in each second call. */
static struct stack_alloc_result alloc(uint32_t p, uint64_t bytes)
{
    if (p == NUM_P || held_count % 2 == 0)
        return stackalloc(p, bytes);
    bool cached = move_is_local(p, bytes, bytes);
    struct stack_alloc_result result = stackalloc_local(p, bytes);
    require(!cached || result.status == STACK_OK, "model", "a stack of the cache was refused");
    return result.status == STACK_OK ? result : stackalloc(p, bytes);
}

/* OWN-4: and what it has room for goes there. */
static enum stack_status release(uint32_t p, uint64_t low, uint64_t bytes)
{
    if (p == NUM_P || held_count % 2 == 0)
        return stackfree(p, low, bytes);
    enum stack_status status = stackfree_local(p, low, bytes);
    return status == STACK_OK ? status : stackfree(p, low, bytes);
}

/* ALLOC-2, ALLOC-5, SIZE-1: exactly the good sizes are served, and what is served is live. */
static void step_alloc(uint32_t p, uint64_t bytes)
{
    if (held_count == HELD_MAX)
        return;
    struct stack_alloc_result result = alloc(p, bytes);
    bool good_size = bytes >= FIXED_STACK_BYTES && (bytes & (bytes - 1)) == 0 &&
                     bytes <= (uint64_t)CHUNK_BYTES << (NUM_BLOCK_ORDERS - 1);
    require((result.status == STACK_BAD_SIZE) == !good_size, "model",
            "the size of a stack was judged wrongly");
    if (result.status != STACK_OK)
        return;
    mark(result.lo, bytes, true);
    require(is_live_stack(result.lo, bytes), "model", "a stack that was given out is not live");
    held[held_count].low = result.lo;
    held[held_count++].bytes = bytes;
}

/* ALLOC-3, ALLOC-5, ALLOC-6, SPAN-4, LARGE-4: what is held can be freed; during a collection its memory stays. */
static void free_held(uint32_t p, uint32_t which)
{
    require(release(p, held[which].low, held[which].bytes) == STACK_OK, "model",
            "a live stack cannot be freed");
    mark(held[which].low, held[which].bytes, false);
    require(!is_live_stack(held[which].low, held[which].bytes), "model", "a freed stack is live");
    uint32_t chunk = (uint32_t)((held[which].low - BASE) / CHUNK_BYTES);
    require(!stack_gc_running || span_slots[chunk] != 0 || block_state[chunk] == BLOCK_QUEUED,
            "model", "a stack freed while a GC runs did not stay with the pools");
    held[which] = held[--held_count];
}

static bool is_held(uint64_t low, uint64_t bytes)
{
    for (uint32_t i = 0; i < held_count; i++)
        if (held[i].low == low && held[i].bytes == bytes)
            return true;
    return false;
}

/* ALLOC-3, ALLOC-5, COUNT-2, ERR-1: what nobody holds cannot be freed, and the try changes nothing. */
static void free_wrongly(uint32_t p, uint64_t low, uint64_t bytes)
{
    uint64_t before = stack_bytes_in_use();
    if (is_held(low, bytes))
        return;
    require(!is_live_stack(low, bytes), "model", "a stack that nobody holds is live");
    require(release(p, low, bytes) != STACK_OK, "model", "a stack that nobody holds was freed");
    require(stack_bytes_in_use() == before, "model", "a refused free changed something");
}

static uint64_t size_of(uint32_t choice)
{
    uint64_t size = (uint64_t)FIXED_STACK_BYTES << choice % (chunks > 64 ? 19 : 11);
    return choice < 224 ? size : choice < 240 ? size + 24 : choice < 254 ? size - 8 : choice - 254;
}

static void step(uint32_t what, uint32_t p, uint32_t size, uint32_t which)
{
    switch (what % 12) {
    case 0:
    case 1:
    case 2:
    case 3: step_alloc(p, size_of(size)); break;
    case 4:
    case 5:
    case 6:
        if (held_count != 0)
            free_held(p, which % held_count);
        break;
    case 7:
        if (held_count != 0 && size % 2 == 0)
            free_wrongly(p, held[which % held_count].low + 8 * (1 + size),
                         held[which % held_count].bytes);
        free_wrongly(p,
                     BASE - 8 * FIXED_STACK_BYTES +
                         (uint64_t)which * FIXED_STACK_BYTES * (size & 16 ? 1 : 64) + (size & 8),
                     size_of(size));
        break;
    case 8: stackcache_clear(p % PS); break;
    case 9: freestackspans(); break;
    case 10: stack_gc_begin(); break;
    case 11: stack_gc_end(); break;
    }
}

/* ALLOC-4, SPAN-5, LARGE-5, HEAP-2, HEAP-3, HEAP-5, COUNT-1: all is freed, and the largest block is free again. */
static void at_rest(bool heap_is_checked)
{
    stack_gc_end();
    while (held_count != 0)
        free_held(0, held_count - 1);
    for (uint32_t p = 0; p < PS; p++)
        stackcache_clear(p);
    freestackspans();
    require(stack_bytes_in_use() == 0, "rest", "stacks are in use that nobody holds");
    require(!heap_is_checked || heap_used_ok(), "heap", "the heap is not well formed at rest");
    uint64_t largest = CHUNK_BYTES;
    while (largest * 2 <= (uint64_t)chunks * CHUNK_BYTES &&
           largest * 2 <= (uint64_t)CHUNK_BYTES << (NUM_BLOCK_ORDERS - 1))
        largest *= 2;
    step_alloc(0, largest);
    require(held_count == 1, "rest", "an empty arena has no stack of the largest size that fits");
    free_held(0, 0);
    freestackspans();
    for (uint32_t chunk = 0; chunk < chunks; chunk++)
        require(span_slots[chunk] == 0 &&
                    (chunk >= grown_chunks || block_state[chunk] != BLOCK_STACK),
                "rest", "a chunk was not given back");
}

/* ALLOC-1:
 * Mostly 64 chunks: all sizes up to 2 MiB fit, and memory can run out.  What is no arena is refused. */
static void arena_take(uint8_t choice)
{
    static const uint32_t others[] = {1, 2, 3, 31, 65, 100, 1024, CHUNKS_MAX};
    chunks = choice < 248 ? 64 : others[choice - 248];
    if (choice < 128) {
        require(stackinit(BASE, (uint64_t)chunks * CHUNK_BYTES) == STACK_OK, "start",
                "the arena was refused");
        return;
    }
    require(stackinit(BASE, 0) == STACK_BAD_SIZE &&
                stackinit(BASE, CHUNK_BYTES / 2) == STACK_BAD_SIZE,
            "model", "an arena of no whole chunk was accepted");
    require(stackinit(BASE, ((uint64_t)NUM_CHUNKS + 1) * CHUNK_BYTES) == STACK_BAD_SIZE, "model",
            "an arena of too many chunks was accepted");
    require(stackinit(BASE + 8, CHUNK_BYTES) == STACK_BAD_ADDRESS &&
                stackinit(UINT64_MAX / CHUNK_BYTES * CHUNK_BYTES, 2 * CHUNK_BYTES) ==
                    STACK_BAD_ADDRESS,
            "model", "a misplaced arena was accepted");
    require(stackinit(BASE, (uint64_t)chunks * CHUNK_BYTES) == STACK_OK, "start",
            "the arena was refused");
}

/* CHECK-4, COUNT-1, HEAP-4, HEAP-5, HEAP-7, SPAN-6, POOL-5, POOL-6, CACHE-2, CACHE-7: the checkers and the count
 * of bytes, after each step.  The heap of the largest arena takes longer than all the rest: it is checked for inputs of
 * every sixteenth length. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena_take(size == 0 ? 0 : bytes[0]);
    for (size_t i = 1; i + 4 <= size && i < 4 * 512; i += 4) {
        step(bytes[i], bytes[i + 1] % (PS + 1) == PS ? NUM_P : bytes[i + 1] % (PS + 1),
             bytes[i + 2], bytes[i + 3]);
        if (i % 128 == 1 && chunks <= 128)
            require(heap_used_ok(), "heap", "the heap is not well formed");
        require(stack_bytes_in_use() == held_bytes, "model", "the count of bytes in use is wrong");
    }
    require(chunks > 128 || heap_used_ok(), "heap", "the heap is not well formed");
    at_rest(chunks < CHUNKS_MAX || size % 16 == 0);
    fresh_heap();
    return 0;
}
