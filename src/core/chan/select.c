/* select.c: choices among channel operations.  What they are for: select.h. */
#include "src/core/chan/select.h"

/* One case proceeds if it can: CHANNEL_BLOCKS, and nothing has changed, if it cannot. */
/*@ requires sound:    channels_sound;
    requires case_:    \valid_read(at) && case_valid(at);
    requires apart:    \separated(at + (..), CHANNEL_PLACES);
    assigns  WAIT_TABLES, OFFER_TABLES, channel_count[1 .. CHANNELS_MAX - 1], channel_head[1 .. CHANNELS_MAX - 1];
    exits    \false;
    ENSURES_SOUND
    ensures  can:      \result.action == CHANNEL_BLOCKS <==> !can_proceed{Pre}(at);
    ensures  open:     \result.action == CHANNEL_BLOCKS ==> open_same_but{Pre, Post}(0);
    ensures  still:    \result.action == CHANNEL_BLOCKS ==> waiting_same{Pre, Post};
    ensures  offered:  \result.action == CHANNEL_BLOCKS ==> offers_same_but{Pre, Post}(0);
    ensures  same:     \result.action == CHANNEL_BLOCKS ==> channels_same{Pre, Post};
    ensures  apart:    others_untouched{Pre, Post}(at->channel); */
static struct channel_step try_case(const struct select_case *at)
{
    struct channel_step step = {CHANNEL_BLOCKS, 0, 0};
    if (at->channel != 0)
        step = at->sends ? channel_send(at->channel) : channel_receive(at->channel);
    return step;
}

struct select_choice select_poll(const struct select_case *cases, const uint16_t *order,
                                 uint32_t count)
{
    struct select_choice choice = {count, {CHANNEL_BLOCKS, 0, 0}};
    /*@ loop invariant sound:   channels_sound;
        loop invariant turn:    0 <= turn <= count && choice.chosen == count;
        loop invariant blocked: \forall integer k; 0 <= k < turn ==> !can_proceed{Pre}(cases + order[k]);
        loop invariant open:    open_same_but{Pre, Here}(0) && offers_same_but{Pre, Here}(0);
        loop invariant same:    channels_same{Pre, Here} && waiting_same{Pre, Here};
        loop invariant apart:   cases_touched{Pre, Here}(cases, count);
        loop assigns turn, choice, WAIT_TABLES, OFFER_TABLES, channel_count[1 .. CHANNELS_MAX - 1],
                     channel_head[1 .. CHANNELS_MAX - 1];
        loop variant count - turn; */
    for (uint32_t turn = 0; turn < count; turn++) {
        //@ assert now: can_proceed(cases + order[turn]) <==> can_proceed{Pre}(cases + order[turn]);
        //@ ghost before: ;
        choice.step = try_case(&cases[order[turn]]);
        /*@ assert follows: \forall integer channel; channel_untouched{Pre, before}(channel) &&
              channel_untouched{before, Here}(channel) ==> channel_untouched{Pre, Here}(channel); */
        if (choice.step.action != CHANNEL_BLOCKS) {
            choice.chosen = order[turn];
            return choice;
        }
    }
    return choice;
}

/* A row of an offer that is not open yet waits. */
/*@ requires sound:    channels_sound;
    requires queue:    0 < queue < WAIT_QUEUES_MAX;
    requires row:      0 < first <= row < first + offer_count[first] <= WAIT_ROWS_MAX &&
                         offer_state[first] == OFFER_CLOSED;
    assigns  WAIT_TABLES, wait_ticket[row], offer_first[row];
    exits    \false;
    ENSURES_SOUND
    ensures  waits:    \result ==> waits_in(row, queue) && offer_first[row] == first;
    ensures  failed:   !\result ==> wait_queue[row] == \old(wait_queue[row]) &&
                         offer_first[row] == \old(offer_first[row]);
    ensures  waiting:  others_wait{Pre, Post}(row);
    ensures  still:    waiting_same{Pre, Post};
    ensures  others:   open_same_but{Pre, Post}(0);
    ensures  apart:    queues_untouched_but{Pre, Post}(queue); */
