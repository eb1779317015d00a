/* testing.c: see testing.h. */
#include "src/runtime/testing.h"

#include "src/runtime/runtime.h"

struct g_seen contig_g_see(const struct g *g)
{
    return (struct g_seen){
        .stack = g->stack,
        .id = g->id,
        .stackguard = g->stackguard,
        .status = g->status,
        .pinned = g_pinned(g),
    };
}

const struct goroutine_stack *contig_g_stack(const struct g *g)
{
    return &g->stack;
}

struct g *contig_g_running(void)
{
    return contig_m->curg;
}

struct m *contig_m_running(void)
{
    return contig_m;
}

struct runtime_seen contig_runtime_see(void)
{
    return (struct runtime_seen){
        .arena = contig_sched.arena,
        .maximum_stack_bytes = contig_sched.maximum_stack_bytes,
        .starting_stack_size = contig_sched.starting_stack_size,
        .g_count = contig_sched.g_count,
        .copied_bytes = contig_counts_sum().copied_bytes,
        .started = contig_sched.started,
        .allocations_fail = contig_sched.fail_after != UINT64_MAX,
    };
}

void contig_g_set_outside(struct g *g, struct outside *outside)
{
    g->stack.outside = outside;
}

void contig_g_pin(struct g *g, bool pinned)
{
    g->in_system_call = pinned;
}
