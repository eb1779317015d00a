/* run.c: does what a script says, and asks the oracles.
 *
 * One script runs at a time; its state is in `run`, which the hooks of the runtime and the operations of
 * goroutines (on the system stack) reach.  Called by those whom script.h names. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "src/core/move/growth.h"
#include "src/core/heap/stackcache.h"
#include "src/harness/channels.h"
#include "src/harness/fresh_heap.h"
#include "src/harness/oracles.h"
#include "src/harness/script.h"

/* Calls that all goroutines of a script may make. */
#define CALLS_MAX 96
/* Operations that goroutines may have done for them on the system stack; further ones are left out. */
#define HOST_STEPS_MAX 48u
/* Stack traces that a script may print: formatting them costs more than what they can show. */
#define TRACES_MAX 2u
/* Bytes of stacks that a script may have moved; then it makes no call, no goroutine and no forced move any more.  One
 * script in a hundred would have megabytes copied, the same frames over and over, and cost more than the other 99. */
#define MOVED_BYTES_MAX (SCRIPT_ARENA_BYTES / 2)
/* Rounds in which everything that waits is woken; each body stops at most once for each of its operations. */
#define ROUNDS_MAX (4u * SCRIPT_OPERATIONS_MAX * SCRIPT_GOROUTINES_MAX)

struct goroutine {
    uint64_t id;
    struct g *g;
    struct frame_context *context;
};

static struct {
    const struct script_options *options;
    uint32_t oracles;
    struct script_result result;
    uint32_t traces, host_steps;
    struct goroutine goroutines[SCRIPT_GOROUTINES_MAX];
    uint32_t count;
} run;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list arguments;
    if (run.options->out == NULL)
        return;
    fprintf(run.options->out, "%6" PRIu64 "  ", run.result.steps);
    va_start(arguments, format);
    vfprintf(run.options->out, format, arguments);
    va_end(arguments);
    fputc('\n', run.options->out);
}

static void violation(const char *oracle, const char *what)
{
    if (what == NULL)
        return;
    say("VIOLATION (%s): %s", oracle, what);
    if (run.result.violation != NULL)
        return;
    run.result.violation = what;
    run.result.oracle = oracle;
}

static void asked(const char *wrong)
{
    violation(oracle_name, wrong);
}

static void channels_found(const char *wrong)
{
    violation("channels", (run.oracles & ORACLE_CHANNELS) ? wrong : NULL);
}

static bool alive(const struct goroutine *goroutine)
{
    struct g_seen seen = contig_g_see(goroutine->g);
    return seen.id == goroutine->id && seen.status != G_DEAD;
}

static struct goroutine *goroutine_of(uint64_t id)
{
    for (uint32_t i = 0; i < run.count; i++)
        if (run.goroutines[i].id == id)
            return &run.goroutines[i];
    return NULL;
}

static uint32_t number_of(const struct goroutine *goroutine)
{
    return (uint32_t)(goroutine - run.goroutines);
}

static void show_stack(const struct goroutine *goroutine)
{
    const struct goroutine_stack *stack = contig_g_stack(goroutine->g);
    if (alive(goroutine))
        say("  g%u: stack [%#" PRIx64 ", %#" PRIx64 "), %" PRIu64 " bytes, %" PRIu64 " in use",
            number_of(goroutine), stack->lo - arena_base, stack->hi - arena_base,
            stack->hi - stack->lo, stack->hi - stack->sched.sp);
}

/* --- hooks --- */

/* Who runs a script with a move at every n-th call wants them all. */
static bool enough_moved(void)
{
    return contig_runtime_see().copied_bytes > MOVED_BYTES_MAX && run.options->move_every == 0;
}

static void moving(uint64_t id)
{
    oracle_before_move(goroutine_of(id)->g);
}

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    struct goroutine *goroutine = goroutine_of(id);
    run.result.moves++;
    run.result.allocations++;
    say("  g%u moves: %" PRIu64 " bytes, %" PRIu64 " in use, to %" PRIu64, number_of(goroutine),
        old_bytes, used_bytes, new_bytes);
    show_stack(goroutine);
    if (enough_moved() && frames_pace.calls_left != 0) {
        say("  enough has been moved: no call, goroutine or forced move from here on");
        frames_pace.calls_left = 0;
    }
    channels_moved(number_of(goroutine));
    asked(oracle_after_move(goroutine->g, number_of(goroutine)));
}

