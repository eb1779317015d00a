/* schedule_acts.h: goroutines that do one act after the other, for the programs of schedule_test.c.
 *
 * An act is a C function on the system stack.  It says which operation the goroutine does next: on a channel, or
 * nothing, which lets its thread give goroutines to one that sleeps. */
#ifndef CONTIG_RUNTIME_TEST_SCHEDULE_ACTS_H
#define CONTIG_RUNTIME_TEST_SCHEDULE_ACTS_H

#include <stdint.h>
#include <string.h>

#include "src/runtime/test/schedule.h"
#include "src/testing/started.h"

#define ARENA_BYTES (1u << 20)
#define ACTORS 4u
#define ACTS_MAX 6u

/* A goroutine that does one act after the other on the system stack, and the operation that each returns. */
struct actor {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t (*acts[ACTS_MAX])(struct actor *actor);
    uint64_t id, end;
    uint32_t next;
};

static struct actor actors[ACTORS];
static struct body sleeper;
/* Goroutines that end when the first word is not 0, and count that in the second. */
static uint64_t busy[2][2];
static uint64_t sleeper_id, stale_id, channel[2];
static uint32_t woken, counted, values[ACTORS];
static bool still; /* the world */
static bool begun; /* begin_and_await */

void schedule_busy(void);

static void spawn_busy(uint32_t number)
{
    EXPECT(contig_go(schedule_busy, (uint64_t)(uintptr_t)busy[number], NULL) == CONTIG_OK);
}

static uint64_t act(uint64_t address)
{
    struct actor *actor = (struct actor *)(uintptr_t)address;
    if (actor->next == ACTS_MAX || actor->acts[actor->next] == NULL)
        return 0;
    return actor->acts[actor->next++](actor);
}

static void spawn(uint32_t number)
{
    struct actor *actor = &actors[number];
    actor->body.call = act;
    EXPECT(contig_go(body_channels, (uint64_t)(uintptr_t)actor, &actor->id) == CONTIG_OK);
}

static uint64_t operation(struct actor *actor, struct channel_operation wanted)
{
    actor->operation = wanted;
    return (uint64_t)(uintptr_t)&actor->operation;
}

/* Between two operations a thread gives goroutines to one that sleeps. */
static uint64_t nothing(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_RECURSE});
}

static uint64_t grow(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_RECURSE, .count = 40});
}

static uint64_t send_0(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SEND,
                                                       .channel = channel[0],
                                                       .value = actor->next});
}

/* The value that was sent before it. */
static uint64_t send_0_again(struct actor *actor)
{
    uint64_t next = send_0(actor);
    actor->operation.value--;
    return next;
}

static uint64_t send_1(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SEND,
                                                       .channel = channel[1],
                                                       .value = actor->next});
}

static uint64_t receive_0(struct actor *actor)
{
    return operation(actor,
                     (struct channel_operation){.kind = CHANNELS_RECEIVE, .channel = channel[0]});
}

static uint64_t close_0(struct actor *actor)
{
    return operation(actor,
                     (struct channel_operation){.kind = CHANNELS_CLOSE, .channel = channel[0]});
}

/* What was received: a value, or a zero of a closed channel, becomes a digit of the actor's. */
static uint64_t note(struct actor *actor)
{
    uint32_t digit = actor->operation.result == 1 ? (uint32_t)actor->operation.value
                                                  : 9 - actor->operation.value;
    values[actor - actors] = values[actor - actors] * 10 + digit;
    return nothing(actor);
}

static uint64_t select_both(struct actor *actor)
{
    return operation(actor,
                     (struct channel_operation){.kind = CHANNELS_SELECT,
                                                .count = 2,
                                                .cases = {{channel[0], 0, 0}, {channel[1], 0, 0}}});
}

static uint64_t note_choice(struct actor *actor)
{
    uint32_t chosen = (uint32_t)actor->operation.result;
    EXPECT(chosen < 2 && actor->operation.result >> 32 == 1);
    EXPECT(actor->operation.cases[chosen].value == 2);
    values[actor - actors] += 1 + 9 * chosen;
    return nothing(actor);
}

static uint64_t select_across(struct actor *actor)
{
    uint64_t first = actor == actors;
    return operation(actor, (struct channel_operation){
                                .kind = CHANNELS_SELECT,
                                .count = 2,
                                .cases = {{channel[0], 5, first}, {channel[1], 5, !first}}});
}

