/* cache_rules.c: the stacks of a cache: which one it gives, how it is filled, how it gives back.
 *
 * Keeps: CACHE of spec/trace.md.  A cache is a stack of stacks; without --exact any of them may be chosen.  Called by
 * replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>
#include <string.h>

#define HALF_CACHE_BYTES (TRACE_SPAN_BYTES / 2)

static uint32_t order_of(const struct replay *replay, uint64_t bytes)
{
    return log2_of(bytes) - log2_of(replay->profile.fixed_bytes);
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

bool rule_cache_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t bytes = event->value[0];

    if (!may_alloc(replay, thread, bytes))
        return false;
    uint32_t cache = find_cache(replay, event->field[FIELD_CACHE]);
    return cache != NO_ID &&
           alloc_from_cache(replay, thread, cache, order_of(replay, bytes), event->value[1]) &&
           alloc_found(replay, thread, event);
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

bool rule_cache_free(struct replay *replay, uint32_t thread, const struct event *event)
{
    struct stack_at stack;

    if (!valid_size(replay, event->value[0]) || !stack_freed(replay, thread, event, &stack))
        return false;
    return free_to_cache(replay, thread, event->field[FIELD_CACHE],
                         replay->blocks[stack.block].order, event->value[1]);
}

bool rule_refill(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];

    if (!valid_order(replay, order) ||
        !request_fits(replay, id, order_bytes(replay, (uint32_t)order)))
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

bool rule_refill_takes(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];

    return pool_gives(replay, thread, order, address) &&
           refill_takes(replay, &replay->threads[thread], (uint32_t)order, address);
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

/* The first order of which a cache that is being cleared still has stacks. */
static uint32_t first_cached_order(const struct cache *cache)
{
    uint32_t order = 0;
    while (order < TRACE_MAX_ORDERS - 1 && cache->count[order] == 0)
        order++;
    return order;
}

/* Whether the release or clear of the thread gives this stack back now; takes it out of the cache. */
static bool gives_back(struct replay *replay, struct thread *thread, uint32_t order,
                       uint64_t address)
{
    struct cache *cache = &replay->caches[thread->cache];
    const char *requirement = thread->step == STEP_CLEAR ? "CACHE-5" : "CACHE-4";
    uint32_t wanted = thread->order;

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

bool rule_cache_gives_back(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];

    if (!valid_order(replay, order) ||
        !gives_back(replay, &replay->threads[thread], (uint32_t)order, address))
        return false;
    end_giving_back(replay, &replay->threads[thread]);
    return pool_takes(replay, thread, (uint32_t)order, address);
}
