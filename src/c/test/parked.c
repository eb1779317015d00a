/* parked.c: what a goroutine of C costs while it is parked.
 *
 *      parked COUNT stack|side
 *
 * makes so many goroutines, each of which parks: with "side" it has a variable on its side stack by then, which each
 * finds as it left it when it is woken.  Prints the bytes of memory that each takes meanwhile. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/c/contig_c.h"

static uint64_t woken;

__attribute__((noinline)) static void fill(uint64_t *words, uint64_t value)
{
    words[0] = value;
    words[1] = ~value;
}

static void side_sleeper(void *argument)
{
    uint64_t words[2];
    fill(words, (uint64_t)(uintptr_t)argument);
    contig_c_park(CONTIG_WAIT_PARKED);
    if (words[0] == (uint64_t)(uintptr_t)argument && words[1] == ~words[0])
        woken += words[0];
}

static void stack_sleeper(void *argument)
{
    contig_c_park(CONTIG_WAIT_PARKED);
    woken += (uint64_t)(uintptr_t)argument;
}

/* KiB of a line of /proc/self/status. */
static uint64_t status_line(const char *name)
{
    char line[200];
    uint64_t found = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            found = strtoull(line + strlen(name), NULL, 10);
    fclose(status);
    return found;
}

/* Numbers of goroutines are given one after the other: the first one's, or 0 after a sentence. */
static uint64_t make(uint64_t count, void (*function)(void *))
{
    uint64_t id = 0;
    for (uint64_t i = 1; i <= count; i++) {
        enum contig_error error = contig_go_c(function, (void *)(uintptr_t)i, NULL, &id);
        if (error != CONTIG_OK) {
            fprintf(stderr, "parked: goroutine %" PRIu64 " of %" PRIu64 " was not made: %s\n", i,
                    count, contig_error_name(error));
            return 0;
        }
    }
    return id - count + 1;
}

static bool wake(uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (contig_ready(first + i) != CONTIG_OK)
            return false;
    contig_c_yield();
    return woken == count * (count + 1) / 2;
}

int main(int argc, char **argv)
{
    uint64_t count = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    bool side = argc == 3 && strcmp(argv[2], "side") == 0;
    if (count == 0 || !(side || strcmp(argv[2], "stack") == 0)) {
        fprintf(stderr, "parked COUNT stack|side\n");
        return 2;
    }
    uint64_t resident = status_line("VmRSS:"), tables = status_line("VmPTE:");
    uint64_t first = make(count, side ? side_sleeper : stack_sleeper);
    if (first == 0)
        return 1;
    contig_c_yield();
    resident = status_line("VmRSS:") - resident;
    tables = status_line("VmPTE:") - tables;
    if (!wake(first, count)) {
        fprintf(stderr, "parked: not all of them went on as they should\n");
        return 1;
    }
    printf("%" PRIu64 " parked and woken: %" PRIu64 " bytes each, and %" PRIu64 " of page tables\n",
           count, resident * 1024 / count, tables * 1024 / count);
    return 0;
}
