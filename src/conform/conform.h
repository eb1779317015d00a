/* conform.h: `contig conform` as a function, so that other programs can contain it. */
#ifndef CONTIG_CONFORM_CONFORM_H
#define CONTIG_CONFORM_CONFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "src/conform/profile.h"
#include "src/conform/replay.h"

/* What a command line asks for. */
struct conform_request {
    const struct profile *profile; /* NULL: the one that the trace names */
    bool exact;
    bool json;
    bool moves; /* what moves wrote is judged, too */
    uint64_t memory_mebibytes;
};

/* Reads a command line; argv[0] is `conform`.  Returns as arguments_take of src/command/arguments.h does: the number of
 * traces, which stand from argv[1] on, or a negative number. */
int conform_options(int argc, char **argv, struct conform_request *request);

/* What judges moves, in a program that has the core's tables.  A judge is made for each trace; report prints its
 * numbers, as fields of an object if json is set. */
struct conform_judge {
    void *(*make)(uint64_t memory_bytes);
    void (*discard)(void *moves);
    judge_of_moves *judge;
    bool (*end)(const void *moves, struct replay *replay); /* of a trace that conforms so far */
    void (*report)(const void *moves, bool json);
};

/* The same command with a judge for --moves; without one (NULL) that option is refused. */
int conform_with(int argc, char **argv, const struct conform_judge *judge);

/* Replays the traces that the arguments name.  Returns 0 if all conform, 1 if one deviates, 2 if one cannot be
 * read or has no event, or the arguments are wrong. */
int conform_main(int argc, char **argv);

#endif
