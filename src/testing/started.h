/* started.h: a started runtime for tests, its report kept as text.  Called by those of src/runtime/test and spec. */
#ifndef CONTIG_TESTING_STARTED_H
#define CONTIG_TESTING_STARTED_H

#include <string.h>

#include "src/bodies/bodies.h"
#include "src/runtime/runtime.h"
#include "src/testing/processes.h"

static char report_text[1 << 16];

static inline void start_with(struct contig_options options)
{
    char message[200] = "";
    if (options.arena_bytes == 0)
        options.arena_bytes = 16 << 20;
    if (options.report == NULL)
        options.report = fmemopen(report_text, sizeof report_text, "w");
    enum contig_error error = contig_start(&options, message);
    if (error != CONTIG_OK)
        fprintf(stderr, "%s\n", message);
    EXPECT(error == CONTIG_OK);
}

static inline bool reported(const char *text)
{
    fflush(contig_sched.options.report);
    return strstr(report_text, text) != NULL;
}

static inline uint64_t go(contig_function *function, struct body *body)
{
    uint64_t id;
    EXPECT(contig_go(function, (uint64_t)(uintptr_t)body, &id) == CONTIG_OK);
    return id;
}

static inline struct contig_statistics statistics(void)
{
    struct contig_statistics now;
    contig_read_statistics(&now);
    return now;
}

static inline uint64_t stack_size(uint64_t id)
{
    uint64_t low, high, pointer;
    EXPECT(contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK);
    return high - low;
}

static inline void stop(void)
{
    EXPECT(contig_check_all());
    EXPECT(contig_stop() == CONTIG_OK);
}

#endif
