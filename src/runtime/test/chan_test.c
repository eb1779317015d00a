/* chan_test.c: channels and select, one process for each test.
 *
 * Each goroutine does a list of operations, written in C.  What Go's specification says of channels comes first, then
 * stacks that move while a slot of theirs waits, then random graphs in which every message is counted. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "src/core/chan/channel.h"
#include "src/testing/started.h"

#define STEPS_MAX 64u

/* A goroutine and what it does. */
struct actor {
    struct body body; /* first: `call` gets its address */
    struct channel_operation steps[STEPS_MAX];
    uint32_t count, next;
    uint64_t id;
};

static uint64_t next_step(uint64_t address)
{
    struct actor *actor = (struct actor *)(uintptr_t)address;
    return actor->next == actor->count ? 0 : (uint64_t)(uintptr_t)&actor->steps[actor->next++];
}

static void run_actor(struct actor *actor)
{
    actor->body.call = next_step;
    actor->next = 0;
    actor->id = go(body_channels, &actor->body);
}

static struct channel_operation *add(struct actor *actor, uint64_t kind, uint64_t channel,
                                     uint64_t value)
{
    struct channel_operation *step = &actor->steps[actor->count++];
    *step = (struct channel_operation){.kind = kind, .channel = channel, .value = value};
    return step;
}

static struct channel_operation *add_select(struct actor *actor, uint64_t count)
{
    struct channel_operation *step = add(actor, CHANNELS_SELECT, 0, 0);
    step->count = count;
    return step;
}

/* A select that receives from these channels. */
static struct channel_operation *add_receives(struct actor *actor, const uint64_t *channels,
                                              uint64_t count)
{
    struct channel_operation *step = add_select(actor, count);
    for (uint64_t k = 0; k < count; k++)
        step->cases[k].channel = channels[k];
    return step;
}

static uint64_t make(uint64_t capacity)
{
    uint64_t channel;
    EXPECT(contig_chan_make(8, capacity, &channel) == CONTIG_OK && channel != 0);
    return channel;
}

static void start(void)
{
    start_with((struct contig_options){.check = true});
}

/* CHAN-6, CHAN-7 */
static void an_element_goes_from_slot_to_slot(void)
{
    for (int receiver_first = 0; receiver_first < 2; receiver_first++) {
        struct actor sender = {0}, receiver = {0};
        start();
        uint64_t channel = make(0);
        add(&sender, CHANNELS_SEND, channel, 42);
        struct channel_operation *got = add(&receiver, CHANNELS_RECEIVE, channel, 7);
        run_actor(receiver_first ? &receiver : &sender);
        EXPECT(contig_run() == 1);
        run_actor(receiver_first ? &sender : &receiver);
        EXPECT(contig_run() == 0 && got->value == 42 && got->result == 1);
        EXPECT(contig_chan_free(channel) == CONTIG_OK);
        stop();
    }
}

/* CHAN-5, CHAN-6, CHAN-7 */
static void a_buffer_is_first_in_first_out(void)
{
    struct actor sender = {0}, receiver = {0};
    start();
    uint64_t channel = make(3);
    for (uint64_t n = 0; n < 10; n++) {
        add(&sender, CHANNELS_SEND, channel, 100 + n);
        add(&receiver, CHANNELS_RECEIVE, channel, 0);
    }
    run_actor(&sender);
    EXPECT(contig_run() == 1 && sender.next == 4);
    run_actor(&receiver);
    EXPECT(contig_run() == 0);
    for (uint64_t n = 0; n < 10; n++)
        EXPECT(receiver.steps[n].value == 100 + n && receiver.steps[n].result == 1);
    stop();
}

/* CHAN-5 */
static void who_waits_first_is_served_first(void)
{
    enum { WAITERS = 20 };
    static struct actor waiting[WAITERS];
    struct actor other = {0};
    for (int receive = 0; receive < 2; receive++) {
        start();
        memset(waiting, 0, sizeof waiting);
        other = (struct actor){0};
        uint64_t channel = make(0);
        for (uint64_t n = 0; n < WAITERS; n++) {
            add(&waiting[n], receive ? CHANNELS_RECEIVE : CHANNELS_SEND, channel, n);
            add(&other, receive ? CHANNELS_SEND : CHANNELS_RECEIVE, channel, n);
            run_actor(&waiting[n]);
        }
        EXPECT(contig_run() == WAITERS);
        run_actor(&other);
        EXPECT(contig_run() == 0);
        for (uint64_t n = 0; n < WAITERS; n++)
            EXPECT((receive ? waiting[n].steps[0].value : other.steps[n].value) == n);
        stop();
    }
}

