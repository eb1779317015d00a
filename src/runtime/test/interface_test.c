/* interface_test.c: every function, value and field of contig.h, at the right and at the wrong time.
 *
 * CALL-1, CALL-2, CHECK-5, ERR-2..ERR-4, LIFE-9..LIFE-11, MEMORY-1..MEMORY-3. */
#define _DEFAULT_SOURCE /* mincore, setrlimit */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "src/bodies/bodies.h"
#include "src/core/heap/heap_check.h"
#include "src/core/heap/page_heap.h"
#include "src/runtime/runtime.h"
#include "src/test/test.h"

#define PAGE_BYTES 4096u

/* It takes terabytes of addresses, which no limit allows. */
#ifdef __SANITIZE_ADDRESS__
#define WITH_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER
#endif
#endif

static char report_text[1 << 16];

static void start_with(struct contig_options options)
{
    char message[200] = "";
    if (options.arena_bytes == 0)
        options.arena_bytes = 16 << 20;
    if (options.report == NULL)
        options.report = fmemopen(report_text, sizeof report_text, "w");
    enum contig_error error = contig_start(&options, message);
    if (error != CONTIG_OK)
        fprintf(stderr, "%s\n", message);
    EXPECT(error == CONTIG_OK);
}

static bool reported(const char *text)
{
    fflush(sched.options.report);
    return strstr(report_text, text) != NULL;
}

static uint64_t go(contig_function *function, struct body *body)
{
    uint64_t id;
    EXPECT(contig_go(function, (uint64_t)(uintptr_t)body, &id) == CONTIG_OK);
    return id;
}

static struct contig_statistics statistics(void)
{
    struct contig_statistics now;
    contig_read_statistics(&now);
    return now;
}

static void stop(void)
{
    EXPECT(contig_check_all());
    EXPECT(contig_stop() == CONTIG_OK);
}

/* Nothing is started: nothing crashes, nothing changes. */
static void calls_find_nothing(void)
{
    uint64_t id = 7;
    char text[10] = "x";
    EXPECT(contig_stop() == CONTIG_BAD_STATE);
    EXPECT(contig_go(body_return, 0, &id) == CONTIG_BAD_STATE && id == 7);
    EXPECT(contig_ready(1) == CONTIG_BAD_STATE && contig_gc() == CONTIG_BAD_STATE);
    EXPECT(contig_run() == 0 && !contig_step());
    EXPECT(contig_set_maximum_stack(1) == 0);
    contig_fail_allocations_after(0);
    contig_poison_next_prologue(true);
    EXPECT(contig_stack(0, text, sizeof text) == 0 && text[0] == '\0');
    EXPECT(contig_stack_bounds(1, NULL, NULL, NULL) == CONTIG_NOT_FOUND);
    EXPECT(contig_last_error(&id) == CONTIG_OK && id == 0);
    EXPECT(contig_check_all());
    EXPECT(statistics().spawned == 0 && statistics().stack_bytes_in_use == 0);
    contig_read_statistics(NULL);
}

/* CALL-1 */
static void before_start_and_after_stop(void)
{
    EXPECT(freopen("/dev/null", "w", stderr) != NULL);
    calls_find_nothing();
    for (int round = 0; round < 3; round++) {
        struct body body = {.argument = 30};
        start_with((struct contig_options){.check = true});
        go(body_deep, &body);
        EXPECT(contig_run() == 0 && statistics().errors == 0 && body.result == 31);
        stop();
        calls_find_nothing();
    }
}

