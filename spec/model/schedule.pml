/* schedule.pml: three threads run four goroutines: queues of their own, sleep, give, take, park, ready, and the end.
 *
 * Follows src/runtime/threads.c and proc.c, in their names.  The first thread made goroutines 1, 2 and 0, in this
 * order, and calls contig_run.  Goroutine 0 parks, and when it is woken makes 3.  Goroutines 1 and 2 yield until
 * goroutines have run on two threads; then each calls contig_ready twice, once with the number of 0 and once with that
 * of an earlier goroutine.  If 0 still waits when contig_run returns, the first thread wakes it and calls contig_run
 * again.  Then it ends the others.  Or it does not call contig_run, and ends them at once.
 *
 * `calls` and a goroutine's status are plain stores (SYNC_WRITE); `sleeps`, the lock and claims are changed by locked
 * instructions.  What a thread does with its own queue, or with the lock, is one step where nobody else may look.
 *
 * bug TAKEN_UNLOCKED breaks runs_once: a thread takes from the common queue without the lock.
 * bug GIVEN_KEPT breaks runs_once: give leaves what it gives in the thread's own queue, too.
 * bug QUEUE_SHARED breaks runs_once: a thread that has nothing takes from another's own queue.
 * bug WAITING_EARLY breaks stack_exclusive: a goroutine waits, to others, before its thread has left its stack.
 * bug FREED_ON_STACK breaks stack_exclusive: a stack is freed before its thread has left it.
 * bug CLAIM_TWO_STEPS breaks woken_once: contig_g_claim reads the status and stores it in two steps.
 * bug CLAIMED_NOT_FOUND breaks wake_kept: contig_ready finds nothing while another call has claimed the goroutine.
 * bug NUMBER_IGNORED breaks number_right: contig_ready does not compare the number after it has claimed the record.
 * bug LOOKED_EARLY breaks nothing_left: a thread that falls asleep looked at the common queue before it had the lock.
 * bug FINISHED_EARLY breaks rest_found: all but one thread sleep, and the first thread learns that nobody can run.
 * bug FINISH_UNSEEN breaks no_deadlock: the last thread to fall asleep does not wake the first one.
 * bug SLEEPS_LATE breaks no_deadlock: fall_asleep sets `sleeps` after it has released the lock.
 * bug DOZE_UNCOMPARED breaks no_deadlock: a thread that dozes sleeps in earnest without comparing `sleeps`.
 * bug SLEEP_UNCOMPARED breaks no_deadlock: a thread sleeps in the kernel without comparing `sleeps` there.
 * bug QUITTING_UNLOCKED breaks no_deadlock: contig_threads_stop sets `quitting` without the lock.
 * bug AWAKENED_KEPT breaks sleeper_asleep: awaken leaves the thread on the list of those that sleep.
 * bug NEVER_GIVEN breaks all_end: nobody looks at `calls`.
 * bug GIVEN_UNWOKEN breaks all_end: give wakes nobody.
 * bug CALLS_UNLOCKED breaks calls_right: fall_asleep changes `calls` after it has released the lock.
 * bug SLEEPS_PLAIN breaks no_deadlock: awaken changes `sleeps` by a load and a plain store.
 */
#include "claims.pml"

hidden byte runs_once;       /* a goroutine runs on one thread at a time */
hidden byte stack_exclusive; /* two threads are never on one stack, and no thread on a free one */
hidden byte woken_once;      /* of all that wake a goroutine, one does */
hidden byte wake_kept;       /* a goroutine that waits when contig_ready is called for it does not go on waiting */
hidden byte number_right;    /* a number of an earlier goroutine wakes nobody */
hidden byte rest_found;      /* when contig_run returns, nobody runs, and nobody can */
hidden byte nothing_left;    /* a thread that falls asleep leaves nothing in the common queue */
hidden byte calls_right;     /* `calls` says, to who has the lock, how many threads sleep */
hidden byte sleeper_asleep;  /* only a thread that sleeps is woken */

#if defined(TSO) || defined(LIVENESS)
#define THREADS 2 /* the bound of these searches */
#else
#define THREADS 3
#endif
#define MOST 3
#define GOROUTINES 4
#define NONE 4 /* no goroutine */
#define G0 4   /* the thread is on its own stack */

