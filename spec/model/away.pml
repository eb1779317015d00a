/* away.pml: threads in system calls: who takes their place, a stop of the world, and one that is back and too many.
 *
 * Follows src/runtime/threads.c, in its names.  Two threads shall run goroutines, and a third one can be made.  The
 * first thread has three goroutines, and one of two programs is chosen:
 *
 *      0 makes a system call, then stops the world; 1 stops the world, then makes a system call; 2 yields until the
 *      world was stopped twice.  Both calls last until 2 had a turn while 1 was in its call: so all wait for ever if 2
 *      finds no thread.  Then 0 and 1 yield until 2 is over: three threads have something to run, one too many.
 *
 *      0 makes two system calls, and 1 makes one.  The second call of 0 lasts until 2 had a turn.  So 0 may leave while
 *      as many run as shall.
 *
 * `calls` is a plain store that others read without the lock.  All else changes with the lock, in one step where nobody
 * else may look.  How a thread sleeps and is woken is in schedule.pml, and how it stands still in world.pml: here each
 * is one wait.  Left out: timers; goroutines that run for long, and how they are asked to stop; two that stop the world
 * at a time; a thread that cannot be made; the order in which goroutines run.
 *
 * bug QUEUE_KEPT breaks no_deadlock: a thread that enters a system call keeps what it has to run.
 * bug GIVEN_KEPT breaks runs_once: give_all leaves what it gives in the thread's own queue, too.
 * bug UNREPLACED breaks no_deadlock: nobody takes the place of a thread that enters a system call.
 * bug COUNTED_LATE breaks place_taken: a thread is counted as away after it was replaced.
 * bug GIVEN_LATE breaks no_deadlock: a thread that enters a system call is replaced before it gives what it has.
 * bug REPLACED_ALWAYS breaks room_kept: replace does not look how many threads run.
 * bug NEVER_SHARED breaks all_end: give_all does not set CALL_SHARE.
 * bug SHARE_UNREAD breaks all_end: a thread that has something to run does not look at CALL_SHARE.
 * bug AWAY_AWAITED breaks no_deadlock: contig_world_stop waits for the threads in system calls, too.
 * bug BACK_UNSTOPPED breaks world_still: a thread that comes back does not look whether the world is stopped.
 * bug BACK_COUNTED_LATE breaks world_still: a thread that is back and stands still counts as away meanwhile.
 * bug EXCESS_UNSET breaks few_run: running_changed does not set CALL_EXCESS.
 * bug EXCESS_KEEPS breaks few_run: a thread that is one too many does not give what it has.
 * bug EXCESS_TAKES breaks few_run: a thread that is one too many takes from the common queue.
 * bug ENDS_WHILE_AWAY breaks rest_found: the first thread ends when all others sleep or are away.
 * bug ASLEEP_WHILE_AWAY breaks rest_found: the last thread to fall asleep does not ask whether another one is away.
 */
#include "claims.pml"

hidden byte runs_once;   /* a goroutine runs on one thread at a time */
hidden byte world_still; /* while the world is stopped, only the thread that stopped it does anything */
hidden byte few_run;     /* while too many threads run, each begins with one goroutine more, at most */
hidden byte room_kept;   /* who takes the place of a thread is not one too many */
hidden byte place_taken; /* if there is something to run, somebody takes the place of a thread, or enough run */
hidden byte rest_found;  /* when contig_run returns, all goroutines are over, and nobody is away */

#define THREADS 3
#define PROCS 2
#define GOROUTINES 3
#define NONE 3

/* Words. */
#define WORDS 1
#define CALLS 0
#include "memory.pml"

/* Of `calls`. */
#define STOP 1
#define SHARE 2
#define EXCESS 4
#define SLEEPER 8

