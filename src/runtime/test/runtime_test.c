/* runtime_test.c: what the runtime promises about goroutines, one process for each test.
 *
 * Errors first: overflow, no memory, a corrupt return address, wrong options.  Then Go's rules for dead goroutines,
 * the starting size, shrinking and preemption, and what a stack trace shows. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "src/core/heap/heap_check.h"
#include "src/testing/started.h"

static void start(uint64_t arena_bytes, bool check)
{
    start_with((struct contig_options){.arena_bytes = arena_bytes, .check = check});
}

/* GROW-6, GROW-3, ERR-2, TRACE-3, GO-9 */
static void overflow_ends_one_goroutine(void)
{
    struct body body = {0}, other = {.argument = 50};
    start(64 << 20, true);
    contig_set_maximum_stack(1 << 20);
    uint64_t before = go(body_deep, &other), id = go(body_overflow, &body),
             after = go(body_deep, &other);
    EXPECT(before != id && id != after);
    contig_run();
    uint64_t ended;
    EXPECT(contig_last_error(&ended) == CONTIG_STACK_OVERFLOW && ended == id);
    EXPECT(other.result == 2 * 51);
    EXPECT(reported("runtime: goroutine stack exceeds 1048576-byte limit"));
    EXPECT(reported("endless()") && reported("body_overflow()"));
    EXPECT(reported("frames elided"));
    EXPECT(statistics().errors == 1 && statistics().goroutines == 0);
    stop();
}

/* GROW-3 */
static void the_maximum_itself_is_allowed(void)
{
    struct body body = {.argument = 20};
    start(1 << 20, true);
    contig_set_maximum_stack(4096);
    go(body_deep, &body);
    contig_run();
    EXPECT(contig_last_error(NULL) == CONTIG_OK && statistics().growths == 1 && body.result == 21);
    contig_set_maximum_stack(4095);
    go(body_deep, &body);
    contig_run();
    EXPECT(contig_last_error(NULL) == CONTIG_STACK_OVERFLOW);
    stop();
}

/* ERR-3 */
static void spawn_without_memory_is_an_error(void)
{
    struct body body = {0};
    uint64_t ids[64], made = 0;
    start(64 << 10, true);
    while (made < 64 && contig_go(body_park, (uint64_t)(uintptr_t)&body, &ids[made]) == CONTIG_OK)
        made++;
    EXPECT(made == 32 && statistics().stack_bytes_in_use == 64 << 10);
    EXPECT(contig_go(body_park, 0, NULL) == CONTIG_OUT_OF_STACK_MEMORY);
    contig_run();
    for (uint64_t i = 0; i < made; i++)
        EXPECT(contig_ready(ids[i]) == CONTIG_OK);
    contig_run();
    EXPECT(body.result == made && statistics().errors == 0);
    EXPECT(contig_go(body_return, 0, NULL) == CONTIG_OK);
    contig_run();
    stop();
}

/* ERR-3, ERR-2, GROW-1 */
static void growth_without_memory_ends_the_goroutine(void)
{
    struct body deep = {.argument = 2000}, parked = {0};
    start(128 << 10, true);
    uint64_t id = go(body_park, &parked);
    go(body_deep, &deep);
    contig_run();
    EXPECT(contig_last_error(NULL) == CONTIG_OUT_OF_STACK_MEMORY && deep.result == 0);
    EXPECT(reported("out of stack memory"));
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 0 && parked.result == 1);
    stop();
}

/* ERR-3, LIFE-9, LIFE-1 */
static void injected_failures_leak_nothing(void)
{
    for (uint64_t after = 0; after < 12; after++) {
        struct body deep = {.argument = 500};
        start(1 << 20, true);
        contig_fail_allocations_after(after);
        enum contig_error error = contig_go(body_deep, (uint64_t)(uintptr_t)&deep, NULL);
        EXPECT((error == CONTIG_OK) == (after >= 1));
        contig_run();
        EXPECT((deep.result == 501) == (after >= 6));
        EXPECT(heap_ok());
        stop();
    }
}

