/* started.h: a started runtime for tests in C on goroutines, its report kept as text.  On the system stack. */
#ifndef CONTIG_C_TEST_STARTED_H
#define CONTIG_C_TEST_STARTED_H

#include <stdlib.h>
#include <string.h>

#include "src/c/contig_c.h"
#include "src/testing/expect.h"

static char report_text[1 << 17];
static FILE *report;

static inline void start_with(bool check)
{
    char message[200] = "";
    memset(report_text, 0, sizeof report_text);
    report = fmemopen(report_text, sizeof report_text, "w");
    struct contig_options options = {.report = report, .check = check, .arena_bytes = 64 << 20};
    enum contig_error error = contig_start(&options, message);
    if (error != CONTIG_OK)
        fprintf(stderr, "%s\n", message);
    EXPECT(error == CONTIG_OK);
}

static inline void start(void)
{
    start_with(true);
}

static inline void stop(void)
{
    EXPECT(contig_check_all());
    EXPECT(contig_stop() == CONTIG_OK);
    fclose(report);
}

static inline bool reported(const char *text)
{
    fflush(report);
    return strstr(report_text, text) != NULL;
}

static inline uint64_t go(void (*function)(void *), void *argument)
{
    uint64_t id;
    EXPECT(contig_go_c(function, argument, NULL, &id) == CONTIG_OK);
    return id;
}

__attribute__((noinline, unused)) static long deep(long n)
{
    volatile long keep = n;
    return n == 0 ? 0 : deep(n - 1) + keep - n + 1;
}

static inline void diver(void *argument)
{
    *(long *)argument = deep(*(long *)argument);
}

#endif
