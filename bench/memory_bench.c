/* memory_bench.c: what goroutines that wait keep, what a garbage collection cycle does for them, and the first one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/bodies.h"
#include "src/bodies/bodies.h"

/* Goroutines that are runnable at once: half of what a Go P queues without its global list. */
#define BATCH 128u

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

void measure_park(char **arguments)
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

/* The same of goroutines that wait to receive from one channel, which is closed in the end. */
void measure_blocked(char **arguments)
{
    uint64_t count = number(arguments[0]);
    struct bench_body body = {.rounds = 1};
    struct contig_statistics statistics;
    runtime_begin();
    if (contig_chan_make(sizeof(uint64_t), 0, &body.channels[0]) != CONTIG_OK)
        fail("a channel cannot be made");
    double resident = resident_bytes(), begin = processor_time();
    for (uint64_t i = 0; i < count; i++) {
        spawn(bench_receive, &body);
        if ((i + 1) % BATCH == 0)
            contig_run();
    }
    uint64_t blocked = contig_run();
    result("ns", (processor_time() - begin) / (double)count);
    result("bytes", (resident_bytes() - resident) / (double)count);
    contig_chan_close(body.channels[0]);
    contig_run();
    contig_read_statistics(&statistics);
    if (blocked != count || statistics.goroutines != 0)
        fail("a goroutine did not wait, or was not woken");
    runtime_finish();
}

static double cycles_time(uint64_t cycles)
{
    double begin = processor_time();
    for (uint64_t i = 0; i < cycles; i++)
        contig_gc();
    return processor_time() - begin;
}

/* Makes so many goroutines that used `used_bytes` of stack, returned from there and wait. */
static void idle_make(uint64_t count, uint64_t used_bytes)
{
    const struct frames *frames = frames_find("12");
    static struct bench_body body = {.rounds = 1, .park = BENCH_PARK_LAST};
    body.levels = used_bytes / 96;
    for (uint64_t i = 0; i < count; i++) {
        spawn(frames->body, &body);
        contig_run();
    }
}

/* Stacks of 64 KiB, almost empty: the first cycle halves each, five bring them back to 2 KiB, the next find nothing to
 * do. */
void measure_shrink(char **arguments)
{
    uint64_t count = number(arguments[0]);
    struct contig_statistics statistics;
    runtime_begin();
    idle_make(count, 65536 * 5 / 8);
    double shrinking = cycles_time(1);
    contig_read_statistics(&statistics);
    if (statistics.shrinks != count)
        fail("not every stack was halved");
    cycles_time(5);
    result("ns", (shrinking - cycles_time(1)) / (double)count);
    runtime_finish();
}

/* A cycle over goroutines that wait on the smallest stacks, for each of them. */
void measure_cycle(char **arguments)
{
    uint64_t count = number(arguments[0]), cycles = number(arguments[1]);
    runtime_begin();
    idle_make(count, 0);
    cycles_time(2);
    result("ns", cycles_time(cycles) / (double)(cycles * count));
    runtime_finish();
}

/* Resident memory of each goroutine that waits, after two cycles. */
void measure_idle(char **arguments)
{
    uint64_t used_bytes = number(arguments[0]), count = number(arguments[1]);
    runtime_begin();
    double resident = resident_bytes(), begin = processor_time();
    idle_make(count, used_bytes);
    result("ns", (processor_time() - begin) / (double)count);
    cycles_time(2);
    result("bytes", (resident_bytes() - resident) / (double)count);
    runtime_finish();
}

/* From contig_start to the end of the first goroutine. */
void measure_start(char **arguments)
{
    (void)arguments;
    double resident = resident_bytes(), begin = processor_time();
    runtime_begin();
    spawn(body_return, NULL);
    contig_run();
    result("ns", processor_time() - begin);
    result("bytes", resident_bytes() - resident);
    runtime_finish();
}

/* From the start of the process to there. */
void measure_process(char **arguments)
{
    (void)arguments;
    runtime_begin();
    spawn(body_return, NULL);
    contig_run();
    result("ns", processor_time());
    result("bytes", resident_bytes());
    runtime_finish();
}
