/* lines.h: the lines of a trace, and random numbers that a seed repeats, for tests that spoil traces. */
#ifndef CONTIG_CONFORM_TEST_LINES_H
#define CONTIG_CONFORM_TEST_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
