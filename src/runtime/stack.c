/* stack.c: goroutines get, grow, shrink and lose their stacks.
 *
 * The core decides and moves; here are the lock, the fault injection, the trace, and what an error means for a
 * goroutine.  GROW-1..GROW-6, SHRINK-1..SHRINK-6; Go 1.19 runtime/stack.go newstack, shrinkstack. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/move/growstack.h"
#include "src/runtime/chan.h"
#include "src/runtime/runtime.h"

static enum contig_error error_of(enum stack_status status)
{
    switch (status) {
    case STACK_OK: return CONTIG_OK;
    case STACK_NO_MEMORY: return CONTIG_OUT_OF_STACK_MEMORY;
    case STACK_STALE_POINTER:
    case STACK_BAD_OUTSIDE: return CONTIG_STALE_POINTER;
    case STACK_TOO_LARGE: return CONTIG_STACK_OVERFLOW;
    default: return CONTIG_BAD_FRAME;
    }
}

/* For tests: the next allocation of a stack fails. */
static bool allocation_is_to_fail(void)
{
    return SYNC_PEEK(&contig_sched.fail_after) == 0;
}

static void one_less_until_failure(void)
{
    contig_lock_acquire(&contig_sched.pool_lock);
    if (contig_sched.fail_after != UINT64_MAX && contig_sched.fail_after != 0)
        SYNC_POKE(&contig_sched.fail_after, contig_sched.fail_after - 1);
    contig_lock_release(&contig_sched.pool_lock);
}

/* A stack of the core is a goroutine's. */
static void allocation_succeeded(uint64_t low, uint64_t bytes)
{
    if (SYNC_PEEK(&contig_sched.fail_after) != UINT64_MAX)
        one_less_until_failure();
    contig_arena_touched(low, bytes);
}

/* OWN-4: what the P's own cache has, or has room for, needs no lock. */
static struct stack_alloc_result take(uint32_t p, uint64_t size_bytes)
{
    struct stack_alloc_result result = {STACK_NO_MEMORY, 0};
    if (contig_threads)
        result = stackalloc_local(p, size_bytes);
    if (result.status == STACK_OK)
        return result;
    contig_lock_acquire(&contig_sched.pool_lock);
    result = stackalloc(p, size_bytes);
    contig_lock_release(&contig_sched.pool_lock);
    return result;
}

static enum stack_status give(uint32_t p, uint64_t low, uint64_t size_bytes)
{
    if (contig_threads && stackfree_local(p, low, size_bytes) == STACK_OK)
        return STACK_OK;
    contig_lock_acquire(&contig_sched.pool_lock);
    enum stack_status status = stackfree(p, low, size_bytes);
    contig_lock_release(&contig_sched.pool_lock);
    return status;
}

enum contig_error contig_g_stack_allocate(struct g *g, uint64_t size_bytes)
{
    if (allocation_is_to_fail())
        return CONTIG_OUT_OF_STACK_MEMORY;
    contig_trace_before();
    struct stack_alloc_result result = take(contig_p()->id, size_bytes);
    if (result.status != STACK_OK)
        return error_of(result.status);
    allocation_succeeded(result.lo, size_bytes);
    contig_trace_allocate(size_bytes, result.lo);
    g->stack.lo = result.lo;
    g->stack.hi = result.lo + size_bytes;
    if (contig_sched.options.taken != NULL)
        contig_sched.options.taken(g->stack.lo, size_bytes);
    if (has_guard_page(size_bytes))
        contig_arena_guard_page(g->stack.lo);
    return CONTIG_OK;
}

void contig_g_stack_free(struct g *g)
{
    if (has_guard_page(g->stack.hi - g->stack.lo))
        contig_arena_open_guard_page(g->stack.lo);
    contig_trace_before();
    enum stack_status status = give(contig_p()->id, g->stack.lo, g->stack.hi - g->stack.lo);
    if (status != STACK_OK) {
        fprintf(stderr,
                "contig: internal error: stack [%#" PRIx64 ", %#" PRIx64 ") of goroutine %" PRIu64
                " is not live\n",
                g->stack.lo, g->stack.hi, g->id);
        abort();
    }
    contig_trace_free(g->stack.lo, g->stack.hi - g->stack.lo);
    if (contig_sched.options.given != NULL)
        contig_sched.options.given(g->stack.lo, g->stack.hi - g->stack.lo);
    g->stack.lo = 0;
    g->stack.hi = 0;
}

