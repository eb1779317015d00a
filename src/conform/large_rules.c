/* large_rules.c: large stacks, their pages from the heap, and the queue of those that a collection must give back.
 *
 * Keeps: LARGE of spec/trace.md, and SIZE-4.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

bool rule_large_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    return alloc_taken(replay, thread, STEP_LARGE_TAKEN, "SIZE-4", event);
}

bool rule_large_free(struct replay *replay, uint32_t id, const struct event *event)
{
    struct stack_at stack;

    return free_begins(replay, id, event, STEP_FREE_LARGE, &stack);
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

    if (!large_bytes(replay, event->value[0], &bytes) || !request_fits(replay, id, bytes))
        return false;
    uint32_t size_class = log2_of(bytes);
    /* The queue was not empty when the operation began: Go looks there first.  Another thread may have queued a
     * stack since. */
    if (replay->queue[size_class].first != NO_ID &&
        replay->queue_since[size_class] <= replay->threads[id].last_event)
        return deviates(replay, "LARGE-3",
                        expected_text(replay, "stack 0x%" PRIx64 " out of the queue",
                                      replay->blocks[replay->queue[size_class].first].base),
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
    if (!request_fits(replay, id, block->bytes))
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
    for (uint32_t size_class = 0; size_class < NUM_SIZE_CLASSES; size_class++) {
        uint32_t first = replay->queue[size_class].first;
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
    uint32_t size_class = log2_of(block->bytes);
    bool just_freed = thread->step == STEP_FREE_LARGE && thread->address == block->base;
    if (replay->collector.phase == 0 || !just_freed)
        return deviates(replay, "LARGE-4", just_freed ? "the heap" : "a large stack that was freed",
                        found_text(replay,
                                   "stack 0x%" PRIx64 " going into the queue in phase %" PRIu64,
                                   block->base, replay->collector.phase));
    if (replay->queue[size_class].first == NO_ID)
        replay->queue_since[size_class] = event_number(replay);
    pool_list_insert(replay, &replay->queue[size_class], found);
    block->queued = true;
    thread->step = STEP_NONE;
    return true;
}
