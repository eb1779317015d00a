/* sieve.c: Doug McIlroy's prime sieve: a goroutine for each prime, which passes on what its prime does not divide. */
#include <stdlib.h>

#include "src/c/contig_c.h"

struct filter {
    uint64_t from, to; /* channels */
    int prime;
};

static int receive(uint64_t channel)
{
    int number;
    contig_c_receive(channel, &number);
    return number;
}

static void filter(void *argument)
{
    struct filter *mine = argument;
    for (;;) {
        int number = receive(mine->from);
        if (number % mine->prime != 0)
            contig_c_send(mine->to, &number);
    }
}

static void generate(void *channel)
{
    for (int number = 2;; number++)
        contig_c_send(*(uint64_t *)channel, &number);
}

int main(void)
{
    uint64_t numbers, from;
    contig_chan_make(sizeof(int), 0, &numbers);
    contig_go_c(generate, &numbers, NULL, NULL);
    from = numbers;
    for (int i = 0; i < 1000; i++) {
        struct filter *next = calloc(1, sizeof *next);
        next->from = from;
        next->prime = receive(from);
        if (i % 100 == 99)
            printf("prime %d is %d\n", i + 1, next->prime);
        contig_chan_make(sizeof(int), 0, &next->to);
        contig_go_c(filter, next, NULL, NULL);
        from = next->to;
    }
    return 0;
}
