/* offers.pml: offers of one channel and of two, who settles them, and who withdraws them: the lock of offers.
 *
 * Follows src/runtime/chan.c, select.c and src/core/chan, in their names.  Goroutine S receives from channel A or B,
 * twice; T sends to A or B; R receives from A, and W sends to B.  What cannot proceed waits: S and T with a row in a
 * queue of each channel, R and W with one row.  Two more threads close A and B, so that in the end nobody waits.
 *
 * Who operates on channels locks them, in their order; if a select waits for one of them (shared_rows), the offers,
 * too.  A row whose offer was settled elsewhere leaves its queue when somebody meets it, or when its goroutine
 * withdraws.  An offer of one row is withdrawn without a lock: its row has left.  What changes, changes in two steps.
 *
 * Left out: buffers; slots and what is copied (channel.pml); a select with a default, or with one channel twice;
 * channels that are made and freed; moves of stacks (collect.pml); which thread runs who was woken (schedule.pml);
 * store buffers, since all words but those of an offer of one row change with a lock.
 *
 * bug OFFERS_UNLOCKED breaks settled_once: nobody takes the lock of offers.
 * bug OFFERS_SHORT breaks settled_once: the lock of offers is released between the look at an offer and its change.
 * bug SHARED_READ_EARLY breaks settled_once: shared_rows is read before the channel is locked.
 * bug SHARED_LATE breaks settled_once: rows of a select are counted after its channels are unlocked.
 * bug SHARED_ON_FIRST breaks settled_once: rows of a select are counted for its first channel only.
 * bug SETTLED_UNREAD breaks settled_once: who takes a row from a queue does not look whether its offer is settled.
 * bug WOKEN_AGAIN breaks woken_once: who meets a row that was settled elsewhere wakes its goroutine.
 * bug WOKEN_EARLY breaks offer_owned: a goroutine is woken before its offer is settled.
 * bug LEFT_LATE breaks rows_gone: a row leaves its queue after its goroutine was woken, which has no lock.
 * bug ROWS_LEFT breaks rows_gone: a select that was served leaves its other row in its queue.
 * bug WITHDRAWN_UNLOCKED breaks queue_owned: a select withdraws its rows as an offer of one row does, without a lock.
 * bug OFFERS_ALONE breaks counts_owned: a select withdraws its rows with the lock of offers alone.
 * bug FIRST_LOCKED breaks counts_owned: a select withdraws its rows without the lock of its second channel.
 * bug COUNTS_KEPT breaks counts_right: rows of a select that are withdrawn are counted as before.
 * bug OFFERS_KEPT breaks no_deadlock: who unlocks releases the offers only if a select waits for its channels still.
 * bug DECIDED_UNLOCKED breaks no_deadlock: a channel is unlocked between the look who waits and the own wait.
 * bug OFFERS_FIRST breaks no_deadlock: a select that withdraws locks the offers before its channels.
 * bug CHANNELS_BACKWARD breaks no_deadlock: a select that withdraws locks its channels in descending order.
 */
#include "claims.pml"

hidden byte settled_once; /* an offer is open when it is settled */
hidden byte woken_once;   /* a goroutine that is woken waits */
hidden byte rows_gone;    /* of an offer that is withdrawn no row is in a queue */
hidden byte queue_owned;  /* while somebody changes the queues of a channel nobody else looks at them */
hidden byte offer_owned;  /* while somebody changes an offer nobody else looks at it */
hidden byte counts_owned; /* while somebody changes shared_rows nobody else looks at it */
hidden byte counts_right; /* shared_rows says, to who has locked the channel, how many selects have rows there */

#define A 0
#define B 1
#define CHANNELS 2
#define SENDERS(c) (c)
#define RECEIVERS(c) (CHANNELS + (c))
#define QUEUES 4

/* Goroutines, and their offers. */
#define S 0
#define T 1
#define R 2
#define W 3
#define OFFERS 4

/* Rows: two of S, two of T, and those of R and W. */
#define ROW(g, c) ((g) <= T -> 2 * (g) + (c) : 2 + (g))
#define OFFER(row) (row < 4 -> row / 2 : row - 2)
#define NO_ROW 6

/* Where a goroutine waits, and where it finds who waits for it. */
#define OWN(g, c) ((c) + ((g) == S || (g) == R -> CHANNELS : 0))
#define OTHER(g, c) ((c) + ((g) == S || (g) == R -> 0 : CHANNELS))

mtype = { none, open, settled };

