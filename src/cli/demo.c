/* demo.c: `contig demo`: goroutines that grow, move and shrink, and that check themselves.
 *
 * Each demonstration starts the runtime, runs assembly bodies (src/bodies) that compare every word they rely on
 * through pointers that have moved, stops the runtime, and fails unless every byte of stack came back. */
#include <inttypes.h>
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

struct demo {
    const char *name, *argument, *what;
    uint64_t usual, maximum;
    bool (*run)(uint64_t argument, const struct command_options *options);
};

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

static bool spawn(contig_function *function, const struct body *body, uint64_t *id)
{
    enum contig_error error = contig_go(function, context_of(body), id);
    if (error != CONTIG_OK)
        fprintf(stderr, "contig: cannot make a goroutine: %s\n", contig_error_name(error));
    return error == CONTIG_OK;
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
    return contig_last_error(NULL) == CONTIG_OK;
}

static bool demo_fib(uint64_t n, const struct command_options *options)
{
    struct body body = {.argument = n};
    (void)options;
    uint64_t previous = 0, expected = n == 0 ? 0 : 1;
    for (uint64_t i = 2; i <= n; i++) {
        uint64_t next = previous + expected;
        previous = expected;
        expected = next;
    }
    bool good = run_alone(body_fib, &body);
    result_number("n", n);
    result_number("fib(n)", body.result);
    return good && body.result == expected;
}

static bool demo_deep(uint64_t bytes, const struct command_options *options)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t low, high, pointer, id, size = 2048, doublings = 0;
    (void)options;
    moving_body = &body;
    moves = 0;
    command_moved = show_move;
    bool good = spawn(body_deep, &body, &id) && contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK && high - low == size;
    contig_run();
    contig_read_statistics(&statistics);
    for (; size < bytes + DEEP_FRAME_BYTES; size *= 2)
        doublings++;
    result_number("frames", body.result);
    result_number("walks of all frames", body.walks);
    statistics_show(&statistics);
    return good && contig_last_error(NULL) == CONTIG_OK && body.result == body.argument + 1 && body.walks == moves && moves >= doublings &&
           statistics.copied_bytes <= 2 * LARGEST_STACK_BYTES;
}

static bool demo_frames(uint64_t levels, const struct command_options *options)
{
    struct body mixed = {.argument = levels}, odd = {.argument = levels}, list = {.argument = levels};
    struct contig_statistics statistics;
    (void)options;
    bool good = run_alone(body_mixed, &mixed) && run_alone(body_odd, &odd) && run_alone(body_list, &list);
    contig_read_statistics(&statistics);
    result_number("frames of 16 B to 1 MiB", mixed.result);
    result_number("sum over a list in frames", list.result);
    statistics_show(&statistics);
    return good && mixed.result == levels + 1 && list.result == levels * (levels + 1) / 2;
}

static bool demo_million(uint64_t count, const struct command_options *options)
{
    struct body body = {0};
    struct contig_statistics statistics;
    uint64_t before = peak_memory_bytes(), *ids = malloc((count + 1) * sizeof *ids), made = 0, ready = 0;
    (void)options;
    if (ids == NULL) {
        fprintf(stderr, "contig: no memory for the numbers of %" PRIu64 " goroutines\n", count);
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
    uint64_t peak = peak_memory_bytes() - before - (count + 1) * sizeof *ids;
    for (; ready < made && contig_ready(ids[ready]) == CONTIG_OK; ready++)
        ;
    contig_run();
    free(ids);
    result_number("parked at once", parked);
    result_number("resumed and verified", body.result);
    result_number("peak bytes per goroutine", count == 0 ? 0 : peak / count);
    if (statistics.checks != 0)
        result_number("invariant checks", statistics.checks);
    return made == count && parked == count && body.result == count;
}

static bool demo_shrink(uint64_t bytes, const struct command_options *options)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t id, low, high, pointer, size, cycles = 0;
    (void)options;
    moving_body = &body;
    command_moved = show_move;
    bool good = spawn(body_shrink, &body, &id);
    contig_run();
    good = good && contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK;
    for (size = good ? high - low : 0; good && size > 2048; size = high - low) {
        contig_gc();
        cycles++;
        good = contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK && high - low == size / 2;
    }
    good = good && contig_ready(id) == CONTIG_OK && contig_run() == 0;
    contig_read_statistics(&statistics);
    result_number("cycles", cycles);
    statistics_show(&statistics);
    return good && body.result == body.argument + 2 && statistics.shrinks == cycles && statistics.errors == 0;
}

static bool demo_overflow(uint64_t others, const struct command_options *options)
{
    struct body endless = {0}, deep = {.argument = 1000};
    struct contig_statistics statistics;
    uint64_t ended, id = 0, made = 0;
    (void)options;
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
    return good && statistics.errors == 1 && error == CONTIG_STACK_OVERFLOW && ended == id && deep.result == others * (deep.argument + 1);
}

