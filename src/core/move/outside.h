/* outside.h: pointers into a stack that stand outside of its frames.
 *
 *   a goroutine's   holds                                                on a move
 *   defer records   stack pointer, variables, closure, panic, next       relocated as live slots are
 *   first defer, panic head                                              relocated as live slots are
 *   stktopsp        where unwinding must end, in [sp, hi]                keeps its distance from hi, hi included
 *   sudogs          the slot that a channel operation reads or writes    both words relocated as live slots are
 *
 * The records are those in memory; one that lies on the stack is part of a frame, and the frame's map has its words.
 * Keeps the rule of every move: what is wrong is found by outside_ok while nothing has changed, then adjust_outside
 * cannot fail, and afterwards nothing refers to the old stack.  OUTSIDE-1..OUTSIDE-5.
 * Called by a move of the stack: outside_ok with its first pass, adjust_outside when the words have been copied. */
#ifndef CONTIG_CORE_MOVE_OUTSIDE_H
#define CONTIG_CORE_MOVE_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/core/move/relocate.h"

/* Go 1.19 _defer, what a move touches of it. */
struct defer {
    uint64_t sp;
    uint64_t varp;
    uint64_t function;
    uint64_t panic;
    uint64_t link;
    uint64_t function_data;
};

/* Go 1.27 maybeTraceablePtr: the address, and the address once more or 0 if the collector is not to see it. */
struct element {
    uint64_t vu;
    uint64_t vp;
};

/* One channel operation that waits; size is that of the channel's elements, in bytes. */
struct sudog {
    struct element element;
    uint64_t size;
};

/* All that a goroutine has outside of its stack. */
struct outside {
    struct defer *defers;
    struct sudog *sudogs;
    uint32_t defers_count;
    uint32_t sudogs_count;
    uint64_t first_defer;
    uint64_t panic;
    uint64_t stktopsp;
};

#include "spec/outside.acsl"

/* All that a move writes of it. */
/* clang-format off */
#define OUTSIDE(outside)                                                                                     \
    outside->first_defer, outside->panic, outside->stktopsp, outside->defers[0 .. outside->defers_count - 1], \
        outside->sudogs[0 .. outside->sudogs_count - 1]
/* clang-format on */

/* OUTSIDE-1: the first record with an address in [lo, sp), or the number of records. */
/*@ requires records: outside_readable(outside);
    assigns  \nothing;
    ensures  bound:   \result <= outside->defers_count;
    ensures  found:   \result < outside->defers_count ==> !defer_sound(outside->defers + \result, lo, sp);
    ensures  first:   \forall integer k; 0 <= k < \result ==> defer_sound(outside->defers + k, lo, sp); */
uint32_t find_stale_defer(const struct outside *outside, uint64_t lo, uint64_t sp);

/* OUTSIDE-4: the first element with an address in [lo, sp), or with a slot that begins in the used part and ends
 * above it, or the number of sudogs. */
/*@ requires records: outside_readable(outside);
    requires stack:   lo <= sp <= hi;
    assigns  \nothing;
    ensures  bound:   \result <= outside->sudogs_count;
    ensures  found:   \result < outside->sudogs_count ==> !sudog_sound(outside->sudogs + \result, lo, sp, hi);
    ensures  first:   \forall integer k; 0 <= k < \result ==> sudog_sound(outside->sudogs + k, lo, sp, hi); */
uint32_t find_stale_sudog(const struct outside *outside, uint64_t lo, uint64_t sp, uint64_t hi);

/* OUTSIDE-1..OUTSIDE-4: can everything outside follow a move of this stack? */
/*@ requires records: outside_readable(outside);
    requires stack:   lo <= sp <= hi;
    assigns  \nothing;
    ensures  sound:   \result <==> outside_sound(outside, lo, sp, hi); */
bool outside_ok(const struct outside *outside, uint64_t lo, uint64_t sp, uint64_t hi);

