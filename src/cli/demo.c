/* demo.c: `contig demo`: goroutines that grow, move and shrink, and that check themselves.
 *
 * Each demonstration starts the runtime, runs assembly bodies (src/bodies) that compare every word they rely on
 * through pointers that have moved, stops the runtime, and fails unless every byte of stack came back. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/bodies/bodies.h"
#include "src/cli/command.h"
#include "src/contig.h"

/* Bytes that a frame of `deep` takes: 96 of locals, the saved frame pointer, the return address. */
#define DEEP_FRAME_BYTES 112u
#define LARGEST_STACK_BYTES (UINT64_C(512) << 20)
#define ARENA_BYTES_MIN UINT64_C(32768)
#define ARENA_BYTES_MAX (UINT64_C(64) << 30)

/* Of a demonstration among all: nobody takes what it prints, nor what the next ones would print.  Above the others. */
#define UNWRITTEN 3

struct demo {
    const char *name, *argument, *what;
    uint64_t usual, least, most;
    bool (*run)(uint64_t argument);
};

/* Why the demonstration that runs can show nothing, or NULL. */
static const char *undecided;

static struct body *moving_body;
static uint64_t moves;

static void show_move(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    (void)id;
    moves++;
    moving_body->moved = 1;
    result_row(new_bytes > old_bytes ? "growth" : "shrink", old_bytes, new_bytes, used_bytes);
}

static uint64_t context_of(const struct body *body)
{
    return (uint64_t)(uintptr_t)body;
}

/* The system or the arena has no memory: nothing was shown by that. */
static bool is_refusal(enum contig_error error)
{
    return error == CONTIG_OUT_OF_STACK_MEMORY || error == CONTIG_OUT_OF_MEMORY;
}

/* Returns `good`; says what was expected if it is not. */
static bool expect(bool good, const char *what)
{
    enum contig_error error = contig_last_error(NULL);
    if (is_refusal(error))
        undecided = contig_error_name(error);
    if (!good && undecided == NULL)
        complain("demo: expected %s", what);
    return good;
}

static bool spawn(contig_function *function, const struct body *body, uint64_t *id)
{
    enum contig_error error = contig_go(function, context_of(body), id);
    if (is_refusal(error))
        undecided = contig_error_name(error);
    return expect(error == CONTIG_OK, "a new goroutine");
}

static void statistics_show(const struct contig_statistics *statistics)
{
    result_number("growths", statistics->growths);
    result_number("shrinks", statistics->shrinks);
    result_number("bytes copied", statistics->copied_bytes);
    if (statistics->checks != 0)
        result_number("invariant checks", statistics->checks);
}

/* Runs `function` alone to its end; false if it was ended by an error. */
static bool run_alone(contig_function *function, const struct body *body)
{
    if (!spawn(function, body, NULL))
        return false;
    contig_run();
    return expect(contig_last_error(NULL) == CONTIG_OK, "no error");
}

static bool demo_fib(uint64_t n)
{
    struct body body = {.argument = n};
    uint64_t previous = 0, expected = n == 0 ? 0 : 1;
    for (uint64_t i = 2; i <= n; i++) {
        uint64_t next = previous + expected;
        previous = expected;
        expected = next;
    }
    bool good = run_alone(body_fib, &body);
    result_number("n", n);
    result_number("fib(n)", body.result);
    return good && expect(body.result == expected, "the number that a loop adds up");
}

static bool demo_deep(uint64_t bytes)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t low, high, pointer, id, size = 2048, doublings = 0;
    moving_body = &body;
    moves = 0;
    command_moved = show_move;
    bool good = spawn(body_deep, &body, &id) &&
                contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK && high - low == size;
    contig_run();
    contig_read_statistics(&statistics);
    for (; size < bytes + DEEP_FRAME_BYTES; size *= 2)
        doublings++;
    result_number("frames", body.result);
    result_number("walks of all frames", body.walks);
    statistics_show(&statistics);
    return good && expect(contig_last_error(NULL) == CONTIG_OK, "no error") &&
           expect(body.result == body.argument + 1, "all frames to return") &&
           expect(body.walks == moves, "every frame to be in place after each move") &&
           expect(moves >= doublings, "a move for each doubling") &&
           expect(statistics.copied_bytes <= 2 * LARGEST_STACK_BYTES,
                  "growth to copy at most twice the largest size");
}

static bool demo_frames(uint64_t levels)
{
    struct body mixed = {.argument = levels}, odd = {.argument = levels},
                list = {.argument = levels};
    struct contig_statistics statistics;
    bool good =
        run_alone(body_mixed, &mixed) && run_alone(body_odd, &odd) && run_alone(body_list, &list);
    contig_read_statistics(&statistics);
    result_number("frames of 16 B to 1 MiB", mixed.result);
    result_number("sum over a list in frames", list.result);
    statistics_show(&statistics);
    return good && expect(mixed.result == levels + 1, "all frames to return") &&
           expect(list.result == levels * (levels + 1) / 2, "the sum over the list");
}

