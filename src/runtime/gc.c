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

/* GC-5: one goroutine's stack. */
static void scan_stack(struct p *p, struct g *g)
{
    p->scanned_stack_bytes += g->stack.hi - g->stack.sched.sp;
    p->scanned_stacks++;
    contig_trace_scan(g);
    contig_shrink_if_safe(g);
    if (g->preempt_shrink)
        sync_poke(&g->stackguard, STACK_PREEMPT);
}

static void scan_stacks(struct p *p)
{
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        struct g *g = contig_g_at(i);
        if (g->status == G_RUNNABLE || g->status == G_WAITING || g->status == G_RUNNING)
            scan_stack(p, g);
    }
}

/* LIFE-4, LIFE-6 (markrootFreeGStacks): dead goroutines on the scheduler's list lose their stacks. */
static void free_dead_stacks(void)
{
    for (struct g *g = g_list_pop(&contig_sched.dead_with_stack); g != NULL;
         g = g_list_pop(&contig_sched.dead_with_stack)) {
        contig_g_stack_free(g);
        g_list_push(&contig_sched.dead_without_stack, g);
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

/* Go flushes every P's cache before sweeping, then frees the spans that became idle. */
static void give_back(void)
{
    for (uint32_t i = 0; i < contig_sched.procs; i++) {
        contig_trace_before();
        contig_trace_clear(i);
        stackcache_clear(i);
        contig_trace_after_clear();
    }
    contig_trace_free_spans();
    freestackspans();
    contig_trace_after_free_spans();
}

/* With no other thread running. */
static void cycle(struct p *p)
{
    contig_sched.gc_running = true;
    contig_trace_phase(1);
    stack_gc_begin();
    scan_stacks(p);
    free_dead_stacks();
    compute_starting_size(p);
    contig_trace_phase(2);
    stack_gc_end();
    contig_sched.gc_running = false;
    contig_trace_phase(0);
    contig_lock_acquire(&contig_sched.pool_lock);
    give_back();
    contig_arena_give_back();
    contig_lock_release(&contig_sched.pool_lock);
    p->statistics.cycles++;
}

enum contig_error contig_gc(void)
{
    if (!contig_call_allowed(CALL_COLLECTS))
        return CONTIG_BAD_STATE;
    contig_world_stop();
    cycle(contig_p());
    contig_world_go_on();
    contig_check_after_operation(NULL, "gc");
    return CONTIG_OK;
}