/* OUTSIDE-1, OUTSIDE-2 (Go 1.19 adjustdefers): the head of the list and every record. */
/*@ requires records: outside_valid(outside);
    requires move:    move_possible(move);
    requires sound:   defers_sound(outside, move.old_lo, move.old_sp);
    assigns  outside->first_defer, outside->defers[0 .. outside->defers_count - 1];
    ensures  head:    outside->first_defer == relocated(\old(outside->first_defer), move);
    ensures  moved:   \forall integer k; 0 <= k < outside->defers_count ==>
                        defer_moved{Pre, Here}(outside->defers + k, move);
    ensures  left:    stacks_apart(move) ==> !refers(outside->first_defer, move.old_lo, move.old_hi) &&
                        \forall integer k; 0 <= k < outside->defers_count ==>
                          defer_left(outside->defers + k, move.old_lo, move.old_hi);
    ensures  other:   sudogs_same{Pre, Here}(outside); */
void adjustdefers(struct outside *outside, struct stack_move move);

/* OUTSIDE-3 (Go 1.19 adjustpanics): the innermost panic; those that it interrupted lie on the stack. */
/*@ requires records: outside_valid(outside);
    requires move:    move_possible(move);
    requires sound:   !stale(outside->panic, move.old_lo, move.old_sp);
    assigns  outside->panic;
    ensures  head:    outside->panic == relocated(\old(outside->panic), move);
    ensures  left:    stacks_apart(move) ==> !refers(outside->panic, move.old_lo, move.old_hi);
    ensures  other:   defers_same{Pre, Here}(outside) && sudogs_same{Pre, Here}(outside); */
void adjustpanics(struct outside *outside, struct stack_move move);

/* OUTSIDE-4 (Go 1.27 adjustsudogs): both words of each element. */
/*@ requires records: outside_valid(outside);
    requires move:    move_possible(move);
    requires sound:   sudogs_sound(outside, move.old_lo, move.old_sp, move.old_hi);
    assigns  outside->sudogs[0 .. outside->sudogs_count - 1];
    ensures  moved:   \forall integer k; 0 <= k < outside->sudogs_count ==>
                        sudog_moved{Pre, Here}(outside->sudogs + k, move);
    ensures  left:    stacks_apart(move) ==> \forall integer k; 0 <= k < outside->sudogs_count ==>
                        sudog_left(outside->sudogs + k, move.old_lo, move.old_hi);
    ensures  other:   defers_same{Pre, Here}(outside); */
void adjustsudogs(struct outside *outside, struct stack_move move);

/* OUTSIDE-1..OUTSIDE-4: all of it.  stktopsp is a bound: at hi it moves, too, and may then equal the low end of an
 * old stack that begins where the new one ends. */
/*@ requires records: outside_valid(outside);
    requires move:    move_possible(move);
    requires sound:   outside_sound(outside, move.old_lo, move.old_sp, move.old_hi);
    assigns  OUTSIDE(outside);
    ensures  heads:   heads_moved{Pre, Here}(outside, move);
    ensures  defers:  defers_moved{Pre, Here}(outside, move);
    ensures  sudogs:  sudogs_moved{Pre, Here}(outside, move);
    ensures  left:    stacks_apart(move) ==> outside_left(outside, move.old_lo, move.old_hi); */
void adjust_outside(struct outside *outside, struct stack_move move);

/* OUTSIDE-5: how much of the stack, from sp on, a move copies with the channels locked: up to the highest end of a
 * slot that waits.  Go's findsghi asks whether the end lies in [lo, hi), so that a slot elsewhere that ends at lo
 * counts and the length wraps around (GO-1); here the start must lie in the used part, and the end too. */
/*@ requires records: outside_readable(outside);
    requires stack:   sp <= hi;
    assigns  \nothing;
    ensures  bound:   0 <= \result <= hi - sp;
    ensures  covers:  \forall integer k; 0 <= k < outside->sudogs_count &&
                        slot_on_stack(outside->sudogs + k, sp, hi) ==>
                        outside->sudogs[k].element.vu + outside->sudogs[k].size <= sp + \result;
    ensures  least:   \result == 0 || \exists integer k; 0 <= k < outside->sudogs_count &&
                        slot_on_stack(outside->sudogs + k, sp, hi) &&
                        outside->sudogs[k].element.vu + outside->sudogs[k].size == sp + \result; */
uint64_t sgsize(const struct outside *outside, uint64_t sp, uint64_t hi);

#endif