/* CHAN-8 */
static void closing_wakes_everybody(void)
{
    struct actor receivers[3] = {{.count = 0}}, senders[2] = {{.count = 0}}, closer = {0};
    start();
    uint64_t channel = make(0), other = make(0);
    for (int n = 0; n < 3; n++) {
        add(&receivers[n], CHANNELS_RECEIVE, channel, 99);
        run_actor(&receivers[n]);
    }
    for (int n = 0; n < 2; n++) {
        add(&senders[n], CHANNELS_SEND, other, 5);
        run_actor(&senders[n]);
    }
    EXPECT(contig_run() == 5);
    add(&closer, CHANNELS_CLOSE, channel, 0);
    struct channel_operation *late = add(&closer, CHANNELS_RECEIVE, channel, 99);
    run_actor(&closer);
    EXPECT(contig_run() == 2 && late->result == 0 && late->value == 0);
    for (int n = 0; n < 3; n++)
        EXPECT(receivers[n].steps[0].result == 0 && receivers[n].steps[0].value == 0);
    EXPECT(contig_chan_free(other) == CONTIG_BAD_STATE);
    EXPECT(contig_chan_close(other) == CONTIG_OK && contig_run() == 0);
    EXPECT(statistics().errors == 2 && contig_last_error(NULL) == CONTIG_PANICKED);
    EXPECT(reported("send on closed channel"));
    EXPECT(contig_chan_close(other) == CONTIG_PANICKED);
    stop();
}

/* CHAN-8 */
static void what_is_buffered_outlives_the_close(void)
{
    struct actor actor = {0};
    start();
    uint64_t channel = make(2);
    add(&actor, CHANNELS_SEND, channel, 1);
    add(&actor, CHANNELS_SEND, channel, 2);
    add(&actor, CHANNELS_CLOSE, channel, 0);
    for (int n = 0; n < 3; n++)
        add(&actor, CHANNELS_RECEIVE, channel, 9);
    run_actor(&actor);
    EXPECT(contig_run() == 0);
    EXPECT(actor.steps[3].value == 1 && actor.steps[3].result == 1);
    EXPECT(actor.steps[4].value == 2 && actor.steps[4].result == 1);
    EXPECT(actor.steps[5].value == 0 && actor.steps[5].result == 0);
    stop();
}

static void ends_with(uint64_t kind, uint64_t channel, const char *sentence)
{
    struct actor actor = {0};
    uint64_t ended;
    add(&actor, kind, channel, 0)->count = channel;
    run_actor(&actor);
    EXPECT(contig_run() == 0 && contig_last_error(&ended) == CONTIG_PANICKED && ended == actor.id);
    EXPECT(reported(sentence));
}

/* CHAN-6, CHAN-8 */
static void wrong_operations_panic(void)
{
    start();
    uint64_t closed = make(1);
    EXPECT(contig_chan_close(closed) == CONTIG_OK);
    ends_with(CHANNELS_SEND, closed, "send on closed channel");
    ends_with(CHANNELS_CLOSE, closed, "close of closed channel");
    ends_with(CHANNELS_CLOSE, 0, "close of nil channel");
    ends_with(CHANNELS_SEND, 12345, "operation on a number that is no channel");
    ends_with(CHANNELS_RECEIVE, UINT64_MAX, "operation on a number that is no channel");
    ends_with(CHANNELS_SELECT, (UINT64_C(1) << 32) + 1, "select of more than 65536 cases");
    EXPECT(contig_chan_free(closed) == CONTIG_OK);
    EXPECT(contig_chan_free(closed) == CONTIG_NOT_FOUND);
    ends_with(CHANNELS_RECEIVE, closed, "operation on a number that is no channel");
    stop();
}

