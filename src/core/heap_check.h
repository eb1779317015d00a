/* heap_check.h: checkers that decide, on the running heap, whether it is well formed.
 *
 * heap_ok looks at everything that was ever in use; the others are cheap enough to call after every operation on
 * the chunk or P that was concerned.  They decide the part of the invariant that has no ghost state in it.
 * Keeps: nothing, changes nothing.  Called by fuzz targets, `contig demo --check` and tests. */
#ifndef CONTIG_CORE_HEAP_CHECK_H
#define CONTIG_CORE_HEAP_CHECK_H

#include "src/core/stackalloc.h"

/* The slots of the span at a chunk, and that it stands in stackpool[order] exactly if one of them is free. */
bool span_ok(uint32_t chunk);

/* The entries of the cache of P p: as many as it may hold, all different, each a slot that p owns. */
bool cache_ok(uint32_t p);

/* The block that begins at a chunk: its shape, the sets it stands in, its buddy, and no block begins inside. */
bool block_ok(uint32_t chunk);

/* All blocks, spans, sets and caches, that they fit together, and the counter of stack_bytes_in_use. */
bool heap_ok(void);

#endif
