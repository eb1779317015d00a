/* oracles.h: what is looked at before and after each stack operation of a script; one file for all oracles but
 * those in the compiled code.  Called by run.c. */
#ifndef CONTIG_HARNESS_ORACLES_H
#define CONTIG_HARNESS_ORACLES_H

#include "src/frames/frames.h"
#include "src/harness/script.h"

/* Each returns NULL or what is wrong; which oracle it was is in oracle_name. */
extern const char *oracle_name;

void oracles_begin(uint32_t oracles, bool unmap);
void oracles_end(void);

/* Hooks of the runtime. */
void oracle_before_move(const struct g *g);
const char *oracle_after_move(const struct g *g, uint32_t number);
void oracle_taken(uint64_t low, uint64_t bytes);
void oracle_given(uint64_t low, uint64_t bytes);

/* The whole heap and all live goroutines' stacks; a few times in a script. */
const char *oracle_heap(void);

/* What was freed, and not used since. */
const char *oracle_freed(void);
const char *oracle_model(const struct g *g, uint32_t number);

const char *oracle_after_go(const struct g *g);

/* A goroutine that has not enough stack was ended: was that right? */
const char *oracle_overflow(const struct g *g);

/* GC: what every stack must be afterwards. */
struct oracle_gc {
    uint64_t low, bytes;
    bool pinned, must_shrink;
};
struct oracle_gc oracle_before_gc(const struct g *g);
const char *oracle_starting_size(uint64_t used, uint64_t goroutines);
const char *oracle_after_gc(const struct g *g, struct oracle_gc was);

#endif
