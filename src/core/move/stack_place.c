/* stack_place.c: stacks by address. */
#include "src/core/move/stack_place.h"

/* ALLOC-2: a live stack overlaps no other live stack: for a small one, and for a large one. */
/*@ ghost
    /@ requires stacks: heap_sound;
       requires live:   live_slot(chunk, index);
       assigns  \nothing;
       exits    \false;
       ensures  small:  \forall integer other, place; live_slot(other, place) && !(other == chunk && place == index) ==>
                          disjoint(slot_address(other, place), pooled_bytes(span_order[other]),
                                   slot_address(chunk, index), pooled_bytes(span_order[chunk]));
       ensures  large:  \forall integer other; 0 <= other < NUM_CHUNKS && block_state[other] == BLOCK_STACK ==>
                          disjoint(block_address(other), large_bytes(block_order[other]),
                                   slot_address(chunk, index), pooled_bytes(span_order[chunk])); @/
    void small_stack_is_apart(uint32_t chunk, uint32_t index)
    {
      /@ assert shape: \forall integer other; 0 <= other < NUM_CHUNKS ==> span_shape(other); @/
      /@ assert heads: \forall integer other; block(other) ==> block_owner[other] == other; @/
      /@ assert owner: block(chunk) && block_state[chunk] == BLOCK_SPAN && block_owner[chunk] == chunk; @/
      /@ assert other: \forall integer other; block(other) &&
      other <= chunk < other + block_chunks(block_order[other]) ==>
           other == chunk; @/
    } */

/*@ ghost
    /@ requires stacks: heap_sound;
       requires live:   chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK;
       assigns  \nothing;
       exits    \false;
       ensures  small:  \forall integer other, place; live_slot(other, place) ==>
                          disjoint(slot_address(other, place), pooled_bytes(span_order[other]),
                                   block_address(chunk), large_bytes(block_order[chunk]));
       ensures  large:  \forall integer other; 0 <= other < NUM_CHUNKS && block_state[other] == BLOCK_STACK &&
                          other != chunk ==>
                          disjoint(block_address(other), large_bytes(block_order[other]),
                                   block_address(chunk), large_bytes(block_order[chunk])); @/
    void large_stack_is_apart(uint32_t chunk)
    {
      /@ assert heads: \forall integer other; block(other) ==> block_owner[other] == other; @/
      /@ assert own: \forall integer other; chunk <= other < chunk + block_chunks(block_order[chunk]) ==>
           block_owner[other] == chunk; @/
      /@ assert spans: \forall integer other, place; live_slot(other, place) ==>
           block(other) && !(chunk <= other < chunk + block_chunks(block_order[chunk])); @/
      /@ assert blocks: \forall integer other; block(other) &&
      other <= chunk < other + block_chunks(block_order[other]) ==>
           other == chunk; @/
    } */

/*@ ghost
    /@ requires stacks: heap_sound && arena_placed;
       assigns  \nothing;
       exits    \false;
       ensures  placed: \forall integer chunk, index; live_slot(chunk, index) ==>
                          stack_placed(slot_address(chunk, index), pooled_bytes(span_order[chunk])); @/
    void small_stacks_are_placed(void)
    {
      /@ assert shape: \forall integer chunk, index; live_slot(chunk, index) ==>
           span_shape(chunk) && 0 <= chunk < arena_chunks && block(chunk); @/
      /@ assert slots: \forall integer chunk, index; live_slot(chunk, index) ==>
           slot_offset(span_order[chunk], index) + pooled_bytes(span_order[chunk]) <= CHUNK_BYTES &&
           slot_offset(span_order[chunk], index) % 8 == 0; @/
      /@ assert words: \forall integer chunk, index; live_slot(chunk, index) ==>
           slot_address(chunk, index) - arena_base ==
             8 * (CHUNK_BYTES / 8 * chunk + slot_offset(span_order[chunk], index) / 8) &&
           (slot_address(chunk, index) - arena_base) % 8 == 0; @/
      /@ assert sizes: \forall integer order; 0 <= order < NUM_STACK_ORDERS ==>
           0 < pooled_bytes(order) <= CHUNK_BYTES && pooled_bytes(order) % 8 == 0; @/
    } */

