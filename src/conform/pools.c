/* pools.c: a stack leaves its pool, or comes back.
 *
 * Keeps: what state.h says about the free stacks of a span and the two lists that it is in.  POOL-1 to POOL-3, SPAN-3.
 * Called by the rules of pools and of caches. */
#include "src/conform/shared.h"

#include <inttypes.h>
#include <string.h>

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

bool pool_gives(struct replay *replay, uint32_t thread, uint64_t order, uint64_t address)
{
    struct stack_at stack;

    if (!valid_order(replay, order) || !pool_may_give(replay, (uint32_t)order, address, &stack))
        return false;
    replay->threads[thread].span_new = NO_ID;
    take_out(replay, stack);
    return true;
}

bool pool_takes(struct replay *replay, uint32_t id, uint32_t order, uint64_t address)
{
    struct thread *thread = &replay->threads[id];
    struct stack_at stack;

    if (!find_stack(replay, address, &stack) || replay->blocks[stack.block].order != order)
        return deviates(replay, "POOL-3", expected_text(replay, "a stack of order %" PRIu32, order),
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
