/* preempt.pml: a request for preemption, a growth, system calls, and a collector that stops and shrinks the goroutine.
 *
 * The monitor asks once: it sets gp.preempt and poisons the guard (preemptone).  The goroutine sees the poison in a
 * prologue (newstack); it may hold a lock (m.locks), grow, or be in a system call meanwhile.  The collector suspends it
 * once (suspendG), shrinks it or asks it to shrink itself, and resumes it.  Status and scan bit are changed by locked
 * instructions; all other fields of the goroutine are plain words.  The stack is one of two, and each move goes to the
 * other one; the guard is the stack that it belongs to, or the poison.
 *
 * Go 1.19 loses a request in two places (POISON_CLOBBERED, EXIT_READS_FIRST) and asks again within 10 ms.  Here it asks
 * once: the guard is stored first, and then gp.preempt is read, with a locked instruction between the two.
 *
 * bug POISON_CLOBBERED breaks request_served: a growth stores the new guard and does not look at gp.preempt.
 * bug POISON_FIRST breaks request_served: the monitor poisons the guard before it sets gp.preempt.
 * bug UNLOCK_UNCHECKED breaks request_served: who releases its last lock does not poison the guard again.
 * bug EXIT_READS_FIRST breaks request_served: exitsyscall reads gp.preempt before it stores the guard.
 * bug REPOISON_UNFENCED breaks request_served with store buffers only: a growth reads gp.preempt without a fence.
 * bug EXIT_UNFENCED breaks request_served with store buffers only: exitsyscall reads gp.preempt without a fence.
 * bug GUARD_READ_TWICE breaks preempted_unlocked: newstack reads the guard a second time.
 * bug UNSCANNED_SHRINK breaks stack_owned: the collector shrinks a stopped goroutine without the scan bit.
 * bug SHRINK_IN_SYSCALL breaks syscall_stack_kept: isShrinkStackSafe says yes in a system call.
 * bug GUARD_STALE breaks guard_right: a shrink leaves the guard as it was.
 * bug STOP_KEPT breaks no_deadlock: suspendG leaves gp.preemptStop set, and the next request parks the goroutine.
 * bug STOPPED_UNREADIED breaks no_deadlock: resumeG does not ready a goroutine that it stopped.
 */
#include "claims.pml"

hidden byte preempted_unlocked; /* a goroutine that holds a lock keeps running */
hidden byte stack_owned;        /* a goroutine runs only while nobody else moves its stack */
hidden byte syscall_stack_kept; /* the stack is not moved in a system call */
hidden byte guard_right;        /* the guard is the poison, or that of the stack */

#define THREADS 3
#define GOROUTINE 0
#define MONITOR 1
#define COLLECTOR 2

/* Words: fields of the goroutine. */
#define WORDS 6
#define STACK 0          /* stack.lo: which of the two */
#define GUARD 1          /* stackguard0 */
#define PREEMPT 2        /* preempt */
#define PREEMPT_STOP 3   /* preemptStop */
#define PREEMPT_SHRINK 4 /* preemptShrink */
#define SYSCALL 5        /* syscallsp is set */
#include "memory.pml"

#define POISON 2 /* stackPreempt */

mtype = { running, runnable, waiting, preempted, syscall, copystack };

mtype status = running;
bit scan;     /* _Gscan */
bit moving;   /* ghost: somebody moves the stack */
bit recent;   /* ghost: the collector has asked since the last prologue; it waits a while in between */
bit begun = 1; /* ghost: execute is over */
bit asked;    /* ghost: the monitor has begun to ask */
bit served;   /* ghost: since then the goroutine has stopped, or begun to run anew */

ltl request_served { [] (asked -> <> (served)) }

/* casgstatus waits while the scan bit is set; it is a locked instruction. */
inline casgstatus(t, old, new) {
    atomic { status == old && !scan && DRAINED(t) -> status = new }
}

inline reset_guard(t) {
    stack = LOAD(t, STACK);
    store(t, GUARD, stack)
}

/* copystack, but for the copy: the new bounds and the new guard. */
inline move(t) {
    moving = 1;
    stack = LOAD(t, STACK);
    store(t, STACK, 1 - stack);
#ifdef GUARD_STALE
    skip;
#else
    store(t, GUARD, 1 - stack);
#endif
    moving = 0
}

/* execute: the goroutine begins to run anew. */
inline execute() {
    atomic {
        status == runnable && !scan && DRAINED(GOROUTINE) ->
        status = running;
        served = 1;
        begun = 0
    };
    store(GOROUTINE, PREEMPT, 0);
    reset_guard(GOROUTINE);
    begun = 1
}

/* newstack, when the guard is the poison. */
inline preemption() {
    if
    :: LOAD(GOROUTINE, PREEMPT_SHRINK) ->
       store(GOROUTINE, PREEMPT_SHRINK, 0);
       move(GOROUTINE)
    :: else
    fi;
    CLAIM(preempted_unlocked, locks == 0);
    if
    :: LOAD(GOROUTINE, PREEMPT_STOP) ->
       /* preemptPark */
       atomic { status == running && !scan && DRAINED(GOROUTINE) -> status = preempted; scan = 1 };
       scan = 0
    :: else ->
       /* gopreempt_m */
       casgstatus(GOROUTINE, running, runnable)
    fi;
    execute()
}

