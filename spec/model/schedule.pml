/* schedule.pml: two threads (M) run three goroutines on two P's: run queues, stealing, spinning, parking, exit.
 *
 * The first goroutine starts the second (newproc) and keeps its thread busy until that one has begun: who fails to wake
 * an idle thread is a deadlock.  Then it starts the third, waits for the second (gopark) and exits; the third yields
 * once (Gosched).  The thread that is not running goroutines spins at first.  A stack is free when its goroutine has
 * exited, and the next goroutine may get it.  The tail and the entries of a run queue are plain words; the head, the
 * counters of the scheduler and its lock are changed by locked instructions.
 *
 * bug STOLEN_TWICE breaks runs_once: who steals stores the head and does not compare it.
 * bug TWO_QUEUES breaks runs_once: goschedImpl puts a goroutine into the global queue and into that of its P.
 * bug GLOBAL_UNLOCKED breaks runs_once: the global queue is read and changed without the lock.
 * bug ENTRY_AFTER_TAIL breaks entry_there: runqput stores the tail before the entry.
 * bug READIED_EARLY breaks stack_exclusive: a goroutine is announced as waiting while its thread is on its stack.
 * bug READIED_UNPARKED breaks woken_once: a goroutine unlocks the channel before its status says that it waits.
 * bug FREED_ON_STACK breaks stack_exclusive: a stack is freed before its thread has switched away from it.
 * bug UNWOKEN breaks no_deadlock: newproc and ready do not call wakep.
 * bug UNCHECKED_SLEEP breaks no_deadlock: a thread that has stopped spinning does not look at the run queues again.
 * bug CHECKED_FIRST breaks no_deadlock: it looks at them before it takes itself out of the count of spinning threads.
 * bug TAIL_PLAIN breaks no_deadlock with store buffers only: runqput stores the tail by a plain store.
 */
#include "claims.pml"

hidden byte runs_once;       /* a goroutine that is executed was runnable: no other thread runs it */
hidden byte entry_there;     /* an entry between head and tail of a run queue is a goroutine */
hidden byte stack_exclusive; /* two threads are never on one stack, and no thread on a free one */
hidden byte woken_once;      /* a goroutine that is readied waits */

#define THREADS 2
#define PROCESSORS 2
#define GOROUTINES 3
#define STACKS 3
#define NONE 3    /* no goroutine, no P */
#define G0 3      /* the thread is on its own stack */
#define ENTRIES 2 /* of a run queue; never more are in one */

/* Words: tails, entries of the run queues (a goroutine's number and 1). */
#define WORDS 6
#define TAIL(p) (p)
#define ENTRY(p, i) (PROCESSORS + (p) * ENTRIES + (i) % ENTRIES)
#include "memory.pml"

mtype = { fresh, running, waiting, runnable, dead };

mtype status[GOROUTINES] = fresh;
byte stack[GOROUTINES];
bit free_stack[STACKS];
byte resumed[GOROUTINES]; /* how far a goroutine has come when it is executed again */
byte head[PROCESSORS];
bit sched_lock;
byte spinning_threads;    /* sched.nmspinning */
bit idle_processor[PROCESSORS];
bit idle_thread[THREADS];
byte next_processor[THREADS] = NONE; /* m.nextp, and the note that wakes the thread */
bit global[GOROUTINES];   /* the global run queue */
byte on[THREADS] = G0;    /* ghost: the stack that a thread is on */
bit begun;                /* the second goroutine has begun */
bit done_lock;            /* of the channel, so to speak, on which the first waits for the second */
bit done_token;
bit waiter;
byte exited;

#define IDLE_PROCESSORS (idle_processor[0] + idle_processor[1])
#define GLOBAL_SIZE (global[0] + global[1] + global[2])
#define OTHER(m) (1 - (m))

inline lock(m, bolt) {
    atomic { !bolt && DRAINED(m) -> bolt = 1 }
}

inline unlock(m, bolt) {
    atomic { DRAINED(m) -> bolt = 0 }
}

/* runqput: the entry, then the tail, which is an xchg. */
inline runqput(m, p, g) {
    t = LOAD(m, TAIL(p));
#ifdef ENTRY_AFTER_TAIL
    exchange(m, TAIL(p), t + 1, old);
    store(m, ENTRY(p, t), g + 1);
#else
    store(m, ENTRY(p, t), g + 1);
#ifdef TAIL_PLAIN
    store(m, TAIL(p), t + 1);
#else
    exchange(m, TAIL(p), t + 1, old);
#endif
#endif
    t = 0;
    old = 0
}

