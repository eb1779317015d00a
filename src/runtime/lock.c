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

_Thread_local uint32_t contig_held_ranks;

_Noreturn void contig_rank_wrong(const char *what, enum lock_rank rank)
{
    fprintf(stderr, "contig: lock of rank %d %s while a lock of rank %u is held\n", (int)rank, what,
            contig_held_ranks & 0xff);
    abort();
}

static _Noreturn void state_wrong(const char *what)
{
    fprintf(stderr, "contig: a lock is %s\n", what);
    abort();
}

static void acquire_slowly(uint32_t *state)
{
    uint32_t free = LOCK_FREE;
    for (uint32_t i = 0; i < SYNC_SPINS; i++, free = LOCK_FREE) {
        if (SYNC_COMPARE_EXCHANGE(state, &free, LOCK_HELD))
            return;
        SYNC_RELAX();
    }
    while (SYNC_EXCHANGE(state, LOCK_WANTED) != LOCK_FREE)
        contig_sync_wait(state, LOCK_WANTED, SYNC_FOR_EVER);
}

void contig_state_acquire_shared(uint32_t *state)
{
    uint32_t free = LOCK_FREE;
    if (!contig_threads)
        state_wrong("taken twice");
    if (!SYNC_COMPARE_EXCHANGE(state, &free, LOCK_HELD))
        acquire_slowly(state);
}

void contig_state_release_shared(uint32_t *state)
{
    if (SYNC_PEEK(state) == LOCK_FREE)
        state_wrong("released twice");
    if (SYNC_EXCHANGE(state, LOCK_FREE) == LOCK_WANTED)
        contig_sync_wake(state, 1);
}

void contig_lock_acquire(struct lock *lock)
{
    contig_rank_enter(lock->rank);
    contig_state_acquire(&lock->state);
}

void contig_lock_release(struct lock *lock)
{
    contig_rank_leave(lock->rank);
    contig_state_release(&lock->state);
}
