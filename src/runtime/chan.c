/* chan.c: channels: their memory, sends, receives and closes, and goroutines that wait for them.
 *
 * src/core/chan decides; here are the buffers, the slots that elements are copied from and to, and who is woken.
 * CHAN-1..CHAN-10; Go 1.19 runtime/chan.go. */
#include "src/runtime/chan.h"
#include "src/runtime/panic.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/chan/channel_check.h"

/* A channel's buffer, and the next free channel of those that were given back. */
static struct {
    unsigned char *buffer;
    uint32_t element_bytes;
    uint32_t next_free;
} memory[CHANNELS_MAX];
static uint32_t channels_made, first_free;

/* Of each row that waits: the slot, the goroutine's record, and whether it sends. */
static struct sudog slots[WAIT_ROWS_MAX];
static uint32_t row_record[WAIT_ROWS_MAX];
static bool row_sends[WAIT_ROWS_MAX];
static uint32_t rows_made;

bool contig_chan_exists(uint64_t channel)
{
    return channel > 0 && channel <= channels_made && channel_state[channel] != CHANNEL_FREE;
}

static unsigned char *place_of(uint32_t channel, uint32_t place)
{
    return memory[channel].buffer + (size_t)place * memory[channel].element_bytes;
}

/* A number that no channel has; 0: there is none. */
static uint32_t number_take(void)
{
    uint32_t number = first_free;
    if (number == 0 && channels_made < CHANNELS_MAX - 1)
        number = ++channels_made;
    first_free = memory[number].next_free;
    memory[number].next_free = 0;
    return number;
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
    contig_lock_channels(NULL, 0);
    uint32_t number = number_take();
    if (number != 0) {
        memory[number].buffer = buffer;
        memory[number].element_bytes = (uint32_t)element_bytes;
        channel_make(number, (uint32_t)capacity);
    }
    contig_unlock_channels();
    if (number == 0)
        free(buffer);
    else
        *channel = number;
    return number == 0 ? CONTIG_OUT_OF_MEMORY : CONTIG_OK;
}

static void channel_forget(uint32_t channel)
{
    free(memory[channel].buffer);
    memory[channel].buffer = NULL;
    memory[channel].next_free = first_free;
    first_free = channel;
}

enum contig_error contig_chan_free(uint64_t channel)
{
    if (!contig_call_allowed(CALL_CHANGES))
        return CONTIG_BAD_STATE;
    enum contig_error error = CONTIG_OK;
    contig_lock_channels(NULL, 0);
    if (!contig_chan_exists(channel))
        error = CONTIG_NOT_FOUND;
    else if (!channel_free((uint32_t)channel))
        error = CONTIG_BAD_STATE;
    else
        channel_forget((uint32_t)channel);
    contig_unlock_channels();
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
    if (rows >= WAIT_ROWS_MAX - rows_made)
        return false;
    g->wait_first = rows_made + 1;
    g->wait_rows = rows;
    rows_made += rows;
    row_record[g->wait_first] = (uint32_t)contig_g_index(g);
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

enum chan_outcome contig_chan_wait(struct g *g, const struct select_case *cases, uint32_t count,
                                   enum contig_wait_reason reason)
{
    if (!outside_begin(g, count))
        return CHAN_NO_ROOM;
    for (uint32_t k = 0; k < count; k++)
        row_sends[g->wait_first + k] = cases[k].sends;
    bool waits = offer_wait(cases, count, g->wait_first);
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

static enum chan_outcome plain_wait(struct g *g, uint32_t channel, uint64_t slot, bool sends)
{
    struct select_case only = {channel, sends};
    if (!contig_chan_rows_reserve(g, 1))
        return CHAN_NO_ROOM;
    contig_chan_slot_set(g, 0, channel, slot);
    return contig_chan_wait(g, &only, 1, sends ? CONTIG_WAIT_CHAN_SEND : CONTIG_WAIT_CHAN_RECEIVE);
}

/* With the channel's lock, if there is a channel. */
static enum chan_outcome plain(struct g *g, uint64_t channel, uint64_t slot, bool sends)
{
    enum chan_outcome outcome = contig_chan_check(g, channel, slot);
    uint32_t number = (uint32_t)channel;
    if (outcome != CHAN_DONE)
        return outcome;
    if (number == 0)
        return plain_wait(g, 0, 0, sends);
    struct channel_step step = sends ? channel_send(number) : channel_receive(number);
    return step.action == CHANNEL_BLOCKS ? plain_wait(g, number, slot, sends)
                                         : contig_chan_act(g, step, number, slot, sends);
}

static bool locked_plain(struct g *g, uint64_t channel, uint64_t slot, bool sends)
{
    uint32_t number = (uint32_t)channel;
    contig_lock_channels(&number, 1);
    enum chan_outcome outcome = plain(g, channel, slot, sends);
    contig_unlock_channels();
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
    contig_lock_channels(&number, 1);
    enum chan_outcome outcome = channel == 0                               ? CHAN_CLOSES_NIL
                                : !contig_chan_exists(channel)             ? CHAN_UNKNOWN
                                : channel_state[channel] == CHANNEL_CLOSED ? CHAN_CLOSES_TWICE
                                                                           : CHAN_DONE;
    if (outcome == CHAN_DONE)
        close_open(number);
    contig_unlock_channels();
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

bool contig_chan_resume(struct g *g)
{
    uint32_t first = g->wait_first;
    contig_lock_channels(NULL, 0);
    bool shut = offer_state[first] == OFFER_CLOSED && row_sends[offer_served[first]];
    offer_withdraw(first);
    contig_unlock_channels();
    g->offers = false;
    outside_end(g);
    return contig_chan_finish(g, shut ? CHAN_SHUT : CHAN_DONE);
}

uint32_t contig_chan_rows_list(const struct g *g, uint32_t *channels)
{
    uint32_t count = 0;
    for (uint32_t row = g->wait_first; row < g->wait_first + offer_count[g->wait_first]; row++)
        if (wait_queue[row] != 0)
            channels[count++] = wait_queue[row] % CHANNELS_MAX;
    return count;
}

bool contig_chan_ok(void)
{
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        const struct g *g = contig_g_at(i);
        if (g->offers && (offer_state[g->wait_first] == OFFER_NONE ||
                          (offer_state[g->wait_first] == OFFER_OPEN) != (g->status == G_WAITING)))
            return false;
    }
    return channels_ok(rows_made + 1, channels_made + 1);
}

void contig_chan_stop(void)
{
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        struct g *g = contig_g_at(i);
        if (g->offers)
            offer_withdraw(g->wait_first);
    }
    for (uint32_t channel = 1; channel <= channels_made; channel++) {
        if (channel_state[channel] != CHANNEL_FREE && channel_free(channel))
            channel_forget(channel);
        memory[channel].next_free = 0;
    }
    channels_made = first_free = rows_made = 0;
}