chan queues[THREADS] = [GOROUTINES] of { byte };
chan common = [GOROUTINES] of { byte };
bit sched_lock;
byte threads = PROCS;
byte away;
byte sleeping;
bit sleeper[THREADS];
byte stopper = NONE;
byte stopped;
byte worlds;
bit finished;           /* of the first thread */
bit quitting;
byte step[GOROUTINES];  /* how far a goroutine has come */
bit calls_twice;        /* the second program */
bit in_call;            /* goroutine 1 */
bit turned;             /* goroutine 2 had a turn meanwhile */
byte left = GOROUTINES; /* goroutines that are not over */
byte over;              /* threads that have ended */
bit runs[GOROUTINES];   /* ghost: a thread has it in hand */
byte still = NONE;      /* ghost: who has stopped the world, from contig_world_stop to contig_world_go_on */
bit too_many;           /* ghost: at the last unlock more than PROCS threads ran */
bit began[THREADS];     /* ghost: a goroutine, since then */

#define RUNNING (threads - sleeping - away)
#define ROOM (RUNNING < PROCS -> PROCS - RUNNING : 0)
#define WANTING (ROOM < sleeping -> ROOM : sleeping)
#define RUNS_ALONE(m) (still == NONE || still == m)

ltl all_end { <> (over == threads) }

inline lock(m) {
    atomic { !sched_lock && DRAINED(m) -> sched_lock = 1 }
}

inline unlock(m) {
    atomic {
        DRAINED(m) ->
        sched_lock = 0;
        too_many = (RUNNING > PROCS);
        began[0] = began[0] && too_many;
        began[1] = began[1] && too_many;
        began[2] = began[2] && too_many
    }
}

/* contig_call, with the lock. */
inline call_on(m, call) {
    atomic { x = LOAD(m, CALLS) | call; store(m, CALLS, x); x = 0 }
}

inline call_off(m, call) {
    atomic { x = LOAD(m, CALLS) & ~call; store(m, CALLS, x); x = 0 }
}

#ifdef EXCESS_UNSET
#define IF_EXCESS 0
#else
#define IF_EXCESS (RUNNING > PROCS -> EXCESS : 0)
#endif

inline running_changed(m) {
    atomic {
        x = (LOAD(m, CALLS) & (STOP | SHARE)) + IF_EXCESS + WANTING * SLEEPER;
        store(m, CALLS, x);
        x = 0
    }
}

inline awaken(m, other) {
    atomic { sleeper[other] = 0; sleeping--; running_changed(m) }
}

/* One of those that sleep. */
inline awaken_one(m) {
    atomic {
        if
        :: sleeper[0] -> other = 0
        :: sleeper[1] -> other = 1
        :: sleeper[2] -> other = 2
        fi;
        awaken(m, other);
        other = 0
    }
}

#ifdef ASLEEP_WHILE_AWAY
#define ALL_SLEEP (RUNNING == 0 && sleeper[0])
#else
#define ALL_SLEEP (sleeping == threads)
#endif

/* fall_asleep, with the lock. */
inline fall_asleep(m) {
    atomic { sleeper[m] = 1; sleeping++; running_changed(m) };
    if
    :: ALL_SLEEP -> finished = 1; awaken(m, 0)
    :: else
    fi;
    unlock(m);
    atomic { !sleeper[m] -> lock(m) }
}

/* stand_still, with the lock. */
inline stand_still(m) {
    atomic { world = worlds; stopped++; unlock(m) };
    atomic { worlds != world -> lock(m); stopped--; world = 0 }
}

/* With the lock: until no other thread stops the world. */
inline let_stop(m) {
    do
    :: stopper == NONE || stopper == m -> break
    :: else -> stand_still(m)
    od
}

/* make_common, of `count`. */
inline make_common() {
    atomic {
        do
        :: i == count -> break
        :: else ->
#ifdef GIVEN_KEPT
           queue?<x>;
#else
           queue?x;
#endif
           common!x;
           i++
        od;
        i = 0;
        x = 0
    }
}

/* give, of half of what m can spare. */
inline give(m) {
    lock(m);
    atomic {
        count = (WANTING != 0 -> (len(queue) + 1) / 2 : 0);
        make_common()
    };
    do
    :: count == 0 || WANTING == 0 -> break
    :: else -> atomic { awaken_one(m); count-- }
    od;
    atomic { unlock(m); count = 0 }
}

