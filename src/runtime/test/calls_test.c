/* calls_test.c: every function of contig.h at the right and at the wrong time: before the start, after the stop, and
 * from each callback.
 *
 * CALL-1, CALL-2. */
#define _DEFAULT_SOURCE /* fmemopen */
#include "src/testing/started.h"

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

static const struct test tests[] = {
    TEST(before_start_and_after_stop),
    TEST(refused_calls_are_named),
    TEST(calls_from_each_callback),
    TEST(nested_runs_are_bounded),
};

int main(void)
{
    return tests_run("calls_test", tests, sizeof tests / sizeof *tests);
}
