/* sync.h: what threads have in common: words that several read and write, and waiting for a word to change.
 *
 * All of the runtime's atomics and futexes are here.  Reads acquire and writes release, so that who sees a word sees
 * all that was written before it.  With CONTIG_SCHEDULE each of these is a place where src/runtime/test/schedule.c
 * may let another thread go on. */
#ifndef CONTIG_RUNTIME_SYNC_H
#define CONTIG_RUNTIME_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef CONTIG_SCHEDULE
void contig_schedule_point(const char *file, int line);
#define SYNC_POINT() contig_schedule_point(__FILE__, __LINE__)
#define SYNC_SPINS 1u
#define SYNC_DOZE_SPINS 1u
/* All threads see each write at once. */
#define SYNC_BARRIERS true
#define SYNC_BARRIER() (SYNC_POINT(), true)
#define SYNC_BARRIERS_START() ((void)0)
#else
#define SYNC_POINT() ((void)0)
/* What holds a lock is short: to sleep takes longer than to wait this often. */
#define SYNC_SPINS 100u
/* Work comes soon, or not for long: to sleep and to be woken takes longer than to wait this often. */
#define SYNC_DOZE_SPINS 400u
/* Whether the system lets a thread wait until each other one has passed a full barrier; that; and what asks whether it
 * does, before there are several threads. */
#define SYNC_BARRIERS contig_sync_barriers
#define SYNC_BARRIER() contig_sync_barrier()
#define SYNC_BARRIERS_START() contig_sync_barriers_start()
#endif

#define SYNC_READ(place) (SYNC_POINT(), __atomic_load_n((place), __ATOMIC_ACQUIRE))
#define SYNC_WRITE(place, value) \
    (SYNC_POINT(), __atomic_store_n((place), (value), __ATOMIC_RELEASE))
#define SYNC_EXCHANGE(place, value) \
    (SYNC_POINT(), __atomic_exchange_n((place), (value), __ATOMIC_ACQ_REL))
/* True if *place was *expected, and is `value` now; else *expected is what it was. */
#define SYNC_COMPARE_EXCHANGE(place, expected, value)                               \
    (SYNC_POINT(), __atomic_compare_exchange_n((place), (expected), (value), false, \
                                               __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))

#define SYNC_ADD(place, value) \
    (SYNC_POINT(), __atomic_fetch_add((place), (value), __ATOMIC_ACQ_REL))

/* A place that only one thread writes, and that others look at while it does: neither tears, and neither waits. */
#define SYNC_PEEK(place) (SYNC_POINT(), __atomic_load_n((place), __ATOMIC_RELAXED))
#define SYNC_POKE(place, value) (SYNC_POINT(), __atomic_store_n((place), (value), __ATOMIC_RELAXED))

/* What the compiler has before stays before.  The processor may delay a write. */
#define SYNC_ORDER() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* Between two looks at a word that another thread is about to change. */
#define SYNC_RELAX() __builtin_ia32_pause()

/* A moment in which another thread goes on, for a loop that waits for its next step. */
void contig_sync_pause(void);

#define SYNC_FOR_EVER UINT64_MAX

/* Nanoseconds of a clock that is never set back. */
uint64_t contig_sync_now(void);

/* Sleeps while *word is `value`, at most so many nanoseconds; may return early. */
void contig_sync_wait(uint32_t *word, uint32_t value, uint64_t nanoseconds);
/* Wakes up to `count` threads that sleep there. */
void contig_sync_wake(uint32_t *word, uint32_t count);

extern bool contig_sync_barriers;
bool contig_sync_barrier(void); /* false: the call failed */
void contig_sync_barriers_start(void);

/* Threads, with small stacks and without signals.  False: the system has none left. */
typedef struct contig_thread {
    unsigned long handle;
} contig_thread;
bool contig_thread_start(contig_thread *thread, void *(*run)(void *), void *argument);
void contig_thread_join(contig_thread thread);
/* The word of this thread that prologues of its goroutines compare with: arch/x86_64/layout.h. */
uint64_t *contig_thread_guard(void);

#endif