/* Ends of goroutines that scripts may cause; any other error is a defect of what runs them. */
static void ended(uint64_t id, enum contig_error error)
{
    struct goroutine *goroutine = goroutine_of(id);
    const struct frame_context *context = goroutine->context;
    run.result.errors++;
    say("  g%u ended: %s", number_of(goroutine), contig_error_name(error));
    if (error == CONTIG_STACK_OVERFLOW)
        asked(oracle_overflow(goroutine->g));
    else if (error == CONTIG_THROWN && context->fault_address != 0) {
        say("  at %#" PRIx64 ": found %#" PRIx64 ", expected %#" PRIx64, context->fault_address,
            context->fault_found, context->fault_wanted);
        violation("code",
                  (run.oracles & ORACLE_CODE) ? "a word of a frame is not what it was" : NULL);
    } else if (error == CONTIG_PANICKED)
        channels_panicked(number_of(goroutine));
    else if (error != CONTIG_THROWN && error != CONTIG_OUT_OF_STACK_MEMORY)
        violation("error", contig_error_name(error));
}

static void taken(uint64_t low, uint64_t bytes)
{
    run.result.allocations++;
    oracle_taken(low, bytes);
}

static void given(uint64_t low, uint64_t bytes)
{
    oracle_given(low, bytes);
}

/* --- operations --- */

static void look_at_stacks(void)
{
    asked(oracle_freed());
    for (uint32_t i = 0; i < run.count; i++)
        if (alive(&run.goroutines[i]) && contig_g_see(run.goroutines[i].g).status != G_RUNNING)
            asked(oracle_model(run.goroutines[i].g, i));
}

static void look_at_all(void)
{
    asked(oracle_heap());
    look_at_stacks();
}

static void do_audit(void)
{
    look_at_all();
    if (run.options->audited != NULL)
        run.options->audited();
}

static void do_go(uint32_t function)
{
    if (run.count == SCRIPT_GOROUTINES_MAX || enough_moved() || frames_function_count() == 0)
        return;
    struct goroutine *goroutine = &run.goroutines[run.count];
    goroutine->context = frames_context(run.count);
    enum contig_error error = contig_go(frames_function(function),
                                        (uint64_t)(uintptr_t)goroutine->context, &goroutine->id);
    if (error == CONTIG_OK) {
        goroutine->g = contig_g_by_id(goroutine->id);
        violation("rest", contig_g_stack(goroutine->g)->outside != NULL
                              ? "a goroutine begins with what another one had outside of its stack"
                              : NULL);
        frames_attach(goroutine->g, run.count);
        run.count++;
        run.result.goroutines++;
        show_stack(goroutine);
        asked(oracle_after_go(goroutine->g));
    } else if (error != CONTIG_OUT_OF_STACK_MEMORY)
        violation("error", "a goroutine could not be made, but not for want of stack memory");
}

static struct goroutine *chosen(uint8_t operand)
{
    if (run.count == 0)
        return NULL;
    struct goroutine *goroutine = &run.goroutines[operand % run.count];
    return alive(goroutine) ? goroutine : NULL;
}

/* Wakes a goroutine; if it waits for a word, it gets one. */
static void wake(struct goroutine *goroutine, uint8_t word)
{
    if (goroutine == NULL || contig_g_see(goroutine->g).status != G_WAITING)
        return;
    if (channels_waits(number_of(goroutine))) {
        violation("error", contig_ready(goroutine->id) == CONTIG_NOT_FOUND
                               ? NULL
                               : "a goroutine that waits for a channel was woken");
        return;
    }
    frames_deliver(number_of(goroutine), word);
    if (contig_ready(goroutine->id) != CONTIG_OK)
        violation("error", "a waiting goroutine cannot be woken");
}

static void do_gc(void)
{
    struct oracle_gc before[SCRIPT_GOROUTINES_MAX];
    uint64_t used = 0, count = 0;
    for (uint32_t i = 0; i < run.count; i++) {
        const struct g *g = run.goroutines[i].g;
        if (!alive(&run.goroutines[i]))
            continue;
        before[i] = oracle_before_gc(g);
        used += contig_g_stack(g)->hi - contig_g_stack(g)->sched.sp;
        count++;
    }
    contig_gc();
    asked(oracle_starting_size(used, count));
    for (uint32_t i = 0; i < run.count; i++)
        if (alive(&run.goroutines[i]))
            asked(oracle_after_gc(run.goroutines[i].g, before[i]));
}