/* ERR-2, TRACE-2, UNWIND-2 */
static void a_corrupt_return_address_is_reported(void)
{
    struct body body = {.argument = 0x1234567}, other = {.argument = 50};
    start(1 << 20, true);
    uint64_t id = go(body_corrupt, &body), ended;
    go(body_deep, &other);
    contig_run();
    EXPECT(contig_last_error(&ended) == CONTIG_BAD_FRAME && ended == id && other.result == 51);
    EXPECT(reported("runtime: goroutine 1, frame "));
    EXPECT(reported("pc=0x1234567"));
    EXPECT(reported("is malformed: sp=0x"));
    stop();
}

/* ERR-4 */
static void wrong_options_are_refused(void)
{
    char message[200];
    struct contig_options options = {.arena_bytes = 12345};
    EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION &&
           strstr(message, "12345") != NULL);
    options.arena_bytes = UINT64_C(1) << 50;
    EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION);
    options.arena_bytes = 0;
    setenv("CONTIG_ARENA", "64G", 1);
    EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION &&
           strstr(message, "CONTIG_ARENA=64G") != NULL);
    setenv("CONTIG_ARENA", "1048576", 1);
    EXPECT(contig_start(&options, message) == CONTIG_OK && contig_sched.arena_bytes == 1 << 20);
    EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION);
    stop();
    options.arena_bytes = 1 << 21;
    EXPECT(contig_start(&options, message) == CONTIG_BAD_OPTION &&
           strstr(message, "cannot change") != NULL);
}

/* LIFE-5 */
static void calls_on_dead_goroutines_are_refused(void)
{
    struct body body = {0};
    uint64_t low;
    start(1 << 20, true);
    uint64_t id = go(body_park, &body);
    EXPECT(contig_ready(id) == CONTIG_NOT_FOUND);
    contig_run();
    EXPECT(contig_ready(id) == CONTIG_OK);
    EXPECT(contig_ready(id) == CONTIG_NOT_FOUND);
    contig_run();
    EXPECT(contig_ready(id) == CONTIG_NOT_FOUND &&
           contig_stack_bounds(id, &low, &low, &low) == CONTIG_NOT_FOUND);
    uint64_t again = go(body_park, &body);
    EXPECT(again != id && statistics().goroutine_records == 1);
    EXPECT(contig_ready(0) == CONTIG_NOT_FOUND && contig_ready(UINT64_MAX) == CONTIG_NOT_FOUND);
    contig_run();
    stop();
}

/* LIFE-3 */
static void dead_goroutines_keep_only_stacks_of_the_starting_size(void)
{
    struct body small = {0}, deep = {.argument = 100};
    start(1 << 20, true);
    go(body_return, &small);
    contig_run();
    EXPECT(statistics().stack_bytes_in_use == 2048);
    go(body_deep, &deep);
    contig_run();
    EXPECT(statistics().stack_bytes_in_use == 0 && statistics().goroutine_records == 1);
    stop();
}

/* LIFE-4, LIFE-6, LIFE-7 */
static void the_cycle_frees_stacks_of_dead_goroutines_on_the_global_list(void)
{
    struct body body = {0};
    start(1 << 20, true);
    for (uint32_t i = 0; i < 100; i++)
        go(body_return, &body);
    contig_run();
    EXPECT(statistics().stack_bytes_in_use == 100 * 2048);
    EXPECT(contig_sched.dead_with_stack.count + contig_all_p[0].dead.count == 100 &&
           contig_sched.dead_with_stack.count == 66);
    contig_gc();
    EXPECT(statistics().stack_bytes_in_use == 34 * 2048 &&
           contig_sched.dead_with_stack.count == 0 && contig_sched.dead_without_stack.count == 66);
    for (uint32_t i = 0; i < 100; i++)
        go(body_return, &body);
    contig_run();
    EXPECT(statistics().goroutine_records == 100);
    stop();
}

static uint64_t park_here(uint64_t body)
{
    (void)body;
    return 0;
}

