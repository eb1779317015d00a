/* contig_bench.c: `contig_bench MEASURE ...`: one measure of the runtime, in nanoseconds of processor time.
 *
 * bench/run starts it, once for each repetition, beside the peers' programs that do the same work; each line of
 * output is a name and a value.  What is counted twice (spawning, recursion on a stack that is already large) is
 * measured by itself and subtracted, here and in the peers. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/bodies.h"
#include "src/bodies/bodies.h"
#include "src/command/arguments.h"
#include "src/command/output.h"
#include "src/core/heap/stackalloc.h"

/* Goroutines that are runnable at once: half of what a Go P queues without its global list. */
#define BATCH 128u

struct measure {
    const char *name, *arguments;
    void (*run)(char **arguments);
};

static const struct frames families[] = {
    {"12", bench_12, 12},
    {"40", bench_40, 40},
    {"12-turns", bench_12_turns, 12},
    {"40-dense", bench_40_dense, 40},
};

void result(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
}

void fail(const char *message)
{
    fprintf(stderr, "contig_bench: %s\n", message);
    exit(1);
}

double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void runtime_begin(void)
{
    char message[200];
    if (contig_start(NULL, message) != CONTIG_OK)
        fail(message);
}

void runtime_finish(void)
{
    if (contig_last_error(NULL) != CONTIG_OK)
        fail("a goroutine was ended by an error");
    if (contig_stop() != CONTIG_OK)
        fail("not every byte of stack memory was given back");
}

const struct frames *frames_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    exit(complain("contig_bench: there is no family of frames %s", name));
}

static uint64_t number(const char *text)
{
    uint64_t value;
    if (!argument_number("contig_bench", "an argument", text, 0, UINT64_MAX, &value))
        exit(EXIT_USE);
    return value;
}

static void spawn(contig_function *function, const void *context)
{
    if (contig_go(function, (uint64_t)(uintptr_t)context, NULL) != CONTIG_OK)
        fail("a goroutine cannot be made");
}

static void measure_switch(char **arguments)
{
    struct body warm = {.argument = 1000}, body = {.argument = number(arguments[0]) / 2};
    runtime_begin();
    spawn(body_yield, &warm);
    contig_run();
    spawn(body_yield, &body);
    spawn(body_yield, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / (2 * (double)body.argument));
    runtime_finish();
}

/* Raises a flag of mxcsr on the system stack, which goroutines do not have. */
static void measure_switch_inexact(char **arguments)
{
    volatile double three = 3;
    three = 1 / three;
    measure_switch(arguments);
}

static struct bench_body counted;
static uint64_t spawned_at_once;

static uint64_t spawn_counted(uint64_t context)
{
    (void)context;
    for (uint64_t i = 0; i < spawned_at_once; i++)
        spawn(bench_count, &counted);
    return 0;
}

/* A goroutine makes `spawned_at_once` others and yields to them, again and again. */
static void measure_spawn(char **arguments)
{
    uint64_t rounds = number(arguments[1]);
    spawned_at_once = number(arguments[0]);
    struct bench_body warm = {.rounds = 10, .call = spawn_counted},
                      body = {.rounds = rounds, .call = spawn_counted};
    runtime_begin();
    spawn(bench_spawn, &warm);
    contig_run();
    spawn(bench_spawn, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / (double)(rounds * spawned_at_once));
    if (counted.result != (rounds + 10) * spawned_at_once)
        fail("a goroutine did not run");
    runtime_finish();
}

static void alloc_and_free(uint64_t size_bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct stack_alloc_result stack = stackalloc(0, size_bytes);
        if (stack.status != STACK_OK)
            fail("there is no stack");
        *(volatile char *)(uintptr_t)(stack.lo + size_bytes - 8) = 1;
        if (stackfree(0, stack.lo, size_bytes) != STACK_OK)
            fail("a stack cannot be freed");
    }
}

static void measure_stackalloc(char **arguments)
{
    uint64_t size_bytes = number(arguments[0]), count = number(arguments[1]);
    runtime_begin();
    alloc_and_free(size_bytes, 100);
    double begin = processor_time();
    alloc_and_free(size_bytes, count);
    result("ns", (processor_time() - begin) / (double)count);
    runtime_finish();
}

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

static void measure_growth(char **arguments)
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

static void measure_fib(char **arguments)
{
    struct bench_body body = {.levels = number(arguments[0])};
    runtime_begin();
    spawn(bench_fib, &body);
    double begin = processor_time();
    contig_run();
    result("ns", (processor_time() - begin) / fib_calls(body.levels));
    runtime_finish();
}

static void measure_floor_fib_calls(char **arguments)
{
    uint64_t n = number(arguments[0]);
    double begin = processor_time();
    bench_fib_unchecked(n);
    result("ns", (processor_time() - begin) / fib_calls(n));
}

static double resident_bytes(void)
{
    char line[200];
    uint64_t kibibytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        fail("/proc/self/status cannot be read");
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %" SCNu64, &kibibytes) == 1)
            break;
    fclose(status);
    return (double)kibibytes * 1024;
}