static bool demo_hotsplit(uint64_t rounds, const struct command_options *options)
{
    struct body once = {.argument = 100, .levels = 1}, often = {.argument = 100, .levels = rounds};
    struct contig_statistics first, both;
    (void)options;
    bool good = run_alone(body_hotsplit, &once);
    contig_read_statistics(&first);
    good = run_alone(body_hotsplit, &often) && good;
    contig_read_statistics(&both);
    result_number("calls over the boundary", rounds);
    result_number("growths with one call", first.growths);
    result_number("growths with all calls", both.growths - first.growths);
    return good && both.growths - first.growths <= first.growths && often.result == rounds * (often.argument + 1);
}

static const struct demo demos[] = {
    {"fib", "N", "the Nth Fibonacci number by double recursion", 30, 90, demo_fib},
    {"deep", "BYTES", "recursion to BYTES; lists each growth and follows every pointer after it", 268435456, 536000000, demo_deep},
    {"frames", "LEVELS", "frames of 16 bytes to 1 MiB, odd values in slots, a list through frames", 200, 3000, demo_frames},
    {"million", "N", "N parked goroutines, each with a pointer into its own stack", 1000000, 16000000, demo_million},
    {"shrink", "BYTES", "a stack of BYTES comes back to 2048, one halving a cycle", 16777216, 536000000, demo_shrink},
    {"overflow", "OTHERS", "one goroutine recurses for ever; the OTHERS go on", 100, 100000, demo_overflow},
    {"hotsplit", "ROUNDS", "ROUNDS calls over a stack boundary cost one growth", 1000000, 1000000000, demo_hotsplit},
};
#define DEMO_COUNT (sizeof demos / sizeof *demos)

static bool demo_run(const struct demo *demo, uint64_t argument, const struct command_options *options)
{
    command_moved = NULL;
    if (!runtime_begin(options, false))
        exit(EXIT_USE);
    result_begin(options->json, demo->name);
    progress_begin(demo->name);
    bool good = demo->run(argument, options);
    good = runtime_finish() && good;
    result_end(good);
    return good;
}

/* A process of its own, so that the peak memory of one demonstration is not that of another. */
static int demo_run_apart(const struct demo *demo, const struct command_options *options)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        exit(demo_run(demo, demo->usual, options) ? EXIT_OK : EXIT_WRONG);
    if (child < 0 || waitpid(child, &status, 0) != child) {
        fprintf(stderr, "contig: cannot start a process for demo %s\n", demo->name);
        return EXIT_USE;
    }
    if (WIFSIGNALED(status))
        fprintf(stderr, "contig: demo %s was ended by signal %d\n", demo->name, WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_WRONG;
}

static int demo_all(const struct command_options *options)
{
    int worst = EXIT_OK;
    for (size_t i = 0; i < DEMO_COUNT; i++) {
        int status = demo_run_apart(&demos[i], options);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int usage(FILE *out)
{
    fprintf(out, "usage: contig demo NAME [ARGUMENT] [--check] [--trace[=FILE]] [--json] [--arena=BYTES]\n\n");
    for (size_t i = 0; i < DEMO_COUNT; i++)
        fprintf(out, "  %-10s %-8s %s (%" PRIu64 ")\n", demos[i].name, demos[i].argument, demos[i].what, demos[i].usual);
    fprintf(out, "  %-10s %-8s all of these\n\n--check runs the invariant checkers after every operation on stacks;\n", "all", "");
    fprintf(out, "--trace writes one line per event (spec/trace.md); --json writes one object per demonstration;\n"
                 "--arena reserves so many bytes of addresses for stacks instead of 64 GiB (also: CONTIG_ARENA)\n");
    return out == stdout ? EXIT_OK : EXIT_USE;
}

int demo_main(int argc, char **argv)
{
    struct command_options options;
    if (argc == 1 && strcmp(argv[0], "--help") == 0)
        return usage(stdout);
    argc = options_take(argc, argv, &options);
    if (argc < 0)
        return EXIT_USE;
    if (argc < 1 || argc > 2)
        return usage(stderr);
    if (strcmp(argv[0], "all") == 0 && argc == 1)
        return demo_all(&options);
    for (size_t i = 0; i < DEMO_COUNT; i++) {
        uint64_t argument = demos[i].usual;
        if (strcmp(argv[0], demos[i].name) != 0)
            continue;
        if (argc == 2 && !number_take(argv[1], demos[i].argument, demos[i].maximum, &argument))
            return EXIT_USE;
        return demo_run(&demos[i], argument, &options) ? EXIT_OK : EXIT_WRONG;
    }
    fprintf(stderr, "contig: there is no demo %s\n", argv[0]);
    return usage(stderr);
}