chan queues[QUEUES] = [3] of { byte };
bit locked[CHANNELS];
bit closed[CHANNELS];
byte shared_rows[CHANNELS];
bit offers_lock;
mtype offer_state[OFFERS] = none;
bit waiting[OFFERS];         /* of a goroutine, its status */
bit queue_changes[CHANNELS]; /* ghosts: somebody has begun to change it */
bit count_changes[CHANNELS];
bit offer_changes[OFFERS];
byte selects[CHANNELS];      /* ghost: how many have rows there */

inline lock(c) {
    atomic { !locked[c] -> locked[c] = 1 }
}

inline unlock(c) {
    atomic { CLAIM(counts_right, shared_rows[c] == selects[c]); locked[c] = 0 }
}

/* Of acquire_each. */
inline acquire(c) {
#ifdef SHARED_READ_EARLY
    offers = offers || shared_rows[c] != 0;
    lock(c);
#else
    lock(c);
    atomic { CLAIM(counts_owned, !count_changes[c]); offers = offers || shared_rows[c] != 0 };
#endif
}

inline lock_offers() {
#ifdef OFFERS_UNLOCKED
    offers = 0;
#endif
    if
    :: atomic { offers && !offers_lock -> offers_lock = 1 }
    :: !offers
    fi
}

inline unlock_offers(one, other) {
#ifdef OFFERS_KEPT
    offers = offers && (shared_rows[one] || shared_rows[other]);
#endif
    atomic { offers_lock = offers_lock && !offers; offers = 0 }
}

/* contig_channels_lock and contig_channels_unlock. */
inline lock_one(c) {
    acquire(c);
    lock_offers()
}

inline unlock_one(c) {
    unlock_offers(c, c);
    unlock(c)
}

inline lock_both() {
    acquire(A);
    acquire(B);
    lock_offers()
}

inline unlock_both() {
    unlock_offers(A, B);
    unlock(A);
    unlock(B)
}

/* rows_are_shared, of one channel. */
inline count(c, by) {
    atomic { CLAIM(counts_owned, !count_changes[c]); count_changes[c] = 1 };
    atomic { shared_rows[c] = shared_rows[c] + by; count_changes[c] = 0 }
}

inline count_both(by) {
    count(A, by);
#ifndef SHARED_ON_FIRST
    count(B, by);
#endif
}

/* wait_queue_leave. */
inline leave(c, queue) {
    atomic { CLAIM(queue_owned, !queue_changes[c]); queue_changes[c] = 1 };
    atomic { queues[queue]??eval(row); queue_changes[c] = 0 }
}

inline settle() {
    atomic {
        CLAIM(settled_once, offer_state[OFFER(row)] == open);
        CLAIM(offer_owned, !offer_changes[OFFER(row)]);
        offer_changes[OFFER(row)] = 1
    };
    atomic { offer_state[OFFER(row)] = settled; offer_changes[OFFER(row)] = 0 }
}

inline wake() {
    atomic { CLAIM(woken_once, waiting[OFFER(row)]); waiting[OFFER(row)] = 0 }
}

/* serve_first, and what its caller does for the row: the first row of a queue whose offer is open, or none. */
inline serve_first(c, queue) {
    do
    :: atomic {
           CLAIM(queue_owned, !queue_changes[c]);
           if
           :: empty(queues[queue]) -> row = NO_ROW; break
           :: nempty(queues[queue]) ->
              queues[queue]?<row>;
              CLAIM(offer_owned, !offer_changes[OFFER(row)]);
              CLAIM(rows_gone, offer_state[OFFER(row)] != none);
              is_open = (offer_state[OFFER(row)] == open)
           fi
       };
#ifdef SETTLED_UNREAD
       is_open = 1;
#endif
#ifdef OFFERS_SHORT
       atomic { offers_lock = offers_lock && !offers; offers = 0 };
#endif
       if
       :: is_open ->
          is_open = 0;
#ifndef LEFT_LATE
          leave(c, queue);
#endif
#ifndef WOKEN_EARLY
          settle();
#endif
          wake();
#ifdef WOKEN_EARLY
          settle();
#endif
#ifdef LEFT_LATE
          leave(c, queue);
#endif
          break
       :: else ->
          leave(c, queue)
#ifdef WOKEN_AGAIN
          ; wake()
#endif
       fi
    od
}

/* channel_send or channel_receive, with the channel's lock. */
inline operate(g, c) {
    serve_first(c, OTHER(g, c));
    done = (row != NO_ROW || closed[c]);
    row = 0
}

/* A row of offer_wait. */
inline announce(g, c) {
    atomic { CLAIM(queue_owned, !queue_changes[c]); queue_changes[c] = 1 };
    atomic { queues[OWN(g, c)]!ROW(g, c); queue_changes[c] = 0 }
}

