/* chan_stress_test.c: random graphs of goroutines and channels, in which every message is counted.
 *
 * Each goroutine chooses its next operation by chance, when it asks for it: sends, receives and selects over the
 * channels of its graph, and recursion, so that its stack grows.  Stacks are forced to move, and collections shrink
 * those that wait.  A message names its sender and its number: each must arrive once, and those of one sender on one
 * channel in the order in which they were sent.  When the last sender is done, all channels are closed. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "src/testing/started.h"

#define GRAPHS 200u
#define CHANNELS 6u
#define SENDERS 12u
#define RECEIVERS 12u
#define MESSAGES 40u /* of each sender */
#define HELP 16u     /* operations of a helper */
#define LEVELS_MAX 60u

/* A message: sender, number, channel; never 0. */
#define MESSAGE(sender, number, channel) \
    ((uint64_t)(sender) << 32 | (uint64_t)(number) << 8 | (channel) | UINT64_C(1) << 63)

struct member {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint32_t number, sent;
    uint32_t closed; /* bit k: channel k is closed and empty */
    uint32_t helps;  /* operations that are left to a helper */
    bool sends, helper, asked;
    uint32_t last[SENDERS][CHANNELS]; /* number of the last message from there, and 1 */
};

static struct member members[SENDERS + RECEIVERS + 1];
static uint64_t channels[CHANNELS];
static uint8_t arrived[SENDERS][MESSAGES];
static uint32_t senders_left, received, helpers;
static uint64_t state;

static uint32_t below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * bound >> 32);
}

static uint32_t channel_index(uint64_t channel)
{
    for (uint32_t k = 0; k < CHANNELS; k++)
        if (channels[k] == channel)
            return k;
    EXPECT(!"a channel of the graph");
    return 0;
}

/* CHAN-5, CHAN-6, CHAN-7: what was received is a message of this channel, for the first time, and in its order. */
static void message_arrives(struct member *member, uint64_t channel, uint64_t message)
{
    uint32_t sender = (uint32_t)(message >> 32) & 0xff, number = (uint32_t)(message >> 8) & 0xffff;
    uint32_t index = channel_index(channel);
    EXPECT(sender < SENDERS && number < MESSAGES && message == MESSAGE(sender, number, index));
    EXPECT(arrived[sender][number]++ == 0);
    EXPECT(number >= member->last[sender][index]);
    member->last[sender][index] = number + 1;
    received++;
}

/* A receive that got nothing which was sent: the channel is closed, and nothing is left in it. */
static void received_from(struct member *member, uint64_t channel, uint64_t word, bool ok)
{
    if (ok) {
        message_arrives(member, channel, word);
        return;
    }
    EXPECT(word == 0 && senders_left == 0);
    member->closed |= 1u << channel_index(channel);
}

/* What came of the operation that the member asked for. */
static void look_at_result(struct member *member)
{
    struct channel_operation *done = &member->operation;
    uint32_t chosen = (uint32_t)done->result;
    bool ok = (done->result >> 32 & 1) != 0;
    if (done->kind == CHANNELS_SEND)
        member->sent++;
    else if (done->kind == CHANNELS_RECEIVE)
        received_from(member, done->channel, done->value, done->result == 1);
    if (done->kind != CHANNELS_SELECT || done->result == CONTIG_SELECT_DEFAULT)
        return;
    EXPECT(chosen < (uint32_t)done->count);
    if (done->cases[chosen].sends) {
        EXPECT(ok);
        member->sent++;
    } else {
        received_from(member, done->cases[chosen].channel, done->cases[chosen].value, ok);
    }
}

/* One to four cases over random channels; a sender has a case that sends, and perhaps one that receives. */
static void select_make(struct member *member)
{
    struct channel_operation *next = &member->operation;
    next->kind = CHANNELS_SELECT;
    next->count = 1 + below(CHANNELS_CASES_MAX);
    for (uint32_t k = 0; k < next->count; k++) {
        uint32_t channel = below(CHANNELS);
        next->cases[k].channel = channels[channel];
        next->cases[k].sends = member->sends && (k == 0 || below(3) != 0);
        if (next->cases[k].sends)
            next->cases[k].value = MESSAGE(member->number, member->sent, channel);
    }
    if (member->helper || below(4) == 0)
        next->count |= CONTIG_SELECT_DEFAULT;
}

