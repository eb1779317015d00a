/* pool_rules.c: which stack an allocation gets, and where a freed one goes.
 *
 * Keeps: SIZE, SPAN, POOL, CACHE and LARGE of spec/trace.md.  The model is Go's (runtime/stack.go): pools are lists
 * of spans, caches are stacks of stacks; without --exact any free stack may be chosen.  Called by replay.c. */
#include "src/conform/state.h"

#include <inttypes.h>
#include <string.h>

#define HALF_CACHE_BYTES (TRACE_SPAN_BYTES / 2)

bool is_pooled_size(const struct replay *replay, uint64_t bytes)
{
    return bytes < TRACE_SPAN_BYTES && bytes < replay->profile.fixed_bytes
                                                   << replay->profile.num_orders;
}

static uint32_t order_of(const struct replay *replay, uint64_t bytes)
{
    return log2_of(bytes) - log2_of(replay->profile.fixed_bytes);
}

static uint64_t order_bytes(const struct replay *replay, uint32_t order)
{
    return replay->profile.fixed_bytes << order;
}

bool valid_size(struct replay *replay, uint64_t bytes)
{
    bool pools = replay->profile.pools;
    if (bytes >= replay->profile.fixed_bytes && (!pools || is_power_of_two(bytes)))
        return true;
    return deviates(replay, "SIZE-1",
                    expected_text(replay, "%sat least %" PRIu64 " bytes",
                                  pools ? "a power of two, " : "", replay->profile.fixed_bytes),
                    found_text(replay, "%" PRIu64, bytes));
}

static bool valid_order(struct replay *replay, uint64_t order)
{
    if (order < replay->profile.num_orders &&
        is_pooled_size(replay, order_bytes(replay, (uint32_t)order)))
        return true;
    return deviates(replay, "SIZE-2", "an order of a pooled size",
                    found_text(replay, "order %" PRIu64, order));
}

/* The cache was used: it must be cleared after the next collection. */
static void use_cache(struct replay *replay, uint32_t id)
{
    struct cache *cache = &replay->caches[id];
    if (cache->used_since == 0) {
        cache->used_since = event_number(replay);
        used_list_append(replay, id);
    }
}

static void cache_put(struct replay *replay, uint32_t id, uint32_t order, uint64_t address)
{
    struct cache *cache = &replay->caches[id];
    struct stack_at stack;

    cache->stacks[order][cache->count[order]++] = address;
    if (find_stack(replay, address, &stack))
        replay->blocks[stack.block].state[stack.slot] = PLACE_CACHED;
}

/* Takes `address` out of the cache, if --exact only from the top. */
static bool cache_take(struct replay *replay, uint32_t id, uint32_t order, uint64_t address)
{
    struct cache *cache = &replay->caches[id];
    uint32_t count = cache->count[order];
    uint32_t place = count;

    while (place > 0 && cache->stacks[order][place - 1] != address)
        place--;
    if (place == 0 || (replay->exact && place != count))
        return false;
    memmove(&cache->stacks[order][place - 1], &cache->stacks[order][place],
            (count - place) * sizeof cache->stacks[order][0]);
    cache->count[order]--;
    return true;
}

static bool cache_empty(const struct replay *replay, uint32_t id)
{
    const struct cache *cache = &replay->caches[id];
    for (uint32_t order = 0; order < TRACE_MAX_ORDERS; order++)
        if (cache->count[order] != 0)
            return false;
    return true;
}

static uint64_t cached_bytes(const struct replay *replay, uint32_t id, uint32_t order)
{
    return replay->caches[id].count[order] * order_bytes(replay, order);
}

static bool wrong_cached(struct replay *replay, const char *requirement, uint32_t id,
                         uint32_t order, uint64_t found)
{
    const struct cache *cache = &replay->caches[id];
    uint32_t count = cache->count[order];

    if (count == 0)
        return deviates(replay, requirement,
                        expected_text(replay,
                                      "a refill, since cache 0x%" PRIx64
                                      " has no stack of order %" PRIu32,
                                      cache->name, order),
                        found_text(replay, "stack 0x%" PRIx64, found));
    if (replay->exact)
        return deviates(replay, requirement,
                        expected_text(replay,
                                      "stack 0x%" PRIx64 ", the last one put into cache 0x%" PRIx64,
                                      cache->stacks[order][count - 1], cache->name),
                        found_text(replay, "0x%" PRIx64, found));
    return deviates(replay, requirement,
                    expected_text(replay,
                                  "one of the %" PRIu32 " stacks of order %" PRIu32
                                  " in cache 0x%" PRIx64,
                                  count, order, cache->name),
                    found_text(replay, "0x%" PRIx64, found));
}

