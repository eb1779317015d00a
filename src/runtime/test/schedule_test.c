/* schedule_test.c: short programs of the real runtime, in every order in which two or three threads can go on.
 *
 * All schedules of each program with at most --preemptions (2, and one fewer with three threads), or the first
 * --executions, or those that fit into --seconds.  See schedule.h.  THREAD-1..THREAD-8, OWN-1, OWN-2, LIFE-12,
 * CHAN-6..CHAN-9. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/command/program.h"
#include "src/runtime/test/schedule_acts.h"
#include "src/runtime/test/schedule_away.h"
#include "src/runtime/test/schedule_search.h"
#include "src/runtime/test/schedule_selects.h"

/* THREAD-1, THREAD-2: each goroutine runs once. */
static void share(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, spawn_last, count);
    ACTS(1, count);
    ACTS(2, nothing, count);
    ACTS(3, count);
    EXPECT(explored_run() == 0 && counted == 4);
    finish();
}

/* THREAD-2: what was given runs while its giver is busy. */
static void share_while_busy(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, await_count);
    ACTS(1, count);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* What ran once runs again, and what two threads make at one moment is two. */
static void spawn_twice(uint32_t threads)
{
    prepare(threads);
    for (uint32_t i = 0; i < 2; i++) {
        memset(actors, 0, sizeof actors);
        ACTS(0, nothing, spawn_return, count);
        ACTS(1, nothing, spawn_return, count);
        EXPECT(explored_run() == 0 && counted == 2 * (i + 1));
    }
    EXPECT(contig_counts_sum().spawned == 8);
    finish();
}

/* THREAD-3: threads begin, fall asleep and end. */
static void start_and_stop(uint32_t threads)
{
    memset(actors, 0, sizeof actors);
    counted = 0;
    start(threads);
    contig_sync_pause();
    ACTS(0, nothing, count);
    ACTS(1, count);
    EXPECT(run() == 0 && counted == 2);
    EXPECT(contig_stop() == CONTIG_OK);
}

/* THREAD-7: a thread with nothing else to run sleeps until the first time, and contig_run waits for all. */
static void sleeps(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, sleep_shortly, note_time, count);
    ACTS(1, sleep_shortly, note_time, nothing, count);
    ACTS(2, nothing, count);
    EXPECT(explored_run() == 0 && counted == 3);
    finish();
}

/* THREAD-7: a goroutine whose time comes while contig_run does not run goes on in the next one. */
static void step_and_sleep(uint32_t threads)
{
    memset(actors, 0, sizeof actors);
    counted = 0;
    start(threads);
    contig_monitor_stop();
    ACTS(0, sleep_shortly, note_time, count);
    EXPECT(contig_step());
    for (uint32_t i = 0; i < threads; i++)
        contig_sync_pause();
    EXPECT(counted == 0 && contig_waiting() == 1 && !contig_report_deadlock());
    ACTS(1, nothing, count);
    ACTS(2, nothing, count);
    EXPECT(run() == 0 && counted == 3);
    EXPECT(contig_stop() == CONTIG_OK);
}

/* THREAD-7: or it does not go on, if contig_stop comes first. */
static void sleep_and_stop(uint32_t threads)
{
    uint32_t word = 0;
    prepare(threads);
    ACTS(1, nothing, count);
    ACTS(2, nothing, count);
    EXPECT(explored_run() == 0 && counted == 2);
    ACTS(0, sleep_shortly, count);
    EXPECT(contig_step());
    contig_sync_wait(&word, 0, 2000 * actors[0].id);
    schedule_calm(false);
    EXPECT(contig_stop() == CONTIG_OK && counted == 2);
}

/* LIFE-12: of two that wake a goroutine, one does. */
static void two_wake(uint32_t threads)
{
    prepare(threads);
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&sleeper, &sleeper_id) == CONTIG_OK);
    EXPECT(contig_run() == 1);
    ACTS(0, nothing, wake_sleeper);
    ACTS(1, nothing, wake_sleeper);
    EXPECT(explored_run() == 0 && woken == 1 && sleeper.result == 1);
    finish();
}

/* It waits already, or is not found. */
static void wake_and_park(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, spawn_sleeper, nothing, nothing);
    ACTS(1, nothing, wake_sleeper, nothing, wake_sleeper);
    sleeper_id = 0;
    EXPECT(explored_run() == 1 - woken && sleeper.result == woken);
    finish();
}

/* A number that a goroutine had before wakes nobody, also while its record's new goroutine is woken. */
static void wake_stale_number(uint32_t threads)
{
    prepare(threads);
    EXPECT(contig_go(body_return, (uint64_t)(uintptr_t)&sleeper, &stale_id) == CONTIG_OK);
    EXPECT(contig_run() == 0);
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&sleeper, &sleeper_id) == CONTIG_OK);
    EXPECT(contig_run() == 1);
    ACTS(0, nothing, wake_stale);
    ACTS(1, nothing, wake_sleeper);
    EXPECT(explored_run() == 0 && woken == 1 && sleeper.result == 1);
    finish();
}

