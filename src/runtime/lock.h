/* lock.h: the places of the runtime's locks, and their order.
 *
 * While the runtime has one thread a lock cannot be contended, and costs no atomic operation.  Taking it always checks
 * that no lock of the same or a higher rank is held.  LOCK-1, LOCK-2 (Go 1.19 runtime/lockrank.go: the stack pools are
 * taken before the page heap). */
#ifndef CONTIG_RUNTIME_LOCK_H
#define CONTIG_RUNTIME_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
    LOCK_RANK_SCHED = 1,  /* the common run queue, threads that sleep, records, dead goroutines */
    LOCK_RANK_CHANNELS,   /* channels: several may be held, in the order of their numbers */
    LOCK_RANK_STACK_POOL, /* everything in src/core that is not a P's own cache */
    LOCK_RANK_REPORT,     /* what is written about errors */
};

struct lock {
    enum lock_rank rank;
    uint32_t state; /* LOCK_FREE, LOCK_HELD, or LOCK_WANTED */
};

enum lock_state { LOCK_FREE = 0, LOCK_HELD, LOCK_WANTED };

/* Whether the runtime has more than one thread; changes at rest only. */
extern bool contig_threads;

void contig_lock_acquire(struct lock *lock);
void contig_lock_release(struct lock *lock);

/* CHAN-3: all of these channels, in ascending order, each once; no lock of the rank or a higher one is held. */
void contig_lock_channels(const uint32_t *channels, uint32_t count);
/* The same for channels that are known with the lock only, which was taken with none. */
void contig_check_channels(const uint32_t *channels, uint32_t count);
void contig_unlock_channels(void);

#endif
