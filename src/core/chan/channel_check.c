/* channel_check.c: the checker of channels.  What it decides: channel_check.h. */
#include "src/core/chan/channel_check.h"

/*@ requires row:      0 < row < WAIT_ROWS_MAX;
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> row_linked(row); */
static bool links_ok(uint32_t row)
{
    uint32_t queue = wait_queue[row], next = wait_next[row], previous = wait_previous[row];
    if (queue >= WAIT_QUEUES_MAX || next >= WAIT_ROWS_MAX || previous >= WAIT_ROWS_MAX)
        return false;
    bool forward = next == 0 ? queue_last[queue] == row
                             : wait_queue[next] == queue && wait_previous[next] == row &&
                                   wait_ticket[row] < wait_ticket[next];
    bool back = previous == 0 ? queue_first[queue] == row
                              : wait_queue[previous] == queue && wait_next[previous] == row;
    return forward && back;
}

/*@ requires row:      0 < row < WAIT_ROWS_MAX;
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> row_offered(row); */
static bool offer_ok(uint32_t row)
{
    uint32_t first = offer_first[row];
    if (first == 0 || first > row || offer_count[first] > WAIT_ROWS_MAX - first)
        return false;
    return row - first < offer_count[first] && offer_state[first] != OFFER_NONE;
}

/*@ requires row:      0 < row < WAIT_ROWS_MAX && row_linked(row) && row_offered(row);
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> row_may_wait(row); */
static bool may_wait(uint32_t row)
{
    uint32_t queue = wait_queue[row];
    if (offer_state[offer_first[row]] != OFFER_OPEN)
        return true;
    if (queue < CHANNELS_MAX)
        return channel_state[queue] == CHANNEL_OPEN &&
               channel_count[queue] == channel_capacity[queue];
    uint32_t channel = queue - CHANNELS_MAX;
    return channel != 0 && channel_state[channel] == CHANNEL_OPEN && channel_count[channel] == 0;
}

/*@ requires queue:    0 < queue < WAIT_QUEUES_MAX;
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> end_checked(queue); */
static bool ends_ok(uint32_t queue)
{
    uint32_t first = queue_first[queue], last = queue_last[queue];
    if ((first == 0) != (last == 0) || first >= WAIT_ROWS_MAX || last >= WAIT_ROWS_MAX)
        return false;
    return first == 0 || (wait_queue[first] == queue && wait_previous[first] == 0 &&
                          wait_queue[last] == queue && wait_next[last] == 0);
}

/*@ requires channel:  channel_number(channel);
    assigns  \nothing;
    exits    \false;
    ensures  decides:  \result <==> channel_checked(channel); */
static bool channel_ok(uint32_t channel)
{
    if (!ends_ok(SENDERS(channel)) || !ends_ok(RECEIVERS(channel)))
        return false;
    return channel_state[channel] <= CHANNEL_CLOSED &&
           channel_count[channel] <= channel_capacity[channel] &&
           (channel_head[channel] < channel_capacity[channel] || channel_head[channel] == 0);
}

bool channels_ok(uint32_t rows, uint32_t channels)
{
    /*@ loop invariant good: 1 <= row && \forall integer k; 0 < k < row ==> row_checked(k);
        loop assigns row;
        loop variant rows - row; */
    for (uint32_t row = 1; row < rows; row++) {
        if (wait_queue[row] != 0 && (!links_ok(row) || !offer_ok(row) || !may_wait(row)))
            return false;
    }
    /*@ loop invariant good: 1 <= channel && \forall integer k; 0 < k < channel ==> channel_checked(k);
        loop assigns channel;
        loop variant channels - channel; */
    for (uint32_t channel = 1; channel < channels; channel++) {
        if (!channel_ok(channel))
            return false;
    }
    return true;
}