static void operation_make(struct member *member)
{
    struct channel_operation *next = &member->operation;
    uint32_t kind = below(8), channel = below(CHANNELS);
    *next = (struct channel_operation){.channel = channels[channel]};
    if (kind == 0) {
        next->kind = CHANNELS_RECURSE;
        next->count = below(LEVELS_MAX);
    } else if (kind < 5 || member->helper) {
        select_make(member);
    } else {
        next->kind = member->sends ? CHANNELS_SEND : CHANNELS_RECEIVE;
        next->value = member->sends ? MESSAGE(member->number, member->sent, channel) : 0;
    }
}

static bool is_over(struct member *member)
{
    if (member->helper)
        return member->helps-- == 0;
    return member->sends ? member->sent == MESSAGES : member->closed == (1u << CHANNELS) - 1;
}

static uint64_t next_operation(uint64_t address)
{
    struct member *member = (struct member *)(uintptr_t)address;
    if (member->asked)
        look_at_result(member);
    member->asked = true;
    if (below(6) == 0)
        contig_poison_next_prologue(below(3) != 0);
    if (is_over(member)) {
        senders_left -= member->sends;
        return 0;
    }
    operation_make(member);
    return (uint64_t)(uintptr_t)&member->operation;
}

static void graph_make(void)
{
    memset(members, 0, sizeof members);
    memset(arrived, 0, sizeof arrived);
    received = 0;
    senders_left = SENDERS;
    for (uint32_t k = 0; k < CHANNELS; k++)
        EXPECT(contig_chan_make(8, below(3) * below(4), &channels[k]) == CONTIG_OK);
    for (uint32_t i = 0; i < SENDERS + RECEIVERS; i++) {
        struct member *member = &members[i];
        member->body.call = next_operation;
        member->number = i;
        member->sends = i < SENDERS;
        go(body_channels, &member->body);
    }
}

static void run_until_all_wait(void)
{
    while (contig_step()) {
        if (below(40) == 0)
            EXPECT(contig_gc() == CONTIG_OK);
        if (below(200) == 0)
            EXPECT(contig_check_all());
    }
}

/* All may wait for one another: then a goroutine that never waits receives a few messages. */
static void graph_run(void)
{
    struct member *helper = &members[SENDERS + RECEIVERS];
    for (run_until_all_wait(); senders_left != 0; run_until_all_wait()) {
        *helper = (struct member){.body = {.call = next_operation}, .helper = true, .helps = HELP};
        go(body_channels, &helper->body);
        helpers++;
    }
}

/* What is buffered, or waits for a receiver, is received after the close all the same. */
static void graph_end(void)
{
    for (uint32_t k = 0; k < CHANNELS; k++)
        EXPECT(contig_chan_close(channels[k]) == CONTIG_OK);
    run_until_all_wait();
    EXPECT(contig_run() == 0 && contig_last_error(NULL) == CONTIG_OK);
}

/* CHAN-1, CHAN-2, CHAN-5..CHAN-9 */
static void every_message_arrives_once(void)
{
    start_with((struct contig_options){.check = true});
    for (uint32_t graph = 0; graph < GRAPHS; graph++) {
        state = 88172645463325252u + graph;
        graph_make();
        graph_run();
        graph_end();
        EXPECT(received == SENDERS * MESSAGES && statistics().goroutines == 0);
        for (uint32_t k = 0; k < CHANNELS; k++)
            EXPECT(contig_chan_free(channels[k]) == CONTIG_OK);
    }
    EXPECT(helpers != 0 && statistics().shrinks > 100 && statistics().growths > 1000);
    stop();
}

static const struct test tests[] = {
    TEST(every_message_arrives_once),
};

int main(void)
{
    return tests_run("chan_stress_test", tests, sizeof tests / sizeof *tests);
}
