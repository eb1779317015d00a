/* channel.c: sends, receives and closes.  What they are for: channel.h. */
#include "src/core/chan/channel.h"

uint8_t channel_state[CHANNELS_MAX];
uint32_t channel_capacity[CHANNELS_MAX];
uint32_t channel_count[CHANNELS_MAX];
uint32_t channel_head[CHANNELS_MAX];

uint32_t offer_first[WAIT_ROWS_MAX];
uint32_t offer_count[WAIT_ROWS_MAX];
uint32_t offer_state[WAIT_ROWS_MAX];
uint32_t offer_served[WAIT_ROWS_MAX];

/* A row whose offer is settled leaves its queue. */
/*@ requires sound:   channels_sound;
    requires row:     waits(row) && offer_state[offer_first[row]] != OFFER_OPEN;
    assigns  WAIT_TABLES;
    exits    \false;
    ENSURES_SOUND
    ensures  left:    wait_queue[row] == 0;
    ensures  waiting: others_wait{Pre, Post}(row);
    ensures  others:  open_same_but{Pre, Post}(0);
    ensures  apart:   queues_untouched_but{Pre, Post}(\old(wait_queue[row])); */
static void drop_settled(uint32_t row)
{
    wait_queue_leave(row);
    //@ assert open: \forall integer other; row_open(other) <==> row_open{Pre}(other);
    //@ assert same: \forall integer other; row_open(other) ==> wait_queue[other] == \at(wait_queue[other], Pre);
}

/* A row is served: its offer is settled, and the row leaves its queue. */
/*@ requires sound:   channels_sound;
    requires row:     waits(row) && offer_state[offer_first[row]] == OFFER_OPEN;
    requires state:   state == OFFER_ACCEPTED || state == OFFER_CLOSED;
    assigns  WAIT_TABLES, OFFER_TABLES;
    exits    \false;
    ENSURES_SOUND
    ensures  settled: settled{Pre, Post}(row, state) && wait_queue[row] == 0;
    ensures  others:  open_same_but{Pre, Post}(\old(offer_first[row]));
    ensures  offered: offers_same_but{Pre, Post}(\old(offer_first[row]));
    ensures  apart:   queues_untouched_but{Pre, Post}(\old(wait_queue[row])); */
static void serve(uint32_t row, uint8_t state)
{
    wait_queue_leave(row);
    offer_state[offer_first[row]] = state;
    offer_served[offer_first[row]] = row;
    /*@ assert open: \forall integer other; row_open(other) <==>
          row_open{Pre}(other) && offer_first[other] != offer_first[\at(row, Pre)]; */
    //@ assert same: \forall integer other; row_open(other) ==> wait_queue[other] == \at(wait_queue[other], Pre);
}

/* Rows of settled offers leave the queue, until the first row is open, or there is none. */
/*@ requires sound:   channels_sound;
    requires queue:   0 < queue < WAIT_QUEUES_MAX;
    assigns  WAIT_TABLES;
    exits    \false;
    ENSURES_SOUND
    ensures  nobody:  queue_first[queue] == 0 <==> !somebody_open{Pre}(queue);
    ensures  first:   queue_first[queue] != 0 ==> first_open{Pre}(queue_first[queue], queue) &&
                        row_open(queue_first[queue]) && wait_queue[queue_first[queue]] == queue;
    ensures  others:  open_same_but{Pre, Post}(0);
    ensures  apart:   queues_untouched_but{Pre, Post}(queue); */
static void drop_all_settled(uint32_t queue)
{
    uint32_t row = queue_first[queue];
    /*@ loop invariant sound:  channels_sound && row == queue_first[queue];
        loop invariant open:   open_same_but{Pre, Here}(0) && queues_untouched_but{Pre, Here}(queue);
        loop assigns row, WAIT_TABLES;
        loop variant row == 0 ? 0 : UINT64_MAX - wait_ticket[row] + 1; */
    while (row != 0 && offer_state[offer_first[row]] != OFFER_OPEN) {
        drop_settled(row);
        row = queue_first[queue];
    }
    //@ assert first: row != 0 ==> first_open(row, queue);
}

