/* channel_state.pml: the state that channel.pml is about: channels, sudogs, goroutines, stacks and their slots.
 *
 * channel.pml includes it after its claims. */
#define A 0
#define B 1
#define RECEIVER 0
#define SENDER 1
/* Sudogs: the receiver's 0 (A), 1 (A), 2 (B); the sender's 3 (A), 4 (B). */
#define SUDOGS 5
#define CHANNEL(s) ((s) == 2 || (s) == 4 -> B : A)
#define OWNER(s) ((s) >= 3 -> SENDER : RECEIVER)
/* A sudog of this goroutine's in gp.waiting. */
#define WAITS(s, g) (linked[s] && OWNER(s) == (g))
#define NONE 5
#define CLOSED 6
#define NOTHING 0 /* no channel, in the loops that lock each once */

#define COLLECTIONS 2
#define GROWTHS 1
#define STACKS 4 /* of one goroutine: the first one, and one a move */
#define SLOTS 3
/* Addresses begin at 1; 0 is nil. */
#define ADDRESS(g, stack, number) (((g) * STACKS + (stack)) * SLOTS + (number) + 1)
#define STACK_OF(address) (((address) - 1) / SLOTS)
#define LIVE(address) ((address) != 0 && !freed[STACK_OF(address)])

mtype = { running, waiting, runnable, copystack, dead };

bit locked[2];
bit closed;            /* of B */
bit queued[SUDOGS];    /* in sendq or recvq of its channel */
bit linked[SUDOGS];    /* in gp.waiting */
byte elem[SUDOGS];
bit success[SUDOGS];
mtype status[2] = running;
bit scan[2];           /* _Gscan */
bit parking[2];        /* parkingOnChan, which Go stores by an xchg */
bit active_chans[2];   /* activeStackChans */
bit select_done[2];    /* selectDone */
bit parked[2];         /* gopark was called: park_m runs on the M's own stack */
byte param[2] = NONE;
byte current[2];       /* which of its stacks a goroutine has */
bit freed[2 * STACKS];
byte slot[2 * STACKS * SLOTS];
bit moving[2];         /* ghost: somebody moves the stack */
byte growths = GROWTHS;

chan ask[2] = [0] of { bit };
chan told[2] = [0] of { bit };

inline lock(c) {
    atomic { !locked[c] -> locked[c] = 1 }
}

inline unlock(c) {
    d_step { assert(locked[c]); locked[c] = 0 }
}

/* sellock, selunlock: both channels, in the order of their addresses. */
inline sellock() {
    lock(A);
    lock(B)
}

inline selunlock() {
    unlock(B);
    unlock(A)
}

/* casgstatus waits while the scan bit is set. */
inline casgstatus(g, old, new) {
    atomic { status[g] == old && !scan[g] -> status[g] = new }
}

/* goready. */
inline ready(g) {
    CLAIM(woken_once, status[g] == waiting);
    casgstatus(g, waiting, runnable)
}
