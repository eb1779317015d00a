/* copystack.c: both passes, the registers, and the two stacks' life. */
#include "src/core/copystack.h"
#include "src/core/adjust.h"
#include "src/core/stackalloc.h"

int registers_well_formed(const struct goroutine_stack *g) {
    uint64_t bp = g->sched.bp;
    if (g->sched.sp < g->lo || g->sched.sp > g->hi || (g->hi - g->sched.sp) % 8 != 0) return 0;
    return bp == 0 || (g->sched.sp <= bp && bp < g->hi);
}

/* Pass 1: every error that there can be, found while nothing has changed. */
static struct stack_fault check_stack(const uint64_t *arena, uint32_t *marks, const struct goroutine_stack *g) {
    struct stack_fault registers = {g->sched.sp, g->sched.pc, 0, STACK_BAD_FRAME};
    if (!registers_well_formed(g)) return registers;
    if (g->lo <= g->sched.ctxt && g->sched.ctxt < g->sched.sp) {
        registers.status = STACK_STALE_POINTER;
        return registers;
    }
    struct stack_words at = {arena_base, (g->lo - arena_base) / 8, (g->sched.sp - arena_base) / 8,
                             (g->hi - arena_base) / 8};
    return mark_frames(arena, marks, at, g->sched.pc);
}

/* Pass 2: words first, registers next, bounds last. */
static void move_stack(uint64_t *arena, const uint32_t *marks, struct goroutine_stack *g, uint64_t new_lo,
                       uint64_t new_hi) {
    struct stack_move move = {g->lo, g->sched.sp, g->hi, new_hi};
    uint64_t used = g->hi - g->sched.sp;
    uint64_t old_word = (g->sched.sp - arena_base) / 8;
    uint64_t new_word = (new_hi - used - arena_base) / 8;
    words_copy(arena, used / 8, old_word, new_word);
    adjust_words(arena, marks, used / 8, old_word, new_word, move);
    g->sched.bp = relocate(g->sched.bp, move);
    g->sched.ctxt = relocate(g->sched.ctxt, move);
    g->sched.sp = new_hi - used;
    g->lo = new_lo;
    g->hi = new_hi;
}

enum stack_status copystack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t new_size_bytes, struct stack_fault *fault) {
    *fault = check_stack(arena, marks, g);
    if (fault->status != STACK_OK) return fault->status;
    if (new_size_bytes < g->hi - g->sched.sp) return STACK_BAD_SIZE;
    struct stack_alloc_result fresh = stackalloc(p, new_size_bytes);
    if (fresh.status != STACK_OK) return fresh.status;
    uint64_t old_lo = g->lo;
    uint64_t old_size = g->hi - g->lo;
    move_stack(arena, marks, g, fresh.lo, fresh.lo + new_size_bytes);
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