/* give_all, with the lock. */
inline give_all(m) {
    atomic { count = len(queue); make_common(); count = 0 };
    if
#ifndef NEVER_SHARED
    :: len(common) != 0 -> call_on(m, SHARE)
#endif
    :: else
    fi
}

/* take, with the lock. */
inline take(m) {
    atomic {
        shared = (LOAD(m, CALLS) & SHARE) != 0;
        count = (shared -> RUNNING + WANTING : WANTING + 1);
        count = (len(common) + count - 1) / count;
        if
        :: shared && count == len(common) -> call_off(m, SHARE)
        :: else
        fi;
        do
        :: count == 0 -> break
        :: else -> common?x; queue!x; count--
        od;
        shared = 0;
        x = 0
    }
}

inline runq_get() {
    if
    :: len(queue) != 0 -> queue?g
    :: else
    fi
}

#ifdef ENDS_WHILE_AWAY
#define NOBODY_RUNS (RUNNING == 1)
#else
#define NOBODY_RUNS (sleeping + 1 == threads)
#endif
#define ENDS (quitting || m == 0 && (finished || NOBODY_RUNS))

/* contig_find_runnable. */
inline find_runnable(m) {
    lock(m);
    do
    :: let_stop(m);
       atomic { excess = (RUNNING > PROCS); CLAIM(world_still, RUNS_ALONE(m)) };
       if
       :: excess ->
#ifndef EXCESS_KEEPS
          give_all(m)
#endif
       :: else
       fi;
       if
#ifdef EXCESS_TAKES
       :: len(queue) == 0 -> take(m)
#else
       :: len(queue) == 0 && !excess -> take(m)
#endif
       :: else
       fi;
       atomic { excess = 0; runq_get() };
       if
       :: g != NONE || ENDS -> break
       :: else -> fall_asleep(m)
       fi
    od;
    atomic { finished = finished && m != 0; unlock(m) }
}

/* contig_attend, before the thread runs the goroutine that it has in hand, but for what it does if too many run. */
inline attend(m) {
    if
    :: calls & STOP -> lock(m); let_stop(m); unlock(m)
    :: else
    fi;
    if
#ifndef SHARE_UNREAD
    :: calls & SHARE -> lock(m); take(m); unlock(m)
#endif
    :: else
    fi;
    if
    :: calls >= SLEEPER && len(queue) != 0 -> give(m)
    :: else
    fi;
    calls = 0
}

#define NO_OTHER (sleeping == 0 && threads == THREADS)

/* replace, with the lock. */
inline replace(m) {
    if
#ifdef REPLACED_ALWAYS
    :: len(common) != 0 ->
#else
    :: len(common) != 0 && RUNNING < PROCS ->
#endif
       if
       :: sleeping != 0 -> awaken_one(m)
       :: sleeping == 0 && threads < THREADS -> atomic { threads++; running_changed(m) }
       :: NO_OTHER -> more = 1 /* a fourth one, which is not there */
       fi;
       atomic { CLAIM(room_kept, RUNNING + more <= PROCS); more = 0 }
    :: else
    fi
}

/* contig_enter_system_call. */
inline enter(m) {
    atomic { lock(m); ran = RUNNING };
#ifndef COUNTED_LATE
    away++;
#endif
#ifdef GIVEN_LATE
    running_changed(m);
    replace(m);
#endif
#ifndef QUEUE_KEPT
    give_all(m);
#endif
#ifndef GIVEN_LATE
    running_changed(m);
#ifndef UNREPLACED
    replace(m);
#endif
#endif
#ifdef COUNTED_LATE
    atomic { away++; running_changed(m) };
#endif
    atomic {
        CLAIM(place_taken, len(common) == 0 || RUNNING >= PROCS || RUNNING == ran || NO_OTHER);
        ran = 0;
        unlock(m)
    }
}

/* contig_leave_system_call. */
inline leave(m) {
    lock(m);
#ifndef BACK_COUNTED_LATE
    atomic { away--; running_changed(m) };
#endif
#ifndef BACK_UNSTOPPED
    let_stop(m);
#endif
#ifdef BACK_COUNTED_LATE
    atomic { away--; running_changed(m) };
#endif
    atomic { unlock(m); CLAIM(world_still, RUNS_ALONE(m)) }
}

