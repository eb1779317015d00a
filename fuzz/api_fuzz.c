/* api_fuzz.c: calls of contig.h in any order, from anywhere: the program, each callback, C functions of goroutines.
 *
 * The input is a sentence whose words are calls with their arguments.  Decides CALL-1, CALL-2, LIFE-9, LIFE-10 and
 * ERR-4: each call answers what a model of three words (started, in a callback, in a run) says, contig_check_all
 * holds after each, and after the stop nothing is left. */
#define _DEFAULT_SOURCE /* sigaltstack */
#include "fuzz/script_start.h"
#include "src/bodies/bodies.h"
#include "src/contig.h"
#include "src/harness/fresh_heap.h"

/* Calls of one input, so that each execution stays short. */
#define CALLS_MAX 200u
#define BODIES 64u
#define IDS 32u
/* A goroutine that overflows must copy little. */
#define MAXIMUM_STACK_BYTES (UINT64_C(64) << 10)

enum place { PLACE_PROGRAM, PLACE_ENDED, PLACE_STACK };

static struct input input;
static FILE *nowhere;
static bool started, stopping;
static enum place place;
static uint32_t runs, calls;
static struct body bodies[BODIES];
static uint32_t bodies_used;
static uint64_t ids[IDS];
static uint32_t ids_used;

static void call_something(void);

static uint64_t take(uint32_t bytes)
{
    return input_take(&input, bytes);
}

/* CALL-2: a callback calls as well. */
static void from_callback(enum place here)
{
    enum place outer = place;
    place = here;
    if (take(1) % 4 == 1)
        call_something();
    place = outer;
}

static void moving(uint64_t id)
{
    require(id != 0, "model", "a stack of no goroutine moves");
    from_callback(PLACE_STACK);
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    require(id != 0 && used_bytes <= old_bytes && used_bytes <= new_bytes, "model",
            "a move loses bytes");
    from_callback(PLACE_STACK);
}

static void ended(uint64_t id, enum contig_error error)
{
    char text[200];
    require(error != CONTIG_OK && contig_stack(id, text, sizeof text) != 0, "model",
            "an ended goroutine has no trace");
    from_callback(PLACE_ENDED);
}

static void stack_changed(uint64_t low, uint64_t bytes)
{
    require(low % 2048 == 0 && bytes >= 2048, "model", "a stack is misplaced");
    from_callback(PLACE_STACK);
}

/* The C function that goroutines call. */
static uint64_t from_goroutine(uint64_t body)
{
    (void)body;
    uint64_t word = take(1);
    if (word % 4 == 1)
        call_something();
    return word % 8 == SCRIPT_CALL ? SCRIPT_CALL | (word >> 3) << 8
                                   : word % 8 % (SCRIPT_NOTHING + 1);
}

/* CALL-1, CALL-2 */
static void answers(enum contig_error found, enum contig_error wanted, const char *what)
{
    require(found == wanted, "model", what);
}

static bool may_change(void)
{
    return started && place != PLACE_STACK;
}

static bool may_run(void)
{
    return started && place == PLACE_PROGRAM;
}

static void call_start(void)
{
    static const uint64_t arenas[] = {0,     SCRIPT_ARENA_BYTES, SCRIPT_ARENA_BYTES, 1,
                                      32768, UINT64_MAX};
    char message[200] = "";
    uint64_t flags = take(1), arena = arenas[take(1) % 6];
    struct contig_options options = {
        .arena_bytes = arena,
        .maximum_stack_bytes = flags & 1 ? MAXIMUM_STACK_BYTES : take(8),
        .check = flags & 2,
        .quiet = flags & 4,
        .fixed_starting_size = flags & 8,
        .never_shrink = flags & 16,
        .trace = flags & 32 ? nowhere : NULL,
        .trace_moves = flags & 8,
        .guard_pages = flags & 4,
        .report = nowhere,
        .moving = flags & 64 ? moving : NULL,
        .moved = flags & 64 ? moved : NULL,
        .ended = flags & 64 ? ended : NULL,
        .taken = flags & 128 ? stack_changed : NULL,
        .given = flags & 128 ? stack_changed : NULL,
    };
    bool good = !started && !stopping && (arena == 0 || arena == SCRIPT_ARENA_BYTES);
    answers(contig_start(&options, flags & 3 ? message : NULL),
            good ? CONTIG_OK : CONTIG_BAD_OPTION, "contig_start");
    require(good || (flags & 3) == 0 || message[0] != '\0', "model",
            "a refused start says nothing");
    if (good && options.maximum_stack_bytes > MAXIMUM_STACK_BYTES)
        contig_set_maximum_stack(MAXIMUM_STACK_BYTES);
    started = started || good;
}

static void call_stop(void)
{
    bool good = may_run() && runs == 0;
    if (good) {
        started = false;
        stopping = true;
    }
    answers(contig_stop(), good ? CONTIG_OK : CONTIG_BAD_STATE, "contig_stop");
    if (good)
        stopping = false;
}

