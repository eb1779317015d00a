/* pth.c: GNU Pth: switch, robin and spawn as in contig_bench.  Stacks of 16 KiB from malloc; nothing grows. */
#include "bench/peers/peer.h"

#include <pth.h>

static pth_attr_t attributes;

static pth_t make(void *(*function)(void *), void *argument)
{
    return pth_spawn(attributes, function, argument);
}

static void *yields(void *rounds)
{
    for (long i = (long)rounds; i > 0; i--)
        pth_yield(NULL);
    return NULL;
}

/* Makes them, lets all of them run to their ends, and says how long the second part took. */
static double all_run(long count, void *(*function)(void *), void *argument)
{
    pth_t *all = calloc((size_t)count, sizeof *all);
    for (long i = 0; i < count; i++)
        all[i] = make(function, argument);
    double begin = processor_time();
    for (long i = 0; i < count; i++)
        pth_join(all[i], NULL);
    free(all);
    return processor_time() - begin;
}

int main(int argc, char **argv)
{
    long first = atol(argv[2]), second = argc > 3 ? atol(argv[3]) : 0;
    pth_init();
    attributes = pth_attr_new();
    pth_attr_set(attributes, PTH_ATTR_STACK_SIZE, 16384);
    double begin = processor_time();
    if (strcmp(argv[1], "switch") == 0) {
        result("ns", all_run(2, yields, (void *)(first / 2)) / (double)first);
    } else if (strcmp(argv[1], "robin") == 0) {
        result("ns", all_run(first, yields, (void *)second) / (double)(first * second));
    } else if (strcmp(argv[1], "spawn") == 0) {
        for (long i = 0; i < second; i++)
            all_run(first, yields, NULL);
        result("ns", (processor_time() - begin) / (double)(first * second));
    }
    return 0;
}
