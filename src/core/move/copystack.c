/* copystack.c: both passes, the registers, and the two stacks' life. */
#include "src/core/move/copystack.h"
#include "src/core/move/adjust.h"

struct stack_fault check_registers(const struct goroutine_stack *g)
{
    struct stack_fault fault = {g->sched.sp, g->sched.pc, 0, STACK_BAD_FRAME};
    uint64_t sp = g->sched.sp;
    uint64_t bp = g->sched.bp;
    if (sp < g->lo || sp > g->hi || (g->hi - sp) % 8 != 0)
        return fault;
    if (bp != 0 && (bp < sp || bp >= g->hi))
        return fault;
    fault.status = g->lo <= g->sched.ctxt && g->sched.ctxt < sp ? STACK_STALE_POINTER : STACK_OK;
    return fault;
}

/* COPY-6, pass 1: every error that there can be, found while nothing has changed. */
/*@ requires table:  site_table_ok;
    requires memory: goroutine_readable(g) && \valid(marks + (0 .. MARK_WORDS - 1)) &&
                     bounds_placed(arena, g->lo, g->hi);
    requires apart:  \separated(arena + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks) &&
                       \separated(marks + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks) &&
                       \separated(g + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks) &&
                       \separated(g, marks + (0 .. MARK_WORDS - 1)) &&
                       \separated(arena + (0 .. arena_end - 1), marks + (0 .. MARK_WORDS - 1)) &&
                       (g->outside != \null ==> \separated(g->outside, marks + (0 .. MARK_WORDS - 1)) &&
                         \separated(g->outside->defers + (0 .. g->outside->defers_count - 1),
                         marks + (0 .. MARK_WORDS - 1)) &&
                         \separated(g->outside->sudogs + (0 .. g->outside->sudogs_count - 1),
                         marks + (0 .. MARK_WORDS - 1)));
    requires inside: g->hi <= arena_base + 8 * arena_end;
    assigns  marks[0 .. MARK_WORDS - 1];
    ensures  fault:  fault_named{Pre}(arena, g, \result);
    ensures  sound:  \result.status == STACK_OK <==> stack_sound{Pre}(arena, g);
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                       \result.status == STACK_STALE_POINTER || \result.status == STACK_BAD_OUTSIDE;
    ensures  marked: \result.status == STACK_OK ==>
                       marks_pointers(arena, marks, g, arena_word(g->sched.sp), arena_word(g->hi));
    ensures  clean:  \result.status == STACK_OK ==>
                       live_clean(arena, g, arena_word(g->sched.sp), arena_word(g->hi));
    ensures  end:    \result.status == STACK_OK ==> marks_end(marks, used_words(g)); */
__attribute__((noinline)) static struct stack_fault
check_stack(const uint64_t *arena, uint32_t *marks, const struct goroutine_stack *g)
{
    struct stack_fault found = check_registers(g);
    if (found.status != STACK_OK)
        return found;
    if (g->outside != NULL && !outside_ok(g->outside, g->lo, g->sched.sp, g->hi)) {
        found.status = STACK_BAD_OUTSIDE;
        return found;
    }
    struct stack_words at = words_of_stack(arena_base, g->lo, g->sched.sp, g->hi);
    return mark_frames_at(arena, marks, at.base, at.low, at.top, at.end, g->sched.pc)
        /*@ ghost (at) */;
}

