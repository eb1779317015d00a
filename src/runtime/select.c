/* select.c: choices among channel operations, and the channels that are locked while a stack moves.
 *
 * Go 1.19 runtime/select.go selectgo, runtime/stack.go syncadjustsudogs.  CHAN-2, CHAN-3, CHAN-9. */
#include "src/runtime/chan.h"

/* Of the select that is being made, or of the goroutine whose stack moves: one at a time. */
static struct select_case cases_of_core[SELECT_CASES_MAX];
static uint16_t order[SELECT_CASES_MAX];
static uint32_t locked[SELECT_CASES_MAX];

static void sift_down(uint32_t *heap, uint32_t at, uint32_t count)
{
    for (uint32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child] < heap[child + 1])
            child++;
        if (heap[at] >= heap[child])
            return;
        uint32_t kept = heap[at];
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

uint32_t contig_chan_sort(uint32_t *channels, uint32_t count)
{
    uint32_t distinct = 0;
    for (uint32_t at = count / 2; at-- > 0;)
        sift_down(channels, at, count);
    for (uint32_t end = count; end > 1; end--) {
        uint32_t largest = channels[0];
        channels[0] = channels[end - 1];
        channels[end - 1] = largest;
        sift_down(channels, 0, end - 1);
    }
    for (uint32_t k = 0; k < count; k++)
        if (k == 0 || channels[k] != channels[k - 1])
            channels[distinct++] = channels[k];
    return distinct;
}

/* Go fastrandn: xorshift, and a product in place of a remainder. */
static uint32_t random_below(struct p *p, uint32_t limit)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 7;
    p->random ^= p->random << 17;
    return (uint32_t)((uint64_t)(uint32_t)p->random * limit >> 32);
}

/* A random order of the cases: each case is put at a random place among those before it. */
static void order_shuffle(struct p *p, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        uint32_t place = random_below(p, k + 1);
        order[k] = order[place];
        order[place] = (uint16_t)k;
    }
}

/* The cases as the core reads them; the channels to lock, and their number in *count. */
static enum chan_outcome cases_read(const struct g *g, const struct contig_select_case *cases,
                                    uint32_t cases_count, uint32_t *count)
{
    *count = 0;
    for (uint32_t k = 0; k < cases_count; k++) {
        enum chan_outcome outcome = contig_chan_check(g, cases[k].channel, cases[k].slot);
        if (outcome != CHAN_DONE)
            return outcome;
        cases_of_core[k] = (struct select_case){(uint32_t)cases[k].channel, cases[k].sends != 0};
        if (cases[k].channel != 0)
            locked[(*count)++] = (uint32_t)cases[k].channel;
    }
    *count = contig_chan_sort(locked, *count);
    return CHAN_DONE;
}

static enum chan_outcome select_wait(struct g *g, const struct contig_select_case *cases,
                                     uint32_t count)
{
    if (!contig_chan_rows_reserve(g, count))
        return CHAN_NO_ROOM;
    for (uint32_t k = 0; k < count; k++)
        contig_chan_slot_set(g, k, (uint32_t)cases[k].channel, cases[k].slot);
    return contig_chan_wait(g, cases_of_core, count, CONTIG_WAIT_SELECT);
}

/* One case proceeds; or none, and g goes on if there is a default, or waits. */
static enum chan_outcome choose(struct g *g, const struct contig_select_case *cases, uint32_t count,
                                bool has_default)
{
    struct select_choice choice = select_poll(cases_of_core, order, count);
    if (choice.chosen == count && has_default) {
        g->ret = CONTIG_SELECT_DEFAULT;
        return CHAN_DONE;
    }
    if (choice.chosen == count)
        return select_wait(g, cases, count);
    const struct contig_select_case *chosen = &cases[choice.chosen];
    enum chan_outcome outcome = contig_chan_act(g, choice.step, (uint32_t)chosen->channel,
                                                chosen->slot, chosen->sends != 0);
    g->ret = g->ret << 32 | choice.chosen;
    return outcome;
}

bool contig_chan_select(struct g *g, uint64_t cases, uint64_t count)
{
    static const struct contig_select_case nil;
    bool has_default = (count & CONTIG_SELECT_DEFAULT) != 0;
    uint64_t wanted = count & ~CONTIG_SELECT_DEFAULT;
    const struct contig_select_case *given = wanted != 0 ? (const void *)(uintptr_t)cases : &nil;
    if (wanted > SELECT_CASES_MAX)
        return contig_chan_finish(g, CHAN_TOO_MANY);
    uint32_t number = wanted != 0 ? (uint32_t)wanted : 1, channels;
    enum chan_outcome outcome = cases_read(g, given, number, &channels);
    if (outcome != CHAN_DONE)
        return contig_chan_finish(g, outcome);
    order_shuffle(contig_m->p, number);
    contig_lock_channels(locked, channels);
    outcome = choose(g, given, number, has_default);
    contig_unlock_channels();
    return contig_chan_finish(g, outcome);
}

void contig_chan_lock_for_move(const struct g *g)
{
    if (g->active_stack_chans)
        contig_lock_channels(locked, contig_chan_sort(locked, contig_chan_rows_list(g, locked)));
}

void contig_chan_unlock_after_move(const struct g *g)
{
    if (g->active_stack_chans)
        contig_unlock_channels();
}
