/* order_rules.c: what a thread that is in the middle of an operation may do next.
 *
 * The lines of a thread stand in program order, so that each operation's lines follow each other, as far as this
 * thread goes.  Keeps the "must follow" of spec/trace.md.  Called by replay.c before each rule. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

#define KIND(kind) (1u << (kind))
#define TAKES_STACK                                                         \
    (KIND(EVENT_REFILL) | KIND(EVENT_POOL_GIVES) | KIND(EVENT_SPAN_COMES) | \
     KIND(EVENT_LARGE_COMES) | KIND(EVENT_LARGE_HIT) | KIND(EVENT_ALLOC))
#define ANY_KIND UINT32_MAX

/* The events that only an operation that has begun may cause. */
#define WITHIN_OPERATION (KIND(EVENT_POOL_TAKES) | KIND(EVENT_LARGE_QUEUED) | KIND(EVENT_RELEASE))

struct step_rule {
    uint32_t allowed;
    const char *requirement;
    const char *expected;
};

static const struct step_rule step_rules[] = {
    [STEP_NONE] = {ANY_KIND, NULL, NULL},
    [STEP_REFILL] = {KIND(EVENT_POOL_GIVES) | KIND(EVENT_SPAN_COMES) | KIND(EVENT_ALLOC), "CACHE-3",
                     "the rest of a refill, or its allocation"},
    [STEP_POOL_TAKEN] = {KIND(EVENT_ALLOC), "POOL-4",
                         "the allocation of the stack that the pool gave"},
    [STEP_LARGE_TAKEN] = {KIND(EVENT_ALLOC), "SIZE-4",
                          "the allocation of the large stack just taken"},
    [STEP_CACHE_FULL] = {KIND(EVENT_RELEASE), "CACHE-4", "a release, since the cache is full"},
    [STEP_RELEASE] = {KIND(EVENT_POOL_TAKES), "CACHE-4", "the rest of a release"},
    [STEP_FREE_POOL] = {KIND(EVENT_POOL_TAKES), "POOL-4", "the pool taking the freed stack back"},
    [STEP_FREE_LARGE] = {KIND(EVENT_LARGE_GOES) | KIND(EVENT_LARGE_QUEUED), "LARGE-4",
                         "the freed large stack going to heap or queue"},
    [STEP_CLEAR] = {KIND(EVENT_POOL_TAKES), "CACHE-5", "the rest of a clear"},
    [STEP_FREESPANS] = {ANY_KIND, NULL, NULL},
};

static const struct step_rule intent_rules[] = {
    [INTENT_NONE] = {ANY_KIND, NULL, NULL},
    [INTENT_DECIDE] = {KIND(EVENT_NOSHRINK) | KIND(EVENT_SHRINK) | TAKES_STACK, "SHRINK-4",
                       "a decision on shrinking"},
    [INTENT_GROW] = {TAKES_STACK, "GROW-4", "the allocation of the grown stack"},
    [INTENT_SHRINK] = {TAKES_STACK, "SHRINK-5", "the allocation of the halved stack"},
    [INTENT_COPY] = {KIND(EVENT_COPY), "COPY-1", "the copy"},
    [INTENT_FREE] = {KIND(EVENT_FREE), NULL, "the free of the stack that the goroutine left"},
};

static bool out_of_order(struct replay *replay, const char *requirement, const char *expected,
                         enum event_kind found)
{
    return deviates(replay, requirement, expected, found_text(replay, "@%s", event_name(found)));
}

/* A span that emptied must go now; one that came must serve a request now. */
static bool span_first(struct replay *replay, const struct thread *thread, enum event_kind kind)
{
    if (thread->span_due != NO_ID && kind != EVENT_SPAN_GOES)
        return deviates(replay, "SPAN-4",
                        expected_text(replay, "span 0x%" PRIx64 ", now empty, to go back",
                                      replay->blocks[thread->span_due].base),
                        found_text(replay, "@%s", event_name(kind)));
    if (thread->span_new != NO_ID && kind != EVENT_POOL_GIVES)
        return deviates(replay, "SPAN-2",
                        expected_text(replay, "a stack of the new span 0x%" PRIx64 " given",
                                      replay->blocks[thread->span_new].base),
                        found_text(replay, "@%s", event_name(kind)));
    return true;
}

/* Ends the steps that end with the thread's next line. */
static bool end_open_step(struct replay *replay, struct thread *thread, enum event_kind kind)
{
    if (thread->step == STEP_FREESPANS && kind != EVENT_SPAN_GOES && kind != EVENT_LARGE_GOES) {
        thread->step = STEP_NONE;
        if (replay->collector.cycle == thread->sweep_cycle)
            return freespans_complete(replay, replay->collector.freespans_at, TRACE_MAX_ORDERS,
                                      true);
    }
    if (thread->step == STEP_RELEASE && !replay->exact && thread->taken > 0 &&
        kind != EVENT_POOL_TAKES && kind != EVENT_SPAN_GOES)
        thread->step = STEP_NONE;
    return true;
}

bool rule_next(struct replay *replay, uint32_t id, enum event_kind kind)
{
    struct thread *thread = &replay->threads[id];
    uint32_t bit = KIND(kind);

    if (!span_first(replay, thread, kind) || !end_open_step(replay, thread, kind))
        return false;
    if (kind == EVENT_SPAN_GOES && (thread->span_due != NO_ID || !replay->exact))
        return true;
    const struct step_rule *step = &step_rules[thread->step];
    if ((step->allowed & bit) == 0)
        return out_of_order(replay, step->requirement, step->expected, kind);
    if (thread->step != STEP_NONE && thread->step != STEP_FREESPANS)
        return true;
    const struct step_rule *intent = &intent_rules[thread->intent];
    if ((intent->allowed & bit) == 0)
        return out_of_order(
            replay, intent->requirement != NULL ? intent->requirement : thread->intent_requirement,
            intent->expected, kind);
    if ((WITHIN_OPERATION & bit) != 0) {
        const char *requirement = kind == EVENT_RELEASE        ? "CACHE-4"
                                  : kind == EVENT_LARGE_QUEUED ? "LARGE-4"
                                                               : "POOL-4";
        return out_of_order(replay, requirement, "an operation that leads to it", kind);
    }
    return true;
}