/* The thread must be at the end of a refill for this very allocation, if it is in one. */
static bool refill_served(struct replay *replay, struct thread *thread, uint32_t cache,
                          uint32_t order)
{
    if (thread->step == STEP_NONE)
        return true;
    if (thread->step != STEP_REFILL)
        return deviates(
            replay, "CACHE-1",
            expected_text(replay, "the allocation that thread %" PRIu64 " has taken a stack for",
                          thread->name),
            "one from a cache");
    if (thread->cache != cache || thread->order != order)
        return deviates(replay, "CACHE-3",
                        expected_text(replay,
                                      "the allocation that the refill of order %" PRIu32 " serves",
                                      thread->order),
                        found_text(replay, "one of order %" PRIu32, order));
    uint64_t taken = thread->taken * order_bytes(replay, order);
    bool filled = replay->exact ? taken >= HALF_CACHE_BYTES : taken > 0;
    if (!filled)
        return deviates(replay, "CACHE-3",
                        expected_text(replay, "a refill of %u bytes", HALF_CACHE_BYTES),
                        found_text(replay, "one of %" PRIu64, taken));
    thread->step = STEP_NONE;
    return true;
}

static bool alloc_from_cache(struct replay *replay, uint32_t thread, uint32_t cache, uint32_t order,
                             uint64_t address)
{
    if (!refill_served(replay, &replay->threads[thread], cache, order))
        return false;
    use_cache(replay, cache);
    if (!cache_take(replay, cache, order, address))
        return wrong_cached(replay, "CACHE-1", cache, order, address);
    return true;
}

/* An allocation that a stack or pages, taken by the thread just before, serve. */
static bool alloc_taken(struct replay *replay, uint32_t id, enum step wanted,
                        const char *requirement, uint64_t bytes, uint64_t address)
{
    struct thread *thread = &replay->threads[id];
    if (thread->step != wanted)
        return deviates(
            replay, requirement,
            expected_text(replay, "a stack taken for it by thread %" PRIu64, thread->name),
            found_text(replay, "none, and stack 0x%" PRIx64, address));
    if (thread->address != address || thread->bytes != bytes)
        return deviates(replay, requirement,
                        expected_text(replay,
                                      "stack 0x%" PRIx64 " of %" PRIu64 " bytes, just taken",
                                      thread->address, thread->bytes),
                        found_text(replay, "0x%" PRIx64 " of %" PRIu64 " bytes", address, bytes));
    thread->step = STEP_NONE;
    return true;
}

void allocated(struct replay *replay, uint32_t thread, struct stack_at stack,
               const struct event *event)
{
    struct block *block = &replay->blocks[stack.block];
    block->state[stack.slot] = PLACE_LIVE;
    block->owner[stack.slot] = owner_thread(thread);
    replay->counts.allocations++;
    rule_allocated(replay, thread, event);
}

bool rule_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t bytes = event->value[0];
    uint64_t address = event->value[1];
    bool pooled = is_pooled_size(replay, bytes);
    struct stack_at stack;

    if (!valid_size(replay, bytes) || !rule_request(replay, thread, bytes))
        return false;
    if (!replay->profile.pools)
        return plain_alloc(replay, thread, event);
    if (!pooled) {
        if (!alloc_taken(replay, thread, STEP_LARGE_TAKEN, "SIZE-4", bytes, address))
            return false;
    } else if (event->field[FIELD_CACHE] == 0) {
        if (!alloc_taken(replay, thread, STEP_POOL_TAKEN, "POOL-4", bytes, address))
            return false;
    } else {
        uint32_t cache = find_cache(replay, event->field[FIELD_CACHE]);
        if (cache == NO_ID ||
            !alloc_from_cache(replay, thread, cache, order_of(replay, bytes), address))
            return false;
    }
    if (!find_stack(replay, address, &stack))
        return deviates(replay, "LIFE-1", "a stack of the pool",
                        found_text(replay, "0x%" PRIx64, address));
    allocated(replay, thread, stack, event);
    return true;
}

