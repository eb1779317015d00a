/* bench.h: what the files of contig_bench share: the clock, output, and the measures that stand in other files. */
#ifndef CONTIG_BENCH_BENCH_H
#define CONTIG_BENCH_BENCH_H

#include <stdint.h>

#include "src/contig.h"

/* One line: a name, a value. */
void result(const char *name, double value);

/* One sentence on standard error, and exit status 1. */
_Noreturn void fail(const char *message);

/* Nanoseconds of processor time that this process has used: what other processes do counts only through the
 * caches that they share with it. */
double processor_time(void);

/* contig_start and contig_stop, or the end of the program. */
void runtime_begin(void);
void runtime_finish(void);

/* A family of frames: what to recurse through, and the words of a frame. */
struct frames {
    const char *name;
    contig_function *body;
    uint64_t words;
};
const struct frames *frames_find(const char *name);

/* core_bench.c: copystack alone. */
void measure_core(const struct frames *frames, uint64_t stack_bytes, uint64_t count);

/* floor.c: the least that the same work can cost in C on this machine. */
void measure_floor_memcpy(uint64_t stack_bytes, uint64_t count);
void measure_floor_copy(uint64_t frame_words, uint64_t pointers, uint64_t stack_bytes,
                        uint64_t count);
void measure_floor_stackalloc(uint64_t stack_bytes, uint64_t count);

#endif
