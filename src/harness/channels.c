/* channels.c: see channels.h.
 *
 * An operation is looked at before and after the runtime does it.  Nothing else happens in between, unless it waits. */
#include "src/harness/channels.h"

#include "src/core/chan/channel.h"
#include "src/harness/parties.h"

#define BUFFER_MAX 256u
#define NO_CASE FRAME_CASES_MAX

static struct channel {
    uint64_t id;
    uint32_t capacity, count;
    uint64_t words[BUFFER_MAX]; /* the oldest first */
    bool closed;
} channels[SCRIPT_CHANNELS_MAX];
static uint32_t channels_made;

struct party parties[SCRIPT_GOROUTINES_MAX];
static uint64_t tickets;
static struct party *proceeding; /* its operation is being done */

static uint32_t waits_until; /* so many waits until tickets are used up; 0: they never are */
static void (*report)(const char *wrong);

void channels_begin(bool unmap, uint32_t waits, void (*found)(const char *wrong))
{
    waits_until = waits;
    tickets = 0;
    beside_begin(unmap);
    report = found;
    channels_made = 0;
    proceeding = NULL;
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        parties[i] = (struct party){.phase = PARTY_NONE};
}

static void expect(bool good, const char *wrong)
{
    if (!good)
        report(wrong);
}

static struct channel *channel_of(const struct frame_case *at)
{
    return at->channel == OPERAND_NIL_CHANNEL ? NULL : &channels[at->channel];
}

/* --- who waits --- */

/* The first of its cases for the channel, or NO_CASE. */
static uint32_t case_for(const struct party *party, const struct channel *channel, bool sends)
{
    const struct frame_offer *offer = &party->context->offer;
    for (uint32_t k = 0; k < offer->count; k++)
        if (channel_of(&offer->cases[k]) == channel && offer->cases[k].sends == sends)
            return k;
    return NO_CASE;
}

static struct party *first_waiting(const struct channel *channel, bool sends)
{
    struct party *first = NULL;
    for (struct party *party = parties; party < parties + SCRIPT_GOROUTINES_MAX; party++)
        if (party->phase == PARTY_WAITS && (first == NULL || party->ticket < first->ticket) &&
            case_for(party, channel, sends) != NO_CASE)
            first = party;
    return first;
}

static bool can_proceed(const struct frame_case *at)
{
    const struct channel *channel = channel_of(at);
    if (channel == NULL)
        return false;
    if (channel->closed || first_waiting(channel, !at->sends) != NULL)
        return true;
    return at->sends ? channel->count < channel->capacity : channel->count != 0;
}

static bool any_can_proceed(const struct frame_offer *offer)
{
    for (uint32_t k = 0; k < offer->count; k++)
        if (can_proceed(&offer->cases[k]))
            return true;
    return false;
}

/* Whether the operation may read or write this party's slots. */
static bool takes_part(const struct party *party)
{
    if (party == proceeding)
        return true;
    for (uint32_t k = 0; k < proceeding->context->offer.count; k++) {
        const struct frame_case *at = &proceeding->context->offer.cases[k];
        if (channel_of(at) != NULL && party == first_waiting(channel_of(at), !at->sends))
            return true;
    }
    return false;
}

static bool waits_for(const struct party *party, const struct channel *channel)
{
    return party->phase == PARTY_WAITS && (case_for(party, channel, false) != NO_CASE ||
                                           case_for(party, channel, true) != NO_CASE);
}

/* The words beside the stacks of all that take part in an operation, or wait for a channel that is closed. */
static bool borrow(const struct channel *closes)
{
    bool part[SCRIPT_GOROUTINES_MAX];
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        part[i] = closes != NULL ? waits_for(&parties[i], closes) : takes_part(&parties[i]);
    return beside_borrow(part);
}

/* CHAN-1, CHAN-2, CHAN-4 */
void channels_moved(uint32_t number)
{
    struct party *party = &parties[number];
    const char *wrong = party->phase == PARTY_NONE ? NULL : beside_moved(party);
    expect(wrong == NULL, wrong);
}

