/* demo.c: `contig demo`: goroutines that grow, move and shrink, and that check themselves.
 *
 * Each demonstration starts the runtime, runs assembly bodies (src/bodies) that compare every word they rely on
 * through pointers that have moved, stops the runtime, and fails unless every byte of stack came back. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/cli/command.h"
#include "src/cli/demo.h"

#define ARENA_BYTES_MIN UINT64_C(32768)
#define ARENA_BYTES_MAX (UINT64_C(64) << 30)
#define PROCS_MAX 64u

/* Of a demonstration among all: nobody takes what it prints, nor what the next ones would print.  Above the others. */
#define UNWRITTEN 3

static const struct demo demos[] = {
    {"fib", "N", "the Nth Fibonacci number by double recursion", 30, 0, 50, demo_fib},
    {"deep", "BYTES", "recursion to BYTES; lists each growth and follows every pointer after it",
     268435456, 0, 536000000, demo_deep},
    {"frames", "LEVELS", "frames of 16 bytes to 1 MiB, odd values in slots, a list through frames",
     200, 0, 3000, demo_frames},
    {"million", "N",
     "N parked goroutines, each with a pointer into its own stack; and N on channels", 1000000, 0,
     16000000, demo_million},
    {"shrink", "BYTES", "a stack of BYTES comes back to 2048, one halving a cycle", 16777216, 0,
     536000000, demo_shrink},
    {"overflow", "OTHERS", "one goroutine recurses for ever; the OTHERS go on", 100, 0, 100000,
     demo_overflow},
    {"hotsplit", "ROUNDS", "ROUNDS calls over a stack boundary cost one growth", 1000000, 1,
     1000000000, demo_hotsplit},
    {"ring", "N", "a token goes three times around N goroutines, from stack to stack", 2000, 2,
     1000000, demo_ring},
    {"sieve", "N", "the first N primes, by a chain of goroutines with a filter each", 500, 1, 5000,
     demo_sieve},
    {"select", "N", "four goroutines send N numbers each, and a fifth selects among them", 100000,
     1, 10000000, demo_select},
};
#define DEMO_COUNT (sizeof demos / sizeof *demos)

static int demo_run(const struct demo *demo, uint64_t argument,
                    const struct command_options *options)
{
    command_moved = NULL;
    demo_undecided = NULL;
    if (!runtime_begin(options, false))
        return EXIT_USE;
    if (!result_begin(options->json, demo->name))
        return EXIT_USE;
    progress_begin(demo->name);
    int status = demo->run(argument) ? EXIT_OK : EXIT_WRONG;
    int finished = runtime_finish();
    if (status == EXIT_WRONG && demo_undecided != NULL)
        status = complain("demo: %s could not be shown: %s", demo->name, demo_undecided);
    status = finished > status ? finished : status;
    result_end(status);
    return status;
}

/* What became of a child: a crash is wrong; the system's own kill, for want of memory, decides nothing. */
static int status_of(const struct demo *demo, int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGPIPE) {
        complain("cannot write the standard output: %s", strerror(EPIPE));
        return UNWRITTEN;
    }
    complain("demo: %s was ended by signal %d", demo->name, WTERMSIG(status));
    return WTERMSIG(status) == SIGKILL ? EXIT_USE : EXIT_WRONG;
}

/* In the child. */
static int demo_run_whole(const struct demo *demo, const struct command_options *options)
{
    int status = demo_run(demo, demo->usual, options);
    return output_written() ? output_finish(status) : UNWRITTEN;
}

/* A process of its own, so that the peak memory of one demonstration is not that of another. */
static int demo_run_apart(const struct demo *demo, const struct command_options *options)
{
    int status = 0;
    if (!output_written())
        return UNWRITTEN;
    pid_t child = fork(), ended = child;
    if (child == 0)
        _exit(demo_run_whole(demo, options));
    while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
        ;
    if (ended < 0)
        return complain("demo: cannot start a process for %s: %s", demo->name, strerror(errno));
    return status_of(demo, status);
}

static int demo_all(const struct command_options *options)
{
    int worst = EXIT_OK;
    for (size_t i = 0; i < DEMO_COUNT && worst != UNWRITTEN; i++) {
        int status = demo_run_apart(&demos[i], options);
        worst = status > worst ? status : worst;
    }
    return worst == UNWRITTEN ? EXIT_USE : worst;
}

