/* relocate.h: where a word of the old stack stands in the new one.
 *
 * Words keep their distance from the high end, so that [old_sp, old_hi) moves as a block.  One past the end and
 * everything outside the old stack stays as it is.  [old_lo, old_sp) has no place in the new stack: a word
 * that refers to it is stale and becomes 0; pass 1 has made sure that no live slot holds one.  COPY-2, COPY-3.
 * Called by adjust.c for marked words and by copystack.c for registers and records. */
#ifndef CONTIG_CORE_MOVE_RELOCATE_H
#define CONTIG_CORE_MOVE_RELOCATE_H

#include <stdint.h>
#include "spec/platform.h"

/* The largest stack: one block of the highest order.  SIZE-5. */
#define LARGEST_STACK_BYTES 536870912u
#define LARGEST_STACK_WORDS 67108864u

/* The arena in words. */
#define ARENA_WORDS 8589934592u

/* An array of words that addresses can reach has no more than this; so word numbers may be added freely. */
#define WORD_LIMIT 2305843009213693952u

/* Addresses, in bytes. */
struct stack_move {
    uint64_t old_lo;
    uint64_t old_sp;
    uint64_t old_hi;
    uint64_t new_hi;
};

#include "spec/relocate.acsl"

/* COPY-2: both cases are computed, so that the compiler needs no unpredictable branch. */
/*@ requires move: move_possible(move);
    assigns \nothing;
    ensures value: \result == relocated(value, move); */
static inline uint64_t relocate(uint64_t value, struct stack_move move)
{
    if ((move.old_lo <= value) & (value < move.old_sp))
        return 0;
    return ((move.old_sp <= value) & (value < move.old_hi)) ? move.new_hi - (move.old_hi - value)
                                                            : value;
}

#endif
