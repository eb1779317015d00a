/* chan.c: channels: their memory, sends, receives and closes, and goroutines that wait for them.
 *
 * src/core/chan decides; here are the buffers, the slots that elements are copied from and to, and who is woken.
 * CHAN-1..CHAN-10; Go 1.19 runtime/chan.go. */
#include "src/runtime/chan.h"
#include "src/runtime/panic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/chan/channel_check.h"

/* A channel's buffer; its lock; and how many offers of several channels it is in. */
static struct {
    unsigned char *buffer;
    uint32_t element_bytes;
    uint32_t lock;
    uint32_t shared_rows;
} __attribute__((aligned(32))) memory[CHANNELS_MAX];

/* Offers of several rows: any of their channels may settle them. */
static struct lock offers_lock = {.rank = LOCK_RANK_OFFERS};

/* Of each row that waits: the slot, the goroutine's record, and whether it sends. */
static struct sudog slots[WAIT_ROWS_MAX];
static uint32_t row_record[WAIT_ROWS_MAX];
static bool row_sends[WAIT_ROWS_MAX];

/* The channels of an offer, in ascending order, each once, at its first rows; and how many, at its first one. */
static uint32_t offer_channel[WAIT_ROWS_MAX];
static uint32_t offer_channels[WAIT_ROWS_MAX];

bool contig_chan_is_number(uint64_t channel)
{
    return channel > 0 && channel < CHANNELS_MAX;
}

static void order_wrong(uint32_t channel, uint32_t before)
{
    fprintf(stderr, "contig: lock of channel %u taken while that of channel %u is held\n", channel,
            before);
    abort();
}

/* True if a select waits for one of them. */
static bool acquire_each(const struct locked_channels *locked)
{
    uint32_t shared = 0;
    for (uint32_t k = 0; k < locked->count; k++) {
        contig_state_acquire(&memory[locked->numbers[k]].lock);
        shared |= memory[locked->numbers[k]].shared_rows;
    }
    return shared != 0;
}

/* On one thread the rank and the order are checked, and nothing else is to be done. */
static inline bool lock_each(const struct locked_channels *locked)
{
    contig_rank_enter(LOCK_RANK_CHANNELS);
    for (uint32_t k = 1; k < locked->count; k++)
        if (locked->numbers[k] <= locked->numbers[k - 1])
            order_wrong(locked->numbers[k], locked->numbers[k - 1]);
    return contig_threads && acquire_each(locked);
}

void contig_channels_lock(struct locked_channels *locked)
{
    locked->offers = lock_each(locked);
    if (locked->offers)
        contig_lock_acquire(&offers_lock);
}

void contig_channels_unlock(const struct locked_channels *locked)
{
    if (locked->offers)
        contig_lock_release(&offers_lock);
    for (uint32_t k = 0; k < locked->count && contig_threads; k++)
        contig_state_release(&memory[locked->numbers[k]].lock);
    contig_rank_leave(LOCK_RANK_CHANNELS);
}

/* What g waits for, as contig_chan_wait left it. */
static struct locked_channels channels_of(const struct g *g)
{
    return (struct locked_channels){.numbers = &offer_channel[g->wait_first],
                                    .count = offer_channels[g->wait_first]};
}

void contig_chan_lock_for_move(const struct g *g)
{
    struct locked_channels locked = channels_of(g);
    lock_each(&locked);
}

void contig_chan_unlock_after_move(const struct g *g)
{
    struct locked_channels locked = channels_of(g);
    contig_channels_unlock(&locked);
}

/* With the channel's lock. */
bool contig_chan_exists(uint64_t channel)
{
    return contig_chan_is_number(channel) && channel_state[channel] != CHANNEL_FREE;
}

static unsigned char *place_of(uint32_t channel, uint32_t place)
{
    return memory[channel].buffer + (size_t)place * memory[channel].element_bytes;
}

static void channel_begin(uint32_t number, unsigned char *buffer, uint64_t element_bytes,
                          uint64_t capacity)
{
    struct locked_channels locked = {.numbers = &number, .count = 1};
    contig_channels_lock(&locked);
    memory[number].buffer = buffer;
    memory[number].element_bytes = (uint32_t)element_bytes;
    channel_make(number, (uint32_t)capacity);
    contig_channels_unlock(&locked);
}

