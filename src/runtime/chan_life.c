/* chan_life.c: channels from contig_chan_make to contig_chan_free.  CHAN-10. */
#include "src/runtime/chan_lock.h"

#include <stdlib.h>

#include "src/core/chan/channel_check.h"

static void channel_begin(uint32_t number, unsigned char *buffer, uint64_t element_bytes,
                          uint64_t capacity)
{
    bool offers = contig_channel_lock(number);
    contig_channel_memory[number].buffer = buffer;
    contig_channel_memory[number].element_bytes = (uint32_t)element_bytes;
    channel_make(number, (uint32_t)capacity);
    contig_channel_unlock(number, offers);
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
    free(contig_channel_memory[channel].buffer);
    contig_channel_memory[channel].buffer = NULL;
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
    bool offers = contig_channel_lock(number);
    if (channel_state[number] == CHANNEL_FREE)
        error = CONTIG_NOT_FOUND;
    else if (!channel_free(number))
        error = CONTIG_BAD_STATE;
    else
        channel_forget(number);
    contig_channel_unlock(number, offers);
    return error;
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
        contig_channel_memory[channel].shared_rows = 0;
    }
    contig_chan_numbers_stop();
}