/* A goroutine that two wake ends, and its record is another's that parks. */
static void wake_across_reuse(uint32_t threads)
{
    static struct body first;
    prepare(threads);
    memset(&first, 0, sizeof first);
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&first, &stale_id) == CONTIG_OK);
    EXPECT(contig_run() == 1);
    ACTS(0, nothing, wake_parked);
    ACTS(1, nothing, wake_parked, spawn_last);
    ACTS(3, spawn_sleeper);
    EXPECT(explored_run() == 1 && woken == 1 && first.result == 1 && sleeper.result == 0);
    finish();
}

/* A goroutine ends, and its record is another's that parks. */
static void wake_while_reused(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing);
    ACTS(1, spawn_sleeper, nothing);
    ACTS(2, nothing, wake_first, wake_first);
    EXPECT(explored_run() == 1 && sleeper.result == 0);
    finish();
}

/* CHAN-6, CHAN-7 */
static void messages(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, send_0, send_0);
    ACTS(1, receive_0, note, receive_0, note);
    EXPECT(explored_run() == 0 && values[1] == 23);
    finish();
}

static void buffered_messages(uint32_t threads)
{
    prepare_channels(threads, 1);
    ACTS(0, nothing, send_0, send_0);
    ACTS(1, receive_0, note, receive_0, note);
    EXPECT(explored_run() == 0 && values[1] == 23);
    finish();
}

/* CHAN-8 */
static void close_wakes_all(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, receive_0, note);
    ACTS(1, nothing, receive_0, note);
    ACTS(2, nothing, close_0);
    EXPECT(explored_run() == 0 && values[0] == 9 && values[1] == 9);
    finish();
}

/* Who waits for a channel is not woken by its number, also when a message arrives. */
static void wake_and_send(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, receive_0, note);
    ACTS(1, nothing, send_0);
    ACTS(2, nothing, wake_first, wake_first);
    EXPECT(explored_run() == 0 && values[0] == 2);
    finish();
}

static void wake_and_receive(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, receive_0);
    ACTS(1, nothing, wake_first);
    EXPECT(explored_run() == 1);
    finish();
}

static void wake_and_sleep(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, sleep_shortly, note_time);
    ACTS(1, nothing, wake_first, wake_first);
    EXPECT(explored_run() == 0);
    finish();
}

static void makes(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, make);
    ACTS(1, nothing, make);
    EXPECT(explored_run() == 0 && channel[0] != channel[1]);
    finish();
}

static void makes_and_frees(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, make_and_free);
    ACTS(1, nothing, make_and_free);
    EXPECT(explored_run() == 0);
    finish();
}

/* OWN-1, CHAN-2: a stack that waits for a message is shrunk. */
static void collect_and_send(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, grow, receive_0, note);
    ACTS(1, nothing, send_0);
    ACTS(2, nothing, collect);
    EXPECT(explored_run() == 0 && values[0] == 2);
    EXPECT(contig_counts_sum().errors == 0);
    finish();
}

/* A goroutine is woken while a collection owns its stack. */
static void collect_and_wake(uint32_t threads)
{
    prepare(threads);
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&sleeper, &sleeper_id) == CONTIG_OK);
    EXPECT(contig_run() == 1);
    ACTS(0, nothing, collect, wake_sleeper);
    ACTS(1, nothing, wake_sleeper);
    EXPECT(explored_run() == 0 && woken == 1 && sleeper.result == 1);
    finish();
}

/* Goroutines are born and end while a collection looks at all records. */
static void collect_and_spawn(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, collect, count);
    ACTS(1, nothing, spawn_return, spawn_return, count);
    EXPECT(explored_run() == 0 && counted == 2);
    finish();
}

/* Of two collections at one moment one runs. */
static void both_collect(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, collect, count);
    ACTS(1, nothing, collect, count);
    EXPECT(explored_run() == 0 && counted == 2);
    finish();
}

/* THREAD-4 */
static void two_collect(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, collect, count);
    ACTS(1, nothing, check, count);
    ACTS(2, nothing, count);
    EXPECT(explored_run() == 0 && counted == 3 && contig_sched.stopped == 0);
    finish();
}

/* OWN-2: a goroutine that asks for nothing, and ends after a collection only, stops in a prologue. */
static void collect_and_busy(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, nothing, collect, end_busy);
    spawn_busy(0);
    EXPECT(explored_run() == 0 && busy[0][1] == 1 && contig_counts_sum().growths == 0);
    finish();
}

/* THREAD-6: goroutines that end only after another one, which waits behind them, are asked to yield. */
static void busy_all(uint32_t threads)
{
    prepare(threads);
    EXPECT(contig_monitor_start());
    for (uint32_t i = 0; i < 2; i++)
        spawn_busy(i);
    ACTS(0, end_busy);
    EXPECT(explored_run() == 0 && busy[0][1] == 1 && busy[1][1] == 1);
    finish();
}

