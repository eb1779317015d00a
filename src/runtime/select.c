/* select.c: choices among channel operations.  Go 1.19 runtime/select.go selectgo.  CHAN-3, CHAN-9. */
#include "src/runtime/chan.h"

#include <stdlib.h>

/* Of the select that a P makes: one at a time. */
struct select_scratch {
    struct select_case cases[SELECT_CASES_MAX];
    uint16_t order[SELECT_CASES_MAX];
    uint32_t locked[SELECT_CASES_MAX];
};

/* Made when it is needed first; NULL: no memory. */
static struct select_scratch *scratch_of(struct p *p)
{
    if (p->select == NULL)
        p->select = malloc(sizeof *p->select);
    return p->select;
}

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

/* Ascending, each once; returns how many are left. */
static uint32_t sort(uint32_t *channels, uint32_t count)
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
    uint16_t *order = p->select->order;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t place = random_below(p, k + 1);
        order[k] = order[place];
        order[place] = (uint16_t)k;
    }
}

/* The channels to lock, by their numbers; what is no channel is found with the lock.  Returns how many. */
static uint32_t channels_read(struct select_scratch *scratch,
                              const struct contig_select_case *cases, uint32_t cases_count)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < cases_count; k++)
        if (contig_chan_is_number(cases[k].channel))
            scratch->locked[count++] = (uint32_t)cases[k].channel;
    return sort(scratch->locked, count);
}

/* The cases as the core reads them.  With the lock. */
static enum chan_outcome cases_read(const struct g *g, struct select_scratch *scratch,
                                    const struct contig_select_case *cases, uint32_t cases_count)
{
    for (uint32_t k = 0; k < cases_count; k++) {
        enum chan_outcome outcome = contig_chan_check(g, cases[k].channel, cases[k].slot);
        if (outcome != CHAN_DONE)
            return outcome;
        scratch->cases[k] = (struct select_case){(uint32_t)cases[k].channel, cases[k].sends != 0};
    }
    return CHAN_DONE;
}

static enum chan_outcome select_wait(struct g *g, const struct locked_channels *locked,
                                     const struct contig_select_case *cases, uint32_t count,
                                     bool at_once)
{
    if (!contig_chan_rows_reserve(g, count))
        return CHAN_NO_ROOM;
    if (at_once)
        contig_control_save(g);
    for (uint32_t k = 0; k < count; k++)
        contig_chan_slot_set(g, k, (uint32_t)cases[k].channel, cases[k].slot);
    return contig_chan_wait(g, locked, contig_p()->select->cases, count);
}

/* One case proceeds; or none, and g goes on if there is a default, or waits. */
static enum chan_outcome choose(struct g *g, const struct locked_channels *locked,
                                const struct contig_select_case *cases, uint32_t count,
                                bool has_default, bool at_once)
{
    const struct select_scratch *scratch = contig_p()->select;
    struct select_choice choice = select_poll(scratch->cases, scratch->order, count);
    if (choice.chosen == count && has_default) {
        g->ret = CONTIG_SELECT_DEFAULT;
        return CHAN_DONE;
    }
    if (choice.chosen == count)
        return select_wait(g, locked, cases, count, at_once);
    const struct contig_select_case *chosen = &cases[choice.chosen];
    enum chan_outcome outcome = contig_chan_act(g, choice.step, (uint32_t)chosen->channel,
                                                chosen->slot, chosen->sends != 0);
    g->ret = g->ret << 32 | choice.chosen;
    return outcome;
}

/* Where it fails nothing has changed. */
static enum chan_outcome operate(struct g *g, uint64_t cases, uint64_t count, bool at_once)
{
    static const struct contig_select_case nil;
    bool has_default = (count & CONTIG_SELECT_DEFAULT) != 0;
    uint64_t wanted = count & ~CONTIG_SELECT_DEFAULT;
    const struct contig_select_case *given = wanted != 0 ? (const void *)(uintptr_t)cases : &nil;
    if (wanted > SELECT_CASES_MAX)
        return CHAN_TOO_MANY;
    uint32_t number = wanted != 0 ? (uint32_t)wanted : 1;
    struct select_scratch *scratch = scratch_of(contig_p());
    if (scratch == NULL)
        return CHAN_NO_ROOM;
    order_shuffle(contig_p(), number);
    struct locked_channels locked = {.numbers = scratch->locked,
                                     .count = channels_read(scratch, given, number)};
    contig_channels_lock(&locked);
    enum chan_outcome outcome = cases_read(g, scratch, given, number);
    if (outcome == CHAN_DONE)
        outcome = choose(g, &locked, given, number, has_default, at_once);
    contig_channels_unlock(&locked);
    return outcome;
}

bool contig_chan_select(struct g *g, uint64_t cases, uint64_t count)
{
    return contig_chan_finish(g, operate(g, cases, count, false));
}

enum chan_outcome contig_chan_select_at_once(struct g *g, uint64_t cases, uint64_t count)
{
    return contig_chan_at_once() ? operate(g, cases, count, true) : CHAN_ASKS;
}
