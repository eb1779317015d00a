/* plain_rules.c: allocation and free where the profile has no pools: a stack is memory from anywhere.
 *
 * Keeps: every stack is a block of its own, and no two overlap.  Where a stack comes from and where it goes is not
 * judged.  SIZE-1, SIZE-4, SPAN-1, LIFE-1, LIFE-2.  Called by pool_rules.c and goroutine_rules.c. */
#include "src/conform/state.h"

bool plain_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t bytes = event->value[0];
    uint64_t base = event->value[1];

    if (!block_may_come(replay, base, bytes, "SIZE-4"))
        return false;
    uint32_t block = make_block(replay, base, bytes, LARGE_ORDER);
    if (block == NO_ID)
        return false;
    allocated(replay, thread, (struct stack_at){.block = block, .slot = 0}, event);
    return true;
}

bool plain_free(struct replay *replay, uint32_t thread, const struct event *event)
{
    struct stack_at stack;

    if (!freed_is_live(replay, event, &stack) || !rule_may_free(replay, thread, stack, event))
        return false;
    forget_block(replay, stack.block);
    return true;
}

bool plain_startable(const struct replay *replay, uint64_t address)
{
    struct stack_at stack;

    if (!find_stack(replay, address, &stack))
        return false;
    uint32_t owner = replay->blocks[stack.block].owner[stack.slot];
    if ((owner & OWNER_THREAD_BIT) == 0)
        return false;
    const struct thread *holder = &replay->threads[owner & ~OWNER_THREAD_BIT];
    return holder->intent != INTENT_FREE || holder->intent_address != address;
}
