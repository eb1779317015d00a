/* goroutine_rules.c: who has which stack, and how it grows, moves and shrinks.
 *
 * Keeps: GROW, COPY, SHRINK and LIFE of spec/trace.md.  A goroutine's stack is the live block that it owns; a stack
 * that was just allocated belongs to the thread that asked for it.  Called by replay.c and pool_rules.c. */
#include "src/conform/state.h"

#include <inttypes.h>

/* The size that a reused descriptor starts with, and that a dead goroutine's stack must have to be kept. */
static uint64_t start_bytes(const struct replay *replay)
{
    return replay->profile.start_size_adapts ? replay->collector.start_bytes
                                             : replay->profile.fixed_bytes;
}

static void give_stack_to(struct replay *replay, uint64_t address, uint32_t owner)
{
    struct stack_at stack;
    if (find_stack(replay, address, &stack))
        replay->blocks[stack.block].owner[stack.slot] = owner;
}

bool live_goroutine(struct replay *replay, const struct event *event, uint32_t *found)
{
    uint64_t gp = event->field[FIELD_GP];
    uint32_t id = find_goroutine(replay, gp);

    if (id == NO_ID || !replay->goroutines[id].alive)
        return deviates(replay, "LIFE-5", "a goroutine that lives",
                        found_text(replay, "gp 0x%" PRIx64, gp));
    struct goroutine *goroutine = &replay->goroutines[id];
    if (event_has(event, FIELD_GOID) && event->field[FIELD_GOID] != 0) {
        uint64_t goid = event->field[FIELD_GOID];
        if (goroutine->goid != 0 && goroutine->goid != goid)
            return deviates(replay, "LIFE-5",
                            expected_text(replay, "goroutine %" PRIu64 " behind gp 0x%" PRIx64,
                                          goroutine->goid, gp),
                            found_text(replay, "%" PRIu64, goid));
        goroutine->goid = goid;
    }
    *found = id;
    return true;
}

/* Makes the thread expect the free of a stack that a goroutine has left. */
static void expect_free(struct replay *replay, uint32_t id, uint64_t address, uint64_t bytes,
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

/* A decision on shrinking is made: is this the time for it?  `thread` may be NO_ID, if the line names none.  One that
 * a program asked for may come at any time; with --exact only where the runtime has such a request, which Go has not. */
static bool decide(struct replay *replay, uint32_t thread, uint32_t id, bool forced)
{
    struct goroutine *goroutine = &replay->goroutines[id];
    const struct collector *collector = &replay->collector;
    uint32_t decider = goroutine->decider;

    if (decider != NO_ID) {
        if (thread != NO_ID && thread != decider)
            return deviates(
                replay, "SHRINK-4",
                expected_text(replay, "a decision by thread %" PRIu64,
                              replay->threads[decider].name),
                found_text(replay, "one by thread %" PRIu64, replay->threads[thread].name));
        replay->threads[decider].intent = INTENT_NONE;
        recount_busy(replay, decider);
        goroutine->decider = NO_ID;
        return true;
    }
    if (forced && (!replay->exact || replay->profile.shrinks_on_request))
        return true;
    if (collector->scans_traced)
        return deviates(replay, "SHRINK-4", "a scan before the decision on shrinking",
                        found_text(replay, "none of gp 0x%" PRIx64, goroutine->gp));
    if (collector->phase == 0)
        return deviates(replay, "SHRINK-4", "no decision on shrinking outside a collection",
                        found_text(replay, "one for gp 0x%" PRIx64, goroutine->gp));
    if (goroutine->decided == collector->cycle)
        return deviates(replay, "SHRINK-4", "one decision on shrinking a collection",
                        found_text(replay, "a second one for gp 0x%" PRIx64, goroutine->gp));
    goroutine->decided = collector->cycle;
    return true;
}

/* The bytes in use are those that the scan saw, if the decision follows one. */
static bool used_as_scanned(struct replay *replay, const struct goroutine *goroutine, bool by_scan,
                            uint64_t used)
{
    if (!by_scan || used == goroutine->scan_used)
        return true;
    return deviates(
        replay, "GC-5",
        expected_text(replay, "%" PRIu64 " bytes in use, as scanned", goroutine->scan_used),
        found_text(replay, "%" PRIu64, used));
}

static bool is_forced(const struct event *event)
{
    return event_has(event, FIELD_FORCE) && event->field[FIELD_FORCE] != 0;
}

static bool by_scan(const struct goroutine *goroutine)
{
    return goroutine->decider != NO_ID && goroutine->decided_by_scan;
}

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

bool rule_request(struct replay *replay, uint32_t id, uint64_t bytes)
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

void rule_allocated(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];

    thread->unclaimed = event->value[1];
    thread->alloc_cache = event->field[FIELD_CACHE];
    if (thread->intent == INTENT_GROW || thread->intent == INTENT_SHRINK) {
        thread->growing = thread->intent == INTENT_GROW;
        thread->intent = INTENT_COPY;
    }
}

