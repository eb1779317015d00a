/* collector_rules.c: the phases of a collection, and what must be done by when.
 *
 * Keeps: GC of spec/trace.md.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

/* What a collection must have done when the next one starts. */
static bool cycle_complete(struct replay *replay)
{
    const struct collector *collector = &replay->collector;
    uint32_t oldest = replay->used_caches.first;

    if (collector->ended_at == 0)
        return true;
    if (oldest != NO_ID && replay->caches[oldest].used_since < collector->ended_at)
        return deviates(replay, "GC-3",
                        expected_text(replay,
                                      "cache 0x%" PRIx64 " cleared since the last collection",
                                      replay->caches[oldest].name),
                        "the next one");
    if (!replay->profile.pools)
        return true;
    if (collector->freespans_at == 0)
        return deviates(replay, "GC-4", "@freespans since the last collection", "the next one");
    return freespans_complete(replay, collector->freespans_at, TRACE_MAX_ORDERS, true);
}

static void start_marking(struct replay *replay)
{
    struct collector *collector = &replay->collector;
    collector->cycle++;
    collector->marking_since = event_number(replay);
    collector->num_unscanned = replay->num_alive;
    collector->num_scanned = 0;
    collector->scanned_bytes = 0;
    collector->start_size_set = false;
}

/* At the end of marking: was every goroutine that was there all the time scanned? */
static bool all_scanned(struct replay *replay)
{
    const struct collector *collector = &replay->collector;

    if (!collector->scans_traced || collector->num_unscanned == 0)
        return true;
    for (uint32_t id = 0; id < replay->num_goroutines; id++) {
        const struct goroutine *goroutine = &replay->goroutines[id];
        if (goroutine->alive && goroutine->born < collector->marking_since &&
            goroutine->scanned != collector->cycle)
            return deviates(replay, "GC-5",
                            expected_text(replay, "a scan of gp 0x%" PRIx64 " in this collection",
                                          goroutine->gp),
                            "none");
    }
    return true;
}

/* Go stops the world for it, and a thread stops only between two operations. */
static bool world_stopped(struct replay *replay)
{
    if (!replay->exact || replay->num_busy == 0)
        return true;
    for (uint32_t id = 0; id < replay->num_threads; id++)
        if (replay->threads[id].counted_busy)
            return deviates(replay, "GC-7",
                            expected_text(replay,
                                          "thread %" PRIu64 " to end what it is doing first",
                                          replay->threads[id].name),
                            "the world stopped");
    return true;
}

bool rule_phase(struct replay *replay, const struct event *event)
{
    struct collector *collector = &replay->collector;
    uint64_t next = (collector->phase + 1) % 3;

    if (event->value[0] != next)
        return deviates(
            replay, "GC-1",
            expected_text(replay, "phase %" PRIu64 " after phase %" PRIu64, next, collector->phase),
            found_text(replay, "phase %" PRIu64, event->value[0]));
    if (!world_stopped(replay))
        return false;
    if (next == 1) {
        if (!cycle_complete(replay))
            return false;
        start_marking(replay);
    } else if (next == 2) {
        if (!all_scanned(replay))
            return false;
    } else {
        if (collector->start_sizes_traced && !collector->start_size_set)
            return deviates(replay, "GC-6", "a starting size set in this collection", "none");
        collector->ended_at = event_number(replay);
        collector->freespans_at = 0;
    }
    collector->phase = next;
    return true;
}

bool rule_scan(struct replay *replay, uint32_t thread, const struct event *event)
{
    struct collector *collector = &replay->collector;
    uint64_t used = event->field[FIELD_USED];
    uint32_t id;

    collector->scans_traced = true;
    if (collector->phase != 1)
        return deviates(replay, "GC-5", "scans in phase 1",
                        found_text(replay, "one in phase %" PRIu64, collector->phase));
    if (!live_goroutine(replay, event, &id))
        return false;
    struct goroutine *goroutine = &replay->goroutines[id];
    if (goroutine->scanned == collector->cycle)
        return deviates(
            replay, "GC-5",
            expected_text(replay, "one scan of gp 0x%" PRIx64 " a collection", goroutine->gp),
            "a second one");
    if (used > goroutine->bytes)
        return deviates(replay, "GC-5",
                        expected_text(replay, "at most %" PRIu64 " bytes in use", goroutine->bytes),
                        found_text(replay, "%" PRIu64, used));
    if (replay->exact && collector->start_size_set)
        return deviates(
            replay, "GC-6",
            expected_text(replay, "the scan of gp 0x%" PRIx64 " before the starting size is set",
                          goroutine->gp),
            "it behind");
    goroutine->scanned = collector->cycle;
    goroutine->scan_used = used;
    if (goroutine->born < collector->marking_since)
        collector->num_unscanned--;
    collector->num_scanned++;
    collector->scanned_bytes += used;
    if (event->field[FIELD_SAFE] == 0) {
        goroutine->shrink_later = true;
        return true;
    }
    expect_decision(replay, thread, id, true);
    return true;
}

/* The size that goroutines start with after this collection, from the stacks that it scanned. */
static uint64_t average_start(const struct replay *replay)
{
    const struct collector *collector = &replay->collector;
    const struct profile *profile = &replay->profile;
    uint64_t size = profile->fixed_bytes;

    if (collector->num_scanned == 0)
        return size;
    uint64_t average = collector->scanned_bytes / collector->num_scanned + profile->guard_bytes;
    if (average > profile->max_bytes)
        average = profile->max_bytes;
    while (size < average)
        size *= 2;
    return size;
}

bool rule_startsize(struct replay *replay, const struct event *event)
{
    struct collector *collector = &replay->collector;
    uint64_t size = event->value[0];

    collector->start_sizes_traced = true;
    bool in_time = replay->exact ? collector->phase == 1 : collector->phase != 0;
    if (!world_stopped(replay))
        return false;
    if (!replay->profile.start_size_adapts || !in_time || collector->start_size_set)
        return deviates(replay, "GC-6", "the starting size to be set once a collection",
                        found_text(replay, "it set in phase %" PRIu64, collector->phase));
    if (!is_power_of_two(size) || size < replay->profile.fixed_bytes)
        return deviates(
            replay, "GC-6",
            expected_text(replay, "a power of two, at least %" PRIu64, replay->profile.fixed_bytes),
            found_text(replay, "%" PRIu64, size));
    if (collector->scans_traced && size != average_start(replay))
        return deviates(replay, "GC-6",
                        expected_text(replay, "the starting size %" PRIu64, average_start(replay)),
                        found_text(replay, "%" PRIu64, size));
    collector->start_size_set = true;
    collector->start_bytes = size;
    return true;
}

bool rule_freespans(struct replay *replay, uint32_t id, const struct event *event)
{
    struct collector *collector = &replay->collector;
    struct thread *thread = &replay->threads[id];

    (void)event;
    if (collector->phase != 0 || collector->freespans_at != 0)
        return deviates(replay, "GC-4", "@freespans once after a collection",
                        found_text(replay, "it in phase %" PRIu64, collector->phase));
    collector->freespans_at = event_number(replay);
    thread->step = STEP_FREESPANS;
    thread->sweep_cycle = collector->cycle;
    thread->sweep_order = 0;
    thread->sweep_listed_at = UINT64_MAX;
    return true;
}
