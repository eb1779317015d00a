/* channel_demos.c: the demonstrations of channels: see demo.h.
 *
 * Each goroutine runs body_channels, which does what `call` says: a function here, on the system stack, that looks at
 * what came of the last operation and sets the next one. */
#include <stdlib.h>

#include "src/cli/command.h"
#include "src/cli/demo.h"

#define ROUNDS 3u
/* Frames that a goroutine of the ring enters first, so that its stack grows, and shrinks while it waits. */
#define LEVELS 40u
#define PRODUCERS CHANNELS_CASES_MAX

static uint64_t next_is(struct channel_operation *operation, uint64_t kind, uint64_t channel,
                        uint64_t value)
{
    *operation = (struct channel_operation){.kind = kind, .channel = channel, .value = value};
    return (uint64_t)(uintptr_t)operation;
}

static bool demo_channel(uint64_t capacity, uint64_t *channel)
{
    return demo_expect(contig_chan_make(sizeof(uint64_t), capacity, channel) == CONTIG_OK,
                       "a new channel");
}

/* Runs all goroutines; those that wait then wait for ever, and are shown. */
static bool all_end(void)
{
    return demo_expect(contig_run() == 0 || !contig_report_deadlock(), "no deadlock");
}

static void *array_make(uint64_t count, size_t bytes)
{
    void *array = calloc((size_t)count, bytes);
    if (array == NULL)
        demo_undecided = "no memory for what the goroutines work on";
    return array;
}

/* --- ring --- */

struct node {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t in, out, token;
    uint32_t operations, first; /* done; of the goroutine that sends first, 1 */
};

static uint64_t node_next(uint64_t address)
{
    struct node *node = (struct node *)(uintptr_t)address;
    struct channel_operation *operation = &node->operation;
    if (operation->kind == CHANNELS_RECEIVE)
        node->token = operation->value;
    if (node->operations == 0) {
        node->operations++;
        next_is(operation, CHANNELS_RECURSE, 0, 0);
        operation->count = LEVELS;
        return (uint64_t)(uintptr_t)operation;
    }
    if (node->operations > 2 * ROUNDS)
        return 0;
    node->operations++;
    return node->operations % 2 == node->first
               ? next_is(operation, CHANNELS_RECEIVE, node->in, 0)
               : next_is(operation, CHANNELS_SEND, node->out, node->token + 1);
}

static bool nodes_make(struct node *nodes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (!demo_channel(0, &nodes[i].in))
            return false;
    for (uint64_t i = 0; i < count; i++) {
        nodes[i].body.call = node_next;
        nodes[i].out = nodes[(i + 1) % count].in;
        nodes[i].first = i == 0;
    }
    return true;
}

/* All but the first wait, with stacks that have shrunk since; then the first one sends. */
static bool ring_run(struct node *nodes, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++)
        if (!demo_spawn(body_channels, &nodes[i].body, NULL))
            return false;
    uint64_t waiting = contig_run();
    contig_gc();
    return demo_expect(waiting == count - 1, "all goroutines but one to wait") &&
           demo_spawn(body_channels, &nodes[0].body, NULL) && all_end();
}

bool demo_ring(uint64_t count)
{
    struct node *nodes = array_make(count, sizeof *nodes);
    struct contig_statistics statistics;
    if (nodes == NULL)
        return false;
    bool good = nodes_make(nodes, count) && ring_run(nodes, count);
    uint64_t token = nodes[0].token;
    contig_read_statistics(&statistics);
    result_number("goroutines", count);
    result_number("token", token);
    demo_statistics_show(&statistics);
    free(nodes);
    return good && demo_expect(token == ROUNDS * count, "the token to count every step") &&
           demo_expect(statistics.shrinks >= count - 1, "every stack to shrink while it waits");
}

/* --- sieve --- */

struct filter {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t in, out, prime;
};

static struct {
    struct filter *filters;
    uint64_t wanted, found, last;
    bool failed;
} sieve;

static uint64_t generator_next(uint64_t address)
{
    struct filter *generator = (struct filter *)(uintptr_t)address;
    generator->prime++;
    return next_is(&generator->operation, CHANNELS_SEND, generator->out, generator->prime);
}

static uint64_t filter_next(uint64_t address)
{
    struct filter *filter = (struct filter *)(uintptr_t)address;
    uint64_t value = filter->operation.value;
    if (filter->operation.kind == CHANNELS_RECEIVE && value % filter->prime != 0)
        return next_is(&filter->operation, CHANNELS_SEND, filter->out, value);
    return next_is(&filter->operation, CHANNELS_RECEIVE, filter->in, 0);
}

