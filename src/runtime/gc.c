/* gc.c: the garbage collection cycle, as far as it concerns stacks.
 *
 *   phase 1, marking      each goroutine's stack is scanned (here: measured), and shrunk if that is safe and due;
 *                         stacks of dead goroutines on the scheduler's list are freed;
 *                         stacks freed meanwhile stay with the core: a conservative scan may still look at them
 *   phase 2, termination  the starting size becomes the average of what was scanned
 *   phase 0               every P's cache is emptied, wholly free spans and queued large stacks go back
 *
 * GC-1..GC-6; Go 1.19 runtime/mgcmark.go scanstack, markrootFreeGStacks, runtime/stack.go freeStackSpans,
 * gcComputeStartingStackSize. */
#include "src/core/heap/stackcache.h"
#include "src/runtime/runtime.h"

/* Goroutines that ran when the collection came to them: as many threads as there are, unless some began anew. */
#define RUNNING_MAX NUM_P

struct collection {
    struct p *p;
    uint64_t
        first_passed; /* record of the first one that did not fit in `running`, or the number of records */
    uint32_t running_count;
    uint64_t running[RUNNING_MAX];
};

/* GC-5: one goroutine's stack, which is the collection's. */
static void scan_stack(struct p *p, struct g *g)
{
    p->scanned_stack_bytes += g->stack.hi - g->stack.sched.sp;
    p->scanned_stacks++;
    g->scanned = contig_sched.gc_number;
    if (contig_tracing())
        contig_trace_scan(g);
    contig_shrink_if_safe(g);
    if (g->preempt_shrink)
        g->stackguard = STACK_PREEMPT;
}

static bool is_alive(const struct g *g)
{
    uint8_t status = SYNC_READ(&g->status);
    return status != G_IDLE && status != G_DEAD;
}

/* One that runs is left until the world is stopped; the one that asked for the collection is stopped already. */
static void scan_claimed(struct collection *now, struct g *g, uint64_t record)
{
    bool mine = !contig_threads ? g->status == G_WAITING || g->status == G_RUNNABLE
                                : contig_g_claim_to_scan(g);
    if (mine) {
        if (g->scanned != contig_sched.gc_number)
            scan_stack(now->p, g);
        if (contig_threads)
            contig_g_release(g);
    } else if (is_alive(g)) {
        if (now->running_count < RUNNING_MAX)
            now->running[now->running_count++] = record;
        else if (record < now->first_passed)
            now->first_passed = record;
    }
}

/* OWN-1: while other goroutines run. */
static void scan_stacks(struct collection *now)
{
    uint64_t count = SYNC_READ(&contig_sched.g_count);
    now->first_passed = count;
    struct g *g = NULL;
    for (uint64_t i = 0; i < count; i++, g++) {
        if (i % G_SLAB_COUNT == 0)
            g = contig_g_at(i);
        if (SYNC_PEEK(&contig_sched.calls) & CALL_STOP)
            contig_stand_by();
        scan_claimed(now, g, i);
    }
}

static void scan_left(struct collection *now, struct g *g)
{
    if (is_alive(g) && g->scanned != contig_sched.gc_number)
        scan_stack(now->p, g);
}

/* With the world stopped: those that ran, and what was passed by since there were many. */
static void scan_rest(struct collection *now, uint64_t count)
{
    for (uint32_t i = 0; i < now->running_count; i++)
        scan_left(now, contig_g_at(now->running[i]));
    for (uint64_t i = now->first_passed; i < count; i++)
        scan_left(now, contig_g_at(i));
}

static struct g *dead_with_stack_pop(void)
{
    contig_lock_acquire(&contig_sched.lock);
    struct g *g = g_list_pop(&contig_sched.dead_with_stack);
    contig_lock_release(&contig_sched.lock);
    return g;
}

/* LIFE-4, LIFE-6 (markrootFreeGStacks): dead goroutines on the scheduler's list lose their stacks. */
static void free_dead_stacks(void)
{
    for (struct g *g = dead_with_stack_pop(); g != NULL; g = dead_with_stack_pop()) {
        contig_g_stack_free(g);
        contig_lock_acquire(&contig_sched.lock);
        g_list_push(&contig_sched.dead_without_stack, g);
        contig_lock_release(&contig_sched.lock);
    }
}

/* GC-6: new goroutines get a stack of the average size that was scanned, so that they need not grow at once. */
static void compute_starting_size(struct p *p)
{
    uint64_t stacks = contig_sched.options.fixed_starting_size ? 0 : p->scanned_stacks;
    contig_sched.starting_stack_size =
        starting_stack_size(p->scanned_stack_bytes, stacks, contig_sched.maximum_stack_bytes);
    p->scanned_stack_bytes = 0;
    p->scanned_stacks = 0;
    contig_trace_starting_size();
}

/* Go flushes every P's cache before sweeping, then frees the spans that became idle.  With the pool's lock. */
static void give_back(void)
{
    for (uint32_t i = 0; i < contig_sched.threads; i++) {
        contig_trace_before();
        contig_trace_clear(i);
        stackcache_clear(i);
        contig_trace_after_clear();
    }
    contig_trace_free_spans();
    freestackspans();
    contig_trace_after_free_spans();
    contig_arena_give_back();
}

/* The world is stopped, but a thread may come back from a system call, or from a sleep. */
static void scanning(bool on)
{
    contig_lock_acquire(&contig_sched.lock);
    contig_call(CALL_SCAN, on);
    contig_lock_release(&contig_sched.lock);
}

/* Of several that are asked for at once, one runs, and the others are what it was. */
static bool begin(void)
{
    contig_world_stop();
    bool first = contig_sched.gc_running == 0;
    if (first) {
        contig_sched.gc_number++;
        SYNC_WRITE(&contig_sched.gc_running, 1);
        contig_trace_phase(1);
        stack_gc_begin();
        scanning(contig_threads);
    }
    contig_world_go_on();
    return first;
}

/* With the world stopped. */
static void finish(struct collection *now)
{
    scan_rest(now, contig_sched.g_count);
    free_dead_stacks();
    compute_starting_size(now->p);
    contig_trace_phase(2);
    stack_gc_end();
    scanning(false);
    SYNC_WRITE(&contig_sched.gc_running, 0);
    contig_trace_phase(0);
    contig_lock_acquire(&contig_sched.pool_lock);
    give_back();
    contig_lock_release(&contig_sched.pool_lock);
    now->p->statistics.cycles++;
}

enum contig_error contig_gc(void)
{
    struct collection now = {.p = contig_m == NULL ? NULL : contig_p()};
    if (!contig_call_allowed(CALL_COLLECTS))
        return CONTIG_BAD_STATE;
    if (begin()) {
        scan_stacks(&now);
        contig_world_stop();
        finish(&now);
        contig_world_go_on();
    } else {
        contig_stand_while(&contig_sched.gc_running, 1);
    }
    contig_check_after_operation(NULL, "gc");
    return CONTIG_OK;
}
