/* outside.c: pointers into a stack that stand outside of its frames. */
#include "src/core/move/outside.h"

/*@ assigns \nothing;
    ensures stale: \result <==> stale(value, lo, sp); */
static inline bool is_stale(uint64_t value, uint64_t lo, uint64_t sp)
{
    return lo <= value && value < sp;
}

/*@ requires record: \valid_read(record);
    assigns  \nothing;
    ensures  stale:  !\result <==> defer_sound(record, lo, sp); */
static inline bool defer_is_stale(const struct defer *record, uint64_t lo, uint64_t sp)
{
    return is_stale(record->sp, lo, sp) || is_stale(record->varp, lo, sp) ||
           is_stale(record->function, lo, sp) || is_stale(record->panic, lo, sp) ||
           is_stale(record->link, lo, sp) || is_stale(record->function_data, lo, sp);
}

/*@ requires record: \valid_read(waiting);
    assigns  \nothing;
    ensures  begins: \result <==> slot_on_stack(waiting, sp, hi); */
static inline bool slot_is_on_stack(const struct sudog *waiting, uint64_t sp, uint64_t hi)
{
    uint64_t start = waiting->element.vu;
    return sp <= start && start < hi && waiting->size <= hi - start;
}

/*@ requires record: \valid_read(waiting);
    assigns  \nothing;
    ensures  stale:  !\result <==> sudog_sound(waiting, lo, sp, hi); */
static inline bool sudog_is_stale(const struct sudog *waiting, uint64_t lo, uint64_t sp,
                                  uint64_t hi)
{
    uint64_t start = waiting->element.vu;
    if (is_stale(start, lo, sp) || is_stale(waiting->element.vp, lo, sp))
        return true;
    return sp <= start && start < hi && !slot_is_on_stack(waiting, sp, hi);
}

uint32_t find_stale_defer(const struct outside *outside, uint64_t lo, uint64_t sp)
{
    uint32_t i = 0;
    /*@ loop invariant bound: 0 <= i <= outside->defers_count;
        loop invariant sound: \forall integer k; 0 <= k < i ==> defer_sound(outside->defers + k, lo, sp);
        loop assigns i;
        loop variant outside->defers_count - i; */
    while (i < outside->defers_count && !defer_is_stale(&outside->defers[i], lo, sp))
        i++;
    return i;
}

uint32_t find_stale_sudog(const struct outside *outside, uint64_t lo, uint64_t sp, uint64_t hi)
{
    uint32_t i = 0;
    /*@ loop invariant bound: 0 <= i <= outside->sudogs_count;
        loop invariant sound: \forall integer k; 0 <= k < i ==> sudog_sound(outside->sudogs + k, lo, sp, hi);
        loop assigns i;
        loop variant outside->sudogs_count - i; */
    while (i < outside->sudogs_count && !sudog_is_stale(&outside->sudogs[i], lo, sp, hi))
        i++;
    return i;
}

bool outside_ok(const struct outside *outside, uint64_t lo, uint64_t sp, uint64_t hi)
{
    if (is_stale(outside->first_defer, lo, sp) || is_stale(outside->panic, lo, sp))
        return false;
    if (outside->stktopsp < sp || hi < outside->stktopsp)
        return false;
    return find_stale_defer(outside, lo, sp) == outside->defers_count &&
           find_stale_sudog(outside, lo, sp, hi) == outside->sudogs_count;
}

/*@ requires move:   move_possible(move);
    requires record: \valid(record);
    requires sound:  defer_sound(record, move.old_lo, move.old_sp);
    assigns  *record;
    ensures  moved:  defer_moved{Pre, Here}(record, move);
    ensures  left:   stacks_apart(move) ==> defer_left(record, move.old_lo, move.old_hi); */
static inline void move_defer(struct defer *record, struct stack_move move)
{
    record->sp = relocate(record->sp, move);
    record->varp = relocate(record->varp, move);
    record->function = relocate(record->function, move);
    record->panic = relocate(record->panic, move);
    record->link = relocate(record->link, move);
    record->function_data = relocate(record->function_data, move);
}

