/* panic_test.c: deferred calls, panics, recover and quit, one process for each test.
 *
 * A plan says what a goroutine function defers and does; plans nest.  What ran, and in which order, is a list of
 * numbers.  Everything is done twice: on a stack that stays, and on one that moves at every call. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

#include "src/runtime/test/panic_probe.h"
#include "src/testing/started.h"

struct deferred {
    contig_function *function;
    uint64_t context;
};

struct plan {
    const struct deferred *defers;
    uint64_t count;
    contig_function *frame_function; /* in the frame of the function; or NULL */
    uint64_t frame_context;
    uint64_t action, value, after, done;
};

_Static_assert(offsetof(struct plan, count) == PLAN_COUNT, "panic_probe.h");
_Static_assert(offsetof(struct plan, frame_function) == PLAN_FRAME_FUNCTION, "panic_probe.h");
_Static_assert(offsetof(struct plan, frame_context) == PLAN_FRAME_CONTEXT, "panic_probe.h");
_Static_assert(offsetof(struct plan, action) == PLAN_ACTION, "panic_probe.h");
_Static_assert(offsetof(struct plan, value) == PLAN_VALUE, "panic_probe.h");
_Static_assert(offsetof(struct plan, after) == PLAN_AFTER, "panic_probe.h");
_Static_assert(offsetof(struct plan, done) == PLAN_DONE, "panic_probe.h");

void probe(void);
void probe_log(void);
void probe_recover(void);
void probe_recover_below(void);
uint64_t panic_log(uint64_t number);

#define LOG_MAX 1000u
static uint64_t logged[LOG_MAX];
static uint32_t logged_count;
static bool moves;

/* The next prologue moves the stack, if it shall. */
uint64_t panic_log(uint64_t number)
{
    if (number != 0 && logged_count < LOG_MAX)
        logged[logged_count++] = number;
    if (moves)
        contig_poison_next_prologue(true);
    return 0;
}

static uint64_t address(const void *of)
{
    return (uint64_t)(uintptr_t)of;
}

#define AS_PLANNED(plan, ...)                                              \
    do {                                                                   \
        static const uint64_t wanted[] = {__VA_ARGS__};                    \
        as_planned(&(plan), wanted, sizeof wanted / sizeof *wanted, true); \
    } while (0)

static void as_planned(const struct plan *plan, const uint64_t *wanted, size_t count, bool good)
{
    moves = !moves;
    for (int round = 0; round < 2; round++, moves = !moves) {
        logged_count = 0;
        EXPECT(contig_go(probe, address(plan), NULL) == CONTIG_OK);
        contig_poison_next_prologue(moves);
        EXPECT(contig_run() == 0);
        EXPECT(logged_count == count && memcmp(logged, wanted, count * sizeof *wanted) == 0);
        EXPECT((contig_last_error(NULL) == CONTIG_OK) == good);
    }
    moves = !moves;
}

static void start(void)
{
    start_with((struct contig_options){.check = true});
}

static const char first[] = "the first panic", second[] = "the second panic";

/* PANIC-1 */
static void deferred_calls_run_youngest_first(void)
{
    static struct deferred twenty[20];
    struct plan plan = {.defers = twenty, .count = 20, .after = 50, .done = 60};
    start();
    for (uint64_t n = 0; n < 20; n++)
        twenty[n] = (struct deferred){probe_log, 100 + n};
    plan.frame_function = probe_log;
    plan.frame_context = 200;
    AS_PLANNED(plan, 50, 200, 119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106,
               105, 104, 103, 102, 101, 100, 60);
    EXPECT(statistics().growths > 20);
    stop();
}

