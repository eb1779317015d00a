/* profile.h: the numbers and rules in which the runtimes that can be replayed differ.
 *
 * No trace of Go 1.12 was replayed.
 * Sources: Go 1.12.9, 1.19.8 and 1.27.3, runtime/stack.go; spec/trace.md has the table.  A trace's header may
 * replace the numbers.  A rule that does not apply to a runtime is a column here.  Used by replay.c. */
#ifndef CONTIG_CONFORM_PROFILE_H
#define CONTIG_CONFORM_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_PAGE_BYTES 8192u  /* the unit of NPAGES, whatever the page heap's own unit is */
#define TRACE_SPAN_BYTES 32768u /* a pool span; also the capacity of a cache per order */
#define TRACE_MAX_ORDERS 4u
#define TRACE_MIN_FIXED_BYTES 1024u /* in a profile with pools: it bounds the stacks of a span */
#define TRACE_PROFILE_NAMES_BYTES 80u

struct profile {
    const char *name;
    uint64_t fixed_bytes;
    uint64_t num_orders;
    uint64_t guard_bytes;
    uint64_t nosplit_bytes;
    uint64_t alignment_bytes;
    uint64_t max_bytes;
    /* stacks come through spans, pools, caches and the queue; sizes are powers of two */
    bool pools;
    /* whether a dead goroutine keeps its stack, and what a new one starts with */
    bool size_decides;
    bool growth_fits_frame; /* doubles until the frame fits, not once */
    bool start_size_adapts;
    /* a forced move is no growth: it is made although the limit is below the size */
    bool moves_above_limit;
    bool shrinks_on_request; /* the program may ask for a shrink at any time */
    /* the span that stands first takes the place of one that goes from amid the pool */
    bool first_fills_gap;
    /* a frame that a panic has cut short for good keeps its saved frame pointer */
    bool dead_frames_stay;
    /* a slot's address from below the stack pointer is relocated as all others are */
    bool stale_follow;
    /* a frame with locals may have no saved frame pointer: one of compiled C */
    bool bare_frames;
    /* a dead goroutine's descriptor is known for good: its next size can be predicted */
    bool descriptors_stay;
};

/* The profile of that name, or NULL. */
const struct profile *profile_named(const char *name);

/* All names, with a comma between two. */
void profile_names(char text[TRACE_PROFILE_NAMES_BYTES]);

#endif