static bool demo_million(uint64_t count)
{
    struct body body = {0};
    struct contig_statistics statistics;
    uint64_t before = peak_memory_bytes(), *ids = malloc((count + 1) * sizeof *ids), made = 0,
             ready = 0;
    if (ids == NULL) {
        undecided = "no memory for the numbers of the goroutines";
        return false;
    }
    progress_begin("goroutines parked");
    while (made < count && spawn(body_park, &body, &ids[made])) {
        made++;
        contig_step();
        if (made % 4096 == 0)
            progress_step(made, count);
    }
    uint64_t parked = contig_run();
    contig_read_statistics(&statistics);
    uint64_t taken = before + (count + 1) * sizeof *ids, peak = peak_memory_bytes();
    peak = peak > taken ? peak - taken : 0;
    for (; ready < made && contig_ready(ids[ready]) == CONTIG_OK; ready++)
        ;
    contig_run();
    free(ids);
    result_number("parked at once", parked);
    result_number("resumed and verified", body.result);
    result_number("peak bytes per goroutine", count == 0 ? 0 : peak / count);
    if (statistics.checks != 0)
        result_number("invariant checks", statistics.checks);
    return expect(made == count && parked == count, "all goroutines to be parked at once") &&
           expect(body.result == count, "every goroutine to find its pointer right");
}

static bool demo_shrink(uint64_t bytes)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t id, low, high, pointer, size, cycles = 0;
    moving_body = &body;
    command_moved = show_move;
    bool good = spawn(body_shrink, &body, &id);
    contig_run();
    good = good && contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK;
    for (size = good ? high - low : 0; good && size > 2048; size = high - low) {
        contig_gc();
        cycles++;
        good =
            contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK && high - low == size / 2;
    }
    good = good && contig_ready(id) == CONTIG_OK && contig_run() == 0;
    contig_read_statistics(&statistics);
    result_number("cycles", cycles);
    statistics_show(&statistics);
    return expect(good, "one halving a cycle") &&
           expect(body.result == body.argument + 2, "all frames to return") &&
           expect(statistics.shrinks == cycles && statistics.errors == 0, "one shrink a cycle");
}

static bool demo_overflow(uint64_t others)
{
    struct body endless = {0}, deep = {.argument = 1000};
    struct contig_statistics statistics;
    uint64_t ended, id = 0, made = 0;
    for (; made < others / 2; made++)
        if (!spawn(body_deep, &deep, NULL))
            return false;
    bool good = spawn(body_overflow, &endless, &id);
    for (; good && made < others; made++)
        good = spawn(body_deep, &deep, NULL);
    contig_run();
    contig_read_statistics(&statistics);
    enum contig_error error = contig_last_error(&ended);
    result_number("dead", statistics.errors);
    result_text("because of", contig_error_name(error));
    result_number("others that finished", deep.result / (deep.argument + 1));
    return good &&
           expect(statistics.errors == 1 && error == CONTIG_STACK_OVERFLOW && ended == id,
                  "one stack overflow") &&
           expect(deep.result == others * (deep.argument + 1), "all others to finish");
}

static bool demo_hotsplit(uint64_t rounds)
{
    struct body once = {.argument = 100, .levels = 1}, often = {.argument = 100, .levels = rounds};
    struct contig_statistics first, both;
    bool good = run_alone(body_hotsplit, &once);
    contig_read_statistics(&first);
    good = run_alone(body_hotsplit, &often) && good;
    contig_read_statistics(&both);
    result_number("calls over the boundary", rounds);
    result_number("growths with one call", first.growths);
    result_number("growths with all calls", both.growths - first.growths);
    return good &&
           expect(both.growths - first.growths <= first.growths,
                  "no growth after the first call") &&
           expect(often.result == rounds * (often.argument + 1), "all frames to return");
}

static const struct demo demos[] = {
    {"fib", "N", "the Nth Fibonacci number by double recursion", 30, 0, 50, demo_fib},
    {"deep", "BYTES", "recursion to BYTES; lists each growth and follows every pointer after it",
     268435456, 0, 536000000, demo_deep},
    {"frames", "LEVELS", "frames of 16 bytes to 1 MiB, odd values in slots, a list through frames",
     200, 0, 3000, demo_frames},
    {"million", "N", "N parked goroutines, each with a pointer into its own stack", 1000000, 0,
     16000000, demo_million},
    {"shrink", "BYTES", "a stack of BYTES comes back to 2048, one halving a cycle", 16777216, 0,
     536000000, demo_shrink},
    {"overflow", "OTHERS", "one goroutine recurses for ever; the OTHERS go on", 100, 0, 100000,
     demo_overflow},
    {"hotsplit", "ROUNDS", "ROUNDS calls over a stack boundary cost one growth", 1000000, 1,
     1000000000, demo_hotsplit},
};
#define DEMO_COUNT (sizeof demos / sizeof *demos)

static int demo_run(const struct demo *demo, uint64_t argument,
                    const struct command_options *options)
{
    command_moved = NULL;
    undecided = NULL;
    if (!runtime_begin(options, false))
        return EXIT_USE;
    if (!result_begin(options->json, demo->name))
        return EXIT_USE;
    progress_begin(demo->name);
    int status = demo->run(argument) ? EXIT_OK : EXIT_WRONG;
    int finished = runtime_finish();
    if (status == EXIT_WRONG && undecided != NULL)
        status = complain("demo: %s could not be shown: %s", demo->name, undecided);
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
           "[--arena=BYTES]\n\n");
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
          "                  (also: CONTIG_ARENA)\n\n"
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