/* Words. */
#define WORDS 5
#define CALLS 0 /* how many threads sleep */
#define SLEEP(m) (1 + (m)) /* m.sleeps */
#define STATUS 4 /* of goroutine 0: nobody looks at that of another one */
#include "memory.pml"

/* Values of sleeps. */
#define AWAKE 0
#define DOZES 1
#define SLEEPS 2

/* Values of a status. */
#define RUNNABLE 0
#define RUNNING 1
#define WAITING 2
#define CLAIMED 3
#define DEAD 4

chan queues[MOST] = [GOROUTINES] of { byte };
chan common = [GOROUTINES] of { byte };
bit sched_lock;
bit sleeper[MOST]; /* the list from first_sleeper on */
bit in_kernel[MOST];
bit finished;         /* of the first thread */
bit quitting;
byte stack[GOROUTINES];
bit free_stack[GOROUTINES] = 1;
byte step[GOROUTINES];    /* how far a goroutine has come */
byte on[MOST] = G0;       /* ghost: the stack that a thread is on */
bit runs[GOROUTINES];     /* ghost: a thread has it in hand */
bit parked;               /* ghost: goroutine 0 waits */
bit called;               /* ghost: contig_ready was called while it did */
bit ran_on[MOST];         /* goroutines 1 and 2 have run there */
byte over;                /* threads that have ended */

#define SLEEPING (sleeper[0] + sleeper[1] + sleeper[2])
#define TWO_RAN (ran_on[0] + ran_on[1] + ran_on[2] >= 2)

#ifdef FINISHED_EARLY
#define ALL_SLEEP (SLEEPING == THREADS - 1 && sleeper[0])
#else
#define ALL_SLEEP (SLEEPING == THREADS)
#endif

ltl all_end { <> (over == THREADS) }

inline lock(m) {
    atomic { !sched_lock && DRAINED(m) -> sched_lock = 1 }
}

inline unlock(m) {
    atomic { DRAINED(m) -> sched_lock = 0 }
}

/* calls_change: a load and a store, with the lock. */
inline calls_change(m, by) {
    i = LOAD(m, CALLS) + by;
    store(m, CALLS, i);
    i = 0
}

/* contig_g_status. */
inline g_status(m, g, new) {
    if
    :: g == 0 -> store(m, STATUS, new)
    :: else
    fi
}

/* awaken, with the lock. */
inline awaken(m, other) {
    atomic {
        CLAIM(sleeper_asleep, sleeper[other] && LOAD(m, SLEEP(other)) != AWAKE);
#ifndef AWAKENED_KEPT
        sleeper[other] = 0;
#endif
        calls_change(m, -1)
    };
#ifdef SLEEPS_PLAIN
    old = LOAD(m, SLEEP(other));
    store(m, SLEEP(other), AWAKE);
#else
    exchange(m, SLEEP(other), AWAKE, old);
#endif
    /* contig_sync_wake */
    atomic { in_kernel[other] = (old == SLEEPS -> 0 : in_kernel[other]); old = 0 }
}

/* fall_asleep, with the lock. */
inline fall_asleep(m) {
    atomic {
        sleeper[m] = 1;
#ifndef CALLS_UNLOCKED
        calls_change(m, 1);
#endif
#ifndef SLEEPS_LATE
        store(m, SLEEP(m), DOZES)
#endif
    };
    if
#ifndef FINISH_UNSEEN
    :: ALL_SLEEP -> finished = 1; awaken(m, 0)
#endif
    :: else
    fi;
    unlock(m);
#ifdef CALLS_UNLOCKED
    calls_change(m, 1);
#endif
#ifdef SLEEPS_LATE
    store(m, SLEEP(m), DOZES);
#endif
    /* doze */
#ifdef DOZE_UNCOMPARED
    if
    :: LOAD(m, SLEEP(m)) == DOZES -> store(m, SLEEP(m), SLEEPS)
    :: else
    fi;
#else
    compare_and_swap(m, SLEEP(m), DOZES, SLEEPS, won);
    won = 0;
#endif
    do
    :: LOAD(m, SLEEP(m)) != SLEEPS -> break
    :: else ->
       /* contig_sync_wait */
       atomic {
           DRAINED(m) ->
#ifdef SLEEP_UNCOMPARED
           in_kernel[m] = 1
#else
           in_kernel[m] = (memory[SLEEP(m)] == SLEEPS)
#endif
       };
       !in_kernel[m]
    od
}