/* GC-6, LIFE-2 */
static void the_starting_size_follows_what_is_used(void)
{
    struct body deep = {.argument = 60, .call = park_here}, small = {0};
    start(1 << 20, true);
    uint64_t first = go(body_deep, &deep);
    EXPECT(stack_size(first) == 2048);
    contig_run();
    /* Nothing is scanned: the fixed size. */
    contig_gc();
    EXPECT(statistics().starting_size == 2048);
    /* 1200 bytes in use and the guard: 4096. */
    uint64_t other = go(body_return, &small), parked = go(body_park, &small);
    contig_run();
    EXPECT(contig_g_by_id(other) == NULL);
    struct g *g = contig_g_by_id(parked);
    uint64_t sp = g->stack.sched.sp;
    g->stack.sched.sp = g->stack.hi - 1200;
    g->in_system_call = true;
    contig_gc();
    g->stack.sched.sp = sp;
    EXPECT(statistics().starting_size == 4096 && g->preempt_shrink);
    g->in_system_call = false;
    /* A record that is used again gets it, a new record the fixed size (newproc1 calls malg). */
    uint64_t reused = go(body_park, &small), fresh = go(body_park, &small);
    EXPECT(stack_size(reused) == 4096 && stack_size(fresh) == 2048);
    EXPECT(contig_ready(parked) == CONTIG_OK && contig_run() == 2);
    stop();
}

/* SHRINK-3, SHRINK-5, SHRINK-6 */
static void shrinking_waits_until_it_is_safe(void)
{
    struct body body = {.argument = 100};
    start(1 << 20, true);
    uint64_t id = go(body_shrink, &body);
    contig_run();
    struct g *g = contig_g_by_id(id);
    uint64_t size = stack_size(id);
    bool *const reasons[] = {&g->in_system_call, &g->async_safe_point, &g->parking_on_channel};
    for (size_t i = 0; i < 3; i++) {
        *reasons[i] = true;
        contig_gc();
        EXPECT(stack_size(id) == size && g->preempt_shrink && g->stackguard == STACK_PREEMPT);
        *reasons[i] = false;
    }
    contig_gc();
    EXPECT(stack_size(id) == size / 2);
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 0 && body.result == 102);
    stop();
}

/* GROW-5, GROW-2 */
static void a_poisoned_guard_yields_or_moves(void)
{
    struct body body = {.argument = 3}, other = {.argument = 1};
    start(1 << 20, true);
    go(body_deep, &body);
    go(body_deep, &other);
    contig_poison_next_prologue(false);
    EXPECT(contig_step() && other.result == 0 && body.result == 0);
    EXPECT(contig_step() && other.result == 2 && body.result == 0);
    EXPECT(contig_step() && body.result == 4);
    body.result = 0;
    go(body_deep, &body);
    contig_poison_next_prologue(true);
    struct contig_statistics before = statistics();
    contig_run();
    EXPECT(statistics().growths == before.growths + 1 &&
           statistics().copied_bytes > before.copied_bytes && body.result == 4);
    stop();
}

static char trace_of_running[1 << 14];

static uint64_t take_trace(uint64_t body)
{
    (void)body;
    contig_stack(0, trace_of_running, sizeof trace_of_running);
    return 0;
}

