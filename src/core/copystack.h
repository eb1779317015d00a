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
 * the words are copied and relocated, the registers follow, and last the old stack is freed.  An error leaves
 * everything as it was.  COPY-1..COPY-11, SHRINK-6.  Called by newstack and by the GC cycle, with the goroutine
 * stopped and owned by the caller. */
#ifndef CONTIG_CORE_COPYSTACK_H
#define CONTIG_CORE_COPYSTACK_H

#include <stdbool.h>
#include "src/core/growth.h"
#include "src/core/stackalloc.h"
#include "src/core/unwind.h"

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
};

#include "spec/stack_moves.acsl"

/* COPY-5, COPY-8: may the registers be moved?  The fault names the innermost frame. */
/*@ requires g:       \valid_read(g);
    assigns  \nothing;
    ensures  decides: \result.status == STACK_OK <==> registers_sound(g);
    ensures  place:   \result.frame_sp == g->sched.sp && \result.pc == g->sched.pc && \result.frame == 0;
    ensures  status:  \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                        \result.status == STACK_STALE_POINTER; */
struct stack_fault check_registers(const struct goroutine_stack *g);

/* COPY-1 (Go 1.19 copystack): the goroutine's stack, whose size is to be new_size_bytes.  STACK_BAD_FRAME and
 * STACK_STALE_POINTER: *fault says where.  STACK_BAD_SIZE, STACK_NO_MEMORY: no such stack can be had.  Whatever the
 * error, the goroutine, its words and the heap's stacks are as they were. */
/*@ requires table:     site_table_ok;
    requires heap:      heap_sound && arena_placed && p <= NUM_P;
    requires live:      live_stack(g->lo, g->hi - g->lo);
    requires memory:    \valid(g) && \valid(fault) && \valid(marks + (0 .. MARK_WORDS - 1)) &&
                          \valid(arena + (0 .. ARENA_WORDS - 1)) &&
                          \separated(g, fault, arena + (0 .. ARENA_WORDS - 1), marks + (0 .. MARK_WORDS - 1));
    assigns  arena[0 .. ARENA_WORDS - 1], marks[0 .. MARK_WORDS - 1], *g, *fault, STACK_HEAP;
    ensures  heap:      heap_sound;
    ensures  status:    \result == STACK_OK || \result == STACK_BAD_FRAME || \result == STACK_STALE_POINTER ||
                          \result == STACK_BAD_SIZE || \result == STACK_NO_MEMORY;
    ensures  malformed: \result == STACK_BAD_FRAME || \result == STACK_STALE_POINTER <==>
                          !stack_sound{Pre}(arena, g);
    ensures  failed:    \result != STACK_OK ==> *g == \old(*g) &&
                          (\forall integer k; 0 <= k < ARENA_WORDS ==> arena[k] == \old(arena[k])) &&
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) && live_blocks_same_but{Pre, Post}(NUM_CHUNKS);
    ensures  bounds:    \result == STACK_OK ==> g->hi - g->lo == new_size_bytes && live_stack(g->lo, new_size_bytes);
    ensures  registers: \result == STACK_OK ==> registers_moved{Pre, Post}(g);
    ensures  moved:     \result == STACK_OK ==> \forall integer k; arena_word(g->sched.sp) <= k < arena_word(g->hi) &&
                          holds_pointer{Pre}(arena, g, old_place{Pre, Post}(g, k)) ==>
                          arena[k] == moved_from{Pre}(g, \old(arena[old_place{Pre, Post}(g, \at(k, Post))]), \at(g->hi, Post));
    ensures  kept:      \result == STACK_OK ==> \forall integer k; arena_word(g->sched.sp) <= k < arena_word(g->hi) &&
                          !holds_pointer{Pre}(arena, g, old_place{Pre, Post}(g, k)) ==>
                          arena[k] == \old(arena[old_place{Pre, Post}(g, \at(k, Post))]);
    ensures  outside:   \result == STACK_OK ==> \forall integer k; 0 <= k < ARENA_WORDS &&
                          !(arena_word(g->sched.sp) <= k < arena_word(g->hi)) ==> arena[k] == \old(arena[k]); */
enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault);

/* SHRINK-6: nothing at all happens while the stack must not move (system call, asynchronous safe point, parking
 * on a channel), or when it is too full to be halved: both are STACK_OK, and the stack is as it was. */
enum stack_status shrinkstack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g, bool safe,
                              struct stack_fault *fault);

#endif
