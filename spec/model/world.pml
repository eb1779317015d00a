/* world.pml: three threads; the world stops against goroutines that run, threads that sleep and give, and another stop.
 *
 * Follows src/runtime/threads.c, proc.c, stack.c and arch/x86_64/switch.S, in their names.  Goroutine 0 yields until
 * two stops are over, so that its thread gives goroutine 1 to one that sleeps.  Goroutine 1 stops the world, and goes
 * on.  Goroutine 2 runs on the third thread: it asks for nothing but prologues, grows now and then, and at some
 * time, or never, stops the world, too.
 * Who has stopped the world moves the stack of goroutine 2, as a collection does.
 *
 * The guard that prologues compare with is a word of the thread: the guard of the goroutine while one runs, and that of
 * the system stack otherwise.  A stack is one of two, each move goes to the other one, and a guard is the stack that it
 * belongs to.  Guards, `calls`, `sleeps` and `worlds` are plain stores; the poison is set by a compare-exchange.  Who
 * stops the world asks, lets those have the lock who want it, and looks again.  A wake-up empties the store buffer in
 * the kernel (Linux kernel/futex/waitwake.c, barrier B).
 *
 * bug POISON_STORED breaks guard_right: others_ask_to_stop stores the poison and does not compare.
 * bug GUARD_KEPT breaks guard_right: a move by who stopped the world leaves the goroutine's guard as it was.
 * bug ASKED_ONCE breaks world_stops: the request is not repeated.
 * bug CALLS_UNREAD breaks world_stops: a thread that was asked does not look at `calls` before it runs a goroutine.
 * bug SLEEPERS_AWAITED breaks world_stops: contig_world_stop waits for the threads that sleep, too.
 * bug STOOD_ONCE breaks world_still: a thread that stood still does not look whether another stop has begun.
 * bug STOPPED_KEPT breaks world_still: a thread that stood still is counted as stopped while it runs.
 * bug AWAKENED_RUNS breaks world_still: a thread that is woken counts as asleep, and runs in a world that is stopped.
 * bug STOPPER_REPLACED breaks world_stops: contig_world_stop does not wait for the end of another stop.
 * bug MOVED_EARLY breaks stack_owned: a collection moves stacks before the world has stopped.
 * bug WORLD_READ_LATE breaks no_deadlock: stand_still reads `worlds` after it has released the lock.
 * bug GO_ON_UNWOKEN breaks no_deadlock: contig_world_go_on wakes nobody.
 * bug WAKE_UNFENCED breaks no_deadlock with store buffers only: the kernel wakes before `worlds` is in the memory.
 */
#include "claims.pml"

hidden byte world_still; /* while the world is stopped, only the thread that stopped it does anything */
hidden byte stack_owned; /* a stack is moved only while no goroutine is on it, by one thread */
hidden byte guard_right; /* a goroutine's guard is the poison or its stack's, and the system stack keeps its own */

#define THREADS 3
#define NONE 3

/* Words. */
#define WORDS 7
#define CALLS 0
#define SLEEP(m) (1 + (m)) /* m.sleeps, without its dozing */
#define WORLDS 4
#define GUARD 5      /* of the third thread: fs:0x70 */
#define STACKGUARD 6 /* of goroutine 2 */
#include "memory.pml"

/* Of `calls`. */
#define STOP 1
#define SLEEPER 2

/* Guards; that of a stack is 1 or 2. */
#define HOST 0
#define POISON 3

chan queue0 = [3] of { byte };
chan queue1 = [3] of { byte };
chan queue2 = [3] of { byte };
chan common = [3] of { byte };
bit sched_lock;
bit wants[THREADS];   /* the lock */
byte sleeping;
bit sleeper[THREADS];
byte in_kernel[THREADS]; /* the word that it waits for, and 1 */
byte stopper = NONE;
byte stopped;
bit quitting;
byte stops;           /* that are over */
byte stack = 1;       /* of goroutine 2 */
bit on_stack;         /* ghost: the third thread is there */
bit moving;           /* ghost: somebody moves it */
byte still = NONE;    /* ghost: who has stopped the world, from contig_world_stop to contig_world_go_on */

#define RUNS_ALONE(m) (still == NONE || still == m)

ltl world_stops { [] (stopper != NONE -> <> (stopper == NONE)) }

inline lock(m) {
    atomic {
        wants[m] = 1;
        !sched_lock && DRAINED(m) ->
        sched_lock = 1;
        wants[m] = 0
    }
}

inline unlock(m) {
    atomic { DRAINED(m) -> sched_lock = 0 }
}

