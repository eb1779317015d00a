/* fresh_heap.h: the heap of stacks as it was before its first use.
 *
 * The core keeps what it has learnt for the life of the process.  A fuzzer wants every execution to begin alike, so
 * that a finding is shown again by its input alone and AFL++ sees the same path twice.  Called between scripts, at
 * rest. */
#ifndef CONTIG_HARNESS_FRESH_HEAP_H
#define CONTIG_HARNESS_FRESH_HEAP_H

#include <stdlib.h>

#include "src/core/heap/stackalloc.h"

static inline void fresh_heap(void)
{
    uint64_t bytes = (uint64_t)arena_chunks * CHUNK_BYTES;
    stackreset();
    if (stackinit(arena_base, bytes) != STACK_OK)
        abort();
}

#endif
