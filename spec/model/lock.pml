/* lock.pml: the runtime's lock: a compare-exchange takes it, a plain store releases it, and who waits uses membarrier.
 *
 * Follows src/runtime/lock.c, in its names.  Three threads take one lock twice each.  A lock has two words: `held`, 0
 * or 1, and `waiters`, the number of threads that sleep or are about to.  Who releases stores 0 in `held`, then reads
 * `waiters`; the store may wait in its buffer meanwhile.  So who waits counts itself in `waiters`, and empties the
 * buffers of all other threads, with contig_sync_barrier, before it looks at `held` again and sleeps.  Who read
 * `waiters` before has then released the lock in the memory; who reads it afterwards wakes a sleeper.
 *
 * init chooses whether the system has membarrier.  Where it has none, `fenced` is 1: a release is an exchange, and
 * contig_sync_barrier does nothing.
 *
 * membarrier returns when each other thread had an empty store buffer at some moment since the call began: each thread
 * at a moment of its own, in any order.  The kernel compares `held` and puts the thread to sleep in one step; it may
 * wake a thread for no reason, as often as SPURIOUS says.  A wake-up empties the store buffer in the kernel (Linux
 * kernel/futex/waitwake.c, barrier B).
 *
 * Left out: more than one spin; ranks, and several locks; the runtime with one thread, which takes a lock without a
 * locked instruction; the checks that end the process; a call of membarrier that fails; a compiler that changes the
 * order of a release's store and load.  The words of a lock stay what they are: who has released it may read them, and
 * wake others by them, when somebody else has it.
 *
 * bug BARRIER_LEFT_OUT breaks no_deadlock with store buffers only: who is about to sleep calls no membarrier.
 * bug FENCE_LEFT_OUT breaks no_deadlock with store buffers only: a release is a plain store without membarrier.
 * bug COUNTED_LATE breaks no_deadlock with store buffers only: who waits is counted after contig_sync_barrier.
 * bug WAKE_UNFENCED breaks no_deadlock with store buffers only: the kernel wakes before `held` is in the memory.
 * bug WAITERS_READ_FIRST breaks no_deadlock: a release reads `waiters` before it stores `held`.
 * bug NOBODY_WOKEN breaks no_deadlock: a release wakes nobody.
 * bug UNCOUNTED breaks no_deadlock: who waits is not counted.
 * bug UNCOUNTED_EARLY breaks no_deadlock: who was woken, and finds the lock held again, is not counted any more.
 * bug SLEPT_UNCOMPARED breaks no_deadlock: a thread sleeps in the kernel without comparing `held` there.
 * bug LEFT_HELD breaks all_end: a release leaves `held` as it is for the sleeper that it wakes, who finds it 1.
 * bug TAKEN_BY_STORE breaks exclusion: who was woken stores 1 in `held` and does not compare.
 * bug ACQUIRED_IN_TWO_STEPS breaks exclusion: `held` is read and stored in two steps.
 * bug EXPECTED_KEPT breaks exclusion: a compare-exchange expects what the one before it found.
 * bug COUNTED_IN_TWO_STEPS breaks count_right: who waits reads `waiters` and stores it in two steps.
 * bug COUNT_KEPT breaks count_right: who waited is counted when it has the lock, and afterwards.
 * bug DATA_LATE breaks data_complete: what the lock protects is stored after the lock is released.
 */
#include "claims.pml"

hidden byte exclusion;     /* one thread at a time has the lock */
hidden byte data_complete; /* who gets the lock sees what was stored under it */
hidden byte count_right;   /* when all are done, nobody is counted as waiting */

#define THREADS 3
#define SPURIOUS 1
/* How often a thread takes the lock.  A bound of the search. */
#if defined(LIVENESS)
#define TURNS(t) ((t) == 0 -> 2 : 1)
#define ALL_TURNS 4
#else
#define TURNS(t) 2
#define ALL_TURNS 6
#endif

/* Words. */
#define WORDS 3
#define HELD 0
#define WAITERS 1
#define DATA 2 /* what the lock protects */
#include "memory.pml"

bit fenced; /* there is no membarrier */
bit asleep[THREADS];
byte spurious = SPURIOUS;
byte left;   /* threads that are not done */
byte inside; /* ghost: threads that have the lock */
byte turns;  /* ghost: how often the lock was released */

/* Each thread gets the lock as often as it wants it. */
ltl all_end { <> (turns == ALL_TURNS) }

inline take(t) {
    compare_and_swap(t, HELD, 0, 1, won)
}

/* xadd */
inline add(t, word, value) {
    atomic {
        DRAINED(t) ->
        memory[word] = memory[word] + value
    }
}

#define BUFFERS_PASSED ((1 << THREADS) - 1)