/* What the callers and the checkers of a move do before it.  False: the checkers have no memory, and nothing was
 * done. */
static bool before_move(struct g *g)
{
    if (contig_watched() && (!contig_check_before_move(g) || !contig_trace_before_move(g)))
        return false;
    if (contig_sched.options.moving != NULL) {
        contig_m->moves = g;
        contig_sched.options.moving(g->id);
        contig_m->moves = NULL;
    }
    if (g->active_stack_chans)
        contig_chan_lock_for_move(g);
    if (contig_watched())
        contig_trace_before();
    return true;
}

static void move_done(const struct g *g, enum stack_status status)
{
    if (status == STACK_OK)
        allocation_succeeded(g->stack.lo, g->stack.hi - g->stack.lo);
    if (g->active_stack_chans)
        contig_chan_unlock_after_move(g);
}

/* OWN-4: with the pool's lock, unless the P's own cache has the new stack and room for the old one. */
static enum stack_status grow_in_core(struct g *g, uint64_t frame_bytes, bool forced,
                                      struct stack_fault *fault)
{
    const struct p *p = contig_p();
    uint64_t maximum = SYNC_PEEK(&contig_sched.maximum_stack_bytes);
    bool local = contig_threads && growth_is_local(p->id, &g->stack, frame_bytes, maximum, forced);
    if (!local)
        contig_lock_acquire(&contig_sched.pool_lock);
    enum stack_status status = growstack(contig_sched.arena, p->marks, p->id, &g->stack,
                                         frame_bytes, maximum, forced, fault);
    if (!local)
        contig_lock_release(&contig_sched.pool_lock);
    return status;
}

/* And after it, if it succeeded: g has another stack than `before`. */
static void after_move(struct g *g, const struct goroutine_stack *before)
{
    if (has_guard_page(before->hi - before->lo))
        contig_arena_open_guard_page(before->lo);
    if (has_guard_page(g->stack.hi - g->stack.lo))
        contig_arena_guard_page(g->stack.lo);
    g->stackguard = stackguard_of(g->stack.lo, g->stack.hi - g->stack.lo);
    contig_counts()->copied_bytes += before->hi - before->sched.sp;
    if (contig_watched())
        contig_check_after_move(g, before);
}

/* The program may change what it gave g outside of its stack: of a goroutine that waits, the trace is written first. */
static void tell_moved(const struct g *g, const struct goroutine_stack *before)
{
    if (contig_sched.options.moved == NULL)
        return;
    contig_m->moves = g;
    contig_sched.options.moved(g->id, before->hi - before->lo, g->stack.hi - g->stack.lo,
                               before->hi - before->sched.sp);
    contig_m->moves = NULL;
}

/* The stack of g is too short, and cannot be replaced: g is over.  The core may have named no frame: then it is the
 * innermost. */
static enum contig_error growth_failed(struct g *g, enum contig_error error,
                                       struct stack_fault *fault)
{
    if (fault->status == STACK_OK)
        *fault = (struct stack_fault){g->stack.sched.sp, g->stack.sched.pc, 0, STACK_BAD_FRAME};
    contig_report_error(g, error, fault, NULL);
    contig_g_end(g, error);
    return error;
}

/* GROW-5: the poisoned guard was a request to yield, or to shrink first. */
static enum contig_error preempted(struct g *g, enum newstack_step step)
{
    g->stackguard = stackguard_of(g->stack.lo, g->stack.hi - g->stack.lo);
    contig_trace_preempt(g, step == NEWSTACK_SHRINK);
    if (step == NEWSTACK_SHRINK) {
        g->preempt_shrink = false;
        contig_shrink_if_safe(g);
    }
    contig_runq_put(contig_p(), g);
    return CONTIG_OK;
}

