/* channel_test.c: the core's channels alone: random operations against a plain model, and tables that are spoiled. */
#include "src/core/chan/channel_check.h"
#include "src/core/chan/select.h"
#include "src/testing/expect.h"

#define CHANNELS 5u
#define ROWS 64u
#define CAPACITY_MAX 3u

static uint32_t draw(uint32_t limit)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)state * limit >> 32);
}

/* What the model knows: each row that waits, in the order of arrival. */
struct waiting {
    uint32_t row, first, channel;
    bool sends;
};
static struct waiting queue[ROWS];
static uint32_t waiting_count;
static uint32_t buffered[CHANNELS], capacity[CHANNELS];
static bool closed[CHANNELS];

/* The place in `queue` of the row that is served next, or ROWS. */
static uint32_t served_next(uint32_t channel, bool sends)
{
    for (uint32_t k = 0; k < waiting_count; k++)
        if (queue[k].channel == channel && queue[k].sends == sends)
            return k;
    return ROWS;
}

/* All rows of the offer are gone. */
static void forget(uint32_t first)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < waiting_count; k++)
        if (queue[k].first != first)
            queue[kept++] = queue[k];
    waiting_count = kept;
}

static bool can(uint32_t channel, bool sends)
{
    return closed[channel] || served_next(channel, !sends) != ROWS ||
           (sends ? buffered[channel] < capacity[channel] : buffered[channel] > 0);
}

/* What the step says is what the model says, and the model follows. */
static void step_agrees(struct channel_step step, uint32_t channel, bool sends)
{
    uint32_t other = sends && closed[channel] ? ROWS : served_next(channel, !sends);
    if (other != ROWS) {
        require(step.row == queue[other].row, "the one that came first is served");
        require(step.action ==
                    (capacity[channel] == 0 || sends ? CHANNEL_DIRECT : CHANNEL_REFILLED),
                "an element goes to who waits");
        forget(queue[other].first);
    } else if (sends && closed[channel]) {
        require(step.action == CHANNEL_SHUT, "a send on a closed channel");
    } else if (sends ? buffered[channel] < capacity[channel] : buffered[channel] > 0) {
        require(step.action == CHANNEL_BUFFERED, "an element goes to or from the buffer");
        buffered[channel] = sends ? buffered[channel] + 1 : buffered[channel] - 1;
    } else {
        require(step.action == (closed[channel] ? CHANNEL_SHUT : CHANNEL_BLOCKS),
                "nothing can be done");
    }
}

/* Four rows that nobody uses, or 0: those that were drawn are in use. */
static uint32_t free_rows(void)
{
    uint32_t first = 1 + 4 * draw(ROWS / 4 - 1);
    return offer_state[first] == OFFER_NONE ? first : 0;
}

/* A select of one to four cases: it proceeds, or waits. */
static void select_once(void)
{
    struct select_case cases[4];
    uint16_t order[4];
    uint32_t count = 1 + draw(4);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t place = draw(k + 1);
        cases[k] = (struct select_case){draw(CHANNELS), draw(2) == 0};
        order[k] = order[place];
        order[place] = (uint16_t)k;
    }
    struct select_choice choice = select_poll(cases, order, count);
    for (uint32_t turn = 0; turn < count; turn++) {
        uint32_t k = order[turn], channel = cases[k].channel;
        bool able = channel != 0 && can(channel, cases[k].sends);
        require(able ? choice.chosen <= count : choice.chosen != k, "what cannot proceed does not");
        if (able) {
            require(choice.chosen == k, "the first that can proceed does");
            step_agrees(choice.step, channel, cases[k].sends);
            return;
        }
    }
    require(choice.chosen == count, "nothing proceeds");
    uint32_t first = free_rows();
    if (first == 0)
        return;
    require(offer_wait(cases, count, first), "free rows wait");
    for (uint32_t k = 0; k < count; k++)
        if (cases[k].channel != 0)
            queue[waiting_count++] =
                (struct waiting){first + k, first, cases[k].channel, cases[k].sends};
    require(!offer_wait(cases, count, first), "rows that wait do not wait again");
}

static void withdraw_settled(void)
{
    for (uint32_t first = 1; first < ROWS; first++)
        if (offer_state[first] == OFFER_ACCEPTED || offer_state[first] == OFFER_CLOSED)
            offer_withdraw(first);
}

/* Closes, frees and makes a channel. */
static void channel_renew(uint32_t channel)
{
    while (channel_state[channel] == CHANNEL_OPEN && draw(2) == 0) {
        uint32_t receiver = served_next(channel, false), sender = served_next(channel, true);
        uint32_t next = receiver != ROWS ? receiver : sender, row = channel_close(channel);
        require(row == (next == ROWS ? 0 : queue[next].row), "a close serves everybody in turn");
        closed[channel] = next == ROWS;
        if (next != ROWS)
            forget(queue[next].first);
    }
    bool waits = served_next(channel, false) != ROWS || served_next(channel, true) != ROWS;
    require(channel_free(channel) == !waits, "a channel is free exactly if nobody waits");
    if (waits)
        return;
    closed[channel] = false;
    buffered[channel] = 0;
    capacity[channel] = draw(CAPACITY_MAX + 1);
    channel_make(channel, capacity[channel]);
}