/* Whether no smaller number divides n. */
static bool is_prime(uint64_t n)
{
    for (uint64_t divisor = 2; divisor * divisor <= n; divisor++)
        if (n % divisor == 0)
            return false;
    return n > 1;
}

/* What comes through all filters is the next prime, and gets a filter of its own. */
static bool prime_found(struct filter *collector, uint64_t prime)
{
    struct filter *filter = &sieve.filters[sieve.found++];
    for (uint64_t between = sieve.last + 1; between < prime; between++)
        sieve.failed = sieve.failed || is_prime(between);
    sieve.failed = sieve.failed || !is_prime(prime);
    sieve.last = prime;
    if (sieve.found == sieve.wanted)
        return false;
    *filter = (struct filter){.body = {.call = filter_next}, .in = collector->in, .prime = prime};
    if (!demo_channel(0, &filter->out) || !demo_spawn(body_channels, &filter->body, NULL))
        return false;
    collector->in = filter->out;
    return true;
}

static uint64_t collector_next(uint64_t address)
{
    struct filter *collector = (struct filter *)(uintptr_t)address;
    struct channel_operation *operation = &collector->operation;
    if (operation->kind == CHANNELS_RECEIVE && !prime_found(collector, operation->value))
        return 0;
    return next_is(operation, CHANNELS_RECEIVE, collector->in, 0);
}

bool demo_sieve(uint64_t count)
{
    struct filter generator = {.body = {.call = generator_next}, .prime = 1};
    struct filter collector = {.body = {.call = collector_next}};
    sieve.filters = array_make(count, sizeof *sieve.filters);
    sieve.wanted = count;
    sieve.found = sieve.last = 0;
    sieve.failed = false;
    if (sieve.filters == NULL || !demo_channel(0, &generator.out))
        return false;
    collector.in = generator.out;
    bool good = demo_spawn(body_channels, &generator.body, NULL) &&
                demo_spawn(body_channels, &collector.body, NULL);
    uint64_t waiting = contig_run();
    result_number("primes", sieve.found);
    result_number("the last one", sieve.last);
    result_number("goroutines that wait", waiting);
    free(sieve.filters);
    return good && demo_expect(sieve.found == count && !sieve.failed, "the first primes") &&
           demo_expect(waiting == count, "the generator and each filter to wait");
}

/* --- select --- */

struct producer {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t channel, next, count;
};

static uint64_t producer_next(uint64_t address)
{
    struct producer *producer = (struct producer *)(uintptr_t)address;
    if (producer->next < producer->count)
        return next_is(&producer->operation, CHANNELS_SEND, producer->channel, producer->next++);
    return producer->operation.kind == CHANNELS_CLOSE
               ? 0
               : next_is(&producer->operation, CHANNELS_CLOSE, producer->channel, 0);
}

struct consumer {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t open, received, next[PRODUCERS];
    bool in_order;
};

/* A channel that is closed is replaced by the nil channel, which nothing comes from. */
static void consumer_look(struct consumer *consumer)
{
    uint32_t chosen = (uint32_t)consumer->operation.result;
    if (consumer->operation.result >> 32 == 0) {
        consumer->operation.cases[chosen].channel = 0;
        consumer->open--;
        return;
    }
    uint64_t value = consumer->operation.cases[chosen].value;
    consumer->in_order = consumer->in_order && value == consumer->next[chosen];
    consumer->next[chosen]++;
    consumer->received++;
}

static uint64_t consumer_next(uint64_t address)
{
    struct consumer *consumer = (struct consumer *)(uintptr_t)address;
    if (consumer->operation.kind == CHANNELS_SELECT)
        consumer_look(consumer);
    consumer->operation.kind = CHANNELS_SELECT;
    consumer->operation.count = PRODUCERS;
    return consumer->open == 0 ? 0 : (uint64_t)(uintptr_t)&consumer->operation;
}

bool demo_select(uint64_t count)
{
    struct producer producers[PRODUCERS] = {{.count = 0}};
    struct consumer consumer = {
        .body = {.call = consumer_next}, .open = PRODUCERS, .in_order = true};
    bool good = true;
    for (uint64_t i = 0; i < PRODUCERS && good; i++) {
        producers[i].body.call = producer_next;
        producers[i].count = count;
        good = demo_channel(i, &producers[i].channel) &&
               demo_spawn(body_channels, &producers[i].body, NULL);
        consumer.operation.cases[i].channel = producers[i].channel;
    }
    good = good && demo_spawn(body_channels, &consumer.body, NULL) && all_end();
    result_number("received", consumer.received);
    result_number("channels closed", PRODUCERS - consumer.open);
    return good && demo_expect(consumer.in_order, "each goroutine's numbers in their order") &&
           demo_expect(consumer.received == PRODUCERS * count, "every number once");
}

