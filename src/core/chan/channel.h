/* channel.h: what a channel operation does, and who waits for one.
 *
 *                    send                                   receive
 *   closed           CHANNEL_SHUT: the caller panics        what is buffered, then CHANNEL_SHUT: a zero
 *   the other side   CHANNEL_DIRECT: from slot to slot      CHANNEL_DIRECT, or CHANNEL_REFILLED: the oldest that is
 *   waits                                                   buffered, and the sender's takes its place
 *   room / content   CHANNEL_BUFFERED: behind the others    CHANNEL_BUFFERED: the oldest
 *   else             CHANNEL_BLOCKS                         CHANNEL_BLOCKS
 *
 * Channels, rows and places are numbers; the caller copies the elements that a step names, and wakes the goroutine of
 * the row.  An offer (an operation that waits, or all cases of a select) is in one of four states:
 *
 *      OFFER_NONE --wait--> OFFER_OPEN --served--> OFFER_ACCEPTED --withdraw--> OFFER_NONE
 *                                     `--close---> OFFER_CLOSED   --withdraw--> OFFER_NONE
 *
 * Keeps: CHAN-5..CHAN-11 (spec/channels.acsl).  Go 1.19 runtime/chan.go, select.go.  Called by the runtime, with the
 * locks of the channels held. */
#ifndef CONTIG_CORE_CHAN_CHANNEL_H
#define CONTIG_CORE_CHAN_CHANNEL_H

#include "src/core/chan/wait_queue.h"

enum { CHANNEL_FREE = 0, CHANNEL_OPEN = 1, CHANNEL_CLOSED = 2 };
enum { OFFER_NONE = 0, OFFER_OPEN = 1, OFFER_ACCEPTED = 2, OFFER_CLOSED = 3 };

#define SENDERS(channel) (channel)
#define RECEIVERS(channel) (CHANNELS_MAX + (channel))

extern uint8_t channel_state[CHANNELS_MAX];
extern uint32_t channel_capacity[CHANNELS_MAX]; /* elements in its buffer, at most */
extern uint32_t channel_count[CHANNELS_MAX];
extern uint32_t channel_head[CHANNELS_MAX]; /* place of the oldest element */

extern uint32_t offer_first[WAIT_ROWS_MAX]; /* of a row that waits: the first row of its offer */
extern uint32_t offer_count[WAIT_ROWS_MAX]; /* of the first row: how many rows the offer has */
extern uint32_t offer_state[WAIT_ROWS_MAX];
extern uint32_t offer_served[WAIT_ROWS_MAX]; /* the row that was served */

#include "spec/channels.acsl"

enum channel_action {
    CHANNEL_BLOCKS,
    CHANNEL_DIRECT,
    CHANNEL_BUFFERED,
    CHANNEL_REFILLED,
    CHANNEL_SHUT,
};

struct channel_step {
    enum channel_action action;
    uint64_t row;   /* of CHANNEL_DIRECT and CHANNEL_REFILLED: whose slot, and who is to be woken */
    uint64_t place; /* of CHANNEL_BUFFERED and CHANNEL_REFILLED: in the buffer */
};

/* clang-format off */
#define OFFER_TABLES offer_state[1 .. WAIT_ROWS_MAX - 1], offer_served[1 .. WAIT_ROWS_MAX - 1]
/* clang-format on */

/* Where the tables of channels stand: nothing that is given to an operation may lie there. */
/* clang-format off */
#define CHANNEL_PLACES                                                                                       \
    wait_queue + (..), wait_next + (..), wait_previous + (..), wait_ticket + (..), queue_first + (..),       \
        queue_last + (..), channel_state + (..), channel_capacity + (..), channel_count + (..), \
        channel_head + (..), offer_first + (..), offer_count + (..), offer_state + (..), offer_served + (..)
/* clang-format on */

/* What holds of the tables after each operation: channels_sound, a clause for each of its parts. */
/* clang-format off */
#define ENSURES_SOUND                                                                                        \
    ensures  links:    wait_links;                                                                           \
    ensures  ends:     wait_ends;                                                                            \
    ensures  extremes: wait_extremes;                                                                        \
    ensures  order:    wait_order;                                                                           \
    ensures  tickets:  wait_tickets;                                                                         \
    ensures  offers:   offers_ok;                                                                            \
    ensures  buffers:  buffers_ok;                                                                           \
    ensures  receivers: receivers_ok;                                                                        \
    ensures  senders:  senders_ok;                                                                           \
    ensures  sides:    sides_ok;
/* clang-format on */

/* CHAN-6 (Go chansend). */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] != CHANNEL_FREE;
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[channel];
    exits    \false;
    ENSURES_SOUND
    ensures  shut:     \result.action == CHANNEL_SHUT <==> \old(channel_state[channel]) == CHANNEL_CLOSED;
    ensures  direct:   \result.action == CHANNEL_DIRECT <==> somebody_open{Pre}(RECEIVERS(channel));
    ensures  buffered: \result.action == CHANNEL_BUFFERED <==> \old(channel_state[channel]) == CHANNEL_OPEN &&
                         !somebody_open{Pre}(RECEIVERS(channel)) &&
                         \old(channel_count[channel]) < channel_capacity[channel];
    ensures  blocks:   \result.action == CHANNEL_BLOCKS <==> !can_send{Pre}(channel);
    ensures  served:   \result.action == CHANNEL_DIRECT ==> first_open{Pre}(\result.row, RECEIVERS(channel)) &&
                         settled{Pre, Post}(\result.row, OFFER_ACCEPTED) && wait_queue[\result.row] == 0;
    ensures  place:    \result.action == CHANNEL_BUFFERED ==> \result.place == place_behind{Pre}(channel) &&
                         channel_count[channel] == \old(channel_count[channel]) + 1;
    ensures  count:    \result.action != CHANNEL_BUFFERED ==> channel_count[channel] == \old(channel_count[channel]);
    ensures  others:   \let but = \result.action == CHANNEL_DIRECT ? \old(offer_first[\result.row]) : 0;
                         open_same_but{Pre, Post}(but) && offers_same_but{Pre, Post}(but);
    ensures  apart:    others_untouched{Pre, Post}(channel);
