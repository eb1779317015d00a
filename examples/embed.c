/* embed.c: a program of forty lines that runs goroutines on stacks that grow: the README's example.
 *
 * Three goroutines add up the numbers to 10, 1000 and 100000 by recursion, the last one on a stack of 4 MiB. */
#include <inttypes.h>
#include <stdio.h>

#include "src/contig.h"

struct job {
    uint64_t count, sum;
};

void sum(void); /* embed.S: a goroutine function, never called from C */

static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    printf("goroutine %" PRIu64 ": %" PRIu64 " -> %" PRIu64 " bytes, %" PRIu64 " in use\n", id,
           old_bytes, new_bytes, used_bytes);
}

int main(void)
{
    struct job jobs[] = {{10, 0}, {1000, 0}, {100000, 0}};
    struct contig_options options = {.moved = moved};
    char message[200];
    if (contig_start(&options, message) != CONTIG_OK) {
        fprintf(stderr, "embed: %s\n", message);
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        if (contig_go(sum, (uint64_t)(uintptr_t)&jobs[i], NULL) != CONTIG_OK) {
            fprintf(stderr, "embed: no stack for goroutine %d\n", i);
            return 1;
        }
    }
    contig_run();
    for (int i = 0; i < 3; i++)
        printf("1 + ... + %" PRIu64 " = %" PRIu64 "\n", jobs[i].count, jobs[i].sum);
    return contig_stop() == CONTIG_OK ? 0 : 1;
}