/* A freed small stack goes into the cache, which may have to make room first. */
static bool free_to_cache(struct replay *replay, uint32_t id, uint64_t name, uint32_t order,
                          uint64_t address)
{
    struct thread *thread = &replay->threads[id];
    uint32_t cache = find_cache(replay, name);

    if (cache == NO_ID)
        return false;
    use_cache(replay, cache);
    if (cached_bytes(replay, cache, order) < TRACE_SPAN_BYTES) {
        cache_put(replay, cache, order, address);
        return true;
    }
    thread->step = STEP_CACHE_FULL;
    thread->cache = cache;
    thread->order = order;
    thread->address = address;
    return true;
}

bool freed_is_live(struct replay *replay, const struct event *event, struct stack_at *stack)
{
    uint64_t bytes = event->value[0];
    uint64_t address = event->value[1];

    if (!find_stack(replay, address, stack) ||
        replay->blocks[stack->block].state[stack->slot] != PLACE_LIVE)
        return deviates(replay, "LIFE-1", "a stack that is in use",
                        found_text(replay, "the free of 0x%" PRIx64, address));
    uint64_t real = slot_bytes(replay, &replay->blocks[stack->block]);
    return real == bytes ||
           deviates(replay, "LIFE-1",
                    expected_text(replay, "%" PRIu64 " bytes, the size of stack 0x%" PRIx64, real,
                                  address),
                    found_text(replay, "%" PRIu64, bytes));
}

bool rule_free(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t address = event->value[1];
    struct stack_at stack;

    if (!replay->profile.pools)
        return plain_free(replay, id, event);
    if (!valid_size(replay, event->value[0]) || !freed_is_live(replay, event, &stack) ||
        !rule_may_free(replay, id, stack, event))
        return false;
    struct block *block = &replay->blocks[stack.block];
    block->state[stack.slot] = PLACE_HELD;
    if (block->order != LARGE_ORDER && event->field[FIELD_CACHE] != 0)
        return free_to_cache(replay, id, event->field[FIELD_CACHE], block->order, address);
    thread->step = block->order == LARGE_ORDER ? STEP_FREE_LARGE : STEP_FREE_POOL;
    thread->order = block->order;
    thread->address = address;
    return true;
}

bool rule_refill(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];

    if (!valid_order(replay, order) ||
        !rule_request(replay, id, order_bytes(replay, (uint32_t)order)))
        return false;
    uint32_t cache = find_cache(replay, event->field[FIELD_CACHE]);
    if (cache == NO_ID)
        return false;
    if (event->field[FIELD_CACHE] == 0 || replay->caches[cache].count[order] != 0)
        return deviates(replay, "CACHE-3",
                        expected_text(replay,
                                      "an allocation from cache 0x%" PRIx64 ", which has %" PRIu32
                                      " stacks of order %" PRIu64,
                                      event->field[FIELD_CACHE], replay->caches[cache].count[order],
                                      order),
                        "its refill");
    use_cache(replay, cache);
    thread->step = STEP_REFILL;
    thread->cache = cache;
    thread->order = (uint32_t)order;
    thread->taken = 0;
    return true;
}

bool rule_release(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t cache_name = event->field[FIELD_CACHE];

    if (thread->step != STEP_CACHE_FULL || replay->caches[thread->cache].name != cache_name ||
        thread->order != event->value[0])
        return deviates(replay, "CACHE-4", "no release, since no free found that cache full",
                        found_text(replay, "the release of order %" PRIu64 " of cache 0x%" PRIx64,
                                   event->value[0], cache_name));
    thread->step = STEP_RELEASE;
    thread->taken = 0;
    if (cached_bytes(replay, thread->cache, thread->order) > TRACE_SPAN_BYTES)
        return deviates(replay, "CACHE-2",
                        expected_text(replay, "at most %u bytes in cache 0x%" PRIx64,
                                      TRACE_SPAN_BYTES, cache_name),
                        "more");
    /* Where a runtime may choose how many stacks go, the end of the release is not known: the freed one counts as
     * cached from here on. */
    if (!replay->exact)
        cache_put(replay, thread->cache, thread->order, thread->address);
    return true;
}

bool rule_clear(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint32_t cache = find_cache(replay, event->field[FIELD_CACHE]);

    if (cache == NO_ID)
        return false;
    if (replay->caches[cache].used_since != 0) {
        used_list_remove(replay, cache);
        replay->caches[cache].used_since = 0;
    }
    thread->cache = cache;
    thread->step = cache_empty(replay, cache) ? STEP_NONE : STEP_CLEAR;
    return true;
}