static void measure_park(char **arguments)
{
    uint64_t count = number(arguments[0]), *ids = calloc(count, sizeof *ids);
    struct body body = {0};
    if (ids == NULL)
        fail("there is no memory for the goroutines' numbers");
    memset(ids, 0xff, count * sizeof *ids);
    runtime_begin();
    double resident = resident_bytes(), begin = processor_time();
    for (uint64_t i = 0; i < count; i++) {
        if (contig_go(body_park, (uint64_t)(uintptr_t)&body, &ids[i]) != CONTIG_OK)
            fail("a goroutine cannot be made");
        if ((i + 1) % BATCH == 0)
            contig_run();
    }
    uint64_t parked = contig_run();
    result("ns", (processor_time() - begin) / (double)count);
    result("bytes", (resident_bytes() - resident) / (double)count);
    if (parked != count)
        fail("a goroutine did not park");
    for (uint64_t i = 0; i < count; i++)
        contig_ready(ids[i]);
    contig_run();
    if (body.result != count)
        fail("a goroutine lost the pointer to its own slot");
    free(ids);
    runtime_finish();
}

static double cycles_time(uint64_t cycles)
{
    double begin = processor_time();
    for (uint64_t i = 0; i < cycles; i++)
        contig_gc();
    return processor_time() - begin;
}

/* Stacks of 64 KiB, almost empty: five cycles bring them back to 2 KiB, five more find nothing to do. */
static void measure_shrink(char **arguments)
{
    uint64_t count = number(arguments[0]), cycles = 5;
    const struct frames *frames = frames_find("12");
    struct bench_body body = {.levels = 65536 * 5 / 8 / 96, .rounds = 1, .park = BENCH_PARK_LAST};
    struct contig_statistics statistics;
    runtime_begin();
    for (uint64_t i = 0; i < count; i++) {
        spawn(frames->body, &body);
        contig_run();
    }
    double shrinking = cycles_time(cycles), resting = cycles_time(cycles);
    contig_read_statistics(&statistics);
    if (statistics.shrinks != count * cycles)
        fail("not every stack was halved in every cycle");
    result("ns", (shrinking - resting) / (double)(count * cycles));
    runtime_finish();
}

static void measure_core_moves(char **arguments)
{
    measure_core(frames_find(arguments[0]), number(arguments[1]), number(arguments[2]));
}

static void measure_floor_memcpy_calls(char **arguments)
{
    measure_floor_memcpy(number(arguments[0]), number(arguments[1]));
}

static void measure_floor_copies(char **arguments)
{
    measure_floor_copy(number(arguments[0]), number(arguments[1]), number(arguments[2]),
                       number(arguments[3]));
}

static void measure_floor_stackalloc_calls(char **arguments)
{
    measure_floor_stackalloc(number(arguments[0]), number(arguments[1]));
}

static const struct measure measures[] = {
    {"switch", "COUNT", measure_switch},
    {"switch-inexact", "COUNT", measure_switch_inexact},
    {"spawn", "AT-ONCE ROUNDS", measure_spawn},
    {"stackalloc", "BYTES COUNT", measure_stackalloc},
    {"growth", "FRAMES BYTES COUNT", measure_growth},
    {"fib", "N", measure_fib},
    {"park", "COUNT", measure_park},
    {"shrink", "COUNT", measure_shrink},
    {"core", "FRAMES BYTES COUNT", measure_core_moves},
    {"floor-memcpy", "BYTES COUNT", measure_floor_memcpy_calls},
    {"floor-copy", "WORDS POINTERS BYTES COUNT", measure_floor_copies},
    {"floor-stackalloc", "BYTES COUNT", measure_floor_stackalloc_calls},
    {"floor-fib", "N", measure_floor_fib_calls},
};
#define MEASURE_COUNT (sizeof measures / sizeof *measures)

static int arguments_of(const struct measure *measure)
{
    int count = 1;
    for (const char *at = measure->arguments; *at != '\0'; at++)
        count += *at == ' ';
    return count;
}

static int usage(void)
{
    printf("usage: contig_bench MEASURE ..., one of\n");
    for (size_t i = 0; i < MEASURE_COUNT; i++)
        printf("  %s %s\n", measures[i].name, measures[i].arguments);
    return output_finish(EXIT_OK);
}

static int run(const char *name, int count, char **arguments)
{
    for (size_t i = 0; i < MEASURE_COUNT; i++) {
        if (strcmp(name, measures[i].name) != 0)
            continue;
        if (count != arguments_of(&measures[i]))
            return complain("contig_bench: %s takes %s", name, measures[i].arguments);
        measures[i].run(arguments);
        return output_finish(EXIT_OK);
    }
    return complain("contig_bench: there is no measure %s; --help names them", name);
}

int main(int argc, char **argv)
{
    char name[] = "contig_bench";
    if (argc > 0)
        argv[0] = name;
    int operands = arguments_take(argc, argv, NULL, 0);
    if (operands == ARGUMENTS_HELP)
        return usage();
    if (operands == 0)
        return complain("contig_bench: a measure is missing; --help names them");
    return operands < 0 ? EXIT_USE : run(argv[1], operands - 1, argv + 2);
}
