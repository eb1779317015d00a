/* collect.pml: a collection that scans and moves the stack of a goroutine while other threads run, wake and seek it.
 *
 * Follows src/runtime/gc.c, threads.c, proc.c and chan.c, in their names.  The goroutine receives twice from a channel
 * and ends; one thread runs it, one sends, one calls contig_ready with its number, which must do nothing, and one
 * collects twice.  A stack is one of two, each move goes to the other one.  The world stops (world.pml) when no other
 * thread is in the middle of anything: `busy`.  A status is changed by plain stores of its owner (SYNC_WRITE), and by
 * compare-exchanges of others.
 *
 * bug CLAIM_TWO_STEPS breaks stack_owned: contig_g_claim_to_scan reads the status and stores it in two steps.
 * bug RUN_UNCOMPARED breaks stack_owned: a thread runs a goroutine without asking whether a collection owns its stack.
 * bug SCAN_UNSEEN breaks stack_owned: a collection begins without stopping the world.
 * bug WAKE_PUTS breaks stack_owned: contig_g_wake makes a goroutine runnable whose stack another thread owns.
 * bug RELEASE_STORES breaks no_deadlock: contig_g_release stores WAITING over a wake-up.
 * bug WAKE_WAITS breaks no_deadlock: contig_g_wake waits for who owns the stack while it holds the channel.
 * bug READY_TAKES breaks message_arrives: contig_ready wakes a goroutine that waits for a channel.
 * bug MOVED_UNLOCKED breaks message_arrives: a collection moves slots without the lock of their channels.
 * bug SLOTS_LEFT breaks message_arrives: a collection leaves slots that wait where they were.
 * bug RUNNING_LEFT breaks all_scanned: what ran when the collection came to it is not scanned at its end.
 */
#include "claims.pml"

hidden byte stack_owned;     /* a stack is moved by one thread, and only while its goroutine does not run */
hidden byte message_arrives; /* what was sent is in the goroutine's slot when it runs again */
hidden byte all_scanned;     /* a collection scans each goroutine that lives all the while */

#define THREADS 4
#define RUNNER 0
#define SENDER 1
#define CALLER 2
#define COLLECTOR 3

/* Words. */
#define WORDS 2
#define STATUS 0
#define CALLS 1 /* CALL_SCAN */
#include "memory.pml"

/* Values of a status. */
#define RUNNABLE 0
#define RUNNING 1
#define WAITING 2
#define CLAIMED 3
#define WOKEN 4
#define HELD_BACK 5
#define DEAD 6

#define MESSAGES 2
#define COLLECTIONS 2

bit channel_lock;
bit offers;       /* the goroutine waits for the channel, and is not served */
bit active_chans; /* active_stack_chans */
byte queued = 1;   /* ghost: queues that the goroutine is in */
bit stack;        /* that it has */
bit slot[2];      /* of each stack */
bit slot_at;      /* the stack whose slot the channel knows */
bit busy[COLLECTOR]; /* the other threads are in the middle of something */
bit still;        /* the world is stopped */
bit runs;         /* ghost: the goroutine runs */
bit moving;       /* ghost: somebody moves its stack */
bit over;         /* the goroutine has ended */

#define STOPPED (!busy[RUNNER] && !busy[SENDER] && !busy[CALLER] && DRAINED(RUNNER) && \
                 DRAINED(SENDER) && DRAINED(CALLER) && DRAINED(COLLECTOR))

inline lock(m) {
    atomic { !channel_lock && DRAINED(m) -> channel_lock = 1 }
}

inline unlock(m) {
    atomic { DRAINED(m) -> channel_lock = 0 }
}

/* contig_runq_put; who takes it from there has seen all that was stored before. */
inline runq_put(m) {
    store(m, STATUS, RUNNABLE);
    atomic {
        DRAINED(m) ->
        queued++
    }
}

/* compare-exchange of the status. */
inline change(m, old, new) {
    compare_and_swap(m, STATUS, old, new, won)
}

/* contig_g_release. */
inline release(m) {
#ifdef RELEASE_STORES
    if
    :: LOAD(m, STATUS) == HELD_BACK -> store(m, STATUS, RUNNABLE)
    :: else -> store(m, STATUS, WAITING)
    fi;
#else
    change(m, CLAIMED, WAITING);
    if
    :: won
    :: else -> change(m, HELD_BACK, RUNNABLE)
    fi;
    if
    :: won
    :: else -> runq_put(m)
    fi;
#endif
    won = 0
}

/* contig_attend, as far as collections go, and contig_execute. */
inline run_it(m) {
    atomic { queued > 0 && !still -> queued--; busy[m] = 1 };
    if
#ifndef RUN_UNCOMPARED
    :: LOAD(m, CALLS) ->
       /* run_when_released */
       do
       :: atomic {
              DRAINED(m) && memory[STATUS] != HELD_BACK ->
              memory[STATUS] = (memory[STATUS] == RUNNABLE -> RUNNING : memory[STATUS]);
              break
          }
       od
#endif
    :: else
    fi;
    store(m, STATUS, RUNNING);
    atomic {
        CLAIM(stack_owned, !moving);
        runs = 1
    }
}