/* CALL-1: who cannot return an error says which call it was. */
static void refused_calls_are_named(void)
{
    static const char *const names[] = {"contig_run", "contig_step", "contig_set_maximum_stack",
                                        "contig_fail_allocations_after",
                                        "contig_poison_next_prologue"};
    int ends[2];
    char text[1000] = "";
    EXPECT(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    calls_find_nothing();
    EXPECT(read(ends[0], text, sizeof text - 1) > 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strstr(text, names[i]) == NULL)
            exit(1);
    exit(strstr(text, "before contig_start") == NULL);
}

/* Which callback makes the calls, and how often one did. */
static enum place {
    PLACE_NONE,
    PLACE_MOVING,
    PLACE_MOVED,
    PLACE_ENDED,
    PLACE_TAKEN,
    PLACE_GIVEN,
    PLACE_C
} place;
static uint32_t called;
static struct body quiet_body;

/* Everything that a place may not do is refused, and what it may do works. */
static void calls_from(enum place here)
{
    char text[100];
    uint64_t id = 0;
    if (place != here)
        return;
    called++;
    EXPECT(contig_start(NULL, NULL) == CONTIG_BAD_OPTION && contig_stop() == CONTIG_BAD_STATE);
    if (here != PLACE_C)
        EXPECT(contig_gc() == CONTIG_BAD_STATE && contig_run() == 0 && !contig_step());
    enum contig_error expected =
        here == PLACE_ENDED || here == PLACE_C ? CONTIG_OK : CONTIG_BAD_STATE;
    place = PLACE_NONE;
    EXPECT(contig_go(body_return, (uint64_t)(uintptr_t)&quiet_body, &id) == expected);
    EXPECT(contig_ready(id) == CONTIG_NOT_FOUND && contig_ready(0) == CONTIG_NOT_FOUND);
    EXPECT((contig_stack(0, text, sizeof text) > 0) == (statistics().goroutines > 0) &&
           contig_check_all());
    EXPECT(contig_set_maximum_stack(1 << 20) == 1 << 20);
    place = here;
}

static void moving(uint64_t id)
{
    EXPECT(id != 0);
    calls_from(PLACE_MOVING);
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    EXPECT(id != 0 && used_bytes > 0 && used_bytes <= old_bytes && used_bytes <= new_bytes);
    calls_from(PLACE_MOVED);
}

static void ended(uint64_t id, enum contig_error error)
{
    char text[2000];
    EXPECT(error == CONTIG_STACK_OVERFLOW && contig_stack(id, text, sizeof text) > 0);
    EXPECT(strstr(text, "endless()") != NULL);
    calls_from(PLACE_ENDED);
}

static void taken(uint64_t low, uint64_t bytes)
{
    EXPECT(low != 0 && bytes >= 2048);
    calls_from(PLACE_TAKEN);
}

static void given(uint64_t low, uint64_t bytes)
{
    EXPECT(low != 0 && bytes >= 2048);
    calls_from(PLACE_GIVEN);
}

static uint64_t on_system_stack(uint64_t argument)
{
    (void)argument;
    calls_from(PLACE_C);
    if (place == PLACE_C) {
        EXPECT(contig_gc() == CONTIG_OK && contig_m->curg != NULL);
        contig_run();
        EXPECT(contig_m->curg != NULL && !contig_step());
    }
    return 0;
}

/* CALL-2 */
static void calls_from_each_callback(void)
{
    for (enum place each = PLACE_MOVING; each <= PLACE_C; each++) {
        struct body deep = {.argument = 100, .call = on_system_stack}, endless = {0},
                    shrinking = {.argument = 100};
        start_with((struct contig_options){.check = true,
                                           .moving = moving,
                                           .moved = moved,
                                           .ended = ended,
                                           .taken = taken,
                                           .given = given,
                                           .maximum_stack_bytes = 1 << 20});
        called = 0;
        place = each;
        go(body_deep, &deep);
        go(body_overflow, &endless);
        uint64_t waits = go(body_shrink, &shrinking);
        EXPECT(contig_run() == 1);
        EXPECT(contig_gc() == CONTIG_OK && contig_ready(waits) == CONTIG_OK && contig_run() == 0);
        EXPECT(called > 0 && deep.result == 101 && shrinking.result == 102);
        EXPECT(statistics().violations == 0 && statistics().goroutines == 0);
        place = PLACE_NONE;
        stop();
    }
}

static uint32_t depth, deepest;

static uint64_t nest(uint64_t argument)
{
    struct body *body = (struct body *)(uintptr_t)argument;
    if (++depth > deepest)
        deepest = depth;
    if (depth < 1100) {
        go(body_deep, body);
        contig_run();
    }
    return 0;
}

/* CALL-2: nested calls end before the system stack does. */
static void nested_runs_are_bounded(void)
{
    struct body body = {.call = nest};
    start_with((struct contig_options){0});
    go(body_deep, &body);
    contig_run();
    EXPECT(deepest > 1000 && statistics().goroutines == 0);
    EXPECT(reported("contig_run was called inside of too many calls of contig_run"));
    stop();
}

static void arguments_are_checked(void)
{
    struct body body = {0};
    uint64_t low = 1, high = 1, pointer = 1;
    char text[100];
    start_with((struct contig_options){.check = true});
    EXPECT(contig_go(NULL, 0, NULL) == CONTIG_BAD_OPTION && statistics().goroutine_records == 0);
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&body, NULL) == CONTIG_OK &&
           contig_run() == 1);
    EXPECT(contig_stack(1, NULL, 100) == 0 && contig_stack(1, text, 0) == 0 &&
           contig_stack(1, text, 1) == 0);
    EXPECT(contig_stack_bounds(1, NULL, NULL, NULL) == CONTIG_OK);
    EXPECT(contig_stack_bounds(1, &low, NULL, NULL) == CONTIG_OK && low >= arena_base);
    EXPECT(contig_stack_bounds(1, NULL, &high, &pointer) == CONTIG_OK && high == low + 2048);
    EXPECT(pointer > low && pointer < high);
    for (uint64_t id = 2; id != 0; id *= 2)
        EXPECT(contig_ready(id) == CONTIG_NOT_FOUND &&
               contig_stack_bounds(id, &low, NULL, NULL) == CONTIG_NOT_FOUND);
    EXPECT(contig_ready(UINT64_MAX) == CONTIG_NOT_FOUND && contig_ready(1) == CONTIG_OK);
    contig_run();
    stop();
}

