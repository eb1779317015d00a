/* wait_queue.h: queues of operations that wait, first come, first served.
 *
 *      queue_first[q] --> row --> row --> row <-- queue_last[q]        wait_next, wait_previous
 *                         3       4       5                            wait_ticket, in each queue
 *
 * Go's waitq of sudogs, as rows of tables: 0 is no row, and no queue.  A row can leave from the middle, since a select
 * that was served by one channel withdraws from the others.  All is zero at the start.
 * Keeps: CHAN-5 (spec/wait_queues.acsl).  Called by channel.c, with the channel's lock held. */
#ifndef CONTIG_CORE_CHAN_WAIT_QUEUE_H
#define CONTIG_CORE_CHAN_WAIT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define WAIT_ROWS_MAX 4194304u
#define CHANNELS_MAX 2097152u
#define WAIT_QUEUES_MAX (2u * CHANNELS_MAX)

extern uint32_t wait_queue[WAIT_ROWS_MAX]; /* where a row waits; 0: nowhere */
extern uint32_t wait_next[WAIT_ROWS_MAX];
extern uint32_t wait_previous[WAIT_ROWS_MAX];
extern uint64_t wait_ticket[WAIT_ROWS_MAX];
extern uint32_t queue_first[WAIT_QUEUES_MAX];
extern uint32_t queue_last[WAIT_QUEUES_MAX];

#include "spec/wait_queues.acsl"

/* clang-format off */
#define WAIT_TABLES                                                                                          \
    wait_queue[1 .. WAIT_ROWS_MAX - 1], wait_next[1 .. WAIT_ROWS_MAX - 1],                                   \
        wait_previous[1 .. WAIT_ROWS_MAX - 1], queue_first[1 .. WAIT_QUEUES_MAX - 1],                        \
        queue_last[1 .. WAIT_QUEUES_MAX - 1]
/* clang-format on */

/* CHAN-5, CHAN-11: the row waits behind all others of the queue.  False: the last has the last ticket, since the queue
 * has not been empty while 2^64 rows came, and nothing has changed. */
/*@ requires queues:  wait_queues_ok;
    requires queue:   0 < queue < WAIT_QUEUES_MAX;
    requires row:     0 < row < WAIT_ROWS_MAX && wait_queue[row] == 0;
    assigns  WAIT_TABLES, wait_ticket[row];
    exits    \false;
    ensures  links:   wait_links;
    ensures  ends:    wait_ends;
    ensures  extremes: wait_extremes;
    ensures  order:   wait_order;
    ensures  tickets: wait_tickets;
    ensures  decides: \result <==> \old(queue_last[queue]) == 0 || \old(wait_ticket[queue_last[queue]]) < UINT64_MAX;
    ensures  waits:   \result ==> waits_in(row, queue);
    ensures  last:    \result ==> \forall integer other; waits_in(other, queue) && other != row ==>
                        wait_ticket[other] < wait_ticket[row];
    ensures  failed:  !\result ==> wait_queue[row] == 0;
    ensures  others:  others_wait{Pre, Post}(row);
    ensures  apart:   queues_untouched_but{Pre, Post}(queue); */
bool wait_queue_enter(uint32_t queue, uint32_t row);

/* The row waits no more. */
/*@ requires queues:  wait_queues_ok;
    requires row:     waits(row);
    assigns  WAIT_TABLES;
    exits    \false;
    ensures  links:   wait_links;
    ensures  ends:    wait_ends;
    ensures  extremes: wait_extremes;
    ensures  order:   wait_order;
    ensures  tickets: wait_tickets;
    ensures  left:    wait_queue[row] == 0;
    ensures  others:  others_wait{Pre, Post}(row);
    ensures  apart:   queues_untouched_but{Pre, Post}(\old(wait_queue[row])); */
void wait_queue_leave(uint32_t row);

#endif
