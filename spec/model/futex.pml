/* futex.pml: Go's mutex and note over Linux's futex: lock2, unlock2, notesleep, notewakeup, noteclear (lock_futex.go).
 *
 * Three threads take one mutex each once.  A fourth parks twice on its note, as stopm and mPark do, and a fifth wakes
 * it.  The kernel compares the word and puts the thread to sleep in one step; it may wake a thread for no reason, as
 * often as SPURIOUS says, so that a wake-up that was lost is a deadlock in the end.  A thread that wakes others is not
 * assumed to have emptied its store buffer in the kernel: that is up to the caller.
 *
 * bug SLEEP_UNCOMPARED breaks no_deadlock: futexsleep does not compare the word again before it sleeps.
 * bug WAKE_BEFORE_STORE breaks no_deadlock: notewakeup wakes the sleeper before it sets the key.
 * bug UNLOCK_UNWOKEN breaks no_deadlock: unlock2 does not wake who sleeps on the mutex.
 * bug SLEEPERS_FORGOTTEN breaks no_deadlock: lock2 takes the mutex as one that nobody sleeps on, after it has slept.
 * bug UNLOCK_TWO_STEPS breaks no_deadlock: unlock2 reads the key and stores it in two steps.
 * bug LOCK_TWO_STEPS breaks mutual_exclusion: lock2 reads the key and stores it in two steps.
 * bug NOTE_UNCHECKED breaks woken_for_reason: notesleep does not look at the key again after it has slept.
 * bug CLEARED_LATE breaks no_deadlock: the note is cleared after the thread is on the list of idle ones.
 * bug DATA_LATE breaks data_complete: what the mutex protects is stored after it is unlocked.
 * bug IDLE_KEPT breaks woken_once: a thread that is woken stays on the list of idle ones.
 * bug KEY_PLAIN breaks no_deadlock with store buffers only: notewakeup sets the key by a plain store.
 */
#include "claims.pml"

hidden byte mutual_exclusion; /* one thread at a time holds the mutex */
hidden byte data_complete;    /* the mutex hands over what was stored under it */
hidden byte woken_for_reason; /* who leaves notesleep sees what the waker stored before notewakeup */
hidden byte woken_once;       /* nobody wakes a note twice */

#define THREADS 5
#define LOCKERS 3
#define SLEEPER 3
#define WAKER 4
#define ROUNDS 2
#define SPURIOUS 2

/* Words. */
#define WORDS 4
#define MUTEX 0
#define COUNTER 1
#define NOTE 2
#define WORK 3
#include "memory.pml"

/* Values of the mutex. */
#define UNLOCKED 0
#define LOCKED 1
#define SLEEPING 2

byte asleep_on[THREADS]; /* the word, and 1; 0: awake */
byte spurious = SPURIOUS;
bit idle;                /* the sleeper is on the scheduler's list of idle threads */
byte inside;             /* ghost: threads that hold the mutex */
byte left;               /* ghost: threads that have not given it back for good */

inline futexsleep(t, word, value) {
    atomic {
        DRAINED(t) ->
        if
#ifdef SLEEP_UNCOMPARED
        :: asleep_on[t] = word + 1
#else
        :: memory[word] == value -> asleep_on[t] = word + 1
        :: else
#endif
        fi
    };
    asleep_on[t] == 0
}

inline futexwakeup(word) {
    atomic {
        if
        :: asleep_on[0] == word + 1 -> asleep_on[0] = 0
        :: asleep_on[1] == word + 1 -> asleep_on[1] = 0
        :: asleep_on[2] == word + 1 -> asleep_on[2] = 0
        :: asleep_on[3] == word + 1 -> asleep_on[3] = 0
        :: else
        fi
    }
}