static uint64_t note_case(struct actor *actor)
{
    values[actor - actors] = 1 + (uint32_t)actor->operation.result;
    return nothing(actor);
}

static uint64_t count(struct actor *actor)
{
    counted++;
    return nothing(actor);
}

static uint32_t threads_run(void)
{
    return contig_sched.threads - contig_sched.sleeping - contig_sched.away;
}

static uint64_t sleep_shortly(struct actor *actor)
{
    uint64_t nanoseconds = 1000 * actor->id;
    actor->end = contig_sync_now() + nanoseconds;
    return operation(actor,
                     (struct channel_operation){.kind = CHANNELS_SLEEP, .value = nanoseconds});
}

static uint64_t spawn_last_and_sleep(struct actor *actor)
{
    spawn(ACTORS - 1);
    return sleep_shortly(actor);
}

static uint64_t note_time(struct actor *actor)
{
    EXPECT(contig_sync_now() >= actor->end);
    return nothing(actor);
}

static uint64_t await_count(struct actor *actor)
{
    while (counted == 0)
        contig_sync_pause();
    return nothing(actor);
}

/* Says that it runs, and then awaits what another one counts. */
static uint64_t begin_and_await(struct actor *actor)
{
    begun = true;
    return await_count(actor);
}

static uint64_t await_begin(struct actor *actor)
{
    while (!begun)
        contig_sync_pause();
    return nothing(actor);
}

/* THREAD-8: in a system call nothing of the runtime may be called. */
static uint64_t away(struct actor *actor)
{
    EXPECT(contig_enter_system_call() == CONTIG_OK && contig_m->curg->in_system_call);
    EXPECT(contig_enter_system_call() == CONTIG_BAD_STATE && contig_gc() == CONTIG_BAD_STATE);
    contig_leave_system_call();
    EXPECT(!still);
    return nothing(actor);
}

static uint64_t stop_the_world(struct actor *actor)
{
    contig_world_stop();
    still = true;
    contig_sync_pause();
    still = false;
    contig_world_go_on();
    return nothing(actor);
}

static uint64_t stop_again(struct actor *actor)
{
    stop_the_world(actor);
    return stop_the_world(actor);
}

/* THREAD-4 */
static uint64_t go_on(struct actor *actor)
{
    EXPECT(!still);
    return nothing(actor);
}

static uint64_t rest_and_go_on(struct actor *actor)
{
    contig_sync_pause();
    return go_on(actor);
}

static uint64_t away_until_count(struct actor *actor)
{
    EXPECT(contig_enter_system_call() == CONTIG_OK);
    while (counted == 0)
        contig_sync_pause();
    contig_leave_system_call();
    return nothing(actor);
}

/* THREAD-8: who takes the place of a thread is not one too many, also if it was away before.  For a program in which
 * nobody else is away. */
static uint64_t away_thrice(struct actor *actor)
{
    for (uint32_t i = 0; i < 3; i++) {
        EXPECT(contig_enter_system_call() == CONTIG_OK);
        EXPECT(threads_run() <= contig_sched.procs);
        contig_leave_system_call();
    }
    return nothing(actor);
}

static uint64_t away_and_rest(struct actor *actor)
{
    EXPECT(contig_enter_system_call() == CONTIG_OK);
    contig_sync_pause();
    contig_leave_system_call();
    return nothing(actor);
}

static uint64_t away_and_count(struct actor *actor)
{
    away_and_rest(actor);
    return count(actor);
}

/* Yields until another goroutine has counted. */
static uint64_t yield_until_count(struct actor *actor)
{
    if (counted == 0) {
        actor->next--;
        contig_sync_pause();
    }
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SLEEP, .value = 0});
}

/* And until not more threads run than shall. */
static uint64_t yield_until_few(struct actor *actor)
{
    if (counted == 0 || threads_run() > contig_sched.procs) {
        actor->next--;
        contig_sync_pause();
    }
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SLEEP, .value = 0});
}

/* A moment in which a time may come. */
static uint64_t rest(struct actor *actor)
{
    contig_sync_pause();
    return nothing(actor);
}

static uint64_t wake_sleeper(struct actor *actor)
{
    woken += contig_ready(sleeper_id) == CONTIG_OK;
    return nothing(actor);
}

static uint64_t wake_parked(struct actor *actor)
{
    woken += contig_ready(stale_id) == CONTIG_OK;
    return nothing(actor);
}

static uint64_t wake_stale(struct actor *actor)
{
    EXPECT(contig_ready(stale_id) == CONTIG_NOT_FOUND);
    return nothing(actor);
}

