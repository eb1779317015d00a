/* schedule_test.c: short programs of the real runtime, in every order in which two or three threads can go on.
 *
 *   schedule_test [--program=NAME] [--threads=N] [--preemptions=N] [--seconds=N] [--schedule=STEP:THREAD,...]
 *
 * Without options a short search of each program.  See schedule.h.  THREAD-1..THREAD-5, OWN-1, OWN-2, LIFE-12,
 * CHAN-6..CHAN-9. */
#include <stdlib.h>
#include <string.h>

#include "src/bodies/bodies.h"
#include "src/command/program.h"
#include "src/runtime/runtime.h"
#include "src/runtime/test/schedule.h"
#include "src/testing/expect.h"

#define ARENA_BYTES (1u << 20)
#define ACTORS 4u
#define ACTS_MAX 6u

/* A goroutine that does one act after the other on the system stack, and the operation that each returns. */
struct actor {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t (*acts[ACTS_MAX])(struct actor *actor);
    uint64_t id;
    uint32_t next;
};

static struct actor actors[ACTORS];
static struct body sleeper, busy[2];
static uint64_t sleeper_id, stale_id, channel[2];
static uint32_t woken, counted, values[ACTORS];
static FILE *report;

void schedule_busy(void);

static uint64_t act(uint64_t address)
{
    struct actor *actor = (struct actor *)(uintptr_t)address;
    if (actor->next == ACTS_MAX || actor->acts[actor->next] == NULL)
        return 0;
    return actor->acts[actor->next++](actor);
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

static uint64_t send_1(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SEND,
                                                       .channel = channel[1],
                                                       .value = actor->next});
}

static uint64_t receive_0(struct actor *actor)
{
    return operation(
        actor, (struct channel_operation){.kind = CHANNELS_RECEIVE, .channel = channel[0]});
}

static uint64_t close_0(struct actor *actor)
{
    return operation(actor,
                     (struct channel_operation){.kind = CHANNELS_CLOSE, .channel = channel[0]});
}

/* What was received: a value, or a zero of a closed channel, becomes a digit of the actor's. */
static uint64_t note(struct actor *actor)
{
    uint32_t digit =
        actor->operation.result == 1 ? (uint32_t)actor->operation.value : 9 - actor->operation.value;
    values[actor - actors] = values[actor - actors] * 10 + digit;
    return nothing(actor);
}

static uint64_t select_both(struct actor *actor)
{
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SELECT,
                                                       .count = 2,
                                                       .cases = {{channel[0], 0, 0},
                                                                 {channel[1], 0, 0}}});
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
    return operation(actor, (struct channel_operation){.kind = CHANNELS_SELECT,
                                                       .count = 2,
                                                       .cases = {{channel[0], 5, first},
                                                                 {channel[1], 5, !first}}});
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