static int usage(void)
{
    printf("usage: contig demo NAME [ARGUMENT] [--check] [--trace[=FILE]] [--moves] [--json] "
           "[--arena=BYTES] [--procs=N]\n\n");
    for (size_t i = 0; i < DEMO_COUNT; i++)
        printf("  %-10s %-8s %s (%" PRIu64 ")\n", demos[i].name, demos[i].argument, demos[i].what,
               demos[i].usual);
    printf("  %-10s %-8s all of these, each in a process of its own\n\n", "all", "");
    fputs("  --check         runs the invariant checkers after every operation on stacks; a guard "
          "page below each\n"
          "                  large one\n"
          "  --trace[=FILE]  one line per event (spec/trace.md) into FILE, which is overwritten, "
          "or to the standard\n"
          "                  output, between the results; of one demonstration, not of all\n"
          "  --moves         with --trace: each move's frames, maps, records and words, too "
          "(contig conform --moves)\n"
          "  --json          one object per demonstration\n"
          "  --arena BYTES   reserves so many bytes of addresses for stacks, a multiple of 32768, "
          "instead of 64 GiB\n"
          "                  (also: CONTIG_ARENA)\n"
          "  --procs N       N threads run goroutines, up to 64, instead of one; without --check "
          "and --trace\n"
          "                  (also: CONTIG_PROCS)\n\n"
          "Exit status: 0 passed, 1 failed, 2 wrong use, or not decided: no memory, or output that "
          "cannot be written.\n",
          stdout);
    return EXIT_OK;
}

static const struct demo *demo_named(const char *name)
{
    for (size_t i = 0; i < DEMO_COUNT; i++)
        if (strcmp(name, demos[i].name) == 0)
            return &demos[i];
    complain("there is no demo %s; contig demo --help names them", name);
    return NULL;
}

/* The operands: a demonstration and its argument, or `all`. */
static bool operands_take(int operands, char **argv, struct demo_request *request)
{
    if (operands == 0) {
        complain("demo: the name of a demonstration is missing; contig demo --help names them");
        return false;
    }
    bool all = strcmp(argv[1], "all") == 0;
    if (operands > (all ? 1 : 2)) {
        complain("demo: one argument too many: %s", argv[all ? 2 : 3]);
        return false;
    }
    if (all && request->options.trace != NULL) {
        complain("demo: --trace is for one demonstration: all of them would be no one trace");
        return false;
    }
    if (request->options.moves && request->options.trace == NULL) {
        complain("demo: --moves is for --trace: there is nothing to write them into");
        return false;
    }
    request->demo = all ? NULL : demo_named(argv[1]);
    if (request->demo == NULL)
        return all;
    request->argument = request->demo->usual;
    return operands == 1 ||
           argument_number("demo", request->demo->argument, argv[2], request->demo->least,
                           request->demo->most, &request->argument);
}

int demo_options(int argc, char **argv, struct demo_request *request)
{
    *request = (struct demo_request){0};
    struct command_options *options = &request->options;
    const struct option_form forms[] = {
        {.name = "check", .kind = OPTION_FLAG, .place = &options->check},
        {.name = "json", .kind = OPTION_FLAG, .place = &options->json},
        {.name = "moves", .kind = OPTION_FLAG, .place = &options->moves},
        {.name = "trace", .kind = OPTION_OPTIONAL, .place = &options->trace, .otherwise = "-"},
        {.name = "arena",
         .kind = OPTION_NUMBER,
         .place = &options->arena_bytes,
         .least = ARENA_BYTES_MIN,
         .most = ARENA_BYTES_MAX},
        {.name = "procs",
         .kind = OPTION_NUMBER,
         .place = &options->procs,
         .least = 1,
         .most = PROCS_MAX},
    };
    int operands = arguments_take(argc, argv, forms, sizeof forms / sizeof *forms);
    if (operands < 0)
        return operands;
    return operands_take(operands, argv, request) ? operands : ARGUMENTS_WRONG;
}

int demo_main(int argc, char **argv)
{
    struct demo_request request;
    int operands = demo_options(argc, argv, &request);
    if (operands < 0)
        return operands == ARGUMENTS_HELP ? usage() : EXIT_USE;
    if (request.demo == NULL)
        return demo_all(&request.options);
    return demo_run(request.demo, request.argument, &request.options);
}
