/* stack.c: goroutines get, grow, shrink and lose their stacks.
 *
 * The core decides and moves; here are the lock, the fault injection, the trace, and what an error means for a
 * goroutine.  GROW-1..GROW-6, SHRINK-1..SHRINK-6; Go 1.19 runtime/stack.go newstack, shrinkstack. */
#include <stdlib.h>
#include <string.h>

#include "src/core/growth.h"
#include "src/runtime/runtime.h"

static enum contig_error error_of(enum stack_status status)
{
    switch (status) {
    case STACK_OK:
        return CONTIG_OK;
    case STACK_NO_MEMORY:
        return CONTIG_OUT_OF_STACK_MEMORY;
    case STACK_STALE_POINTER:
    case STACK_BAD_OUTSIDE:
        return CONTIG_STALE_POINTER;
    case STACK_TOO_LARGE:
        return CONTIG_STACK_OVERFLOW;
    default:
        return CONTIG_BAD_FRAME;
    }
}

/* True if the fault injection lets this allocation pass. */
static bool allocation_passes(void)
{
    if (sched.fail_after == 0)
        return false;
    if (sched.fail_after != UINT64_MAX)
        sched.fail_after--;
    return true;
}

enum contig_error g_stack_allocate(struct g *g, uint64_t size_bytes)
{
    if (!allocation_passes())
        return CONTIG_OUT_OF_STACK_MEMORY;
    trace_before();
    lock_acquire(&sched.pool_lock);
    struct stack_alloc_result result = stackalloc(all_p[0].id, size_bytes);
    lock_release(&sched.pool_lock);
    if (result.status != STACK_OK)
        return error_of(result.status);
    arena_touched(result.lo, size_bytes);
    trace_allocate(size_bytes, result.lo);
    g->stack.lo = result.lo;
    g->stack.hi = result.lo + size_bytes;
    if (sched.options.taken != NULL)
        sched.options.taken(g->stack.lo, size_bytes);
    return CONTIG_OK;
}

void g_stack_free(struct g *g)
{
    trace_before();
    lock_acquire(&sched.pool_lock);
    enum stack_status status = stackfree(all_p[0].id, g->stack.lo, g->stack.hi - g->stack.lo);
    lock_release(&sched.pool_lock);
    if (status != STACK_OK) {
        fputs("contig: a goroutine's stack is no stack of the core\n", stderr);
        abort();
    }
    trace_free(g->stack.lo, g->stack.hi - g->stack.lo);
    if (sched.options.given != NULL)
        sched.options.given(g->stack.lo, g->stack.hi - g->stack.lo);
    g->stack.lo = 0;
    g->stack.hi = 0;
}

/* Moves g to a stack of new_size bytes; on an error nothing has changed and *fault says which frame. */
static enum contig_error g_move(struct g *g, uint64_t new_size, struct stack_fault *fault)
{
    struct goroutine_stack before = g->stack;
    uint64_t used = before.hi - before.sched.sp;
    *fault = (struct stack_fault){.status = STACK_NO_MEMORY};
    if (!allocation_passes())
        return CONTIG_OUT_OF_STACK_MEMORY;
    if (!check_before_move(g))
        return CONTIG_OUT_OF_MEMORY;
    if (sched.options.moving != NULL)
        sched.options.moving(g->id);
    trace_before();
    lock_acquire(&sched.pool_lock);
    enum stack_status status = copystack(sched.arena, all_p[0].marks, all_p[0].id, &g->stack, new_size, fault);
    lock_release(&sched.pool_lock);
    if (status != STACK_OK)
        return error_of(status);
    arena_touched(g->stack.lo, new_size);
    g->stackguard = g->stack.lo + STACK_GUARD_BYTES;
    sched.statistics.copied_bytes += used;
    check_after_move(g, &before);
    if (sched.options.moved != NULL)
        sched.options.moved(g->id, before.hi - before.lo, new_size, used);
    return CONTIG_OK;
}

/* The stack of g is too short, and cannot be replaced: g is over. */
static enum contig_error growth_failed(struct g *g, enum contig_error error, const struct stack_fault *fault)
{
    report_error(g, error, fault, NULL);
    g_end(g, error);
    return error;
}

/* GROW-5: a poisoned guard was a request to yield, or to shrink first. */
static enum contig_error preempted(struct g *g)
{
    g->stackguard = g->stack.lo + STACK_GUARD_BYTES;
    trace_preempt(g, g->preempt_shrink);
    if (g->preempt_shrink) {
        g->preempt_shrink = false;
        shrink_if_safe(g);
    }
    runq_put(g);
    return CONTIG_OK;
}

/* GROW-1..GROW-6 (newstack): g's prologue found too little stack, or a poisoned guard. */
enum contig_error newstack(struct m *m, struct g *g)
{
    (void)m;
    bool forced = g->stackguard == STACK_FORCE_MOVE;
    if (g->stackguard == STACK_PREEMPT)
        return preempted(g);
    struct stack_fault fault = {.frame_sp = g->stack.sched.sp, .pc = g->stack.sched.pc, .status = STACK_BAD_FRAME};
    struct source_position position;
    if (!sites_position(g->stack.sched.pc, &position))
        return growth_failed(g, CONTIG_UNKNOWN_FUNCTION, &fault);
    uint64_t old_size = g->stack.hi - g->stack.lo, used = g->stack.hi - g->stack.sched.sp;
    uint64_t new_size = forced ? old_size : newstack_size(old_size, used, position.frame_bytes, sched.maximum_stack_bytes);
    if (new_size == 0) {
        trace_overflow(g, position.frame_bytes);
        return growth_failed(g, CONTIG_STACK_OVERFLOW, &fault);
    }
    struct goroutine_stack before = g->stack;
    g->status = G_COPYSTACK;
    enum contig_error error = g_move(g, new_size, &fault);
    g->status = G_RUNNING;
    if (error != CONTIG_OK)
        return growth_failed(g, error, &fault);
    trace_grow(g, &before, position.frame_bytes, forced);
    sched.statistics.growths++;
    check_after_operation(g, "growth");
    return CONTIG_OK;
}

/* SHRINK-6 (isShrinkStackSafe): the stack may be moved by someone else than g itself. */
static bool shrink_safe(const struct g *g)
{
    return !g->in_system_call && !g->async_safe_point && !g->parking_on_channel;
}

/* SHRINK-1..SHRINK-5 (shrinkstack): halves the stack of g, which does not run, if little of it is used. */
void shrink_if_safe(struct g *g)
{
    uint64_t old_size = g->stack.hi - g->stack.lo, used = g->stack.hi - g->stack.sched.sp;
    if (sched.options.never_shrink) {
        trace_shrink_refused(g, "off");
        return;
    }
    if (!shrink_safe(g)) {
        g->preempt_shrink = true;
        if (!sched.gc_running) /* a scan's own line says so */
            trace_shrink_refused(g, "later");
        return;
    }
    uint64_t new_size = shrinkstack_size(old_size, used);
    if (new_size == old_size) {
        trace_no_shrink(g);
        return;
    }
    struct goroutine_stack before = g->stack;
    struct stack_fault fault;
    enum contig_error error = g_move(g, new_size, &fault);
    if (error == CONTIG_OK) {
        trace_shrink(g, &before);
        sched.statistics.shrinks++;
    } else {
        trace_shrink_refused(g, "memory");
        if (error != CONTIG_OUT_OF_STACK_MEMORY && error != CONTIG_OUT_OF_MEMORY)
            report_error(g, error, &fault, NULL);
    }
    check_after_operation(g, "shrink");
}