enum contig_error contig_chan_make(uint64_t element_bytes, uint64_t capacity, uint64_t *channel)
{
    if (!contig_call_allowed(CALL_CHANGES))
        return CONTIG_BAD_STATE;
    if (channel == NULL || element_bytes > CHAN_ELEMENT_BYTES_MAX || capacity > UINT32_MAX)
        return CONTIG_BAD_OPTION;
    unsigned char *buffer = NULL;
    if (capacity * element_bytes != 0 &&
        (buffer = calloc((size_t)capacity, (size_t)element_bytes)) == NULL)
        return CONTIG_OUT_OF_MEMORY;
    uint32_t number = contig_channel_number_take();
    if (number == 0) {
        free(buffer);
        return CONTIG_OUT_OF_MEMORY;
    }
    channel_begin(number, buffer, element_bytes, capacity);
    *channel = number;
    return CONTIG_OK;
}

static void channel_forget(uint32_t channel)
{
    free(memory[channel].buffer);
    memory[channel].buffer = NULL;
    contig_channel_number_give(channel);
}

enum contig_error contig_chan_free(uint64_t channel)
{
    if (!contig_call_allowed(CALL_CHANGES))
        return CONTIG_BAD_STATE;
    if (!contig_chan_is_number(channel))
        return CONTIG_NOT_FOUND;
    enum contig_error error = CONTIG_OK;
    uint32_t number = (uint32_t)channel;
    struct locked_channels locked = {.numbers = &number, .count = 1};
    contig_channels_lock(&locked);
    if (!contig_chan_exists(channel))
        error = CONTIG_NOT_FOUND;
    else if (!channel_free(number))
        error = CONTIG_BAD_STATE;
    else
        channel_forget(number);
    contig_channels_unlock(&locked);
    return error;
}

enum chan_outcome contig_chan_check(const struct g *g, uint64_t channel, uint64_t slot)
{
    const struct goroutine_stack *stack = &g->stack;
    if (channel == 0)
        return CHAN_DONE;
    if (!contig_chan_exists(channel))
        return CHAN_UNKNOWN;
    if (slot < stack->lo || slot >= stack->hi)
        return CHAN_DONE;
    bool inside = slot >= stack->sched.sp && memory[channel].element_bytes <= stack->hi - slot;
    return inside ? CHAN_DONE : CHAN_BAD_SLOT;
}

/* From one slot or place to another; no slot: a zero is sent, and what is received is dropped. */
static void element_copy(uint32_t channel, uint64_t to, uint64_t from)
{
    if (to != 0 && from != 0)
        memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, memory[channel].element_bytes);
    else if (to != 0)
        memset((void *)(uintptr_t)to, 0, memory[channel].element_bytes);
}

/* The goroutine of the row, which was served, will run; a select learns which case it was.  With the lock: nobody else
 * wakes it. */
static void wake(uint32_t row, bool ok)
{
    uint32_t first = offer_first[row];
    struct g *g = contig_g_at(row_record[first]);
    slots[row].element = (struct element){0, 0};
    g->ret = ((uint64_t)ok << 32) | (row - first);
    if (g->wait_reason != CONTIG_WAIT_SELECT)
        g->ret = ok;
    contig_p()->waiting--;
    g->wait_reason = CONTIG_WAIT_NONE;
    contig_g_wake(g);
}

bool contig_chan_finish(struct g *g, enum chan_outcome outcome)
{
    static const char *const sentences[] = {
        [CHAN_SHUT] = "send on closed channel",
        [CHAN_NO_ROOM] = "no room for another goroutine that waits on a channel",
        [CHAN_UNKNOWN] = "operation on a number that is no channel",
        [CHAN_BAD_SLOT] = "slot of a channel operation is not in the used part of the stack",
        [CHAN_CLOSES_NIL] = "close of nil channel",
        [CHAN_CLOSES_TWICE] = "close of closed channel",
        [CHAN_TOO_MANY] = "select of more than 65536 cases",
    };
    return outcome > CHAN_WAITS ? contig_panic_inject(g, sentences[outcome]) : outcome == CHAN_DONE;
}

/* What a send does, once the core has said what it is. */
static bool act_send(struct channel_step step, uint32_t channel, uint64_t slot)
{
    if (step.action == CHANNEL_DIRECT) {
        element_copy(channel, slots[step.row].element.vu, slot);
        wake(step.row, true);
    } else if (step.action == CHANNEL_BUFFERED) {
        element_copy(channel, (uint64_t)(uintptr_t)place_of(channel, step.place), slot);
    }
    return step.action != CHANNEL_SHUT;
}

