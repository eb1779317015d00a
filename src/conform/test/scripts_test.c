/* scripts_test.c: traces of contig's own runtime conform, with the exact choices of contig and every word of each move.
 *
 * scripts_test [--random=N] FILE... runs N random scripts, and those of the files.
 * They are what the fuzz target script_fuzz runs: spawn, recursion, yield, parking, preemption, collections, small
 * limits and failing allocations.  Each is traced into memory and replayed.  The exit status is 1 if one deviates. */
/* For open_memstream, fork and MAP_ANONYMOUS. */
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/command/program.h"
#include "src/conform/moves/moves.h"
#include "src/conform/test/text.h"
#include "src/core/heap/stackalloc.h"
#include "src/core/move/site_table.h"
#include "src/harness/script.h"
#include "src/harness/script_file.h"

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
        static const uint8_t wanted[] = {OPERATION_GO, OPERATION_RUN, OPERATION_GC, OPERATION_CALL,
                                         OPERATION_PARK};
        bytes[(1 + next_random(operations - 1)) * OPERATION_BYTES] =
            wanted[next_random(sizeof wanted)];
    }
    return operations * OPERATION_BYTES;
}

/* All scripts together. */
struct sum {
    struct replay_counts replay;
    struct moves_counts moves;
};

static void add_counts(struct sum *sum, struct replay_counts replay, struct moves_counts moves)
{
    sum->replay.events += replay.events;
    sum->replay.allocations += replay.allocations;
    sum->replay.growths += replay.growths;
    sum->replay.shrinks += replay.shrinks;
    sum->moves.moves += moves.moves;
    sum->moves.frames += moves.frames;
    sum->moves.words += moves.words;
    sum->moves.records += moves.records;
}

/* Replays a trace; adds to the counts; prints the first deviation.  The judge of moves needs the core that the script
 * has used. */
static bool conforms(char *trace, const char *script, struct sum *sum)
{
    stackreset();
    sites_truncate(0);
    struct replay *replay = replay_new(NULL, true, MEMORY_BYTES);
    struct moves *moves = moves_new(MEMORY_BYTES);

    if (replay != NULL && moves != NULL) {
        replay_judge_moves(replay, moves_judge, moves);
        replay_text(replay, trace);
    }
    struct replay_verdict verdict = replay_verdict(replay);
    add_counts(sum, replay_counts(replay), moves_counts(moves));
    if (verdict.status != REPLAY_CONFORMS)
        printf("FAILED: %s, line %lu of its trace: %s: expected %s; found %s\n", script,
               (unsigned long)verdict.line,
               verdict.requirement == NULL ? "unreadable" : verdict.requirement, verdict.expected,
               verdict.found == NULL ? "-" : verdict.found);
    moves_free(moves);
    replay_free(replay);
    return verdict.status == REPLAY_CONFORMS;
}

/* A collection in place of each operation that no trace shows. */
static void make_traceable(struct script *script)
{
    for (uint32_t i = 0; i < script->count; i++)
        if (!is_traced(script->operations[i].code))
            script->operations[i] = (struct operation){.code = OPERATION_GC};
}

static bool run_script(const char *name, struct script *script, struct sum *sum)
{
    char *trace = NULL;
    size_t trace_size = 0;
    FILE *stream = open_memstream(&trace, &trace_size);

    struct script_options options = {.trace = stream, .trace_moves = true};
    make_traceable(script);
    struct script_result result = script_run(script, &options);
    fclose(stream);
    bool passed = result.violation == NULL && conforms(trace, name, sum);
    if (result.violation != NULL)
        printf("FAILED: %s: %s\n", name, result.violation);
    free(trace);
    return passed;
}

/* In a process of its own, as `contig replay --trace` would: a trace begins with an empty heap. */
static bool run_alone(const char *name, struct script *script, struct sum *sum)
{
    int status = 1;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        status = run_script(name, script, sum) ? 0 : 1;
        fflush(stdout);
        _exit(status);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool run_random(unsigned number, struct script *script, struct sum *sum)
{
    uint8_t bytes[MAX_OPERATIONS * OPERATION_BYTES];
    char name[40];

    snprintf(name, sizeof name, "random script %u", number);
    random_state = 88172645463325252u + number;
    script_from_bytes(script, bytes, make_script(bytes));
    return run_alone(name, script, sum);
}

static bool run_file(const char *name, struct script *script, struct sum *sum)
{
    return script_from_file(name, script) && run_alone(name, script, sum);
}

static void print(unsigned passed, unsigned scripts, const struct sum *sum)
{
    printf("%u of %u scripts' traces conform exactly: %lu events, %lu allocations, %lu growths, "
           "%lu shrinks\n",
           passed, scripts, (unsigned long)sum->replay.events,
           (unsigned long)sum->replay.allocations, (unsigned long)sum->replay.growths,
           (unsigned long)sum->replay.shrinks);
    printf("%lu moves, %lu frames, %lu words, %lu records\n", (unsigned long)sum->moves.moves,
           (unsigned long)sum->moves.frames, (unsigned long)sum->moves.words,
           (unsigned long)sum->moves.records);
}

int main(int argc, char **argv)
{
    struct sum *sum =
        mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    static struct script script;
    unsigned failed = 0, scripts = 0;
    uint64_t random = 0;
    const struct option_form forms[] = {
        {.name = "random", .kind = OPTION_NUMBER, .place = &random, .most = 1000000},
    };
    char name[] = "scripts_test";
    int operands = program_arguments(name, "[--random=N] FILE...", argc, argv, forms,
                                     sizeof forms / sizeof *forms, 0);

    program_files(argv, operands);
    if (operands == 0 && random == 0)
        return complain("%s: an argument is missing: --random, or a file", name);
    if (sum == MAP_FAILED)
        return 1;
    for (; scripts < random; scripts++)
        failed += !run_random(scripts, &script, sum);
    for (int i = 1; i <= operands; i++, scripts++)
        failed += !run_file(argv[i], &script, sum);
    print(scripts - failed, scripts, sum);
    return failed == 0 && scripts > 0 && sum->moves.records > 0 ? 0 : 1;
}
