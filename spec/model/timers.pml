/* timers.pml: two threads run three goroutines that sleep for a time: who looks at the clock, and who wakes whom.
 *
 * Follows src/runtime/timer.c, threads.c and proc.c, in their names.  Goroutine 0 sleeps for one or two units of time,
 * 1 for one.  2 calls contig_ready for 0.  One of three programs is chosen:
 *
 *      0 parks after its sleep; 2 yields until contig_ready has woken it.
 *
 *      1 makes a system call before its sleep, which lasts until 0 is over.
 *
 *      2 sleeps, too.  The first thread calls contig_step, once or more often, and asks each time whether there is a
 *      deadlock.  Then it calls contig_run, or ends all without it.
 *
 * Time goes by while something waits for it.  A thread that sleeps in the kernel for a time may return early, once in a
 * run.  `calls`, first_time and the status of 0, which others look at without the lock, are words; those of another
 * goroutine nobody looks at.
 *
 * bug LOOKED_UNLOCKED breaks woken_once: contig_timers_look fires without the lock.
 * bug TIMEOUT_FIRES breaks not_early: who has slept for its time wakes the first one without a look at the clock.
 * bug LAST_FIRST breaks in_order: of those with the same time the last one to sleep is first.
 * bug TIMED_LATE breaks sleeper_refused: a goroutine is said to sleep for a time after others see that it waits.
 * bug TIMED_UNREAD breaks sleeper_refused: contig_ready does not look whether who waits sleeps for a time.
 * bug TIMED_SEEN_EARLY breaks sleeper_refused: contig_ready looks whether it sleeps for a time before it claims it.
 * bug TIMED_CLEARED breaks sleeper_refused: wake_first clears the sign of a sleeper before it owns the goroutine.
 * bug TIMED_KEPT breaks all_end: a goroutine that parks still has the sign of one that slept for a time.
 * bug CLAIMED_UNWOKEN breaks no_deadlock: wake_first leaves a goroutine alone that contig_ready has claimed.
 * bug FIRST_UNSAID breaks first_right: add does not publish the first time.
 * bug NEXT_UNSAID breaks first_right: wake_first does not publish the time of the next one.
 * bug TIMER_DROPPED breaks first_right: running_changed drops CALL_TIMER.
 * bug NEVER_LOOKED breaks all_end: contig_attend does not look at CALL_TIMER.
 * bug SLEEPS_FOR_EVER breaks no_deadlock: fall_asleep has no limit of time.
 * bug SLEEPS_ON breaks no_deadlock: who slept for its time sleeps on until it is woken.
 * bug TIMEOUT_UNCOUNTED breaks rest_found: who slept for its time counts as asleep when it runs.
 * bug TIMEOUT_AWAKENS breaks sleeper_asleep: who slept for a time awakens itself, also if another one has done so.
 * bug AWAY_UNWATCHED breaks time_watched: replace does not look whether somebody sleeps for a time.
 * bug FINISHED_WHILE_TIMED breaks rest_found: the last thread to fall asleep ends the run while somebody sleeps.
 * bug ENDS_WHILE_TIMED breaks rest_found: the first thread ends the run while somebody sleeps.
 * bug COUNT_KEPT breaks rest_found: wake_first still counts a goroutine among those that wait.
 * bug LOOKED_AT_REST breaks runs_asked: threads wake goroutines while contig_run does not run.
 * bug DEADLOCK_SAID breaks deadlock_real: contig_report_deadlock does not ask whether somebody sleeps for a time.
 */
#include "claims.pml"

hidden byte not_early;       /* nobody wakes before its time */
hidden byte in_order;        /* the first one wakes whose time is first, then who was first to sleep */
hidden byte woken_once;      /* who is woken slept, and is in one queue or on one thread */
hidden byte sleeper_refused; /* contig_ready wakes nobody who sleeps for a time */
hidden byte first_right;     /* to who has the lock, first_time and CALL_TIMER say what the timers are */
hidden byte time_watched;    /* while somebody sleeps, a thread runs, or one sleeps until the first time at most */
hidden byte sleeper_asleep;  /* only a thread that sleeps is woken */
hidden byte rest_found;      /* when contig_run returns, all goroutines are over, and none is counted as waiting */
hidden byte deadlock_real;   /* no deadlock is reported while somebody sleeps for a time */
hidden byte runs_asked;      /* goroutines run while contig_run or contig_step does */

