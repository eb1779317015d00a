/* stack_place.h: stackalloc and stackfree by address: what a caller knows of its own stack and of all others.
 *
 * The tables of the heap speak of chunks and slots; a move of a stack wants to know that its two stacks have no word
 * in common, that the new one lies in the arena, and that everybody else keeps theirs.
 * Keeps: ALLOC-2, ALLOC-3, ALLOC-6.  Called by copystack.c, and by the laws of the pool. */
#ifndef CONTIG_CORE_MOVE_STACK_PLACE_H
#define CONTIG_CORE_MOVE_STACK_PLACE_H

#include "src/core/move/relocate.h"
#include "src/core/heap/stackalloc.h"

#include "spec/stack_places.acsl"

/* ALLOC-2: where live stacks lie: whole in the arena, on whole words. */
/*@ ghost
    /@ requires stacks: heap_sound && arena_placed;
       assigns  \nothing;
       exits    \false;
       ensures  placed: \forall integer lo, bytes; live_stack(lo, bytes) ==> stack_placed(lo, bytes); @/
    void live_stacks_are_placed(void); */

/* ALLOC-2, ALLOC-6: what stackalloc returns overlaps no stack that was live, and all of them stay live.  It fails only
 * for a size that no stack has, or if no block is left. */
/*@ requires stacks: stacks_sound;
    requires p:      p <= NUM_P;
    assigns  STACK_HEAP;
    exits    \false;
    ensures  stacks: stacks_sound;
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_SIZE ||
                       \result.status == STACK_NO_MEMORY;
    ensures  bad_size: \result.status == STACK_BAD_SIZE <==> !stack_size(size_bytes);
    ensures  no_memory: \result.status == STACK_NO_MEMORY ==> no_room_for(size_bytes);
    ensures  new:    \result.status == STACK_OK ==> live_stack(\result.lo, size_bytes) &&
                       !live_stack{Pre}(\result.lo, size_bytes);
    ensures  kept:   \forall integer lo, bytes; live_stack{Pre}(lo, bytes) ==> live_stack(lo, bytes);
    ensures  only:   \forall integer lo, bytes; live_stack(lo, bytes) ==> live_stack{Pre}(lo, bytes) ||
                       (\result.status == STACK_OK && lo == \result.lo && bytes == size_bytes);
    ensures  count:  stack_units_in_use == \old(stack_units_in_use) +
                       (\result.status == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0);
    ensures  apart:  \result.status == STACK_OK ==> \forall integer lo, bytes; live_stack{Pre}(lo, bytes) ==>
                       disjoint(lo, bytes, \result.lo, size_bytes); */
struct stack_alloc_result stack_take(uint32_t p, uint64_t size_bytes);

/* ALLOC-3, ALLOC-6: stackfree ends exactly the stack that it was called for, and nothing if there is none. */
/*@ requires stacks: stacks_sound;
    requires p:      p <= NUM_P;
    assigns  STACK_HEAP;
    exits    \false;
    ensures  stacks: stacks_sound;
    ensures  status: \result == STACK_OK <==> live_stack{Pre}(lo, size_bytes);
    ensures  kept:   \forall integer other, bytes; live_stack{Pre}(other, bytes) &&
                       !(other == lo && bytes == size_bytes) ==> live_stack(other, bytes);
    ensures  only:   \forall integer other, bytes; live_stack(other, bytes) ==> live_stack{Pre}(other, bytes) &&
                       !(other == lo && bytes == size_bytes);
    ensures  count:  stack_units_in_use == \old(stack_units_in_use) -
                       (\result == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0); */
enum stack_status stack_return(uint32_t p, uint64_t lo, uint64_t size_bytes);

#endif
