/* copy_rules.c: a stack is copied into another one, and the goroutine has that one.
 *
 * Keeps: COPY-1 of spec/trace.md, and that a growth or a decision on shrinking leads to it (GROW-4, SHRINK-2,
 * SHRINK-5).  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

/* A copy that is not a growth: was it decided on, and is little enough in use? */
static bool copy_shrinks(struct replay *replay, uint32_t id, uint32_t copied, uint64_t used,
                         uint64_t new_bytes)
{
    struct thread *thread = &replay->threads[id];
    struct goroutine *goroutine = &replay->goroutines[copied];
    uint64_t old = goroutine->bytes;

    if (thread->intent == INTENT_COPY && thread->goroutine != copied)
        return deviates(replay, "SHRINK-5",
                        expected_text(replay, "the copy of gp 0x%" PRIx64,
                                      replay->goroutines[thread->goroutine].gp),
                        found_text(replay, "gp 0x%" PRIx64, goroutine->gp));
    if (!halves(replay, old, new_bytes))
        return false;
    if (used + replay->profile.nosplit_bytes >= old / 4)
        return deviates(replay, "SHRINK-2",
                        expected_text(replay,
                                      "%" PRIu64 " bytes to stay, since %" PRIu64
                                      " of them are in use, with %" PRIu64 " in reserve",
                                      old, used, replay->profile.nosplit_bytes),
                        "a shrink");
    replay->counts.shrinks++;
    if (thread->intent == INTENT_COPY)
        return used_as_scanned(replay, goroutine, goroutine->decided_by_scan, used);
    if (replay->announced[log2_of(old)] == 0)
        return deviates(replay, "SHRINK-5", "a decision before a shrink",
                        found_text(replay, "the copy of gp 0x%" PRIx64, goroutine->gp));
    replay->announced[log2_of(old)]--;
    return decide(replay, NO_ID, copied, false);
}

/* A copy that a growth has decided on. */
static bool copy_grows(struct replay *replay, uint32_t id, uint32_t copied, uint64_t sp)
{
    const struct thread *thread = &replay->threads[id];

    if (thread->goroutine != copied)
        return deviates(replay, "GROW-4",
                        expected_text(replay, "the copy of gp 0x%" PRIx64,
                                      replay->goroutines[thread->goroutine].gp),
                        found_text(replay, "gp 0x%" PRIx64, replay->goroutines[copied].gp));
    if (sp != thread->intent_sp)
        return deviates(replay, "COPY-1",
                        expected_text(replay, "the stack pointer 0x%" PRIx64 " of the growth",
                                      thread->intent_sp),
                        found_text(replay, "0x%" PRIx64, sp));
    return true;
}

/* The thread that allocated the stack at `address` for a copy. */
static bool copier(struct replay *replay, uint32_t named, uint64_t address, uint32_t *thread,
                   uint64_t *bytes)
{
    struct stack_at stack;

    if (!find_stack(replay, address, &stack) ||
        replay->blocks[stack.block].state[stack.slot] != PLACE_LIVE ||
        (replay->blocks[stack.block].owner[stack.slot] & OWNER_THREAD_BIT) == 0)
        return deviates(replay, "COPY-1", "a copy into a stack that was just allocated",
                        found_text(replay, "0x%" PRIx64, address));
    *thread = replay->blocks[stack.block].owner[stack.slot] & ~OWNER_THREAD_BIT;
    *bytes = slot_bytes(replay, &replay->blocks[stack.block]);
    if ((named != NO_ID && named != *thread) || replay->threads[*thread].unclaimed != address)
        return deviates(replay, "COPY-1",
                        expected_text(replay,
                                      "a copy into stack 0x%" PRIx64
                                      " by the thread that allocated it last, %" PRIu64,
                                      address, replay->threads[*thread].name),
                        "another");
    return true;
}

bool rule_copy(struct replay *replay, uint32_t named, const struct event *event)
{
    const uint64_t *from = &event->value[0];
    const uint64_t *to = &event->value[3];
    uint32_t id = NO_ID;
    uint32_t copied;
    uint64_t bytes = 0;

    if (!live_goroutine(replay, event, &copied) || !copier(replay, named, to[0], &id, &bytes) ||
        (named == NO_ID && !rule_next(replay, id, event->kind)))
        return false;
    struct goroutine *goroutine = &replay->goroutines[copied];
    struct thread *thread = &replay->threads[id];
    uint64_t high = goroutine->low + goroutine->bytes;
    if (from[0] != goroutine->low || from[2] != high || from[1] < from[0] || from[1] > high)
        return deviates(
            replay, "COPY-1",
            expected_text(replay, "a copy of the goroutine's stack [0x%" PRIx64 " 0x%" PRIx64 "]",
                          goroutine->low, high),
            found_text(replay, "[0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "]", from[0], from[1],
                       from[2]));
    if (to[2] - to[0] != bytes || to[2] - to[1] != high - from[1] || to[1] < to[0] ||
        (event->num_values == 7 && event->value[6] != bytes))
        return deviates(
            replay, "COPY-1",
            expected_text(replay,
                          "a stack of %" PRIu64 " bytes with the stack pointer %" PRIu64
                          " bytes below its high end",
                          bytes, high - from[1]),
            found_text(replay, "[0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "]", to[0], to[1], to[2]));
    bool grows = thread->intent == INTENT_COPY && thread->growing;
    if (grows ? !copy_grows(replay, id, copied, from[1])
              : !copy_shrinks(replay, id, copied, high - from[1], bytes))
        return false;
    expect_free(replay, id, goroutine->low, goroutine->bytes, grows ? "GROW-4" : "SHRINK-5");
    recount_busy(replay, id);
    thread->unclaimed = 0;
    thread->checks_cache = true;
    goroutine->low = to[0];
    goroutine->bytes = bytes;
    give_stack_to(replay, to[0], copied);
    return true;
}
