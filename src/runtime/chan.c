/* chan.c: sends, receives and closes, and goroutines that wait for channels.
 *
 * src/core/chan decides; here are the slots that elements are copied from and to, and who is woken.  CHAN-1..CHAN-9; Go
 * 1.19 runtime/chan.go. */
#include "src/runtime/chan_lock.h"
#include "src/runtime/panic.h"

#include <string.h>

/* Of each row that waits: the slot, and whether it sends; of an offer's first row: the goroutine. */
static struct sudog slots[WAIT_ROWS_MAX];
static bool row_sends[WAIT_ROWS_MAX];
static struct g *offer_g[WAIT_ROWS_MAX];

/* The channels of an offer, in ascending order, each once, at its first rows; and how many, at its first one. */
static uint32_t offer_channel[WAIT_ROWS_MAX];
static uint32_t offer_channels[WAIT_ROWS_MAX];

/* What g waits for, as contig_chan_wait left it. */
static struct locked_channels channels_of(const struct g *g)
{
    return (struct locked_channels){.numbers = &offer_channel[g->wait_first],
                                    .count = offer_channels[g->wait_first]};
}

void contig_chan_lock_for_move(const struct g *g)
{
    struct locked_channels locked = channels_of(g);
    contig_channels_lock_to_move(&locked);
}

void contig_chan_unlock_after_move(const struct g *g)
{
    struct locked_channels locked = channels_of(g);
    contig_channels_unlock(&locked);
}

static unsigned char *place_of(uint32_t channel, uint64_t place)
{
    return contig_channel_memory[channel].buffer +
           place * contig_channel_memory[channel].element_bytes;
}

/* The channel is a number that may be one's. */
static inline enum chan_outcome check(const struct g *g, uint32_t channel, uint64_t slot)
{
    const struct goroutine_stack *stack = &g->stack;
    if (channel_state[channel] == CHANNEL_FREE)
        return CHAN_UNKNOWN;
    if (slot < stack->lo || slot >= stack->hi)
        return CHAN_DONE;
    bool inside =
        slot >= stack->sched.sp && contig_channel_memory[channel].element_bytes <= stack->hi - slot;
    return inside ? CHAN_DONE : CHAN_BAD_SLOT;
}

enum chan_outcome contig_chan_check(const struct g *g, uint64_t channel, uint64_t slot)
{
    if (channel == 0)
        return CHAN_DONE;
    return contig_chan_is_number(channel) ? check(g, (uint32_t)channel, slot) : CHAN_UNKNOWN;
}

/* From one slot or place to another; no slot: a zero is sent, and what is received is dropped. */
static inline void element_copy(uint32_t channel, uint64_t to, uint64_t from)
{
    uint32_t bytes = contig_channel_memory[channel].element_bytes;
    if (to == 0)
        return;
    if (from == 0)
        memset((void *)(uintptr_t)to, 0, bytes);
    else if (bytes == sizeof(uint64_t))
        memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, sizeof(uint64_t));
    else
        memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, bytes);
}

/* The goroutine of the row, which was served, will run; a select learns which case it was.  With the lock: nobody else
 * wakes it. */
static inline void wake(uint32_t row, bool ok)
{
    uint32_t first = offer_first[row];
    struct g *g = offer_g[first];
    slots[row].element = (struct element){0, 0};
    g->ret = ((uint64_t)ok << 32) | (row - first);
    if (g->wait_reason != CONTIG_WAIT_SELECT)
        g->ret = ok;
    contig_p()->waiting--;
    g->wait_reason = CONTIG_WAIT_NONE;
    if (contig_threads)
        contig_g_wake(g);
    else
        contig_runq_put(contig_p(), g);
}

bool contig_chan_panics(struct g *g, enum chan_outcome outcome)
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
    return contig_panic_inject(g, sentences[outcome]);
}

/* What a send does, once the core has said what it is. */
static inline bool act_send(struct channel_step step, uint32_t channel, uint64_t slot)
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
static inline bool act_receive(struct channel_step step, uint32_t channel, uint64_t slot)
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

static inline enum chan_outcome act(struct g *g, struct channel_step step, uint32_t channel,
                                    uint64_t slot, bool sends)
{
    g->ret = sends ? act_send(step, channel, slot) : act_receive(step, channel, slot);
    return sends && g->ret == 0 ? CHAN_SHUT : CHAN_DONE;
}

enum chan_outcome contig_chan_act(struct g *g, struct channel_step step, uint32_t channel,
                                  uint64_t slot, bool sends)
{
    return act(g, step, channel, slot, sends);
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
    offer_g[first] = g;
    return true;
}

void contig_chan_slot_set(const struct g *g, uint32_t number, uint32_t channel, uint64_t slot)
{
    slots[g->wait_first + number] = (struct sudog){
        .element = {.vu = slot, .vp = slot}, .size = contig_channel_memory[channel].element_bytes};
}

/* CHAN-1: from here on the stack does not shrink, until g has stopped.  False: no memory. */
static inline bool outside_begin(struct g *g, uint32_t count)
{
    if (g->stack.outside == NULL && contig_outside_own(g) == NULL)
        return false;
    g->parking_on_channel = true;
    g->kept_sudogs = g->stack.outside->sudogs;
    g->stack.outside->sudogs = &slots[g->wait_first];
    g->stack.outside->sudogs_count = count;
    return true;
}

static inline void outside_end(struct g *g)
{
    g->active_stack_chans = false;
    g->stack.outside->sudogs = g->kept_sudogs;
    g->stack.outside->sudogs_count = 0;
    contig_outside_release(g);
}