/* newstack, when the frame does not fit. */
inline growth() {
    casgstatus(GOROUTINE, running, copystack);
    move(GOROUTINE);
#ifdef REPOISON_UNFENCED
    asks = LOAD(GOROUTINE, PREEMPT);
    casgstatus(GOROUTINE, copystack, running);
#else
    casgstatus(GOROUTINE, copystack, running);
    asks = LOAD(GOROUTINE, PREEMPT);
#endif
#ifndef POISON_CLOBBERED
    if
    :: asks -> store(GOROUTINE, GUARD, POISON)
    :: else
    fi;
#endif
    asks = 0
}

/* The check at a function's entry, until the frame fits; after a growth it does. */
inline prologue() {
    grown = 0;
    do
    :: guard = LOAD(GOROUTINE, GUARD);
       CLAIM(stack_owned, !moving);
       CLAIM(guard_right, guard == POISON || guard == LOAD(GOROUTINE, STACK));
       if
       :: guard != POISON -> break
       :: guard == POISON || !grown ->
          /* newstack reads the guard once. */
          guard = LOAD(GOROUTINE, GUARD);
          if
          :: guard == POISON && locks > 0 ->
             /* Go on for now: gp.preempt remembers the request. */
             reset_guard(GOROUTINE)
          :: else ->
#ifdef GUARD_READ_TWICE
             guard = LOAD(GOROUTINE, GUARD);
#endif
             if
             :: guard == POISON -> preemption()
             :: else -> growth(); grown = 1
             fi
          fi
       fi
    od
}

inline enter_syscall() {
    store(GOROUTINE, GUARD, POISON);
    store(GOROUTINE, SYSCALL, 1);
    casgstatus(GOROUTINE, running, syscall);
    stack = LOAD(GOROUTINE, STACK)
}

inline exit_syscall() {
    CLAIM(syscall_stack_kept, stack == LOAD(GOROUTINE, STACK));
    atomic {
        status == syscall && !scan && DRAINED(GOROUTINE) ->
        status = running;
        served = 1
    };
    store(GOROUTINE, SYSCALL, 0);
#ifdef EXIT_READS_FIRST
    if
    :: LOAD(GOROUTINE, PREEMPT) -> store(GOROUTINE, GUARD, POISON)
    :: else -> reset_guard(GOROUTINE)
    fi
#else
    reset_guard(GOROUTINE);
#ifndef EXIT_UNFENCED
    DRAINED(GOROUTINE);
#endif
    if
    :: LOAD(GOROUTINE, PREEMPT) -> store(GOROUTINE, GUARD, POISON)
    :: else
    fi
#endif
}

proctype Goroutine() {
    byte guard;
    byte locks;
    byte stack;
    bit asks;
    bit grown;

    do
    :: prologue();
       recent = 0;
       if
       :: locks == 0
       :: locks == 0 ->
          locks = 1
       :: locks == 1 ->
          /* unlock2 */
          locks = 0;
#ifndef UNLOCK_UNCHECKED
          if
          :: LOAD(GOROUTINE, PREEMPT) -> store(GOROUTINE, GUARD, POISON)
          :: else
          fi
#endif
       :: locks == 0 ->
          enter_syscall();
          exit_syscall();
          stack = 0
       fi
    od
} /* unreached: it runs for ever */

/* sysmon, retake, preemptone: to a goroutine that has run for 10 ms; the stores of execute are in the memory. */
proctype Monitor() {
    atomic { status == running && begun && DRAINED(GOROUTINE) -> asked = 1; served = 0 };
#ifdef POISON_FIRST
    store(MONITOR, GUARD, POISON);
    store(MONITOR, PREEMPT, 1)
#else
    store(MONITOR, PREEMPT, 1);
    store(MONITOR, GUARD, POISON)
#endif
}

#define STOPPED (status == runnable || status == waiting || status == syscall)
#define REQUESTED \
    (LOAD(COLLECTOR, GUARD) == POISON && LOAD(COLLECTOR, PREEMPT) && LOAD(COLLECTOR, PREEMPT_STOP))

/* suspendG, until the scan bit is set at a place where the goroutine is stopped. */
inline suspend() {
    do
    :: atomic { status == preempted && !scan -> status = waiting; stopped = 1 };
#ifdef UNSCANNED_SHRINK
    :: STOPPED -> break
#else
    :: atomic { STOPPED && !scan -> scan = 1 };
       break
#endif
    :: atomic { status == running && !scan && !REQUESTED && !recent -> scan = 1; recent = 1 };
       store(COLLECTOR, PREEMPT_STOP, 1);
       store(COLLECTOR, PREEMPT, 1);
       store(COLLECTOR, GUARD, POISON);
       atomic { DRAINED(COLLECTOR) -> scan = 0 }
    od;
#ifndef STOP_KEPT
    store(COLLECTOR, PREEMPT_STOP, 0);
#endif
    store(COLLECTOR, PREEMPT, 0);
    reset_guard(COLLECTOR)
}

/* scanstack of the one goroutine. */
proctype Collector() {
    bit stopped;
    byte stack;

    suspend();
    /* isShrinkStackSafe */
    if
#ifdef SHRINK_IN_SYSCALL
    :: true -> move(COLLECTOR)
#else
    :: LOAD(COLLECTOR, SYSCALL) -> store(COLLECTOR, PREEMPT_SHRINK, 1)
    :: else -> move(COLLECTOR)
#endif
    fi;
    /* resumeG */
    atomic { DRAINED(COLLECTOR) -> scan = 0 };
    if
#ifndef STOPPED_UNREADIED
    :: stopped -> casgstatus(COLLECTOR, waiting, runnable)
#endif
    :: else
    fi
}

init {
    atomic {
        run Goroutine();
        run Monitor();
        run Collector()
    }
}
