/* heap_check.h: checkers that decide, on the running heap, whether it is well formed.
 *
 * heap_ok decides the invariant of the whole heap, stacks_sound, but for its ghost state: laws_heap.c proves both
 * directions.  It reads three tables from the mark to their end: about a millisecond, and more the first time, when
 * the system maps them.
 * heap_used_ok decides the same of all that was ever in use, below the mark.  Its time grows with the mark only, so
 * that fuzzers and `--check` can afford it; it does not see an entry above the mark.
 * The others are cheap enough to call after every operation, on the chunk or P that was concerned.
 * Each decides the named predicate of spec/checked_heap.acsl; none of them needs a well formed heap to run on.
 * Keeps: nothing, changes nothing.  CHECK-4.  Called by fuzz targets, `contig demo --check` and tests. */
#ifndef CONTIG_CORE_HEAP_HEAP_CHECK_H
#define CONTIG_CORE_HEAP_HEAP_CHECK_H

#include "src/core/heap/stackalloc.h"

#include "spec/checked_heap.acsl"

/* The slots of the span at a chunk, that those a P owns stand in its cache, and that the span stands in
 * stackpool[order] exactly if one of them is free. */
/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> span_checked(chunk); */
bool span_ok(uint32_t chunk);

/* The entries of the cache of P p: as many as it may hold, all different, each a slot that p owns. */
/*@ requires p:       p < NUM_P;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> cache_checked(p); */
bool cache_ok(uint32_t p);

/* The block that begins at a chunk, or none: the sets it stands in, its shape, its buddy above, its end. */
/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> block_checked(chunk); */
bool block_ok(uint32_t chunk);

/* The arena, the mark, all sets, caches, blocks and spans below the mark, that they fit together, and the count of
 * units in use. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> heap_used_checked; */
bool heap_used_ok(void);

/* The same, and that nothing stands above the mark. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> heap_checked; */
bool heap_ok(void);

#endif