static void do_trace(const struct goroutine *goroutine)
{
    char text[512];
    if (goroutine == NULL || run.traces++ >= TRACES_MAX)
        return;
    size_t size = contig_stack(goroutine->id, text, sizeof text);
    if (size == 0 || strstr(text, "malformed") != NULL)
        violation("trace", "a stack trace cannot be written");
    if (run.options->out != NULL)
        fprintf(run.options->out, "%s", text);
}

static void pace_set(uint32_t every, bool move)
{
    frames_pace.every = frames_pace.countdown = every;
    frames_pace.poison = move ? STACK_FORCE_MOVE : STACK_PREEMPT;
}

static void do_pin(const struct goroutine *goroutine, bool pinned)
{
    if (goroutine != NULL)
        contig_g_pin(goroutine->g, pinned);
}

/* What the scheduler and, on the system stack, goroutines can do. */
static void operation_do(struct operation operation)
{
    const uint8_t *operand = operation.operands;
    switch ((enum operation_code)operation.code) {
    case OPERATION_GO: do_go(operand[0]); break;
    case OPERATION_WAKE: wake(chosen(operand[0]), 0); break;
    case OPERATION_SEND: wake(chosen(operand[1]), operand[0]); break;
    case OPERATION_GC: do_gc(); break;
    case OPERATION_SHRINK:
        if (chosen(operand[0]) != NULL)
            contig_shrink_if_safe(chosen(operand[0])->g);
        break;
    case OPERATION_MOVE:
        if (!enough_moved())
            contig_poison_next_prologue(true);
        break;
    case OPERATION_PREEMPT: contig_poison_next_prologue(false); break;
    case OPERATION_MOVE_EVERY: pace_set(operand[0], true); break;
    case OPERATION_PREEMPT_EVERY: pace_set(operand[0], false); break;
    case OPERATION_LIMIT: contig_set_maximum_stack(operand_stack_size(operand[0])); break;
    case OPERATION_OOM: contig_fail_allocations_after(operand[0]); break;
    case OPERATION_MEMORY: contig_fail_allocations_after(UINT64_MAX); break;
    case OPERATION_PIN: do_pin(chosen(operand[0]), true); break;
    case OPERATION_UNPIN: do_pin(chosen(operand[0]), false); break;
    case OPERATION_FLUSH:
        stackcache_clear(0);
        freestackspans();
        break;
    case OPERATION_TRACE: do_trace(chosen(operand[0])); break;
    case OPERATION_AUDIT: do_audit(); break;
    case OPERATION_STEP: contig_step(); break;
    case OPERATION_RUN: contig_run(); break;
    case OPERATION_CHAN: channels_make(operand[0]); break;
    case OPERATION_CHAN_CLOSE: channels_close(operand[0]); break;
    default: break;
    }
}

static void step(struct operation operation, const char *who)
{
    char text[80];
    run.result.steps++;
    if (run.options->out != NULL) {
        operation_print(operation, 0, text, sizeof text);
        say("%s%s", who, text);
    }
    operation_do(operation);
    channels_look();
    if (run.options->no_caches)
        stackcache_clear(0);
}

/* On the system stack, for a goroutine. */
static uint64_t host(uint64_t packed)
{
    if (run.host_steps < HOST_STEPS_MAX) {
        run.host_steps++;
        step(frames_operation_unpack(packed), "  (goroutine) ");
    }
    return 0;
}

static uint32_t running(void)
{
    return number_of(goroutine_of(contig_g_see(contig_g_running()).id));
}

static bool offer_begins(struct frame_context *context)
{
    uint32_t number = running();
    if (run.result.violation != NULL || !channels_offer_begins(number, context))
        return false;
    const struct frame_offer *offer = &context->offer;
    say("  g%u %s, %u case%s%s", number,
        offer->code == OPERATION_CHAN_SEND      ? "sends"
        : offer->code == OPERATION_CHAN_RECEIVE ? "receives"
        : offer->code == OPERATION_CHAN_CLOSE   ? "closes"
                                                : "selects",
        offer->count, offer->count == 1 ? "" : "s", channels_waits(number) ? ": it waits" : "");
    return true;
}