/* COPY-1..COPY-4, pass 2: the used words, count of them from old_word on, to new_word on. */
/*@ requires words:  places_apart(arena, count, old_word, new_word);
    requires arena:  \valid(arena + (0 .. arena_end - 1)) && 0 < arena_end && new_word + count <= arena_end &&
                       old_word + count <= arena_end;
    requires move:   move_possible(move) && stacks_apart(move) && count <= LARGEST_STACK_WORDS;
    requires marks:  \valid_read(marks + (0 .. MARK_WORDS - 1)) && marks_end(marks, count) &&
                       \separated(marks + (0 .. MARK_WORDS - 1), arena + (0 .. arena_end - 1));
    requires marked: marks_pointers(arena, marks, g, old_word, old_word + count);
    requires clean:  live_clean(arena, g, old_word, old_word + count);
    requires stack:  move.old_lo == g->lo && move.old_sp == g->sched.sp && \separated(g, arena + (0 .. arena_end - 1));
    requires apart:  \separated(arena + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks) &&
                       \separated(marks + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks) &&
                       \separated(g + (..), SITE_TABLE_PLACES, &arena_base, &arena_chunks);
    requires beside: outside != \null ==> outside_valid(outside) && outside_is_apart(arena, outside);
    assigns  arena[new_word .. new_word + count - 1];
    ensures  pointers:  pointers_moved{Pre, Post}(arena, g, move, old_word, new_word, count);
    ensures  others:    others_copied{Pre, Post}(arena, g, old_word, new_word, count);
    ensures  elsewhere: words_elsewhere_kept{Pre, Post}(arena, new_word, count);
    ensures  left:      live_left{Pre, Post}(arena, g, move, old_word, new_word, count);
    ensures  heads:     outside != \null ==> heads_same{Pre, Post}(outside);
    ensures  defers:    outside != \null ==> defers_same{Pre, Post}(outside);
    ensures  sudogs:    outside != \null ==> sudogs_same{Pre, Post}(outside); */
static void move_words(uint64_t *arena, const uint32_t *marks, struct stack_move move,
                       uint64_t count, uint64_t old_word, uint64_t new_word)
/*@ ghost (struct goroutine_stack *g, struct outside *outside) */ {
    words_move(arena, marks, count, old_word, new_word, move.old_lo, move.old_sp, move.old_hi,
               move.new_hi);
    /*@ assert bits: \forall integer word; new_word <= word < new_word + count ==>
          (marked(marks, word - new_word) <==> holds_pointer{Pre}(arena, g, old_place(word, old_word, new_word))); */
    //@ assert pointers: pointers_moved{Pre, Here}(arena, g, move, old_word, new_word, count);
    //@ assert others: others_copied{Pre, Here}(arena, g, old_word, new_word, count);
}

/* COPY-5: the registers, and with them the bounds. */
/*@ requires g:      \valid(g) && registers_sound(g) && new_lo < new_hi && g->hi - g->sched.sp <= new_hi;
    requires apart:  new_hi <= g->lo || g->hi <= new_hi - (g->hi - g->sched.sp);
    requires others: outside != \null ==> outside_valid(outside) && goroutine_is_apart(g, outside);
    requires words:  \separated(g, arena + (0 .. arena_end - 1)) && \separated(g + (..), &arena_chunks);
    assigns  g->lo, g->hi, g->sched;
    ensures  moved:  \forall struct stack_move move; move_between{Pre, Post}(g, move) ==>
                       registers_moved{Pre, Post}(g, move) && registers_left(g, move);
    ensures  heads:  outside != \null ==> heads_same{Pre, Post}(outside);
    ensures  defers: outside != \null ==> defers_same{Pre, Post}(outside);
    ensures  sudogs: outside != \null ==> sudogs_same{Pre, Post}(outside);
    ensures  words:  words_kept{Pre, Post}(arena);
    ensures  new:    g->lo == new_lo && g->hi == new_hi; */
static void move_registers(struct goroutine_stack *g, uint64_t new_lo, uint64_t new_hi)
/*@ ghost (struct outside *outside, uint64_t *arena) */ {
    struct stack_move move = {g->lo, g->sched.sp, g->hi, new_hi};
    g->sched.bp = relocate(g->sched.bp, move);
    g->sched.ctxt = relocate(g->sched.ctxt, move);
    g->sched.sp = new_hi - (move.old_hi - move.old_sp);
    g->lo = new_lo;
    g->hi = new_hi;
}

