/* testing.c: see testing.h. */
#include "src/runtime/testing.h"

#include "src/runtime/runtime.h"

struct g_seen g_see(const struct g *g)
{
    return (struct g_seen){
        .stack = g->stack,
        .id = g->id,
        .stackguard = g->stackguard,
        .status = g->status,
        .pinned = g_pinned(g),
    };
}

const struct goroutine_stack *g_stack(const struct g *g)
{
    return &g->stack;
}

struct g *g_running(void)
{
    return contig_m->curg;
}

struct m *m_running(void)
{
    return contig_m;
}

struct runtime_seen runtime_see(void)
{
    return (struct runtime_seen){
        .arena = sched.arena,
        .maximum_stack_bytes = sched.maximum_stack_bytes,
        .starting_stack_size = sched.starting_stack_size,
        .g_count = sched.g_count,
        .copied_bytes = sched.statistics.copied_bytes,
        .started = sched.started,
        .allocations_fail = sched.fail_after != UINT64_MAX,
    };
}

void g_set_outside(struct g *g, struct outside *outside)
{
    g->stack.outside = outside;
}

void g_pin(struct g *g, bool pinned)
{
    g->in_system_call = pinned;
}