static void every_error_has_a_name(void)
{
    static const char *const names[] = {
        "no error",
        "out of stack memory",
        "stack overflow",
        "malformed frame",
        "stale pointer",
        "unknown function",
        "thrown",
        "out of memory",
        "bad option",
        "bad site table",
        "not found",
        "invariant violated",
        "call not allowed now",
        "output not written",
    };
    EXPECT(sizeof names / sizeof *names == CONTIG_NOT_WRITTEN + 1);
    for (size_t i = 0; i <= CONTIG_NOT_WRITTEN; i++)
        EXPECT(strcmp(contig_error_name((enum contig_error)i), names[i]) == 0);
    static const int none[] = {CONTIG_NOT_WRITTEN + 1, -1, 1000000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        EXPECT(strcmp(contig_error_name((enum contig_error)none[i]), "unknown error") == 0);
}

/* Each counter counts its own thing, and is as wide as it says. */
static void every_statistic_counts(void)
{
    struct body deep = {.argument = 100}, parked = {0}, yields = {.argument = 5};
    start_with((struct contig_options){.check = true, .maximum_stack_bytes = 1 << 20});
    go(body_yield, &yields);
    uint64_t id = go(body_shrink, &deep);
    go(body_park, &parked);
    EXPECT(statistics().goroutines == 3 && statistics().spawned == 3 &&
           statistics().goroutine_records == 3);
    EXPECT(statistics().stack_bytes_in_use == 3 * 2048 && statistics().starting_size == 2048);
    EXPECT(contig_run() == 2);
    EXPECT(statistics().goroutines == 2 && statistics().switches == 11 &&
           statistics().growths == 3);
    EXPECT(statistics().copied_bytes > 3 * 2048 && statistics().copied_bytes < 32768 &&
           statistics().shrinks == 0);
    EXPECT(contig_gc() == CONTIG_OK && statistics().cycles == 1 && statistics().shrinks == 1);
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 1 && statistics().errors == 0);
    go(body_overflow, &parked);
    contig_run();
    EXPECT(statistics().errors == 1 && statistics().checks > 10 && statistics().violations == 0);
    EXPECT(statistics().goroutine_records == 3 && statistics().spawned == 4);
    stop();
}

/* Beyond 4 GiB nothing is cut: what is set comes back, what counts carries over. */
static void numbers_are_64_bits_wide(void)
{
    static const uint64_t large[] = {UINT64_C(1) << 32, UINT64_C(0x123456789abcdef0), UINT64_MAX};
    struct body deep = {.argument = 20};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        start_with((struct contig_options){.maximum_stack_bytes = large[i]});
        EXPECT(contig_set_maximum_stack(large[i] - 1) == large[i] &&
               contig_set_maximum_stack(0) == large[i] - 1);
        EXPECT(contig_set_maximum_stack(large[i]) == 0);
        contig_fail_allocations_after(large[i]);
        EXPECT(contig_go(body_return, 0, NULL) == CONTIG_OK);
        struct contig_statistics *counts = &sched.statistics;
        counts->spawned = counts->growths = counts->copied_bytes = counts->switches = UINT32_MAX;
        go(body_deep, &deep);
        contig_run();
        EXPECT(deep.result == 21 * (i + 1) && statistics().spawned == UINT64_C(1) << 32);
        EXPECT(statistics().growths > UINT32_MAX &&
               statistics().copied_bytes > UINT32_MAX + UINT64_C(1000));
        EXPECT(statistics().switches > UINT32_MAX);
        stop();
    }
}