inline open_offer(g) {
    atomic { CLAIM(offer_owned, !offer_changes[g]); offer_changes[g] = 1 };
    atomic { offer_state[g] = open; offer_changes[g] = 0 }
}

/* A row of offer_withdraw. */
inline withdraw_row(g, c) {
    atomic {
        row = ROW(g, c);
        CLAIM(queue_owned, !queue_changes[c]);
        if
        :: queues[OWN(g, c)]??[eval(row)]
        :: else -> row = NO_ROW
        fi
    };
    if
#ifndef ROWS_LEFT
    :: row != NO_ROW -> leave(c, OWN(g, c))
#endif
    :: else
    fi;
    row = 0
}

/* Its first step and its last one. */
inline withdraw_begin(g) {
    atomic { CLAIM(offer_owned, !offer_changes[g]); offer_changes[g] = 1 }
}

inline withdraw_end(g) {
    atomic { offer_state[g] = none; offer_changes[g] = 0 }
}

/* The locks that withdraw takes. */
inline lock_withdrawn() {
#ifdef WITHDRAWN_UNLOCKED
    skip
#else
#ifdef OFFERS_ALONE
    offers = 1;
    lock_offers()
#else
#ifdef FIRST_LOCKED
    lock_one(A)
#else
#ifdef OFFERS_FIRST
    offers = 1;
    lock_offers();
    lock(A);
    lock(B)
#else
#ifdef CHANNELS_BACKWARD
    acquire(B);
    acquire(A);
    lock_offers()
#else
    lock_both()
#endif
#endif
#endif
#endif
#endif
}

inline unlock_withdrawn() {
#ifdef WITHDRAWN_UNLOCKED
    skip
#else
#ifdef OFFERS_ALONE
    unlock_offers(A, B)
#else
#ifdef FIRST_LOCKED
    unlock_one(A)
#else
    unlock_both()
#endif
#endif
#endif
}

/* contig_chan_select, and contig_chan_resume once it was woken. */
proctype Select(byte g; byte rounds) {
    byte row, first;
    bit offers, is_open, done;

    do
    :: atomic { rounds == 0 -> break }
    :: atomic { rounds != 0 -> rounds-- };
       lock_both();
       if
       :: first = A
       :: first = B
       fi;
       operate(g, first);
       if
       :: !done -> operate(g, 1 - first)
       :: done
       fi;
       first = 0;
       if
       :: done -> done = 0; unlock_both()
       :: !done ->
          announce(g, A);
          announce(g, B);
          open_offer(g);
          atomic { selects[A]++; selects[B]++ };
#ifndef SHARED_LATE
          count_both(1);
#endif
          waiting[g] = 1;
          unlock_both();
#ifdef SHARED_LATE
          count_both(1);
#endif
          atomic { !waiting[g] -> CLAIM(offer_owned, !offer_changes[g]) };
          lock_withdrawn();
          withdraw_begin(g);
          withdraw_row(g, A);
          withdraw_row(g, B);
          withdraw_end(g);
          atomic { selects[A]--; selects[B]-- };
#ifndef COUNTS_KEPT
          count_both(-1);
#endif
          unlock_withdrawn()
       fi
    od
}

/* locked_plain, and contig_chan_resume. */
proctype Plain(byte g, c) {
    byte row;
    bit offers, is_open, done;

    lock_one(c);
    operate(g, c);
    if
    :: done -> unlock_one(c)
    :: !done ->
#ifdef DECIDED_UNLOCKED
       unlock_one(c);
       lock_one(c);
#endif
       announce(g, c);
       open_offer(g);
       waiting[g] = 1;
       unlock_one(c);
       atomic { !waiting[g] -> CLAIM(offer_owned, !offer_changes[g]) };
       withdraw_begin(g);
       CLAIM(rows_gone, !(queues[OWN(g, c)]??[eval(ROW(g, c))]));
       withdraw_end(g)
    fi
}

/* close_locked. */
proctype Close(byte c) {
    byte row;
    bit offers, is_open;

    lock_one(c);
    do
    :: serve_first(c, RECEIVERS(c));
       if
       :: row == NO_ROW -> break
       :: else
       fi
    od;
    do
    :: serve_first(c, SENDERS(c));
       if
       :: row == NO_ROW -> break
       :: else
       fi
    od;
    closed[c] = 1;
    unlock_one(c)
}

init {
    atomic {
        run Select(S, 2);
        run Select(T, 1);
        run Plain(R, A);
        run Plain(W, B);
        run Close(A);
        run Close(B)
    }
}
