/* proc.c: goroutines from birth to death, the run queue, and the loop that runs them.
 *
 * Invariant: a goroutine record is on exactly one of: the run queue (G_RUNNABLE), a list of dead goroutines
 * (G_DEAD), m.curg (G_RUNNING), or none (G_WAITING).  LIFE-1..LIFE-9; Go 1.19 runtime/proc.go. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/heap_check.h"
#include "src/core/site_table.h"
#include "src/core/stackcache.h"
#include "src/runtime/runtime.h"

struct scheduler sched;
struct p all_p[1];

/* All goroutine records, G_SLAB_COUNT in each; a goroutine's number follows from its place. */
static struct g *slabs[G_SLABS_MAX];

static struct m main_m;
_Thread_local struct m *contig_m;

/* Where a poisoned guard is set next; 0: nowhere. */
static uint64_t next_guard;

/* A goroutine's number is its record's index plus 1 and, when the record is used again, plus this much. */
#define ID_STEP ((uint64_t)G_SLABS_MAX * G_SLAB_COUNT)

struct g *g_at(uint64_t index)
{
    return &slabs[index / G_SLAB_COUNT][index % G_SLAB_COUNT];
}

struct g *g_by_id(uint64_t id)
{
    if (id == 0 || (id - 1) % ID_STEP >= sched.g_count)
        return NULL;
    struct g *g = g_at((id - 1) % ID_STEP);
    return g->id == id && g->status != G_DEAD && g->status != G_IDLE ? g : NULL;
}

static void list_push(struct g_list *list, struct g *g)
{
    g->next = list->first;
    list->first = g;
    list->count++;
}

static struct g *list_pop(struct g_list *list)
{
    struct g *g = list->first;
    if (g != NULL) {
        list->first = g->next;
        list->count--;
    }
    return g;
}

void runq_put(struct g *g)
{
    g->status = G_RUNNABLE;
    g->next = NULL;
    if (sched.run_last != NULL)
        sched.run_last->next = g;
    else
        sched.run_first = g;
    sched.run_last = g;
}

static struct g *runq_get(void)
{
    struct g *g = sched.run_first;
    if (g != NULL) {
        sched.run_first = g->next;
        if (sched.run_first == NULL)
            sched.run_last = NULL;
    }
    return g;
}

/* LIFE-3, LIFE-7 (gfput): a dead goroutine keeps its stack only if that has the size that new ones get. */
static void gfput(struct p *p, struct g *g)
{
    if (g->stack.lo != 0 && g->stack.hi - g->stack.lo != sched.starting_stack_size)
        g_stack_free(g);
    list_push(&p->dead, g);
    if (p->dead.count < P_DEAD_GOROUTINES_MAX)
        return;
    lock_acquire(&sched.lock);
    while (p->dead.count >= P_DEAD_GOROUTINES_LEFT) {
        struct g *moved = list_pop(&p->dead);
        list_push(moved->stack.lo != 0 ? &sched.dead_with_stack : &sched.dead_without_stack, moved);
    }
    lock_release(&sched.lock);
}

/* LIFE-2 (gfget): a dead goroutine to use again, those with a stack first; NULL: there is none.  It may have no
 * stack; one of another size than new goroutines get is freed. */
static struct g *gfget(struct p *p)
{
    if (p->dead.first == NULL) {
        lock_acquire(&sched.lock);
        while (p->dead.count < P_DEAD_GOROUTINES_LEFT) {
            struct g *g = list_pop(&sched.dead_with_stack);
            if (g == NULL)
                g = list_pop(&sched.dead_without_stack);
            if (g == NULL)
                break;
            list_push(&p->dead, g);
        }
        lock_release(&sched.lock);
    }
    struct g *g = list_pop(&p->dead);
    if (g != NULL && g->stack.lo != 0 && g->stack.hi - g->stack.lo != sched.starting_stack_size)
        g_stack_free(g);
    return g;
}

