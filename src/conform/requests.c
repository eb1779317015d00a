/* requests.c: what every allocation and every free has in common, whatever part of the allocator serves it.
 *
 * Keeps: a thread asks for the size that its growth or shrink needs, and frees only what it may (LIFE-1, LIFE-4,
 * CACHE-6).  Called by the rules. */
#include "src/conform/shared.h"

#include <inttypes.h>

/* Shrinking without an own line that names its thread: the request for half the size shows that it was decided. */
static bool request_after_decision(struct replay *replay, uint32_t id, uint64_t bytes)
{
    struct thread *thread = &replay->threads[id];
    uint32_t shrinking = thread->goroutine;
    struct goroutine *goroutine = &replay->goroutines[shrinking];
    uint64_t *announced = &replay->announced[goroutine->alive ? log2_of(goroutine->bytes) : 0];

    if (!goroutine->alive || *announced == 0)
        return deviates(
            replay, "SHRINK-4",
            expected_text(replay, "a decision on shrinking gp 0x%" PRIx64, goroutine->gp),
            found_text(replay, "a request for %" PRIu64 " bytes", bytes));
    (*announced)--;
    bool scanned = by_scan(goroutine);
    if (!decide(replay, id, shrinking, false))
        return false;
    goroutine->decided_by_scan = scanned;
    thread->intent = INTENT_SHRINK;
    thread->intent_bytes = goroutine->bytes / 2;
    thread->intent_requirement = "SHRINK-5";
    return true;
}

bool request_fits(struct replay *replay, uint32_t id, uint64_t bytes)
{
    struct thread *thread = &replay->threads[id];

    if (thread->intent == INTENT_DECIDE && !request_after_decision(replay, id, bytes))
        return false;
    if (thread->intent != INTENT_GROW && thread->intent != INTENT_SHRINK)
        return true;
    if (bytes == thread->intent_bytes)
        return true;
    return deviates(replay, thread->intent_requirement,
                    expected_text(replay, "a request for %" PRIu64 " bytes", thread->intent_bytes),
                    found_text(replay, "one for %" PRIu64, bytes));
}

bool may_alloc(struct replay *replay, uint32_t thread, uint64_t bytes)
{
    return valid_size(replay, bytes) && request_fits(replay, thread, bytes);
}

/* The thread has just taken what the allocation names. */
static bool just_taken(struct replay *replay, uint32_t id, enum step wanted,
                       const char *requirement, const struct event *event)
{
    uint64_t bytes = event->value[0];
    uint64_t address = event->value[1];
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

/* The stack is what the goroutine asked for that the thread moves. */
static void serves(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];

    thread->unclaimed = event->value[1];
    thread->alloc_cache = event->field[FIELD_CACHE];
    if (thread->intent == INTENT_GROW || thread->intent == INTENT_SHRINK) {
        thread->growing = thread->intent == INTENT_GROW;
        thread->intent = INTENT_COPY;
    }
}

void stack_allocated(struct replay *replay, uint32_t thread, struct stack_at stack,
                     const struct event *event)
{
    struct block *block = &replay->blocks[stack.block];
    block->state[stack.slot] = PLACE_LIVE;
    block->owner[stack.slot] = owner_thread(thread);
    replay->counts.allocations++;
    serves(replay, thread, event);
}

bool alloc_found(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t address = event->value[1];
    struct stack_at stack;

    if (!find_stack(replay, address, &stack))
        return deviates(replay, "LIFE-1", "a stack of the pool",
                        found_text(replay, "0x%" PRIx64, address));
    stack_allocated(replay, thread, stack, event);
    return true;
}

bool alloc_taken(struct replay *replay, uint32_t id, enum step wanted, const char *requirement,
                 const struct event *event)
{
    return may_alloc(replay, id, event->value[0]) &&
           just_taken(replay, id, wanted, requirement, event) && alloc_found(replay, id, event);
}

