/* span_rules.c: a span comes from the heap when its pool is empty, and goes back when none of its stacks is out.
 *
 * Keeps: SPAN of spec/trace.md.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

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