/* A receive that waits: contig_chan_wait. */
inline receive(m) {
    runs = 0;
    lock(m);
    atomic { slot[stack] = 0; slot_at = stack; active_chans = 1; offers = 1 };
    store(m, STATUS, WAITING);
    unlock(m);
    busy[m] = 0
}

proctype Runner() {
    byte received;

    run_it(RUNNER);
    do
    :: received == MESSAGES -> break
    :: else ->
       receive(RUNNER);
       run_it(RUNNER);
       /* contig_chan_resume */
       lock(RUNNER);
       unlock(RUNNER);
       atomic {
           active_chans = 0;
           CLAIM(message_arrives, slot[stack]);
           received++
       }
    od;
    runs = 0;
    store(RUNNER, STATUS, DEAD);
    atomic { DRAINED(RUNNER) -> over = 1; busy[RUNNER] = 0 }
}

/* contig_g_wake, with the lock of the channel. */
inline wake(m) {
#ifdef WAKE_WAITS
    atomic { DRAINED(m) && memory[STATUS] != CLAIMED -> memory[STATUS] = CLAIMED };
    runq_put(m);
#else
#ifdef WAKE_PUTS
    runq_put(m);
#else
    do
    :: change(m, WAITING, CLAIMED);
       if
       :: won -> runq_put(m); break
       :: else
       fi;
       change(m, CLAIMED, WOKEN);
       if
       :: won -> break
       :: else
       fi
    od;
#endif
#endif
    won = 0
}

proctype Sender() {
    byte sent;
    bit won;

    do
    :: sent == MESSAGES -> break
    :: else ->
       atomic { offers && !still -> busy[SENDER] = 1 };
       lock(SENDER);
       atomic { offers = 0; slot[slot_at] = 1 };
       wake(SENDER);
       unlock(SENDER);
       atomic { busy[SENDER] = 0; sent++ }
    od
}

/* contig_ready: the goroutine waits for a channel, or does not wait. */
proctype Caller() {
    bit won;

    atomic { !still -> busy[CALLER] = 1 };
    atomic {
        DRAINED(CALLER) && memory[STATUS] != CLAIMED ->
        won = (memory[STATUS] == WAITING);
        memory[STATUS] = (won -> CLAIMED : memory[STATUS])
    };
    if
#ifdef READY_TAKES
    :: won -> runq_put(CALLER)
#else
    :: won -> won = 0; release(CALLER)
#endif
    :: else
    fi;
    busy[CALLER] = 0
}

/* copystack of a stack that is the collection's. */
inline move() {
    atomic {
        CLAIM(stack_owned, !runs && !moving);
        moving = 1
    };
#ifndef MOVED_UNLOCKED
    if
    :: active_chans -> lock(COLLECTOR); locked = 1
    :: else
    fi;
#endif
    slot[1 - stack] = slot[stack];
#ifndef SLOTS_LEFT
    slot_at = 1 - stack;
#endif
    stack = 1 - stack;
    if
    :: locked -> unlock(COLLECTOR); locked = 0
    :: else
    fi;
    moving = 0
}

/* contig_g_claim_to_scan. */
inline claim_to_scan() {
#ifdef CLAIM_TWO_STEPS
    won = (LOAD(COLLECTOR, STATUS) == WAITING);
    if
    :: won -> store(COLLECTOR, STATUS, CLAIMED)
    :: else ->
       won = (LOAD(COLLECTOR, STATUS) == RUNNABLE);
       if
       :: won -> store(COLLECTOR, STATUS, HELD_BACK)
       :: else
       fi
    fi
#else
    change(COLLECTOR, WAITING, CLAIMED);
    if
    :: won
    :: else -> change(COLLECTOR, RUNNABLE, HELD_BACK)
    fi
#endif
}

/* contig_gc. */
proctype Collector() {
    byte collections;
    bit won;
    bit locked;
    bit scanned;

    do
    :: collections == COLLECTIONS -> break
    :: else ->
       /* begin */
#ifdef SCAN_UNSEEN
       store(COLLECTOR, CALLS, 1);
#else
       atomic { STOPPED -> memory[CALLS] = 1 };
#endif
       claim_to_scan();
       if
       :: won ->
          scanned = 1;
          move();
          won = 0;
          release(COLLECTOR)
       :: else
       fi;
       /* finish: scan_rest */
       atomic { STOPPED -> still = 1 };
#ifndef RUNNING_LEFT
       if
       :: !scanned && !over -> scanned = 1; move()
       :: else
       fi;
#endif
       atomic {
           CLAIM(all_scanned, scanned || over);
           scanned = 0;
           memory[CALLS] = 0;
           still = 0;
           collections++
       }
    od
}

init {
    atomic {
        run Runner();
        run Sender();
        run Caller();
        run Collector()
    }
}
