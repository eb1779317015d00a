/* copystack.h: moves a stopped goroutine's stack to another size.
 *
 *        hi  ------------------                  hi' ------------------
 *            frames                                  the same frames, pointers into
 *        sp  ------------------     =======>         the stack relocated
 *            free                                sp' ------------------
 *        lo  ------------------                      free
 *                                                lo' ------------------
 *
 * Pass 1 walks the old stack, finds every error and marks the pointer words; only then a new stack is taken,
 * the words are copied and relocated, what refers to the stack from outside and the registers follow, and last the
 * old stack is freed.  An error leaves everything as it was.  COPY-1..COPY-11, OUTSIDE-1..OUTSIDE-4.
 * Called by growstack and shrinkstack, with the goroutine stopped and owned by the caller. */
#ifndef CONTIG_CORE_MOVE_COPYSTACK_H
#define CONTIG_CORE_MOVE_COPYSTACK_H

#include <stddef.h>
#include "src/core/move/outside.h"
#include "src/core/move/stack_place.h"
#include "src/core/move/unwind.h"

/* Go's gobuf: what the switch saves. */
struct gobuf {
    uint64_t sp;
    uint64_t pc;
    uint64_t bp;   /* 0, or the frame pointer, in [sp, hi) */
    uint64_t ctxt; /* the closure register: any word, relocated like a live slot */
};

struct goroutine_stack {
    uint64_t lo;
    uint64_t hi;
    struct gobuf sched;
    /* deferred calls, panic, channel operations; a null pointer: there are none */
    struct outside *outside;
};

#include "spec/stack_moves.acsl"

/* Where the tables stand that a move reads or writes: nothing that is given to it may lie there. */
/* clang-format off */
#define CORE_PLACES                                                                                          \
    SITE_TABLE_PLACES, &arena_base, &arena_chunks, &grown_chunks, block_state + (..), block_order + (..),    \
        set_member + (..), set_rank + (..), set_size + (..), span_slots + (..), span_order + (..),           \
        span_free + (..), slot_stack + (..), slot_place + (..), slot_owner + (..), stackcache + (..),        \
        stack_units_of + (..), &stack_gc_running
/* clang-format on */

/* All that a move writes of a goroutine. */
#define GOROUTINE(g) g->lo, g->hi, g->sched, OUTSIDE(g->outside)

/* COPY-5, COPY-8: may the registers be moved?  The fault names the innermost frame. */
/*@ requires g:       \valid_read(g);
    assigns  \nothing;
    ensures  decides: \result.status == STACK_OK <==> registers_sound(g);
    ensures  place:   \result.frame_sp == g->sched.sp && \result.pc == g->sched.pc && \result.frame == 0;
    ensures  status:  \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                        \result.status == STACK_STALE_POINTER; */
struct stack_fault check_registers(const struct goroutine_stack *g);

/* What a move asks of its caller: a sound table and heap, a goroutine whose stack is live, and memory in which nothing
 * that is written lies in anything else. */
/* clang-format off */
#define MOVE_INPUTS                                                                                          \
    requires table:     site_table_ok;                                                                       \
    requires stacks:    stacks_sound && p <= NUM_P;                                                          \
    requires live:      g->lo <= g->hi && live_stack(g->lo, g->hi - g->lo);                                  \
    requires goroutine: goroutine_valid(g) && goroutine_apart(arena, marks, fault, g);                       \
    requires memory:    \valid(arena + (0 .. arena_end - 1)) && \valid(marks + (0 .. MARK_WORDS - 1)) &&     \
                          \valid(fault);                                                                     \
    requires apart:     \separated(arena + (..), CORE_PLACES) && \separated(marks + (..), CORE_PLACES) &&    \
                          \separated(fault + (..), CORE_PLACES) && \separated(g + (..), CORE_PLACES);        \
    requires records:   g->outside != \null ==> \separated(g->outside + (..), CORE_PLACES) &&               \
                          \separated(g->outside->defers + (..), CORE_PLACES) &&                              \
                          \separated(g->outside->sudogs + (..), CORE_PLACES);
/* clang-format on */

/* All that a move may change. */
/* clang-format off */
#define MOVE_OUTPUTS arena[0 .. arena_end - 1], marks[0 .. MARK_WORDS - 1], *fault, STACK_HEAP, GOROUTINE(g)
/* clang-format on */

/* COPY-1..COPY-11 (Go 1.19 copystack): moves the goroutine to a new stack of new_size_bytes.
 *   STACK_BAD_FRAME, STACK_STALE_POINTER, STACK_BAD_OUTSIDE   registers,
 frames or records are malformed: *fault says where
 *   STACK_BAD_SIZE                                            no stack has that size, or what is in use does not fit
 *   STACK_NO_MEMORY                                           no block is left for it
 * On any error the goroutine, every word of the arena and everybody's stacks are as they were. */
/*@ MOVE_INPUTS
    assigns  MOVE_OUTPUTS;
    ensures  stacks:    stacks_sound;
    ensures  malformed: malformed(\result) <==> !stack_sound{Pre}(arena, g);
    ensures  bad_size:  \result == STACK_BAD_SIZE <==> stack_sound{Pre}(arena, g) &&
                          (!stack_size(new_size_bytes) || new_size_bytes < \old(g->hi - g->sched.sp));
    ensures  no_memory: \result == STACK_NO_MEMORY ==> no_room_for(new_size_bytes);
    ensures  status:    malformed(\result) || \result == STACK_OK || \result == STACK_BAD_SIZE ||
                          \result == STACK_NO_MEMORY;
    ensures  fault:     malformed(\result) ==> fault->status == \result && fault_named{Pre}(arena, g, *fault);
    ensures  failed:    \result != STACK_OK ==> goroutine_unmoved{Pre, Post}(arena, g);
    ensures  moved:     \result == STACK_OK ==> goroutine_resized{Pre, Post}(arena, g, new_size_bytes); */
enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault);

#endif