/* LIFE-10: a record that is lost, or is on two lists, is seen by contig_check_all and by contig_stop. */
static void lost_records_are_seen(void)
{
    static const int damages = 6;
    for (int damage = 0; damage < damages; damage++) {
        struct body body = {0};
        start_with((struct contig_options){0});
        for (int i = 0; i < 3; i++)
            go(body_return, &body);
        contig_run();
        go(body_park, &body);
        contig_run();
        go(body_park, &body);
        EXPECT(contig_check_all());
        struct g_list *dead = &all_p[0].dead;
        switch (damage) {
        case 0:
            dead->first = NULL;
            dead->count = 0;
            break;
        case 1: sched.dead_with_stack = *dead; break;
        case 2: sched.run_first = sched.run_last = NULL; break;
        case 3: sched.waiting++; break;
        case 4: g_at(0)->status = G_RUNNING; break;
        case 5: sched.alive--; break;
        }
        EXPECT(!contig_check_all() && contig_stop() == CONTIG_INVARIANT);
    }
}

/* LIFE-10: refused goroutines and those that end by an error lose no record. */
static void no_record_is_lost(void)
{
    struct body body = {0}, deep = {.argument = 3000}, wrong = {.argument = 0x1234567};
    start_with((struct contig_options){
        .arena_bytes = 128 << 10, .maximum_stack_bytes = 16 << 10, .quiet = true});
    for (uint32_t round = 0; round < 50; round++) {
        while (contig_go(body_return, (uint64_t)(uintptr_t)&body, NULL) == CONTIG_OK)
            ;
        EXPECT(contig_check_all());
        contig_run();
        EXPECT(contig_gc() == CONTIG_OK);
        go(round % 2 == 0 ? body_overflow : body_deep, &deep);
        go(body_corrupt, &wrong);
        contig_fail_allocations_after(round % 4);
        contig_run();
        contig_fail_allocations_after(UINT64_MAX);
        EXPECT(contig_check_all() && statistics().goroutines == 0);
    }
    EXPECT(statistics().goroutine_records <= 65);
    stop();
}

/* Number, stack and the mark of the count of records aside. */
static bool same_record(const struct g *g, const struct g *h)
{
    _Static_assert(sizeof *g == 112, "a field that is new is compared below");
    return memcmp(&g->stack.sched, &h->stack.sched, sizeof g->stack.sched) == 0 &&
           g->stack.outside == h->stack.outside && g->stackguard == h->stackguard &&
           g->ret == h->ret && g->mxcsr == h->mxcsr && g->fpu_control == h->fpu_control &&
           g->status == h->status && g->wait_reason == h->wait_reason &&
           g->preempt_shrink == h->preempt_shrink && g->in_system_call == h->in_system_call &&
           g->async_safe_point == h->async_safe_point &&
           g->parking_on_channel == h->parking_on_channel && g->held == h->held &&
           g->next == h->next && g->function == h->function;
}

/* LIFE-11: whatever a record held, a goroutine that uses it again begins as the first one did. */
static void a_record_used_again_shows_nothing(void)
{
    struct body body = {0};
    start_with((struct contig_options){0});
    uint64_t id = go(body_return, &body);
    struct g fresh, *g = g_by_id(id);
    memcpy(&fresh, g, sizeof fresh);
    contig_run();
    EXPECT(all_p[0].dead.first == g && g->stack.lo == fresh.stack.lo);
    struct g_list dead = all_p[0].dead;
    struct g *next = g->next;
    id = g->id;
    memset(g, 0xa5, sizeof *g);
    g->stack.lo = fresh.stack.lo;
    g->stack.hi = fresh.stack.hi;
    g->status = G_DEAD;
    g->held = false;
    g->id = id;
    g->next = next;
    all_p[0].dead = dead;
    EXPECT(go(body_return, &body) == id && id != fresh.id);
    EXPECT(same_record(g, &fresh));
    contig_run();
    EXPECT(body.result == 0 && statistics().errors == 0);
    stop();
}

