/* start.c: starting and stopping the runtime, its options, and what it tells about itself.  ERR-4, LIFE-9. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/heap/heap_check.h"
#include "src/core/move/site_table.h"
#include "src/runtime/number.h"
#include "src/runtime/runtime.h"

#define MESSAGE_BYTES 200

/* Bytes of addresses for stacks: as wanted, as the first start had them, or as the environment says. */
static enum contig_error arena_choose(struct contig_options *options, char *message)
{
    const char *text = getenv("CONTIG_ARENA");
    if (options->arena_bytes == 0 && contig_sched.arena != NULL)
        options->arena_bytes = contig_sched.arena_bytes;
    if (options->arena_bytes == 0 && text != NULL &&
        !number_read(text, 1, UINT64_MAX, &options->arena_bytes)) {
        snprintf(message, MESSAGE_BYTES, "CONTIG_ARENA=%.40s is not a number of bytes", text);
        return CONTIG_BAD_OPTION;
    }
    if (options->arena_bytes == 0)
        options->arena_bytes = DEFAULT_ARENA_BYTES;
    if (options->arena_bytes % CHUNK_BYTES != 0 ||
        options->arena_bytes > (uint64_t)NUM_CHUNKS * CHUNK_BYTES) {
        snprintf(message, MESSAGE_BYTES,
                 "an arena of %" PRIu64 " bytes is not a multiple of %u up to %" PRIu64,
                 options->arena_bytes, CHUNK_BYTES, (uint64_t)NUM_CHUNKS * CHUNK_BYTES);
        return CONTIG_BAD_OPTION;
    }
    if (contig_sched.arena != NULL && contig_sched.arena_bytes != options->arena_bytes) {
        snprintf(message, MESSAGE_BYTES,
                 "the arena cannot change its size: the first start reserved %" PRIu64 " bytes",
                 contig_sched.arena_bytes);
        return CONTIG_BAD_OPTION;
    }
    return CONTIG_OK;
}

/* P's and their threads: as wanted, or as the environment says, or one.  What walks over all of the runtime after each
 * operation, or writes down in which order operations happened, needs one. */
static enum contig_error procs_choose(struct contig_options *options, char *message)
{
    const char *text = getenv("CONTIG_PROCS");
    uint64_t procs = options->procs;
    if (procs == 0 && text != NULL && !number_read(text, 1, NUM_P, &procs)) {
        snprintf(message, MESSAGE_BYTES, "CONTIG_PROCS=%.40s is not a number from 1 to %u", text,
                 NUM_P);
        return CONTIG_BAD_OPTION;
    }
    if (procs > NUM_P) {
        snprintf(message, MESSAGE_BYTES, "%" PRIu64 " processors are more than %u", procs, NUM_P);
        return CONTIG_BAD_OPTION;
    }
    options->procs = procs == 0 ? 1 : (uint32_t)procs;
    if (options->procs > 1 && (options->check || options->trace != NULL)) {
        snprintf(message, MESSAGE_BYTES, "%u processors: a trace and checks need 1",
                 options->procs);
        return CONTIG_BAD_OPTION;
    }
    return CONTIG_OK;
}

static enum contig_error options_complete(struct contig_options *options, char *message)
{
    if (contig_sched.started) {
        snprintf(message, MESSAGE_BYTES, "contig_start was called twice");
        return CONTIG_BAD_OPTION;
    }
    if (options->maximum_stack_bytes == 0)
        options->maximum_stack_bytes = DEFAULT_MAXIMUM_STACK_BYTES;
    if (options->report == NULL)
        options->report = stderr;
    enum contig_error error = procs_choose(options, message);
    return error == CONTIG_OK ? arena_choose(options, message) : error;
}

static enum contig_error marks_make(char *message)
{
    if (contig_all_p[0].marks == NULL)
        contig_all_p[0].marks = calloc(MARK_WORDS, sizeof *contig_all_p[0].marks);
    if (contig_all_p[0].marks != NULL)
        return CONTIG_OK;
    snprintf(message, MESSAGE_BYTES, "no memory for the pointer marks of a stack");
    return CONTIG_OUT_OF_MEMORY;
}

/* All but what stays for the life of the process. */
static void forget(void)
{
    for (uint32_t i = 0; i < NUM_P && contig_all_p[i].marks != NULL; i++) {
        free(contig_all_p[i].select);
        contig_all_p[i] = (struct p){.marks = contig_all_p[i].marks};
    }
    contig_sched =
        (struct scheduler){.arena = contig_sched.arena, .arena_bytes = contig_sched.arena_bytes};
    contig_m = NULL;
}