/* A record that was never used, or NULL. */
static struct g *g_new_record(void)
{
    uint64_t slab = sched.g_count / G_SLAB_COUNT;
    if (slab >= G_SLABS_MAX)
        return NULL;
    if (slabs[slab] == NULL) {
        slabs[slab] = calloc(G_SLAB_COUNT, sizeof **slabs);
        if (slabs[slab] == NULL)
            return NULL;
    }
    struct g *g = g_at(sched.g_count++);
    g->id = sched.g_count;
    g->status = G_DEAD;
    sched.statistics.goroutine_records++;
    return g;
}

/* The words of a fresh stack and the registers of its goroutine; see arch/x86_64/entry.S. */
static void g_prepare(struct g *g, contig_function *function, uint64_t context)
{
    uint64_t *top = sched.arena + (g->stack.hi - arena_base) / 8;
    memset(top - 6, 0, 6 * sizeof *top);
    top[-5] = (uint64_t)(uintptr_t)contig_goexit_return;
    g->stack.sched = (struct gobuf){
        .sp = g->stack.hi - 48,
        .pc = (uint64_t)(uintptr_t)contig_gostart_resume,
        .bp = g->stack.hi - 48,
        .ctxt = context,
    };
    g->stackguard = g->stack.lo + STACK_GUARD_BYTES;
    g->ret = (uint64_t)(uintptr_t)function;
    g->function = function;
    g->mxcsr = 0x1f80;
    g->fpu_control = 0x37f;
    g->wait_reason = CONTIG_WAIT_NONE;
    g->preempt_shrink = false;
}

/* LIFE-2 (newproc1): a new record always gets a stack of the fixed size, a used one of the starting size. */
enum contig_error contig_go(contig_function *function, uint64_t context, uint64_t *id)
{
    struct p *p = &all_p[0];
    struct g *g = gfget(p);
    uint64_t size_bytes = sched.starting_stack_size;
    if (g == NULL) {
        g = g_new_record();
        size_bytes = FIXED_STACK_BYTES;
        if (g == NULL)
            return CONTIG_OUT_OF_MEMORY;
    }
    if (g->stack.lo == 0) {
        enum contig_error error = g_stack_allocate(g, size_bytes);
        if (error != CONTIG_OK) {
            list_push(&p->dead, g);
            return error;
        }
    }
    g_prepare(g, function, context);
    trace_go(g);
    sched.alive++;
    sched.statistics.spawned++;
    if (id != NULL)
        *id = g->id;
    runq_put(g);
    check_after_operation(g, "go");
    return CONTIG_OK;
}

/* The running goroutine g is over (LIFE-3, goexit0). */
void g_end(struct g *g, enum contig_error error)
{
    g->status = G_DEAD;
    sched.alive--;
    if (error != CONTIG_OK) {
        sched.last_error = error;
        sched.last_error_id = g->id;
        sched.statistics.errors++;
        if (sched.options.ended != NULL)
            sched.options.ended(g->id, error);
    }
    trace_dead(g);
    g->stack.outside = NULL;
    g->id += ID_STEP;
    gfput(&all_p[0], g);
    check_after_operation(NULL, "exit");
}

static void park(struct m *m, struct g *g)
{
    g->status = G_WAITING;
    g->wait_reason = m->argument_0 <= CONTIG_WAIT_SLEEP ? (uint8_t)m->argument_0 : (uint8_t)CONTIG_WAIT_PARKED;
    sched.waiting++;
}

static void thrown(struct m *m, struct g *g)
{
    report_error(g, CONTIG_THROWN, NULL, (const char *)(uintptr_t)m->argument_0);
    g_end(g, CONTIG_THROWN);
}

static void call_on_system_stack(struct m *m, struct g *g)
{
    uint64_t (*function)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)m->argument_0;
    g->ret = function(m->argument_1);
}

