/* panic.h: deferred calls, panics and what recovers from them.  Called by proc.c and chan.c. */
#ifndef CONTIG_RUNTIME_PANIC_H
#define CONTIG_RUNTIME_PANIC_H

#include "src/runtime/runtime.h"

/* What a goroutine asked for, as chan.h; true if it goes on at once. */
bool contig_defer_in_memory(struct g *g, uint64_t function, uint64_t data);
bool contig_defer_in_frame(struct g *g, uint64_t record);
bool contig_defer_return(struct g *g);
bool contig_panic_start(struct g *g, uint64_t record);
bool contig_panic_proceed(struct g *g);
bool contig_panic_recover(struct g *g, uint64_t slot);

/* g panics where it stopped: it goes on in contig_panic, called there; or is over, false, if it deferred nothing.  C,
 * which stops with rbp 0, panics itself.  The sentence outlives g. */
bool contig_panic_inject(struct g *g, const char *sentence);

/* Does what g has outside of its stack belong to the runtime? */
static inline bool contig_outside_is_own(const struct g *g)
{
    return g->stack.outside != NULL && g->own != NULL && g->stack.outside == &g->own->outside;
}
/* What g has outside of its stack; begins to have it.  NULL: somebody else gave it records (testing.h), or there is no
 * memory. */
struct outside *contig_outside_own(struct g *g);
void contig_outside_free(struct g *g);
/* g has nothing outside any more, unless something is left. */
void contig_outside_release(struct g *g);

#endif
