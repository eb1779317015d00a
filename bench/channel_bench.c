/* channel_bench.c: how long a message takes from one goroutine to another. */
#include "bench/bench.h"
#include "bench/bodies.h"

static void make_channels(struct bench_body *body, uint64_t capacity, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (contig_chan_make(sizeof(uint64_t), capacity, &body->channels[i]) != CONTIG_OK)
            fail("a channel cannot be made");
}

/* The receiver first: it waits when the sender begins. */
static void messages(contig_function *receives, contig_function *sends, struct bench_body *body)
{
    double begin = processor_time();
    spawn(receives, body);
    spawn(sends, body);
    uint64_t waiting = contig_run();
    result("ns", (processor_time() - begin) / (double)body->rounds);
    if (waiting != 0 || body->result != body->rounds * (body->rounds + 1) / 2)
        fail("a message was lost");
}

void measure_channel(char **arguments)
{
    struct bench_body body = {.rounds = number(arguments[1])};
    runtime_begin();
    make_channels(&body, number(arguments[0]), 1);
    messages(bench_receive, bench_send, &body);
    runtime_finish();
}

/* On two channels in turns; the receiver selects. */
void measure_select(char **arguments)
{
    struct bench_body body = {.rounds = number(arguments[0])};
    runtime_begin();
    make_channels(&body, 0, 2);
    messages(bench_select, bench_send_both, &body);
    runtime_finish();
}
