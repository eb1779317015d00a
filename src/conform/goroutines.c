/* goroutines.c: what several rules ask about goroutines: which one an event names, the size that they start with, and
 * whether a decision on shrinking one may be made now.
 *
 * Keeps: LIFE-5; of SHRINK-1, SHRINK-4 and GC-5 what a shrink and its copy share.  Called by requests.c and the
 * rules. */
#include "src/conform/shared.h"

#include <inttypes.h>

uint64_t start_bytes(const struct replay *replay)
{
    return replay->profile.start_size_adapts ? replay->collector.start_bytes
                                             : replay->profile.fixed_bytes;
}

void give_stack_to(struct replay *replay, uint64_t address, uint32_t owner)
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

bool is_forced(const struct event *event)
{
    return event_has(event, FIELD_FORCE) && event->field[FIELD_FORCE] != 0;
}

bool by_scan(const struct goroutine *goroutine)
{
    return goroutine->decider != NO_ID && goroutine->decided_by_scan;
}

void expect_decision(struct replay *replay, uint32_t thread, uint32_t id, bool scanned)
{
    replay->goroutines[id].decider = thread;
    replay->goroutines[id].decided_by_scan = scanned;
    replay->threads[thread].intent = INTENT_DECIDE;
    replay->threads[thread].goroutine = id;
}

bool decide(struct replay *replay, uint32_t thread, uint32_t id, bool forced)
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

bool used_as_scanned(struct replay *replay, const struct goroutine *goroutine, bool scanned,
                     uint64_t used)
{
    if (!scanned || used == goroutine->scan_used)
        return true;
    return deviates(
        replay, "GC-5",
        expected_text(replay, "%" PRIu64 " bytes in use, as scanned", goroutine->scan_used),
        found_text(replay, "%" PRIu64, used));
}

bool halves(struct replay *replay, uint64_t old, uint64_t halved)
{
    if (old % 2 == 0 && old / 2 == halved && halved >= replay->profile.fixed_bytes &&
        (is_power_of_two(old) || !replay->profile.pools))
        return true;
    return deviates(replay, "SHRINK-1",
                    expected_text(replay, "half of %" PRIu64 " bytes, at least %" PRIu64, old,
                                  replay->profile.fixed_bytes),
                    found_text(replay, "%" PRIu64, halved));
}