#define PROGRAM(name, threads) \
    {                          \
#name, name, threads   \
    }
static const struct schedule_program programs[] = {
    PROGRAM(start_and_stop, 2),
    PROGRAM(start_and_stop, 3),
    PROGRAM(share, 2),
    PROGRAM(share, 3),
    PROGRAM(share_while_busy, 2),
    PROGRAM(share_while_busy, 3),
    PROGRAM(spawn_twice, 2),
    PROGRAM(spawn_twice, 3),
    PROGRAM(sleeps, 2),
    PROGRAM(sleeps, 3),
    PROGRAM(step_and_sleep, 2),
    PROGRAM(sleep_and_stop, 2),
    PROGRAM(two_wake, 2),
    PROGRAM(two_wake, 3),
    PROGRAM(wake_across_reuse, 2),
    PROGRAM(wake_across_reuse, 3),
    PROGRAM(wake_and_park, 2),
    PROGRAM(wake_stale_number, 2),
    PROGRAM(wake_while_reused, 2),
    PROGRAM(messages, 2),
    PROGRAM(buffered_messages, 2),
    PROGRAM(close_wakes_all, 2),
    PROGRAM(close_wakes_all, 3),
    PROGRAM(select_of_two, 2),
    PROGRAM(select_of_two, 3),
    PROGRAM(selects_meet, 2),
    PROGRAM(two_select, 2),
    PROGRAM(held_and_select, 2),
    PROGRAM(own_and_send, 2),
    PROGRAM(wake_and_send, 2),
    PROGRAM(wake_and_send, 3),
    PROGRAM(wake_and_receive, 2),
    PROGRAM(wake_and_sleep, 2),
    PROGRAM(makes, 2),
    PROGRAM(makes_and_frees, 2),
    PROGRAM(collect_and_send, 2),
    PROGRAM(collect_and_send, 3),
    PROGRAM(collect_and_wake, 2),
    PROGRAM(collect_and_wake, 3),
    PROGRAM(collect_and_spawn, 2),
    PROGRAM(collect_and_spawn, 3),
    PROGRAM(both_collect, 2),
    PROGRAM(both_collect, 3),
    PROGRAM(two_collect, 2),
    PROGRAM(two_collect, 3),
    PROGRAM(collect_and_busy, 2),
    PROGRAM(collect_and_busy, 3),
    PROGRAM(all_away, 2),
    PROGRAM(all_away, 3),
    PROGRAM(away_and_back, 2),
    PROGRAM(away_and_collect, 2),
    PROGRAM(stop_and_stop, 2),
    PROGRAM(back_and_stop, 2),
    PROGRAM(back_and_go_on, 2),
    PROGRAM(away_and_busy, 2),
    PROGRAM(one_away, 2),
    PROGRAM(away_and_share, 2),
    PROGRAM(away_and_few, 2),
    PROGRAM(away_and_sleep, 2),
    PROGRAM(given_and_timed, 2),
    PROGRAM(busy_all, 2),
};
#define PROGRAMS (sizeof programs / sizeof *programs)

int main(int argc, char **argv)
{
    static const char usage[] = "[--preemptions=N] [--executions=N] [--seconds=N] [--program=NAME "
                                "[--threads=N] [--schedule=STEP:THREAD,...]]";
    struct schedule_limits limits = {2, UINT64_MAX, UINT64_MAX};
    const char *name = NULL, *schedule = NULL;
    uint64_t threads = 2;
    const struct option_form forms[] = {
        {"preemptions", OPTION_NUMBER, &limits.preemptions, 0, 20, NULL},
        {"executions", OPTION_NUMBER, &limits.executions, 1, UINT64_MAX, NULL},
        {"seconds", OPTION_NUMBER, &limits.seconds, 1, UINT64_MAX, NULL},
        {"program", OPTION_TEXT, &name, 0, 0, NULL},
        {"threads", OPTION_NUMBER, &threads, 2, SCHEDULE_THREADS_MAX, NULL},
        {"schedule", OPTION_TEXT, &schedule, 0, 0, NULL},
    };
    if (program_arguments("schedule_test", usage, argc, argv, forms, sizeof forms / sizeof *forms,
                          0) != 0)
        return complain("schedule_test: one argument too many: %s", argv[1]);
    if (schedule != NULL && name == NULL)
        return complain("schedule_test: a schedule needs --program");
    const struct schedule_program *only =
        name == NULL ? NULL : named(programs, PROGRAMS, name, threads);
    if (schedule != NULL)
        warm(only);
    if (schedule != NULL && !schedule_repeat(only, schedule))
        return complain("schedule_test: %s is no schedule of %s", schedule, name);
    for (size_t i = 0; i < PROGRAMS && schedule == NULL; i++)
        if (only == NULL || only == &programs[i])
            search(&programs[i], limits, &shared);
    return output_finish(EXIT_OK);
}
