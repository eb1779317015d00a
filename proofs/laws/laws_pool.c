/* laws_pool.c: what follows from the contracts of the pool side, each law a function whose contract is the theorem.
 *
 * Nothing here runs: the functions are proved, and compiled so that they stay C. */
#include "src/core/heap/heap_check.h"
#include "src/core/move/stack_place.h"

/* COUNT-1: what keeps the live stacks keeps the count of their bytes. */
/*@ requires stacks: stacks_sound;
    requires p:      p < NUM_P;
    assigns  BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
    exits    \false;
    ensures  heap:   page_heap_ok && pool_ok && spans_linked && arena_placed;
    ensures  marked: units_marked;
    ensures  count:  units_counted;
    ensures  clear:  \forall integer chunk, index; slot(chunk, index) ==>
                       slot_owner[chunk].at[index] != SLOT_CACHED + p; */
void law_clear_leaves_no_cached_slot(uint32_t p);

void law_clear_leaves_no_cached_slot(uint32_t p)
{
    stackcache_clear(p);
    //@ assert large: \forall integer chunk; chunk_in_large_stack{Pre}(chunk) <==> chunk_in_large_stack(chunk);
    /*@ assert small: \forall integer chunk, unit; 0 <= unit < MAX_SPAN_SLOTS ==>
          (unit_in_small_stack(chunk, unit) <==> unit_in_small_stack{Pre}(chunk, unit)); */
}

/* ALLOC-6: a refill, or a release, changes no live stack, by address. */
/*@ requires stacks: stacks_sound;
    requires p:      p < NUM_P && order < NUM_STACK_ORDERS && stackcache[p].count[order] == 0;
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES, CACHE_TABLES(p, order);
    exits    \false;
    ensures  heap:   page_heap_ok && pool_ok && spans_linked && arena_placed;
    ensures  same:   \forall integer lo, bytes; live_stack(lo, bytes) <==> live_stack{Pre}(lo, bytes); */
void law_refill_changes_no_live_stack(uint32_t p, uint32_t order);

void law_refill_changes_no_live_stack(uint32_t p, uint32_t order)
{
    stackcacherefill(p, order);
    /*@ assert small: \forall integer lo, bytes, chunk, index;
          live_small_stack(lo, bytes, chunk, index) <==> live_small_stack{Pre}(lo, bytes, chunk, index); */
    /*@ assert large: \forall integer lo, bytes, chunk;
          live_large_stack(lo, bytes, chunk) <==> live_large_stack{Pre}(lo, bytes, chunk); */
}

/* ALLOC-2: two allocations without a free between them give stacks that do not overlap. */
/*@ requires stacks: stacks_sound;
    requires p:      p <= NUM_P && q <= NUM_P;
    assigns  STACK_HEAP;
    exits    \false;
    ensures  apart:  \result; */
bool law_two_stacks_are_apart(uint32_t p, uint64_t bytes, uint32_t q, uint64_t more_bytes);

bool law_two_stacks_are_apart(uint32_t p, uint64_t bytes, uint32_t q, uint64_t more_bytes)
{
    struct stack_alloc_result first = stack_take(p, bytes);
    struct stack_alloc_result second = stack_take(q, more_bytes);
    if (first.status != STACK_OK || second.status != STACK_OK)
        return true;
    return first.lo < second.lo ? second.lo - first.lo >= bytes
                                : first.lo - second.lo >= more_bytes;
}

/* ALLOC-3: free after alloc leaves the live stacks and their count as they were. */
/*@ requires stacks: stacks_sound;
    requires p:      p <= NUM_P && q <= NUM_P;
    assigns  STACK_HEAP;
    exits    \false;
    ensures  stacks: stacks_sound;
    ensures  same:   \forall integer lo, size; live_stack(lo, size) <==> live_stack{Pre}(lo, size);
    ensures  count:  stack_units_in_use == \old(stack_units_in_use);
    ensures  freed:  \result != STACK_BAD_ADDRESS; */
enum stack_status law_free_undoes_alloc(uint32_t p, uint32_t q, uint64_t bytes);

enum stack_status law_free_undoes_alloc(uint32_t p, uint32_t q, uint64_t bytes)
{
    struct stack_alloc_result result = stack_take(p, bytes);
    if (result.status != STACK_OK)
        return result.status;
    return stack_return(q, result.lo, bytes);
}

/*@ ghost
    /@ requires order:   order < NUM_BLOCK_ORDERS;
       assigns  \nothing;
       exits    \false;
       ensures  apart:   aligned(chunk, order) && aligned(other, order) && chunk < other ==>
                           chunk + block_chunks(order) <= other; @/
    void law_aligned_are_apart(uint32_t chunk, uint32_t other, uint32_t order)
    {
    } */