/* The stack is in the pool no longer. */
static void take_out(struct replay *replay, struct stack_at stack)
{
    struct block *block = &replay->blocks[stack.block];
    uint32_t place = block->num_pooled - 1;

    while (block->pooled[place] != stack.slot)
        place--;
    memmove(&block->pooled[place], &block->pooled[place + 1], block->num_pooled - place - 1);
    if (block->num_pooled == block->num_slots)
        empty_list_remove(replay, &replay->empty[block->order], stack.block);
    block->num_pooled--;
    block->fresh = false;
    if (block->num_pooled == 0)
        pool_list_remove(replay, &replay->pool[block->order], stack.block);
    block->state[stack.slot] = PLACE_HELD;
}

/* Whether the pool of that order may give this stack. */
static bool pool_may_give(struct replay *replay, uint32_t order, uint64_t address,
                          struct stack_at *stack)
{
    uint32_t first = replay->pool[order].first;

    if (first == NO_ID)
        return deviates(replay, "POOL-1",
                        expected_text(replay,
                                      "a new span, since the pool of order %" PRIu32 " is empty",
                                      order),
                        found_text(replay, "stack 0x%" PRIx64, address));
    const struct block *head = &replay->blocks[first];
    uint64_t next = head->base + head->pooled[head->num_pooled - 1] * slot_bytes(replay, head);
    if (replay->exact && address != next)
        return deviates(replay, head->fresh ? "SPAN-3" : "POOL-2",
                        expected_text(replay, "stack 0x%" PRIx64, next),
                        found_text(replay, "0x%" PRIx64, address));
    if (!find_stack(replay, address, stack) || replay->blocks[stack->block].order != order ||
        replay->blocks[stack->block].state[stack->slot] != PLACE_POOLED)
        return deviates(replay, "POOL-1",
                        expected_text(replay, "a free stack of the pool of order %" PRIu32, order),
                        found_text(replay, "0x%" PRIx64, address));
    return true;
}

/* A refill has got one more stack. */
static bool refill_takes(struct replay *replay, struct thread *thread, uint32_t order,
                         uint64_t address)
{
    uint64_t limit = replay->exact ? HALF_CACHE_BYTES : TRACE_SPAN_BYTES;

    if (thread->order != order)
        return deviates(
            replay, "CACHE-3",
            expected_text(replay, "a stack of order %" PRIu32 " for the refill", thread->order),
            found_text(replay, "order %" PRIu32, order));
    if (cached_bytes(replay, thread->cache, order) >= limit)
        return deviates(replay, replay->exact ? "CACHE-3" : "CACHE-2",
                        expected_text(replay, "the end of the refill at %" PRIu64 " bytes", limit),
                        found_text(replay, "one more stack, 0x%" PRIx64, address));
    thread->taken++;
    cache_put(replay, thread->cache, order, address);
    return true;
}

bool rule_pool_gives(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];
    struct stack_at stack;

    if (!valid_order(replay, order) || !pool_may_give(replay, (uint32_t)order, address, &stack))
        return false;
    thread->span_new = NO_ID;
    take_out(replay, stack);
    if (thread->step == STEP_REFILL)
        return refill_takes(replay, thread, (uint32_t)order, address);
    if (!rule_request(replay, id, order_bytes(replay, (uint32_t)order)))
        return false;
    thread->step = STEP_POOL_TAKEN;
    thread->address = address;
    thread->bytes = order_bytes(replay, (uint32_t)order);
    return true;
}

/* The first order of which a cache that is being cleared still has stacks. */
static uint32_t first_cached_order(const struct cache *cache)
{
    uint32_t order = 0;
    while (order < TRACE_MAX_ORDERS - 1 && cache->count[order] == 0)
        order++;
    return order;
}

