/* lock.h: the places of the runtime's locks, and their order.
 *
 * While the runtime has one thread a lock cannot be contended, and costs no atomic operation.  Taking it always checks
 * that no lock of the same or a higher rank is held.  LOCK-1, LOCK-2 (Go 1.19 runtime/lockrank.go: the stack pools are
 * taken before the page heap).  A thread holds four ranks at most. */
#ifndef CONTIG_RUNTIME_LOCK_H
#define CONTIG_RUNTIME_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
    LOCK_RANK_SCHED = 1,  /* the common run queue, threads that sleep, records, dead goroutines */
    LOCK_RANK_CHANNELS,   /* channels: several may be held, taken in the order of their numbers */
    LOCK_RANK_OFFERS,     /* offers that wait for several channels: of selects */
    LOCK_RANK_NUMBERS,    /* which channels and rows are in use */
    LOCK_RANK_STACK_POOL, /* everything in src/core that is not a P's own cache */
    LOCK_RANK_REPORT,     /* what is written about errors */
};

struct lock_words {
    uint32_t held;    /* 1, or 0 */
    uint32_t waiters; /* threads that found it held, and sleep or are about to */
};

struct lock {
    enum lock_rank rank;
    struct lock_words words;
};

/* Whether the runtime has more than one thread; changes at rest only. */
extern bool contig_threads;

void contig_lock_acquire(struct lock *lock);
void contig_lock_release(struct lock *lock);

/* The ranks that this thread holds, a byte each, the last taken lowest; 0: none. */
extern _Thread_local uint32_t contig_held_ranks;
_Noreturn void contig_rank_wrong(const char *what, enum lock_rank rank);
void contig_words_acquire_shared(struct lock_words *words);
void contig_words_release_shared(struct lock_words *words);

/* Several locks of one rank: a thread enters the rank once, acquires the words of each (0 at first) in an order that
 * all threads keep, releases them in any, and leaves. */
static inline void contig_rank_enter(enum lock_rank rank)
{
    if ((contig_held_ranks & 0xff) >= (uint32_t)rank)
        contig_rank_wrong("taken", rank);
    contig_held_ranks = contig_held_ranks << 8 | (uint32_t)rank;
}

static inline void contig_rank_leave(enum lock_rank rank)
{
    if ((contig_held_ranks & 0xff) != (uint32_t)rank)
        contig_rank_wrong("released", rank);
    contig_held_ranks >>= 8;
}

static inline void contig_words_acquire(struct lock_words *words)
{
    if (contig_threads || words->held != 0)
        contig_words_acquire_shared(words);
    else
        words->held = 1;
}

static inline void contig_words_release(struct lock_words *words)
{
    if (contig_threads || words->held == 0)
        contig_words_release_shared(words);
    else
        words->held = 0;
}

#endif