inline contig_sync_barrier(t) {
    if
#ifndef BARRIER_LEFT_OUT
    :: !fenced ->
       passed = 1 << t;
       do
       :: passed == BUFFERS_PASSED -> break
       :: atomic { !(passed & 1) && DRAINED(0) -> passed = passed | 1 }
       :: atomic { !(passed & 2) && DRAINED(1) -> passed = passed | 2 }
       :: atomic { !(passed & 4) && DRAINED(2) -> passed = passed | 4 }
       od;
       passed = 0
#endif
    :: else
    fi
}

inline contig_sync_wait(t) {
    atomic {
        DRAINED(t) ->
#ifdef SLEPT_UNCOMPARED
        asleep[t] = 1
#else
        asleep[t] = (memory[HELD] == 1)
#endif
    };
    !asleep[t]
}

/* Of one. */
inline contig_sync_wake(t) {
    atomic {
#ifndef WAKE_UNFENCED
        DRAINED(t) ->
#endif
        if
        :: asleep[0] -> asleep[0] = 0
        :: asleep[1] -> asleep[1] = 0
        :: asleep[2] -> asleep[2] = 0
        :: else
        fi
    }
}

inline count(t) {
#ifdef COUNTED_IN_TWO_STEPS
    old = LOAD(t, WAITERS);
    store(t, WAITERS, old + 1);
    old = 0
#else
    add(t, WAITERS, 1)
#endif
}

inline acquire_slowly(t) {
    /* It spins, or it does not. */
    if
    :: take(t)
    :: true
    fi;
    if
    :: won
    :: else ->
#ifdef COUNTED_LATE
       contig_sync_barrier(t);
       count(t);
#else
#ifndef UNCOUNTED
       count(t);
#endif
       contig_sync_barrier(t);
#endif
#ifdef UNCOUNTED_EARLY
       take(t);
       if
       :: won
       :: else -> contig_sync_wait(t)
       fi;
       add(t, WAITERS, -1);
#endif
       do
       :: won -> break
       :: else ->
#ifdef EXPECTED_KEPT
          compare_and_swap(t, HELD, 1, 1, won);
#else
          take(t);
#endif
          if
          :: won
          :: else ->
             contig_sync_wait(t);
#ifdef TAKEN_BY_STORE
             store(t, HELD, 1);
             won = 1
#endif
          fi
       od;
#if !defined(UNCOUNTED) && !defined(UNCOUNTED_EARLY)
#ifndef COUNT_KEPT
       add(t, WAITERS, -1)
#endif
#endif
    fi
}

inline contig_words_acquire_shared(t) {
#ifdef ACQUIRED_IN_TWO_STEPS
    won = (LOAD(t, HELD) == 0);
    if
    :: won -> store(t, HELD, 1)
    :: else
    fi;
#else
    take(t);
#endif
    if
    :: won
    :: else -> acquire_slowly(t)
    fi;
    won = 0
}

inline free(t) {
    if
#ifdef LEFT_HELD
    :: LOAD(t, WAITERS) != 0
#endif
#ifndef FENCE_LEFT_OUT
    :: fenced -> exchange(t, HELD, 0, old); old = 0
#endif
    :: else -> store(t, HELD, 0)
    fi
}

inline contig_words_release_shared(t) {
#ifdef WAITERS_READ_FIRST
    waited_for = (LOAD(t, WAITERS) != 0);
    free(t);
#else
    free(t);
    waited_for = (LOAD(t, WAITERS) != 0);
#endif
    if
#ifndef NOBODY_WOKEN
    :: waited_for -> contig_sync_wake(t)
#endif
    :: else
    fi;
    waited_for = 0
}

proctype Thread(byte t) {
    byte turn;
    byte passed; /* a bit for each thread whose store buffer was empty since the call began */
    byte old;
    bit won;
    bit waited_for;

    do
    :: turn == TURNS(t) -> break
    :: else ->
       contig_words_acquire_shared(t);
       atomic {
           turn++;
           inside++;
           CLAIM(exclusion, inside == 1);
           CLAIM(data_complete, LOAD(t, DATA) == turns)
       };
#ifdef DATA_LATE
       atomic { inside--; turns++ };
       contig_words_release_shared(t);
       store(t, DATA, turns)
#else
       store(t, DATA, turns + 1);
       atomic { inside--; turns++ };
       contig_words_release_shared(t)
#endif
    od;
    left--
}

/* The kernel wakes somebody for no reason. */
inline wake(t) {
    atomic {
        spurious > 0 && asleep[t] ->
        asleep[t] = 0;
        spurious--
    }
}

proctype Kernel() {
end:
    do
    :: wake(0)
    :: wake(1)
    :: wake(2)
    od
} /* unreached: it serves for ever */

init {
    atomic {
        if
        :: fenced = 1
        :: true
        fi;
        left = THREADS;
        run Kernel();
        run Thread(0);
        run Thread(1);
        run Thread(2)
    };
    left == 0;
    CLAIM(count_right, LOAD(0, WAITERS) == 0)
}