void expect_free(struct replay *replay, uint32_t id, uint64_t address, uint64_t bytes,
                 const char *requirement)
{
    struct thread *thread = &replay->threads[id];
    give_stack_to(replay, address, owner_thread(id));
    thread->intent = INTENT_FREE;
    thread->intent_address = address;
    thread->intent_bytes = bytes;
    thread->intent_requirement = requirement;
    thread->checks_cache = false;
}

/* The free names a stack that is in use, with its size. */
static bool freed_is_live(struct replay *replay, const struct event *event, struct stack_at *stack)
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

/* The free that the thread must come to, of the stack that a goroutine has left. */
static bool free_expected(struct replay *replay, struct thread *thread, const struct event *event)
{
    uint64_t address = event->value[1];
    if (address != thread->intent_address)
        return deviates(
            replay, thread->intent_requirement,
            expected_text(replay, "the free of stack 0x%" PRIx64, thread->intent_address),
            found_text(replay, "0x%" PRIx64, address));
    if (thread->checks_cache && replay->profile.pools &&
        thread->alloc_cache != event->field[FIELD_CACHE])
        return deviates(replay, "CACHE-6",
                        expected_text(replay, "cache 0x%" PRIx64 ", from which the new stack came",
                                      thread->alloc_cache),
                        found_text(replay, "0x%" PRIx64, event->field[FIELD_CACHE]));
    thread->intent = INTENT_NONE;
    return true;
}

/* The free of a stack that no goroutine has: `holder` allocated it, or its goroutine left it. */
static bool free_of_thread(struct replay *replay, const struct thread *thread,
                           struct thread *holder, uint64_t address)
{
    if (holder->intent == INTENT_FREE && holder->intent_address == address)
        return deviates(replay, "LIFE-1",
                        expected_text(replay, "stack 0x%" PRIx64 " freed by thread %" PRIu64,
                                      address, holder->name),
                        found_text(replay, "thread %" PRIu64, thread->name));
    if (holder->unclaimed == address)
        holder->unclaimed = 0;
    return true;
}

/* The free of a stack that a dead goroutine kept. */
static bool free_of_goroutine(struct replay *replay, uint32_t owner, const struct event *event)
{
    uint64_t bytes = event->value[0];
    uint64_t address = event->value[1];
    struct goroutine *goroutine = &replay->goroutines[owner];
    if (goroutine->alive)
        return deviates(replay, "LIFE-4",
                        expected_text(replay,
                                      "stack 0x%" PRIx64
                                      " kept, since its goroutine lives (gp 0x%" PRIx64 ")",
                                      address, goroutine->gp),
                        "its free");
    if (replay->profile.size_decides && replay->collector.phase == 0 &&
        bytes == start_bytes(replay))
        return deviates(
            replay, "LIFE-4",
            expected_text(replay,
                          "stack 0x%" PRIx64
                          " kept for the next goroutine, since it has the starting size",
                          address),
            "its free outside a collection");
    goroutine->bytes = 0;
    if (!replay->profile.descriptors_stay)
        forget_goroutine(replay, owner);
    return true;
}

/* Whether the thread may free that stack now. */
static bool may_free(struct replay *replay, uint32_t id, struct stack_at stack,
                     const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint32_t owner = replay->blocks[stack.block].owner[stack.slot];

    if (thread->intent == INTENT_FREE)
        return free_expected(replay, thread, event);
    if ((owner & OWNER_THREAD_BIT) != 0)
        return free_of_thread(replay, thread, &replay->threads[owner & ~OWNER_THREAD_BIT],
                              event->value[1]);
    return free_of_goroutine(replay, owner, event);
}

bool stack_freed(struct replay *replay, uint32_t thread, const struct event *event,
                 struct stack_at *stack)
{
    if (!freed_is_live(replay, event, stack) || !may_free(replay, thread, *stack, event))
        return false;
    replay->blocks[stack->block].state[stack->slot] = PLACE_HELD;
    return true;
}

bool free_begins(struct replay *replay, uint32_t id, const struct event *event, enum step step,
                 struct stack_at *stack)
{
    if (!valid_size(replay, event->value[0]) || !stack_freed(replay, id, event, stack))
        return false;
    replay->threads[id].step = step;
    replay->threads[id].address = event->value[1];
    return true;
}
