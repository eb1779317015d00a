/* copystack.c: both passes, the registers, and the two stacks' life. */
#include "src/core/copystack.h"
#include "src/core/adjust.h"

struct stack_fault check_registers(const struct goroutine_stack *g) {
    struct stack_fault fault = {g->sched.sp, g->sched.pc, 0, STACK_BAD_FRAME};
    uint64_t sp = g->sched.sp;
    uint64_t bp = g->sched.bp;
    if (sp < g->lo || sp > g->hi || (g->hi - sp) % 8 != 0) return fault;
    if (bp != 0 && (bp < sp || bp >= g->hi)) return fault;
    fault.status = g->lo <= g->sched.ctxt && g->sched.ctxt < sp ? STACK_STALE_POINTER : STACK_OK;
    return fault;
}

/* COPY-6, pass 1: every error that there can be, found while nothing has changed. */
/*@ requires table:  site_table_ok;
    requires memory: \valid_read(g) && \valid(marks + (0 .. MARK_WORDS - 1)) && bounds_placed(arena, g->lo, g->hi) &&
                       \separated(g, marks + (0 .. MARK_WORDS - 1));
    assigns  marks[0 .. MARK_WORDS - 1];
    ensures  sound:  \result.status == STACK_OK <==> stack_sound{Pre}(arena, g);
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                       \result.status == STACK_STALE_POINTER;
    ensures  marked: \result.status == STACK_OK ==> \forall integer k;
                       arena_word(g->sched.sp) <= k < arena_word(g->hi) ==>
                       (marked(marks, k - arena_word(g->sched.sp)) <==> holds_pointer{Pre}(arena, g, k));
    ensures  clean:  \result.status == STACK_OK ==> \forall integer k; holds_live_pointer{Pre}(arena, g, k) ==>
                       arena_word(g->sched.sp) <= k < arena_word(g->hi) && !stale(arena[k], g->lo, g->sched.sp);
    ensures  beyond: \result.status == STACK_OK ==> \forall integer k;
                       used_words(g) <= k < used_words(g) + 32 ==> !marked(marks, k); */
static struct stack_fault check_stack(const uint64_t *arena, uint32_t *marks, const struct goroutine_stack *g) {
    struct stack_fault registers = check_registers(g);
    if (registers.status != STACK_OK) return registers;
    struct stack_words at = {arena_base, (g->lo - arena_base) / 8, (g->sched.sp - arena_base) / 8,
                             (g->hi - arena_base) / 8};
    //@ assert low: word_address(at.base, at.low) == g->lo;
    //@ assert top: word_address(at.base, at.top) == g->sched.sp;
    //@ assert end: word_address(at.base, at.end) == g->hi;
    struct stack_fault fault = mark_frames(arena, marks, at, g->sched.pc);
    //@ assert sound: fault.status == STACK_OK <==> stack_sound{Pre}(arena, g);
    return fault;
}

/* COPY-1..COPY-3, pass 2 of the words. */
/*@ requires memory: \valid_read(marks + (0 .. MARK_WORDS - 1)) && move_possible(move) && move.old_lo <= move.old_sp &&
                       bounds_placed(arena, move.old_sp, move.old_hi) && (move.old_hi - move.old_sp) % 8 == 0 &&
                       \valid(arena + (arena_word(move.new_hi) - used .. arena_word(move.new_hi) - 1));
    requires new:    used == (move.old_hi - move.old_sp) / 8 && arena_base <= move.new_hi - 8 * used &&
                       (move.new_hi - arena_base) % 8 == 0;
    requires apart:  arena_word(move.old_hi) <= arena_word(move.new_hi) - used ||
                       arena_word(move.new_hi) <= arena_word(move.old_sp);
    requires beyond: \forall integer k; used <= k < used + 32 ==> !marked(marks, k);
    assigns  arena[arena_word(move.new_hi) - used .. arena_word(move.new_hi) - 1];
    ensures  moved:  \forall integer k; arena_word(move.new_hi) - used <= k < arena_word(move.new_hi) &&
                       marked(marks, k - (arena_word(move.new_hi) - used)) ==>
                       arena[k] == relocated(\old(arena[k - arena_word(move.new_hi) + arena_word(move.old_hi)]), move);
    ensures  kept:   \forall integer k; arena_word(move.new_hi) - used <= k < arena_word(move.new_hi) &&
                       !marked(marks, k - (arena_word(move.new_hi) - used)) ==>
                       arena[k] == \old(arena[k - arena_word(move.new_hi) + arena_word(move.old_hi)]); */
static void move_words(uint64_t *arena, const uint32_t *marks, struct stack_move move, uint64_t used) {
    uint64_t old_word = (move.old_sp - arena_base) / 8;
    uint64_t new_word = (move.new_hi - arena_base) / 8 - used;
    //@ assert old: old_word + used == arena_word(move.old_hi);
    //@ assert new: new_word + used == arena_word(move.new_hi);
    words_copy(arena, used, old_word, new_word);
    //@ assert stay: \forall integer k; old_word <= k < old_word + used ==> arena[k] == \at(arena[k], Pre);
    //@ assert same: \forall integer k; new_word <= k < new_word + used ==> arena[k] == arena[k - new_word + old_word];
    adjust_words(arena, marks, used, old_word, new_word, move);
}

/* COPY-5: the registers last, and with them the bounds. */
/*@ requires g:     \valid(g) && registers_sound(g) && new_lo <= new_hi && g->hi - g->sched.sp <= new_hi;
    assigns  *g;
    ensures  moved: registers_moved{Pre, Post}(g);
    ensures  new:   g->lo == new_lo && g->hi == new_hi; */
static void move_registers(struct goroutine_stack *g, uint64_t new_lo, uint64_t new_hi) {
    struct stack_move move = {g->lo, g->sched.sp, g->hi, new_hi};
    g->sched.bp = relocate(g->sched.bp, move);
    g->sched.ctxt = relocate(g->sched.ctxt, move);
    g->sched.sp = new_hi - (move.old_hi - move.old_sp);
    g->lo = new_lo;
    g->hi = new_hi;
}

enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault) {
    *fault = check_stack(arena, marks, g);
    if (fault->status != STACK_OK) return fault->status;
    uint64_t used = g->hi - g->sched.sp;
    if (new_size_bytes < used) return STACK_BAD_SIZE;
    struct stack_alloc_result fresh = stackalloc(p, new_size_bytes);
    if (fresh.status != STACK_OK) return fresh.status;
    uint64_t old_lo = g->lo;
    uint64_t old_size = g->hi - g->lo;
    struct stack_move move = {g->lo, g->sched.sp, g->hi, fresh.lo + new_size_bytes};
    move_words(arena, marks, move, used / 8);
    move_registers(g, fresh.lo, fresh.lo + new_size_bytes);
    return stackfree(p, old_lo, old_size);
}

enum stack_status shrinkstack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g, bool safe,
                              struct stack_fault *fault) {
    uint64_t size = g->hi - g->lo;
    fault->status = STACK_OK;
    if (!safe || g->sched.sp < g->lo || g->sched.sp > g->hi) return STACK_OK;
    uint64_t smaller = shrinkstack_size(size, g->hi - g->sched.sp);
    return smaller == size ? STACK_OK : copystack(arena, marks, p, g, smaller, fault);
}