/* CHAN-5 (Go dequeue): settles the first open offer of a queue and takes its row; 0: none is open.  Rows of offers that
 * were settled elsewhere leave the queue on the way. */
/*@ requires sound:   channels_sound;
    requires queue:   0 < queue < WAIT_QUEUES_MAX;
    requires state:   state == OFFER_ACCEPTED || state == OFFER_CLOSED;
    assigns  WAIT_TABLES, OFFER_TABLES;
    exits    \false;
    ENSURES_SOUND
    ensures  nobody:  \result == 0 <==> !somebody_open{Pre}(queue);
    ensures  first:   \result != 0 ==> first_open{Pre}(\result, queue) && settled{Pre, Post}(\result, state) &&
                        wait_queue[\result] == 0;
    ensures  others:  open_same_but{Pre, Post}(\result != 0 ? \old(offer_first[\result]) : 0);
    ensures  offered: offers_same_but{Pre, Post}(\result != 0 ? \old(offer_first[\result]) : 0);
    ensures  apart:   queues_untouched_but{Pre, Post}(queue); */
static uint32_t serve_first(uint32_t queue, uint8_t state)
{
    drop_all_settled(queue);
    uint32_t row = queue_first[queue];
    if (row != 0)
        serve(row, state);
    return row;
}

struct channel_step channel_send(uint32_t channel)
{
    struct channel_step step = {CHANNEL_BLOCKS, 0, 0};
    if (channel_state[channel] == CHANNEL_CLOSED) {
        step.action = CHANNEL_SHUT;
        return step;
    }
    step.row = serve_first(RECEIVERS(channel), OFFER_ACCEPTED);
    uint32_t count = channel_count[channel], capacity = channel_capacity[channel];
    if (step.row != 0) {
        step.action = CHANNEL_DIRECT;
    } else if (count < capacity) {
        uint32_t room = capacity - channel_head[channel];
        step.action = CHANNEL_BUFFERED;
        step.place = count < room ? channel_head[channel] + count : count - room;
        channel_count[channel] = count + 1;
    }
    return step;
}

struct channel_step channel_receive(uint32_t channel)
{
    struct channel_step step = {CHANNEL_BLOCKS, 0, channel_head[channel]};
    uint32_t next = step.place + 1 == channel_capacity[channel] ? 0 : step.place + 1;
    step.row = serve_first(SENDERS(channel), OFFER_ACCEPTED);
    if (step.row != 0 && channel_capacity[channel] == 0) {
        step.action = CHANNEL_DIRECT;
    } else if (step.row != 0) {
        step.action = CHANNEL_REFILLED;
        channel_head[channel] = next;
    } else if (channel_count[channel] != 0) {
        step.action = CHANNEL_BUFFERED;
        channel_count[channel]--;
        channel_head[channel] = next;
    } else if (channel_state[channel] == CHANNEL_CLOSED) {
        step.action = CHANNEL_SHUT;
    }
    return step;
}

uint32_t channel_close(uint32_t channel)
{
    uint32_t row = serve_first(RECEIVERS(channel), OFFER_CLOSED);
    //@ assert apart: others_untouched{Pre, Here}(channel);
    if (row == 0)
        row = serve_first(SENDERS(channel), OFFER_CLOSED);
    //@ assert apart_still: others_untouched{Pre, Here}(channel);
    if (row == 0)
        channel_state[channel] = CHANNEL_CLOSED;
    return row;
}

void channel_make(uint32_t channel, uint32_t capacity)
{
    channel_state[channel] = CHANNEL_OPEN;
    channel_capacity[channel] = capacity;
    channel_count[channel] = 0;
    channel_head[channel] = 0;
}

bool channel_free(uint32_t channel)
{
    drop_all_settled(RECEIVERS(channel));
    if (queue_first[RECEIVERS(channel)] != 0)
        return false;
    drop_all_settled(SENDERS(channel));
    if (queue_first[SENDERS(channel)] != 0)
        return false;
    channel_state[channel] = CHANNEL_FREE;
    channel_count[channel] = 0;
    channel_head[channel] = 0;
    return true;
}
