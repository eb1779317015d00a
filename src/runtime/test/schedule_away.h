/* schedule_away.h: programs of schedule_test with threads that are away, or whose time comes, and with a stopped world.
 */
#ifndef CONTIG_RUNTIME_TEST_SCHEDULE_AWAY_H
#define CONTIG_RUNTIME_TEST_SCHEDULE_AWAY_H

#include "src/runtime/test/schedule_acts.h"

/* THREAD-8: all threads wait in the system for a goroutine that only one more can run. */
static void all_away(uint32_t threads)
{
    prepare(threads);
    for (uint32_t i = 0; i < threads; i++)
        ACTS(i, nothing, away_until_count, count);
    ACTS(threads, nothing, count);
    if (threads == ACTORS - 1)
        spawn(threads);
    EXPECT(explored_run() == 0 && counted == threads + 1);
    finish();
}

/* THREAD-8: who comes back when others have its place goes on, and not more than shall run afterwards. */
static void away_and_back(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away, count, nothing, count);
    ACTS(1, nothing, away, count, nothing, count);
    ACTS(2, nothing, count, nothing, count);
    EXPECT(explored_run() == 0 && counted == 6);
    finish();
}

/* THREAD-8: a collection does not wait for who is away, who waits for its end. */
static void away_and_collect(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away_until_count, collect);
    ACTS(1, nothing, collect, count);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* THREAD-4: who stood still stands still again if the world stops again. */
static void stop_and_stop(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, stop_again, count);
    ACTS(1, nothing, go_on, go_on, go_on, count);
    EXPECT(explored_run() == 0 && counted == 2);
    finish();
}

/* THREAD-4, THREAD-8: who comes back while the world is stopped waits until it goes on. */
static void back_and_stop(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away, count);
    ACTS(1, nothing, stop_the_world, count);
    EXPECT(explored_run() == 0 && counted == 2);
    finish();
}

/* THREAD-8: a thread takes the place of one that is away while the others are busy. */
static void away_and_busy(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, await_begin, spawn_last, away_until_count);
    ACTS(1, begin_and_await);
    ACTS(3, count);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* THREAD-8: a thread that is away again and again is replaced only if fewer run than shall. */
static void one_away(uint32_t threads)
{
    prepare(threads);
    ACTS(0, away_thrice);
    ACTS(1, nothing, count);
    ACTS(2, nothing, count);
    EXPECT(explored_run() == 0 && counted == 2);
    finish();
}

/* THREAD-8: what one that is too many gives is for those that have something to run, too. */
static void away_and_share(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away_and_rest, yield_until_count);
    ACTS(1, nothing, yield_until_count);
    ACTS(2, nothing, count);
    ACTS(3, nothing, yield_until_count);
    spawn(3);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* THREAD-8: one that is too many sleeps. */
static void away_and_few(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away_and_count, yield_until_few);
    ACTS(1, nothing, yield_until_few);
    ACTS(2, nothing, yield_until_few);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* THREAD-4, THREAD-8: a thread that is back, and stands still, is not taken for another one that runs. */
static void back_and_go_on(uint32_t threads)
{
    prepare(threads);
    ACTS(0, nothing, away_and_rest, count);
    ACTS(1, stop_the_world, count);
    ACTS(2, rest_and_go_on, rest_and_go_on, count);
    EXPECT(explored_run() == 0 && counted == 3);
    finish();
}

/* THREAD-7, THREAD-8: there is a thread that waits for the time. */
static void away_and_sleep(uint32_t threads)
{
    prepare(threads);
    ACTS(0, spawn_last_and_sleep, note_time, count);
    ACTS(1, nothing);
    ACTS(ACTORS - 1, away_until_count);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

/* THREAD-2, THREAD-7: who was woken for what another thread gave takes it, though a time has come: two yield until a
 * third has run. */
static void given_and_timed(uint32_t threads)
{
    prepare(threads);
    ACTS(0, sleep_shortly, yield_until_count);
    ACTS(1, nothing);
    ACTS(2, rest, spawn_last, yield_until_count);
    ACTS(3, count);
    EXPECT(explored_run() == 0 && counted == 1);
    finish();
}

#endif
