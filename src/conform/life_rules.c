/* life_rules.c: goroutines start and die, and which stack they have then.
 *
 * Keeps: LIFE of spec/trace.md.  A goroutine's stack is the live block that it owns; a stack that was just allocated
 * belongs to the thread that asked for it.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

/* The stack belongs to a thread, and is not what a goroutine of that thread has just left. */
static bool plain_startable(const struct replay *replay, uint64_t address)
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

/* The size that a goroutine starts with. */
static bool starts_with_size(struct replay *replay, uint32_t descriptor, uint64_t bytes)
{
    uint64_t fresh = replay->profile.fixed_bytes;
    uint64_t again = start_bytes(replay);

    if (!replay->profile.size_decides)
        return true;
    if (replay->profile.descriptors_stay ? bytes == (descriptor == NO_ID ? fresh : again)
                                         : bytes == fresh || bytes == again)
        return true;
    return deviates(replay, "LIFE-2",
                    expected_text(replay, "a stack of %" PRIu64 " bytes for a %s",
                                  descriptor == NO_ID ? fresh : again,
                                  descriptor == NO_ID ? "new descriptor" : "used descriptor"),
                    found_text(replay, "%" PRIu64, bytes));
}

/* Whether the goroutine starts on a stack that was allocated for it. */
static bool starts_on_allocated(struct replay *replay, uint32_t thread, uint32_t descriptor,
                                uint64_t low, uint64_t bytes)
{
    struct stack_at stack;

    if (!replay->profile.size_decides && !plain_startable(replay, low))
        return deviates(replay, "LIFE-2", "a stack that is allocated and that no goroutine has",
                        found_text(replay, "0x%" PRIx64, low));
    if ((replay->profile.size_decides && replay->threads[thread].unclaimed != low) ||
        !find_stack(replay, low, &stack))
        return deviates(replay, "LIFE-2",
                        expected_text(replay, "stack 0x%" PRIx64 ", just allocated by that thread",
                                      replay->threads[thread].unclaimed),
                        found_text(replay, "0x%" PRIx64, low));
    uint64_t real = slot_bytes(replay, &replay->blocks[stack.block]);
    if (real != bytes)
        return deviates(replay, "LIFE-2", expected_text(replay, "%" PRIu64 " bytes", real),
                        found_text(replay, "%" PRIu64, bytes));
    return starts_with_size(replay, descriptor, bytes);
}

/* Whether the goroutine that starts has the stack that its descriptor kept, or one just allocated for it. */
static bool starts_on(struct replay *replay, uint32_t thread, uint32_t descriptor, uint64_t low,
                      uint64_t bytes)
{
    uint64_t again = start_bytes(replay);

    if (descriptor == NO_ID || replay->goroutines[descriptor].bytes == 0)
        return starts_on_allocated(replay, thread, descriptor, low, bytes);
    const struct goroutine *goroutine = &replay->goroutines[descriptor];
    if (replay->profile.size_decides && goroutine->bytes != again)
        return deviates(replay, "LIFE-2",
                        expected_text(replay,
                                      "the free of the kept stack 0x%" PRIx64
                                      ", since the starting size is now %" PRIu64,
                                      goroutine->low, again),
                        found_text(replay, "a start on 0x%" PRIx64, low));
    if (goroutine->low != low || goroutine->bytes != bytes)
        return deviates(replay, "LIFE-2",
                        expected_text(replay, "the kept stack 0x%" PRIx64, goroutine->low),
                        found_text(replay, "0x%" PRIx64, low));
    return true;
}

bool rule_go(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t gp = event->field[FIELD_GP];
    uint64_t low = event->value[0];
    uint64_t bytes = event->value[1] - low;
    uint32_t id = find_goroutine(replay, gp);

    if (id != NO_ID && replay->goroutines[id].alive)
        return deviates(replay, "LIFE-2", "a descriptor that is not in use",
                        found_text(replay, "gp 0x%" PRIx64, gp));
    if (!starts_on(replay, thread, id, low, bytes))
        return false;
    if (id == NO_ID)
        id = make_goroutine(replay, gp);
    if (id == NO_ID)
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    goroutine->low = low;
    goroutine->bytes = bytes;
    goroutine->goid = 0;
    /* Go's descriptors keep the request; it is then answered by the next goroutine. */
    goroutine->shrink_later = goroutine->shrink_later && replay->profile.descriptors_stay;
    goroutine->alive = true;
    goroutine->born = event_number(replay);
    replay->num_alive++;
    give_stack_to(replay, low, id);
    if (replay->threads[thread].unclaimed == low)
        replay->threads[thread].unclaimed = 0;
    return true;
}

bool rule_dead(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint32_t id;

    if (!live_goroutine(replay, event, &id))
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    struct collector *collector = &replay->collector;
    uint64_t bytes = event->value[1] - event->value[0];
    if (event->value[0] != goroutine->low || bytes != goroutine->bytes)
        return deviates(replay, "LIFE-3",
                        expected_text(replay,
                                      "the goroutine's stack, 0x%" PRIx64 " of %" PRIu64 " bytes",
                                      goroutine->low, goroutine->bytes),
                        found_text(replay, "0x%" PRIx64 " of %" PRIu64, event->value[0], bytes));
    if (replay->profile.size_decides && event_has(event, FIELD_START) &&
        event->field[FIELD_START] != start_bytes(replay))
        return deviates(replay, "GC-6",
                        expected_text(replay, "the starting size %" PRIu64, start_bytes(replay)),
                        found_text(replay, "%" PRIu64, event->field[FIELD_START]));
    goroutine->alive = false;
    replay->num_alive--;
    if (collector->phase == 1 && goroutine->born < collector->marking_since &&
        goroutine->scanned != collector->cycle)
        collector->num_unscanned--;
    if (!replay->profile.size_decides || bytes == start_bytes(replay))
        return true;
    expect_free(replay, thread, goroutine->low, bytes, "LIFE-3");
    goroutine->bytes = 0;
    if (!replay->profile.descriptors_stay)
        forget_goroutine(replay, id);
    return true;
}