/* CHAN-9 */
static void nil_channels_wait_for_ever(void)
{
    struct actor actors[3] = {{.count = 0}};
    start();
    add(&actors[0], CHANNELS_SEND, 0, 0);
    add(&actors[1], CHANNELS_RECEIVE, 0, 0);
    add_select(&actors[2], 0);
    for (int n = 0; n < 3; n++)
        run_actor(&actors[n]);
    EXPECT(contig_run() == 3 && contig_ready(actors[0].id) == CONTIG_NOT_FOUND);
    EXPECT(contig_gc() == CONTIG_OK && contig_run() == 3);
    stop();
}

/* CHAN-9 */
static void a_select_proceeds_with_what_can(void)
{
    struct actor actor = {0};
    start();
    uint64_t empty = make(0), full = make(1), filled = make(2);
    add(&actor, CHANNELS_SEND, full, 1);
    add(&actor, CHANNELS_SEND, filled, 77);
    struct channel_operation *choice = add_select(&actor, 3), *none;
    choice->cases[0].channel = empty;
    choice->cases[1].channel = full;
    choice->cases[1].sends = 1;
    choice->cases[2].channel = filled;
    none = add_select(&actor, 2 | CONTIG_SELECT_DEFAULT);
    none->cases[0].channel = empty;
    none->cases[1].channel = filled;
    add_select(&actor, CONTIG_SELECT_DEFAULT);
    run_actor(&actor);
    EXPECT(contig_run() == 0);
    EXPECT(choice->result == (UINT64_C(1) << 32 | 2) && choice->cases[2].value == 77);
    EXPECT(none->result == CONTIG_SELECT_DEFAULT);
    EXPECT(actor.steps[4].result == CONTIG_SELECT_DEFAULT);
    stop();
}

/* CHAN-9, Go TestSelfSelect: a select does not meet itself; two of them do. */
static void a_select_does_not_meet_itself(void)
{
    struct actor pair[2] = {{.count = 0}};
    start();
    uint64_t channel = make(0);
    for (int n = 0; n < 2; n++) {
        struct channel_operation *both = add_select(&pair[n], 2);
        both->cases[0].channel = channel;
        both->cases[1].channel = channel;
        both->cases[1].sends = 1;
        both->cases[1].value = 10 + (uint64_t)n;
        run_actor(&pair[n]);
        EXPECT(contig_run() == (n == 0));
    }
    uint32_t first = (uint32_t)pair[0].steps[0].result, second = (uint32_t)pair[1].steps[0].result;
    EXPECT(first + second == 1);
    EXPECT(pair[second == 0].steps[0].cases[0].value == 10 + (second == 0 ? 0u : 1u));
    stop();
}

/* CHAN-9, Go TestNonblockSelectRace: two selects with default never meet. */
static void two_selects_with_default_do_not_meet(void)
{
    struct actor pair[2] = {{.count = 0}};
    start();
    uint64_t channel = make(0);
    for (int n = 0; n < 2; n++) {
        struct channel_operation *poll = add_select(&pair[n], 1 | CONTIG_SELECT_DEFAULT);
        poll->cases[0].channel = channel;
        poll->cases[0].sends = (uint64_t)n;
        run_actor(&pair[n]);
    }
    EXPECT(contig_run() == 0);
    for (int n = 0; n < 2; n++)
        EXPECT(pair[n].steps[0].result == CONTIG_SELECT_DEFAULT);
    stop();
}

/* CHAN-9: the other cases of a select that was served count no more. */
static void a_served_select_leaves_its_other_queues(void)
{
    struct actor select = {0}, senders[2] = {{.count = 0}}, receiver = {0};
    start();
    uint64_t channels[2] = {make(0), make(0)};
    struct channel_operation *both = add_select(&select, 3);
    both->cases[0].channel = channels[0];
    both->cases[1].channel = channels[1];
    both->cases[2].channel = channels[1];
    run_actor(&select);
    EXPECT(contig_run() == 1);
    for (int n = 0; n < 2; n++) {
        add(&senders[n], CHANNELS_SEND, channels[n], 50 + (uint64_t)n);
        run_actor(&senders[n]);
    }
    EXPECT(contig_run() == 1 && both->result == (UINT64_C(1) << 32));
    EXPECT(both->cases[0].value == 50);
    struct channel_operation *got = add(&receiver, CHANNELS_RECEIVE, channels[1], 0);
    run_actor(&receiver);
    EXPECT(contig_run() == 0 && got->value == 51);
    stop();
}

