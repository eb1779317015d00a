/* fresh_heap.h: the heap of stacks as it was before its first use.
 *
 * The core keeps what it has learnt for the life of the process.  A fuzzer wants every execution to begin alike, so
 * that a finding is shown again by its input alone and AFL++ sees the same path twice.  Everything but the arena's
 * place is right when it is zero; sets are read below their sizes only.  Called between scripts, at rest. */
#ifndef CONTIG_SCRIPT_FRESH_HEAP_H
#define CONTIG_SCRIPT_FRESH_HEAP_H

#include <string.h>

#include "src/core/stackalloc.h"

static inline void fresh_heap(void)
{
    uint32_t chunks = grown_chunks < NUM_CHUNKS ? grown_chunks : NUM_CHUNKS;
    memset(set_size, 0, sizeof set_size);
    memset(block_state, 0, chunks);
    memset(block_order, 0, chunks);
    memset(span_slots, 0, chunks);
    memset(span_order, 0, chunks);
    memset(span_free, 0, chunks);
    memset(slot_stack, 0, chunks * sizeof *slot_stack);
    memset(slot_place, 0, chunks * sizeof *slot_place);
    memset(slot_owner, 0, chunks * sizeof *slot_owner);
    memset(stackcache, 0, sizeof stackcache);
    grown_chunks = 0;
    stack_units_in_use = 0;
    stack_gc_running = false;
}

#endif
