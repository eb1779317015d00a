/* bench.h: what the files of contig_bench share: the clock, output, and the measures of each file. */
#ifndef CONTIG_BENCH_BENCH_H
#define CONTIG_BENCH_BENCH_H

#include <stdint.h>

#include "src/contig.h"

/* One line: a name, a value. */
void result(const char *name, double value);

/* One sentence on standard error, and exit status 1. */
_Noreturn void fail(const char *message);

/* An argument of the command line. */
uint64_t number(const char *text);

/* Nanoseconds of processor time that this process has used: what other processes do counts only through the
 * caches that they share with it. */
double processor_time(void);

/* contig_start and contig_stop, or the end of the program. */
void runtime_begin(void);
void runtime_finish(void);

/* A goroutine, or the end of the program. */
void spawn(contig_function *function, const void *context);

/* A family of frames: what to recurse through, and the words of a frame. */
struct frames {
    const char *name;
    contig_function *body;
    uint64_t words;
};
const struct frames *frames_find(const char *name);

/* Each measure gets the words of the command line after its name, as many as the table of contig_bench.c says. */
typedef void measure_function(char **arguments);

/* switch_bench.c */
measure_function measure_switch, measure_switch_inexact, measure_switch_raw, measure_robin,
    measure_spawn;

/* channel_bench.c */
measure_function measure_channel, measure_select;

/* thread_bench.c */
measure_function measure_threads_spawn, measure_threads_growth, measure_threads_pairs;

/* growth_bench.c */
measure_function measure_growth, measure_deep, measure_tail, measure_hot, measure_fib,
    measure_floor_fib;

/* memory_bench.c */
measure_function measure_park, measure_blocked, measure_idle, measure_shrink, measure_cycle,
    measure_start, measure_process;

/* heap_bench.c */
measure_function measure_stackalloc, measure_heap;

/* core_bench.c: copystack alone; and with all that the runtime does for a move. */
measure_function measure_core, measure_core_levels, measure_forced;

/* floor.c: the least that the same work can cost in C on this machine. */
measure_function measure_floor_memcpy, measure_floor_copy, measure_floor_stackalloc;

#endif