/*@ ghost
    /@ requires aligned: order < NUM_BLOCK_ORDERS && chunk < NUM_CHUNKS && aligned(chunk, order);
       assigns  \nothing;
       exits    \false;
       ensures  end:     \result == chunk + block_chunks(order) && aligned(\result, order); @/
    uint32_t law_end_is_aligned(uint32_t chunk, uint32_t order)
    {
      switch (order) {
      case 0: return chunk + 1;
      case 1: return chunk + 2;
      case 2: return chunk + 4;
      case 3: return chunk + 8;
      case 4: return chunk + 16;
      case 5: return chunk + 32;
      case 6: return chunk + 64;
      case 7: return chunk + 128;
      case 8: return chunk + 256;
      case 9: return chunk + 512;
      case 10: return chunk + 1024;
      case 11: return chunk + 2048;
      case 12: return chunk + 4096;
      case 13: return chunk + 8192;
      default: return chunk + 16384;
      }
    } */

/*@ ghost
    /@ requires aligned: order + 1 < NUM_BLOCK_ORDERS && chunk < NUM_CHUNKS && aligned(chunk, order + 1);
       assigns  \nothing;
       exits    \false;
       ensures  double:  block_chunks(order + 1) == 2 * block_chunks(order);
       ensures  lower:   aligned(chunk, order);
       ensures  upper:   aligned(chunk + block_chunks(order), order); @/
    void law_halves_are_aligned(uint32_t chunk, uint32_t order)
    {
      align_down(chunk, order + 1);
      law_end_is_aligned(chunk, order);
    } */

/* HEAP-5: the block that covers the other half of a block's buddy pair has the same order or a smaller one, and in
 * the latter case begins there. */
/*@ ghost
    /@ requires heap:   page_heap_ok;
       requires block:  chunk < NUM_CHUNKS && block(chunk) && order == block_order[chunk] &&
                        order + 1 < NUM_BLOCK_ORDERS;
       requires pair:   other < NUM_CHUNKS && aligned(lower, order + 1) &&
                        lower + block_chunks(order + 1) <= grown_chunks &&
                          (chunk == lower ? other == lower + block_chunks(order)
                                          : chunk == lower + block_chunks(order) && other == lower);
       assigns  \nothing;
       exits    \false;
       ensures  begins: block(other) && block_order[other] <= order; @/
    void law_other_half_begins(uint32_t chunk, uint32_t order, uint32_t lower, uint32_t other)
    {
      uint32_t head = block_owner[other];
      uint32_t head_order = block_order[head];
      uint32_t end = law_end_is_aligned(head, head_order);
      law_halves_are_aligned(lower, order);
      /@ assert halves: aligned(other, order); @/
      /@ assert own: block(head) && head <= other < end && block_owner[chunk] == chunk && aligned(head, head_order); @/
      align_down(head, head_order);
      align_down(end, head_order);
      align_down(other, order);
      law_aligned_are_apart(lower, head, order + 1);
      law_aligned_are_apart(lower, end, order + 1);
      law_aligned_are_apart(head, other, head_order);
      /@ assert covers: head_order > order ==> head <= chunk < end; @/
    } */

/* HEAP-5: after everything was freed, the blocks are as large as the grown part of the arena allows: the pair of
 * buddies that a block belongs to sticks out of it. */
/*@ ghost
    /@ requires heap:   page_heap_ok;
       requires free:   \forall integer other; block(other) ==> block_state[other] == BLOCK_FREE;
       requires block:  chunk < NUM_CHUNKS && block(chunk) && block_order[chunk] + 1 < NUM_BLOCK_ORDERS;
       requires pair:   lower <= chunk && aligned(lower, block_order[chunk] + 1) &&
                          (chunk == lower || chunk == lower + block_chunks(block_order[chunk]));
       assigns  \nothing;
       exits    \false;
       ensures  whole:  grown_chunks < lower + block_chunks(block_order[chunk] + 1); @/
    void law_free_heap_is_whole(uint32_t chunk, uint32_t lower)
    {
      uint32_t part = chunk;
      uint32_t start = lower;
      uint32_t order = block_order[chunk];
      uint32_t half = law_end_is_aligned(chunk, order) - chunk;
      /@ loop invariant part:  block(part) && order == block_order[part] && order + 1 < NUM_BLOCK_ORDERS &&
                                 half == block_chunks(order);
         loop invariant pair:  start <= NUM_CHUNKS && aligned(start, order + 1) && (part == start ||
                               part == start + half);
         loop invariant inner: start + 2 * half <= lower + block_chunks(block_order[chunk] + 1);
         loop assigns part, start, order, half;
         loop variant order; @/
      while (start + half + half <= grown_chunks) {
        uint32_t other = part == start ? start + half : start;
        law_other_half_begins(part, order, start, other);
        /@ assert smaller: block_order[other] < order; @/
        law_halves_are_aligned(start, order);
        align_down(other, order);
        part = other;
        start = other;
        order = block_order[other];
        half = law_end_is_aligned(part, order) - part;
      }
    } */
