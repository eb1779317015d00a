/* demos.c: the demonstrations of stacks that grow, move and shrink: see demo.h. */
#include <stdlib.h>

#include "src/cli/command.h"
#include "src/cli/demo.h"

/* Bytes that a frame of `deep` takes: 96 of locals, the saved frame pointer, the return address. */
#define DEEP_FRAME_BYTES 112u
#define LARGEST_STACK_BYTES (UINT64_C(512) << 20)

const char *demo_undecided;

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

bool demo_expect(bool good, const char *what)
{
    enum contig_error error = contig_last_error(NULL);
    if (is_refusal(error))
        demo_undecided = contig_error_name(error);
    if (!good && demo_undecided == NULL)
        complain("demo: expected %s", what);
    return good;
}

bool demo_spawn(contig_function *function, const struct body *body, uint64_t *id)
{
    enum contig_error error = contig_go(function, context_of(body), id);
    if (is_refusal(error))
        demo_undecided = contig_error_name(error);
    return demo_expect(error == CONTIG_OK, "a new goroutine");
}

void demo_statistics_show(const struct contig_statistics *statistics)
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
    if (!demo_spawn(function, body, NULL))
        return false;
    contig_run();
    return demo_expect(contig_last_error(NULL) == CONTIG_OK, "no error");
}

bool demo_fib(uint64_t n)
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
    return good && demo_expect(body.result == expected, "the number that a loop adds up");
}

bool demo_deep(uint64_t bytes)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t low, high, pointer, id, size = 2048, doublings = 0;
    moving_body = &body;
    moves = 0;
    command_moved = show_move;
    bool good = demo_spawn(body_deep, &body, &id) &&
                contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK && high - low == size;
    contig_run();
    contig_read_statistics(&statistics);
    for (; size < bytes + DEEP_FRAME_BYTES; size *= 2)
        doublings++;
    result_number("frames", body.result);
    result_number("walks of all frames", body.walks);
    demo_statistics_show(&statistics);
    return good && demo_expect(contig_last_error(NULL) == CONTIG_OK, "no error") &&
           demo_expect(body.result == body.argument + 1, "all frames to return") &&
           demo_expect(body.walks == moves, "every frame to be in place after each move") &&
           demo_expect(moves >= doublings, "a move for each doubling") &&
           demo_expect(statistics.copied_bytes <= 2 * LARGEST_STACK_BYTES,
                       "growth to copy at most twice the largest size");
}

bool demo_frames(uint64_t levels)
{
    struct body mixed = {.argument = levels}, odd = {.argument = levels},
                list = {.argument = levels};
    struct contig_statistics statistics;
    bool good =
        run_alone(body_mixed, &mixed) && run_alone(body_odd, &odd) && run_alone(body_list, &list);
    contig_read_statistics(&statistics);
    result_number("frames of 16 B to 1 MiB", mixed.result);
    result_number("sum over a list in frames", list.result);
    demo_statistics_show(&statistics);
    return good && demo_expect(mixed.result == levels + 1, "all frames to return") &&
           demo_expect(list.result == levels * (levels + 1) / 2, "the sum over the list");
}

struct parked {
    struct body body;
    uint64_t id;
};

/* How many there are; fewer if one could not be made. */
static uint64_t parked_make(struct parked *all, uint64_t count)
{
    uint64_t made = 0;
    progress_begin("goroutines parked");
    for (; made < count; made++) {
        all[made] = (struct parked){.id = 0};
        if (!demo_spawn(body_park, &all[made].body, &all[made].id))
            return made;
        contig_step();
        if (made % 4096 == 0)
            progress_step(made, count);
    }
    return made;
}

/* How many were woken, and found their pointer right. */
static uint64_t parked_wake(const struct parked *all, uint64_t made)
{
    uint64_t ready = 0, verified = 0;
    for (; ready < made && contig_ready(all[ready].id) == CONTIG_OK; ready++)
        ;
    contig_run();
    for (uint64_t i = 0; i < ready; i++)
        verified += all[i].body.result;
    return verified;
}

static bool parked_million(uint64_t count)
{
    struct contig_statistics statistics;
    uint64_t before = peak_memory_bytes();
    struct parked *all = malloc((count + 1) * sizeof *all);
    if (all == NULL) {
        demo_undecided = "no memory for the numbers of the goroutines";
        return false;
    }
    uint64_t made = parked_make(all, count), parked = contig_run();
    contig_read_statistics(&statistics);
    uint64_t taken = before + (count + 1) * sizeof *all, peak = peak_memory_bytes();
    peak = peak > taken ? peak - taken : 0;
    uint64_t verified = parked_wake(all, made);
    free(all);
    result_number("parked at once", parked);
    result_number("resumed and verified", verified);
    result_number("peak bytes per goroutine", count == 0 ? 0 : peak / count);
    if (statistics.checks != 0)
        result_number("invariant checks", statistics.checks);
    return demo_expect(made == count && parked == count, "all goroutines to be parked at once") &&
           demo_expect(verified == count, "every goroutine to find its pointer right");
}

bool demo_million(uint64_t count)
{
    return parked_million(count) && demo_blocked(count);
}

bool demo_shrink(uint64_t bytes)
{
    struct body body = {.argument = bytes / DEEP_FRAME_BYTES};
    struct contig_statistics statistics;
    uint64_t id, low, high, pointer, size, cycles = 0;
    moving_body = &body;
    command_moved = show_move;
    bool good = demo_spawn(body_shrink, &body, &id);
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
    demo_statistics_show(&statistics);
    return demo_expect(good, "one halving a cycle") &&
           demo_expect(body.result == body.argument + 2, "all frames to return") &&
           demo_expect(statistics.shrinks == cycles && statistics.errors == 0,
                       "one shrink a cycle");
}

/* Half of them are before the one that ends with an error. */
static bool overflow_spawn(struct body *deep, uint64_t others, struct body *endless, uint64_t *id)
{
    bool good = true;
    for (uint64_t i = 0; good && i <= others; i++) {
        if (i == others / 2)
            good = demo_spawn(body_overflow, endless, id);
        if (good && i < others) {
            deep[i] = (struct body){.argument = 1000};
            good = demo_spawn(body_deep, &deep[i], NULL);
        }
    }
    return good;
}

static bool overflow_of(struct body *deep, uint64_t others)
{
    struct body endless = {0};
    struct contig_statistics statistics;
    uint64_t ended, id = 0, finished = 0;
    bool good = overflow_spawn(deep, others, &endless, &id);
    contig_run();
    contig_read_statistics(&statistics);
    enum contig_error error = contig_last_error(&ended);
    for (uint64_t i = 0; good && i < others; i++)
        finished += deep[i].result == deep[i].argument + 1;
    result_number("dead", statistics.errors);
    result_text("because of", contig_error_name(error));
    result_number("others that finished", finished);
    return good &&
           demo_expect(statistics.errors == 1 && error == CONTIG_STACK_OVERFLOW && ended == id,
                       "one stack overflow") &&
           demo_expect(finished == others, "all others to finish");
}

bool demo_overflow(uint64_t others)
{
    struct body *deep = malloc((others + 1) * sizeof *deep);
    if (deep == NULL) {
        demo_undecided = "no memory for what the goroutines do";
        return false;
    }
    bool good = overflow_of(deep, others);
    free(deep);
    return good;
}

bool demo_hotsplit(uint64_t rounds)
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
           demo_expect(both.growths - first.growths <= first.growths,
                       "no growth after the first call") &&
           demo_expect(often.result == rounds * (often.argument + 1), "all frames to return");
}