*/
struct channel_step channel_send(uint32_t channel);

/* CHAN-7 (Go chanrecv). */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] != CHANNEL_FREE;
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[channel], channel_head[channel];
    exits    \false;
    ENSURES_SOUND
    ensures  direct:   \result.action == CHANNEL_DIRECT <==> somebody_open{Pre}(SENDERS(channel)) &&
                         channel_capacity[channel] == 0;
    ensures  refilled: \result.action == CHANNEL_REFILLED <==> somebody_open{Pre}(SENDERS(channel)) &&
                         channel_capacity[channel] != 0;
    ensures  buffered: \result.action == CHANNEL_BUFFERED <==> !somebody_open{Pre}(SENDERS(channel)) &&
                         0 < \old(channel_count[channel]);
    ensures  shut:     \result.action == CHANNEL_SHUT <==> \old(channel_state[channel]) == CHANNEL_CLOSED &&
                         \old(channel_count[channel]) == 0;
    ensures  blocks:   \result.action == CHANNEL_BLOCKS <==> !can_receive{Pre}(channel);
    ensures  served:   \result.action == CHANNEL_DIRECT || \result.action == CHANNEL_REFILLED ==>
                         first_open{Pre}(\result.row, SENDERS(channel)) &&
                         settled{Pre, Post}(\result.row, OFFER_ACCEPTED) && wait_queue[\result.row] == 0;
    ensures  place:    \result.action == CHANNEL_BUFFERED || \result.action == CHANNEL_REFILLED ==>
                         \result.place == \old(channel_head[channel]) < channel_capacity[channel] &&
                         channel_head[channel] == next_place(channel, \result.place);
    ensures  full:     \result.action == CHANNEL_REFILLED ==> channel_count[channel] == channel_capacity[channel] &&
                         \old(channel_count[channel]) == channel_count[channel] &&
                         place_behind{Pre}(channel) == \result.place;
    ensures  taken:    \result.action == CHANNEL_BUFFERED ==>
                         channel_count[channel] == \old(channel_count[channel]) - 1;
    ensures  kept:     \result.action != CHANNEL_BUFFERED && \result.action != CHANNEL_REFILLED ==>
                         channel_same{Pre, Post}(channel);
    ensures  others:   \let but = \result.action == CHANNEL_DIRECT || \result.action == CHANNEL_REFILLED
                                    ? \old(offer_first[\result.row]) : 0;
                         open_same_but{Pre, Post}(but) && offers_same_but{Pre, Post}(but);
    ensures  apart:    others_untouched{Pre, Post}(channel);
*/
struct channel_step channel_receive(uint32_t channel);

/* CHAN-8 (Go closechan): settles the next offer that waits on the channel, receivers first, and returns its row; or
 * closes the channel and returns 0, when nobody waits any more.  Called until it returns 0. */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] == CHANNEL_OPEN;
    assigns  WAIT_TABLES, OFFER_TABLES, channel_state[channel];
    exits    \false;
    ENSURES_SOUND
    ensures  closed:   channel_state[channel] == (\result == 0 ? CHANNEL_CLOSED : CHANNEL_OPEN);
    ensures  nobody:   \result == 0 <==> !somebody_open{Pre}(RECEIVERS(channel)) &&
                         !somebody_open{Pre}(SENDERS(channel));
    ensures  row:      \result != 0 ==>
                         (first_open{Pre}(\result, RECEIVERS(channel)) || first_open{Pre}(\result, SENDERS(channel))) &&
                         settled{Pre, Post}(\result, OFFER_CLOSED) && wait_queue[\result] == 0;
    ensures  others:   \let but = \result != 0 ? \old(offer_first[\result]) : 0;
                         open_same_but{Pre, Post}(but) && offers_same_but{Pre, Post}(but);
    ensures  apart:    others_untouched{Pre, Post}(channel);
*/
uint32_t channel_close(uint32_t channel);

/* CHAN-10: a free channel becomes an open one, with room for so many elements. */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] == CHANNEL_FREE;
    assigns  channel_state[channel], channel_capacity[channel], channel_count[channel], channel_head[channel];
    exits    \false;
    ENSURES_SOUND
    ensures  made:     channel_state[channel] == CHANNEL_OPEN && channel_capacity[channel] == capacity &&
                         channel_count[channel] == 0;
    ensures  apart:    others_untouched{Pre, Post}(channel); */
void channel_make(uint32_t channel, uint32_t capacity);

/* CHAN-10: a channel on which nobody waits is free again, whatever is buffered.  False: somebody waits, and nothing has
 * changed. */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] != CHANNEL_FREE;
    assigns  WAIT_TABLES, channel_state[channel], channel_count[channel], channel_head[channel];
    exits    \false;
    ENSURES_SOUND
    ensures  decides:  \result <==> !somebody_open{Pre}(RECEIVERS(channel)) && !somebody_open{Pre}(SENDERS(channel));
    ensures  gone:     \result ==> channel_state[channel] == CHANNEL_FREE;
    ensures  failed:   !\result ==> channel_same{Pre, Post}(channel);
    ensures  others:   open_same_but{Pre, Post}(0);
    ensures  apart:    others_untouched{Pre, Post}(channel); */
bool channel_free(uint32_t channel);

#endif