/* --- what is done --- */

/* The word arrives in the shadow, and must have arrived in the slot. */
static void deliver(struct party *party, uint32_t number, bool ok, uint64_t word)
{
    const struct frame_case *at = &party->context->offer.cases[number];
    party->chosen = number;
    party->ok = ok;
    if (at->sends || at->slot == SLOT_NONE)
        return;
    if (at->slot == SLOT_IN_FRAME)
        *word_at(at->shadow) = word;
    expect(*word_at(slot_now(party, at)) == word, "what was received is not what was sent");
}

static void serve(struct party *party, uint32_t number, bool ok, uint64_t word)
{
    party->phase = PARTY_SERVED;
    deliver(party, number, ok, word);
}

static void buffer_put(struct channel *channel, uint64_t word)
{
    channel->words[channel->count++] = word;
}

static uint64_t buffer_take(struct channel *channel)
{
    uint64_t word = channel->words[0];
    channel->count--;
    for (uint32_t i = 0; i < channel->count; i++)
        channel->words[i] = channel->words[i + 1];
    return word;
}

/* What a slot that sends held when its operation began; nothing is sent from no slot but a zero. */
static uint64_t word_sent(const struct frame_case *at)
{
    return at->slot == SLOT_NONE ? 0 : at->word;
}

static void do_send(struct party *party, uint32_t number)
{
    const struct frame_case *at = &party->context->offer.cases[number];
    struct channel *channel = channel_of(at);
    struct party *receiver = first_waiting(channel, false);
    expect(!channel->closed, "a send on a closed channel did not panic");
    if (receiver != NULL)
        serve(receiver, case_for(receiver, channel, false), true, word_sent(at));
    else if (channel->count < channel->capacity)
        buffer_put(channel, word_sent(at));
    deliver(party, number, true, 0);
}

static void do_receive(struct party *party, uint32_t number)
{
    struct channel *channel = channel_of(&party->context->offer.cases[number]);
    struct party *sender = first_waiting(channel, true);
    bool ok = sender != NULL || channel->count != 0;
    uint64_t word = 0;
    if (channel->count != 0)
        word = buffer_take(channel);
    if (sender != NULL) {
        uint32_t k = case_for(sender, channel, true);
        uint64_t sent = word_sent(&sender->context->offer.cases[k]);
        if (channel->capacity == 0)
            word = sent;
        else
            buffer_put(channel, sent);
        serve(sender, k, true, 0);
    }
    deliver(party, number, ok, word);
}

/* Receivers get a zero; who waits to send panics; who waits for both received. */
static void do_close(struct channel *channel)
{
    channel->closed = true;
    for (struct party *party = parties; party < parties + SCRIPT_GOROUTINES_MAX; party++) {
        if (!waits_for(party, channel))
            continue;
        uint32_t receive = case_for(party, channel, false);
        if (receive != NO_CASE)
            serve(party, receive, false, 0);
        else
            party->phase = PARTY_SHUT;
    }
}

/* --- operations --- */

/* The runtime's numbers of the channels. */
static void arguments_set(struct frame_context *context)
{
    const struct frame_offer *offer = &context->offer;
    bool has_default = offer->code == OPERATION_SELECT_DEFAULT;
    for (uint32_t k = 0; k < offer->count; k++) {
        const struct frame_case *at = &offer->cases[k];
        context->select_cases[k] = (struct contig_select_case){
            .channel = channel_of(at) == NULL ? 0 : channel_of(at)->id,
            .slot = at->slot == SLOT_NONE ? 0 : at->address,
            .sends = at->sends,
        };
    }
    context->offer_arguments[0] = context->select_cases[0].channel;
    context->offer_arguments[1] = context->select_cases[0].slot;
    if (offer->code != OPERATION_SELECT && !has_default)
        return;
    context->offer_arguments[0] = (uint64_t)(uintptr_t)context->select_cases;
    context->offer_arguments[1] = offer->count | (has_default ? CONTIG_SELECT_DEFAULT : 0);
}