/* CHECK-5 */
static void a_violation_is_reported_and_survived(void)
{
    struct body parked = {0}, other = {.argument = 50};
    uint64_t whose = 7;
    start_with((struct contig_options){.check = true});
    uint64_t id = go(body_park, &parked);
    contig_run();
    uint32_t chunk = (uint32_t)((g_by_id(id)->stack.lo - arena_base) / CHUNK_BYTES);
    span_free[chunk]++;
    EXPECT(!contig_check_all());
    go(body_deep, &other);
    contig_run();
    EXPECT(other.result == 51 && statistics().violations > 0 && statistics().goroutines == 1);
    EXPECT(contig_last_error(&whose) == CONTIG_INVARIANT &&
           reported("contig: after go of goroutine "));
    span_free[chunk]--;
    EXPECT(contig_check_all() && contig_ready(id) == CONTIG_OK && contig_run() == 0 &&
           parked.result == 1);
    EXPECT(contig_stop() == CONTIG_INVARIANT);
    start_with((struct contig_options){.check = true});
    stop();
}

/* ERR-3: the checker's own memory is memory, too. */
static void no_memory_for_a_copy(struct contig_options options)
{
    struct body deep = {.argument = 400000}, other = {.argument = 50}, parked = {0};
    options.arena_bytes = 256 << 20;
    start_with(options);
    uint64_t waits = go(body_park, &parked);
    contig_run();
    uint64_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(file != NULL && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    struct rlimit limit = {pages * PAGE_BYTES + (6 << 20), RLIM_INFINITY},
                  none = {RLIM_INFINITY, RLIM_INFINITY};
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
    go(body_deep, &deep);
    go(body_deep, &other);
    contig_run();
    EXPECT(contig_last_error(NULL) == CONTIG_OUT_OF_MEMORY && deep.result == 0 &&
           other.result == 51);
    EXPECT(reported("ended: out of memory") && statistics().violations == 0 &&
           statistics().errors == 1);
    EXPECT(contig_ready(waits) == CONTIG_OK && contig_run() == 0 && parked.result == 1);
    stop();
    EXPECT(setrlimit(RLIMIT_AS, &none) == 0);
}

/* CHECK-4: a stack's copy, for a check or for a trace of moves. */
static void no_memory_for_a_copy_ends_one_goroutine(void)
{
#ifndef WITH_ADDRESS_SANITIZER
    FILE *nowhere = fopen("/dev/null", "w");
    EXPECT(nowhere != NULL);
    no_memory_for_a_copy((struct contig_options){.check = true});
    no_memory_for_a_copy((struct contig_options){.trace = nowhere, .trace_moves = true});
    fclose(nowhere);
#endif
}

static void unwritable_output_is_an_error(void)
{
    struct body body = {0};
    static const int buffering[] = {_IOFBF, _IONBF};
    for (int which = 0; which < 2; which++) {
        FILE *full = fopen("/dev/full", "w");
        struct contig_options options = {.trace = which == 0 ? full : NULL,
                                         .report = which == 1 ? full : NULL};
        EXPECT(full != NULL && setvbuf(full, NULL, buffering[which], 1 << 16) == 0);
        start_with(options);
        contig_set_maximum_stack(4096);
        go(body_overflow, &body);
        contig_run();
        EXPECT(contig_stop() == CONTIG_NOT_WRITTEN);
    }
    start_with((struct contig_options){0});
    stop();
}

/* ERR-4: a later start keeps the arena, with its size or without one. */
static void a_later_start_keeps_the_arena(void)
{
    char message[200];
    start_with((struct contig_options){.arena_bytes = 4 << 20});
    uint64_t base = arena_base;
    stop();
    struct contig_options other = {.arena_bytes = 8 << 20}, same = {0};
    EXPECT(contig_start(&other, message) == CONTIG_BAD_OPTION &&
           strstr(message, "4194304") != NULL);
    setenv("CONTIG_ARENA", "65536", 1);
    EXPECT(contig_start(&same, message) == CONTIG_OK && sched.arena_bytes == 4 << 20 &&
           arena_base == base);
    stop();
}

static void options_are_refused_by_name(void)
{
    static const char *const wrong[] = {
        "", "0", "64G", "-1", "+5", " 32768", "0x10000", "1e6", "99999999999999999999"};
    char message[200], expected[100];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("CONTIG_ARENA", wrong[i], 1);
        snprintf(expected, sizeof expected, "CONTIG_ARENA=%s is not a number of bytes", wrong[i]);
        EXPECT(contig_start(NULL, message) == CONTIG_BAD_OPTION && strcmp(message, expected) == 0);
        EXPECT(contig_start(NULL, NULL) == CONTIG_BAD_OPTION);
    }
    static const uint64_t sizes[] = {
        1, 32767, 32769, (UINT64_C(64) << 30) + 32768, UINT64_MAX, UINT64_MAX - 32767};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct contig_options options = {.arena_bytes = sizes[i]};
        snprintf(expected, sizeof expected, "an arena of %lu bytes", sizes[i]);
        EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION &&
               strstr(message, expected) != NULL);
    }
    EXPECT(sched.arena == NULL && !sched.started);
}

