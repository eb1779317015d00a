/* growth.h: what becomes of a stack: whether it grows, moves or shrinks, and how large the next one is.
 *
 * A stack grows to the least doubling that holds what is in use, the frame that asks and the guard, and
 * shrinks to half when less than a quarter is in use.  GROW-2, GROW-3, GROW-5, GROW-9, SHRINK-1..SHRINK-3, SHRINK-6,
 * SHRINK-7, GC-6.  Called by growstack and shrinkstack, and by the runtime to learn which of them to call. */
#ifndef CONTIG_CORE_MOVE_GROWTH_H
#define CONTIG_CORE_MOVE_GROWTH_H

#include <stdbool.h>
#include <stdint.h>
#include "spec/platform.h"
#include "src/core/move/relocate.h"
#include "spec/bits.acsl"
#include "spec/growth.acsl"

/* GROW-2, GROW-3, GROW-9 (Go 1.19 newstack): bytes of the next stack, or 0 if no size up to the maximum holds the
 * frame and the guard, which is a stack overflow.  The maximum may exceed 4 GiB; the largest block is a limit too.
 * The old size must not be 0, which no doubling would change, nor above LARGEST_STACK_BYTES. */
/*@ requires size:     0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns  \nothing;
    exits    \false;
    ensures  grows:    \result != 0 ==> grows_to(old_size, used, frame, maximum, \result);
    ensures  overflow: \result == 0 ==> overflows(old_size, used, frame, maximum); */
uint64_t newstack_size(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum);

/* SHRINK-1..SHRINK-3, SHRINK-7 (Go 1.19 shrinkstack): half of the size if what is in use, and what a chain of
 * functions without a check may use, stay under a quarter, and half holds the guard too; never below the fixed size.
 * The caller answers for the old size as at newstack_size. */
/*@ requires size:     0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns  \nothing;
    exits    \false;
    ensures  half:     shrink_due(old_size, used) ==> \result == old_size / 2;
    ensures  stays:    !shrink_due(old_size, used) ==> \result == old_size;
    ensures  room:     \result != old_size ==> \result - used > STACK_GUARD_BYTES &&
                         \result - used > old_size / 4 + STACK_NOSPLIT_BYTES; */
uint64_t shrinkstack_size(uint64_t old_size, uint64_t used);

/* Values of the guard that are above every stack pointer, so that the next prologue asks for more stack (Go 1.19). */
#define STACK_PREEMPT UINT64_C(0xfffffffffffffade)
#define STACK_FORCE_MOVE UINT64_C(0xfffffffffffffeed)

/* What a goroutine does whose prologue asked for more stack. */
enum newstack_step {
    NEWSTACK_GROW,   /* to a larger stack */
    NEWSTACK_MOVE,   /* to one of the same size: the guard asked for a move */
    NEWSTACK_YIELD,  /* the guard asked it to yield */
    NEWSTACK_SHRINK, /* shrink, then yield: a collection could not shrink it while it ran */
};

/* GROW-5 (Go 1.19 newstack): by the guard that its prologue saw. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  yield:  guard == STACK_PREEMPT && shrink_asked == 0 <==> \result == NEWSTACK_YIELD;
    ensures  shrink: guard == STACK_PREEMPT && shrink_asked != 0 <==> \result == NEWSTACK_SHRINK;
    ensures  move:   guard == STACK_FORCE_MOVE <==> \result == NEWSTACK_MOVE;
    ensures  grow:   guard != STACK_PREEMPT && guard != STACK_FORCE_MOVE <==> \result == NEWSTACK_GROW; */
enum newstack_step newstack_step(uint64_t guard, bool shrink_asked);

/* What becomes of a stack that a collection looks at. */
enum shrink_step {
    SHRINK_OFF, /* shrinking is switched off */
    /* the stack must not move now: the goroutine is to shrink it at its next preemption */
    SHRINK_LATER,
    SHRINK_NOT_DUE, /* too much is in use, or half would be below the fixed size */
    SHRINK_DUE,     /* it is halved */
};

/* SHRINK-3, SHRINK-6 (Go 1.19 isShrinkStackSafe, shrinkstack): a goroutine's stack stays where it is during a system
 * call, at an asynchronous safe point, and while the goroutine parks on a channel. */
/*@ requires size:   0 < size <= LARGEST_STACK_BYTES;
    assigns  \nothing;
    exits    \false;
    ensures  off:    \result == SHRINK_OFF <==> off != 0;
    ensures  later:  \result == SHRINK_LATER <==>
                       off == 0 && !shrink_safe(in_system_call, async_safe_point, parking_on_channel);
    ensures  due:    \result == SHRINK_DUE <==>
                       off == 0 && shrink_safe(in_system_call, async_safe_point, parking_on_channel) &&
                       shrink_due(size, used);
    ensures  others: \result == SHRINK_OFF || \result == SHRINK_LATER || \result == SHRINK_NOT_DUE ||
                       \result == SHRINK_DUE; */
enum shrink_step shrink_step(bool off, bool in_system_call, bool async_safe_point,
                             bool parking_on_channel, uint64_t size, uint64_t used);

/* GC-6 (Go 1.19 gcComputeStartingStackSize): bytes of the stacks of new goroutines: the average of what was scanned and
 * the guard, rounded up to a size that stackalloc has.  Unlike Go's, never above the maximum,
 but for the fixed size. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  size:   \exists integer times; 0 <= times <= 18 && \result == doubled(FIXED_STACK_BYTES, times);
    ensures  within: FIXED_STACK_BYTES <= \result <= LARGEST_STACK_BYTES;
    ensures  most:   \result == FIXED_STACK_BYTES || \result <= maximum;
    ensures  holds:  scanned_stacks != 0 && 2 * \result <= maximum && 2 * \result <= LARGEST_STACK_BYTES ==>
                       \result >= scanned_bytes / scanned_stacks + STACK_GUARD_BYTES;
    ensures  least:  \result > FIXED_STACK_BYTES ==>
                       scanned_stacks != 0 && \result / 2 < scanned_bytes / scanned_stacks + STACK_GUARD_BYTES; */
uint64_t starting_stack_size(uint64_t scanned_bytes, uint64_t scanned_stacks, uint64_t maximum);

#endif