static bool tickets_are_used_up(void)
{
    return waits_until != 0 && tickets >= waits_until;
}

/* Whoever waits last for one of the cases has the last ticket. */
static void tickets_use_up(const struct frame_offer *offer)
{
    for (uint32_t k = 0; k < offer->count; k++) {
        const struct channel *channel = channel_of(&offer->cases[k]);
        uint32_t id = channel == NULL ? 0 : (uint32_t)channel->id,
                 last = queue_last[offer->cases[k].sends ? SENDERS(id) : RECEIVERS(id)];
        if (id != 0 && last != 0)
            wait_ticket[last] = UINT64_MAX;
    }
}

/* CHAN-5, CHAN-6, CHAN-7, CHAN-9 */
bool channels_offer_begins(uint32_t number, struct frame_context *context)
{
    struct party *party = &parties[number];
    struct frame_offer *offer = &context->offer;
    expect(proceeding == NULL, "an operation that can proceed waits");
    if (channels_made == 0)
        return false;
    for (uint32_t k = 0; k < offer->count; k++)
        if (offer->cases[k].channel != OPERAND_NIL_CHANNEL)
            offer->cases[k].channel %= (uint8_t)channels_made;
    party->g = contig_g_running();
    party->context = context;
    beside_find(party);
    arguments_set(context);
    bool closes = offer->code == OPERATION_CHAN_CLOSE;
    if (!closes && offer->code != OPERATION_SELECT_DEFAULT && !any_can_proceed(offer)) {
        party->phase = PARTY_WAITS;
        party->ticket = tickets++;
        if (tickets_are_used_up())
            tickets_use_up(offer);
        return true;
    }
    proceeding = party;
    party->phase = PARTY_PROCEEDS;
    if (borrow(closes ? channel_of(&offer->cases[0]) : NULL))
        return true;
    proceeding = NULL;
    party->phase = PARTY_NONE;
    return false;
}

/* The case that the runtime took for a party that did not wait. */
static void select_proceeded(struct party *party, uint64_t result)
{
    const struct frame_offer *offer = &party->context->offer;
    uint32_t chosen = (uint32_t)result;
    bool selects = offer->code == OPERATION_SELECT || offer->code == OPERATION_SELECT_DEFAULT;
    if (result == CONTIG_SELECT_DEFAULT && offer->code == OPERATION_SELECT_DEFAULT) {
        expect(!any_can_proceed(offer), "a select with a default leaves a case that can proceed");
        return;
    }
    if (!selects)
        chosen = 0;
    if (chosen >= offer->count || !can_proceed(&offer->cases[chosen])) {
        report("an operation proceeds that should wait");
        return;
    }
    if (offer->cases[chosen].sends)
        do_send(party, chosen);
    else
        do_receive(party, chosen);
}

static void result_check(const struct party *party, uint64_t result)
{
    const struct frame_offer *offer = &party->context->offer;
    if (offer->code == OPERATION_CHAN_RECEIVE)
        expect(result == party->ok, "a receive does not say whether its word was sent");
    if (offer->code == OPERATION_SELECT ||
        (offer->code == OPERATION_SELECT_DEFAULT && result != CONTIG_SELECT_DEFAULT))
        expect(result == ((uint64_t)party->ok << 32 | party->chosen),
               "a select does not say what was done");
}

/* CHAN-5, CHAN-6, CHAN-7, CHAN-9 */
void channels_offer_ended(uint32_t number)
{
    struct party *party = &parties[number];
    uint64_t result = party->context->offer_result;
    const struct frame_case *first = &party->context->offer.cases[0];
    if (party->phase != PARTY_PROCEEDS) {
        expect(party->phase == PARTY_SERVED, "a goroutine goes on that nobody served");
        result_check(party, result);
    } else if (party->context->offer.code != OPERATION_CHAN_CLOSE) {
        select_proceeded(party, result);
        result_check(party, result);
    } else if (channel_of(first) == NULL || channel_of(first)->closed) {
        report("a close of a nil or closed channel did not panic");
    } else {
        do_close(channel_of(first));
    }
    beside_return();
    party->phase = PARTY_NONE;
    proceeding = NULL;
}

