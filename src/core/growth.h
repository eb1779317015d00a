/* growth.h: how large the next stack is.
 *
 * A stack grows to the least doubling that holds what is in use, the frame that asks and the guard, and
 * shrinks to half when less than a quarter is in use.  GROW-2, GROW-3, GROW-9, SHRINK-1..SHRINK-3, SHRINK-7.
 * Called by newstack (runtime) before copystack and by shrinkstack. */
#ifndef CONTIG_CORE_GROWTH_H
#define CONTIG_CORE_GROWTH_H

#include <stdint.h>
#include "spec/platform.h"
#include "src/core/relocate.h"
#include "spec/bits.acsl"
#include "spec/growth.acsl"

/* GROW-2, GROW-3, GROW-9 (Go 1.19 newstack): bytes of the next stack, or 0 if no size up to the maximum holds the
 * frame and the guard, which is a stack overflow.  The maximum may exceed 4 GiB; the largest block is a limit too. */
/*@ requires size:     0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns  \nothing;
    ensures  doubling: \result != 0 ==>
                         \exists integer times; 1 <= times <= 64 && \result == doubled(old_size, times);
    ensures  allowed:  \result != 0 ==> old_size < \result <= maximum && \result <= LARGEST_STACK_BYTES;
    ensures  room:     \result != 0 ==> has_room(\result, used, frame);
    ensures  least:    \result != 0 ==> \forall integer times; 1 <= times <= 64 &&
                         doubled(old_size, times) < \result ==> !has_room(doubled(old_size, times), used, frame);
    ensures  overflow: \result == 0 ==> \forall integer times; 1 <= times <= 64 &&
                         doubled(old_size, times) <= maximum && doubled(old_size, times) <= LARGEST_STACK_BYTES ==>
                         !has_room(doubled(old_size, times), used, frame); */
uint64_t newstack_size(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum);

/* SHRINK-1..SHRINK-3, SHRINK-7 (Go 1.19 shrinkstack): half of the size if what is in use, and what a chain of
 * functions without a check may use, stay under a quarter; never below the fixed size. */
/*@ requires size: 0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns \nothing;
    ensures half:  shrink_due(old_size, used) ==> \result == old_size / 2;
    ensures stays: !shrink_due(old_size, used) ==> \result == old_size;
    ensures room:  \result != old_size ==> \result - used >= STACK_GUARD_BYTES - STACK_SMALL_BYTES; */
uint64_t shrinkstack_size(uint64_t old_size, uint64_t used);

#endif