/* And a receive; true if it got an element that was sent. */
static bool act_receive(struct channel_step step, uint32_t channel, uint64_t slot)
{
    uint64_t place = (uint64_t)(uintptr_t)place_of(channel, step.place);
    if (step.action == CHANNEL_SHUT) {
        element_copy(channel, slot, 0);
        return false;
    }
    if (step.action == CHANNEL_DIRECT) {
        element_copy(channel, slot, slots[step.row].element.vu);
    } else {
        element_copy(channel, slot, place);
        if (step.action == CHANNEL_REFILLED)
            element_copy(channel, place, slots[step.row].element.vu);
    }
    if (step.action != CHANNEL_BUFFERED)
        wake(step.row, true);
    return true;
}

enum chan_outcome contig_chan_act(struct g *g, struct channel_step step, uint32_t channel,
                                  uint64_t slot, bool sends)
{
    g->ret = sends ? act_send(step, channel, slot) : act_receive(step, channel, slot);
    return sends && g->ret == 0 ? CHAN_SHUT : CHAN_DONE;
}

/* Rows for so many cases, which stay with the record; false: there are none. */
bool contig_chan_rows_reserve(struct g *g, uint32_t count)
{
    if (count <= g->wait_rows)
        return true;
    uint32_t rows = 1;
    while (rows < count)
        rows *= 2;
    uint32_t first = contig_chan_rows_take(rows);
    if (first == 0)
        return false;
    g->wait_first = first;
    g->wait_rows = rows;
    row_record[first] = (uint32_t)contig_g_index(g);
    return true;
}

void contig_chan_slot_set(const struct g *g, uint32_t number, uint32_t channel, uint64_t slot)
{
    slots[g->wait_first + number] =
        (struct sudog){.element = {.vu = slot, .vp = slot}, .size = memory[channel].element_bytes};
}

/* CHAN-1: from here on the stack does not shrink, until g has stopped.  False: no memory. */
static bool outside_begin(struct g *g, uint32_t count)
{
    if (g->stack.outside == NULL && contig_outside_own(g) == NULL)
        return false;
    g->parking_on_channel = true;
    g->kept_sudogs = g->stack.outside->sudogs;
    g->stack.outside->sudogs = &slots[g->wait_first];
    g->stack.outside->sudogs_count = count;
    return true;
}

static void outside_end(struct g *g)
{
    g->active_stack_chans = false;
    g->stack.outside->sudogs = g->kept_sudogs;
    g->stack.outside->sudogs_count = 0;
    contig_outside_release(g);
}

/* What is remembered of an offer that waits for these channels, from before it does.  What stays is not written: rows
 * of goroutines on other threads may lie in the same cache line. */
static void offer_note(const struct g *g, const struct locked_channels *locked,
                       const struct select_case *cases, uint32_t count)
{
    uint32_t first = g->wait_first;
    for (uint32_t k = 0; k < count; k++)
        if (row_sends[first + k] != cases[k].sends)
            row_sends[first + k] = cases[k].sends;
    for (uint32_t k = 0; k < locked->count; k++)
        offer_channel[first + k] = locked->numbers[k];
    offer_channels[first] = locked->count;
}

/* Rows of an offer of several begin to wait, or are withdrawn.  With the locks of its channels. */
static void rows_are_shared(const struct g *g, bool begin)
{
    struct locked_channels of = channels_of(g);
    for (uint32_t k = 0; k < of.count; k++)
        memory[of.numbers[k]].shared_rows += begin ? 1 : UINT32_MAX;
}

enum chan_outcome contig_chan_wait(struct g *g, const struct locked_channels *locked,
                                   const struct select_case *cases, uint32_t count,
                                   enum contig_wait_reason reason)
{
    if (!outside_begin(g, count))
        return CHAN_NO_ROOM;
    offer_note(g, locked, cases, count);
    bool waits = offer_wait(cases, count, g->wait_first);
    if (waits && count > 1)
        rows_are_shared(g, true);
    g->active_stack_chans = waits;
    g->parking_on_channel = false;
    if (waits) {
        g->wait_reason = (uint8_t)reason;
        g->offers = true;
        contig_p()->waiting++;
        contig_g_status(g, G_WAITING);
    } else {
        outside_end(g);
    }
    return waits ? CHAN_WAITS : CHAN_NO_ROOM;
}

static enum chan_outcome plain_wait(struct g *g, const struct locked_channels *locked,
                                    uint64_t slot, bool sends)
{
    struct select_case only = {locked->count != 0 ? locked->numbers[0] : 0, sends};
    if (!contig_chan_rows_reserve(g, 1))
        return CHAN_NO_ROOM;
    contig_chan_slot_set(g, 0, only.channel, only.channel != 0 ? slot : 0);
    return contig_chan_wait(g, locked, &only, 1,
                            sends ? CONTIG_WAIT_CHAN_SEND : CONTIG_WAIT_CHAN_RECEIVE);
}

