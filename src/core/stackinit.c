/* stackinit.c: an empty heap over an arena.
 *
 * Everything but the arena's place is right when it is zero, so that no table is touched.  Keeps: ALLOC-1. */
#include "src/core/stackalloc.h"

enum stack_status stackinit(uint64_t base, uint64_t bytes)
{
    if (bytes == 0u || bytes % CHUNK_BYTES != 0u) return STACK_BAD_SIZE;
    if (bytes / CHUNK_BYTES > NUM_CHUNKS) return STACK_BAD_SIZE;
    if (base % CHUNK_BYTES != 0u || base > UINT64_MAX - bytes) return STACK_BAD_ADDRESS;
    arena_base = base;
    page_heap_init((uint32_t)(bytes / CHUNK_BYTES));
    return STACK_OK;
}
