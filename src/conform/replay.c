/* replay.c: a replay's life, and which rule each line meets.
 *
 * Keeps: after the first deviation or error nothing changes any more.  Called by conform.c, tests and fuzz. */
/* For getrandom. */
#define _DEFAULT_SOURCE

#include "src/conform/rules.h"
#include "src/conform/shared.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

struct replay *replay_new(const struct profile *profile, bool exact, uint64_t memory_bytes)
{
    struct replay *replay = calloc(1, sizeof *replay);
    uint64_t seed = 0;

    if (replay == NULL)
        return NULL;
    /* The seed only makes it hard to name objects that collide; without randomness it is merely easier. */
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0)
        seed = (uint64_t)(uintptr_t)replay;
    replay->wanted_profile = profile;
    replay->profile = profile != NULL ? *profile : *profile_named("1.19");
    replay->exact = exact;
    replay->budget.bytes_left = memory_bytes;
    replay->collector.start_bytes = replay->profile.fixed_bytes;
    replay->free_blocks = NO_ID;
    replay->free_goroutines = NO_ID;
    name_index_init(&replay->cache_named, seed);
    name_index_init(&replay->thread_named, seed);
    name_index_init(&replay->goroutine_named, seed);
    for (uint32_t order = 0; order < TRACE_MAX_ORDERS; order++) {
        list_init(&replay->pool[order]);
        list_init(&replay->empty[order]);
    }
    for (uint32_t size_class = 0; size_class < NUM_SIZE_CLASSES; size_class++)
        list_init(&replay->queue[size_class]);
    list_init(&replay->used_caches);
    return replay;
}

void replay_free(struct replay *replay)
{
    name_index_free(&replay->cache_named);
    name_index_free(&replay->thread_named);
    name_index_free(&replay->goroutine_named);
    address_index_free(&replay->block_at);
    free(replay->blocks);
    free(replay->caches);
    free(replay->threads);
    free(replay->goroutines);
    free(replay);
}

struct replay_counts replay_counts(const struct replay *replay)
{
    return replay->counts;
}

const struct profile *replay_profile(const struct replay *replay)
{
    return &replay->profile;
}

void replay_judge_moves(struct replay *replay, judge_of_moves *judge, void *context)
{
    replay->judge = judge;
    replay->judge_context = context;
}

/* A number of the header that replaces one of the profile's. */
static bool header_number(struct replay *replay, const struct event *event, enum event_field field,
                          uint64_t least, uint64_t most, uint64_t *number)
{
    if (!event_has(event, field))
        return true;
    *number = event->field[field];
    return (*number >= least && *number <= most) ||
           replay_unreadable(replay, "a number of the header is out of range");
}

static bool read_header(struct replay *replay, const struct event *event)
{
    struct profile *profile = &replay->profile;

    replay->counts.headers++;
    if (replay->counts.events != 1)
        return replay_unreadable(replay, "a header that is not the first event");
    if (event->value[0] != 1)
        return replay_unreadable(replay, "a version of the format that this reader does not know");
    if (event->profile[0] != 0 && replay->wanted_profile == NULL) {
        const struct profile *named = profile_named(event->profile);
        if (named == NULL)
            return replay_unreadable(replay, "a profile that this reader does not know");
        *profile = *named;
    }
    uint64_t least = profile->pools ? TRACE_MIN_FIXED_BYTES : 1;
    uint64_t most = profile->pools ? TRACE_SPAN_BYTES : UINT64_C(1) << 40;
    if (!header_number(replay, event, FIELD_FIXED, least, most, &profile->fixed_bytes) ||
        !header_number(replay, event, FIELD_ORDERS, 0, TRACE_MAX_ORDERS, &profile->num_orders) ||
        !header_number(replay, event, FIELD_GUARD, 0, 1u << 20, &profile->guard_bytes) ||
        !header_number(replay, event, FIELD_NOSPLIT, 0, 1u << 20, &profile->nosplit_bytes) ||
        !header_number(replay, event, FIELD_PAGE, 1, 1u << 30, &profile->alignment_bytes) ||
        !header_number(replay, event, FIELD_MAX, 0, UINT64_MAX, &profile->max_bytes))
        return false;
    if (profile->pools && !is_power_of_two(profile->fixed_bytes))
        return replay_unreadable(replay, "a fixed size that is not a power of two");
    replay->collector.start_bytes = profile->fixed_bytes;
    return true;
}

typedef bool rule_of_thread(struct replay *replay, uint32_t thread, const struct event *event);

/* The parts of an allocator, each of which has a rule for allocations and one for frees. */
enum part { PART_PLAIN, PART_LARGE, PART_POOL, PART_CACHE, NUM_PARTS };

static rule_of_thread *const alloc_rules[NUM_PARTS] = {
    [PART_PLAIN] = rule_plain_alloc,
    [PART_LARGE] = rule_large_alloc,
    [PART_POOL] = rule_pool_alloc,
    [PART_CACHE] = rule_cache_alloc,
};

static rule_of_thread *const free_rules[NUM_PARTS] = {
    [PART_PLAIN] = rule_plain_free,
    [PART_LARGE] = rule_large_free,
    [PART_POOL] = rule_pool_free,
    [PART_CACHE] = rule_cache_free,
};

/* The part that serves the allocation or free of a stack. */
static enum part part_of(const struct replay *replay, const struct event *event)
{
    if (!replay->profile.pools)
        return PART_PLAIN;
    if (!is_pooled_size(replay, event->value[0]))
        return PART_LARGE;
    return event->field[FIELD_CACHE] == 0 ? PART_POOL : PART_CACHE;
}

