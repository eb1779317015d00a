/* channel.pml: a select that receives, a select that sends, a close, and a collector that shrinks parked goroutines.
 *
 * The receiver selects over channel A twice and channel B once; the sender over A and B; the closer closes B.  Each
 * stack is moved by its owner, who is the goroutine itself (growth) or holds the scan bit (shrinking).  A slot is a
 * word of a stack; an address is a slot of one stack, and a stack that was freed is never used again.
 *
 * bug PARKING_DROPPED breaks slot_live: parkingOnChan is never set, so that a parking goroutine is shrunk.
 * bug FLAGS_SWAPPED breaks slot_live: selparkcommit clears parkingOnChan before it sets activeStackChans.
 * bug FLAGS_AFTER_UNLOCK breaks flags_settled: selparkcommit sets the flags after it has unlocked the channels.
 * bug ACTIVE_EARLY breaks no_deadlock: activeStackChans is set while the goroutine holds the channels.
 * bug UNLOCKED_BEFORE_COPY breaks message_arrives: syncadjustsudogs unlocks the channels before it copies the slots.
 * bug SUDOGS_UNSYNCED breaks message_arrives: copystack adjusts the sudogs of a parked goroutine without a lock.
 * bug SUDOGS_STALE breaks slot_live: copystack moves the slots and leaves the sudogs as they were.
 * bug DUPLICATE_LOCKED breaks no_deadlock: syncadjustsudogs locks a channel that is twice in a select twice.
 * bug MOVE_ORDER breaks no_deadlock: syncadjustsudogs locks the channels in descending order.
 * bug SELECT_ORDER breaks no_deadlock: a select locks its channels in the order of its cases.
 * bug SLOT_AFTER_UNLOCK breaks slot_live: the sender writes to the slot after it has unlocked the channel.
 * bug ADDRESS_KEPT breaks slot_live: the receiver keeps the address of its slot over a safe point.
 * bug UNSCANNED_SHRINK breaks stack_owned: the collector shrinks a goroutine without the scan bit.
 * bug GROWTH_BEFORE_LINK breaks slot_live: a stack grows after a slot is announced and before the sudog is linked.
 * bug SUDOG_LEFT breaks sudog_live: a select that was woken leaves its other sudogs in their queues.
 * bug SELECT_DONE_IGNORED breaks woken_once: two channels wake one select.
 * bug CLOSE_UNLOCKED breaks no_deadlock: closechan does not lock, and misses a goroutine that is about to wait.
 * bug CLOSE_READIES_LOCKED breaks no_deadlock: closechan readies a goroutine while it holds the channel.
 */
#include "claims.pml"

hidden byte slot_live;       /* who reads or writes a slot by its address finds a stack that is in use */
hidden byte message_arrives; /* what was sent is what the receiver finds in its slot */
hidden byte stack_owned;     /* a goroutine runs only while nobody else moves its stack */
hidden byte sudog_live;      /* who takes a sudog from a queue finds its goroutine in that select */
hidden byte woken_once;      /* a goroutine that is readied waits */
hidden byte flags_settled;   /* a goroutine that has left its select has neither flag set */

#include "channel_state.pml"

/* waitq.dequeue: takes a sudog from its queue; `won` is what the CAS of selectDone says. */
inline dequeue(s, won) {
    d_step {
        queued[s] = 0;
        CLAIM(sudog_live, linked[s]);
#ifdef SELECT_DONE_IGNORED
        won = true;
#else
        won = !select_done[OWNER(s)];
#endif
        select_done[OWNER(s)] = 1
    }
}

/* newstack: a prologue may find that the frame does not fit. */
inline growth(g) {
    if
    :: atomic { growths > 0 -> growths-- };
       casgstatus(g, running, copystack);
       ask[g]!0;
       told[g]?_;
       casgstatus(g, copystack, running)
    :: true
    fi
}

/* Pass 2 of selectgo: nobody sees a part of it, since the channels are locked and the goroutine runs. */
inline announce(g, first, last) {
    d_step {
        for (s : first .. last) {
            elem[s] = ADDRESS(g, current[g], s - first);
            queued[s] = 1;
#ifndef GROWTH_BEFORE_LINK
            linked[s] = 1
#endif
        }
    };
#ifdef GROWTH_BEFORE_LINK
    growth(g);
    d_step {
        for (s : first .. last) {
            linked[s] = 1
        }
    };
#endif
    skip
}

/* gopark, until execute. */
inline park(g) {
#ifdef ACTIVE_EARLY
    active_chans[g] = 1;
#endif
#ifndef PARKING_DROPPED
    parking[g] = 1;
#endif
    growth(g);
    parked[g] = 1;
    atomic { status[g] == runnable && !scan[g] -> status[g] = running };
    CLAIM(stack_owned, !moving[g]);
    growth(g);
    active_chans[g] = 0
}