/* The queues of a channel, and all that links those who wait in them. */
static uint64_t tables_of(uint32_t channel)
{
    const uint32_t ends[] = {SENDERS(channel), RECEIVERS(channel)};
    uint64_t sum = channel_count[channel] + 31u * channel_head[channel];
    for (uint32_t k = 0; k < 2; k++) {
        sum = sum * 1000003u + queue_first[ends[k]] * 64u + queue_last[ends[k]];
        for (uint32_t row = 1; row < ROWS; row++)
            if (wait_queue[row] == ends[k])
                sum = sum * 1000003u + (wait_next[row] * 64u + wait_previous[row]) * 64u + row +
                      wait_ticket[row];
    }
    return sum;
}

/* CHAN-11: two wait for channel 2, which stays as it is, whatever is done with channel 1. */
static void others_stay_as_they_are(void)
{
    struct select_case here = {1, true}, there = {2, true};
    for (uint32_t channel = 1; channel < CHANNELS; channel++) {
        channel_state[channel] = CHANNEL_FREE;
        channel_make(channel, 0);
    }
    require(offer_wait(&there, 1, 1) && offer_wait(&there, 1, 2), "two wait");
    uint64_t before = tables_of(2);
    require(offer_wait(&here, 1, 5) && offer_wait(&here, 1, 6), "two wait beside them");
    require(tables_of(2) == before, "a wait leaves other channels alone");
    offer_withdraw(6);
    require(tables_of(2) == before, "a withdrawal leaves other channels alone");
    require(channel_receive(1).row == 5, "a receive serves who waits");
    require(tables_of(2) == before, "a receive leaves other channels alone");
    require(offer_wait(&here, 1, 7) && channel_close(1) == 7 && channel_close(1) == 0, "a close");
    require(channel_free(1), "a channel for which nobody waits is free");
    channel_make(1, 1);
    require(channel_send(1).action == CHANNEL_BUFFERED, "there is room");
    require(tables_of(2) == before, "a close and a send leave other channels alone");
    static const uint32_t offers[] = {1, 2, 5, 7};
    for (uint32_t k = 0; k < 4; k++)
        offer_withdraw(offers[k]);
}

/* CHAN-5..CHAN-10 */
static void operations_agree_with_the_model(void)
{
    for (uint32_t channel = 1; channel < CHANNELS; channel++)
        channel_make(channel, capacity[channel] = draw(CAPACITY_MAX + 1));
    for (int round = 0; round < 200000; round++) {
        if (draw(8) == 0)
            withdraw_settled();
        if (draw(16) == 0)
            channel_renew(1 + draw(CHANNELS - 1));
        select_once();
        if (round % 64 == 0)
            require(channels_ok(ROWS, CHANNELS), "the checker accepts every state");
    }
}

/* A word of a table is another number, one at a time. */
static void spoil(const char *name, uint32_t *table, const uint32_t *places, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        uint32_t kept = table[places[k]];
        table[places[k]] = kept + 77;
        require(!channels_ok(ROWS, CHANNELS), name);
        table[places[k]] = kept;
    }
    require(channels_ok(ROWS, CHANNELS), "the tables are as they were");
}

/* CHECK-6 */
static void spoiled_tables_are_noticed(void)
{
    static const uint32_t rows[] = {1, 2, 5, 6, 9, 10}, channels[] = {1, 2},
                          ends[] = {SENDERS(1), RECEIVERS(2)};
    struct select_case both[2] = {{1, true}, {2, false}};
    for (uint32_t channel = 1; channel < CHANNELS; channel++)
        channel_state[channel] = CHANNEL_FREE;
    channel_make(1, 0);
    channel_make(2, 2);
    for (uint32_t first = 1; first < 13; first += 4)
        require(offer_wait(both, 2, first), "three selects wait");
    spoil("wait_queue", wait_queue, rows, 6);
    spoil("wait_next", wait_next, rows, 6);
    spoil("wait_previous", wait_previous, rows, 6);
    spoil("offer_first", offer_first, rows, 6);
    spoil("queue_first", queue_first, ends, 2);
    spoil("queue_last", queue_last, ends, 2);
    spoil("channel_count", channel_count, channels, 2);
    spoil("channel_head", channel_head, channels, 2);
    uint64_t ticket = wait_ticket[5];
    wait_ticket[5] = wait_ticket[1];
    require(!channels_ok(ROWS, CHANNELS), "wait_ticket");
    wait_ticket[5] = ticket;
    ticket = wait_ticket[queue_last[SENDERS(1)]];
    wait_ticket[queue_last[SENDERS(1)]] = UINT64_MAX;
    require(!offer_wait(both, 2, 13) && offer_state[13] == OFFER_NONE, "the last ticket");
    wait_ticket[queue_last[SENDERS(1)]] = ticket;
    offer_state[1] = OFFER_NONE;
    require(!channels_ok(ROWS, CHANNELS), "offer_state");
}

int main(void)
{
    operations_agree_with_the_model();
    for (uint32_t first = 1; first < ROWS; first++)
        if (offer_state[first] != OFFER_NONE)
            offer_withdraw(first);
    others_stay_as_they_are();
    spoiled_tables_are_noticed();
    printf("channel_test: %llu checks\n", checks_passed);
    return 0;
}
