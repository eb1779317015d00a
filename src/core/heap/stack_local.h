/* stack_local.h: stacks from the cache of a P, and back into it, which touch nothing that another P touches.
 *
 * The cache, the P's own counter of units, and who owns the slot: for that no lock is needed, while the P's thread is
 * the only one that calls with this P.  What the cache has not, or has no room for, is left to stackalloc and
 * stackfree.
 * Keeps: OWN-4.  Called by the runtime. */
#ifndef CONTIG_CORE_HEAP_STACK_LOCAL_H
#define CONTIG_CORE_HEAP_STACK_LOCAL_H

#include "src/core/heap/stackalloc.h"

#include "spec/local_stacks.acsl"

/* clang-format off */
#define LOCAL_TABLES(p)                                                                                      \
    slot_owner[0 .. NUM_CHUNKS - 1], stackcache[p], stack_units_of[p], cache_place[0 .. NUM_CHUNKS - 1],     \
        unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS], stack_chunk, stack_index
/* clang-format on */

/* OWN-4, ALLOC-2: as stackalloc, if the cache of P p has a stack of that size; else STACK_NO_MEMORY. */
/*@ requires stacks:    stacks_sound;
    requires p:         p < NUM_P;
    assigns  LOCAL_TABLES(p);
    exits    \false;
    ensures  pool:      pool_ok;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  decides:   \result.status == STACK_OK <==> cache_has{Pre}(p, size_bytes);
    ensures  status:    \result.status == STACK_OK || \result.status == STACK_NO_MEMORY;
    ensures  live:      \result.status == STACK_OK ==>
                          live_small_stack(\result.lo, size_bytes, stack_chunk, stack_index) &&
                          cached_by{Pre}(p, stack_chunk, stack_index);
    ensures  others:    owners_same_but{Pre, Post}(\result.status == STACK_OK ? stack_chunk : NUM_CHUNKS, stack_index);
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) +
                          (\result.status == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0); */
struct stack_alloc_result stackalloc_local(uint32_t p, uint64_t size_bytes);

/* OWN-4, ALLOC-3: as stackfree, if that is a live stack and the cache of P p has room for it; else STACK_NO_MEMORY. */
/*@ requires stacks:    stacks_sound;
    requires p:         p < NUM_P;
    assigns  LOCAL_TABLES(p);
    exits    \false;
    ensures  pool:      pool_ok;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  decides:   \result == STACK_OK <==> live_stack{Pre}(lo, size_bytes) && cache_has_room{Pre}(p, size_bytes);
    ensures  status:    \result == STACK_OK || \result == STACK_NO_MEMORY;
    ensures  freed:     \result == STACK_OK ==>
                          live_small_stack{Pre}(lo, size_bytes, stack_chunk, stack_index) &&
                          cached_by(p, stack_chunk, stack_index);
    ensures  others:    owners_same_but{Pre, Post}(\result == STACK_OK ? stack_chunk : NUM_CHUNKS, stack_index);
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) -
                          (\result == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0); */
enum stack_status stackfree_local(uint32_t p, uint64_t lo, uint64_t size_bytes);

/* OWN-4: is a stack of new_bytes in the cache of P p, and room for one of old_bytes?  Then a move of a stack from the
 * one to the other touches nothing that another P touches, but the two stacks. */
/*@ requires stacks:    stacks_sound;
    requires p:         p < NUM_P;
    assigns  \nothing;
    exits    \false;
    ensures  decides:   \result <==> cache_has(p, new_bytes) && cache_has_room(p, old_bytes); */
bool move_is_local(uint32_t p, uint64_t old_bytes, uint64_t new_bytes);

#endif
