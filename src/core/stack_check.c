/* stack_check.c: checkers that decide the specification's predicates. */
#include "src/core/stack_check.h"
#include "src/core/stackalloc.h"

int sites_ok(void) {
    for (uint32_t site = 0; site < sites_count; site++) {
        if (!site_well_formed((int32_t)site, site_map_count)) return 0;
        if (site_find(sites_text_base + (uint64_t)sites[site].pc) != (int32_t)site) return 0;
    }
    return 1;
}

int stack_ok(const uint64_t *arena, const struct goroutine_stack *g) {
    if (check_registers(g).status != STACK_OK) return 0;
    struct stack_words at = {arena_base, (g->lo - arena_base) / 8, (g->sched.sp - arena_base) / 8,
                             (g->hi - arena_base) / 8};
    return check_frames(arena, at, g->sched.pc).status == STACK_OK;
}

int stack_same_after_move(const uint64_t *snapshot, const uint64_t *now, uint64_t now_base, uint32_t *marks,
                          const struct goroutine_stack *old, const struct goroutine_stack *new_stack) {
    if (check_registers(old).status != STACK_OK || new_stack->hi < old->hi - old->sched.sp) return 0;
    struct stack_words at = {old->lo, 0, (old->sched.sp - old->lo) / 8, (old->hi - old->lo) / 8};
    struct stack_move move = {old->lo, old->sched.sp, old->hi, new_stack->hi};
    if (mark_frames(snapshot, marks, at, old->sched.pc).status != STACK_OK) return 0;
    if (new_stack->sched.sp != new_stack->hi - (old->hi - old->sched.sp)) return 0;
    if (new_stack->sched.pc != old->sched.pc || new_stack->sched.bp != relocate(old->sched.bp, move)) return 0;
    if (new_stack->sched.ctxt != relocate(old->sched.ctxt, move)) return 0;
    uint64_t first = (new_stack->sched.sp - now_base) / 8;
    for (uint64_t k = 0; k < at.end - at.top; k++) {
        uint64_t value = snapshot[at.top + k];
        uint64_t wanted = bit_is_set(marks[k / 32], (uint32_t)(k % 32)) ? relocate(value, move) : value;
        if (now[first + k] != wanted) return 0;
    }
    return 1;
}