/* With the channel's lock, if there is a channel. */
static enum chan_outcome plain(struct g *g, const struct locked_channels *locked, uint64_t channel,
                               uint64_t slot, bool sends)
{
    enum chan_outcome outcome = contig_chan_check(g, channel, slot);
    uint32_t number = (uint32_t)channel;
    if (outcome != CHAN_DONE)
        return outcome;
    if (number == 0)
        return plain_wait(g, locked, slot, sends);
    struct channel_step step = sends ? channel_send(number) : channel_receive(number);
    return step.action == CHANNEL_BLOCKS ? plain_wait(g, locked, slot, sends)
                                         : contig_chan_act(g, step, number, slot, sends);
}

static bool locked_plain(struct g *g, uint64_t channel, uint64_t slot, bool sends)
{
    uint32_t number = (uint32_t)channel;
    struct locked_channels locked = {.numbers = &number, .count = contig_chan_is_number(channel)};
    contig_channels_lock(&locked);
    enum chan_outcome outcome = plain(g, &locked, channel, slot, sends);
    contig_channels_unlock(&locked);
    return contig_chan_finish(g, outcome);
}

bool contig_chan_send(struct g *g, uint64_t channel, uint64_t slot)
{
    return locked_plain(g, channel, slot, true);
}

bool contig_chan_receive(struct g *g, uint64_t channel, uint64_t slot)
{
    return locked_plain(g, channel, slot, false);
}

/* CHAN-8: who waited to receive gets a zero, who waited to send panics when it runs. */
static void close_open(uint32_t channel)
{
    for (uint32_t row = channel_close(channel); row != 0; row = channel_close(channel)) {
        if (!row_sends[row])
            element_copy(channel, slots[row].element.vu, 0);
        wake(row, false);
    }
}

static enum chan_outcome close_locked(uint64_t channel)
{
    uint32_t number = (uint32_t)channel;
    struct locked_channels locked = {.numbers = &number, .count = contig_chan_is_number(channel)};
    contig_channels_lock(&locked);
    enum chan_outcome outcome = channel == 0                               ? CHAN_CLOSES_NIL
                                : !contig_chan_exists(channel)             ? CHAN_UNKNOWN
                                : channel_state[channel] == CHANNEL_CLOSED ? CHAN_CLOSES_TWICE
                                                                           : CHAN_DONE;
    if (outcome == CHAN_DONE)
        close_open(number);
    contig_channels_unlock(&locked);
    return outcome;
}

enum contig_error contig_chan_close(uint64_t channel)
{
    if (!contig_call_allowed(CALL_CHANGES))
        return CONTIG_BAD_STATE;
    enum chan_outcome outcome = close_locked(channel);
    return outcome == CHAN_DONE           ? CONTIG_OK
           : outcome == CHAN_CLOSES_TWICE ? CONTIG_PANICKED
                                          : CONTIG_NOT_FOUND;
}

bool contig_chan_close_by(struct g *g, uint64_t channel)
{
    return contig_chan_finish(g, close_locked(channel));
}

/* An offer of one row has left its channel when it was served: nobody else knows it any more. */
static void withdraw(const struct g *g)
{
    struct locked_channels locked = channels_of(g);
    if (offer_count[g->wait_first] == 1) {
        offer_withdraw(g->wait_first);
        return;
    }
    contig_channels_lock(&locked);
    offer_withdraw(g->wait_first);
    rows_are_shared(g, false);
    contig_channels_unlock(&locked);
}

bool contig_chan_resume(struct g *g)
{
    uint32_t first = g->wait_first;
    bool shut = offer_state[first] == OFFER_CLOSED && row_sends[offer_served[first]];
    withdraw(g);
    g->offers = false;
    outside_end(g);
    return contig_chan_finish(g, shut ? CHAN_SHUT : CHAN_DONE);
}

bool contig_chan_ok(void)
{
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        const struct g *g = contig_g_at(i);
        if (g->offers && (offer_state[g->wait_first] == OFFER_NONE ||
                          (offer_state[g->wait_first] == OFFER_OPEN) != (g->status == G_WAITING)))
            return false;
    }
    return channels_ok(contig_chan_rows_end(), contig_channels_end());
}

void contig_chan_stop(void)
{
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        struct g *g = contig_g_at(i);
        if (g->offers)
            offer_withdraw(g->wait_first);
    }
    for (uint32_t channel = 1; channel < contig_channels_end(); channel++) {
        if (channel_state[channel] != CHANNEL_FREE && channel_free(channel))
            channel_forget(channel);
        memory[channel].shared_rows = 0;
    }
    contig_chan_numbers_stop();
}
