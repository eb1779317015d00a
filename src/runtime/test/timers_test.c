/* timers_test.c: goroutines that sleep, on one thread and on several.  THREAD-7. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "src/testing/started.h"

#define SLEEPERS 50u
#define MILLISECOND UINT64_C(1000000)
#define ARENA_BYTES (256u << 20)

struct sleeper {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t nanoseconds, began, woke;
    uint32_t times;
};

static struct sleeper sleepers[SLEEPERS];
static uint32_t order[SLEEPERS], woken;

/* Sleeps once, and writes down when it was woken. */
static uint64_t sleep_once(uint64_t address)
{
    struct sleeper *sleeper = (struct sleeper *)(uintptr_t)address;
    if (sleeper->times++ == 0) {
        sleeper->began = contig_sync_now();
        sleeper->operation =
            (struct channel_operation){.kind = CHANNELS_SLEEP, .value = sleeper->nanoseconds};
        return (uint64_t)(uintptr_t)&sleeper->operation;
    }
    sleeper->woke = contig_sync_now();
    order[__atomic_fetch_add(&woken, 1, __ATOMIC_RELAXED)] = (uint32_t)(sleeper - sleepers);
    return 0;
}

static uint64_t go_to_sleep(uint32_t number, uint64_t nanoseconds)
{
    sleepers[number] = (struct sleeper){.body = {.call = sleep_once}, .nanoseconds = nanoseconds};
    return go(body_channels, &sleepers[number].body);
}

/* On one thread it fell asleep before the next one began. */
static uint64_t latest_end(uint32_t number)
{
    uint64_t asleep = number + 1 < SLEEPERS ? sleepers[number + 1].began : UINT64_MAX / 2;
    return asleep + sleepers[number].nanoseconds;
}

/* THREAD-7: the earlier time is first, however late each one began. */
static void they_wake_in_order(void)
{
    start_with((struct contig_options){.check = true, .arena_bytes = ARENA_BYTES});
    woken = 0;
    for (uint32_t i = 0; i < SLEEPERS; i++)
        go_to_sleep(i, (uint64_t)(SLEEPERS - i) * 10 * MILLISECOND / 10);
    EXPECT(contig_run() == 0 && woken == SLEEPERS);
    for (uint32_t i = 1; i < SLEEPERS; i++) {
        const struct sleeper *earlier = &sleepers[order[i - 1]];
        EXPECT(earlier->began + earlier->nanoseconds <= latest_end(order[i]));
    }
    stop();
}

/* THREAD-7: nobody wakes before its time; contig_run waits for all, others run meanwhile. */
static void nobody_wakes_early(uint32_t procs)
{
    struct body busy = {.argument = 20000};
    start_with((struct contig_options){.procs = procs, .arena_bytes = ARENA_BYTES});
    woken = 0;
    uint64_t begin = contig_sync_now();
    for (uint32_t i = 0; i < SLEEPERS; i++)
        go_to_sleep(i, i * MILLISECOND / 2);
    go(body_yield, &busy);
    EXPECT(contig_run() == 0 && woken == SLEEPERS && statistics().goroutines == 0);
    for (uint32_t i = 0; i < SLEEPERS; i++)
        EXPECT(sleepers[i].woke - begin >= i * MILLISECOND / 2);
    stop();
}

/* THREAD-7: a goroutine that sleeps cannot be made ready, is no deadlock, and ends with the runtime. */
static void nobody_else_wakes_them(void)
{
    start_with((struct contig_options){.check = true, .arena_bytes = ARENA_BYTES});
    uint64_t id = go_to_sleep(0, UINT64_MAX);
    char text[2000];
    EXPECT(contig_step() && !contig_step() && contig_ready(id) == CONTIG_NOT_FOUND);
    EXPECT(!contig_report_deadlock() && contig_check_all() && contig_gc() == CONTIG_OK);
    EXPECT(contig_stack(id, text, sizeof text) > 0 && strstr(text, "[sleep]") != NULL);
    EXPECT(sleepers[0].times == 1 && statistics().goroutines == 1);
    stop();
    start_with((struct contig_options){.arena_bytes = ARENA_BYTES});
    EXPECT(contig_run() == 0);
    stop();
}

/* THREAD-7: on no thread does a goroutine go on whose time comes while contig_run does not run. */
static void nobody_wakes_at_rest(uint32_t procs)
{
    uint32_t word = 0;
    start_with((struct contig_options){.procs = procs, .arena_bytes = ARENA_BYTES});
    go_to_sleep(0, MILLISECOND);
    EXPECT(contig_step() && !contig_step());
    contig_sync_wait(&word, 0, 5 * MILLISECOND);
    EXPECT(sleepers[0].times == 1 && statistics().goroutines == 1);
    EXPECT(contig_stop() == CONTIG_OK && sleepers[0].times == 1);
}

int main(void)
{
    they_wake_in_order();
    for (uint32_t procs = 1; procs <= 4; procs *= 2)
        nobody_wakes_early(procs);
    for (uint32_t procs = 1; procs <= 4; procs *= 2)
        nobody_wakes_at_rest(procs);
    nobody_else_wakes_them();
    return 0;
}