/* CHAN-9, Go TestSelectDuplicateChannel: who waits twice for a channel leaves its queue twice, and the one behind it is
 * served. */
static void a_channel_that_is_twice_in_a_select(void)
{
    struct actor select = {0}, behind = {0}, sender = {0};
    start();
    uint64_t channel = make(0), other = make(0);
    struct channel_operation *any = add_receives(&select, (uint64_t[]){channel, channel, other}, 3);
    struct channel_operation *got = add(&behind, CHANNELS_RECEIVE, channel, 0);
    run_actor(&select);
    run_actor(&behind);
    EXPECT(contig_run() == 2);
    add(&sender, CHANNELS_SEND, other, 7);
    add(&sender, CHANNELS_SEND, channel, 8);
    run_actor(&sender);
    EXPECT(contig_run() == 0);
    EXPECT(any->result == (UINT64_C(1) << 32 | 2) && any->cases[2].value == 7);
    EXPECT(got->value == 8 && got->result == 1);
    stop();
}

/* CHAN-8: a select that waits to receive from a channel that is closed proceeds with a zero; one that waits to send on
 * it panics. */
static void a_close_wakes_selects(void)
{
    struct actor receiver = {0}, sender = {0};
    start();
    uint64_t closed = make(0), shut = make(0), other = make(0);
    struct channel_operation *any = add_receives(&receiver, (uint64_t[]){other, 0, closed}, 3);
    any->cases[2].value = 5;
    struct channel_operation *both = add_receives(&sender, (uint64_t[]){other, shut}, 2);
    both->cases[1].sends = 1;
    run_actor(&receiver);
    run_actor(&sender);
    EXPECT(contig_run() == 2);
    EXPECT(contig_chan_close(closed) == CONTIG_OK && contig_chan_close(shut) == CONTIG_OK);
    EXPECT(contig_run() == 0);
    EXPECT(any->result == 2 && any->cases[2].value == 0);
    EXPECT(statistics().errors == 1 && reported("send on closed channel"));
    EXPECT(contig_chan_free(other) == CONTIG_OK);
    stop();
}

/* CHAN-6, CHAN-7: bytes of a slot beyond those of an element are left. */
static void elements_of_any_size(void)
{
    static const uint64_t sizes[] = {0, 1, 4, 8};
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct actor sender = {0}, receiver = {0};
        uint64_t channel, sent = UINT64_C(0x1122334455667788), kept = UINT64_C(0x99aabbccddeeff00);
        uint64_t bits = sizes[i] == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * sizes[i]) - 1;
        start();
        EXPECT(contig_chan_make(sizes[i], i % 2, &channel) == CONTIG_OK);
        add(&sender, CHANNELS_SEND, channel, sent);
        struct channel_operation *got = add(&receiver, CHANNELS_RECEIVE, channel, kept);
        run_actor(&receiver);
        run_actor(&sender);
        EXPECT(contig_run() == 0 && got->result == 1);
        EXPECT(got->value == ((sent & bits) | (kept & ~bits)));
        stop();
    }
    uint64_t channel;
    start();
    EXPECT(contig_chan_make(65536, 0, &channel) == CONTIG_BAD_OPTION);
    stop();
}

/* Go TestPseudoRandomSend: a select that can send either of two elements sends each about as often. */
static void a_select_sends_either(void)
{
    enum { ROUNDS = 1000 };
    struct actor sender = {0}, receiver = {0};
    uint64_t ones = 0;
    start();
    uint64_t channel = make(1);
    struct channel_operation *either = add_receives(&sender, (uint64_t[]){channel, channel}, 2);
    either->cases[0].sends = either->cases[1].sends = 1;
    either->cases[1].value = 1;
    struct channel_operation *got = add(&receiver, CHANNELS_RECEIVE, channel, 9);
    for (int round = 0; round < ROUNDS; round++) {
        run_actor(&sender);
        run_actor(&receiver);
        EXPECT(contig_run() == 0 && got->value <= 1);
        EXPECT(either->result == (UINT64_C(1) << 32 | got->value));
        ones += got->value;
    }
    EXPECT(ones > ROUNDS / 10 && ones < ROUNDS - ROUNDS / 10);
    stop();
}

