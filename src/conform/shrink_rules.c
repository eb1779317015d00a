/* shrink_rules.c: decisions on shrinking, those against it too.
 *
 * Keeps: SHRINK of spec/trace.md, up to the copy.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

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
    expect_decision(replay, thread, id, false);
    return true;
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
