/* records.c: the lists that goroutine records are on, whether each record is on exactly one, and sums over all P's.
 *
 * Invariant, LIFE-10: a record is on exactly one of: a run queue (G_RUNNABLE), a list of dead goroutines (G_DEAD),
 * or none (it waits, runs, or is held by C code that is about to put it on a list). */
#include "src/runtime/runtime.h"

/* What a count found. */
struct census {
    uint64_t listed, runnable, running, waiting;
};

/* Marks the records of a list; false if one is marked already, or is not what the list is for. */
static bool list_visit(struct g *first, enum g_status status, uint64_t *count)
{
    *count = 0;
    for (struct g *g = first; g != NULL; g = g->next) {
        if (g->visited || g->status != status || g->held)
            return false;
        g->visited = true;
        ++*count;
    }
    return true;
}

static bool dead_list_ok(const struct g_list *list, struct census *census)
{
    uint64_t count;
    if (!list_visit(list->first, G_DEAD, &count) || count != list->count)
        return false;
    census->listed += count;
    return true;
}

static bool stacks_are(const struct g_list *list, bool wanted)
{
    for (const struct g *g = list->first; g != NULL; g = g->next)
        if ((g->stack.lo != 0) != wanted)
            return false;
    return true;
}

static bool queue_ok(struct g *first, const struct g *last, uint32_t count, struct census *census)
{
    uint64_t listed;
    const struct g *end = NULL;
    if (!list_visit(first, G_RUNNABLE, &listed) || listed != count)
        return false;
    for (const struct g *g = first; g != NULL; g = g->next)
        end = g;
    census->runnable += listed;
    return end == NULL || end == last;
}

static bool processor_ok(const struct p *p, struct census *census)
{
    return queue_ok(p->run_first, p->run_last, p->run_count, census) &&
           dead_list_ok(&p->dead, census);
}

/* A record that is on no list waits, runs or is held, and one that is on a list does not. */
static bool record_ok(const struct g *g, struct census *census)
{
    census->waiting += g->status == G_WAITING;
    census->running += g->status == G_RUNNING || g->status == G_COPYSTACK;
    bool alone =
        g->status == G_WAITING || g->status == G_RUNNING || g->status == G_COPYSTACK || g->held;
    return alone != g->visited;
}

bool contig_records_ok(void)
{
    struct census census = {0};
    for (uint64_t i = 0; i < contig_sched.g_count; i++)
        contig_g_at(i)->visited = false;
    bool good =
        queue_ok(contig_sched.run_first, contig_sched.run_last, contig_sched.run_count, &census) &&
        dead_list_ok(&contig_sched.dead_with_stack, &census) &&
        dead_list_ok(&contig_sched.dead_without_stack, &census) &&
        stacks_are(&contig_sched.dead_with_stack, true) &&
        stacks_are(&contig_sched.dead_without_stack, false);
    for (uint32_t i = 0; i < contig_sched.threads && good; i++)
        good = processor_ok(&contig_all_p[i], &census);
    for (uint64_t i = 0; i < contig_sched.g_count && good; i++)
        good = record_ok(contig_g_at(i), &census);
    return good && census.waiting == contig_waiting() &&
           census.running <= contig_sched.run_depth + contig_sched.threads - 1 &&
           census.runnable + census.running + census.waiting == contig_alive();
}

uint64_t contig_alive(void)
{
    uint64_t alive = 0;
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        alive += contig_all_p[i].alive;
    return alive;
}

uint64_t contig_waiting(void)
{
    uint64_t waiting = 0;
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        waiting += contig_all_p[i].waiting;
    return waiting;
}

bool contig_any_runnable(void)
{
    bool any = contig_sched.run_count != 0;
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        any = any || contig_all_p[i].run_count != 0;
    return any;
}

struct contig_statistics contig_counts_sum(void)
{
    struct contig_statistics sum = {0};
    for (uint32_t i = 0; i < contig_sched.threads; i++) {
        const struct contig_statistics *counts = &contig_all_p[i].statistics;
        sum.spawned += counts->spawned;
        sum.growths += counts->growths;
        sum.shrinks += counts->shrinks;
        sum.copied_bytes += counts->copied_bytes;
        sum.switches += counts->switches;
        sum.cycles += counts->cycles;
        sum.errors += counts->errors;
        sum.checks += counts->checks;
        sum.violations += counts->violations;
    }
    return sum;
}