bool rule_may_free(struct replay *replay, uint32_t id, struct stack_at stack,
                   const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint32_t owner = replay->blocks[stack.block].owner[stack.slot];
    uint64_t bytes = event->value[0];
    uint64_t address = event->value[1];

    if (thread->intent == INTENT_FREE) {
        if (address != thread->intent_address)
            return deviates(
                replay, thread->intent_requirement,
                expected_text(replay, "the free of stack 0x%" PRIx64, thread->intent_address),
                found_text(replay, "0x%" PRIx64, address));
        if (thread->checks_cache && replay->profile.pools &&
            thread->alloc_cache != event->field[FIELD_CACHE])
            return deviates(replay, "CACHE-6",
                            expected_text(replay,
                                          "cache 0x%" PRIx64 ", from which the new stack came",
                                          thread->alloc_cache),
                            found_text(replay, "0x%" PRIx64, event->field[FIELD_CACHE]));
        thread->intent = INTENT_NONE;
        return true;
    }
    if ((owner & OWNER_THREAD_BIT) != 0) {
        struct thread *holder = &replay->threads[owner & ~OWNER_THREAD_BIT];
        if (holder->intent == INTENT_FREE && holder->intent_address == address)
            return deviates(replay, "LIFE-1",
                            expected_text(replay, "stack 0x%" PRIx64 " freed by thread %" PRIu64,
                                          address, holder->name),
                            found_text(replay, "thread %" PRIu64, thread->name));
        if (holder->unclaimed == address)
            holder->unclaimed = 0;
        return true;
    }
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

static uint64_t doubled(uint64_t size)
{
    return size > UINT64_MAX / 2 ? 0 : size * 2;
}

/* The least doubling of `old` that holds used bytes, frame and guard; 0 if there is none in 64 bits. */
static uint64_t grown_size(const struct replay *replay, uint64_t old, uint64_t used, uint64_t frame)
{
    uint64_t size = doubled(old);
    uint64_t needed = frame + replay->profile.guard_bytes;

    if (!replay->profile.growth_fits_frame)
        return size;
    if (needed < frame)
        return 0;
    while (size != 0 && size - used < needed)
        size = doubled(size);
    return size;
}

/* The goroutine that grows, and the size that it needs. */
static bool growing(struct replay *replay, const struct event *event, uint32_t *found,
                    uint64_t *size)
{
    if (!live_goroutine(replay, event, found))
        return false;
    const struct goroutine *goroutine = &replay->goroutines[*found];
    uint64_t sp = event->field[FIELD_SP];
    uint64_t high = goroutine->low + goroutine->bytes;
    if (event->field[FIELD_OLD] != goroutine->bytes)
        return deviates(replay, "GROW-1",
                        expected_text(replay, "the old size %" PRIu64, goroutine->bytes),
                        found_text(replay, "%" PRIu64, event->field[FIELD_OLD]));
    if (sp < goroutine->low || sp > high)
        return deviates(replay, "GROW-1",
                        expected_text(replay, "a stack pointer in [0x%" PRIx64 ", 0x%" PRIx64 "]",
                                      goroutine->low, high),
                        found_text(replay, "0x%" PRIx64, sp));
    *size = grown_size(replay, goroutine->bytes, high - sp, event->field[FIELD_MAX]);
    if (is_forced(event))
        *size = goroutine->bytes;
    return true;
}

bool rule_grow(struct replay *replay, uint32_t id, const struct event *event)
{
    struct thread *thread = &replay->threads[id];
    uint64_t size = 0;

    if (!growing(replay, event, &thread->goroutine, &size))
        return false;
    if (size == 0)
        return deviates(replay, "GROW-2",
                        expected_text(replay,
                                      "growth refused: no stack holds a frame of %" PRIu64 " bytes",
                                      event->field[FIELD_MAX]),
                        found_text(replay, "growth to %" PRIu64, event->field[FIELD_NEW]));
    if (event->field[FIELD_NEW] != size)
        return deviates(replay, "GROW-2", expected_text(replay, "a new size of %" PRIu64, size),
                        found_text(replay, "%" PRIu64, event->field[FIELD_NEW]));
    /* A forced move does not grow; Go refuses it all the same where the limit was set below the stack's size. */
    bool moves_only =
        size == event->field[FIELD_OLD] && (!replay->exact || replay->profile.moves_above_limit);
    if (size > replay->profile.max_bytes && !moves_only)
        return deviates(replay, "GROW-3",
                        expected_text(replay, "growth refused above %" PRIu64 " bytes",
                                      replay->profile.max_bytes),
                        found_text(replay, "growth to %" PRIu64, size));
    replay->counts.growths++;
    thread->intent = INTENT_GROW;
    thread->intent_bytes = size;
    thread->intent_sp = event->field[FIELD_SP];
    thread->intent_requirement = "GROW-4";
    return true;
}

bool rule_overflow(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint32_t id;
    uint64_t size = 0;
    uint64_t limit = replay->profile.max_bytes;

    (void)thread;
    if (!growing(replay, event, &id, &size))
        return false;
    if (event_has(event, FIELD_LIMIT) && event->field[FIELD_LIMIT] != limit)
        return deviates(replay, "GROW-3", expected_text(replay, "the limit %" PRIu64, limit),
                        found_text(replay, "%" PRIu64, event->field[FIELD_LIMIT]));
    if (size != 0 && size <= limit)
        return deviates(replay, "GROW-3",
                        expected_text(replay, "growth to %" PRIu64 " bytes", size), "it refused");
    return true;
}

bool rule_preempt(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint32_t id;

    if (!live_goroutine(replay, event, &id))
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    bool shrinks = event->field[FIELD_SHRINK] != 0;
    if (replay->collector.scans_traced && shrinks != goroutine->shrink_later)
        return deviates(replay, "SHRINK-4",
                        expected_text(replay, "shrink=%s, as the goroutine's scan said",
                                      goroutine->shrink_later ? "true" : "false"),
                        found_text(replay, "shrink=%s", shrinks ? "true" : "false"));
    if (!shrinks)
        return true;
    goroutine->shrink_later = false;
    goroutine->decider = thread;
    goroutine->decided_by_scan = false;
    replay->threads[thread].intent = INTENT_DECIDE;
    replay->threads[thread].goroutine = id;
    return true;
}

/* The sizes of a shrink. */
static bool halves(struct replay *replay, uint64_t old, uint64_t new)
{
    if (old % 2 == 0 && old / 2 == new &&new >= replay->profile.fixed_bytes &&
        (is_power_of_two(old) || !replay->profile.pools))
        return true;
    return deviates(replay, "SHRINK-1",
                    expected_text(replay, "half of %" PRIu64 " bytes, at least %" PRIu64, old,
                                  replay->profile.fixed_bytes),
                    found_text(replay, "%" PRIu64, new));
}

bool rule_shrink(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint64_t old = event->field[FIELD_OLD];
    uint64_t new = event->field[FIELD_NEW];
    uint32_t id;

    if (!halves(replay, old, new))
        return false;
    if (!event_has(event, FIELD_GP) || thread == NO_ID) {
        replay->announced[log2_of(old)]++;
        return true;
    }
    if (!live_goroutine(replay, event, &id))
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    if (old != goroutine->bytes)
        return deviates(replay, "SHRINK-1",
                        expected_text(replay, "the old size %" PRIu64, goroutine->bytes),
                        found_text(replay, "%" PRIu64, old));
    bool scanned = by_scan(goroutine);
    if (!decide(replay, thread, id, is_forced(event)))
        return false;
    goroutine->decided_by_scan = scanned;
    replay->threads[thread].goroutine = id;
    replay->threads[thread].intent = INTENT_SHRINK;
    replay->threads[thread].intent_bytes = new;
    replay->threads[thread].intent_requirement = "SHRINK-5";
    return true;
}

/* Whether the reason for which a stack stays as it is holds. */
static bool refusal_holds(struct replay *replay, const struct goroutine *goroutine,
                          const struct event *event)
{
    bool smallest = goroutine->bytes / 2 < replay->profile.fixed_bytes;
    uint64_t used = event->field[FIELD_USED];
    uint64_t reserve = replay->profile.nosplit_bytes;

    if (event->word == WORD_MIN && !smallest)
        return deviates(replay, "SHRINK-3",
                        expected_text(replay,
                                      "a stack of %" PRIu64 " bytes to be above the minimum",
                                      goroutine->bytes),
                        "'min'");
    if (event->word != WORD_NONE || !event_has(event, FIELD_USED))
        return event->word != WORD_NONE ||
               replay_unreadable(replay, "a refusal to shrink without a reason");
    if (smallest && replay->exact)
        return deviates(
            replay, "SHRINK-3",
            expected_text(replay, "'min' for a stack of %" PRIu64 " bytes", goroutine->bytes),
            found_text(replay, "used=%" PRIu64, used));
    if (used < reserve || used - reserve > goroutine->bytes)
        return deviates(replay, "SHRINK-3",
                        expected_text(replay, "between %" PRIu64 " and %" PRIu64 " bytes in use",
                                      reserve, goroutine->bytes + reserve),
                        found_text(replay, "%" PRIu64, used));
    if (used < goroutine->bytes / 4)
        return deviates(replay, "SHRINK-3",
                        expected_text(replay,
                                      "a shrink, since %" PRIu64 " of %" PRIu64
                                      " bytes is less than a quarter",
                                      used, goroutine->bytes),
                        "a refusal");
    return used_as_scanned(replay, goroutine, by_scan(goroutine), used - reserve);
}

bool rule_noshrink(struct replay *replay, uint32_t thread, const struct event *event)
{
    uint32_t id;

    if (!live_goroutine(replay, event, &id))
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    if (event->field[FIELD_OLD] != goroutine->bytes)
        return deviates(replay, "SHRINK-3",
                        expected_text(replay, "the size %" PRIu64, goroutine->bytes),
                        found_text(replay, "%" PRIu64, event->field[FIELD_OLD]));
    if (!refusal_holds(replay, goroutine, event) || !decide(replay, thread, id, is_forced(event)))
        return false;
    goroutine->shrink_later = goroutine->shrink_later || event->word == WORD_LATER;
    return true;
}

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

    if (!live_goroutine(replay, event, &copied) || !copier(replay, named, to[0], &id, &bytes))
        return false;
    if (named == NO_ID && !rule_next(replay, id, EVENT_COPY))
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
    thread->unclaimed = 0;
    thread->checks_cache = true;
    recount_busy(replay, id);
    goroutine->low = to[0];
    goroutine->bytes = bytes;
    give_stack_to(replay, to[0], copied);
    return true;
}
