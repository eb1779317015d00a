/* peer.h: what the peers in C and C++ share: the clock, memory, and output.  As in bench/contig_bench.c. */
#ifndef CONTIG_BENCH_PEERS_PEER_H
#define CONTIG_BENCH_PEERS_PEER_H

/* clock_gettime, where the language is C11. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline void result(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
}

static inline double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline double resident_bytes(void)
{
    char line[200];
    double kibibytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kibibytes = atof(line + 6);
    if (status != NULL)
        fclose(status);
    return kibibytes * 1024;
}

#endif