/* take, with the lock: this thread's part of the common queue. */
inline take(m) {
    count = (len(common) + SLEEPING) / (SLEEPING + 1);
    do
    :: count == 0 -> break
    :: else ->
       common?g;
       queue!g;
       count--
    od;
    g = NONE;
    if
    :: len(queue) != 0 -> queue?g
    :: else
    fi
}

#define ENDS (quitting || m == 0 && (finished || SLEEPING == THREADS - 1))

/* contig_find_runnable. */
inline find_runnable(m) {
#ifdef TAKEN_UNLOCKED
    if :: len(common) != 0 -> common?<g>; common?_ :: else fi;
#endif
#ifdef QUEUE_SHARED
    if :: m != 0 && len(queues[0]) != 0 -> queues[0]?<g>; queues[0]?_ :: else fi;
#endif
    do
    :: g != NONE -> break
    :: else ->
#ifdef LOOKED_EARLY
       take(m);
       lock(m);
#else
       atomic {
           lock(m);
           take(m);
           CLAIM(calls_right, LOAD(m, CALLS) == SLEEPING)
       };
#endif
       if
       :: atomic { g == NONE && !ENDS -> CLAIM(nothing_left, len(common) == 0) };
          fall_asleep(m)
       :: else ->
          atomic {
              finished = finished && m != 0;
              unlock(m);
              break
          }
       fi
    od
}

/* give: half of what the thread can spare, and as many threads are woken. */
inline give(m) {
    atomic {
        lock(m);
        count = (SLEEPING == 0 -> 0 : (len(queue) + 1) / 2);
        do
        :: i == count -> break
        :: else ->
#ifdef GIVEN_KEPT
           queue?<g_given>;
#else
           queue?g_given;
#endif
           common!g_given;
           i++
        od;
        g_given = 0;
        i = 0
    };
#ifndef GIVEN_UNWOKEN
    do
    :: count == 0 || SLEEPING == 0 -> break
    :: else ->
       atomic {
           if
           :: sleeper[0] -> other = 0
           :: sleeper[1] -> other = 1
           :: sleeper[2] -> other = 2
           fi;
           count--
       };
       awaken(m, other);
       other = 0
    od;
#endif
    atomic { unlock(m); count = 0 }
}

/* contig_attend, before the thread runs the goroutine that it has in hand. */
inline attend(m) {
    if
#ifndef NEVER_GIVEN
    :: LOAD(m, CALLS) != 0 && len(queue) != 0 -> give(m)
#endif
    :: else
    fi
}

/* contig_go: gfget, contig_runq_put. */
inline birth(m) {
    atomic {
        do
        :: free_stack[i] -> break
        :: else -> i++
        od;
        stack[3] = i;
        free_stack[i] = 0;
        i = 0;
        on[m] = G0;
        CLAIM(stack_exclusive, on[0] != stack[3] && on[1] != stack[3] && on[2] != stack[3]);
        queue!3
    }
}

#define VISIBLE (memory[STATUS] == WAITING || memory[STATUS] == CLAIMED)

/* contig_ready of goroutine 0, by its number or by that of one which had its record before. */
inline ready(m) {
    do
    :: /* contig_g_claim */
       atomic {
           called = called || (right_number && parked && VISIBLE);
#ifdef CLAIM_TWO_STEPS
           old = LOAD(m, STATUS)
       };
       if
       :: old == WAITING -> store(m, STATUS, CLAIMED)
       :: else
       fi;
       atomic {
#else
           DRAINED(m) ->
           old = memory[STATUS];
           memory[STATUS] = (old == WAITING -> CLAIMED : old);
#endif
           if
           :: old == WAITING -> won = 1; break
#ifdef CLAIMED_NOT_FOUND
           :: else -> break
#else
           :: old == CLAIMED
           :: else -> break
#endif
           fi
       }
    od;
    if
    :: !won
#ifdef NUMBER_IGNORED
    :: won ->
#else
    :: won && !right_number ->
       /* contig_g_release */
       exchange(m, STATUS, WAITING, old)
    :: won && right_number ->
#endif
       atomic {
           CLAIM(woken_once, parked);
           CLAIM(number_right, right_number);
           parked = 0;
           store(m, STATUS, RUNNABLE);
           queue!0
       }
    fi;
    atomic { won = 0; old = 0; right_number = 0 }
}

