/* scripts_test.c: traces of contig's own runtime, running random scripts, conform.
 *
 * Scripts are those that the fuzz target script_fuzz runs: spawn, recursion, yield, parking, preemption, collections,
 * small limits and failing allocations.  Each is traced into memory and replayed, with any permitted choice. */
/* For open_memstream, fork and MAP_ANONYMOUS. */
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/conform/replay.h"
#include "src/script/script.h"

#define NUM_SCRIPTS 2000
#define MAX_OPERATIONS 120
#define MEMORY_BYTES (64u << 20)

static uint64_t random_state;

static uint64_t next_random(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 11) % below;
}

/* Emptying the caches outside a collection is no event of the format: no runtime does it. */
static bool is_traced(unsigned operation)
{
    return operation != OPERATION_FLUSH;
}

/* Functions that call and check, and a schedule with collections more often than chance would have them. */
static size_t make_script(uint8_t *bytes)
{
    size_t operations = 10 + (size_t)next_random(MAX_OPERATIONS - 10);
    size_t functions = 1 + (size_t)next_random(4);

    for (size_t i = 0; i < operations * OPERATION_BYTES; i++)
        bytes[i] = (uint8_t)next_random(256);
    for (size_t f = 0; f < functions; f++)
        bytes[f * (operations / (functions + 1)) * OPERATION_BYTES] = OPERATION_FUNC;
    bytes[functions * (operations / (functions + 1)) * OPERATION_BYTES] = OPERATION_MAIN;
    for (size_t i = 0; i < operations / 6; i++) {
        static const uint8_t wanted[] = {OPERATION_GO, OPERATION_RUN, OPERATION_GC, OPERATION_CALL, OPERATION_PARK};
        bytes[(1 + next_random(operations - 1)) * OPERATION_BYTES] = wanted[next_random(sizeof wanted)];
    }
    for (size_t i = 0; i < operations; i++)
        if (!is_traced(bytes[i * OPERATION_BYTES] % OPERATION_COUNT))
            bytes[i * OPERATION_BYTES] = OPERATION_GC;
    return operations * OPERATION_BYTES;
}

/* Replays a trace; adds to the counts; prints the first deviation. */
static bool conforms(char *trace, unsigned script, struct replay_counts *sum)
{
    struct replay *replay = replay_new(NULL, false, MEMORY_BYTES);
    char *line = trace;
    bool going = true;

    while (going && *line != 0) {
        size_t length = strcspn(line, "\n");
        going = replay_line(replay, line, length);
        line += length + 1;
    }
    struct replay_verdict verdict = replay_verdict(replay);
    struct replay_counts counts = replay_counts(replay);
    sum->events += counts.events;
    sum->allocations += counts.allocations;
    sum->growths += counts.growths;
    sum->shrinks += counts.shrinks;
    if (verdict.status != REPLAY_CONFORMS)
        printf("FAILED: script %u, line %lu of its trace: %s: expected %s; found %s\n", script,
               (unsigned long)verdict.line, verdict.requirement == NULL ? "unreadable" : verdict.requirement,
               verdict.expected, verdict.found == NULL ? "-" : verdict.found);
    replay_free(replay);
    return verdict.status == REPLAY_CONFORMS;
}

static bool run_script(unsigned number, struct replay_counts *sum)
{
    static struct script script;
    uint8_t bytes[MAX_OPERATIONS * OPERATION_BYTES];
    char *trace = NULL;
    size_t trace_size = 0;
    size_t size = make_script(bytes);
    FILE *stream = open_memstream(&trace, &trace_size);

    struct script_options options = {.trace = stream};
    script_from_bytes(&script, bytes, size);
    struct script_result result = script_run(&script, &options);
    fclose(stream);
    bool passed = result.violation == NULL && conforms(trace, number, sum);
    if (result.violation != NULL)
        printf("FAILED: script %u: %s\n", number, result.violation);
    free(trace);
    return passed;
}

/* In a process of its own, as `contig replay --trace` would: a trace begins with an empty heap. */
static bool run_alone(unsigned number, struct replay_counts *sum)
{
    int status = 1;

    fflush(stdout);
    random_state = 88172645463325252u + number;
    pid_t child = fork();
    if (child == 0) {
        status = run_script(number, sum) ? 0 : 1;
        fflush(stdout);
        _exit(status);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(void)
{
    struct replay_counts *sum = mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned failed = 0;

    if (sum == MAP_FAILED)
        return 1;
    for (unsigned number = 0; number < NUM_SCRIPTS; number++)
        if (!run_alone(number, sum))
            failed++;
    printf("%u of %d scripts' traces conform: %lu events, %lu allocations, %lu growths, %lu shrinks\n",
           NUM_SCRIPTS - failed, NUM_SCRIPTS, (unsigned long)sum->events, (unsigned long)sum->allocations,
           (unsigned long)sum->growths, (unsigned long)sum->shrinks);
    return failed == 0 ? 0 : 1;
}
