/* growth_rules.c: how far a stack grows, and when growth is refused.
 *
 * Keeps: GROW of spec/trace.md, up to the copy.  Called by replay.c. */
#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>

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
