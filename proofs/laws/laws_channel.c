/* laws_channel.c: every sound state of the channels is one that the checker accepts, and the checker sees every row
 * that waits.  Nothing here runs: the functions are proved, and compiled so that they stay C. */
#include "src/core/chan/channel_check.h"
#include "src/core/chan/select.h"

/* CHECK-6 */
/*@ requires sound:    channels_sound;
    assigns  \nothing;
    exits    \false;
    ensures  checked:  \result; */
bool law_sound_channels_are_checked(void)
{
    /*@ assert rows: \forall integer row; 0 < row < WAIT_ROWS_MAX && wait_queue[row] != 0 ==>
          row_linked(row) && row_offered(row); */
    //@ assert open: \forall integer row; 0 < row < WAIT_ROWS_MAX && wait_queue[row] != 0 ==> row_may_wait(row);
    /*@ assert ends: \forall integer queue; 0 < queue < WAIT_QUEUES_MAX ==> end_checked(queue); */
    return channels_ok(WAIT_ROWS_MAX, CHANNELS_MAX);
}

/* CHAN-6, CHAN-7: what one goroutine sends on a channel on which nobody waits, another one receives: of a buffer with
 * room the element that was sent into the empty one is the next to go. */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] == CHANNEL_OPEN;
    requires buffer:   channel_count[channel] == 0 && 0 < channel_capacity[channel] &&
                         !somebody_open(RECEIVERS(channel));
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[channel], channel_head[channel];
    exits    \false;
    ensures  same:     \result;
    ensures  empty:    channel_count[channel] == 0; */
bool law_what_is_sent_is_received(uint32_t channel)
{
    struct channel_step sent = channel_send(channel);
    struct channel_step received = channel_receive(channel);
    return sent.action == CHANNEL_BUFFERED && received.action == CHANNEL_BUFFERED &&
           received.place == sent.place;
}

/* CHAN-6: who waits to receive is handed what is sent next, whatever else happened to it. */
/*@ requires sound:    channels_sound;
    requires channel:  channel_number(channel) && channel_state[channel] == CHANNEL_OPEN;
    requires waits:    first_open(row, RECEIVERS(channel));
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[channel];
    exits    \false;
    ensures  handed:   \result && offer_state[\old(offer_first[row])] == OFFER_ACCEPTED; */
bool law_the_first_receiver_is_served(uint32_t channel, uint32_t row)
{
    struct channel_step step = channel_send(channel);
    return step.action == CHANNEL_DIRECT && step.row == row;
}
