/* thread_bench.c: the same work on one thread and on several, by the clock on the wall.
 *
 * Each goroutine works on memory of its own, so that threads share nothing but the runtime. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/bodies.h"

/* Goroutines that each make others, or recurse: enough to share among threads. */
#define PARENTS 64u
#define CHILDREN 16u

static double wall_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void begin_on(uint64_t procs)
{
    char message[200];
    struct contig_options options = {.procs = (uint32_t)procs};
    if (procs > UINT32_MAX || contig_start(&options, message) != CONTIG_OK)
        fail("this many threads cannot be started");
}

/* Runs what was made; prints the time of each of `count` units, on the wall and of all processors. */
static void run_timed(double count)
{
    double cpu = processor_time(), wall = wall_time();
    if (contig_run() != 0)
        fail("a goroutine waits for ever");
    result("ns", (wall_time() - wall) / count);
    result("processor", (processor_time() - cpu) / count);
}

static void *array_make(uint64_t count, size_t bytes)
{
    void *array = aligned_alloc(_Alignof(struct bench_body), count * bytes);
    if (array == NULL)
        fail("there is no memory for what goroutines work on");
    return memset(array, 0, count * bytes);
}

static uint64_t bear(uint64_t context)
{
    struct bench_body *child = (struct bench_body *)(uintptr_t)context + 1;
    for (uint64_t i = 0; i < CHILDREN; i++)
        spawn(bench_count, &child[i]);
    return 0;
}

/* Each parent makes some children and yields to them, again and again. */
void measure_threads_spawn(char **arguments)
{
    uint64_t rounds = number(arguments[1]), ran = 0;
    struct bench_body(*families)[CHILDREN + 1] = array_make(PARENTS, sizeof *families);
    begin_on(number(arguments[0]));
    for (uint64_t i = 0; i < PARENTS; i++) {
        families[i][0] = (struct bench_body){.rounds = rounds, .call = bear};
        spawn(bench_spawn, &families[i][0]);
    }
    run_timed((double)(PARENTS * CHILDREN * rounds));
    for (uint64_t i = 0; i < PARENTS; i++)
        for (uint64_t k = 1; k <= CHILDREN; k++)
            ran += families[i][k].result != 0;
    if (ran != PARENTS * CHILDREN)
        fail("a goroutine did not run");
    runtime_finish();
    free(families);
}

/* New goroutines recurse until their stacks have grown to so many bytes. */
void measure_threads_growth(char **arguments)
{
    const struct frames *frames = frames_find("12");
    uint64_t levels = number(arguments[1]) * 5 / 8 / (8 * frames->words),
             count = number(arguments[2]);
    struct bench_body *bodies = array_make(count, sizeof *bodies);
    begin_on(number(arguments[0]));
    for (uint64_t i = 0; i < count; i++) {
        bodies[i] = (struct bench_body){.levels = levels, .rounds = 1};
        spawn(frames->body, &bodies[i]);
    }
    run_timed((double)count);
    for (uint64_t i = 0; i < count; i++)
        if (bodies[i].result != levels + 1)
            fail("a level of recursion did not return");
    runtime_finish();
    free(bodies);
}

/* Pairs of goroutines: one sends, over an unbuffered channel of theirs, what the other receives. */
void measure_threads_pairs(char **arguments)
{
    uint64_t pairs = number(arguments[1]), rounds = number(arguments[2]);
    struct bench_body *bodies = array_make(pairs, sizeof *bodies);
    begin_on(number(arguments[0]));
    for (uint64_t i = 0; i < pairs; i++) {
        bodies[i] = (struct bench_body){.rounds = rounds};
        if (contig_chan_make(sizeof(uint64_t), 0, &bodies[i].channels[0]) != CONTIG_OK)
            fail("a channel cannot be made");
        spawn(bench_receive, &bodies[i]);
        spawn(bench_send, &bodies[i]);
    }
    run_timed((double)(pairs * rounds));
    for (uint64_t i = 0; i < pairs; i++)
        if (bodies[i].result != rounds * (rounds + 1) / 2)
            fail("a message was lost");
    runtime_finish();
    free(bodies);
}
