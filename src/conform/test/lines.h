/* lines.h: the lines of a trace, and random numbers that a seed repeats, for tests that spoil traces.
 *
 * Their command line, too: [--seed=N] [--faults=N] [--least=N] TRACE.  LEAST is how many faults of 100 must be
 * reported. */
#ifndef CONTIG_CONFORM_TEST_LINES_H
#define CONTIG_CONFORM_TEST_LINES_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/command/program.h"

#define MAX_LINE 1100

static char **lines; /* each with room for MAX_LINE */
static size_t num_lines;
static uint64_t random_state;

static inline uint64_t next_random(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 11) % below;
}

struct faults_request {
    uint64_t seed, faults, least;
};

/* Sets the seed; returns the name of the trace. */
static inline const char *faults_options(int argc, char **argv, struct faults_request *wanted)
{
    const struct option_form forms[] = {
        {.name = "seed", .kind = OPTION_NUMBER, .place = &wanted->seed, .most = INT32_MAX},
        {.name = "faults", .kind = OPTION_NUMBER, .place = &wanted->faults, .most = 1000000},
        {.name = "least", .kind = OPTION_NUMBER, .place = &wanted->least, .most = 100},
    };
    char name[] = "faults_test";
    int operands = program_arguments(name, "[--seed=N] [--faults=N] [--least=N] TRACE", argc, argv,
                                     forms, sizeof forms / sizeof *forms, 1);

    program_files(argv, operands);
    if (operands > 1)
        exit(complain("%s: one argument too many: %s", name, argv[2]));
    random_state = UINT64_C(0x9e3779b97f4a7c15) * (wanted->seed + 1);
    return argv[1];
}

/* The exit status. */
static inline int faults_reported(const struct faults_request *wanted, uint64_t reported)
{
    printf("%" PRIu64 " of %" PRIu64 " faults reported\n", reported, wanted->faults);
    return reported * 100 >= wanted->faults * wanted->least ? 0 : 1;
}

/* The lines of a file that are wanted; ends the test with status 2 if there is no such file, or no memory. */
static inline void read_lines(const char *name, bool (*wanted)(const char *line))
{
    FILE *file = fopen(name, "r");
    char line[MAX_LINE];
    size_t capacity = 0;
    bool good = file != NULL;

    while (good && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (!wanted(line))
            continue;
        if (num_lines == capacity) {
            capacity = capacity * 2 + 1024;
            lines = realloc(lines, capacity * sizeof *lines);
        }
        char *copy = lines == NULL ? NULL : malloc(MAX_LINE);
        good = copy != NULL;
        if (good)
            lines[num_lines++] = strcpy(copy, line);
    }
    if (!good) {
        perror(name);
        exit(2);
    }
    fclose(file);
}

#endif