/*@ ghost
    void live_stacks_are_placed(void)
    {
      small_stacks_are_placed();
      /@ assert small: \forall integer lo, bytes, chunk, index; live_small_stack(lo, bytes, chunk, index) ==>
           stack_placed(lo, bytes); @/
      /@ assert blocks: \forall integer chunk; 0 <= chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK ==>
           1 <= block_chunks(block_order[chunk]) <= 16384 &&
           chunk + block_chunks(block_order[chunk]) <= arena_chunks; @/
      /@ assert large: \forall integer lo, bytes, chunk; live_large_stack(lo, bytes, chunk) ==>
           stack_placed(lo, bytes); @/
    } */

/* ALLOC-3: no two small stacks that live begin at one address. */
/*@ ghost
    /@ requires stacks: heap_sound && arena_placed;
       assigns  \nothing;
       exits    \false;
       ensures  place: \forall integer chunk, index, other, place;
                         live_small_stack(lo, bytes, chunk, index) && live_small_stack(lo, bytes, other, place) ==>
                         chunk == other && index == place; @/
    void one_small_stack_an_address(uint64_t lo, uint64_t bytes)
    {
      /@ assert shape: \forall integer chunk, index; live_slot(chunk, index) ==>
           span_shape(chunk) && 0 <= slot_offset(span_order[chunk], index) < CHUNK_BYTES; @/
      /@ assert chunk: \forall integer chunk, index, other, place;
           live_small_stack(lo, bytes, chunk, index) && live_small_stack(lo, bytes, other, place) ==> chunk == other; @/
    } */

struct stack_alloc_result stack_take(uint32_t p, uint64_t size_bytes)
{
    struct stack_alloc_result result = stackalloc(p, size_bytes);
    /*@ assert kept: (\forall integer lo, bytes, chunk, index; live_small_stack{Pre}(lo, bytes, chunk, index) ==>
          live_small_stack(lo, bytes, chunk, index)) &&
        (\forall integer lo, bytes, chunk; live_large_stack{Pre}(lo, bytes, chunk) ==>
          live_large_stack(lo, bytes, chunk)); */
    /*@ assert only: (\forall integer lo, bytes, chunk, index; live_small_stack(lo, bytes, chunk, index) ==>
          live_small_stack{Pre}(lo, bytes, chunk, index) ||
          (result.status == STACK_OK && lo == result.lo && bytes == size_bytes)) &&
        (\forall integer lo, bytes, chunk; live_large_stack(lo, bytes, chunk) ==>
          live_large_stack{Pre}(lo, bytes, chunk) ||
          (result.status == STACK_OK && lo == result.lo && bytes == size_bytes)); */
    if (result.status == STACK_OK) {
        if (size_bytes < CHUNK_BYTES) {
            //@ ghost small_stack_is_apart(stack_chunk, stack_index);
        } else {
            //@ ghost large_stack_is_apart(stack_chunk);
        }
        /*@ assert apart: (\forall integer lo, bytes, chunk, index; live_small_stack{Pre}(lo, bytes, chunk, index) ==>
              disjoint(lo, bytes, result.lo, size_bytes)) &&
            (\forall integer lo, bytes, chunk; live_large_stack{Pre}(lo, bytes, chunk) ==>
              disjoint(lo, bytes, result.lo, size_bytes)); */
    }
    return result;
}

enum stack_status stack_return(uint32_t p, uint64_t lo, uint64_t size_bytes)
{
    //@ ghost one_small_stack_an_address(lo, size_bytes);
    enum stack_status status = stackfree(p, lo, size_bytes);
    /*@ assert small_kept: \forall integer other, bytes, chunk, index;
          live_small_stack{Pre}(other, bytes, chunk, index) && !(other == lo && bytes == size_bytes) ==>
            live_small_stack(other, bytes, chunk, index); */
    /*@ assert small_was: (\forall integer other, bytes, chunk, index;
          live_small_stack(other, bytes, chunk, index) ==> live_small_stack{Pre}(other, bytes, chunk, index)) &&
        (status == STACK_OK ==> \forall integer chunk, index;
          live_small_stack{Pre}(lo, size_bytes, chunk, index) ==> chunk == stack_chunk && index == stack_index); */
    /*@ assert small_gone: status == STACK_OK ==> \forall integer chunk, index;
          !live_small_stack(lo, size_bytes, chunk, index); */
    /*@ assert large_only: \forall integer other, bytes, chunk; live_large_stack(other, bytes, chunk) ==>
          live_large_stack{Pre}(other, bytes, chunk) &&
            !(status == STACK_OK && other == lo && bytes == size_bytes); */
    return status;
}
