/* sieve.c: Doug McIlroy's prime sieve: a goroutine for each prime, which passes on what its prime does not divide. */
#include <stdlib.h>

#include "src/c/contig_c.h"

/* One number on its way from one goroutine to another. */
struct channel {
    int number;
    bool full;
    uint64_t waiting; /* the goroutine that waits for the other one, or 0 */
};

static void wake(struct channel *channel)
{
    uint64_t id = channel->waiting;
    channel->waiting = 0;
    if (id != 0)
        contig_ready(id);
}

static void wait_until(struct channel *channel, bool full)
{
    while (channel->full != full) {
        channel->waiting = contig_c_self();
        contig_c_park(full ? CONTIG_WAIT_CHAN_RECEIVE : CONTIG_WAIT_CHAN_SEND);
    }
}

static void send(struct channel *channel, int number)
{
    wait_until(channel, false);
    channel->number = number;
    channel->full = true;
    wake(channel);
}

static int receive(struct channel *channel)
{
    wait_until(channel, true);
    channel->full = false;
    wake(channel);
    return channel->number;
}

struct filter {
    struct channel *from, to;
    int prime;
};

static void filter(void *argument)
{
    struct filter *mine = argument;
    for (;;) {
        int number = receive(mine->from);
        if (number % mine->prime != 0)
            send(&mine->to, number);
    }
}

static void generate(void *channel)
{
    for (int number = 2;; number++)
        send(channel, number);
}

int main(void)
{
    static struct channel numbers;
    struct channel *from = &numbers;
    contig_go_c(generate, &numbers, NULL, NULL);
    for (int i = 0; i < 1000; i++) {
        struct filter *next = calloc(1, sizeof *next);
        next->from = from;
        next->prime = receive(from);
        if (i % 100 == 99)
            printf("prime %d is %d\n", i + 1, next->prime);
        contig_go_c(filter, next, NULL, NULL);
        from = &next->to;
    }
    return 0;
}