/* Pass 3 of selectgo. */
inline withdraw(g, first, last) {
    d_step {
        select_done[g] = 0;
        for (s : first .. last) {
            elem[s] = 0;
            linked[s] = 0;
#ifndef SUDOG_LEFT
            queued[s] = 0
#endif
        }
    }
}

inline leave(g) {
    CLAIM(stack_owned, !moving[g]);
    CLAIM(flags_settled, !parking[g] && !active_chans[g]);
    casgstatus(g, running, dead)
}

active proctype Receiver() {
    byte s;
    byte source;
    byte got;
    bit won;

    sellock();
    /* Pass 1: somebody who waits to send, or a closed channel. */
    atomic {
        s = NONE;
        do
        :: queued[3] -> dequeue(3, won);
           if
           :: won -> s = 3; break
           :: else
           fi
        :: queued[4] -> dequeue(4, won);
           if
           :: won -> s = 4; break
           :: else
           fi
        :: closed -> s = CLOSED; break
        :: !queued[3] && !queued[4] && !closed -> break
        od
    };
    if
    :: s == CLOSED ->
       selunlock()
    :: s < NONE ->
       /* recv, recvDirect */
       source = elem[s];
       d_step {
           CLAIM(slot_live, LIVE(source));
           got = slot[source - 1];
           CLAIM(message_arrives, got == s - 2)
       };
       elem[s] = 0;
       selunlock();
       d_step { success[s] = 1; param[SENDER] = s };
       ready(SENDER)
    :: else ->
#ifdef ADDRESS_KEPT
       source = ADDRESS(RECEIVER, current[RECEIVER], 0);
#endif
       announce(RECEIVER, 0, 2);
       park(RECEIVER);
       sellock();
#ifndef ADDRESS_KEPT
       source = ADDRESS(RECEIVER, current[RECEIVER], 0);
#endif
       d_step {
           CLAIM(stack_owned, !moving[RECEIVER]);
           CLAIM(slot_live, LIVE(source));
           s = param[RECEIVER];
           got = slot[source + s - 1];
           CLAIM(message_arrives, got == (success[s] -> CHANNEL(s) + 1 : 0))
       };
       withdraw(RECEIVER, 0, 2);
       selunlock()
    fi;
    leave(RECEIVER)
}

active proctype Sender() {
    byte s;
    byte destination;
    bit won;

    /* The message is 1 on A, 2 on B. */
    d_step { slot[ADDRESS(SENDER, 0, 0) - 1] = 1; slot[ADDRESS(SENDER, 0, 1) - 1] = 2 };
#ifdef SELECT_ORDER
    lock(B);
    lock(A);
#else
    sellock();
#endif
    atomic {
        s = NONE;
        do
        :: queued[0] -> dequeue(0, won);
           if
           :: won -> s = 0; break
           :: else
           fi
        :: queued[1] -> dequeue(1, won);
           if
           :: won -> s = 1; break
           :: else
           fi
        :: closed -> s = CLOSED; break
        :: !closed && queued[2] -> dequeue(2, won);
           if
           :: won -> s = 2; break
           :: else
           fi
        :: !queued[0] && !queued[1] && !queued[2] && !closed -> break
        od
    };
    if
    :: s == CLOSED ->
       /* sclose: the goroutine panics */
       selunlock()
    :: s < NONE ->
       /* send, sendDirect */
       destination = elem[s];
#ifdef SLOT_AFTER_UNLOCK
       selunlock();
#endif
       d_step {
           CLAIM(slot_live, LIVE(destination));
           slot[destination - 1] = CHANNEL(s) + 1
       };
       elem[s] = 0;
#ifndef SLOT_AFTER_UNLOCK
       selunlock();
#endif
       d_step { success[s] = 1; param[RECEIVER] = s };
       ready(RECEIVER)
    :: else ->
       announce(SENDER, 3, 4);
       park(SENDER);
       sellock();
       withdraw(SENDER, 3, 4);
       selunlock()
    fi;
    leave(SENDER)
}

/* closechan of B, by a goroutine of no interest. */
active proctype Closer() {
    bit won;
    bit receiver;
    bit sender;

#ifndef CLOSE_UNLOCKED
    lock(B);
#endif
    closed = 1;
    atomic {
        if
        :: queued[2] -> dequeue(2, receiver)
        :: else
        fi
    };
    if
    :: receiver ->
       d_step {
           CLAIM(slot_live, LIVE(elem[2]));
           slot[elem[2] - 1] = 0;
           elem[2] = 0;
           param[RECEIVER] = 2
       }
    :: else
    fi;
    atomic {
        if
        :: queued[4] -> dequeue(4, sender)
        :: else
        fi
    };
    if
    :: sender -> d_step { elem[4] = 0; param[SENDER] = 4 }
    :: else
    fi;
#ifdef CLOSE_READIES_LOCKED
    if
    :: receiver -> ready(RECEIVER)
    :: else
    fi;
    receiver = 0;
#endif
#ifndef CLOSE_UNLOCKED
    unlock(B);
#endif
    if
    :: receiver -> ready(RECEIVER)
    :: else
    fi;
    if
    :: sender -> ready(SENDER)
    :: else
    fi
}