/* PANIC-1: those of the caller wait for its own end. */
static void each_function_runs_its_own(void)
{
    const struct deferred outer[] = {{probe_log, 1000}}, inner[] = {{probe_log, 2000}};
    struct plan below = {.defers = inner, .count = 1, .after = 20, .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 1,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    start();
    AS_PLANNED(plan, 20, 2000, 21, 10, 1000, 11);
    stop();
}

/* PANIC-2 */
static void a_panic_runs_them_and_ends_the_goroutine(void)
{
    const struct deferred outer[] = {{probe_log, 1000}, {probe_log, 1001}},
                          inner[] = {{probe_log, 2000}};
    struct plan below = {.defers = inner,
                         .count = 1,
                         .action = ACTION_PANIC,
                         .value = address(first),
                         .frame_function = probe_log,
                         .frame_context = 2001,
                         .after = 20,
                         .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 2,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    static const uint64_t wanted[] = {2001, 2000, 1001, 1000};
    start();
    as_planned(&plan, wanted, 4, false);
    EXPECT(contig_last_error(NULL) == CONTIG_PANICKED && statistics().errors == 2);
    EXPECT(reported(first) && reported("probe()"));
    stop();
}

/* PANIC-3, PANIC-4: the function that deferred returns to its caller, which goes on. */
static void a_recovered_panic_is_over(void)
{
    const struct deferred outer[] = {{probe_log, 1000}};
    const struct deferred inner[] = {{probe_log, 2000}, {probe_recover, 0}, {probe_log, 2001}};
    struct plan lowest = {.action = ACTION_PANIC, .value = address(first), .after = 30, .done = 31};
    struct plan below = {.defers = inner,
                         .count = 3,
                         .action = ACTION_CALL,
                         .value = address(&lowest),
                         .after = 20,
                         .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 1,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    start();
    for (int round = 0; round < 2; round++) {
        uint64_t wanted[] = {2001, address(first), 2000, 21, 10, 1000, 11};
        as_planned(&plan, wanted, 7, true);
        below.frame_function = NULL;
    }
    stop();
}

/* PANIC-3 */
static void only_a_deferred_function_itself_recovers(void)
{
    const struct deferred defers[] = {{probe_recover, 0}, {probe_recover_below, 0}};
    struct plan plan = {.defers = defers, .count = 2, .after = 10, .done = 11};
    start();
    AS_PLANNED(plan, 10, 1, 1, 11);
    plan.action = ACTION_PANIC;
    plan.value = address(second);
    uint64_t wanted[] = {1, address(second), 11};
    as_planned(&plan, wanted, 3, true);
    stop();
}

/* PANIC-4: the first panic is aborted by one that a deferred function of it starts. */
static void a_panic_replaces_the_one_before(void)
{
    struct plan again = {.action = ACTION_PANIC, .value = address(second), .done = 31};
    const struct deferred outer[] = {{probe_recover, 0}};
    const struct deferred inner[] = {{probe_log, 2000}, {probe, address(&again)}};
    struct plan below = {
        .defers = inner, .count = 2, .action = ACTION_PANIC, .value = address(first), .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 1,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    uint64_t wanted[] = {2000, address(second), 11};
    start();
    as_planned(&plan, wanted, 3, true);
    stop();
}

/* PANIC-4: one that is recovered below leaves the first as it was. */
static void a_panic_within_a_panic_is_recovered_alone(void)
{
    const struct deferred lowest[] = {{probe_recover, 0}};
    struct plan again = {
        .defers = lowest, .count = 1, .action = ACTION_PANIC, .value = address(second), .done = 31};
    const struct deferred defers[] = {{probe_recover, 0}, {probe, address(&again)}};
    struct plan plan = {
        .defers = defers, .count = 2, .action = ACTION_PANIC, .value = address(first), .done = 11};
    uint64_t wanted[] = {address(second), 31, address(first), 11};
    start();
    as_planned(&plan, wanted, 4, true);
    stop();
}

/* PANIC-5 */
static void quitting_runs_them_and_cannot_be_recovered(void)
{
    const struct deferred outer[] = {{probe_log, 1000}, {probe_recover, 0}};
    struct plan below = {.action = ACTION_QUIT, .after = 20, .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 2,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    start();
    AS_PLANNED(plan, 1, 1000);
    stop();
}

/* PANIC-5: a panic that a deferred function starts, and another one recovers, does not end the quitting. */
static void quitting_outlives_a_panic(void)
{
    struct plan again = {.action = ACTION_PANIC, .value = address(first), .done = 31};
    const struct deferred outer[] = {{probe_log, 1000}, {probe_recover, 0}};
    const struct deferred inner[] = {{probe_log, 2000}, {probe, address(&again)}};
    struct plan below = {.defers = inner, .count = 2, .action = ACTION_QUIT, .done = 21};
    struct plan plan = {.defers = outer,
                        .count = 2,
                        .action = ACTION_CALL,
                        .value = address(&below),
                        .after = 10,
                        .done = 11};
    uint64_t wanted[] = {2000, address(first), 1000};
    start();
    as_planned(&plan, wanted, 3, true);
    stop();
}

/* PANIC-2, CHAN-6: a send on a closed channel panics in the goroutine that sends. */
static void what_the_runtime_refuses_is_a_panic(void)
{
    const struct deferred defers[] = {{probe_recover, 0}};
    struct plan plan = {
        .defers = defers, .count = 1, .action = ACTION_SEND, .after = 10, .done = 11};
    start();
    EXPECT(contig_chan_make(8, 1, &plan.value) == CONTIG_OK);
    EXPECT(contig_chan_close(plan.value) == CONTIG_OK);
    EXPECT(contig_go(probe, address(&plan), NULL) == CONTIG_OK && contig_run() == 0);
    EXPECT(logged_count == 2 && logged[1] == 11 && contig_last_error(NULL) == CONTIG_OK);
    EXPECT(strcmp((const char *)(uintptr_t)logged[0], "send on closed channel") == 0);
    stop();
}

/* OUTSIDE-1..OUTSIDE-3: the stack grows a hundredfold between the calls, and shrinks again. */
static void records_follow_growth_and_shrinking(void)
{
    struct plan deep = {.action = ACTION_RECURSE, .value = 2000, .done = 30};
    const struct deferred defers[] = {
        {probe_recover, 0}, {probe, address(&deep)}, {probe_log, 2001}};
    struct plan plan = {.defers = defers,
                        .count = 3,
                        .frame_function = probe,
                        .frame_context = address(&deep),
                        .action = ACTION_PANIC,
                        .value = address(first),
                        .done = 11};
    uint64_t wanted[] = {30, 2001, 30, address(first), 11};
    start();
    as_planned(&plan, wanted, 5, true);
    EXPECT(statistics().growths >= 14);
    stop();
}

static const struct test tests[] = {
    TEST(deferred_calls_run_youngest_first),
    TEST(each_function_runs_its_own),
    TEST(a_panic_runs_them_and_ends_the_goroutine),
    TEST(a_recovered_panic_is_over),
    TEST(only_a_deferred_function_itself_recovers),
    TEST(a_panic_replaces_the_one_before),
    TEST(a_panic_within_a_panic_is_recovered_alone),
    TEST(quitting_runs_them_and_cannot_be_recovered),
    TEST(quitting_outlives_a_panic),
    TEST(what_the_runtime_refuses_is_a_panic),
    TEST(records_follow_growth_and_shrinking),
};

int main(void)
{
    return tests_run("panic_test", tests, sizeof tests / sizeof *tests);
}