/* REQUEST_PARK: the thread has left the stack. */
inline park(m) {
#ifdef WAITING_EARLY
    atomic { runs[0] = 0; parked = 1; goes_on = 0; store(m, STATUS, WAITING) };
    on[m] = G0
#else
    atomic { on[m] = G0; runs[0] = 0; parked = 1; goes_on = 0; store(m, STATUS, WAITING) }
#endif
}

/* REQUEST_EXIT: contig_g_end, gfput. */
inline end_of(m, g) {
#ifdef FREED_ON_STACK
    free_stack[stack[g]] = 1;
#endif
    atomic {
        on[m] = G0;
        free_stack[stack[g]] = 1;
        runs[g] = 0;
        goes_on = 0;
        g_status(m, g, DEAD)
    }
}

/* contig_execute. */
inline execute(m, g) {
    atomic {
        if
        :: !goes_on ->
           CLAIM(runs_once, !runs[g]);
           runs[g] = 1;
           goes_on = 1;
           g_status(m, g, RUNNING)
        :: else
        fi;
        on[m] = stack[g];
        CLAIM(stack_exclusive, on[(m + 1) % 3] != on[m] && on[(m + 2) % 3] != on[m]);
        ran_on[m] = ran_on[m] || g == 1 || g == 2;
        step[g]++
    }
}

/* serve. */
inline serve(m, g) {
    if
    :: g == 0 && step[0] == 1 -> park(m)
    :: atomic { g == 0 && step[0] == 2 -> birth(m) }
    :: atomic { /* REQUEST_YIELD */
           (g == 1 || g == 2) && step[g] == 1 && !TWO_RAN ->
           on[m] = G0; step[g] = 0; runs[g] = 0; goes_on = 0; queue!g
       }
    :: atomic {
           (g == 1 || g == 2) && step[g] <= 2 && TWO_RAN ->
           on[m] = G0;
           right_number = (step[g] == g)
       };
       ready(m)
    :: g == 3 || step[g] == 3 -> end_of(m, g)
    fi
}

/* run: until there is nothing to run. */
inline run_all(m) {
    do
    :: atomic { g == NONE && len(queue) != 0 -> queue?g }
    :: g == NONE && len(queue) == 0 ->
       find_runnable(m);
       if
       :: g == NONE -> break
       :: else
       fi
    :: else ->
       attend(m);
       execute(m, g);
       serve(m, g);
       g = (goes_on -> g : NONE)
    od
}

proctype Thread(byte m; chan queue) {
    byte g = NONE;
    byte g_given, count, i, old, other;
    bit goes_on, won, right_number;

    if
    :: m == 0 -> goto stop
    :: true
    fi;
again:
    run_all(m);
    if
    :: m == 0 ->
       atomic {
           CLAIM(rest_found, len(queues[0]) + len(queues[1]) + len(queues[2]) + len(common) == 0 &&
                 runs[0] + runs[1] + runs[2] + runs[3] == 0);
           CLAIM(wake_kept, !(parked && called))
       };
       if
       :: parked -> atomic { parked = 0; memory[STATUS] = RUNNABLE; queues[0]!0; goto again }
       :: else
       fi;
stop:  /* contig_threads_stop */
#ifndef QUITTING_UNLOCKED
       lock(0);
#endif
       quitting = 1;
       do
       :: sleeper[1] || sleeper[2] -> other = (sleeper[1] -> 1 : 2); awaken(0, other)
       :: SLEEPING == 0 -> break
       od;
#ifndef QUITTING_UNLOCKED
       unlock(0);
#endif
       over == THREADS - 1
    :: else
    fi;
    over++
}

init {
    byte i;

    atomic {
        do
        :: i == 3 -> break
        :: else -> stack[i] = i; free_stack[i] = 0; i++
        od;
        queues[0]!1; queues[0]!2; queues[0]!0;
        run Thread(0, queues[0]);
        run Thread(1, queues[1]);
#if THREADS == 3
        run Thread(2, queues[2]);
#endif
        skip
    }
}