/* Whether the operation of the thread gives this stack back now; takes it out of the cache. */
static bool gives_back(struct replay *replay, struct thread *thread, uint32_t order,
                       uint64_t address)
{
    struct cache *cache = &replay->caches[thread->cache];
    const char *requirement = thread->step == STEP_CLEAR ? "CACHE-5" : "CACHE-4";
    uint32_t wanted = thread->order;

    if (thread->step == STEP_FREE_POOL) {
        if (order != wanted || address != thread->address)
            return deviates(replay, "POOL-3",
                            expected_text(replay,
                                          "stack 0x%" PRIx64 " of order %" PRIu32 ", just freed",
                                          thread->address, wanted),
                            found_text(replay, "0x%" PRIx64 " of order %" PRIu32, address, order));
        thread->step = STEP_NONE;
        return true;
    }
    if (thread->step != STEP_RELEASE && thread->step != STEP_CLEAR)
        return deviates(replay, "POOL-4",
                        "no stack given back outside a release, a clear or a free",
                        found_text(replay, "stack 0x%" PRIx64, address));
    if (thread->step == STEP_CLEAR)
        wanted = replay->exact ? first_cached_order(cache) : order;
    if (order != wanted)
        return deviates(replay, requirement,
                        expected_text(replay, "a stack of order %" PRIu32, wanted),
                        found_text(replay, "0x%" PRIx64 " of order %" PRIu32, address, order));
    if (!cache_take(replay, thread->cache, order, address))
        return wrong_cached(replay, requirement, thread->cache, order, address);
    thread->taken++;
    return true;
}

/* Ends a release or a clear that is complete. */
static void end_giving_back(struct replay *replay, struct thread *thread)
{
    if (thread->step == STEP_CLEAR && cache_empty(replay, thread->cache))
        thread->step = STEP_NONE;
    if (thread->step == STEP_RELEASE && replay->exact &&
        cached_bytes(replay, thread->cache, thread->order) <= HALF_CACHE_BYTES) {
        cache_put(replay, thread->cache, thread->order, thread->address);
        thread->step = STEP_NONE;
    }
}

bool rule_pool_takes(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];
    struct stack_at stack;

    if (!valid_order(replay, order) || !gives_back(replay, thread, (uint32_t)order, address))
        return false;
    end_giving_back(replay, thread);
    if (!find_stack(replay, address, &stack) || replay->blocks[stack.block].order != order)
        return deviates(replay, "POOL-3", expected_text(replay, "a stack of order %" PRIu64, order),
                        found_text(replay, "0x%" PRIx64, address));
    struct block *block = &replay->blocks[stack.block];
    block->state[stack.slot] = PLACE_POOLED;
    if (block->num_pooled == 0)
        pool_list_insert(replay, &replay->pool[order], stack.block);
    block->pooled[block->num_pooled++] = (uint8_t)stack.slot;
    if (block->num_pooled == block->num_slots) {
        empty_list_append(replay, &replay->empty[order], stack.block);
        if (replay->exact && replay->collector.phase == 0)
            thread->span_due = stack.block;
    }
    return true;
}

bool block_may_come(struct replay *replay, uint64_t base, uint64_t bytes, const char *requirement)
{
    if (base % replay->profile.alignment_bytes != 0 || base == 0)
        return deviates(
            replay, requirement,
            expected_text(replay, "a multiple of %" PRIu64, replay->profile.alignment_bytes),
            found_text(replay, "address 0x%" PRIx64, base));
    if (bytes > UINT64_MAX - base)
        return deviates(replay, requirement,
                        expected_text(replay, "%" PRIu64 " bytes within the address space", bytes),
                        found_text(replay, "address 0x%" PRIx64, base));
    uint32_t other = block_over(replay, base, bytes);
    if (other != NO_ID)
        return deviates(
            replay, "SPAN-1", "memory that is not in use",
            found_text(replay,
                       "0x%" PRIx64 ", %" PRIu64 " bytes, over 0x%" PRIx64 ", %" PRIu64 " bytes",
                       base, bytes, replay->blocks[other].base, replay->blocks[other].bytes));
    return true;
}

bool rule_span_comes(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];
    uint64_t base = event->value[1];

    if (!valid_order(replay, order))
        return false;
    if (replay->pool[order].first != NO_ID)
        return deviates(
            replay, "SPAN-2",
            expected_text(replay, "a stack of the pool of order %" PRIu64 ", which has one", order),
            found_text(replay, "a new span at 0x%" PRIx64, base));
    if (thread->step == STEP_REFILL && thread->order != order)
        return deviates(
            replay, "SPAN-2",
            expected_text(replay, "a span of order %" PRIu32 " for the refill", thread->order),
            found_text(replay, "order %" PRIu64, order));
    if (!block_may_come(replay, base, TRACE_SPAN_BYTES, "SIZE-3"))
        return false;
    uint32_t new_block = make_block(replay, base, TRACE_SPAN_BYTES, (uint32_t)order);
    if (new_block == NO_ID)
        return false;
    struct block *block = &replay->blocks[new_block];
    for (uint32_t slot = 0; slot < block->num_slots; slot++)
        block->pooled[slot] = (uint8_t)slot;
    block->num_pooled = block->num_slots;
    block->fresh = true;
    pool_list_insert(replay, &replay->pool[order], new_block);
    empty_list_append(replay, &replay->empty[order], new_block);
    thread->span_new = new_block;
    return true;
}