/* MEMORY-2: both ends of the arena, and what lies beyond, fault. */
static void the_arena_is_guarded(void)
{
    start_with((struct contig_options){.arena_bytes = 1 << 20});
    volatile char *low = (char *)sched.arena, *high = low + sched.arena_bytes;
    volatile char *const places[] = {low - 1, low - 2000000, high, high + 2000000};
    EXPECT(low[0] == 0 && high[-1] == 0);
    fflush(NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            EXPECT(freopen("/dev/null", "w", stderr) != NULL);
            *places[i] = 1;
            _exit(0);
        }
        EXPECT(child > 0 && waitpid(child, &status, 0) == child && status != 0);
    }
    stop();
}

/* Whether a byte of the arena can be written, in a child. */
static bool writable(uint64_t address)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        EXPECT(freopen("/dev/null", "w", stderr) != NULL);
        *(volatile char *)(uintptr_t)address = 1;
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static uint32_t guarded_moves;

/* The stack that a goroutine has got: a guard page exactly if it is large. */
static void look_at_guard(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    uint64_t low = g_by_id(id)->stack.lo;
    bool large = new_bytes >= 32768;
    EXPECT(old_bytes != 0 && used_bytes <= new_bytes);
    EXPECT(g_by_id(id)->stackguard == low + STACK_GUARD_BYTES + (large ? PAGE_BYTES : 0));
    EXPECT(writable(low) == !large && writable(low + PAGE_BYTES - 1) == !large &&
           writable(low + new_bytes - 1));
    EXPECT(!large || writable(low + PAGE_BYTES));
    guarded_moves += large;
}

/* MEMORY-3: growing and shrinking; afterwards every byte can be written again. */
static void large_stacks_are_guarded(void)
{
    struct body deep = {.argument = 3000}, shrinks = {.argument = 2000};
    start_with((struct contig_options){.check = true, .guard_pages = true, .moved = look_at_guard});
    uint64_t id = go(body_shrink, &shrinks);
    go(body_deep, &deep);
    contig_run();
    for (int cycle = 0; cycle < 6; cycle++)
        EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 0);
    EXPECT(deep.result == 3001 && shrinks.result == 2002 && statistics().shrinks >= 3 &&
           guarded_moves >= 6);
    EXPECT(statistics().errors == 0 && statistics().violations == 0);
    stop();
    for (uint64_t low = arena_base; low < arena_base + (1 << 20); low += 32768)
        EXPECT(writable(low));
}

/* Pages of the arena that hold memory. */
static uint64_t resident_bytes(void)
{
    static unsigned char pages[(1 << 30) / PAGE_BYTES];
    uint64_t bytes = 0;
    EXPECT(sched.arena_bytes <= sizeof pages * PAGE_BYTES);
    EXPECT(mincore(sched.arena, sched.arena_bytes, pages) == 0);
    for (uint64_t i = 0; i < sched.arena_bytes / PAGE_BYTES; i++)
        bytes += (pages[i] & 1) * PAGE_BYTES;
    return bytes;
}