/* COPY-5, OUTSIDE-1..OUTSIDE-4: what refers to the words: the registers, and the records outside if there are any. */
/*@ requires g:        \valid(g) && registers_sound(g) && new_lo < new_hi && g->hi - g->sched.sp <= new_hi;
    requires move:     move.old_lo == g->lo && move.old_sp == g->sched.sp && move.old_hi == g->hi &&
                       move.new_hi == new_hi &&
                         stacks_apart(move);
    requires outside:  outside != \null ==> outside_valid(outside) && goroutine_is_apart(g, outside);
    requires sound:    outside != \null ==> outside_sound(outside, move.old_lo, move.old_sp, move.old_hi);
    requires apart:    \separated(g + (..), &arena_chunks) &&
                         (outside != \null ==> \separated(outside + (..), &arena_chunks) &&
                           \separated(outside->defers + (..), &arena_chunks) &&
                           \separated(outside->sudogs + (..), &arena_chunks));
    requires words:    \separated(g, arena + (0 .. arena_end - 1)) &&
                         (outside != \null ==> outside_is_apart(arena, outside));
    assigns  g->lo, g->hi, g->sched, OUTSIDE(outside);
    ensures  new:      g->lo == new_lo && g->hi == new_hi && new_hi - g->sched.sp == move.old_hi - move.old_sp;
    ensures  words:    words_kept{Pre, Post}(arena);
    ensures  moved:    registers_moved{Pre, Post}(g, move);
    ensures  left:     registers_left(g, move);
    ensures  heads:    outside != \null ==> heads_moved{Pre, Post}(outside, move);
    ensures  defers:   outside != \null ==> defers_moved{Pre, Post}(outside, move);
    ensures  sudogs:   outside != \null ==> sudogs_moved{Pre, Post}(outside, move);
    ensures  gone:     outside != \null ==> outside_left(outside, move.old_lo, move.old_hi); */
static void move_references(struct goroutine_stack *g, struct outside *outside,
                            struct stack_move move, uint64_t new_lo,
                            uint64_t new_hi) /*@ ghost (uint64_t *arena) */
{
    move_registers(g, new_lo, new_hi) /*@ ghost (outside, arena) */;
    //@ assert this: move_between{Pre, Here}(g, move);
    if (outside != NULL) {
        /*@ assert same: \forall integer k; 0 <= k < outside->sudogs_count ==>
                           sudog_same{Pre, Here}(outside->sudogs + k); */
        //@ assert defers: defers_sound(outside, move.old_lo, move.old_sp);
        //@ assert sudogs: sudogs_sound(outside, move.old_lo, move.old_sp, move.old_hi);
        adjust_outside(outside, move);
    }
}