/* runqget, and runqgrab of one entry: half of one or two is one.  It counts only if the head is still the same. */
inline runqget(m, p, g) {
    do
    :: h = head[p];
       t = LOAD(m, TAIL(p));
       if
       :: t == h -> g = NONE; break
       :: else ->
          g = LOAD(m, ENTRY(p, h));
          atomic {
              DRAINED(m) ->
              if
#ifdef STOLEN_TWICE
              :: head[p] == h || p != processor -> head[p] = h + 1; won = true
#else
              :: head[p] == h -> head[p] = h + 1; won = true
#endif
              :: else -> won = false
              fi
          };
          if
          :: won ->
             CLAIM(entry_there, g != 0);
             g--;
             break
          :: else
          fi
       fi
    od;
    t = 0;
    h = 0;
    won = 0
}

/* pidleget, with the scheduler's lock held. */
inline pidleget(p) {
    d_step {
        if
        :: idle_processor[0] -> p = 0
        :: !idle_processor[0] && idle_processor[1] -> p = 1
        :: else -> p = NONE
        fi;
        if
        :: p != NONE -> idle_processor[p] = 0
        :: else
        fi
    }
}

/* wakep and startm.  Go makes a new thread if none is idle; here the other one, which has no P, will soon be. */
inline wakep(m) {
#ifdef UNWOKEN
    skip
#else
    if
    :: IDLE_PROCESSORS == 0
    :: else ->
       if
       :: spinning_threads != 0
       :: else ->
          atomic {
              DRAINED(m) ->
              won = (spinning_threads == 0);
              spinning_threads = (won -> 1 : spinning_threads)
          };
          if
          :: won ->
             lock(m, sched_lock);
             pidleget(p);
             unlock(m, sched_lock);
             if
             :: p == NONE ->
                atomic { DRAINED(m) -> spinning_threads-- }
             :: else ->
                atomic {
                    DRAINED(m) && idle_thread[OTHER(m)] ->
                    idle_thread[OTHER(m)] = 0;
                    next_processor[OTHER(m)] = p
                };
                p = 0
             fi
          :: else
          fi
       fi
    fi;
    p = 0;
    won = 0
#endif
}

inline newproc(m, child) {
    /* gfget or malg */
    atomic {
        DRAINED(m) ->
        if
        :: free_stack[0] -> stack[child] = 0
        :: free_stack[1] -> stack[child] = 1
        :: free_stack[2] -> stack[child] = 2
        fi;
        free_stack[stack[child]] = 0;
        CLAIM(stack_exclusive, on[0] != stack[child] && on[1] != stack[child]);
        status[child] = runnable
    };
    runqput(m, processor, child);
    wakep(m)
}

inline ready(m, other) {
    atomic {
        DRAINED(m) ->
        CLAIM(woken_once, status[other] == waiting);
        status[other] = runnable
    };
    runqput(m, processor, other);
    wakep(m)
}

/* goexit1, mcall(goexit0), gfput. */
inline goexit(m, g) {
#ifdef FREED_ON_STACK
    atomic { DRAINED(m) -> status[g] = dead; free_stack[stack[g]] = 1 };
    on[m] = G0;
#else
    on[m] = G0;
    atomic { DRAINED(m) -> status[g] = dead; free_stack[stack[g]] = 1 };
#endif
    exited++
}

inline first(m) {
    if
    :: resumed[0] == 0 ->
       newproc(m, 1);
       begun;
       newproc(m, 2);
       resumed[0] = 1;
       lock(m, done_lock);
       if
       :: done_token ->
          unlock(m, done_lock);
          goexit(m, 0)
       :: else ->
          waiter = 1;
          /* gopark, mcall(park_m), the unlocking last */
#ifdef READIED_EARLY
          status[0] = waiting;
          unlock(m, done_lock);
          on[m] = G0
#else
          on[m] = G0;
#ifdef READIED_UNPARKED
          unlock(m, done_lock);
          status[0] = waiting
#else
          status[0] = waiting;
          unlock(m, done_lock)
#endif
#endif
       fi
    :: else -> goexit(m, 0)
    fi
}

