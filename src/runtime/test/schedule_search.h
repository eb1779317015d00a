/* schedule_search.h: which orders of a program of schedule_test.c are run, and what is printed of them. */
#ifndef CONTIG_RUNTIME_TEST_SCHEDULE_SEARCH_H
#define CONTIG_RUNTIME_TEST_SCHEDULE_SEARCH_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/runtime/test/schedule.h"

/* The first execution of a process does what no other does: it reserves memory. */
static void warm(const struct schedule_program *program)
{
    schedule_explore(program, (struct schedule_limits){.executions = 1});
}

/* All numbers of preemptions from none on, so that what is found has the fewest that it needs.  With one fewer for each
 * thread above two.  The first that is too large is the last.  *shared: executions in which several threads ran. */
static void search(const struct schedule_program *program, struct schedule_limits limits,
                   uint64_t *shared)
{
    const uint64_t preemptions = limits.preemptions + 2;
    struct schedule_count found = {.all = true};
    warm(program);
    for (uint64_t bound = 0; found.all && bound + program->threads <= preemptions; bound++) {
        *shared = 0;
        limits.preemptions = bound;
        found = schedule_explore(program, limits);
        printf("%-18s %u threads, %" PRIu64 " preemptions: %s%" PRIu64
               " executions of up to %u choices, %" PRIu64 " shared, %.1f s\n",
               program->name, program->threads, bound, found.all ? "all " : "the first ",
               found.executions, found.choices, *shared, found.seconds);
        fflush(stdout);
        require(bound == 0 || *shared != 0 || !found.all, "several threads run goroutines");
    }
}

static const struct schedule_program *named(const struct schedule_program *programs, size_t count,
                                            const char *name, uint64_t threads)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(programs[i].name, name) == 0 && programs[i].threads == threads)
            return &programs[i];
    exit(complain("schedule_test: there is no program %s for %" PRIu64 " threads", name, threads));
}

#endif