/* What stays is not written: rows of goroutines on other threads may lie in the same cache line. */
static inline void row_note(uint32_t row, bool sends)
{
    if (row_sends[row] != sends)
        row_sends[row] = sends;
}

/* What is remembered of an offer that waits for these channels, from before it does. */
static void offer_note(const struct g *g, const struct locked_channels *locked,
                       const struct select_case *cases, uint32_t count)
{
    uint32_t first = g->wait_first;
    for (uint32_t k = 0; k < count; k++)
        row_note(first + k, cases[k].sends);
    for (uint32_t k = 0; k < locked->count; k++)
        offer_channel[first + k] = locked->numbers[k];
    offer_channels[first] = locked->count;
}

/* Rows of an offer of several begin to wait, or are withdrawn.  With the locks of its channels. */
static void rows_are_shared(const struct g *g, bool begin)
{
    struct locked_channels of = channels_of(g);
    for (uint32_t k = 0; k < of.count; k++)
        contig_channel_memory[of.numbers[k]].shared_rows += begin ? 1 : UINT32_MAX;
}

/* The offer of g waits, or there was no room for it. */
static inline enum chan_outcome offered(struct g *g, bool waits, enum contig_wait_reason reason)
{
    g->active_stack_chans = waits;
    g->parking_on_channel = false;
    if (!waits) {
        outside_end(g);
        return CHAN_NO_ROOM;
    }
    g->wait_reason = (uint8_t)reason;
    g->offers = true;
    contig_p()->waiting++;
    contig_g_status(g, G_WAITING);
    return CHAN_WAITS;
}

enum chan_outcome contig_chan_wait(struct g *g, const struct locked_channels *locked,
                                   const struct select_case *cases, uint32_t count)
{
    if (!outside_begin(g, count))
        return CHAN_NO_ROOM;
    offer_note(g, locked, cases, count);
    bool waits = offer_wait(cases, count, g->wait_first);
    if (waits && count > 1)
        rows_are_shared(g, true);
    return offered(g, waits, CONTIG_WAIT_SELECT);
}

/* For the channel, or for none at all.  With the channel's lock. */
static enum chan_outcome plain_wait(struct g *g, uint32_t channel, uint64_t slot, bool sends,
                                    bool at_once)
{
    const struct select_case only = {channel, sends};
    if (!contig_chan_rows_reserve(g, 1) || !outside_begin(g, 1))
        return CHAN_NO_ROOM;
    if (at_once)
        contig_control_save(g);
    uint32_t row = g->wait_first;
    contig_chan_slot_set(g, 0, channel, channel != 0 ? slot : 0);
    row_note(row, sends);
    offer_channel[row] = channel;
    offer_channels[row] = channel != 0;
    return offered(g, offer_wait(&only, 1, row),
                   sends ? CONTIG_WAIT_CHAN_SEND : CONTIG_WAIT_CHAN_RECEIVE);
}

/* With the channel's lock. */
static inline enum chan_outcome plain(struct g *g, uint32_t channel, uint64_t slot, bool sends,
                                      bool at_once)
{
    enum chan_outcome outcome = check(g, channel, slot);
    if (outcome != CHAN_DONE)
        return outcome;
    struct channel_step step = sends ? channel_send(channel) : channel_receive(channel);
    return step.action == CHANNEL_BLOCKS ? plain_wait(g, channel, slot, sends, at_once)
                                         : act(g, step, channel, slot, sends);
}

/* Where it fails nothing has changed. */
static inline enum chan_outcome operate(struct g *g, uint64_t channel, uint64_t slot, bool sends,
                                        bool at_once)
{
    if (!contig_chan_is_number(channel))
        return channel == 0 ? plain_wait(g, 0, 0, sends, at_once) : CHAN_UNKNOWN;
    bool offers = contig_channel_lock((uint32_t)channel);
    enum chan_outcome outcome = plain(g, (uint32_t)channel, slot, sends, at_once);
    contig_channel_unlock((uint32_t)channel, offers);
    return outcome;
}

bool contig_chan_send(struct g *g, uint64_t channel, uint64_t slot)
{
    return contig_chan_finish(g, operate(g, channel, slot, true, false));
}

bool contig_chan_receive(struct g *g, uint64_t channel, uint64_t slot)
{
    return contig_chan_finish(g, operate(g, channel, slot, false, false));
}

enum chan_outcome contig_chan_send_at_once(struct g *g, uint64_t channel, uint64_t slot)
{
    return contig_chan_at_once() ? operate(g, channel, slot, true, true) : CHAN_ASKS;
}

enum chan_outcome contig_chan_receive_at_once(struct g *g, uint64_t channel, uint64_t slot)
{
    return contig_chan_at_once() ? operate(g, channel, slot, false, true) : CHAN_ASKS;
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
    if (!contig_chan_is_number(channel))
        return channel == 0 ? CHAN_CLOSES_NIL : CHAN_UNKNOWN;
    uint32_t number = (uint32_t)channel;
    bool offers = contig_channel_lock(number);
    enum chan_outcome outcome = channel_state[number] == CHANNEL_FREE     ? CHAN_UNKNOWN
                                : channel_state[number] == CHANNEL_CLOSED ? CHAN_CLOSES_TWICE
                                                                          : CHAN_DONE;
    if (outcome == CHAN_DONE)
        close_open(number);
    contig_channel_unlock(number, offers);
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