/* COPY-1..COPY-5, pass 2: the words, and then what refers to them. */
/*@ requires goroutine: goroutine_valid(g) && goroutine_apart(arena, marks, fault, g) && stack_sound(arena, g);
    requires move:      move.old_lo == g->lo && move.old_sp == g->sched.sp && move.old_hi == g->hi;
    requires places:    places_of(move, old_word, new_word, count) && old_word + count == arena_word(g->hi);
    requires disjoint:  (old_word + count <= new_word || new_word + count <= old_word) &&
                          old_word + count <= arena_end && new_word + count <= arena_end;
    requires bounds:    move_possible(move) && stacks_apart(move) && new_lo < move.new_hi;
    requires memory:    \valid(arena + (0 .. arena_end - 1)) && 0 < arena_end &&
                          \valid_read(marks + (0 .. MARK_WORDS - 1));
    requires marks:     marks_end(marks, count) && count <= LARGEST_STACK_WORDS;
    requires marked:    marks_pointers(arena, marks, g, old_word, old_word + count);
    requires clean:     live_clean(arena, g, old_word, old_word + count);
    requires apart:     \separated(arena + (..), CORE_PLACES) && \separated(marks + (..), CORE_PLACES) &&
                          \separated(g + (..), CORE_PLACES);
    requires records:   g->outside != \null ==> \separated(g->outside + (..), CORE_PLACES) &&
                          \separated(g->outside->defers + (..), CORE_PLACES) &&
                          \separated(g->outside->sudogs + (..), CORE_PLACES);
    assigns  arena[0 .. arena_end - 1], GOROUTINE(g);
    ensures  new:       g->lo == new_lo && g->hi == move.new_hi && g->hi - g->sched.sp == move.old_hi - move.old_sp;
    ensures  registers: registers_moved{Pre, Post}(g, move) && registers_left(g, move);
    ensures  heads:     g->outside != \null ==> heads_moved{Pre, Post}(g->outside, move);
    ensures  defers:    g->outside != \null ==> defers_moved{Pre, Post}(g->outside, move);
    ensures  sudogs:    g->outside != \null ==> sudogs_moved{Pre, Post}(g->outside, move);
    ensures  gone:      records_left(g, move);
    ensures  pointers:  pointers_moved{Pre, Post}(arena, g, move, old_word, new_word, count);
    ensures  others:    others_copied{Pre, Post}(arena, g, old_word, new_word, count);
    ensures  elsewhere: words_elsewhere_kept{Pre, Post}(arena, new_word, count);
    ensures  left:      live_left{Pre, Post}(arena, g, move, old_word, new_word, count); */
static void move_all(uint64_t *arena, const uint32_t *marks, struct goroutine_stack *g,
                     struct stack_move move, uint64_t count, uint64_t old_word, uint64_t new_word,
                     uint64_t new_lo)
/*@ ghost (struct stack_fault *fault) */ {
    struct outside *outside = g->outside;
    move_words(arena, marks, move, count, old_word, new_word) /*@ ghost (g, outside) */;
    /*@ assert saved: g->sched.pc == \at(g->sched.pc, Pre) && g->sched.bp == \at(g->sched.bp, Pre) &&
          g->sched.ctxt == \at(g->sched.ctxt, Pre) && g->sched.sp == \at(g->sched.sp, Pre); */
    /*@ assert defers: outside != \null ==> \forall integer k; 0 <= k < outside->defers_count ==>
          defer_sound(outside->defers + k, move.old_lo, move.old_sp); */
    /*@ assert sudogs: outside != \null ==> \forall integer k; 0 <= k < outside->sudogs_count ==>
          sudog_sound(outside->sudogs + k, move.old_lo, move.old_sp, move.old_hi); */
    move_references(g, outside, move, new_lo, move.new_hi) /*@ ghost (arena) */;
}

/* COPY-1..COPY-5: the goroutine from its stack to [new_lo, new_hi), after pass 1. */
/*@ requires goroutine: goroutine_valid(g) && goroutine_apart(arena, marks, fault, g) && stack_sound(arena, g);
    requires live:      live_stack(g->lo, g->hi - g->lo) && live_stack(new_lo, new_hi - new_lo);
    requires places:    stack_placed(g->lo, g->hi - g->lo) && stack_placed(new_lo, new_hi - new_lo) && arena_placed;
    requires disjoint:  disjoint(g->lo, g->hi - g->lo, new_lo, new_hi - new_lo) && new_lo < new_hi &&
                          g->hi - g->sched.sp <= new_hi - new_lo;
    requires memory:    \valid(arena + (0 .. arena_end - 1)) && \valid_read(marks + (0 .. MARK_WORDS - 1));
    requires marks:     marks_end(marks, used_words(g));
    requires marked:    marks_pointers(arena, marks, g, arena_word(g->sched.sp), arena_word(g->hi));
    requires clean:     live_clean(arena, g, arena_word(g->sched.sp), arena_word(g->hi));
    requires apart:     \separated(arena + (..), CORE_PLACES) && \separated(marks + (..), CORE_PLACES) &&
                          \separated(g + (..), CORE_PLACES);
    requires records:   g->outside != \null ==> \separated(g->outside + (..), CORE_PLACES) &&
                          \separated(g->outside->defers + (..), CORE_PLACES) &&
                          \separated(g->outside->sudogs + (..), CORE_PLACES);
    assigns  arena[0 .. arena_end - 1], GOROUTINE(g);
    ensures  new:       g->lo == new_lo && g->hi == new_hi;
    ensures  used:      g->hi - g->sched.sp == \old(g->hi - g->sched.sp);
    ensures  moved:     goroutine_moved{Pre, Post}(arena, g); */