static bool announce(uint32_t queue, uint32_t row, uint32_t first)
{
    bool waits = wait_queue[row] == 0 && wait_queue_enter(queue, row);
    if (waits)
        offer_first[row] = first;
    //@ assert open: \forall integer other, there; open_in(other, there) <==> open_in{Pre}(other, there);
    /*@ assert still: \forall integer there;
          (\exists integer other; open_in(other, there)) <==> \exists integer other; open_in{Pre}(other, there); */
    return waits;
}

/* The row of a case waits, unless the channel is nil. */
/*@ requires sound:    channels_sound;
    requires case_:    \valid_read(at) && case_valid(at) && !can_proceed(at);
    requires apart:    \separated(at + (..), CHANNEL_PLACES);
    requires row:      0 < first <= row < first + offer_count[first] <= WAIT_ROWS_MAX &&
                         offer_state[first] == OFFER_CLOSED;
    assigns  WAIT_TABLES, wait_ticket[row], offer_first[row];
    exits    \false;
    ENSURES_SOUND
    ensures  waits:    \result && at->channel != 0 ==>
                         waits_in(row, case_queue(at)) && offer_first[row] == first && row_blocked(row);
    ensures  nil:      !\result || at->channel == 0 ==> wait_queue[row] == \old(wait_queue[row]) &&
                         offer_first[row] == \old(offer_first[row]);
    ensures  waiting:  others_wait{Pre, Post}(row);
    ensures  still:    waiting_same{Pre, Post};
    ensures  others:   open_same_but{Pre, Post}(0);
    ensures  apart:    others_untouched{Pre, Post}(at->channel); */
static bool announce_case(const struct select_case *at, uint32_t row, uint32_t first)
{
    if (at->channel == 0)
        return true;
    if (at->sends)
        return announce(SENDERS(at->channel), row, first);
    return announce(RECEIVERS(at->channel), row, first);
}

/* All rows of an offer wait: from now on it can be settled. */
/*@ requires sound:    channels_sound;
    requires offer:    0 < first < WAIT_ROWS_MAX && offer_state[first] == OFFER_CLOSED;
    requires blocked:  \forall integer row; waits(row) && offer_first[row] == first ==> row_blocked(row);
    assigns  offer_state[first];
    exits    \false;
    ENSURES_SOUND
    ensures  opened:   offer_state[first] == OFFER_OPEN;
    ensures  others:   open_same_but{Pre, Post}(first); */
static void open_offer(uint32_t first)
{
    offer_state[first] = OFFER_OPEN;
    /*@ assert open: \forall integer row; row_open(row) <==>
          row_open{Pre}(row) || (waits(row) && offer_first[row] == first); */
}

/* The rows of an offer wait for channels of its cases. */
/*@ ghost
    /@ requires cases:  k <= count <= SELECT_CASES_MAX && first + count <= WAIT_ROWS_MAX &&
                          \forall integer j; 0 <= j < count ==> case_valid(cases + j);
       requires waits:  \forall integer row; first <= row < first + k && cases[row - first].channel != 0 ==>
                          waits_in(row, case_queue(cases + (row - first))) && offer_first[row] == first;
       requires only:   \forall integer row; waits(row) && offer_first[row] == first ==>
                          first <= row < first + k && cases[row - first].channel != 0;
       assigns  \nothing;
       exits    \false;
       ensures  absent: \forall integer channel; channel_number(channel) &&
                          (\forall integer j; 0 <= j < count ==> cases[j].channel != channel) ==>
                            offer_absent(first, channel); @/
    static void rows_are_of_cases(const struct select_case *cases, uint32_t count, uint32_t first, uint32_t k) {
      /@ assert mine: \forall integer row; waits(row) && offer_first[row] == first ==>
           first <= row < first + k && wait_queue[row] == case_queue(cases + (row - first)); @/
      /@ assert elsewhere: \forall integer row, channel; channel_number(channel) && waits(row) &&
           offer_first[row] == first && cases[row - first].channel != channel ==>
             wait_queue[row] != SENDERS(channel) && wait_queue[row] != RECEIVERS(channel); @/
    }
*/

