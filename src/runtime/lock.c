/* lock.c: taking and releasing a lock of lock.h.
 *
 *      held     0 --compare-exchange--> 1 --plain store--> 0
 *      waiters  threads that found it held: who releases wakes one, if there are any
 *
 * A plain store may be seen late, and who has stored looks for waiters without waiting for that.  So a waiter counts
 * itself, lets all other threads pass a barrier (membarrier(2)), and looks again before it sleeps: it sees the lock
 * free, or who releases sees it.  Where the system has no such barrier, a release is an exchange.
 *
 * Asymmetric barriers: Dice, Huang, Yang, "Asymmetric Dekker Synchronization", 2001; spec/model/lock.pml. */
#include "src/runtime/lock.h"
#include "src/runtime/sync.h"

#include <stdio.h>
#include <stdlib.h>

/* Who sleeps without the barrier, since the system had no memory for it, may not be woken. */
#define LOOK_AGAIN_NANOSECONDS UINT64_C(1000000)

bool contig_threads;

_Thread_local uint32_t contig_held_ranks;

_Noreturn void contig_rank_wrong(const char *what, enum lock_rank rank)
{
    fprintf(stderr, "contig: lock of rank %d %s while a lock of rank %u is held\n", (int)rank, what,
            contig_held_ranks & 0xff);
    abort();
}

static _Noreturn void words_wrong(const char *what)
{
    fprintf(stderr, "contig: a lock is %s\n", what);
    abort();
}

static bool take(struct lock_words *words)
{
    uint32_t free = 0;
    return SYNC_COMPARE_EXCHANGE(&words->held, &free, 1);
}

static void acquire_slowly(struct lock_words *words)
{
    for (uint32_t i = 0; i < SYNC_SPINS; i++) {
        if (take(words))
            return;
        SYNC_RELAX();
    }
    SYNC_ADD(&words->waiters, 1);
    uint64_t nanoseconds =
        !SYNC_BARRIERS || SYNC_BARRIER() ? SYNC_FOR_EVER : LOOK_AGAIN_NANOSECONDS;
    while (!take(words))
        contig_sync_wait(&words->held, 1, nanoseconds);
    SYNC_ADD(&words->waiters, UINT32_MAX);
}

void contig_words_acquire_shared(struct lock_words *words)
{
    if (!contig_threads)
        words_wrong("taken twice");
    if (!take(words))
        acquire_slowly(words);
}

void contig_words_release_shared(struct lock_words *words)
{
    if (SYNC_PEEK(&words->held) == 0)
        words_wrong("released twice");
    if (SYNC_BARRIERS)
        SYNC_WRITE(&words->held, 0);
    else
        SYNC_EXCHANGE(&words->held, 0);
    SYNC_ORDER();
    if (SYNC_PEEK(&words->waiters) != 0)
        contig_sync_wake(&words->held, 1);
}

void contig_lock_acquire(struct lock *lock)
{
    contig_rank_enter(lock->rank);
    contig_words_acquire(&lock->words);
}

void contig_lock_release(struct lock *lock)
{
    contig_rank_leave(lock->rank);
    contig_words_release(&lock->words);
}
