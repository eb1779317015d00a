/* demo.h: the demonstrations of `contig demo`, and what they share.
 *
 * Each gets its argument while the runtime is started, prints its results, and returns whether all was as it should be.
 * Called by demo.c. */
#ifndef CONTIG_CLI_DEMO_H
#define CONTIG_CLI_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "src/bodies/bodies.h"
#include "src/contig.h"

struct demo {
    const char *name, *argument, *what;
    uint64_t usual, least, most;
    bool (*run)(uint64_t argument);
};

/* Why the demonstration that runs can show nothing, or NULL. */
extern const char *demo_undecided;

/* Returns `good`; says what was expected if it is not. */
bool demo_expect(bool good, const char *what);
/* A new goroutine; *id, if not NULL, gets its number. */
bool demo_spawn(contig_function *function, const struct body *body, uint64_t *id);

void demo_statistics_show(const struct contig_statistics *statistics);

/* demos.c */
bool demo_fib(uint64_t n);
bool demo_deep(uint64_t bytes);
bool demo_frames(uint64_t levels);
bool demo_million(uint64_t count);
bool demo_shrink(uint64_t bytes);
bool demo_overflow(uint64_t others);
bool demo_hotsplit(uint64_t rounds);

/* channel_demos.c */
/* Part of demo_million: goroutines that wait for channels, and are woken through selects. */
bool demo_blocked(uint64_t wanted);
bool demo_ring(uint64_t count);
bool demo_sieve(uint64_t count);
bool demo_select(uint64_t count);

#endif