bool offer_wait(const struct select_case *cases, uint32_t count, uint32_t first)
{
    if (offer_state[first] != OFFER_NONE)
        return false;
    offer_count[first] = count;
    offer_state[first] = OFFER_CLOSED;
    /*@ loop invariant sound:   channels_sound && 0 <= k <= count && offer_state[first] == OFFER_CLOSED &&
                                  offer_count[first] == count;
        loop invariant waits:   \forall integer row; first <= row < first + k && cases[row - first].channel != 0 ==>
                                  waits_in(row, case_queue(cases + (row - first))) && offer_first[row] == first;
        loop invariant only:    \forall integer row; waits(row) && offer_first[row] == first ==>
                                  first <= row < first + k && cases[row - first].channel != 0;
        loop invariant blocked: \forall integer row; waits(row) && offer_first[row] == first ==> row_blocked(row);
        loop invariant open:    open_same_but{Pre, Here}(0) && waiting_same{Pre, Here};
        loop invariant apart:   cases_touched{Pre, Here}(cases, count);
        loop assigns k, WAIT_TABLES, wait_ticket[1 .. WAIT_ROWS_MAX - 1],
                     offer_first[first .. first + count - 1];
        loop variant count - k; */
    for (uint32_t k = 0; k < count; k++) {
        //@ ghost before: ;
        bool waits = announce_case(&cases[k], first + k, first);
        /*@ assert step: (\forall integer row; 0 < row < WAIT_ROWS_MAX && row != first + k ==>
              wait_queue[row] == \at(wait_queue[row], before) && offer_first[row] == \at(offer_first[row], before)) &&
              \forall integer channel; channel_untouched{Pre, before}(channel) &&
                channel_untouched{before, Here}(channel) ==> channel_untouched{Pre, Here}(channel); */
        if (!waits) {
            //@ ghost rows_are_of_cases(cases, count, first, k);
            //@ ghost withdraws: ;
            offer_withdraw(first);
            /*@ assert follows_still: \forall integer channel; channel_untouched{Pre, withdraws}(channel) &&
                  channel_untouched{withdraws, Here}(channel) ==> channel_untouched{Pre, Here}(channel); */
            return false;
        }
        /*@ assert before: \forall integer row; first <= row < first + k && cases[row - first].channel != 0 ==>
              waits_in(row, case_queue(cases + (row - first))) && offer_first[row] == first; */
        /*@ assert kept: \forall integer row; waits(row) && offer_first[row] == first && row != first + k ==>
              row_blocked(row); */
    }
    open_offer(first);
    return true;
}

/* A row of an offer that is settled waits no more. */
/*@ requires sound:    channels_sound;
    requires row:      waits(row) && offer_state[offer_first[row]] == OFFER_CLOSED;
    assigns  WAIT_TABLES;
    exits    \false;
    ENSURES_SOUND
    ensures  left:     wait_queue[row] == 0;
    ensures  waiting:  others_wait{Pre, Post}(row);
    ensures  others:   open_same_but{Pre, Post}(0);
    ensures  apart:    queues_untouched_but{Pre, Post}(\old(wait_queue[row])); */
static void withdraw_row(uint32_t row)
{
    wait_queue_leave(row);
    //@ assert open: \forall integer other; row_open(other) <==> row_open{Pre}(other);
    //@ assert same: \forall integer other; row_open(other) ==> wait_queue[other] == \at(wait_queue[other], Pre);
}

void offer_withdraw(uint32_t first)
{
    uint32_t end = first + offer_count[first];
    offer_state[first] = OFFER_CLOSED;
    /*@ loop invariant sound:   channels_sound && first <= row <= end;
        loop invariant left:    \forall integer done; waits(done) && offer_first[done] == first ==> row <= done;
        loop invariant others:  open_same_but{Pre, Here}(first);
        loop invariant apart:   offer_touched{Pre, Here}(first);
        loop assigns row, WAIT_TABLES;
        loop variant end - row; */
    for (uint32_t row = first; row < end; row++) {
        //@ ghost before: ;
        if (wait_queue[row] != 0 && offer_first[row] == first)
            withdraw_row(row);
        /*@ assert follows: \forall integer channel; channel_untouched{Pre, before}(channel) &&
              channel_untouched{before, Here}(channel) ==> channel_untouched{Pre, Here}(channel); */
    }
    offer_state[first] = OFFER_NONE;
}
