/* morestack.c: what __morestack does on the system stack: the verified core grows the stack, or the goroutine yields,
 * or it is over.  CGO-1, CGO-2.  Called by arch/x86_64/morestack.S. */
#include <string.h>

#include "src/c/runtime/c_runtime.h"

static uint64_t *word(uint64_t address)
{
    return contig_sched.arena + (address - arena_base) / 8;
}

/* The check of the prologue, without its slack. */
static bool fits(const struct g *g, uint64_t frame_bytes)
{
    uint64_t guard = stackguard_of(g->stack.lo, g->stack.hi - g->stack.lo);
    return g->stack.sched.sp >= guard && g->stack.sched.sp - guard >= frame_bytes;
}

static void count(struct g *g, uint64_t frame_bytes, uint64_t copied_before)
{
    struct c_goroutine *c = g->c;
    uint64_t used = g->stack.hi - g->stack.sched.sp + frame_bytes,
             copied = contig_counts()->copied_bytes - copied_before;
    c->growths++;
    c->copied_bytes += copied;
    if (used > c->high_water_bytes)
        c->high_water_bytes = used;
    contig_c_count_growth(g->stack.sched.pc, copied);
}

/* GROW-1..GROW-3, with the goroutine's own limit if it has one. */
static enum contig_error grow(struct g *g, uint64_t frame_bytes)
{
    uint64_t limit = g->c->maximum_stack_bytes, others = 0, copied = contig_counts()->copied_bytes;
    if (limit != 0)
        others = contig_set_maximum_stack(limit);
    enum contig_error error = contig_newstack_for(g, frame_bytes);
    if (limit != 0)
        contig_set_maximum_stack(others);
    if (error == CONTIG_OK)
        count(g, frame_bytes, copied);
    return error;
}

/* GROW-5: the registers go to the side stack, where no move disturbs them; see contig_c_resume. */
static void preempt(struct g *g, const struct c_registers *registers)
{
    uint64_t sp = g->stack.sched.sp, at = (registers->side - sizeof *registers) / 16 * 16;
    if (at < g->c->side_low) {
        contig_c_end_overflowed();
        return;
    }
    g->c->saved = (struct c_registers *)(uintptr_t)at;
    *g->c->saved = *registers;
    *word(sp - 8) = *word(sp);
    *word(sp - 16) = 0;
    *word(sp) = 0;
    g->stack.sched.sp = sp - 16;
    g->stack.sched.pc = (uint64_t)(uintptr_t)contig_c_resume;
    contig_newstack(g);
    contig_c_go_on_forced(g);
}

/* The goroutine runs again at sched.sp if this is true. */
bool contig_c_morestack(struct m *m, const struct c_registers *registers);
bool contig_c_morestack(struct m *m, const struct c_registers *registers)
{
    struct g *g = m->curg;
    g->stack.sched.pc = *word(g->stack.sched.sp);
    g->stack.sched.bp = 0;
    g->stack.sched.ctxt = 0;
    if (g->stackguard == STACK_PREEMPT) {
        preempt(g, registers);
        return false;
    }
    do {
        if (grow(g, registers->frame_bytes) != CONTIG_OK)
            return false;
        if (!fits(g, registers->frame_bytes))
            g->stackguard = 0;
    } while (g->stackguard == 0);
    if (contig_c_forced_guard != 0)
        g->stackguard = contig_c_forced_guard;
    return true;
}

/* Called by C through its stub: the goroutine is as stopped. */
enum contig_error contig_c_reserve(uint64_t bytes)
{
    struct g *g = contig_m == NULL ? NULL : contig_m->curg;
    struct stack_fault fault;
    if (g == NULL || g->c == NULL)
        return CONTIG_BAD_STATE;
    if (fits(g, bytes))
        return CONTIG_OK;
    enum contig_error error = contig_g_grow(g, bytes, false, &fault);
    if (error == CONTIG_OK)
        contig_c_go_on_forced(g);
    return error;
}