void adjustdefers(struct outside *outside, struct stack_move move)
{
    /*@ loop invariant bound: 0 <= i <= outside->defers_count;
        loop invariant moved: \forall integer k; 0 <= k < i ==> defer_moved{Pre, Here}(outside->defers + k, move);
        loop invariant left:  stacks_apart(move) ==> \forall integer k; 0 <= k < i ==>
                                defer_left(outside->defers + k, move.old_lo, move.old_hi);
        loop invariant rest:  \forall integer k; i <= k < outside->defers_count ==>
                                defer_same{Pre, Here}(outside->defers + k);
        loop invariant other: sudogs_same{Pre, Here}(outside);
        loop assigns i, outside->defers[0 .. outside->defers_count - 1];
        loop variant outside->defers_count - i; */
    for (uint32_t i = 0; i < outside->defers_count; i++)
        move_defer(&outside->defers[i], move);
    outside->first_defer = relocate(outside->first_defer, move);
}

void adjustpanics(struct outside *outside, struct stack_move move)
{
    outside->panic = relocate(outside->panic, move);
}

/*@ requires move:   move_possible(move);
    requires record: \valid(waiting);
    requires sound:  sudog_sound(waiting, move.old_lo, move.old_sp, move.old_hi);
    assigns  waiting->element;
    ensures  moved:  sudog_moved{Pre, Here}(waiting, move);
    ensures  left:   stacks_apart(move) ==> sudog_left(waiting, move.old_lo, move.old_hi); */
static inline void move_sudog(struct sudog *waiting, struct stack_move move)
{
    waiting->element.vu = relocate(waiting->element.vu, move);
    waiting->element.vp = relocate(waiting->element.vp, move);
}

void adjustsudogs(struct outside *outside, struct stack_move move)
{
    /*@ loop invariant bound: 0 <= i <= outside->sudogs_count;
        loop invariant moved: \forall integer k; 0 <= k < i ==> sudog_moved{Pre, Here}(outside->sudogs + k, move);
        loop invariant left:  stacks_apart(move) ==> \forall integer k; 0 <= k < i ==>
                                sudog_left(outside->sudogs + k, move.old_lo, move.old_hi);
        loop invariant rest:  \forall integer k; i <= k < outside->sudogs_count ==>
                                sudog_same{Pre, Here}(outside->sudogs + k);
        loop invariant other: defers_same{Pre, Here}(outside);
        loop assigns i, outside->sudogs[0 .. outside->sudogs_count - 1];
        loop variant outside->sudogs_count - i; */
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        move_sudog(&outside->sudogs[i], move);
}

void adjust_outside(struct outside *outside, struct stack_move move)
{
    adjustdefers(outside, move);
    adjustpanics(outside, move);
    outside->stktopsp = move.new_hi - (move.old_hi - outside->stktopsp);
    adjustsudogs(outside, move);
}

uint64_t sgsize(const struct outside *outside, uint64_t sp, uint64_t hi)
{
    uint64_t size = 0;
    //@ ghost uint32_t highest = 0;
    /*@ loop invariant bound:  0 <= i <= outside->sudogs_count && size <= hi - sp;
        loop invariant covers: \forall integer k; 0 <= k < i && slot_on_stack(outside->sudogs + k, sp, hi) ==>
                                 outside->sudogs[k].element.vu + outside->sudogs[k].size <= sp + size;
        loop invariant least:  size == 0 || (highest < i && slot_on_stack(outside->sudogs + highest, sp, hi) &&
                                 outside->sudogs[highest].element.vu + outside->sudogs[highest].size == sp + size);
        loop assigns i, size, highest;
        loop variant outside->sudogs_count - i; */
    for (uint32_t i = 0; i < outside->sudogs_count; i++) {
        const struct sudog *waiting = &outside->sudogs[i];
        if (!slot_is_on_stack(waiting, sp, hi))
            continue;
        uint64_t reach = waiting->element.vu - sp + waiting->size;
        if (reach > size) {
            size = reach;
            //@ ghost highest = i;
        }
    }
    return size;
}
