/* chan_lock.c: the locks of several channels, in ascending order.  CHAN-3. */
#include "src/runtime/chan_lock.h"

#include <stdio.h>
#include <stdlib.h>

struct channel_memory contig_channel_memory[CHANNELS_MAX];
struct lock contig_offers_lock = {.rank = LOCK_RANK_OFFERS};

static void order_wrong(uint32_t channel, uint32_t before)
{
    fprintf(stderr, "contig: lock of channel %u taken while that of channel %u is held\n", channel,
            before);
    abort();
}

/* True if a select waits for one of them. */
static bool acquire_each(const struct locked_channels *locked)
{
    uint32_t shared = 0;
    for (uint32_t k = 0; k < locked->count; k++) {
        contig_words_acquire(&contig_channel_memory[locked->numbers[k]].lock);
        shared |= contig_channel_memory[locked->numbers[k]].shared_rows;
    }
    return shared != 0;
}

/* On one thread the rank and the order are checked, and nothing else is to be done. */
static bool lock_each(const struct locked_channels *locked)
{
    contig_rank_enter(LOCK_RANK_CHANNELS);
    for (uint32_t k = 1; k < locked->count; k++)
        if (locked->numbers[k] <= locked->numbers[k - 1])
            order_wrong(locked->numbers[k], locked->numbers[k - 1]);
    return contig_threads && acquire_each(locked);
}

void contig_channels_lock(struct locked_channels *locked)
{
    locked->offers = lock_each(locked);
    if (locked->offers)
        contig_lock_acquire(&contig_offers_lock);
}

void contig_channels_unlock(const struct locked_channels *locked)
{
    if (locked->offers)
        contig_lock_release(&contig_offers_lock);
    for (uint32_t k = 0; k < locked->count && contig_threads; k++)
        contig_words_release(&contig_channel_memory[locked->numbers[k]].lock);
    contig_rank_leave(LOCK_RANK_CHANNELS);
}

void contig_channels_lock_to_move(struct locked_channels *locked)
{
    lock_each(locked);
    locked->offers = false;
}