/* calls_change, with the lock. */
inline calls_change(m, by) {
    x = LOAD(m, CALLS) + by;
    store(m, CALLS, x);
    x = 0
}

/* contig_sync_wait. */
inline wait(m, word, value) {
    atomic {
        DRAINED(m) ->
        in_kernel[m] = (memory[word] == value -> word + 1 : 0)
    };
    in_kernel[m] == 0
}

/* contig_sync_wake of all. */
inline wake(m, word) {
#ifdef WAKE_UNFENCED
    d_step {
#else
    atomic {
        DRAINED(m) ->
#endif
        in_kernel[0] = (in_kernel[0] == word + 1 -> 0 : in_kernel[0]);
        in_kernel[1] = (in_kernel[1] == word + 1 -> 0 : in_kernel[1]);
        in_kernel[2] = (in_kernel[2] == word + 1 -> 0 : in_kernel[2])
    }
}

inline awaken(m, other) {
    atomic {
        sleeper[other] = 0;
#ifndef AWAKENED_RUNS
        sleeping--;
#endif
        calls_change(m, -SLEEPER)
    };
    store(m, SLEEP(other), 0);
    wake(m, SLEEP(other))
}

inline fall_asleep(m) {
    atomic { sleeper[m] = 1; sleeping++; calls_change(m, SLEEPER) };
    store(m, SLEEP(m), 1);
    if
    :: sleeping == THREADS ->
       /* The first thread learns that nobody can run: schedule.pml.  Here all end. */
       quitting = 1;
       do
       :: sleeper[0] -> awaken(m, 0)
       :: sleeper[1] -> awaken(m, 1)
       :: sleeper[2] -> awaken(m, 2)
       :: !sleeper[0] && !sleeper[1] && !sleeper[2] -> break
       od
    :: else
    fi;
    unlock(m);
    do
    :: LOAD(m, SLEEP(m)) == 0 -> break
    :: else -> wait(m, SLEEP(m), 1)
    od;
#ifdef AWAKENED_RUNS
    atomic { lock(m); sleeping-- }
#else
    lock(m)
#endif
}

/* stand_still, with the lock. */
inline stand_still(m) {
#ifdef WORLD_READ_LATE
    stopped++;
    unlock(m);
    world = LOAD(m, WORLDS);
#else
    atomic { world = LOAD(m, WORLDS); stopped++; unlock(m) };
#endif
    do
    :: LOAD(m, WORLDS) != world -> break
    :: else -> wait(m, WORLDS, world)
    od;
    atomic {
        lock(m);
#ifndef STOPPED_KEPT
        stopped--;
#endif
        world = 0
    }
}

/* With the lock: until no other thread stops the world. */
inline let_stop(m) {
#ifdef STOOD_ONCE
    if
    :: stopper != NONE && stopper != m -> stand_still(m)
    :: else
    fi
#else
    do
    :: stopper == NONE || stopper == m -> break
    :: else -> stand_still(m)
    od
#endif
}

/* contig_find_runnable, and take of one goroutine. */
inline find_runnable(m) {
    lock(m);
    do
    :: quitting || g != NONE -> break
    :: else ->
       let_stop(m);
       atomic {
           if
           :: len(common) != 0 ->
              CLAIM(world_still, RUNS_ALONE(m));
              common?g
           :: else
           fi
       };
       if
       :: g != NONE -> break
       :: else ->
          fall_asleep(m);
#ifdef AWAKENED_RUNS
          if
          :: len(common) != 0 ->
             CLAIM(world_still, RUNS_ALONE(m));
             common?g
          :: else
          fi
#endif
       fi
    od;
    unlock(m)
}

/* give of the one goroutine that can be spared. */
inline give(m) {
    lock(m);
    if
    :: sleeper[0] || sleeper[1] || sleeper[2] ->
       atomic {
           queue?given;
           common!given;
           given = (sleeper[0] -> 0 : (sleeper[1] -> 1 : 2))
       };
       awaken(m, given);
       given = 0
    :: else
    fi;
    unlock(m)
}

/* contig_attend, before the thread runs the goroutine that it has in hand. */
inline attend(m) {
#ifdef CALLS_UNREAD
    calls = (m == 2 -> 0 : LOAD(m, CALLS));
#else
    calls = LOAD(m, CALLS);
#endif
    if
    :: calls % 2 == STOP ->
       lock(m);
       let_stop(m);
       unlock(m)
    :: else
    fi;
    if
    :: calls >= SLEEPER && len(queue) != 0 -> give(m)
    :: else
    fi;
    calls = 0
}

/* contig_thread_ask of the third thread. */
inline ask(m) {
    x = LOAD(m, GUARD);
    if
    :: x == HOST
    :: else ->
#ifdef POISON_STORED
       store(m, GUARD, POISON)
#else
       atomic {
           DRAINED(m) ->
           memory[GUARD] = (memory[GUARD] == x -> POISON : memory[GUARD])
       }
#endif
    fi;
    x = 0
}

/* copystack, but for the copy. */
inline move(m) {
    atomic {
        CLAIM(stack_owned, !on_stack && !moving);
        moving = 1
    };
    stack = 3 - stack;
#ifdef GUARD_KEPT
    if
    :: still == NONE -> store(m, STACKGUARD, stack)
    :: else
    fi;
#else
    store(m, STACKGUARD, stack);
#endif
    moving = 0
}

inline world_stop(m) {
    lock(m);
#ifndef STOPPER_REPLACED
    let_stop(m);
#endif
    atomic { stopper = m; calls_change(m, STOP) };
#ifdef MOVED_EARLY
    move(m);
#endif
    do
#ifdef SLEEPERS_AWAITED
    :: stopped + 1 >= THREADS -> break
#else
    :: sleeping + stopped + 1 >= THREADS -> break
#endif
    :: else ->
       unlock(m);
       if
#ifdef ASKED_ONCE
       :: m != 2 && !asked -> ask(m); asked = 1
#else
       :: m != 2 -> ask(m)
#endif
       :: else
       fi;
       /* A while later: who wants the lock has had it. */
       atomic { !wants[0] && !wants[1] && !wants[2] -> lock(m) }
    od;
    atomic { unlock(m); still = m }
}

inline world_go_on(m) {
    atomic { still = NONE; stops++; lock(m) };
    atomic {
        stopper = NONE;
        calls_change(m, -STOP)
    };
    atomic {
        x = LOAD(m, WORLDS) + 1;
        store(m, WORLDS, x);
        x = 0
    };
#ifndef GO_ON_UNWOKEN
    wake(m, WORLDS);
#endif
    unlock(m)
}

/* Goroutine 2 from contig_execute until its thread has served what it asked for. */
inline turn(m) {
    atomic {
        CLAIM(world_still, RUNS_ALONE(m));
        CLAIM(guard_right, LOAD(m, GUARD) == HOST);
        x = LOAD(m, STACKGUARD);
        CLAIM(guard_right, x == stack);
        store(m, GUARD, x);
        on_stack = 1;
        x = 0
    };
    do
    :: /* A prologue. */
       atomic {
           x = LOAD(m, GUARD);
           CLAIM(stack_owned, !moving);
           CLAIM(guard_right, x == POISON || x == stack);
           poisoned = (x == POISON);
           x = 0;
           if
           :: poisoned -> break
           :: !poisoned
           :: break
           fi
       }
    od;
    /* contig_leave. */
    atomic { store(m, GUARD, HOST); on_stack = 0 };
    CLAIM(world_still, RUNS_ALONE(m));
    if
    :: poisoned ->
       /* newstack: it yields. */
       queue!2;
       goes_on = 0
    :: true ->
       /* newstack: the frame does not fit. */
       move(m);
       goes_on = 1
    :: !poisoned ->
       collects = 1;
       goes_on = 0
    fi;
    poisoned = 0
}

proctype Thread(byte m; chan queue) {
    byte g = NONE;
    byte given;
    byte x;
    byte world;
    byte calls;
    bit goes_on;
    bit poisoned;
    bit collects;
#ifdef ASKED_ONCE
    bit asked;
#endif

    do
    :: atomic { g == NONE && len(queue) != 0 -> queue?g }
    :: g == NONE && len(queue) == 0 ->
       find_runnable(m);
       if
       :: g == NONE -> break
       :: else
       fi
    :: g != NONE ->
       attend(m);
       if
       :: g == 0 ->
          atomic {
              CLAIM(world_still, RUNS_ALONE(m));
              goes_on = 0;
              if
              :: stops == 2
              :: else -> queue!0
              fi
          }
       :: g == 1 -> atomic { collects = 1; goes_on = 0 }
       :: g == 2 -> turn(m)
       fi;
       if
       :: collects ->
          collects = 0;
          world_stop(m);
          move(m);
          world_go_on(m)
       :: else
       fi;
       g = (goes_on -> g : NONE)
    od
}

init {
    atomic {
        memory[STACKGUARD] = 1;
        queue0!0;
        queue0!1;
        queue2!2;
        run Thread(0, queue0);
        run Thread(1, queue1);
        run Thread(2, queue2)
    }
}