static uint64_t await_count(struct actor *actor)
{
    while (counted == 0)
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

static uint64_t collect(struct actor *actor)
{
    EXPECT(contig_gc() == CONTIG_OK);
    return nothing(actor);
}

static uint64_t check(struct actor *actor)
{
    EXPECT(contig_check_all());
    return nothing(actor);
}

static uint64_t end_busy(struct actor *actor)
{
    busy[0].moved = busy[1].moved = 1;
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

static void spawn(uint32_t number)
{
    struct actor *actor = &actors[number];
    actor->body.call = act;
    EXPECT(contig_go(body_channels, (uint64_t)(uintptr_t)actor, &actor->id) == CONTIG_OK);
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
    struct contig_options options = {
        .procs = threads, .arena_bytes = ARENA_BYTES, .report = report};
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

/* THREAD-3: returns when nobody can run, and not before. */
static uint64_t explored_run(void)
{
    schedule_calm(false);
    uint64_t waiting = contig_run();
    schedule_calm(true);
    EXPECT(!contig_any_runnable() && contig_sched.sleeping == contig_sched.procs - 1);
    EXPECT(contig_sched.calls == contig_sched.sleeping * CALL_SLEEPER);
    EXPECT(contig_alive() == waiting);
    return waiting;
}

static void finish(void)
{
    EXPECT(contig_check_all());
    EXPECT(contig_stop() == CONTIG_OK);
}

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

/* Threads begin, fall asleep and end. */
static void start_and_stop(uint32_t threads)
{
    memset(actors, 0, sizeof actors);
    counted = 0;
    start(threads);
    ACTS(0, nothing, count);
    ACTS(1, count);
    EXPECT(contig_run() == 0 && counted == 2);
    EXPECT(contig_stop() == CONTIG_OK);
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

/* CHAN-9 */
static void select_of_two(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, select_both, note_choice, select_both, note_choice);
    ACTS(1, nothing, send_0);
    ACTS(2, nothing, send_1);
    EXPECT(explored_run() == 0 && values[0] == 11);
    finish();
}

static void selects_meet(uint32_t threads)
{
    prepare_channels(threads, 0);
    ACTS(0, nothing, select_across, note_case);
    ACTS(1, nothing, select_across, note_case);
    EXPECT(explored_run() == 0 && values[0] == values[1] && values[0] != 0);
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
    EXPECT(contig_go(schedule_busy, (uint64_t)(uintptr_t)&busy[0], NULL) == CONTIG_OK);
    EXPECT(explored_run() == 0 && busy[0].result == 1 && contig_counts_sum().growths == 0);
    finish();
}

/* THREAD-6: goroutines that end only after another one, which waits behind them, are asked to yield. */
static void busy_all(uint32_t threads)
{
    prepare(threads);
    EXPECT(contig_monitor_start());
    for (uint32_t i = 0; i < 2; i++)
        EXPECT(contig_go(schedule_busy, (uint64_t)(uintptr_t)&busy[i], NULL) == CONTIG_OK);
    ACTS(0, end_busy);
    EXPECT(explored_run() == 0 && busy[0].result == 1 && busy[1].result == 1);
    finish();
}

#define PROGRAM(name, threads) {#name, name, threads}
static const struct schedule_program programs[] = {
    PROGRAM(start_and_stop, 2),    PROGRAM(start_and_stop, 3),
    PROGRAM(share, 2),             PROGRAM(share, 3),
    PROGRAM(share_while_busy, 2),  PROGRAM(share_while_busy, 3),
    PROGRAM(spawn_twice, 2),       PROGRAM(spawn_twice, 3),
    PROGRAM(two_wake, 2),          PROGRAM(two_wake, 3),
    PROGRAM(wake_across_reuse, 2), PROGRAM(wake_across_reuse, 3),
    PROGRAM(wake_and_park, 2),     PROGRAM(wake_stale_number, 2),
    PROGRAM(wake_while_reused, 2), PROGRAM(messages, 2),
    PROGRAM(buffered_messages, 2), PROGRAM(close_wakes_all, 2),
    PROGRAM(close_wakes_all, 3),   PROGRAM(select_of_two, 2),
    PROGRAM(select_of_two, 3),     PROGRAM(selects_meet, 2),
    PROGRAM(wake_and_send, 2),     PROGRAM(wake_and_send, 3),
    PROGRAM(makes, 2),             PROGRAM(makes_and_frees, 2),
    PROGRAM(collect_and_send, 2),  PROGRAM(collect_and_send, 3),
    PROGRAM(collect_and_wake, 2),  PROGRAM(collect_and_wake, 3),
    PROGRAM(collect_and_spawn, 2), PROGRAM(collect_and_spawn, 3),
    PROGRAM(both_collect, 2),      PROGRAM(both_collect, 3),
    PROGRAM(two_collect, 2),       PROGRAM(two_collect, 3),
    PROGRAM(collect_and_busy, 2),  PROGRAM(collect_and_busy, 3),
    PROGRAM(busy_all, 2),
};

static void search(const struct schedule_program *program, uint64_t preemptions, uint64_t seconds)
{
    for (uint32_t bound = 0; bound <= preemptions; bound++) {
        struct schedule_count found = schedule_explore(program, bound, seconds);
        printf("%-20s %u threads, %u preemptions: %llu executions, %u choices, %.1f s, %s\n",
               program->name, program->threads, bound, (unsigned long long)found.executions,
               found.choices, found.seconds, found.all ? "all" : "NOT ALL");
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    const char *name = NULL, *schedule = NULL;
    uint64_t threads = 0, preemptions = 1, seconds = 120;
    const struct option_form forms[] = {
        {"program", OPTION_TEXT, &name, 0, 0, NULL},
        {"schedule", OPTION_TEXT, &schedule, 0, 0, NULL},
        {"threads", OPTION_NUMBER, &threads, 2, SCHEDULE_THREADS_MAX, NULL},
        {"preemptions", OPTION_NUMBER, &preemptions, 0, 10, NULL},
        {"seconds", OPTION_NUMBER, &seconds, 1, 86400, NULL},
    };
    program_arguments("schedule_test", "[--program=NAME] [--threads=N] [--preemptions=N]", argc, argv,
                      forms, sizeof forms / sizeof *forms, 0);
    report = stderr;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        const struct schedule_program *program = &programs[i];
        if ((name != NULL && strcmp(name, program->name) != 0) ||
            (threads != 0 && threads != program->threads))
            continue;
        if (schedule != NULL)
            schedule_repeat(program, schedule);
        else
            search(program, preemptions, seconds);
    }
    return output_finish(EXIT_OK);
}