/* TRACE-1 */
static void traces_have_the_form_of_go(void)
{
    const char *parked_first = "goroutine 1 [parked]:\nbody_park()\n\tsrc/bodies/x86_64/ends.S:";
    struct body parked = {0}, deep = {.argument = 2, .call = take_trace};
    char text[1 << 14];
    start(1 << 20, true);
    uint64_t waiting = go(body_park, &parked);
    contig_run();
    go(body_deep, &deep);
    uint64_t runnable = go(body_return, &parked);
    contig_step();
    EXPECT(strncmp(trace_of_running, parked_first, strlen(parked_first)) == 0);
    EXPECT(strstr(trace_of_running, "goroutine 2 [running]:\ndeep(0x") != NULL);
    EXPECT(strstr(trace_of_running, "goroutine 3 [runnable]:\n") != NULL);
    EXPECT(strstr(trace_of_running, "created by contig_go of body_deep\n") != NULL);
    EXPECT(strstr(trace_of_running, " fp=0x") != NULL &&
           strstr(trace_of_running, " sp=0x") != NULL &&
           strstr(trace_of_running, " pc=0x") != NULL);
    EXPECT(contig_stack(runnable, text, sizeof text) == strlen(text) &&
           strstr(text, "created by contig_go of body_return") != NULL);
    EXPECT(contig_stack(waiting, text, 20) == 19 && strlen(text) == 19);
    EXPECT(contig_stack(waiting, text, 0) == 0 && contig_stack(12345, text, sizeof text) == 0 &&
           text[0] == '\0');
    EXPECT(contig_ready(waiting) == CONTIG_OK);
    contig_run();
    stop();
}

static void a_thrown_error_ends_the_goroutine(void)
{
    static const char wrong[] = "park: the pointer to the own slot does not point to it";
    struct body body = {0};
    start(1 << 20, true);
    uint64_t id = go(body_park, &body), low, high, pointer;
    contig_run();
    EXPECT(contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK);
    /* Slot 0 of body_park is its pointer: what a wrong move would leave there. */
    contig_sched.arena[(pointer - arena_base) / 8] += 8;
    EXPECT(contig_ready(id) == CONTIG_OK);
    contig_run();
    EXPECT(contig_last_error(NULL) == CONTIG_THROWN && reported(wrong));
    stop();
}

static uint64_t frames_seen, growths_seen, least_reserve = UINT64_MAX,
                                           random_state = 88172645463325252;

/* What a frame that has just passed its prologue leaves below it. */
static uint64_t look_at_reserve(uint64_t body)
{
    struct g *g = contig_m->curg;
    uint64_t reserve = g->stack.sched.sp - g->stack.lo;
    if (reserve < least_reserve)
        least_reserve = reserve;
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    if (frames_seen++ > 100000 || random_state % 32 == 1)
        return SCRIPT_EXIT;
    return ((struct body *)(uintptr_t)body)->levels > 200 || random_state % 4 == 0
               ? SCRIPT_RETURN
               : SCRIPT_CALL | (random_state >> 8 & 7) << 8;
}

/* PROLOGUE-1..3: all three classes of frames, at every distance from the guard that 100,000 random calls come to. */
static void every_frame_leaves_the_reserve(void)
{
    struct body body = {.call = look_at_reserve};
    start(64 << 20, false);
    while (frames_seen <= 100000) {
        go(body_script, &body);
        contig_run();
    }
    growths_seen = statistics().growths;
    EXPECT(contig_last_error(NULL) == CONTIG_OK && growths_seen > 1000);
    EXPECT(least_reserve >= STACK_NOSPLIT_BYTES && least_reserve < STACK_GUARD_BYTES);
    stop();
}

static const struct test tests[] = {
    TEST(overflow_ends_one_goroutine),
    TEST(the_maximum_itself_is_allowed),
    TEST(spawn_without_memory_is_an_error),
    TEST(growth_without_memory_ends_the_goroutine),
    TEST(injected_failures_leak_nothing),
    TEST(a_corrupt_return_address_is_reported),
    TEST(wrong_options_are_refused),
    TEST(calls_on_dead_goroutines_are_refused),
    TEST(dead_goroutines_keep_only_stacks_of_the_starting_size),
    TEST(the_cycle_frees_stacks_of_dead_goroutines_on_the_global_list),
    TEST(the_starting_size_follows_what_is_used),
    TEST(shrinking_waits_until_it_is_safe),
    TEST(a_poisoned_guard_yields_or_moves),
    TEST(traces_have_the_form_of_go),
    TEST(a_thrown_error_ends_the_goroutine),
    TEST(every_frame_leaves_the_reserve),
};

int main(void)
{
    return tests_run("runtime_test", tests, sizeof tests / sizeof *tests);
}
