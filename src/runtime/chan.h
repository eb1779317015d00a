/* chan.h: what the files of channels and the scheduler share.
 * Called by proc.c, stack.c, start.c and arch/x86_64/entry.S. */
#ifndef CONTIG_RUNTIME_CHAN_H
#define CONTIG_RUNTIME_CHAN_H

#include "src/core/chan/select.h"
#include "src/core/move/outside.h"
#include "src/runtime/runtime.h"

/* Go: the size of an element fits in 16 bits. */
#define CHAN_ELEMENT_BYTES_MAX 65535u

/* What became of an operation.  Nobody is ended while a channel is locked. */
enum chan_outcome {
    CHAN_DONE = AT_ONCE_DONE,
    CHAN_WAITS = AT_ONCE_WAITS,
    CHAN_SHUT,    /* it sends on a closed channel */
    CHAN_NO_ROOM, /* rows or tickets of those who wait are used up */
    CHAN_UNKNOWN, /* there is no such channel */
    CHAN_BAD_SLOT,
    CHAN_CLOSES_NIL,
    CHAN_CLOSES_TWICE,
    CHAN_TOO_MANY, /* cases of a select */
    CHAN_ASKS,     /* the scheduler has something to do before */
};

/* What a goroutine asked for; true if it goes on at once. */
bool contig_chan_send(struct g *g, uint64_t channel, uint64_t slot);
bool contig_chan_receive(struct g *g, uint64_t channel, uint64_t slot);
bool contig_chan_select(struct g *g, uint64_t cases, uint64_t count);
bool contig_chan_close_by(struct g *g, uint64_t channel);

/* The same for g that runs, called by arch/x86_64/entry.S on the system stack.  Of the outcomes only CHAN_DONE and
 * CHAN_WAITS are final: with any other one nothing has changed, and the scheduler is asked. */
enum chan_outcome contig_chan_send_at_once(struct g *g, uint64_t channel, uint64_t slot);
enum chan_outcome contig_chan_receive_at_once(struct g *g, uint64_t channel, uint64_t slot);
enum chan_outcome contig_chan_select_at_once(struct g *g, uint64_t cases, uint64_t count);

/* g, whose offer was settled, is about to run: its other rows leave their queues.  It panics if the channel on which
 * it sent was closed; false: that was its end. */
bool contig_chan_resume(struct g *g);

/* CHAN-2, CHAN-3: before and after a move of the stack of g, the channels that it waits for. */
void contig_chan_lock_for_move(const struct g *g);
void contig_chan_unlock_after_move(const struct g *g);

/* CHECK-6: the core's tables are well formed, and an offer is what a goroutine waits for, or has not seen settled. */
bool contig_chan_ok(void);

/* The rows and channels are free again, whoever waited. */
void contig_chan_stop(void);

/* Channels that an operation changes: `numbers` in ascending order, each once. */
struct locked_channels {
    const uint32_t *numbers;
    uint32_t count;
    bool offers; /* the lock of offers is held, too */
};

/* Shared by the files of channels. */

/* CHAN_DONE if the channel exists, or is nil, and the slot is no part of the unused stack, and does not begin in the
 * used one and end above it. */
enum chan_outcome contig_chan_check(const struct g *g, uint64_t channel, uint64_t slot);
/* Does what the step says, with the slot of the one who asked. */
enum chan_outcome contig_chan_act(struct g *g, struct channel_step step, uint32_t channel,
                                  uint64_t slot, bool sends);
/* g has rows for so many cases. */
bool contig_chan_rows_reserve(struct g *g, uint32_t count);
/* The slot of a case, before g waits for one of `count` cases. */
void contig_chan_slot_set(const struct g *g, uint32_t number, uint32_t channel, uint64_t slot);
enum chan_outcome contig_chan_wait(struct g *g, const struct locked_channels *locked,
                                   const struct select_case *cases, uint32_t count);
/* May an operation be done without the scheduler? */
static inline bool contig_chan_at_once(void)
{
    return SYNC_PEEK(&contig_sched.calls) == 0;
}

/* g panics, since something went wrong; true: it goes on in a deferred call. */
bool contig_chan_panics(struct g *g, enum chan_outcome outcome);

/* True if g goes on; it panics if something went wrong. */
static inline bool contig_chan_finish(struct g *g, enum chan_outcome outcome)
{
    return outcome > CHAN_WAITS ? contig_chan_panics(g, outcome) : outcome == CHAN_DONE;
}

/* chan_numbers.c: a number that no channel has; 0: there is none.  And back. */
uint32_t contig_channel_number_take(void);
void contig_channel_number_give(uint32_t channel);
/* The first of so many rows that nobody has; 0: there are not so many. */
uint32_t contig_chan_rows_take(uint32_t rows);
/* Channels and rows from there on were never used. */
uint32_t contig_channels_end(void);
uint32_t contig_chan_rows_end(void);
void contig_chan_numbers_stop(void);

/* May this number be that of a channel?  Which is known with its lock. */
static inline bool contig_chan_is_number(uint64_t channel)
{
    return channel > 0 && channel < CHANNELS_MAX;
}

/* chan_lock.c: the locks of several channels; and that of offers, if one waits for one of them and for others. */
void contig_channels_lock(struct locked_channels *locked);
/* Without that of offers: for who only changes slots. */
void contig_channels_lock_to_move(struct locked_channels *locked);
void contig_channels_unlock(const struct locked_channels *locked);

#endif
