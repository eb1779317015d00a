/* growstack.c: decide, then move.  What it is for: growstack.h. */
#include "src/core/move/growstack.h"

/* Sizes of stacks are closed under doubling and halving, as far as they go; so no move here has a bad size. */
/*@ ghost
    /@ assigns  \nothing;
       ensures  double: \forall integer bytes; stack_size(bytes) && 2 * bytes <= LARGEST_STACK_BYTES ==>
                          stack_size(2 * bytes);
       ensures  half:   \forall integer bytes; stack_size(bytes) && bytes / 2 >= FIXED_STACK_BYTES ==>
                          stack_size(bytes / 2); @/
    static void sizes_are_powers(void) {
      /@ assert pooled: \forall integer order; 0 <= order && order + 1 < NUM_STACK_ORDERS ==>
           pooled_bytes(order + 1) == 2 * pooled_bytes(order); @/
      /@ assert first: large_bytes(0) == 2 * pooled_bytes(NUM_STACK_ORDERS - 1) &&
      pooled_bytes(0) == FIXED_STACK_BYTES; @/
      /@ assert large: \forall integer order; 0 <= order && order + 1 < NUM_BLOCK_ORDERS ==>
           large_bytes(order + 1) == 2 * large_bytes(order); @/
      /@ assert last: large_bytes(NUM_BLOCK_ORDERS - 1) == LARGEST_STACK_BYTES; @/
    }

    /@ requires size:   stack_size(size);
       assigns  \nothing;
       ensures  sizes:  \forall integer times; 0 <= times <= 64 && doubled(size, times) <= LARGEST_STACK_BYTES ==>
                          stack_size(doubled(size, times)); @/
    static void doublings_are_sizes(uint64_t size) {
      uint32_t k = 0;
      sizes_are_powers();
      /@ assert positive: size > 0; @/
      /@ loop invariant sizes: 0 <= k <= 64 && doubled(size, k) > 0 && \forall integer j; 0 <= j <= k &&
           doubled(size, j) <= LARGEST_STACK_BYTES ==> stack_size(doubled(size, j));
         loop assigns k;
         loop variant 64 - k; @/
      while (k < 64) {
        k++;
        /@ assert next: doubled(size, k) == 2 * doubled(size, k - 1); @/
      }
    }

    /@ requires stacks: heap_sound;
       assigns  \nothing;
       ensures  sizes:  \forall integer lo, bytes; live_stack(lo, bytes) ==> stack_size(bytes); @/
    static void live_stacks_have_sizes(void) {
      /@ assert small: \forall integer chunk, index; live_slot(chunk, index) ==>
           span_shape(chunk) && 0 <= span_order[chunk] < NUM_STACK_ORDERS; @/
      /@ assert large: \forall integer chunk; 0 <= chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK ==>
           block(chunk) && 0 <= block_order[chunk] < NUM_BLOCK_ORDERS; @/
    }
*/

bool growth_is_local(uint32_t p, const struct goroutine_stack *g, uint64_t frame_bytes,
                     uint64_t maximum_bytes, bool forced)
{
    //@ ghost live_stacks_are_placed();
    //@ ghost live_stacks_have_sizes();
    uint64_t old_size = g->hi - g->lo, size = old_size;
    if (check_registers(g).status != STACK_OK)
        return false;
    if (!forced)
        size = newstack_size(old_size, g->hi - g->sched.sp, frame_bytes, maximum_bytes);
    return size != 0 && move_is_local(p, old_size, size);
}

enum stack_status growstack(uint64_t *arena, uint32_t *marks, uint32_t p, struct goroutine_stack *g,
                            uint64_t frame_bytes, uint64_t maximum_bytes, bool forced,
                            struct stack_fault *fault)
{
    //@ ghost live_stacks_are_placed();
    //@ ghost live_stacks_have_sizes();
    uint64_t size = g->hi - g->lo;
    //@ ghost doublings_are_sizes(size);
    if (!forced && check_registers(g).status == STACK_OK) {
        size = newstack_size(size, g->hi - g->sched.sp, frame_bytes, maximum_bytes);
        if (size == 0)
            return STACK_TOO_LARGE;
    }
    return copystack(arena, marks, p, g, size, fault);
}

enum stack_status shrinkstack(uint64_t *arena, uint32_t *marks, uint32_t p,
                              struct goroutine_stack *g, struct stack_fault *fault)
{
    //@ ghost live_stacks_are_placed();
    //@ ghost live_stacks_have_sizes();
    //@ ghost sizes_are_powers();
    uint64_t size = g->hi - g->lo;
    if (check_registers(g).status == STACK_OK) {
        uint64_t smaller = shrinkstack_size(size, g->hi - g->sched.sp);
        if (smaller == size)
            return STACK_OK;
        size = smaller;
    }
    return copystack(arena, marks, p, g, size, fault);
}