static void call_go(void)
{
    static contig_function *const functions[] = {
        body_script, body_script, body_script, body_deep,     body_park,
        body_yield,  body_shrink, body_return, body_overflow, NULL,
    };
    contig_function *function = functions[take(1) % 10];
    struct body *body = &bodies[bodies_used++ % BODIES];
    uint64_t id = 0;
    if (bodies_used > BODIES)
        return;
    *body =
        (struct body){.argument = take(1) % 40, .call = from_goroutine, .identity = bodies_used};
    enum contig_error error = contig_go(function, (uint64_t)(uintptr_t)body, &id);
    if (!may_change())
        answers(error, CONTIG_BAD_STATE, "contig_go");
    else if (function == NULL)
        answers(error, CONTIG_BAD_OPTION, "contig_go");
    else
        require(error == (id != 0 ? CONTIG_OK : CONTIG_OUT_OF_STACK_MEMORY), "model", "contig_go");
    if (id != 0)
        ids[ids_used++ % IDS] = id;
}

/* A call that is refused with a sentence is made now and then: fuzzing is not reading. */
static bool too_talkative(void)
{
    return !started && take(1) % 16 != 0;
}

static void call_run(bool all)
{
    if (too_talkative())
        return;
    if (!may_run())
        require(all ? contig_run() == 0 : !contig_step(), "model",
                "a run that is not allowed does something");
    if (!may_run())
        return;
    runs++;
    if (all)
        contig_run();
    else
        contig_step();
    runs--;
}

static void call_ready(void)
{
    uint64_t choice = take(1), id = choice < IDS   ? ids[choice]
                                    : choice < 200 ? choice
                                                   : UINT64_MAX - choice;
    enum contig_error error = contig_ready(id);
    require(started ? error == CONTIG_OK || error == CONTIG_NOT_FOUND : error == CONTIG_BAD_STATE,
            "model", "contig_ready");
}

static void call_reader(void)
{
    static char text[3000];
    uint64_t low, high, pointer, id = ids[take(1) % IDS];
    struct contig_statistics statistics;
    size_t size = take(2) % sizeof text;
    size_t written = contig_stack(take(1) % 4 == 0 ? 0 : id, text, size);
    require(size == 0 ? written == 0 : written < size && text[written] == '\0', "model",
            "contig_stack");
    require(contig_stack(0, NULL, size) == 0, "model", "contig_stack without a buffer");
    if (contig_stack_bounds(id, &low, &high, &pointer) == CONTIG_OK)
        require(started && low < pointer && pointer < high, "model", "contig_stack_bounds");
    contig_read_statistics(take(1) % 8 == 0 ? NULL : &statistics);
    require(contig_error_name((enum contig_error)(int32_t)take(4)) != NULL, "model",
            "contig_error_name");
    contig_last_error(take(1) % 2 == 0 ? NULL : &id);
}

static void call_setting(void)
{
    if (too_talkative())
        return;
    switch (take(1) % 3) {
    case 0: contig_set_maximum_stack(take(8) % (MAXIMUM_STACK_BYTES + 1)); break;
    case 1: contig_fail_allocations_after(take(1) % 2 == 0 ? UINT64_MAX : take(1)); break;
    case 2: contig_poison_next_prologue(take(1) % 2 == 0); break;
    }
}

static void call_something(void)
{
    if (calls++ >= CALLS_MAX)
        return;
    switch (take(1) % 12) {
    case 0: call_start(); break;
    case 1: call_stop(); break;
    case 2:
    case 3:
    case 4: call_go(); break;
    case 5: call_run(true); break;
    case 6: call_run(false); break;
    case 7: call_ready(); break;
    case 8: answers(contig_gc(), may_run() ? CONTIG_OK : CONTIG_BAD_STATE, "contig_gc"); break;
    case 9: call_reader(); break;
    case 10: call_setting(); break;
    case 11: require(contig_check_all(), "heap", "contig_check_all"); break;
    }
}

/* LIFE-9, LIFE-10: wakes everything that waits until nothing is left, as far as memory allows. */
static void wind_up(void)
{
    struct contig_statistics statistics;
    if (!started)
        return;
    contig_fail_allocations_after(UINT64_MAX);
    for (uint32_t round = 0; round < 2 * CALLS_MAX; round++) {
        call_run(true);
        for (uint32_t i = 0; i < IDS; i++)
            contig_ready(ids[i]);
    }
    require(contig_check_all(), "heap", "contig_check_all at the end");
    contig_read_statistics(&statistics);
    require(statistics.violations == 0, "heap", "a check was violated");
    call_stop();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (nowhere == NULL && (nowhere = fopen("/dev/null", "w")) == NULL)
        return 0;
    handlers_on_their_own_stack();
    input = (struct input){bytes, bytes + size};
    calls = runs = bodies_used = ids_used = 0;
    place = PLACE_PROGRAM;
    memset(ids, 0, sizeof ids);
    while (input_left(&input) && calls < CALLS_MAX)
        call_something();
    wind_up();
    fresh_heap();
    return 0;
}
