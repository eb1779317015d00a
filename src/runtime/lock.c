/* lock.c: taking and releasing a lock of lock.h, with the checks that one thread can make. */
#include "src/runtime/lock.h"

#include <stdio.h>
#include <stdlib.h>

/* The ranks that this thread holds, a byte each, the last taken lowest; 0: none. */
static _Thread_local uint32_t held_ranks;

void contig_lock_acquire(struct lock *lock)
{
    if (lock->held || (held_ranks & 0xff) >= (uint32_t)lock->rank) {
        fprintf(stderr, "contig: lock of rank %d taken while a lock of rank %u is held\n",
                (int)lock->rank, held_ranks & 0xff);
        abort();
    }
    lock->held = true;
    held_ranks = held_ranks << 8 | (uint32_t)lock->rank;
}

void contig_lock_release(struct lock *lock)
{
    if (!lock->held || (held_ranks & 0xff) != (uint32_t)lock->rank) {
        fprintf(stderr, "contig: lock of rank %d released out of order\n", (int)lock->rank);
        abort();
    }
    lock->held = false;
    held_ranks >>= 8;
}

static struct lock channel_lock = {.rank = LOCK_RANK_CHANNELS};

void contig_lock_channels(const uint32_t *channels, uint32_t count)
{
    contig_lock_acquire(&channel_lock);
    for (uint32_t k = 1; k < count; k++)
        if (channels[k] <= channels[k - 1]) {
            fprintf(stderr, "contig: lock of channel %u taken while that of channel %u is held\n",
                    channels[k], channels[k - 1]);
            abort();
        }
}

void contig_unlock_channels(void)
{
    contig_lock_release(&channel_lock);
}