/* MEMORY-1: two cycles after a peak the stacks hold little more memory than those that live need. */
static void memory_goes_back_after_a_peak(void)
{
    enum { COUNT = 60000 };
    static uint64_t ids[COUNT];
    struct body parked = {0};
    start_with((struct contig_options){.arena_bytes = 1 << 30});
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++)
            ids[i] = go(body_park, &parked);
        EXPECT(contig_run() == COUNT && resident_bytes() >= (uint64_t)COUNT * 2048);
        for (uint32_t i = 0; i < COUNT; i++)
            EXPECT(contig_ready(ids[i]) == CONTIG_OK);
        EXPECT(contig_run() == 0 && contig_gc() == CONTIG_OK && contig_gc() == CONTIG_OK);
        EXPECT(5 * resident_bytes() <= 6 * statistics().stack_bytes_in_use + 5 * (2 << 20));
        EXPECT(contig_check_all());
    }
    stop();
    EXPECT(mincore(sched.arena, PAGE_BYTES, (unsigned char[1]){0}) == 0);
    EXPECT(resident_bytes() < 2 << 20);
}

/* A word for each place, so that a page that was given back, or another stack's, is told at once. */
static uint64_t pattern(uint64_t address)
{
    return address * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static void fill(uint64_t id, uint64_t *low, uint64_t *pointer)
{
    EXPECT(contig_stack_bounds(id, low, NULL, pointer) == CONTIG_OK);
    for (uint64_t at = *low; at < *pointer; at += 8)
        *(uint64_t *)(uintptr_t)at = pattern(at);
}

static bool filled(uint64_t low, uint64_t pointer)
{
    for (uint64_t at = low; at < pointer; at += 8)
        if (*(uint64_t *)(uintptr_t)at != pattern(at))
            return false;
    return true;
}

/* MEMORY-1: what lives keeps every word, while every second stack of 128 KiB goes back. */
static void live_stacks_keep_their_memory(void)
{
    enum { COUNT = 600 };
    struct body bodies[COUNT];
    uint64_t ids[COUNT], low[COUNT], pointer[COUNT];
    start_with((struct contig_options){.arena_bytes = 256 << 20, .never_shrink = true});
    for (uint32_t i = 0; i < COUNT; i++) {
        bodies[i] = (struct body){.argument = 700};
        ids[i] = go(body_shrink, &bodies[i]);
    }
    EXPECT(contig_run() == COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        fill(ids[i], &low[i], &pointer[i]);
    uint64_t peak = resident_bytes();
    for (uint32_t i = 0; i < COUNT; i += 2)
        EXPECT(contig_ready(ids[i]) == CONTIG_OK);
    EXPECT(contig_run() == COUNT / 2);
    for (uint32_t cycle = 0; cycle < 3; cycle++) {
        EXPECT(contig_gc() == CONTIG_OK);
        for (uint32_t i = 1; i < COUNT; i += 2)
            EXPECT(filled(low[i], pointer[i]));
    }
    EXPECT(resident_bytes() < peak * 6 / 10);
    for (uint32_t i = 1; i < COUNT; i += 2)
        EXPECT(contig_ready(ids[i]) == CONTIG_OK && bodies[i - 1].result == 702);
    EXPECT(contig_run() == 0 && statistics().errors == 0);
    stop();
}

static const struct test tests[] = {
    TEST(before_start_and_after_stop),
    TEST(refused_calls_are_named),
    TEST(calls_from_each_callback),
    TEST(nested_runs_are_bounded),
    TEST(arguments_are_checked),
    TEST(every_error_has_a_name),
    TEST(every_statistic_counts),
    TEST(numbers_are_64_bits_wide),
    TEST(lost_records_are_seen),
    TEST(no_record_is_lost),
    TEST(a_record_used_again_shows_nothing),
    TEST(a_violation_is_reported_and_survived),
    TEST(no_memory_for_a_copy_ends_one_goroutine),
    TEST(unwritable_output_is_an_error),
    TEST(a_later_start_keeps_the_arena),
    TEST(options_are_refused_by_name),
    TEST(the_arena_is_guarded),
    TEST(large_stacks_are_guarded),
    TEST(memory_goes_back_after_a_peak),
    TEST(live_stacks_keep_their_memory),
};

int main(void)
{
    return tests_run("interface_test", tests, sizeof tests / sizeof *tests);
}
