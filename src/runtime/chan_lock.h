/* chan_lock.h: what a channel has beside the core's tables, and its lock.
 *
 * An operation holds the locks of all channels that it looks at.  An offer that waits for several channels may be
 * settled by any of them: who locks one of these holds the lock of offers as well.  CHAN-3, CHAN-11. */
#ifndef CONTIG_RUNTIME_CHAN_LOCK_H
#define CONTIG_RUNTIME_CHAN_LOCK_H

#include "src/runtime/chan.h"

struct channel_memory {
    unsigned char *buffer;
    uint32_t element_bytes;
    struct lock_words lock;
    uint32_t shared_rows; /* rows of offers for several channels that wait for this one */
} __attribute__((aligned(32)));

extern struct channel_memory contig_channel_memory[CHANNELS_MAX];
extern struct lock contig_offers_lock;

/* Of one channel; true: with the lock of offers.  On one thread only the rank is checked. */
static inline bool contig_channel_lock(uint32_t channel)
{
    contig_rank_enter(LOCK_RANK_CHANNELS);
    if (!contig_threads)
        return false;
    contig_words_acquire(&contig_channel_memory[channel].lock);
    if (contig_channel_memory[channel].shared_rows == 0)
        return false;
    contig_lock_acquire(&contig_offers_lock);
    return true;
}

static inline void contig_channel_unlock(uint32_t channel, bool offers)
{
    if (offers)
        contig_lock_release(&contig_offers_lock);
    if (contig_threads)
        contig_words_release(&contig_channel_memory[channel].lock);
    contig_rank_leave(LOCK_RANK_CHANNELS);
}

#endif
