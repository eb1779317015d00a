/* refusal.h: why a program is not fit, one sentence each.
 *
 * Kept while the analyses run, and printed at the end in the order of addresses, each sentence once. */
#ifndef CONTIG_C_CHECK_REFUSAL_H
#define CONTIG_C_CHECK_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

struct refusal {
    uint64_t address;
    const char *function;
    char *sentence;
};

struct refusals {
    size_t count, room;
    struct refusal *rows;
};

struct program;
struct lines;

/* A sentence about one place: "REASON; WHAT TO DO".  Without memory for it the program ends. */
__attribute__((format(printf, 4, 5))) void refuse(struct program *program, const char *function,
                                                  uint64_t address, const char *format, ...);

/* "FILE:LINE: function NAME at ADDRESS: SENTENCE."; returns how many. */
size_t refusals_print(struct refusals *refusals, const struct lines *lines);
void refusals_free(struct refusals *refusals);

#endif