inline lock(t) {
#ifdef LOCK_TWO_STEPS
    wait = LOAD(t, MUTEX);
    store(t, MUTEX, LOCKED);
#else
    exchange(t, MUTEX, LOCKED, wait);
#endif
    do
    :: wait == UNLOCKED -> break
    :: else ->
       /* It spins, or it does not. */
       if
       :: LOAD(t, MUTEX) == UNLOCKED ->
          compare_and_swap(t, MUTEX, UNLOCKED, wait, won);
          if
          :: won -> break
          :: else
          fi
       :: true
       fi;
       exchange(t, MUTEX, SLEEPING, old);
       if
       :: old == UNLOCKED -> break
       :: else
       fi;
#ifndef SLEEPERS_FORGOTTEN
       wait = SLEEPING;
#endif
       futexsleep(t, MUTEX, SLEEPING)
    od
}

inline unlock(t) {
#ifdef UNLOCK_TWO_STEPS
    old = LOAD(t, MUTEX);
    store(t, MUTEX, UNLOCKED);
#else
    exchange(t, MUTEX, UNLOCKED, old);
#endif
    if
#ifndef UNLOCK_UNWOKEN
    :: old == SLEEPING -> futexwakeup(MUTEX)
#endif
    :: else
    fi
}

proctype Locker(byte t) {
    byte wait;
    byte old;
    bit won;
#ifdef DATA_LATE
    byte count;
#endif

    lock(t);
    inside++;
    CLAIM(mutual_exclusion, inside == 1);
    old = LOAD(t, COUNTER);
#ifdef DATA_LATE
    count = old;
    inside--;
    unlock(t);
    store(t, COUNTER, count + 1);
#else
    store(t, COUNTER, old + 1);
    inside--;
    unlock(t);
#endif
    left--
}

/* stopm: mput, then mPark, which is notesleep and noteclear. */
proctype Sleeper() {
    byte round;

    do
    :: round < ROUNDS ->
       atomic { DRAINED(SLEEPER) -> idle = 1; round++ };
#ifdef CLEARED_LATE
       store(SLEEPER, NOTE, 0);
#endif
       do
       :: LOAD(SLEEPER, NOTE) != 0 -> break
       :: else ->
          futexsleep(SLEEPER, NOTE, 0);
#ifdef NOTE_UNCHECKED
          break
#endif
       od;
       CLAIM(woken_for_reason, LOAD(SLEEPER, WORK) == round);
#ifndef CLEARED_LATE
       store(SLEEPER, NOTE, 0)
#endif
    :: else -> break
    od
}

/* startm: mget, then notewakeup. */
proctype Waker() {
    byte round;
    byte old;

    do
    :: round < ROUNDS ->
#ifdef IDLE_KEPT
       atomic { DRAINED(WAKER) && idle -> round++ };
#else
       atomic { DRAINED(WAKER) && idle -> idle = 0; round++ };
#endif
       store(WAKER, WORK, round);
#ifdef WAKE_BEFORE_STORE
       futexwakeup(NOTE);
#endif
#ifdef KEY_PLAIN
       old = LOAD(WAKER, NOTE);
       store(WAKER, NOTE, 1);
#else
       exchange(WAKER, NOTE, 1, old);
#endif
       CLAIM(woken_once, old == 0);
#ifndef WAKE_BEFORE_STORE
       futexwakeup(NOTE)
#endif
    :: else -> break
    od
}

/* The kernel wakes somebody for no reason. */
inline wake(t) {
    atomic {
        spurious > 0 && asleep_on[t] != 0 ->
        asleep_on[t] = 0;
        spurious--
    }
}

proctype Kernel() {
end:
    do
    :: wake(0)
    :: wake(1)
    :: wake(2)
    :: wake(3)
    od
} /* unreached: it serves for ever */

/* The mutex or the note: they have no word in common. */
init {
    byte lockers;

    atomic {
        run Kernel();
        if
        :: run Locker(0);
           run Locker(1);
           run Locker(2);
           left = LOCKERS;
           lockers = LOCKERS
        :: run Sleeper();
           run Waker()
        fi
    };
    /* Afterwards everything that was stored under the mutex is there. */
    left == 0;
    CLAIM(data_complete, memory[COUNTER] == lockers)
}