#define THREADS 2
#define GOROUTINES 3
#define NONE 3
#define NEVER 255

/* Words. */
#define WORDS 3
#define CALLS 0
#define FIRST 1 /* first_time */
#define STATUS 2 /* of goroutine 0 */
#include "memory.pml"

#ifdef LAST_FIRST
#define TIE(a, b) (number[a] > number[b])
#else
#define TIE(a, b) (number[a] < number[b])
#endif
#include "timers_state.pml"

ltl all_end { <> (over == THREADS) }

inline unlock(m) {
    atomic {
        DRAINED(m) ->
        CLAIM(time_watched, timers == 0 || sleeping + away < THREADS || WATCHES(0) || WATCHES(1));
        CLAIM(first_right, memory[FIRST] == FIRST_TIME && (memory[CALLS] & TIMER) == (timers != 0));
        sched_lock = 0
    }
}

#ifdef LOOKED_AT_REST
#define LOOKS true
#else
#define LOOKS looks
#endif

#ifdef TIMER_DROPPED
#define KEPT SHARE
#else
#define KEPT (TIMER | SHARE)
#endif

/* As many threads shall run as there are, so that all that sleep are wanted. */
inline running_changed(m) {
    atomic {
        x = (LOAD(m, CALLS) & KEPT) + sleeping * SLEEPER;
        store(m, CALLS, x);
        x = 0
    }
}

/* contig_g_wake. */
inline g_wake(m, one) {
    if
    :: one != 0 -> runq_put(one)
    :: else ->
       atomic {
           DRAINED(m) && (memory[STATUS] == WAITING || memory[STATUS] == CLAIMED) ->
           old = memory[STATUS];
#ifdef CLAIMED_UNWOKEN
           memory[STATUS] = CLAIMED
#else
           memory[STATUS] = (old == WAITING -> CLAIMED : WOKEN)
#endif
       };
       if
       :: old == WAITING -> store(m, STATUS, RUNNABLE); runq_put(0)
       :: else
       fi;
       old = 0
    fi
}

/* With the lock. */
inline wake_first(m) {
    atomic {
        woken = FIRST_TIMER;
        CLAIM(not_early, now >= not_before[woken]);
        CLAIM(in_order, AFTER(woken, 0) && AFTER(woken, 1) && AFTER(woken, 2));
        CLAIM(woken_once, sleeps[woken])
    };
#ifdef TIMED_CLEARED
    timed[woken] = 0;
#endif
    atomic {
        timer[woken] = 0;
        when[woken] = 0;
        number[woken] = 0;
        timers--;
        sleeps[woken] = 0;
        not_before[woken] = 0;
#ifndef NEXT_UNSAID
        first_publish(m);
#endif
#ifndef COUNT_KEPT
        waiting--;
#endif
        g_wake(m, woken);
        woken = 0;
        reset_clock()
    }
}

/* contig_timers_look. */
inline timers_look(m) {
    if
    :: now >= LOAD(m, FIRST) ->
#ifdef LOOKED_UNLOCKED
       timers_fire(m)
#else
       atomic { lock(m); timers_fire(m); unlock(m) }
#endif
    :: else
    fi
}

/* contig_timer_sleep of g. */
inline timer_sleep(m) {
    not_before[g] = now + lasts[g];
    atomic {
        lock(m);
        g0 = g;
        g = NONE;
        timer[g0] = 1;
        when[g0] = now + lasts[g0];
        number[g0] = made;
        timers++;
        made++;
#ifndef FIRST_UNSAID
        first_publish(m);
#endif
#ifndef TIMED_LATE
        timed[g0] = 1;
#endif
        waiting++;
        sleeps[g0] = 1;
        runs[g0] = 0;
        if
        :: g0 == 0 -> store(m, STATUS, WAITING)
        :: else
        fi
    };
#ifdef TIMED_LATE
    timed[g0] = 1;
#endif
    atomic { unlock(m); g0 = 0 }
}

