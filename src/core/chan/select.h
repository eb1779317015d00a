/* select.h: a choice among channel operations, and the wait for one of them.
 *
 *      select_poll      the first case, in an order that the caller chose, that can proceed, does
 *      offer_wait       if none can: a row in the queue of each case's channel, in one offer
 *      offer_withdraw   once another goroutine has settled the offer: its other rows leave their queues
 *
 * A plain send or receive is a select of one case.  Keeps: CHAN-9, CHAN-11 (spec/channels.acsl).  Go 1.19
 * runtime/select.go selectgo, passes 1 to 3.  Called by the runtime, with the locks of the channels held. */
#ifndef CONTIG_CORE_CHAN_SELECT_H
#define CONTIG_CORE_CHAN_SELECT_H

#include "src/core/chan/channel.h"

struct select_case {
    uint32_t channel; /* 0: nil, on which nothing can ever proceed */
    bool sends;
};

/* The case that proceeded, and how; or the number of cases. */
struct select_choice {
    uint32_t chosen;
    struct channel_step step;
};

#define SELECT_CASES_MAX 65536u

#include "spec/selects.acsl"

/* CHAN-9. */
/*@ requires sound:    channels_sound;
    requires cases:    select_given(cases, order, count);
    requires apart:    \separated(cases + (..), CHANNEL_PLACES) && \separated(order + (..), CHANNEL_PLACES);
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[1 .. CHANNELS_MAX - 1], channel_head[1 .. CHANNELS_MAX - 1];
    exits    \false;
    ENSURES_SOUND
    ensures  range:    \result.chosen <= count;
    ensures  none:     \result.chosen == count ==>
                         \forall integer k; 0 <= k < count ==> !can_proceed{Pre}(cases + k);
    ensures  can:      \result.chosen < count ==> can_proceed{Pre}(cases + \result.chosen);
    ensures  blocked:  \result.chosen == count ==> open_same_but{Pre, Post}(0) && offers_same_but{Pre, Post}(0) &&
                         channels_same{Pre, Post};
    ensures  apart:    cases_touched{Pre, Post}(cases, count); */
struct select_choice select_poll(const struct select_case *cases, const uint16_t *order,
                                 uint32_t count);

/* CHAN-9: the rows first .. first + count - 1 wait, each in the queue of its case.  False: one of them is in use, or no
 * ticket is left; then no row of the offer waits. */
/*@ requires sound:    channels_sound;
    requires cases:    0 < count <= SELECT_CASES_MAX && \valid_read(cases + (0 .. count - 1)) &&
                         \forall integer k; 0 <= k < count ==> case_valid(cases + k) && !can_proceed(cases + k);
    requires rows:     0 < first && first + count <= WAIT_ROWS_MAX;
    requires apart:    \separated(cases + (..), CHANNEL_PLACES);
    assigns  WAIT_TABLES, OFFER_TABLES, wait_ticket[1 .. WAIT_ROWS_MAX - 1], offer_count[first],
             offer_first[first .. first + count - 1];
    exits    \false;
    ENSURES_SOUND
    ensures  waits:    \result ==> offer_state[first] == OFFER_OPEN &&
                         \forall integer row; first <= row < first + count && cases[row - first].channel != 0 ==>
                           open_in(row, case_queue(cases + (row - first))) && offer_first[row] == first;
    ensures  failed:   !\result ==> offer_state[first] == \old(offer_state[first]);
    ensures  others:   open_same_but{Pre, Post}(first);
    ensures  apart:    cases_touched{Pre, Post}(cases, count); */
bool offer_wait(const struct select_case *cases, uint32_t count, uint32_t first);

/* The offer is over: none of its rows waits. */
/*@ requires sound:    channels_sound;
    requires offer:    0 < first < WAIT_ROWS_MAX && first + offer_count[first] <= WAIT_ROWS_MAX;
    assigns  WAIT_TABLES, offer_state[first];
    exits    \false;
    ENSURES_SOUND
    ensures  none:     offer_state[first] == OFFER_NONE;
    ensures  over:     \forall integer row; waits(row) ==> offer_first[row] != first;
    ensures  others:   open_same_but{Pre, Post}(first);
    ensures  apart:    offer_touched{Pre, Post}(first); */
void offer_withdraw(uint32_t first);

#endif
