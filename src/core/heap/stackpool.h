/* stackpool.h: the global pool of small stacks.
 *
 * Spans come from the page heap and go back to it when they are wholly free and no GC runs: while one runs, a
 * stack may be seen after it was freed, so that its memory must not change hands.  stackpool_sweep makes up for
 * it afterwards.
 * Keeps: POOL-1..POOL-6, SPAN-4, SPAN-5 (spec/heap.acsl).  Called by stackcache.c and stackalloc.c. */
#ifndef CONTIG_CORE_HEAP_STACKPOOL_H
#define CONTIG_CORE_HEAP_STACKPOOL_H

#include "src/core/heap/page_heap.h"
#include "src/core/heap/span.h"

extern bool stack_gc_running;

#include "spec/heap.acsl"

/* POOL-1, POOL-2, SPAN-2 (Go stackpoolalloc): a live stack of that order, from the span that came into the pool last,
 * or from a new span if the pool is empty; its chunk is NUM_CHUNKS if there is no memory. */
/*@ requires heap:      heap_sound;
    requires order:     order < NUM_STACK_ORDERS;
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  range:     \result.chunk <= NUM_CHUNKS;
    ensures  none:      \result.chunk == NUM_CHUNKS ==> exhausted(0);
    ensures  live:      \result.chunk < NUM_CHUNKS ==>
                          live_slot(\result.chunk, \result.index) && span_order[\result.chunk] == order;
    ensures  last:      \old(set_size[STACKPOOL(order)]) > 0 ==>
                          \result.chunk == \old(set_permutation[STACKPOOL(order)].at[set_size[STACKPOOL(order)] - 1]);
    ensures  spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                          (chunk != \result.chunk || \old(set_size[STACKPOOL(order)]) > 0) ==>
                            span_slots[chunk] == \old(span_slots[chunk]);
    ensures  was:       \result.chunk < NUM_CHUNKS && slot{Pre}(\result.chunk, \result.index) ==>
                          \at(slot_owner[\at(\result.chunk, Post)].at[\at(\result.index, Post)], Pre) == SLOT_FREE;
    ensures  others:    used_slots_same_but{Pre, Post}(\result.chunk, \result.index);
    ensures  large:     large_blocks_same{Pre, Post}; */
struct slot_ref stackpoolalloc(uint32_t order);

/* POOL-3, SPAN-4 (Go stackpoolfree): a live stack becomes free; its span goes back if it was the last
 * and no GC runs. */
/*@ requires heap:      heap_sound;
    requires live:      live_slot(chunk, index);
    assigns  BLOCK_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  gc:        stack_gc_running ==> \forall integer other; 0 <= other < NUM_CHUNKS ==>
                          span_slots[other] == \old(span_slots[other]);
    ensures  back:      !stack_gc_running && span_slots[chunk] != 0 ==> span_free[chunk] < span_slots[chunk];
    ensures  freed:     slot(chunk, index) ==> slot_owner[chunk].at[index] == SLOT_FREE;
    ensures  others:    used_slots_same_but{Pre, Post}(chunk, index);
    ensures  large:     large_blocks_same{Pre, Post}; */
void stackpoolfree(uint32_t chunk, uint32_t index);

/* SPAN-5, the small half of Go's freeStackSpans: every wholly free span goes back to the page heap. */
/*@ requires heap:      heap_sound;
    assigns  BLOCK_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  none:      \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 ==>
                          span_free[chunk] < span_slots[chunk];
    ensures  others:    used_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
void stackpool_sweep(void);

#endif
