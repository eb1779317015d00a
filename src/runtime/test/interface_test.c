/* interface_test.c: every value and field of contig.h, and what becomes of the runtime's records and reports.
 *
 * CHECK-5, ERR-2..ERR-4, LIFE-9..LIFE-11. */
#define _DEFAULT_SOURCE /* setrlimit */
#include <string.h>
#include <sys/resource.h>

#include "src/core/heap/heap_check.h"
#include "src/core/heap/page_heap.h"
#include "src/testing/started.h"

#define PAGE_BYTES 4096u

/* It takes terabytes of addresses, which no limit allows. */
#ifdef __SANITIZE_ADDRESS__
#define WITH_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER
#endif
#endif

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
        "panic",
    };
    EXPECT(sizeof names / sizeof *names == CONTIG_PANICKED + 1);
    for (size_t i = 0; i <= CONTIG_PANICKED; i++)
        EXPECT(strcmp(contig_error_name((enum contig_error)i), names[i]) == 0);
    static const int none[] = {CONTIG_PANICKED + 1, -1, 1000000, INT32_MAX, INT32_MIN};
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
        struct contig_statistics *counts = &contig_all_p[0].statistics;
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
        struct g_list *dead = &contig_all_p[0].dead;
        switch (damage) {
        case 0:
            dead->first = NULL;
            dead->count = 0;
            break;
        case 1: contig_sched.dead_with_stack = *dead; break;
        case 2: contig_all_p[0].run_first = contig_all_p[0].run_last = NULL; break;
        case 3: contig_all_p[0].waiting++; break;
        case 4: contig_g_at(0)->status = G_RUNNING; break;
        case 5: contig_all_p[0].alive--; break;
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
    _Static_assert(sizeof *g == 144, "a field that is new is compared below");
    return memcmp(&g->stack.sched, &h->stack.sched, sizeof g->stack.sched) == 0 &&
           g->stack.outside == h->stack.outside && g->stackguard == h->stackguard &&
           g->ret == h->ret && g->mxcsr == h->mxcsr && g->fpu_control == h->fpu_control &&
           g->status == h->status && g->wait_reason == h->wait_reason &&
           g->preempt_shrink == h->preempt_shrink && g->in_system_call == h->in_system_call &&
           g->async_safe_point == h->async_safe_point &&
           g->parking_on_channel == h->parking_on_channel &&
           g->active_stack_chans == h->active_stack_chans && g->offers == h->offers &&
           g->held == h->held && g->scanned == h->scanned && g->next == h->next &&
           g->function == h->function;
}

/* LIFE-11: whatever a record held, a goroutine that uses it again begins as the first one did. */
static void a_record_used_again_shows_nothing(void)
{
    struct body body = {0};
    start_with((struct contig_options){0});
    uint64_t id = go(body_return, &body);
    struct g fresh, *g = contig_g_by_id(id);
    memcpy(&fresh, g, sizeof fresh);
    contig_run();
    EXPECT(contig_all_p[0].dead.first == g && g->stack.lo == fresh.stack.lo);
    struct g_list dead = contig_all_p[0].dead;
    struct g *next = g->next;
    id = g->id;
    uint32_t wait_first = g->wait_first, wait_rows = g->wait_rows;
    struct g_own *own = g->own;
    memset(g, 0xa5, sizeof *g);
    g->wait_first = wait_first;
    g->wait_rows = wait_rows;
    g->own = own;
    g->stack.lo = fresh.stack.lo;
    g->stack.hi = fresh.stack.hi;
    g->status = G_DEAD;
    g->held = false;
    g->id = id;
    g->next = next;
    contig_all_p[0].dead = dead;
    EXPECT(go(body_return, &body) == id && id != fresh.id);
    EXPECT(same_record(g, &fresh));
    contig_run();
    EXPECT(body.result == 0 && statistics().errors == 0);
    stop();
}

/* CHECK-5 */
/* TRACE-1: only if goroutines wait, and none can run. */
static void a_deadlock_is_reported(void)
{
    struct body first = {0}, second = {0};
    EXPECT(!contig_report_deadlock());
    start_with((struct contig_options){.check = true});
    EXPECT(!contig_report_deadlock());
    uint64_t id = go(body_park, &first);
    EXPECT(!contig_report_deadlock() && contig_run() == 1);
    go(body_park, &second);
    EXPECT(!contig_report_deadlock() && contig_run() == 2 && !reported("deadlock"));
    EXPECT(contig_report_deadlock());
    EXPECT(
        reported("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [parked]:\n"));
    EXPECT(reported("\ngoroutine 2 [parked]:\n"));
    EXPECT(contig_ready(id) == CONTIG_OK && !contig_report_deadlock());
    stop();
}

static void a_violation_is_reported_and_survived(void)
{
    struct body parked = {0}, other = {.argument = 50};
    uint64_t whose = 7;
    start_with((struct contig_options){.check = true});
    uint64_t id = go(body_park, &parked);
    contig_run();
    uint32_t chunk = (uint32_t)((contig_g_by_id(id)->stack.lo - arena_base) / CHUNK_BYTES);
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
    EXPECT(contig_start(&same, message) == CONTIG_OK && contig_sched.arena_bytes == 4 << 20 &&
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
    EXPECT(contig_sched.arena == NULL && !contig_sched.started);
}

static const struct test tests[] = {
    TEST(arguments_are_checked),
    TEST(every_error_has_a_name),
    TEST(every_statistic_counts),
    TEST(numbers_are_64_bits_wide),
    TEST(lost_records_are_seen),
    TEST(no_record_is_lost),
    TEST(a_record_used_again_shows_nothing),
    TEST(a_deadlock_is_reported),
    TEST(a_violation_is_reported_and_survived),
    TEST(no_memory_for_a_copy_ends_one_goroutine),
    TEST(unwritable_output_is_an_error),
    TEST(a_later_start_keeps_the_arena),
    TEST(options_are_refused_by_name),
};

int main(void)
{
    return tests_run("interface_test", tests, sizeof tests / sizeof *tests);
}