/* Does what g asked for; true if g shall go on at once. */
static bool serve(struct m *m, struct g *g)
{
    switch (m->request) {
    case REQUEST_MORESTACK:
        return newstack(m, g) == CONTIG_OK && g->status == G_RUNNING;
    case REQUEST_YIELD:
        runq_put(g);
        return false;
    case REQUEST_PARK:
        park(m, g);
        return false;
    case REQUEST_EXIT:
        g_end(g, CONTIG_OK);
        return false;
    case REQUEST_CALL:
        call_on_system_stack(m, g);
        return g->status == G_RUNNING;
    case REQUEST_THROW:
        thrown(m, g);
        return false;
    }
    abort();
}

/* Runs the first runnable goroutine until it does not go on, and with `all` every one after it; false if there was
 * none.  One loop, so that no function returns between two switches: the processor predicts returns by a stack of
 * its own, which a switch has just emptied. */
static bool run(struct m *m, bool all)
{
    struct g *g = runq_get();
    bool any = g != NULL;
    while (g != NULL) {
        g->status = G_RUNNING;
        if (next_guard != 0) {
            g->stackguard = next_guard;
            next_guard = 0;
        }
        sched.statistics.switches++;
        contig_execute(m, g);
        if (!serve(m, g))
            g = all ? runq_get() : NULL;
    }
    m->curg = NULL;
    return any;
}

bool contig_step(void)
{
    return run(&main_m, false);
}

uint64_t contig_run(void)
{
    run(&main_m, true);
    return sched.waiting;
}

enum contig_error contig_ready(uint64_t id)
{
    struct g *g = g_by_id(id);
    if (g == NULL || g->status != G_WAITING)
        return CONTIG_NOT_FOUND;
    sched.waiting--;
    g->wait_reason = CONTIG_WAIT_NONE;
    runq_put(g);
    return CONTIG_OK;
}

void contig_poison_next_prologue(bool move)
{
    next_guard = move ? STACK_FORCE_MOVE : STACK_PREEMPT;
}

void contig_morestack_on_system_stack(void)
{
    fputs("contig: a goroutine function was called on the system stack\n", stderr);
    abort();
}

static enum contig_error options_check(struct contig_options *options, char *message)
{
    const char *text = getenv("CONTIG_ARENA");
    if (options->arena_bytes == 0 && text != NULL) {
        char *end;
        options->arena_bytes = strtoull(text, &end, 0);
        if (*text < '0' || *text > '9' || *end != '\0' || options->arena_bytes == 0) {
            snprintf(message, 200, "CONTIG_ARENA=%.40s is not a number of bytes", text);
            return CONTIG_BAD_OPTION;
        }
    }
    if (options->arena_bytes == 0)
        options->arena_bytes = DEFAULT_ARENA_BYTES;
    if (options->arena_bytes % CHUNK_BYTES != 0 || options->arena_bytes > (uint64_t)NUM_CHUNKS * CHUNK_BYTES) {
        snprintf(message, 200, "an arena of %" PRIu64 " bytes is not a multiple of %u up to %" PRIu64, options->arena_bytes, CHUNK_BYTES, (uint64_t)NUM_CHUNKS * CHUNK_BYTES);
        return CONTIG_BAD_OPTION;
    }
    if (options->maximum_stack_bytes == 0)
        options->maximum_stack_bytes = DEFAULT_MAXIMUM_STACK_BYTES;
    if (options->report == NULL)
        options->report = stderr;
    return CONTIG_OK;
}