/* park_m and selparkcommit of one goroutine, on its M's own stack: the goroutine may run again before their end. */
proctype Parker(byte g) {
end:
    parked[g];
    casgstatus(g, running, waiting);
#ifdef FLAGS_AFTER_UNLOCK
    unlock(A);
    unlock(B);
    active_chans[g] = 1;
    parking[g] = 0
#else
#ifdef FLAGS_SWAPPED
    parking[g] = 0;
    active_chans[g] = 1;
#else
    active_chans[g] = 1;
    parking[g] = 0;
#endif
    unlock(A);
    unlock(B)
#endif
}

/* adjustsudogs: moves the addresses that point into the old stack. */
inline adjustsudogs(g, old) {
    for (s : 0 .. SUDOGS - 1) {
        d_step {
            if
            :: WAITS(s, g) && elem[s] != 0 && STACK_OF(elem[s]) == g * STACKS + old ->
               elem[s] = elem[s] + SLOTS
            :: else
            fi
        }
    }
}

inline copy_slots(g, old) {
    d_step {
        for (s : 0 .. SLOTS - 1) {
            slot[ADDRESS(g, old + 1, s) - 1] = slot[ADDRESS(g, old, s) - 1]
        }
    }
}

/* The channels of gp.waiting, which is in lock order; each once, since equal ones are neighbours. */
inline lock_channels(g) {
    last = NOTHING;
    for (s : 0 .. SUDOGS - 1) {
        if
        :: WAITS(s, g) && CHANNEL(s) + 1 != last ->
           lock(CHANNEL(s));
#ifndef DUPLICATE_LOCKED
           last = CHANNEL(s) + 1
#endif
        :: else
        fi
    }
}

inline lock_channels_down(g) {
    lock(B);
    lock(A)
}

inline unlock_channels(g) {
    last = NOTHING;
    for (s : 0 .. SUDOGS - 1) {
        if
        :: WAITS(s, g) && CHANNEL(s) + 1 != last ->
           unlock(CHANNEL(s));
           last = CHANNEL(s) + 1
        :: else
        fi
    }
}

/* copystack, for whoever owns the stack. */
proctype Mover(byte g) {
    byte old;
    byte s;
    byte last;

end:
    do
    :: ask[g]?_ ->
       d_step { moving[g] = 1; old = current[g] };
       if
       :: active_chans[g] ->
#ifdef SUDOGS_UNSYNCED
          adjustsudogs(g, old)
#else
          /* syncadjustsudogs */
#ifdef MOVE_ORDER
          lock_channels_down(g);
#else
          lock_channels(g);
#endif
#ifndef SUDOGS_STALE
          adjustsudogs(g, old);
#endif
#ifdef UNLOCKED_BEFORE_COPY
          unlock_channels(g)
#else
          copy_slots(g, old);
          unlock_channels(g)
#endif
#endif
       :: else ->
          adjustsudogs(g, old)
       fi;
       /* The rest of the stack; of a stack whose slots were copied already, the slots are no part of it. */
#ifdef UNLOCKED_BEFORE_COPY
       copy_slots(g, old);
#else
#ifdef SUDOGS_UNSYNCED
       copy_slots(g, old);
#else
       if
       :: !active_chans[g] -> copy_slots(g, old)
       :: else
       fi;
#endif
#endif
       current[g] = old + 1;
       d_step { freed[g * STACKS + old] = 1; moving[g] = 0 };
       told[g]!0
    od
} /* unreached: it serves for ever */

/* scanstack with shrinkstack, for goroutines that are stopped. */
active proctype Collector() {
    byte g;
    byte rounds;

    do
    :: rounds < COLLECTIONS ->
       rounds++;
       /* suspendG */
       if
       :: g = RECEIVER
       :: g = SENDER
       fi;
       if
#ifdef UNSCANNED_SHRINK
       :: status[g] == waiting || status[g] == runnable ->
#else
       :: atomic { (status[g] == waiting || status[g] == runnable) && !scan[g] -> scan[g] = 1 };
#endif
          /* isShrinkStackSafe */
          if
          :: !parking[g] ->
             ask[g]!0;
             told[g]?_
          :: else
          fi;
          scan[g] = 0
       :: true
       fi
    :: break
    od
}

init {
    atomic {
        run Mover(RECEIVER);
        run Mover(SENDER);
        run Parker(RECEIVER);
        run Parker(SENDER)
    }
}