/* CHAN-9: of four cases that can proceed each is chosen equally often; chi-square with 3 degrees of freedom exceeds
 * 16.27 once in a thousand. */
static void a_select_is_fair(void)
{
    enum { ROUNDS = 20000 };
    struct actor actor = {0};
    double counts[4] = {0}, chi_square = 0;
    start();
    uint64_t channel = make(1);
    EXPECT(contig_chan_close(channel) == CONTIG_OK);
    struct channel_operation *any = add_select(&actor, 4);
    for (int n = 0; n < 4; n++)
        any->cases[n].channel = channel;
    for (int round = 0; round < ROUNDS; round++) {
        run_actor(&actor);
        contig_run();
        EXPECT(any->result < 4);
        counts[any->result]++;
    }
    for (int n = 0; n < 4; n++)
        chi_square += (counts[n] - ROUNDS / 4.0) * (counts[n] - ROUNDS / 4.0) / (ROUNDS / 4.0);
    EXPECT(chi_square < 16.27);
    stop();
}

/* CHAN-1..CHAN-4, OUTSIDE-4: the stack grows, the goroutine waits, the stack shrinks, and the slot moves with it. */
static void slots_follow_a_stack_that_shrinks(void)
{
    struct actor receiver = {0}, selector = {0}, sender = {0};
    start();
    uint64_t channels[2] = {make(0), make(0)};
    add(&receiver, CHANNELS_RECURSE, 0, 0)->count = 500;
    struct channel_operation *got = add(&receiver, CHANNELS_RECEIVE, channels[0], 1);
    add(&selector, CHANNELS_RECURSE, 0, 0)->count = 500;
    struct channel_operation *any = add_select(&selector, 4);
    for (int n = 0; n < 4; n++)
        any->cases[n].channel = channels[1];
    run_actor(&receiver);
    run_actor(&selector);
    EXPECT(contig_run() == 2 && stack_size(receiver.id) >= 1 << 16);
    for (int n = 0; n < 3; n++)
        EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(statistics().shrinks == 6);
    add(&sender, CHANNELS_SEND, channels[0], 4711);
    add(&sender, CHANNELS_SEND, channels[1], 4712);
    run_actor(&sender);
    EXPECT(contig_run() == 0 && got->value == 4711);
    EXPECT(any->cases[(uint32_t)any->result].value == 4712);
    EXPECT(contig_last_error(NULL) == CONTIG_OK);
    stop();
}

/* TRACE-1 */
static void a_trace_says_what_is_waited_for(void)
{
    struct actor actors[3] = {{.count = 0}};
    char text[4096];
    start();
    uint64_t channel = make(0), other = make(0);
    add(&actors[0], CHANNELS_SEND, channel, 0);
    add(&actors[1], CHANNELS_RECEIVE, other, 0);
    struct channel_operation *any = add_select(&actors[2], 1);
    any->cases[0].channel = other;
    any->cases[0].sends = 0;
    for (int n = 0; n < 3; n++)
        run_actor(&actors[n]);
    EXPECT(contig_run() == 3);
    EXPECT(contig_stack(0, text, sizeof text) != 0);
    EXPECT(strstr(text, "[chan send]") && strstr(text, "[chan receive]") &&
           strstr(text, "[select]"));
    stop();
}

static const struct test tests[] = {
    TEST(an_element_goes_from_slot_to_slot),
    TEST(a_buffer_is_first_in_first_out),
    TEST(who_waits_first_is_served_first),
    TEST(closing_wakes_everybody),
    TEST(what_is_buffered_outlives_the_close),
    TEST(wrong_operations_panic),
    TEST(nil_channels_wait_for_ever),
    TEST(a_select_proceeds_with_what_can),
    TEST(a_select_does_not_meet_itself),
    TEST(two_selects_with_default_do_not_meet),
    TEST(a_served_select_leaves_its_other_queues),
    TEST(a_channel_that_is_twice_in_a_select),
    TEST(a_close_wakes_selects),
    TEST(elements_of_any_size),
    TEST(a_select_sends_either),
    TEST(a_select_is_fair),
    TEST(slots_follow_a_stack_that_shrinks),
    TEST(a_trace_says_what_is_waited_for),
};

int main(void)
{
    return tests_run("chan_test", tests, sizeof tests / sizeof *tests);
}
