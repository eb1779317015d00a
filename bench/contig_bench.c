/* contig_bench.c: `contig_bench MEASURE ...`: one measure of the runtime, in nanoseconds of processor time.
 *
 * bench/run starts it, once for each repetition, beside the peers' programs that do the same work; each line of
 * output is a name and a value.  Work that is not the measure's own (spawning, recursion on a stack that is
 * already large) is measured by itself and subtracted, here and in the peers. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/bodies.h"
#include "src/command/arguments.h"
#include "src/command/output.h"

static const struct frames families[] = {{"12", bench_12, 12},
                                         {"40", bench_40, 40},
                                         {"12-turns", bench_12_turns, 12},
                                         {"40-dense", bench_40_dense, 40},
#define BENCH_FAMILY(name, words) {#name, bench_##name, words},
                                         BENCH_SIZES(BENCH_FAMILY) BENCH_POINTERS(BENCH_FAMILY)};

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

uint64_t number(const char *text)
{
    uint64_t value;
    if (!argument_number("contig_bench", "an argument", text, 0, UINT64_MAX, &value))
        exit(EXIT_USE);
    return value;
}

void spawn(contig_function *function, const void *context)
{
    if (contig_go(function, (uint64_t)(uintptr_t)context, NULL) != CONTIG_OK)
        fail("a goroutine cannot be made");
}

struct measure {
    const char *name, *arguments;
    measure_function *run;
};

static const struct measure measures[] = {
    {"switch", "COUNT", measure_switch},
    {"switch-inexact", "COUNT", measure_switch_inexact},
    {"switch-raw", "COUNT", measure_switch_raw},
    {"robin", "GOROUTINES ROUNDS", measure_robin},
    {"spawn", "AT-ONCE ROUNDS", measure_spawn},
    {"channel", "CAPACITY COUNT", measure_channel},
    {"select", "COUNT", measure_select},
    {"blocked", "COUNT", measure_blocked},
    {"threads-spawn", "THREADS ROUNDS", measure_threads_spawn},
    {"threads-growth", "THREADS BYTES COUNT", measure_threads_growth},
    {"threads-pairs", "THREADS PAIRS COUNT", measure_threads_pairs},
    {"stackalloc", "BYTES LIVE COUNT", measure_stackalloc},
    {"heap", "BLOCKS COUNT", measure_heap},
    {"growth", "FRAMES BYTES COUNT", measure_growth},
    {"deep", "FRAMES LEVELS COUNT", measure_deep},
    {"tail", "FRAMES BYTES COUNT", measure_tail},
    {"hot", "FIRST LEVELS ROUNDS", measure_hot},
    {"fib", "N", measure_fib},
    {"park", "COUNT", measure_park},
    {"idle", "USED-BYTES COUNT", measure_idle},
    {"shrink", "COUNT", measure_shrink},
    {"cycle", "GOROUTINES CYCLES", measure_cycle},
    {"start", "", measure_start},
    {"process", "", measure_process},
    {"core", "FRAMES BYTES COUNT", measure_core},
    {"core-levels", "FRAMES LEVELS COUNT", measure_core_levels},
    {"forced", "COUNT", measure_forced},
    {"floor-memcpy", "BYTES COUNT", measure_floor_memcpy},
    {"floor-copy", "WORDS POINTERS BYTES COUNT", measure_floor_copy},
    {"floor-stackalloc", "BYTES COUNT", measure_floor_stackalloc},
    {"floor-fib", "N", measure_floor_fib},
};
#define MEASURE_COUNT (sizeof measures / sizeof *measures)

static int arguments_of(const struct measure *measure)
{
    int count = *measure->arguments != '\0';
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