static void offer_ended(struct frame_context *context)
{
    uint32_t number = running();
    say("  g%u: the channel operation ended with %#" PRIx64, number, context->offer_result);
    channels_offer_ended(number);
}

/* --- the whole script --- */

static void schedule(const struct script *script)
{
    bool in_body = false;
    for (uint32_t i = 0; i < script->count && run.result.violation == NULL; i++) {
        struct operation operation = script->operations[i];
        bool begins = operation_begins_function(operation.code);
        if (begins || operation.code == OPERATION_MAIN)
            in_body = begins;
        else if (!in_body)
            step(operation, "");
    }
}

static void show_deadlock(void)
{
    if (run.options->out != NULL)
        violation("error", contig_report_deadlock() ? NULL : "those who wait are no deadlock");
}

/* False: there is none that can be woken. */
static bool wake_all(uint8_t word)
{
    bool any = false;
    for (uint32_t i = 0; i < run.count; i++)
        if (alive(&run.goroutines[i]) && !channels_waits(i)) {
            wake(&run.goroutines[i], word);
            any = true;
        }
    return any;
}

/* Everything that waits is woken until all have ended; channels are closed when nothing else is left.  Who waits for a
 * nil channel stays.  The last to look at the heap is contig_stop. */
static void wind_up(void)
{
    say("end of the script: all goroutines are woken until they have ended");
    if (run.options->fail_allocation == 0)
        contig_fail_allocations_after(UINT64_MAX);
    look_at_all();
    bool closed = false;
    for (uint32_t round = 0; contig_run() != 0 && round < ROUNDS_MAX; round++) {
        channels_look();
        if (wake_all((uint8_t)round))
            continue;
        if (closed) {
            show_deadlock();
            break;
        }
        channels_close_all();
        closed = true;
    }
    channels_free_all();
    do_gc();
    look_at_stacks();
}

/* LIFE-9, CHECK-4: no goroutine is left, and every byte of stack memory is free. */
static void at_rest(void)
{
    struct contig_statistics statistics;
    contig_read_statistics(&statistics);
    bool left_over = statistics.goroutines != channels_waiting(),
         stopped = contig_stop() == CONTIG_OK;
    if ((run.oracles & ORACLE_REST) && left_over)
        violation("rest", "a goroutine is left over");
    if ((run.oracles & ORACLE_REST) && !stopped)
        violation("rest",
                  "not every byte of stack memory was given back, or the heap is not well formed");
}

static bool start(const struct script *script, char *message)
{
    struct contig_options options = {
        .arena_bytes = SCRIPT_ARENA_BYTES,
        .maximum_stack_bytes = run.options->maximum_stack,
        .quiet = run.options->out == NULL,
        .report = run.options->out,
        .trace = run.options->trace,
        .trace_moves = run.options->trace_moves,
        .moving = moving,
        .moved = moved,
        .ended = ended,
        .taken = taken,
        .given = given,
    };
    run.result.refused = contig_start(&options, message) == CONTIG_OUT_OF_MEMORY;
    if (!contig_runtime_see().started)
        return false;
    run.result.refused = !frames_prepare(message);
    if (!run.result.refused) {
        static const struct frame_hooks hooks = {host, offer_begins, offer_ended};
        if (frames_compile(script, &hooks))
            return true;
        strcpy(message, "the sites of the compiled functions were refused");
    }
    contig_stop();
    return false;
}

struct script_result script_run(const struct script *script, const struct script_options *options)
{
    static char message[200];
    run.options = options;
    run.oracles = options->oracles == 0 ? (uint32_t)ORACLES_ALL : options->oracles;
    run.result = (struct script_result){0};
    run.count = run.traces = run.host_steps = 0;
    if (!start(script, message)) {
        run.result.violation = message;
        run.result.oracle = "start";
        return run.result;
    }
    oracles_begin(run.oracles, options->unmap);
    channels_begin(options->unmap, options->waits, channels_found);
    frames_pace = (struct frame_pace){.calls_left = CALLS_MAX, .m = contig_m_running()};
    pace_set(options->move_every != 0 ? options->move_every : options->preempt_every,
             options->move_every != 0);
    if (options->fail_allocation != 0)
        contig_fail_allocations_after(options->fail_allocation - 1);
    schedule(script);
    if (run.result.violation == NULL)
        wind_up();
    at_rest();
    oracles_end();
    frames_forget();
    fresh_heap();
    return run.result;
}