/* Go's order of giving spans back at the end of a collection: by order, then from the first of the list on. */
static bool sweep_in_order(struct replay *replay, struct thread *thread, const struct block *block)
{
    if (block->order > thread->sweep_order) {
        if (!freespans_complete(replay, replay->collector.freespans_at, block->order, false))
            return false;
        thread->sweep_order = block->order;
        thread->sweep_listed_at = UINT64_MAX;
    }
    if (block->order < thread->sweep_order || block->listed_at >= thread->sweep_listed_at)
        return deviates(replay, "SPAN-5", "spans by order and place in the list",
                        found_text(replay, "span 0x%" PRIx64 " of order %" PRIu32 " too late",
                                   block->base, block->order));
    thread->sweep_listed_at = block->listed_at;
    return true;
}

bool rule_span_goes(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];
    uint64_t base = event->value[1];
    struct stack_at stack;

    if (!valid_order(replay, order))
        return false;
    if (!find_stack(replay, base, &stack) || stack.slot != 0 ||
        replay->blocks[stack.block].order != order)
        return deviates(replay, "SPAN-4", expected_text(replay, "a span of order %" PRIu64, order),
                        found_text(replay, "0x%" PRIx64, base));
    struct block *block = &replay->blocks[stack.block];
    if (block->num_pooled != block->num_slots || replay->collector.phase != 0)
        return deviates(
            replay, "SPAN-4",
            expected_text(replay,
                          "span 0x%" PRIx64 " kept, with %" PRIu32 " stacks out in phase %" PRIu64,
                          base, block->num_slots - block->num_pooled, replay->collector.phase),
            "that it goes back");
    if (thread->span_due == stack.block)
        thread->span_due = NO_ID;
    else if (thread->span_due != NO_ID || (replay->exact && thread->step != STEP_FREESPANS))
        return deviates(replay, "SPAN-4", "no span going back here",
                        found_text(replay, "span 0x%" PRIx64, base));
    else if (replay->exact && !sweep_in_order(replay, thread, block))
        return false;
    pool_list_remove(replay, &replay->pool[order], stack.block);
    empty_list_remove(replay, &replay->empty[order], stack.block);
    forget_block(replay, stack.block);
    return true;
}

/* NPAGES as a size. */
static bool large_bytes(struct replay *replay, uint64_t pages, uint64_t *bytes)
{
    *bytes = pages * TRACE_PAGE_BYTES;
    if (pages <= UINT64_MAX / TRACE_PAGE_BYTES && is_power_of_two(*bytes) &&
        !is_pooled_size(replay, *bytes))
        return true;
    return deviates(replay, "SIZE-4", "as many pages as a large stack has",
                    found_text(replay, "%" PRIu64, pages));
}

static void large_taken(struct replay *replay, uint32_t id, uint32_t block)
{
    struct thread *thread = &replay->threads[id];
    thread->step = STEP_LARGE_TAKEN;
    thread->address = replay->blocks[block].base;
    thread->bytes = replay->blocks[block].bytes;
    replay->blocks[block].state[0] = PLACE_HELD;
}

bool rule_large_comes(struct replay *replay, uint32_t id, const struct event *event)
{
    uint64_t base = event->value[1];
    uint64_t bytes;

    if (!large_bytes(replay, event->value[0], &bytes) || !rule_request(replay, id, bytes))
        return false;
    uint32_t class = log2_of(bytes);
    /* The queue was not empty when the operation began: Go looks there first.  Another thread may have queued a
     * stack since. */
    if (replay->queue[class].first != NO_ID &&
        replay->queue_since[class] <= replay->threads[id].last_event)
        return deviates(replay, "LARGE-3",
                        expected_text(replay, "stack 0x%" PRIx64 " out of the queue",
                                      replay->blocks[replay->queue[class].first].base),
                        found_text(replay, "pages from the heap at 0x%" PRIx64, base));
    if (!block_may_come(replay, base, bytes, "SIZE-4"))
        return false;
    uint32_t block = make_block(replay, base, bytes, LARGE_ORDER);
    if (block == NO_ID)
        return false;
    large_taken(replay, id, block);
    return true;
}

