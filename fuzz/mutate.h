/* mutate.h: makes and changes scripts so that they stay meaningful: what libFuzzer's and AFL++'s custom mutators,
 * the exhaustive tests and the throughput measurement share.  Deterministic in the seed. */
#ifndef CONTIG_FUZZ_MUTATE_H
#define CONTIG_FUZZ_MUTATE_H

#include "src/script/operations.h"

struct random {
    uint64_t state;
};

uint32_t random_below(struct random *random, uint32_t bound);

/* A script of at most `operations` operations: a few functions, then a schedule that runs them. */
void script_generate(struct random *random, struct script *script, uint32_t operations);

/* One to four small changes; `other` (or NULL) is a script to take parts from.  At most `operations` operations. */
void script_mutate(struct random *random, struct script *script, const struct script *other,
                   uint32_t operations);

#endif
