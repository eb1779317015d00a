/* lock.c: taking and releasing a lock of lock.h.
 *
 *      LOCK_FREE --> LOCK_HELD --> LOCK_FREE            nobody else wants it: no system call
 *                        `--> LOCK_WANTED --> LOCK_FREE, and one sleeper is woken, who makes it LOCK_WANTED again
 *
 * Drepper, "Futexes Are Tricky", mutex2. */
#include "src/runtime/lock.h"
#include "src/runtime/sync.h"

#include <stdio.h>
#include <stdlib.h>

bool contig_threads;

/* The ranks that this thread holds, a byte each, the last taken lowest; 0: none. */
static _Thread_local uint32_t held_ranks;

static void acquire_slowly(struct lock *lock)
{
    uint32_t free = LOCK_FREE;
    for (uint32_t i = 0; i < SYNC_SPINS; i++, free = LOCK_FREE) {
        if (SYNC_COMPARE_EXCHANGE(&lock->state, &free, LOCK_HELD))
            return;
        SYNC_RELAX();
    }
    while (SYNC_EXCHANGE(&lock->state, LOCK_WANTED) != LOCK_FREE)
        contig_sync_wait(&lock->state, LOCK_WANTED, SYNC_FOR_EVER);
}

void contig_lock_acquire(struct lock *lock)
{
    uint32_t free = LOCK_FREE;
    bool held = !contig_threads && lock->state != LOCK_FREE;
    if (held || (held_ranks & 0xff) >= (uint32_t)lock->rank) {
        fprintf(stderr, "contig: lock of rank %d taken while a lock of rank %u is held\n",
                (int)lock->rank, held_ranks & 0xff);
        abort();
    }
    if (!contig_threads)
        lock->state = LOCK_HELD;
    else if (!SYNC_COMPARE_EXCHANGE(&lock->state, &free, LOCK_HELD))
        acquire_slowly(lock);
    held_ranks = held_ranks << 8 | (uint32_t)lock->rank;
}

void contig_lock_release(struct lock *lock)
{
    if (SYNC_PEEK(&lock->state) == LOCK_FREE || (held_ranks & 0xff) != (uint32_t)lock->rank) {
        fprintf(stderr, "contig: lock of rank %d released out of order\n", (int)lock->rank);
        abort();
    }
    held_ranks >>= 8;
    if (!contig_threads)
        lock->state = LOCK_FREE;
    else if (SYNC_EXCHANGE(&lock->state, LOCK_FREE) == LOCK_WANTED)
        contig_sync_wake(&lock->state, 1);
}

static struct lock channel_lock = {.rank = LOCK_RANK_CHANNELS};

void contig_lock_channels(const uint32_t *channels, uint32_t count)
{
    contig_lock_acquire(&channel_lock);
    contig_check_channels(channels, count);
}

void contig_check_channels(const uint32_t *channels, uint32_t count)
{
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