/* --- million: goroutines that wait for channels --- */

/* So many that several threads have some each. */
#define WAKERS 16u
#define BLOCKED_CHANNELS_MAX (UINT64_C(1) << 20)
/* src/core/chan has rows for so many that wait, and a few more. */
#define BLOCKED_MAX UINT64_C(4000000)

struct receiver {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t channel, expected;
};

static struct {
    struct receiver *receivers;
    uint64_t *channels;
    uint64_t channels_count, verified;
    uint32_t threads; /* that ran receivers when they were woken */
} blocked;

static uint64_t receiver_next(uint64_t address)
{
    static _Thread_local bool counted;
    struct receiver *receiver = (struct receiver *)(uintptr_t)address;
    if (receiver->operation.kind == 0)
        return next_is(&receiver->operation, CHANNELS_RECEIVE, receiver->channel, 0);
    if (receiver->operation.value == receiver->expected && receiver->operation.result == 1)
        __atomic_add_fetch(&blocked.verified, 1, __ATOMIC_RELAXED);
    if (!counted)
        __atomic_add_fetch(&blocked.threads, 1, __ATOMIC_RELAXED);
    counted = true;
    return 0;
}

/* Sends to each receiver from `next` to `end`, in the order in which a select finds them. */
struct waker {
    struct body body; /* first: `call` gets its address */
    struct channel_operation operation;
    uint64_t next, end, open;
};

/* The next receiver, or none: the nil channel, to which nothing is sent. */
static void case_fill(struct waker *waker, uint32_t number)
{
    waker->operation.cases[number].channel = 0;
    if (waker->next == waker->end)
        return;
    const struct receiver *receiver = &blocked.receivers[waker->next++];
    waker->operation.cases[number].channel = receiver->channel;
    waker->operation.cases[number].value = receiver->expected;
    waker->operation.cases[number].sends = 1;
    waker->open++;
}

static uint64_t waker_next(uint64_t address)
{
    struct waker *waker = (struct waker *)(uintptr_t)address;
    struct channel_operation *operation = &waker->operation;
    if (operation->kind == CHANNELS_SELECT) {
        waker->open--;
        case_fill(waker, (uint32_t)operation->result);
    } else {
        for (uint32_t i = 0; i < CHANNELS_CASES_MAX; i++)
            case_fill(waker, i);
    }
    operation->kind = CHANNELS_SELECT;
    operation->count = CHANNELS_CASES_MAX;
    return waker->open == 0 ? 0 : (uint64_t)(uintptr_t)operation;
}

static bool receivers_wait(uint64_t count)
{
    for (uint64_t i = 0; i < blocked.channels_count; i++)
        if (!demo_channel(0, &blocked.channels[i]))
            return false;
    progress_begin("goroutines that wait for channels");
    for (uint64_t i = 0; i < count; i++) {
        struct receiver *receiver = &blocked.receivers[i];
        uint64_t number = i % blocked.channels_count;
        *receiver = (struct receiver){.body = {.call = receiver_next},
                                      .channel = blocked.channels[number],
                                      .expected = number + 1};
        if (!demo_spawn(body_channels, &receiver->body, NULL))
            return false;
        if (i % 4096 == 0)
            progress_step(i, count);
    }
    return true;
}

static bool wakers_run(uint64_t count)
{
    struct waker wakers[WAKERS];
    for (uint64_t i = 0; i < WAKERS; i++) {
        wakers[i] = (struct waker){.body = {.call = waker_next},
                                   .next = count * i / WAKERS,
                                   .end = count * (i + 1) / WAKERS};
        if (!demo_spawn(body_channels, &wakers[i].body, NULL))
            return false;
    }
    return all_end();
}

bool demo_blocked(uint64_t wanted)
{
    uint64_t count = wanted < BLOCKED_MAX ? wanted : BLOCKED_MAX;
    blocked.verified = blocked.threads = 0;
    blocked.channels_count = count < BLOCKED_CHANNELS_MAX ? count : BLOCKED_CHANNELS_MAX;
    blocked.receivers = array_make(count + 1, sizeof *blocked.receivers);
    blocked.channels = array_make(blocked.channels_count + 1, sizeof *blocked.channels);
    bool good = blocked.receivers != NULL && blocked.channels != NULL && receivers_wait(count);
    uint64_t waiting = contig_run();
    good = good && wakers_run(count);
    free(blocked.receivers);
    free(blocked.channels);
    result_number("blocked on channels at once", waiting);
    result_number("woken through selects and verified", blocked.verified);
    result_number("threads that ran them", blocked.threads);
    return good && demo_expect(waiting == count, "all goroutines to wait at once") &&
           demo_expect(blocked.verified == count, "every goroutine to receive its number");
}