/* The events that have one rule, whatever the thread is in the middle of. */
static rule_of_thread *const thread_rules[NUM_EVENT_KINDS] = {
    [EVENT_REFILL] = rule_refill,
    [EVENT_RELEASE] = rule_release,
    [EVENT_CLEAR] = rule_clear,
    [EVENT_SPAN_COMES] = rule_span_comes,
    [EVENT_SPAN_GOES] = rule_span_goes,
    [EVENT_LARGE_COMES] = rule_large_comes,
    [EVENT_LARGE_GOES] = rule_large_goes,
    [EVENT_LARGE_QUEUED] = rule_large_queued,
    [EVENT_LARGE_HIT] = rule_large_hit,
    [EVENT_SCAN] = rule_scan,
    [EVENT_FREESPANS] = rule_freespans,
    [EVENT_GO] = rule_go,
    [EVENT_DEAD] = rule_dead,
    [EVENT_GROW] = rule_grow,
    [EVENT_OVERFLOW] = rule_overflow,
    [EVENT_PREEMPT] = rule_preempt,
    [EVENT_SHRINK] = rule_shrink,
    [EVENT_NOSHRINK] = rule_noshrink,
    [EVENT_COPY] = rule_copy,
};

static rule_of_thread *rule_of(const struct replay *replay, uint32_t thread,
                               const struct event *event)
{
    enum step step = thread == NO_ID ? STEP_NONE : replay->threads[thread].step;

    switch (event->kind) {
    case EVENT_ALLOC: return alloc_rules[part_of(replay, event)];
    case EVENT_FREE: return free_rules[part_of(replay, event)];
    case EVENT_POOL_GIVES: return step == STEP_REFILL ? rule_refill_takes : rule_pool_gives;
    case EVENT_POOL_TAKES:
        return step == STEP_RELEASE || step == STEP_CLEAR ? rule_cache_gives_back : rule_pool_takes;
    default: return thread_rules[event->kind];
    }
}

static bool apply(struct replay *replay, uint32_t thread, const struct event *event)
{
    switch (event->kind) {
    case EVENT_TRACE: return read_header(replay, event);
    case EVENT_PHASE: return rule_phase(replay, event);
    case EVENT_STARTSIZE: return rule_startsize(replay, event);
    case EVENT_MAXSTACK: replay->profile.max_bytes = event->value[0]; return true;
    default: return rule_of(replay, thread, event)(replay, thread, event);
    }
}

/* Whether the profile can judge the event in the way that is asked for. */
static bool profile_fits(struct replay *replay, const struct event *event)
{
    if (replay->profile.pools)
        return true;
    if (replay->exact)
        return replay_unreadable(
            replay, "--exact needs a profile with pools: without them no address is predicted");
    return !event_of_pools(event->kind) ||
           replay_unreadable(
               replay,
               "an event of pools and caches, which the profile of this trace does not have");
}

/* The thread that an event names, where it must be one that may come next; NO_ID if it names none. */
static bool thread_of(struct replay *replay, const struct event *event, uint32_t *thread)
{
    *thread = NO_ID;
    if (event_has(event, FIELD_THREAD)) {
        *thread = find_thread(replay, event->field[FIELD_THREAD]);
        if (*thread == NO_ID)
            return false;
    }
    return *thread == NO_ID || rule_next(replay, *thread, event->kind);
}

static bool replay_event(struct replay *replay, const struct event *event)
{
    uint32_t thread;
    uint64_t phase = replay->collector.phase;

    replay->counts.events++;
    if (event->kind != EVENT_TRACE && !profile_fits(replay, event))
        return false;
    if (event_has(event, FIELD_PHASE) && event->field[FIELD_PHASE] != phase)
        return deviates(replay, "GC-2", expected_text(replay, "phase %" PRIu64, phase),
                        found_text(replay, "ph=%" PRIu64, event->field[FIELD_PHASE]));
    if (!thread_of(replay, event, &thread) || !apply(replay, thread, event))
        return false;
    if (thread != NO_ID)
        recount_busy(replay, thread);
    if (event_has(event, FIELD_THREAD))
        replay->threads[thread].last_event = replay->counts.events;
    return true;
}

bool replay_line(struct replay *replay, const char *line, size_t length)
{
    struct event event;
    const char *error;

    if (replay->stopped)
        return false;
    replay->counts.lines++;
    replay->verdict.line = replay->counts.lines;
    /* Only an event is too long at this length: Go's own two lines begin with words of their own. */
    if (length > EVENT_LINE_BYTES)
        return line[0] != '@' || replay_unreadable(replay, "an event of more than 1000 bytes");
    enum event_status status = event_read(line, length, &event, &error);
    if (status == EVENT_SKIPPED)
        return true;
    if (status == EVENT_MALFORMED)
        return replay_unreadable(replay, error);
    bool of_move = event_of_move(event.kind);
    if (replay->judge != NULL &&
        (of_move || event.kind == EVENT_TRACE || event.kind == EVENT_COPY) &&
        !replay->judge(replay->judge_context, replay, &event, line, length))
        return false;
    if (of_move || replay_event(replay, &event))
        return true;
    if (!replay->stopped)
        replay_unreadable(
            replay,
            "the trace has more live stacks, goroutines or caches than memory is allowed for");
    return false;
}

bool replay_end(struct replay *replay)
{
    if (replay->stopped)
        return false;
    return replay->counts.events > replay->counts.headers ||
           replay_unreadable(replay, "there is no event in it");
}

void replay_skip_line(struct replay *replay)
{
    replay->counts.lines++;
    replay->verdict.line = replay->counts.lines;
}