/* The arena stays reserved from the first start on: the core's tables describe it. */
enum contig_error contig_start(const struct contig_options *options, char *message)
{
    char ignored[MESSAGE_BYTES];
    struct contig_options wanted = {0};
    if (options != NULL)
        wanted = *options;
    if (message == NULL)
        message = ignored;
    enum contig_error error = options_complete(&wanted, message);
    if (error == CONTIG_OK && sites_count == 0)
        error = contig_sites_start(message);
    if (error == CONTIG_OK && contig_sched.arena == NULL)
        error = contig_arena_reserve(wanted.arena_bytes, message);
    if (error == CONTIG_OK)
        error = marks_make(message);
    if (error != CONTIG_OK)
        return error;
    contig_sched.lock.rank = LOCK_RANK_SCHED;
    contig_sched.report_lock.rank = LOCK_RANK_REPORT;
    contig_sched.pool_lock.rank = LOCK_RANK_STACK_POOL;
    contig_sched.options = wanted;
    contig_sched.starting_stack_size = FIXED_STACK_BYTES;
    contig_sched.maximum_stack_bytes = wanted.maximum_stack_bytes;
    contig_sched.fail_after = UINT64_MAX;
    error = contig_trace_start(message);
    if (error != CONTIG_OK)
        return error;
    contig_callbacks_wrap();
    contig_sched.started = true;
    SYNC_BARRIERS_START();
    error = contig_threads_start(wanted.procs, message);
    if (error != CONTIG_OK)
        forget();
    return error;
}

static bool written(FILE *file)
{
    return file == NULL || (fflush(file) == 0 && !ferror(file));
}

/* LIFE-9, LIFE-10: at rest every byte is free again and no record is lost, and the caller learns if one is not. */
enum contig_error contig_stop(void)
{
    if (!contig_call_allowed(CALL_AT_REST))
        return CONTIG_BAD_STATE;
    bool good = contig_records_ok() && contig_counts_sum().violations == 0;
    contig_threads_stop();
    bool complete = written(contig_sched.options.trace);
    contig_trace_stop();
    contig_sched.options.trace = NULL;
    contig_sched.stopping = true;
    contig_g_discard_all();
    good = stack_bytes_in_use() == 0 && (contig_sched.options.check ? heap_ok() : heap_used_ok()) &&
           good;
    complete = written(contig_sched.options.report) && complete;
    contig_check_stop();
    contig_arena_stop();
    forget();
    return !good ? CONTIG_INVARIANT : complete ? CONTIG_OK : CONTIG_NOT_WRITTEN;
}

uint64_t contig_set_maximum_stack(uint64_t bytes)
{
    if (!contig_call_allowed_or_say("contig_set_maximum_stack", CALL_ANYWHERE))
        return 0;
    uint64_t old = SYNC_EXCHANGE(&contig_sched.maximum_stack_bytes, bytes);
    contig_trace_maximum();
    return old;
}

void contig_fail_allocations_after(uint64_t after)
{
    if (contig_call_allowed_or_say("contig_fail_allocations_after", CALL_ANYWHERE))
        SYNC_WRITE(&contig_sched.fail_after, after);
}

void contig_read_statistics(struct contig_statistics *statistics)
{
    if (statistics == NULL)
        return;
    *statistics = (struct contig_statistics){0};
    if (!contig_look_begin("contig_read_statistics", 0))
        return;
    *statistics = contig_counts_sum();
    statistics->goroutines = contig_alive();
    statistics->goroutine_records = contig_sched.g_count;
    statistics->stack_bytes_in_use = stack_bytes_in_use();
    statistics->starting_size = contig_sched.starting_stack_size;
    contig_look_end();
}

enum contig_error contig_last_error(uint64_t *id)
{
    if (!contig_sched.started) {
        if (id != NULL)
            *id = 0;
        return CONTIG_OK;
    }
    contig_lock_acquire(&contig_sched.lock);
    enum contig_error error = contig_sched.last_error;
    if (id != NULL)
        *id = contig_sched.last_error_id;
    contig_lock_release(&contig_sched.lock);
    return error;
}

enum contig_error contig_stack_bounds(uint64_t id, uint64_t *low, uint64_t *high, uint64_t *pointer)
{
    if (!contig_look_begin("contig_stack_bounds", id))
        return CONTIG_BAD_STATE;
    const struct g *g = contig_g_by_id(id);
    const struct goroutine_stack stack = g == NULL ? (struct goroutine_stack){0} : g->stack;
    contig_look_end();
    if (g == NULL)
        return CONTIG_NOT_FOUND;
    if (low != NULL)
        *low = stack.lo;
    if (high != NULL)
        *high = stack.hi;
    if (pointer != NULL)
        *pointer = stack.sched.sp;
    return CONTIG_OK;
}

const char *contig_error_name(enum contig_error error)
{
    static const char *const names[] = {
        "no error",
        "out of stack memory",
        "stack overflow",
        "malformed frame",
        "stale pointer",
        "unknown function",
        "thrown",
        "out of memory",
        "bad option",
        "bad site table",
        "not found",
        "invariant violated",
        "call not allowed now",
        "output not written",
        "panic",
    };
    return (size_t)error < sizeof names / sizeof *names ? names[error] : "unknown error";
}