#ifdef FINISHED_WHILE_TIMED
#define ALL_SLEEP (sleeping == THREADS)
#else
#define ALL_SLEEP (sleeping == THREADS && timers == 0)
#endif

#ifdef SLEEPS_FOR_EVER
#define TIMERS_WAIT NEVER
#else
#define TIMERS_WAIT (LOOKS -> FIRST_TIME : NEVER)
#endif

#ifdef SLEEPS_ON
#define BACK !sleeper[m]
#else
#define BACK (!sleeper[m] || now >= until[m])
#endif

#ifdef TIMEOUT_AWAKENS
#define AWAKENS true
#else
#define AWAKENS sleeper[m]
#endif

/* fall_asleep, with the lock; doze. */
inline fall_asleep(m) {
    atomic {
        sleeper[m] = 1;
        sleeping++;
        running_changed(m);
        if
        :: ALL_SLEEP -> finished = 1; awaken(m, 0)
        :: else
        fi;
        until[m] = TIMERS_WAIT;
        unlock(m)
    };
    if
    :: BACK
    :: atomic { sleeper[m] && until[m] != NEVER && !back_early -> back_early = 1 }
    fi;
    atomic {
        lock(m);
        until[m] = NEVER;
        reset_clock();
        if
#ifndef TIMEOUT_UNCOUNTED
        :: AWAKENS -> awaken(m, self)
#endif
        :: else
        fi;
#ifdef TIMEOUT_FIRES
        if
        :: timers != 0 -> wake_first(m)
        :: else
        fi
#endif
    }
}

#ifdef ENDS_WHILE_TIMED
#define NOBODY_RUNS (sleeping + 1 == THREADS)
#else
#define NOBODY_RUNS (sleeping + 1 == THREADS && timers == 0)
#endif
#define ENDS (quitting || m == 0 && (finished || NOBODY_RUNS))

/* contig_find_runnable. */
inline find_runnable(m) {
    atomic {
        lock(m);
        do
        :: if
           :: len(queue) == 0 -> take(m)
           :: else
           fi;
           if
           :: LOOKS -> timers_fire(m)
           :: else
           fi;
           runq_get();
           if
           :: g != NONE || ENDS -> break
           :: else -> fall_asleep(m)
           fi
        od;
        finished = finished && m != 0;
        unlock(m)
    }
}

/* contig_attend, before the thread runs the goroutine that it has in hand. */
inline attend(m) {
    calls = LOAD(m, CALLS);
    if
    :: calls & SHARE -> atomic { lock(m); take(m); unlock(m) }
    :: else
    fi;
    if
#ifndef NEVER_LOOKED
    :: calls & TIMER -> timers_look(m)
#endif
    :: else
    fi;
    if
    :: calls >= SLEEPER && len(queue) != 0 && !steps -> give(m)
    :: else
    fi;
    calls = 0
}

#ifdef AWAY_UNWATCHED
#define NEEDED (len(common) != 0)
#else
#define NEEDED (len(common) != 0 || sleeping + away == THREADS && timers != 0)
#endif

/* contig_enter_system_call, replace. */
inline enter(m) {
    atomic {
        lock(m);
        away++;
        count = len(queue);
        make_common();
        if
        :: len(common) != 0 -> call(m, SHARE, true)
        :: else
        fi;
        running_changed(m);
        if
        :: NEEDED && sleeping != 0 -> awaken(m, 1 - m)
        :: else
        fi;
        unlock(m)
    }
}

#ifdef TIMED_UNREAD
#define IS_TIMED false
#else
#define IS_TIMED timed[0]
#endif