/* GROW-1..GROW-3: the core finds the size, or says overflow, and moves g there. */
enum contig_error contig_g_grow(struct g *g, uint64_t frame_bytes, bool forced,
                                struct stack_fault *fault)
{
    struct goroutine_stack before = g->stack;
    if (allocation_is_to_fail())
        return CONTIG_OUT_OF_STACK_MEMORY;
    contig_g_status(g, G_COPYSTACK);
    if (!before_move(g)) {
        contig_g_status(g, G_RUNNING);
        return CONTIG_OUT_OF_MEMORY;
    }
    enum stack_status status = grow_in_core(g, frame_bytes, forced, fault);
    move_done(g, status);
    if (status == STACK_OK) {
        after_move(g, &before);
        tell_moved(g, &before);
    }
    contig_g_status(g, G_RUNNING);
    if (status == STACK_TOO_LARGE)
        contig_trace_overflow(g, frame_bytes);
    if (status != STACK_OK)
        return error_of(status);
    if (contig_watched())
        contig_trace_grow(g, &before, frame_bytes, forced);
    contig_counts()->growths++;
    contig_check_after_operation(g, "growth");
    return CONTIG_OK;
}

/* OWN-2: the guard that the prologue compared with.  Another thread poisons the thread's word alone: what would have
 * passed the check by the goroutine's own guard was stopped by that. */
static uint64_t guard_seen(const struct g *g, uint64_t frame_bytes)
{
    uint64_t sp = g->stack.sched.sp, guard = g->stackguard;
    return contig_threads && guard < sp && sp - guard > frame_bytes ? STACK_PREEMPT : guard;
}

/* GROW-1..GROW-6 (newstack): g's prologue found too little stack, or a poisoned guard. */
static inline enum contig_error newstack(struct g *g, bool known, uint64_t frame_bytes)
{
    struct stack_fault fault = {.status = STACK_OK};
    enum newstack_step step = newstack_step(guard_seen(g, frame_bytes), g->preempt_shrink);
    if (step == NEWSTACK_YIELD || step == NEWSTACK_SHRINK)
        return preempted(g, step);
    enum contig_error error = known ? contig_g_grow(g, frame_bytes, step == NEWSTACK_MOVE, &fault)
                                    : CONTIG_UNKNOWN_FUNCTION;
    return error == CONTIG_OK ? CONTIG_OK : growth_failed(g, error, &fault);
}

enum contig_error contig_newstack(struct g *g)
{
    uint64_t frame_bytes;
    bool known = contig_sites_frame_bytes(g->stack.sched.pc, &frame_bytes);
    return newstack(g, known, frame_bytes);
}

enum contig_error contig_newstack_for(struct g *g, uint64_t frame_bytes)
{
    return newstack(g, true, frame_bytes);
}

/* SHRINK-1..SHRINK-5: a stack that is due is halved. */
static void shrink(struct g *g)
{
    struct goroutine_stack before = g->stack;
    struct stack_fault fault;
    enum contig_error error = CONTIG_OUT_OF_STACK_MEMORY;
    if (!allocation_is_to_fail() && !before_move(g))
        error = CONTIG_OUT_OF_MEMORY;
    else if (!allocation_is_to_fail()) {
        contig_lock_acquire(&contig_sched.pool_lock);
        enum stack_status status =
            shrinkstack(contig_sched.arena, contig_p()->marks, contig_p()->id, &g->stack, &fault);
        contig_lock_release(&contig_sched.pool_lock);
        move_done(g, status);
        error = error_of(status);
    }
    if (error == CONTIG_OK) {
        after_move(g, &before);
        contig_trace_shrink(g, &before);
        tell_moved(g, &before);
        contig_counts()->shrinks++;
    } else {
        contig_trace_shrink_refused(g, "memory");
        if (error != CONTIG_OUT_OF_STACK_MEMORY && error != CONTIG_OUT_OF_MEMORY)
            contig_report_error(g, error, &fault, NULL);
    }
    contig_check_after_operation(g, "shrink");
}

/* SHRINK-3, SHRINK-6 (shrinkstack): g does not run; the core decides what becomes of its stack. */
void contig_shrink_if_safe(struct g *g)
{
    switch (shrink_step(contig_sched.options.never_shrink, g->in_system_call, g->async_safe_point,
                        g->parking_on_channel, g->stack.hi - g->stack.lo,
                        g->stack.hi - g->stack.sched.sp)) {
    case SHRINK_OFF: contig_trace_shrink_refused(g, "off"); return;
    case SHRINK_LATER:
        g->preempt_shrink = true;
        if (!contig_sched.gc_running) /* a scan's own line says so */
            contig_trace_shrink_refused(g, "later");
        return;
    case SHRINK_NOT_DUE:
        if (contig_tracing())
            contig_trace_no_shrink(g);
        return;
    case SHRINK_DUE: shrink(g); return;
    }
}