/* The arena stays reserved from the first start on: the core's tables describe it. */
enum contig_error contig_start(const struct contig_options *options, char *message)
{
    char ignored[200];
    struct contig_options wanted = {0};
    if (options != NULL)
        wanted = *options;
    if (message == NULL)
        message = ignored;
    if (sched.started) {
        strcpy(message, "contig_start was called twice");
        return CONTIG_BAD_OPTION;
    }
    enum contig_error error = options_check(&wanted, message);
    if (error != CONTIG_OK)
        return error;
    sched.lock.rank = LOCK_RANK_SCHED;
    sched.pool_lock.rank = LOCK_RANK_STACK_POOL;
    if (sched.arena != NULL && sched.arena_bytes != wanted.arena_bytes) {
        strcpy(message, "the arena cannot change its size: the core's tables describe the first one");
        return CONTIG_BAD_OPTION;
    }
    if (sites_count == 0)
        error = sites_start(message);
    if (error == CONTIG_OK && sched.arena == NULL)
        error = arena_reserve(wanted.arena_bytes, message);
    if (error != CONTIG_OK)
        return error;
    if (all_p[0].marks == NULL)
        all_p[0].marks = calloc(MARK_WORDS, sizeof *all_p[0].marks);
    if (all_p[0].marks == NULL) {
        strcpy(message, "no memory for the pointer marks of a stack");
        return CONTIG_OUT_OF_MEMORY;
    }
    sched.options = wanted;
    sched.starting_stack_size = FIXED_STACK_BYTES;
    sched.maximum_stack_bytes = wanted.maximum_stack_bytes;
    sched.fail_after = UINT64_MAX;
    sched.started = true;
    main_m.p = &all_p[0];
    contig_m = &main_m;
    trace_start();
    return CONTIG_OK;
}

static void g_discard(struct g *g)
{
    if (g->stack.lo != 0)
        g_stack_free(g);
}

/* LIFE-9: at rest every byte is free again, and the caller learns if one is not. */
enum contig_error contig_stop(void)
{
    if (sched.options.trace != NULL)
        fflush(sched.options.trace);
    sched.options.trace = NULL;
    for (uint64_t i = 0; i < sched.g_count; i++)
        g_discard(g_at(i));
    stackcache_clear(0);
    freestackspans();
    enum contig_error error = stack_bytes_in_use() == 0 && heap_ok() ? CONTIG_OK : CONTIG_INVARIANT;
    for (uint64_t i = 0; i < G_SLABS_MAX && slabs[i] != NULL; i++) {
        free(slabs[i]);
        slabs[i] = NULL;
    }
    sched = (struct scheduler){.arena = sched.arena, .arena_bytes = sched.arena_bytes};
    all_p[0] = (struct p){.marks = all_p[0].marks};
    next_guard = 0;
    contig_m = NULL;
    return error;
}

uint64_t contig_set_maximum_stack(uint64_t bytes)
{
    uint64_t old = sched.maximum_stack_bytes;
    sched.maximum_stack_bytes = bytes;
    trace_maximum();
    return old;
}

void contig_fail_allocations_after(uint64_t after)
{
    sched.fail_after = after;
}

void contig_read_statistics(struct contig_statistics *statistics)
{
    *statistics = sched.statistics;
    statistics->goroutines = sched.alive;
    statistics->stack_bytes_in_use = stack_bytes_in_use();
    statistics->starting_size = sched.starting_stack_size;
}

enum contig_error contig_last_error(uint64_t *id)
{
    if (id != NULL)
        *id = sched.last_error_id;
    return sched.last_error;
}

enum contig_error contig_stack_bounds(uint64_t id, uint64_t *low, uint64_t *high, uint64_t *pointer)
{
    struct g *g = g_by_id(id);
    if (g == NULL)
        return CONTIG_NOT_FOUND;
    *low = g->stack.lo;
    *high = g->stack.hi;
    *pointer = g->stack.sched.sp;
    return CONTIG_OK;
}

const char *contig_error_name(enum contig_error error)
{
    static const char *const names[] = {
        "no error", "out of stack memory", "stack overflow", "malformed frame", "stale pointer", "unknown function",
        "thrown", "out of memory", "bad option", "bad site table", "not found", "invariant violated",
    };
    return names[error];
}
