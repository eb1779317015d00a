/* growth.c: how large the next stack is. */
#include "src/core/growth.h"

/*@ ghost
    /@ requires positive: 0 < size && 0 <= from <= 64;
       assigns \nothing;
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

uint64_t newstack_size(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum) {
    uint64_t limit = maximum < LARGEST_STACK_BYTES ? maximum : LARGEST_STACK_BYTES;
    if (frame > limit) {
        return 0;
    }
    uint64_t wanted = used + frame + STACK_GUARD_BYTES;
    uint64_t size = old_size;
    //@ ghost uint32_t times = 0;
    //@ assert most: power_of_two(29) == LARGEST_STACK_BYTES;
    /*@ loop invariant size:  times <= 29 && size == doubled(old_size, times) && old_size <= size <= LARGEST_STACK_BYTES;
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

uint64_t shrinkstack_size(uint64_t old_size, uint64_t used) {
    if (old_size / 2 < FIXED_STACK_BYTES || used + STACK_NOSPLIT_BYTES >= old_size / 4) {
        return old_size;
    }
    return old_size / 2;
}