/* The large stack at an address, if it has that many pages. */
static bool find_large(struct replay *replay, const struct event *event, const char *requirement,
                       uint32_t *found)
{
    uint64_t bytes;
    struct stack_at stack;

    if (!large_bytes(replay, event->value[0], &bytes))
        return false;
    if (!find_stack(replay, event->value[1], &stack) ||
        replay->blocks[stack.block].order != LARGE_ORDER ||
        replay->blocks[stack.block].bytes != bytes)
        return deviates(
            replay, requirement,
            expected_text(replay, "a large stack of %" PRIu64 " pages", event->value[0]),
            found_text(replay, "0x%" PRIx64, event->value[1]));
    *found = stack.block;
    return true;
}

bool rule_large_hit(struct replay *replay, uint32_t id, const struct event *event)
{
    uint32_t found;

    if (!find_large(replay, event, "LARGE-1", &found))
        return false;
    struct block *block = &replay->blocks[found];
    struct list *queue = &replay->queue[log2_of(block->bytes)];
    if (!rule_request(replay, id, block->bytes))
        return false;
    if (!block->queued)
        return deviates(replay, "LARGE-1", "a large stack that is queued",
                        found_text(replay, "0x%" PRIx64, block->base));
    if (replay->exact && queue->first != found)
        return deviates(replay, "LARGE-2",
                        expected_text(replay, "stack 0x%" PRIx64 ", queued last",
                                      replay->blocks[queue->first].base),
                        found_text(replay, "0x%" PRIx64, block->base));
    pool_list_remove(replay, queue, found);
    block->queued = false;
    large_taken(replay, id, found);
    return true;
}

/* The large stack that goes next at the end of a collection, with --exact. */
static bool large_in_order(struct replay *replay, uint32_t found)
{
    if (!freespans_complete(replay, replay->collector.freespans_at, TRACE_MAX_ORDERS, false))
        return false;
    for (uint32_t class = 0; class < NUM_SIZE_CLASSES; class ++) {
        uint32_t first = replay->queue[class].first;
        if (first == found)
            return true;
        if (first != NO_ID)
            return deviates(
                replay, "LARGE-5",
                expected_text(replay, "stack 0x%" PRIx64 " to go next", replay->blocks[first].base),
                found_text(replay, "0x%" PRIx64, replay->blocks[found].base));
    }
    return true;
}

bool rule_large_goes(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint32_t found;

    if (!find_large(replay, event, "LARGE-4", &found))
        return false;
    struct block *block = &replay->blocks[found];
    bool just_freed = thread->step == STEP_FREE_LARGE && thread->address == block->base;
    bool swept = thread->step == STEP_FREESPANS && block->queued;
    if (replay->collector.phase != 0 || (!just_freed && !swept))
        return deviates(
            replay, "LARGE-4", just_freed ? "the queue" : "a large stack that was freed",
            found_text(replay, "stack 0x%" PRIx64 " going to the heap in phase %" PRIu64,
                       block->base, replay->collector.phase));
    if (swept) {
        if (replay->exact && !large_in_order(replay, found))
            return false;
        pool_list_remove(replay, &replay->queue[log2_of(block->bytes)], found);
    } else {
        thread->step = STEP_NONE;
    }
    forget_block(replay, found);
    return true;
}

bool rule_large_queued(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint32_t found;

    if (!find_large(replay, event, "LARGE-4", &found))
        return false;
    struct block *block = &replay->blocks[found];
    uint32_t class = log2_of(block->bytes);
    bool just_freed = thread->step == STEP_FREE_LARGE && thread->address == block->base;
    if (replay->collector.phase == 0 || !just_freed)
        return deviates(replay, "LARGE-4", just_freed ? "the heap" : "a large stack that was freed",
                        found_text(replay,
                                   "stack 0x%" PRIx64 " going into the queue in phase %" PRIu64,
                                   block->base, replay->collector.phase));
    if (replay->queue[class].first == NO_ID)
        replay->queue_since[class] = event_number(replay);
    pool_list_insert(replay, &replay->queue[class], found);
    block->queued = true;
    thread->step = STEP_NONE;
    return true;
}
