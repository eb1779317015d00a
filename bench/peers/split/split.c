/* split.c: libgcc's segments (gcc -fsplit-stack, gold): `split hot FIRST LEVELS ROUNDS`.
 *
 * gold gives functions that call into libc 1 MiB at once, so that `first` levels must use that up before a boundary
 * comes; the timed functions call nothing outside of this file.  Frames of 64 bytes, and 512 for the leaf: below 256
 * the check is of the stack pointer alone, and the boundary is one level wide. */
#include "bench/peers/peer.h"

static __attribute__((noinline)) void leaf(void)
{
    volatile long own[64];
    own[3] = 0;
}

static __attribute__((noinline)) long level(long levels, long rounds)
{
    volatile long own[3] = {levels};
    if (levels > 0)
        return level(levels - 1, rounds) + own[1];
    for (long i = 0; i < rounds; i++)
        leaf();
    return own[0];
}

/* The least processor time, of three, of so many calls of a leaf from so deep. */
static double hot_time(long levels, long rounds)
{
    double least = 1e300;
    for (int i = 0; i < 3; i++) {
        double begin = processor_time();
        level(levels, rounds);
        double taken = processor_time() - begin;
        least = taken < least ? taken : least;
    }
    return least;
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void measure_hot(long first, long levels, long rounds)
{
    double *taken = malloc((size_t)levels * sizeof *taken);
    for (long i = 0; i < levels; i++)
        taken[i] = (hot_time(first + i, rounds) - hot_time(first + i, 0)) / (double)rounds;
    for (long i = 0; i + 1 < levels; i++)
        taken[i] = taken[i] < taken[i + 1] ? taken[i] : taken[i + 1];
    qsort(taken, (size_t)levels - 1, sizeof *taken, compare);
    result("ns", taken[levels - 2]);
    result("away", taken[levels / 2]);
}

int main(int argc, char **argv)
{
    (void)argc;
    measure_hot(atol(argv[2]), atol(argv[3]), atol(argv[4]));
    return 0;
}