/* A goroutine that waits for a channel is not found. */
static uint64_t wake_first(struct actor *actor)
{
    EXPECT(contig_ready(actors[0].id) == CONTIG_NOT_FOUND);
    return nothing(actor);
}

/* OWN-1: also the stack of a goroutine that ran all the while is scanned. */
static uint64_t collect(struct actor *actor)
{
    EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(contig_g_by_id(actor->id)->scanned == contig_sched.gc_number);
    return nothing(actor);
}

static uint64_t check(struct actor *actor)
{
    EXPECT(contig_check_all());
    return nothing(actor);
}

static uint64_t end_busy(struct actor *actor)
{
    busy[0][0] = busy[1][0] = 1;
    return nothing(actor);
}

static uint64_t make_and_free(struct actor *actor)
{
    uint64_t number;
    EXPECT(contig_chan_make(8, 1, &number) == CONTIG_OK);
    EXPECT(number != channel[0] && contig_chan_free(number) == CONTIG_OK);
    return nothing(actor);
}

static uint64_t make(struct actor *actor)
{
    EXPECT(contig_chan_make(8, 1, &channel[actor - actors]) == CONTIG_OK);
    return nothing(actor);
}

static uint64_t spawn_sleeper(struct actor *actor)
{
    EXPECT(contig_go(body_park, (uint64_t)(uintptr_t)&sleeper, &sleeper_id) == CONTIG_OK);
    return nothing(actor);
}

static uint64_t spawn_last(struct actor *actor)
{
    spawn(ACTORS - 1);
    return nothing(actor);
}

static uint64_t spawn_return(struct actor *actor)
{
    EXPECT(contig_go(body_return, 0, NULL) == CONTIG_OK);
    return nothing(actor);
}

static void start(uint32_t threads)
{
    struct contig_options options = {.procs = threads, .arena_bytes = ARENA_BYTES};
    EXPECT(contig_start(&options, NULL) == CONTIG_OK);
}

/* A runtime all of whose other threads sleep, without its monitor, which would be one more. */
static void prepare(uint32_t threads)
{
    schedule_calm(true);
    memset(actors, 0, sizeof actors);
    memset(values, 0, sizeof values);
    memset(&sleeper, 0, sizeof sleeper);
    memset(busy, 0, sizeof busy);
    woken = counted = 0;
    begun = false;
    start(threads);
    contig_monitor_stop();
    contig_sync_pause();
}

static void prepare_channels(uint32_t threads, uint64_t capacity)
{
    prepare(threads);
    for (uint32_t i = 0; i < 2; i++)
        EXPECT(contig_chan_make(8, capacity, &channel[i]) == CONTIG_OK);
}

#define ACTS(number, ...) actors_do(number, (uint64_t(*[ACTS_MAX])(struct actor *)){__VA_ARGS__})

static void actors_do(uint32_t number, uint64_t (*acts[ACTS_MAX])(struct actor *))
{
    memcpy(actors[number].acts, acts, sizeof actors[number].acts);
    if (number != ACTORS - 1)
        spawn(number);
}

/* OWN-2: a system stack has its own guard again.  For a look from outside this thread's word is kept first. */
static void guards_are_back(void)
{
    contig_thread_guard();
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        EXPECT(contig_thread_guard_of(i) == 0);
}

static void finish(void)
{
    EXPECT(contig_check_all());
    EXPECT(contig_stop() == CONTIG_OK);
}

static uint64_t shared; /* executions in which several threads ran goroutines */

static uint64_t run(void)
{
    uint64_t before[NUM_P], waiting;
    uint32_t threads = 0;
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        before[i] = contig_all_p[i].statistics.switches;
    waiting = contig_run();
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        threads += contig_all_p[i].statistics.switches != before[i];
    shared += threads > 1;
    return waiting;
}

/* THREAD-3: returns when nobody can run, and not before.  A thread that slept for a time may be about to sleep on. */
static uint64_t explored_run(void)
{
    schedule_calm(false);
    uint64_t waiting = run();
    schedule_calm(true);
    EXPECT(!contig_any_runnable() && contig_alive() == waiting);
    contig_sync_pause();
    EXPECT(contig_sched.sleeping == contig_sched.threads - 1 && contig_sched.away == 0);
    EXPECT(contig_sched.calls == (contig_sched.procs - 1) * CALL_SLEEPER);
    guards_are_back();
    return waiting;
}

#endif
