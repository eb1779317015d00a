/* growth.c: how large the next stack is. */
#include "src/core/move/growth.h"

/*@ ghost
    /@ requires positive: 0 < size && 0 <= from <= 64;
       assigns \nothing;
       exits   \false;
       ensures grow: \forall integer k; from <= k <= 64 ==> doubled(size, k) >= doubled(size, from) > 0; @/
    static void doublings_grow(uint64_t size, uint32_t from) {
        uint32_t k = 0;
        /@ loop invariant positive: 0 <= k <= from && doubled(size, k) > 0;
           loop assigns k; loop variant from - k; @/
        while (k < from) k++;
        /@ loop invariant grow: from <= k <= 64 && doubled(size, k) > 0 &&
             \forall integer j; from <= j <= k ==> doubled(size, k) >= doubled(size, j) >= doubled(size, from);
           loop assigns k; loop variant 64 - k; @/
        while (k < 64) k++;
    }
*/

uint64_t newstack_size(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum)
{
    uint64_t limit = maximum < LARGEST_STACK_BYTES ? maximum : LARGEST_STACK_BYTES;
    if (frame > limit) {
        return 0;
    }
    uint64_t wanted = used + frame + STACK_GUARD_BYTES;
    uint64_t size = old_size;
    //@ ghost uint32_t times = 0;
    //@ assert most: power_of_two(29) == LARGEST_STACK_BYTES;
    /*@ loop invariant size:  times <= 29 && size == doubled(old_size, times) &&
                              old_size <= size <= LARGEST_STACK_BYTES;
        loop invariant power: power_of_two(times) <= size;
        loop invariant small: \forall integer k; 1 <= k <= times ==> doubled(old_size, k) < wanted;
        loop assigns size, times;
        loop variant LARGEST_STACK_BYTES - size; */
    while (size <= limit / 2) {
        size = 2 * size;
        //@ ghost times = times + 1;
        //@ assert next: size == doubled(old_size, times) && power_of_two(times) <= size;
        if (size >= wanted) {
            //@ ghost doublings_grow(old_size, times);
            return size;
        }
    }
    //@ assert next: doubled(old_size, times + 1) == 2 * size;
    //@ ghost doublings_grow(old_size, times + 1);
    return 0;
}

uint64_t shrinkstack_size(uint64_t old_size, uint64_t used)
{
    bool little =
        used + STACK_GUARD_BYTES < old_size / 2 && used + STACK_NOSPLIT_BYTES < old_size / 4;
    return little && old_size / 2 >= FIXED_STACK_BYTES ? old_size / 2 : old_size;
}

enum newstack_step newstack_step(uint64_t guard, bool shrink_asked)
{
    if (guard == STACK_FORCE_MOVE)
        return NEWSTACK_MOVE;
    if (guard != STACK_PREEMPT)
        return NEWSTACK_GROW;
    return shrink_asked ? NEWSTACK_SHRINK : NEWSTACK_YIELD;
}

enum shrink_step shrink_step(bool off, bool in_system_call, bool async_safe_point,
                             bool parking_on_channel, uint64_t size, uint64_t used)
{
    if (off)
        return SHRINK_OFF;
    if (in_system_call || async_safe_point || parking_on_channel)
        return SHRINK_LATER;
    return used <= size && shrinkstack_size(size, used) != size ? SHRINK_DUE : SHRINK_NOT_DUE;
}

uint64_t starting_stack_size(uint64_t scanned_bytes, uint64_t scanned_stacks, uint64_t maximum)
{
    uint64_t limit = maximum < LARGEST_STACK_BYTES ? maximum : LARGEST_STACK_BYTES;
    uint64_t size = FIXED_STACK_BYTES;
    //@ assert once: doubled(FIXED_STACK_BYTES, 0) == size;
    if (scanned_stacks == 0)
        return size;
    uint64_t average = scanned_bytes / scanned_stacks;
    //@ ghost uint32_t times = 0;
    //@ assert most: power_of_two(18) == 262144;
    /*@ loop invariant size:  times <= 18 && size == doubled(FIXED_STACK_BYTES, times);
        loop invariant range: FIXED_STACK_BYTES <= size <= LARGEST_STACK_BYTES;
        loop invariant power: size == FIXED_STACK_BYTES * power_of_two(times) && 1 <= power_of_two(times);
        loop invariant most:  size == FIXED_STACK_BYTES || size <= limit;
        loop invariant least: size > FIXED_STACK_BYTES ==> size / 2 < average + STACK_GUARD_BYTES;
        loop assigns size, times;
        loop variant LARGEST_STACK_BYTES - size; */
    while (size <= limit / 2 && size - STACK_GUARD_BYTES < average) {
        size = 2 * size;
        //@ ghost times = times + 1;
        //@ assert next: size == doubled(FIXED_STACK_BYTES, times) && size == FIXED_STACK_BYTES * power_of_two(times);
    }
    //@ assert size: 0 <= times <= 18 && size == doubled(FIXED_STACK_BYTES, times);
    return size;
}