/* contig_ready of goroutine 0. */
inline ready(m) {
    do
#ifdef TIMED_SEEN_EARLY
    :: timed[0] -> break
#endif
    :: /* contig_g_claim */
       atomic {
           DRAINED(m) ->
           old = memory[STATUS];
           memory[STATUS] = (old == WAITING -> CLAIMED : old);
           was_asleep = sleeps[0];
           if
           :: old == WAITING -> won = 1; break
           :: old == CLAIMED
           :: else -> break
           fi
       }
    od;
    old = 0;
    if
    :: !won
#ifndef TIMED_SEEN_EARLY
    :: won && IS_TIMED ->
#else
    :: false ->
#endif
       /* contig_g_release */
       atomic { DRAINED(m) -> old = memory[STATUS]; memory[STATUS] = WAITING };
       if
       :: old != CLAIMED -> store(m, STATUS, RUNNABLE); runq_put(0)
       :: else
       fi
    :: else ->
       CLAIM(sleeper_refused, !was_asleep);
       waiting--;
       store(m, STATUS, RUNNABLE);
       runq_put(0);
       was_ready = 1
    fi;
    old = 0;
    won = 0;
    was_asleep = 0
}

/* REQUEST_PARK. */
inline park(m) {
#ifndef TIMED_KEPT
    timed[0] = 0;
#endif
    atomic { waiting++; runs[0] = 0; g = NONE; store(m, STATUS, WAITING) }
}

/* run: until there is nothing to run, or, in contig_step, one goroutine. */
inline run_goroutines(m) {
    do
    :: atomic { g == NONE && len(queue) != 0 -> runq_get() }
    :: g == NONE && len(queue) == 0 ->
       find_runnable(m);
       if
       :: g == NONE -> break
       :: else
       fi
    :: g != NONE ->
       attend(m);
       execute(m);
       if
       :: steps && m == 0 && g == NONE -> break
       :: else
       fi
    od
}

#ifdef DEADLOCK_SAID
#define DEADLOCK (waiting != 0 && len(queues[0]) + len(queues[1]) + len(common) == 0)
#else
#define DEADLOCK (waiting != 0 && len(queues[0]) + len(queues[1]) + len(common) == 0 && timers == 0)
#endif

proctype Thread(byte m; chan queue) {
    byte g = NONE, self = m;
    byte calls, count, g0, old, woken, x;
    bit shared, was_ready, won;
    bit was_asleep; /* ghost */

    in_run = in_run || m == 0;
again:
    if
    :: m == 0 && !steps -> threads_look(0, 1)
    :: m == 0 && steps -> atomic { lock(0); timers_fire(0); unlock(0) }
    :: else
    fi;
    run_goroutines(m);
    if
    :: m == 0 && steps ->
       atomic {
           CLAIM(deadlock_real, !DEADLOCK || sleeps[0] + sleeps[1] + sleeps[2] == 0);
           if
           :: len(queue) != 0 -> goto again
           :: steps = 0; goto again
           :: steps = 0; in_run = 0; goto stop
           fi
       }
    :: m == 0 && !steps ->
       threads_look(0, 0);
       in_run = 0;
       CLAIM(rest_found, left == 0 && timers == 0 && waiting == 0 && away == 0);
stop:  /* contig_threads_stop */
       lock(0);
       quitting = 1;
       if
       :: sleeping != 0 -> awaken(0, 1)
       :: else
       fi;
       unlock(0);
       over == THREADS - 1
    :: else
    fi;
    over++
}

init {
    atomic {
        memory[FIRST] = NEVER;
        until[0] = NEVER;
        until[1] = NEVER;
        lasts[1] = 1;
        lasts[2] = 1;
        if
        :: lasts[0] = 1
        :: lasts[0] = 2
        fi;
        if
        :: parks = 1; queues[0]!0; queues[0]!1; queues[0]!2
        :: calls_system = 1; queues[0]!0; queues[0]!2; queues[0]!1
        :: all_sleep = 1; steps = 1; queues[0]!0; queues[0]!2; queues[0]!1
        fi;
        run Thread(0, queues[0]);
        run Thread(1, queues[1]);
        run Clock()
    }
}
