/* parties.h: the goroutines of a script as parties to channel operations; shared by channels.c and beside.c. */
#ifndef CONTIG_HARNESS_PARTIES_H
#define CONTIG_HARNESS_PARTIES_H

#include "src/frames/frames.h"

/* What a goroutine does with channels. */
struct party {
    enum { PARTY_NONE, PARTY_PROCEEDS, PARTY_WAITS, PARTY_SERVED, PARTY_SHUT } phase;
    uint64_t ticket; /* who waits longest has the least */
    uint32_t chosen;
    bool ok; /* what was received was sent */
    const struct g *g;
    struct frame_context *context;
    uint64_t aside[FRAME_CASES_MAX]; /* in place of a word beside its stack that cannot be had */
};
extern struct party parties[SCRIPT_GOROUTINES_MAX];

static inline uint64_t *word_at(uint64_t address)
{
    return (uint64_t *)(uintptr_t)address;
}

/* Where the slot is now, of a party that waits or is on the system stack. */
static inline uint64_t slot_now(const struct party *party, const struct frame_case *at)
{
    return at->slot == SLOT_IN_FRAME ? contig_g_stack(party->g)->sched.sp + at->offset
                                     : at->address;
}

/* With `unmap` no word beside a stack can be had. */
void beside_begin(bool unmap);

/* The word that ends where the stack begins: Go's findsghi takes such a slot for one of the stack.  One word for a
 * party, and none that another one waits for. */
void beside_find(struct party *party);

/* The words of all that take part hold what is sent.  False, and none is borrowed: a stack has grown over one of them,
 * and a slot that takes part is there. */
bool beside_borrow(const bool *part);
void beside_return(void);

/* A word beside a stack that has moved may soon be in the next one: the party gets another word for it.  NULL, or what
 * the move did wrong. */
const char *beside_moved(struct party *party);

#endif
