/* pool_rules.c: stacks that come from a pool and go back to it without a cache.
 *
 * Keeps: POOL of spec/trace.md.  The model is Go's (runtime/stack.go): a pool is a list of spans with free stacks.
 * Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

bool rule_pool_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    return alloc_taken(replay, thread, STEP_POOL_TAKEN, "POOL-4", event);
}

bool rule_pool_free(struct replay *replay, uint32_t id, const struct event *event)
{
    struct stack_at stack;

    if (!free_begins(replay, id, event, STEP_FREE_POOL, &stack))
        return false;
    replay->threads[id].order = replay->blocks[stack.block].order;
    return true;
}

bool rule_pool_gives(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];

    if (!pool_gives(replay, id, order, address) ||
        !request_fits(replay, id, order_bytes(replay, (uint32_t)order)))
        return false;
    thread->step = STEP_POOL_TAKEN;
    thread->address = address;
    thread->bytes = order_bytes(replay, (uint32_t)order);
    return true;
}

/* Whether the stack is the one that the thread has just freed. */
static bool freed_comes_back(struct replay *replay, struct thread *thread, uint32_t order,
                             uint64_t address)
{
    if (thread->step != STEP_FREE_POOL)
        return deviates(replay, "POOL-4",
                        "no stack given back outside a release, a clear or a free",
                        found_text(replay, "stack 0x%" PRIx64, address));
    if (order != thread->order || address != thread->address)
        return deviates(replay, "POOL-3",
                        expected_text(replay,
                                      "stack 0x%" PRIx64 " of order %" PRIu32 ", just freed",
                                      thread->address, thread->order),
                        found_text(replay, "0x%" PRIx64 " of order %" PRIu32, address, order));
    thread->step = STEP_NONE;
    return true;
}

bool rule_pool_takes(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t order = event->value[0];
    uint64_t address = event->value[1];

    return valid_order(replay, order) &&
           freed_comes_back(replay, &replay->threads[thread], (uint32_t)order, address) &&
           pool_takes(replay, thread, (uint32_t)order, address);
}
