/* plain_rules.c: allocation and free where the profile has no pools: a stack is memory from anywhere.
 *
 * Keeps: every stack is a block of its own, and no two overlap.  Where a stack comes from and where it goes is not
 * judged.  SIZE-1, SIZE-4, SPAN-1, LIFE-1.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

bool rule_plain_alloc(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t bytes = event->value[0];
    uint64_t base = event->value[1];

    if (!may_alloc(replay, thread, bytes) || !block_may_come(replay, base, bytes, "SIZE-4"))
        return false;
    uint32_t block = make_block(replay, base, bytes, LARGE_ORDER);
    if (block == NO_ID)
        return false;
    stack_allocated(replay, thread, (struct stack_at){.block = block, .slot = 0}, event);
    return true;
}

bool rule_plain_free(struct replay *replay, uint32_t thread, const struct event *event)
{
    struct stack_at stack;

    if (!stack_freed(replay, thread, event, &stack))
        return false;
    forget_block(replay, stack.block);
    return true;
}
