/* schedule.h: runs a short program of the real runtime once for each order in which its threads can go on.
 *
 * Stateless model checking (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded
 * Programs", PLDI 2007).  One thread goes on at a time.  Before each atomic operation (sync.h, with CONTIG_SCHEDULE)
 * another one may: that is a preemption.  All schedules with at most so many preemptions are run; where a thread waits,
 * all choices of the next one are tried, at no cost.  Plain reads and writes between two atomics are one step: that no
 * two threads meet there is ThreadSanitizer's to show.  Memory is sequentially consistent here.
 *
 * What is wrong ends the process: a failed EXPECT, a crash, threads that all wait, an execution without an end.  The
 * schedule is printed, and --schedule of schedule_test runs it again.  Called by schedule_test.c. */
#ifndef CONTIG_RUNTIME_TEST_SCHEDULE_H
#define CONTIG_RUNTIME_TEST_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_THREADS_MAX 8u

/* A program, from contig_start to contig_stop, for so many threads; run by the first. */
struct schedule_program {
    const char *name;
    void (*run)(uint32_t threads);
    uint32_t threads;
};

struct schedule_count {
    uint64_t executions;
    uint32_t choices; /* in the longest execution: places where more than one thread could go on */
    bool all;         /* false: a limit was reached */
    double seconds;
};

/* All schedules with at most so many preemptions are run, or those that fit into the other two. */
struct schedule_limits {
    uint64_t preemptions, executions, seconds;
};

struct schedule_count schedule_explore(const struct schedule_program *program,
                                       struct schedule_limits limits);

/* The one schedule that was printed; text that is none is the caller's mistake, and false. */
bool schedule_repeat(const struct schedule_program *program, const char *text);

/* From true to false nothing is tried: a thread goes on until it waits.  For what a program prepares. */
void schedule_calm(bool wanted);

#endif