#ifdef AWAY_AWAITED
#define AWAITED (threads - sleeping)
#else
#define AWAITED RUNNING
#endif

/* contig_world_stop, which looks again and again: here it waits. */
inline world_stop(m) {
    lock(m);
    atomic { stopper = m; call_on(m, STOP) };
    do
    :: stopped + 1 >= AWAITED -> break
    :: else -> unlock(m); stopped + 1 >= AWAITED; lock(m)
    od;
    atomic { unlock(m); still = m }
}

inline world_go_on(m) {
    atomic { still = NONE; lock(m) };
    atomic { stopper = NONE; call_off(m, STOP) };
    atomic { worlds++; unlock(m) }
}

/* contig_execute. */
inline execute(m) {
    atomic {
        CLAIM(world_still, RUNS_ALONE(m));
        if
        :: !goes_on ->
           CLAIM(runs_once, !runs[g]);
           CLAIM(few_run, !(too_many && RUNNING > PROCS && began[m]));
           runs[g] = 1;
           began[m] = too_many
        :: else
        fi;
        goes_on = 0;
        turned = turned || g == 2 && (in_call || calls_twice)
    }
}

/* Requests. */
inline system_call(m) {
    enter(m);
    atomic { in_call = in_call || g == 1 };
    turned || calls_twice && (g == 1 || step[g] == 0);
    leave(m);
    atomic { step[g]++; goes_on = 1 }
}

inline collect(m) {
    world_stop(m);
    world_go_on(m);
    atomic { step[g]++; goes_on = 1 }
}

/* The programs of goroutines. */
#define CALLS_SYSTEM (g <= 1 && (step[g] == g || calls_twice && step[g] <= 1 - g))
#define COLLECTS (g <= 1 && step[g] == 1 - g && !calls_twice)
#define YIELDS (!calls_twice && (g == 2 -> worlds != 2 : step[g] == 2 && left == GOROUTINES))

inline serve(m) {
    if
    :: CALLS_SYSTEM -> system_call(m)
    :: COLLECTS -> collect(m)
    :: atomic { YIELDS -> runs[g] = 0; queue!g; g = NONE }
    :: atomic { !CALLS_SYSTEM && !COLLECTS && !YIELDS -> left--; runs[g] = 0; g = NONE }
    fi
}

proctype Thread(byte m; chan queue) {
    byte g = NONE;
    byte calls, count, i, other, world, x;
    byte ran; /* ghost: threads that ran before this one was away */
    bit excess, goes_on, more, shared;
    bit one_too_many; /* contig_attend looks for another goroutine */

end:
    threads > m;
    do
    :: atomic { g == NONE && !one_too_many && len(queue) != 0 -> queue?g }
    :: g == NONE && (one_too_many || len(queue) == 0) ->
       find_runnable(m);
       if
       :: g == NONE -> break
       :: else
       fi
    :: g != NONE ->
       calls = (one_too_many -> calls : LOAD(m, CALLS));
       if
       :: atomic {
              (calls & EXCESS) && !goes_on && !one_too_many ->
              one_too_many = 1;
              queue!g;
              g = NONE
          }
       :: else ->
          one_too_many = 0;
          attend(m);
          execute(m);
          serve(m)
       fi
    od;
    if
    :: m == 0 ->
       CLAIM(rest_found, left == 0 && away == 0);
       /* contig_threads_stop */
       lock(0);
       quitting = 1;
       do
       :: sleeping == 0 -> break
       :: else -> awaken_one(0)
       od;
       unlock(0);
       over == threads - 1
    :: else
    fi;
    over++
}

init {
    atomic {
        if
        :: calls_twice = 1
        :: true
        fi;
        queues[0]!0; queues[0]!1; queues[0]!2;
        run Thread(0, queues[0]);
        run Thread(1, queues[1]);
        run Thread(2, queues[2])
    }
}
