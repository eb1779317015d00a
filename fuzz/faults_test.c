/* faults_test.c: every script of the repository under every fault: the allocation with each index fails, a move and
 * preemption at every n-th call, no room for the n-th that waits, no caches, freed pages closed, each maximum stack
 * size.
 *
 * faults_test SCRIPT... runs them in a process of its own, so that a crash names the script. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/command/program.h"
#include "src/harness/script.h"
#include "src/harness/script_file.h"

#define EVERY_MAX 8u
/* Scripts that allocate more often have their first and last allocations fail. */
#define FAILURES_MAX 96u

static uint64_t runs;

static bool good(const char *name, const struct script *script, struct script_options options,
                 const char *fault, uint64_t number, struct script_result *result)
{
    struct script_result own;
    result = result == NULL ? &own : result;
    *result = script_run(script, &options);
    runs++;
    if (result->violation != NULL)
        printf("%s with %s %llu: oracle %s: %s\n", name, fault, (unsigned long long)number,
               result->oracle, result->violation);
    return result->violation == NULL;
}

static bool all_faults(const char *name, const struct script *script)
{
    struct script_result plain;
    bool well = good(name, script, (struct script_options){0}, "no fault", 0, &plain);
    for (uint64_t k = 1; well && k <= plain.allocations + 1; k++) {
        if (k == FAILURES_MAX && plain.allocations > 2 * FAILURES_MAX)
            k = plain.allocations - FAILURES_MAX;
        well = good(name, script, (struct script_options){.fail_allocation = k},
                    "failing allocation", k, NULL);
    }
    for (uint32_t every = 1; well && every <= EVERY_MAX; every++)
        well = good(name, script, (struct script_options){.move_every = every},
                    "a move at every call number", every, NULL) &&
               good(name, script, (struct script_options){.preempt_every = every},
                    "preemption at every call number", every, NULL) &&
               good(name, script, (struct script_options){.waits = every}, "no wait after number",
                    every, NULL);
    well = well &&
           good(name, script, (struct script_options){.no_caches = true}, "no caches", 0, NULL);
    well = well && good(name, script, (struct script_options){.unmap = true}, "freed pages closed",
                        0, NULL);
    for (uint64_t maximum = 2048; well && maximum <= SCRIPT_ARENA_BYTES; maximum *= 2)
        well = good(name, script, (struct script_options){.maximum_stack = maximum},
                    "maximum stack size", maximum, NULL) &&
               good(name, script,
                    (struct script_options){
                        .maximum_stack = maximum, .move_every = 1, .no_caches = true},
                    "moves, no caches, maximum", maximum, NULL);
    return well;
}

static int setting(const char *name, int otherwise)
{
    const char *value = getenv(name);
    return value == NULL ? otherwise : atoi(value);
}

/* The scripts of a process; the name of the one that runs is printed by the parent if the process dies. */
static int run_all(int argc, char **argv, int shard, int shards, int report)
{
    static struct script script;
    int failed = 0;
    for (int i = 1 + shard; i < argc; i += shards) {
        if (write(report, &i, sizeof i) != sizeof i)
            return 1;
        if (!script_from_file(argv[i], &script) || !all_faults(argv[i], &script))
            failed = 1;
    }
    printf("%llu runs of %d scripts\n", (unsigned long long)runs, argc - 1);
    fflush(stdout);
    return failed;
}

int main(int argc, char **argv)
{
    int shards = setting("TEST_TOTAL_SHARDS", 1), shard = setting("TEST_SHARD_INDEX", 0), report[2],
        last = 0, i, status = 0;
    char name[] = "faults_test";
    program_files(argv, program_arguments(name, "SCRIPT...", argc, argv, NULL, 0, 1));
    const char *touch = getenv("TEST_SHARD_STATUS_FILE");
    FILE *touched = touch == NULL ? NULL : fopen(touch, "w");
    if (touched != NULL)
        fclose(touched);
    if (pipe(report) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        close(report[0]);
        _exit(run_all(argc, argv, shard, shards, report[1]));
    }
    close(report[1]);
    while (read(report[0], &i, sizeof i) == sizeof i)
        last = i;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    if (WIFSIGNALED(status))
        printf("%s: ended by signal %d\n", argv[last], WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
