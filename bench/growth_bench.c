/* growth_bench.c: recursion on stacks that grow, on stacks that need not, and past the place where one would. */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/bodies.h"

/* Time of `goroutines` goroutines, one after the other, that recurse `rounds` times. */
static double recursion_time(const struct frames *frames, uint64_t levels, uint64_t rounds,
                             uint64_t goroutines)
{
    struct bench_body body = {.levels = levels, .rounds = rounds};
    double begin = processor_time();
    for (uint64_t i = 0; i < goroutines; i++) {
        spawn(frames->body, &body);
        contig_run();
    }
    double taken = processor_time() - begin;
    if (body.result != (levels + 1) * rounds * goroutines)
        fail("a level of recursion did not return");
    return taken;
}

void measure_growth(char **arguments)
{
    const struct frames *frames = frames_find(arguments[0]);
    uint64_t size_bytes = number(arguments[1]), count = number(arguments[2]),
             frame_bytes = 8 * frames->words;
    uint64_t levels = size_bytes * 5 / 8 / frame_bytes;
    struct contig_statistics before, after;
    runtime_begin();
    recursion_time(frames, levels, 1, 1 + count / 10);
    contig_read_statistics(&before);
    double fresh = recursion_time(frames, levels, 1, count);
    contig_read_statistics(&after);
    double spawning = recursion_time(frames, 0, 1, count);
    double again = recursion_time(frames, levels, count + 1, 1) - fresh / (double)count;
    result("ns", (fresh - spawning - again) / (double)count);
    result("bytes", (double)(after.copied_bytes - before.copied_bytes) / (double)count);
    result("growths", (double)(after.growths - before.growths) / (double)count);
    result("frame_bytes", (double)frame_bytes);
    runtime_finish();
}

/* The whole cost of a goroutine that calls `levels` deep and returns, on a new stack. */
void measure_deep(char **arguments)
{
    const struct frames *frames = frames_find(arguments[0]);
    uint64_t levels = number(arguments[1]), count = number(arguments[2]);
    runtime_begin();
    recursion_time(frames, levels, 1, 1 + count / 10);
    result("ns", recursion_time(frames, levels, 1, count) / (double)(count * levels));
    result("frame_bytes", 8 * (double)frames->words);
    runtime_finish();
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* One in a thousand of such goroutines takes longer than that. */
void measure_tail(char **arguments)
{
    const struct frames *frames = frames_find(arguments[0]);
    uint64_t levels = number(arguments[1]) * 5 / 8 / (8 * frames->words),
             count = number(arguments[2]);
    double *taken = calloc(count, sizeof *taken);
    if (taken == NULL)
        fail("there is no memory for the samples");
    struct bench_body body = {.levels = levels, .rounds = 1};
    runtime_begin();
    recursion_time(frames, levels, 1, 1 + count / 10);
    for (uint64_t i = 0; i < count; i++) {
        spawn(frames->body, &body);
        double begin = processor_time();
        contig_run();
        taken[i] = processor_time() - begin;
    }
    qsort(taken, count, sizeof *taken, compare);
    result("ns", taken[count - 1 - count / 1000]);
    result("median", taken[count / 2]);
    free(taken);
    runtime_finish();
}

/* The least processor time, of three, of `rounds` calls of a leaf from `levels` deep, on a new stack. */
static double hot_time(uint64_t levels, uint64_t rounds)
{
    struct bench_body body = {.levels = levels, .rounds = rounds};
    double least = 1e300;
    for (int i = 0; i < 3; i++) {
        spawn(bench_hot, &body);
        double begin = processor_time();
        contig_run();
        double taken = processor_time() - begin;
        least = taken < least ? taken : least;
    }
    return least;
}

/* Takes the lower of each two neighbours: a boundary is wider than one level, and a disturbance is not. */
static void hot_results(double *taken, uint64_t levels)
{
    for (uint64_t i = 0; i + 1 < levels; i++)
        taken[i] = taken[i] < taken[i + 1] ? taken[i] : taken[i + 1];
    qsort(taken, levels - 1, sizeof *taken, compare);
    result("ns", taken[levels - 2]);
    result("away", taken[levels / 2]);
}

/* A leaf called again and again from each of these depths: from the one where its frame does not fit any more, and
 * from those where it does. */
void measure_hot(char **arguments)
{
    uint64_t first = number(arguments[0]), levels = number(arguments[1]),
             rounds = number(arguments[2]);
    double *taken = calloc(levels, sizeof *taken);
    if (taken == NULL)
        fail("there is no memory for the samples");
    runtime_begin();
    for (uint64_t i = 0; i < levels; i++)
        taken[i] = (hot_time(first + i, rounds) - hot_time(first + i, 0)) / (double)rounds;
    hot_results(taken, levels);
    free(taken);
    runtime_finish();
}

static double fib_calls(uint64_t n)
{
    double before = 1, calls = 1;
    for (uint64_t i = 2; i <= n; i++) {
        double next = before + calls + 1;
        before = calls;
        calls = next;
    }
    return calls;
}

#define BENCH_FIB(place) bench_fib_##place,
#define BENCH_FIB_UNCHECKED(place) bench_fib_unchecked_##place,

/* The fastest of the four. */
void measure_fib(char **arguments)
{
    contig_function *const bodies[] = {BENCH_PLACES(BENCH_FIB)};
    struct bench_body body = {.levels = number(arguments[0])};
    double least = 1e300;
    runtime_begin();
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        spawn(bodies[i], &body);
        double begin = processor_time();
        contig_run();
        double taken = processor_time() - begin;
        least = taken < least ? taken : least;
    }
    result("ns", least / fib_calls(body.levels));
    runtime_finish();
}

/* The fastest of the four. */
void measure_floor_fib(char **arguments)
{
    uint64_t (*const functions[])(uint64_t) = {BENCH_PLACES(BENCH_FIB_UNCHECKED)};
    uint64_t n = number(arguments[0]);
    double least = 1e300;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        double begin = processor_time();
        functions[i](n);
        double taken = processor_time() - begin;
        least = taken < least ? taken : least;
    }
    result("ns", least / fib_calls(n));
}