inline second(m) {
    begun = 1;
    lock(m, done_lock);
    if
    :: waiter ->
       waiter = 0;
       unlock(m, done_lock);
       ready(m, 0)
    :: else ->
       done_token = 1;
       unlock(m, done_lock)
    fi;
    goexit(m, 1)
}

inline third(m) {
    if
    :: resumed[2] == 0 ->
       resumed[2] = 1;
       /* Gosched, goschedImpl */
       on[m] = G0;
       atomic { DRAINED(m) -> status[2] = runnable };
#ifdef TWO_QUEUES
       runqput(m, processor, 2);
#endif
       lock(m, sched_lock);
       global[2] = 1;
       unlock(m, sched_lock)
    :: else -> goexit(m, 2)
    fi
}

/* globrunqget; only the third goroutine is ever there. */
inline globrunqget(m, g) {
#ifdef GLOBAL_UNLOCKED
    g = (global[2] -> 2 : NONE);
    global[2] = 0
#else
    lock(m, sched_lock);
    g = (global[2] -> 2 : NONE);
    global[2] = 0;
    unlock(m, sched_lock)
#endif
}

inline look(m) {
    found = (head[0] != LOAD(m, TAIL(0)) || head[1] != LOAD(m, TAIL(1)))
}

/* The end of findRunnable: the P is given back, and the thread sleeps, unless there is work after all. */
inline idle(m) {
    lock(m, sched_lock);
    idle_processor[processor] = 1;
    processor = NONE;
    unlock(m, sched_lock);
    found = false;
    if
    :: spinning ->
       spinning = 0;
#ifdef CHECKED_FIRST
       look(m);
       atomic { DRAINED(m) -> spinning_threads-- };
#else
       atomic { DRAINED(m) -> spinning_threads-- };
#ifndef UNCHECKED_SLEEP
       /* checkRunqsNoP */
       look(m);
#endif
#endif
       if
       :: found ->
          lock(m, sched_lock);
          pidleget(processor);
          unlock(m, sched_lock);
          if
          :: processor == NONE -> found = false
          :: else ->
             spinning = 1;
             atomic { DRAINED(m) -> spinning_threads++ }
          fi
       :: else
       fi
    :: else
    fi;
    if
    :: found
    :: else ->
       /* stopm: who wakes the thread has counted it as spinning */
       lock(m, sched_lock);
       idle_thread[m] = 1;
       unlock(m, sched_lock);
       if
       :: next_processor[m] != NONE ->
          processor = next_processor[m];
          next_processor[m] = NONE;
          spinning = 1
       :: exited == GOROUTINES ->
          goto stopped
       fi
    fi;
    found = 0
}

proctype Thread(byte m; byte processor; byte g; bit spinning) {
    byte t;
    byte h;
    byte p;
    byte old;
    bit won;
    bit found;

    if
    :: g != NONE -> goto execute
    :: else
    fi;
    do
    :: runqget(m, processor, g);
       if
       :: g == NONE && GLOBAL_SIZE != 0 -> globrunqget(m, g)
       :: else
       fi;
       if
       :: g == NONE && !spinning &&
          2 * spinning_threads < PROCESSORS - IDLE_PROCESSORS ->
          spinning = 1;
          atomic { DRAINED(m) -> spinning_threads++ }
       :: else
       fi;
       if
       :: g == NONE && spinning -> runqget(m, 1 - processor, g)
       :: else
       fi;
       if
       :: g == NONE -> idle(m)
       :: else ->
          if
          :: spinning ->
             /* resetspinning */
             spinning = 0;
             atomic { DRAINED(m) -> spinning_threads-- };
             wakep(m)
          :: else
          fi;
execute:
          atomic {
              DRAINED(m) ->
              CLAIM(runs_once, status[g] == runnable);
              status[g] = running;
              on[m] = stack[g];
              CLAIM(stack_exclusive, on[OTHER(m)] != stack[g])
          };
          if
          :: g == 0 -> first(m)
          :: g == 1 -> second(m)
          :: g == 2 -> third(m)
          fi;
          g = NONE
       fi
    od;
stopped:
    skip
}

init {
    atomic {
        free_stack[1] = 1;
        free_stack[2] = 1;
        status[0] = runnable;
        spinning_threads = 1;
        run Thread(0, 0, 0, 0);
        run Thread(1, 1, NONE, 1)
    }
}