static void move_goroutine(uint64_t *arena, const uint32_t *marks, struct goroutine_stack *g,
                           uint64_t new_lo,
                           uint64_t new_hi) /*@ ghost (struct stack_fault *fault) */
{
    struct stack_move move = {g->lo, g->sched.sp, g->hi, new_hi};
    uint64_t count = (move.old_hi - move.old_sp) / 8;
    uint64_t old_word = (move.old_sp - arena_base) / 8;
    uint64_t new_word = (move.new_hi - arena_base) / 8 - count;
    //@ assert count: count == used_words(g) && 8 * count == g->hi - g->sched.sp;
    //@ assert old: old_word == arena_word(g->sched.sp) && old_word + count == arena_word(g->hi) <= arena_end;
    /*@ assert new: new_word + count == arena_word(new_hi) <= arena_end &&
                    8 * new_word == new_hi - 8 * count - arena_base; */
    move_all(arena, marks, g, move, count, old_word, new_word, new_lo) /*@ ghost (fault) */;
    /*@ assert this: \forall struct stack_move other, integer from, integer to, integer words;
          move_between{Pre, Here}(g, other) && places_of(other, from, to, words) ==>
          other == move && from == old_word && to == new_word && words == count; */
}

/* The report, which stands apart from all that a move may change. */
/*@ requires fault:  \valid(fault) && \valid_read(g) && goroutine_apart(arena, marks, fault, g);
    requires record: g->outside != \null ==> outside_valid(g->outside);
    requires apart:  \separated(fault + (..), &arena_chunks);
    assigns  *fault;
    ensures  said:   *fault == found;
    ensures  bounds: registers_kept{Pre, Post}(g);
    ensures  heads:  g->outside != \null ==> heads_same{Pre, Post}(g->outside);
    ensures  defers: g->outside != \null ==> defers_same{Pre, Post}(g->outside);
    ensures  sudogs: g->outside != \null ==> sudogs_same{Pre, Post}(g->outside);
    ensures  words:  words_kept{Pre, Post}(arena); */
static void report_fault(struct stack_fault *fault, struct stack_fault found)
/*@ ghost (uint64_t *arena, uint32_t *marks, struct goroutine_stack *g) */ {
    *fault = found;
}

enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault)
{
    //@ ghost live_stacks_are_placed();
    struct stack_fault found = check_stack(arena, marks, g);
    if (found.status != STACK_OK) {
        report_fault(fault, found) /*@ ghost (arena, marks, g) */;
        return found.status;
    }
    uint64_t old_lo = g->lo;
    uint64_t old_size = g->hi - g->lo;
    if (new_size_bytes < g->hi - g->sched.sp)
        return STACK_BAD_SIZE;
    struct stack_alloc_result fresh = stack_take(p, new_size_bytes);
    if (fresh.status != STACK_OK)
        return fresh.status;
    //@ ghost live_stacks_are_placed();
    move_goroutine(arena, marks, g, fresh.lo, fresh.lo + new_size_bytes) /*@ ghost (fault) */;
    enum stack_status freed = stack_return(p, old_lo, old_size);
    //@ assert replaced: live_stack_replaced{Pre, Here}(old_lo, old_size, fresh.lo, new_size_bytes);
    return freed;
}
