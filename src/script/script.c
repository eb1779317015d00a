/* script.c: the interpreter of script.h.
 *
 * One script runs at a time; its state is in `script`, which the operations of goroutines reach through the
 * system stack. */
#include "src/script/script.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>

#include "src/bodies/bodies.h"
#include "src/contig.h"

#define GOROUTINES_MAX 64u
#define LEVELS_MAX 1024u
/* What a script may set: from one that is too small for any growth to one that the arena cannot hold. */
#define LARGEST_DOUBLINGS 11u
#define CALLS_IN_A_ROW 16u

struct goroutine {
    struct body body;
    uint64_t id;
    uint32_t calls_left, calls_class; /* of operation 8 */
};

static struct {
    const uint8_t *next, *end;
    FILE *out;
    struct script_result result;
    struct goroutine goroutines[GOROUTINES_MAX];
    uint32_t count;
} script;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list arguments;
    if (script.out == NULL)
        return;
    fprintf(script.out, "%6" PRIu64 "  ", script.result.steps);
    va_start(arguments, format);
    vfprintf(script.out, format, arguments);
    va_end(arguments);
    fputc('\n', script.out);
}

static void violation(const char *what)
{
    if (script.result.violation == NULL)
        script.result.violation = what;
    say("VIOLATION: %s", what);
}

static bool at_end(void)
{
    return script.next == script.end || script.result.violation != NULL;
}

static uint8_t byte_take(void)
{
    return script.next == script.end ? 0 : *script.next++;
}

static uint32_t operation_take(void)
{
    script.result.steps++;
    return byte_take() % 10u;
}

static uint64_t goroutine_step(uint64_t body);

static void spawn(void)
{
    if (script.count == GOROUTINES_MAX)
        return;
    struct goroutine *goroutine = &script.goroutines[script.count];
    *goroutine = (struct goroutine){.body = {.call = goroutine_step, .identity = (uint64_t)(script.count + 1) << 32}};
    enum contig_error error = contig_go(body_script, (uint64_t)(uintptr_t)&goroutine->body, &goroutine->id);
    say("go: goroutine %" PRIu64 " (%s)", error == CONTIG_OK ? goroutine->id : 0, contig_error_name(error));
    if (error == CONTIG_OK)
        script.count++;
    else if (error != CONTIG_OUT_OF_STACK_MEMORY)
        violation("a goroutine could not be made, but not for want of stack memory");
}

static void wake(uint8_t which)
{
    if (script.count == 0)
        return;
    uint64_t id = script.goroutines[which % script.count].id;
    say("wake: goroutine %" PRIu64 " (%s)", id, contig_error_name(contig_ready(id)));
}

static void look(void)
{
    say("look at everything");
    if (!contig_check_all())
        violation("an invariant checker said no");
}

static void collect(void)
{
    say("gc");
    contig_gc();
}

/* A call of goroutine g: the class in the low bits, or nothing if it is deep enough. */
static uint64_t call(struct goroutine *goroutine, uint32_t class)
{
    class %= SCRIPT_FRAME_CLASSES;
    if (goroutine->body.levels >= LEVELS_MAX)
        return SCRIPT_NOTHING;
    say("goroutine %" PRIu64 ": call class %u at level %" PRIu64, goroutine->id, class, goroutine->body.levels);
    return SCRIPT_CALL | class << 8;
}

static uint64_t call_in_a_row(struct goroutine *goroutine, uint32_t class)
{
    goroutine->calls_left = CALLS_IN_A_ROW;
    goroutine->calls_class = class;
    return call(goroutine, class);
}

static uint64_t said(const struct goroutine *goroutine, const char *what, enum script_operation operation)
{
    say("goroutine %" PRIu64 ": %s at level %" PRIu64, goroutine->id, what, goroutine->body.levels);
    return operation;
}

/* On the system stack, for the goroutine whose body this is: what it does next. */
static uint64_t goroutine_step(uint64_t body)
{
    struct goroutine *goroutine = (struct goroutine *)(uintptr_t)body;
    if (goroutine->calls_left != 0 && --goroutine->calls_left != 0)
        return call(goroutine, goroutine->calls_class);
    if (at_end())
        return SCRIPT_RETURN;
    switch (operation_take()) {
    case 0:
        return said(goroutine, "return", SCRIPT_RETURN);
    case 1:
        return call(goroutine, byte_take());
    case 2:
        return said(goroutine, "yield", SCRIPT_YIELD);
    case 3:
        return said(goroutine, "park", SCRIPT_PARK);
    case 4:
        return said(goroutine, "end", SCRIPT_EXIT);
    case 5:
        collect();
        break;
    case 6:
        spawn();
        break;
    case 7:
        wake(byte_take());
        break;
    case 8:
        return call_in_a_row(goroutine, byte_take());
    case 9:
        contig_poison_next_prologue(true);
        break;
    }
    return SCRIPT_NOTHING;
}

static void scheduler_step(void)
{
    switch (operation_take()) {
    case 0:
        spawn();
        break;
    case 1:
        contig_step();
        break;
    case 2:
        contig_run();
        break;
    case 3:
        collect();
        break;
    case 4:
        wake(byte_take());
        break;
    case 5:
    case 6:
        contig_poison_next_prologue((script.next[-1] % 10u) == 6);
        break;
    case 7:
        contig_set_maximum_stack(UINT64_C(2048) << byte_take() % LARGEST_DOUBLINGS);
        break;
    case 8:
        contig_fail_allocations_after(byte_take());
        break;
    case 9:
        look();
        break;
    }
}

/* The bytes are used up: everything that waits is woken until all have returned. */
static void wind_up(void)
{
    struct contig_statistics statistics;
    contig_fail_allocations_after(UINT64_MAX);
    while (contig_run() != 0)
        for (uint32_t i = 0; i < script.count; i++)
            contig_ready(script.goroutines[i].id);
    contig_gc();
    look();
    contig_read_statistics(&statistics);
    if (statistics.goroutines != 0)
        violation("a goroutine is left over");
}

static void ended(uint64_t id, enum contig_error error)
{
    say("goroutine %" PRIu64 " ended: %s", id, contig_error_name(error));
    if (error != CONTIG_STACK_OVERFLOW && error != CONTIG_OUT_OF_STACK_MEMORY)
        violation(contig_error_name(error));
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    say("goroutine %" PRIu64 ": stack of %" PRIu64 " bytes, %" PRIu64 " in use, moves to %" PRIu64, id, old_bytes, used_bytes, new_bytes);
}

struct script_result script_run(const uint8_t *bytes, size_t size, FILE *out, FILE *trace)
{
    static char message[200];
    struct contig_options options = {
        .arena_bytes = SCRIPT_ARENA_BYTES, .quiet = out == NULL, .report = out, .ended = ended, .moved = moved, .trace = trace};
    script.next = bytes;
    script.end = bytes + size;
    script.out = out;
    script.count = 0;
    script.result = (struct script_result){0};
    if (contig_start(&options, message) != CONTIG_OK) {
        script.result.violation = message;
        return script.result;
    }
    while (!at_end())
        scheduler_step();
    wind_up();
    if (contig_stop() != CONTIG_OK)
        violation("not every byte of stack memory was given back");
    return script.result;
}
