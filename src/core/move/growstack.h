/* growstack.h: a goroutine's stack grows because a prologue asked, or shrinks because a collection found little in use.
 *
 *     growstack     what newstack does once it knows the frame that asks: judge the registers, find the least size
 *                   that holds it or say overflow, and move
 *     shrinkstack   what a collection does with each stack: nothing, or halve it
 *
 * Both decide and move as one, so that the runtime decides nothing again.  GROW-1..GROW-3, SHRINK-1..SHRINK-7.
 * Called by the runtime, with the goroutine stopped and owned by the caller. */
#ifndef CONTIG_CORE_MOVE_GROWSTACK_H
#define CONTIG_CORE_MOVE_GROWSTACK_H

#include "src/core/heap/stack_local.h"
#include "src/core/move/copystack.h"
#include "src/core/move/growth.h"

#include "spec/resizing.acsl"

/* GROW-1..GROW-3, GROW-9 (Go 1.19 newstack): a stack that holds what is in use, frame_bytes more and the guard; with
 * forced, a new one of the same size.
 *   STACK_TOO_LARGE   no size up to maximum_bytes holds them: the stack has overflowed
 *   the others        as of copystack, but never STACK_BAD_SIZE
 * Registers are judged first, so that a stack pointer outside of the stack is STACK_BAD_FRAME. */
/*@ MOVE_INPUTS
    assigns  MOVE_OUTPUTS;
    ensures  stacks:    stacks_sound;
    ensures  status:    malformed(\result) || \result == STACK_OK || \result == STACK_TOO_LARGE ||
                          \result == STACK_NO_MEMORY;
    ensures  overflow:  \result == STACK_TOO_LARGE <==> registers_sound{Pre}(g) && forced == 0 &&
                          growth_overflows{Pre}(g, frame_bytes, maximum_bytes);
    ensures  malformed: \result != STACK_TOO_LARGE ==> (malformed(\result) <==> !stack_sound{Pre}(arena, g));
    ensures  no_memory: \result == STACK_NO_MEMORY ==> \exists integer bytes; no_room_for(bytes) &&
                          growth_reaches{Pre}(g, frame_bytes, maximum_bytes, forced, bytes);
    ensures  fault:     malformed(\result) ==> fault->status == \result && fault_named{Pre}(arena, g, *fault);
    ensures  failed:    \result != STACK_OK ==> goroutine_unmoved{Pre, Post}(arena, g);
    ensures  size:      \result == STACK_OK ==>
                          growth_reaches{Pre}(g, frame_bytes, maximum_bytes, forced, \at(g->hi - g->lo, Post));
    ensures  moved:     \result == STACK_OK ==> goroutine_resized{Pre, Post}(arena, g, g->hi - g->lo); */
enum stack_status growstack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t frame_bytes, uint64_t maximum_bytes, bool forced,
                            struct stack_fault *fault);

/* OWN-4: will growstack, called now with the same arguments, take the new stack from the cache of P p, and give the old
 * one to it?  Then it needs no lock.  False also if it would fail. */
/*@ requires stacks:    stacks_sound;
    requires goroutine: \valid_read(g) && live_stack(g->lo, g->hi - g->lo) && p < NUM_P;
    requires apart:     \separated(g + (..), CORE_PLACES);
    assigns  \nothing;
    ensures  local:     \result ==> cache_has_room(p, g->hi - g->lo) && \exists integer bytes; cache_has(p, bytes) &&
                          growth_reaches(g, frame_bytes, maximum_bytes, forced, bytes); */
bool growth_is_local(uint32_t p, const struct goroutine_stack *g, uint64_t frame_bytes,
                     uint64_t maximum_bytes, bool forced);

/* SHRINK-1, SHRINK-2, SHRINK-7 (Go 1.19 shrinkstack): half of the stack, if shrink_due says that little enough of it is
 * in use; STACK_OK and nothing changed if it is not.  Errors are those of copystack, but never STACK_BAD_SIZE. */
/*@ MOVE_INPUTS
    assigns  MOVE_OUTPUTS;
    ensures  stacks:    stacks_sound;
    ensures  status:    malformed(\result) || \result == STACK_OK || \result == STACK_NO_MEMORY;
    ensures  malformed: malformed(\result) <==> !registers_sound{Pre}(g) ||
                          (halving_due{Pre}(g) && !stack_sound{Pre}(arena, g));
    ensures  no_memory: \result == STACK_NO_MEMORY ==> no_room_for(\old(g->hi - g->lo) / 2) && halving_due{Pre}(g);
    ensures  fault:     malformed(\result) ==> fault->status == \result && fault_named{Pre}(arena, g, *fault);
    ensures  stays:     \result != STACK_OK || !halving_due{Pre}(g) ==> goroutine_unmoved{Pre, Post}(arena, g);
    ensures  halved:    \result == STACK_OK && halving_due{Pre}(g) ==>
                          goroutine_resized{Pre, Post}(arena, g, \old(g->hi - g->lo) / 2);
    ensures  room:      \result == STACK_OK && halving_due{Pre}(g) ==> g->sched.sp - g->lo > STACK_GUARD_BYTES; */
enum stack_status shrinkstack(uint64_t *arena, uint32_t *marks, uint32_t p,
                              struct goroutine_stack *g, struct stack_fault *fault);

#endif
