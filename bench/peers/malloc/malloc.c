/* malloc.c: `malloc stackalloc BYTES LIVE COUNT`: pairs of malloc and free of blocks as large as stacks.
 *
 * Linked with one allocator after the other, and compiled without what the compiler knows of malloc.  A word at the
 * high end of each block is written, as a stack's first word is. */
#include "bench/peers/peer.h"

#define LIVE_MAX 64

/* So many at a time; the last one goes first. */
static void alloc_and_free(size_t bytes, long live, long rounds)
{
    char *blocks[LIVE_MAX];
    for (long i = 0; i < rounds; i++) {
        for (long j = 0; j < live; j++) {
            blocks[j] = malloc(bytes);
            *(volatile char *)(blocks[j] + bytes - 8) = 1;
        }
        for (long j = live; j > 0; j--)
            free(blocks[j - 1]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[1], "stackalloc") != 0 || atol(argv[3]) > LIVE_MAX)
        return 2;
    size_t bytes = (size_t)atol(argv[2]);
    long live = atol(argv[3]), rounds = atol(argv[4]) / live;
    alloc_and_free(bytes, live, 100);
    double begin = processor_time();
    alloc_and_free(bytes, live, rounds);
    result("ns", (processor_time() - begin) / (double)(live * rounds));
    return 0;
}