static bool may_panic(const struct party *party)
{
    const struct frame_offer *offer = &party->context->offer;
    if (party->phase != PARTY_PROCEEDS)
        return party->phase == PARTY_SHUT || (party->phase == PARTY_WAITS && tickets_are_used_up());
    for (uint32_t k = 0; k < offer->count; k++) {
        const struct channel *channel = channel_of(&offer->cases[k]);
        bool closes = offer->code == OPERATION_CHAN_CLOSE;
        if (channel == NULL ? closes : channel->closed && (closes || offer->cases[k].sends))
            return true;
    }
    return false;
}

void channels_panicked(uint32_t number)
{
    struct party *party = &parties[number];
    expect(may_panic(party), "a goroutine panicked that should not");
    beside_return();
    party->phase = PARTY_NONE;
    proceeding = NULL;
}

/* CHAN-10 */
void channels_make(uint32_t capacity)
{
    if (channels_made == SCRIPT_CHANNELS_MAX)
        return;
    struct channel *channel = &channels[channels_made++];
    channel->capacity = capacity;
    channel->count = 0;
    channel->closed = false;
    expect(contig_chan_make(8, capacity, &channel->id) == CONTIG_OK, "a channel cannot be made");
}

static void close_from_outside(struct channel *channel)
{
    if (channel->closed) {
        expect(contig_chan_close(channel->id) == CONTIG_PANICKED, "a channel was closed twice");
        return;
    }
    if (!borrow(channel))
        return;
    expect(contig_chan_close(channel->id) == CONTIG_OK, "a channel cannot be closed");
    do_close(channel);
    beside_return();
}

/* CHAN-8 */
void channels_close(uint8_t operand)
{
    if (operand == OPERAND_NIL_CHANNEL)
        expect(contig_chan_close(0) == CONTIG_NOT_FOUND, "a nil channel was closed");
    else if (channels_made != 0)
        close_from_outside(&channels[operand % channels_made]);
}

static bool anybody_waits_for(const struct channel *channel)
{
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        if (waits_for(&parties[i], channel))
            return true;
    return false;
}

void channels_close_all(void)
{
    for (uint32_t i = 0; i < channels_made; i++) {
        if (channels[i].closed)
            continue;
        expect(!anybody_waits_for(&channels[i]) ||
                   contig_chan_free(channels[i].id) == CONTIG_BAD_STATE,
               "a channel is freed for which a goroutine waits");
        close_from_outside(&channels[i]);
    }
}

void channels_free_all(void)
{
    for (uint32_t i = 0; i < channels_made; i++)
        expect(anybody_waits_for(&channels[i]) || contig_chan_free(channels[i].id) == CONTIG_OK,
               "a channel is not freed though nobody waits for it");
}

void channels_look(void)
{
    expect(proceeding == NULL, "an operation that can proceed waits");
    for (const struct party *party = parties; party < parties + SCRIPT_GOROUTINES_MAX; party++) {
        if (party->phase == PARTY_NONE)
            continue;
        enum g_status status = contig_g_see(party->g).status;
        expect(party->phase == PARTY_WAITS ? status == G_WAITING : status != G_WAITING,
               party->phase == PARTY_WAITS ? "a goroutine was woken that nobody served"
                                           : "a goroutine was served and waits");
    }
}

bool channels_waits(uint32_t number)
{
    return parties[number].phase == PARTY_WAITS;
}

uint32_t channels_waiting(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < SCRIPT_GOROUTINES_MAX; i++)
        count += channels_waits(i);
    return count;
}
