/* stack_large.h: stacks of 32 KiB and more, each a block of the page heap.
 *
 * One that is freed while a GC runs waits in the queue of its order (Go's stackLarge), where stackalloc may take
 * it again in any phase; what is still there after the GC is drained into the page heap.
 * Keeps: LARGE-1..LARGE-5 (spec/large_stacks.acsl).  Called by stackalloc.c. */
#ifndef CONTIG_CORE_HEAP_STACK_LARGE_H
#define CONTIG_CORE_HEAP_STACK_LARGE_H

#include "src/core/heap/stackpool.h"

#include "spec/large_stacks.acsl"

/* LARGE-1..LARGE-3: a stack of 2^order chunks, from the queue or else from the page heap, or NUM_CHUNKS. */
/*@ requires heap:  page_heap_ok;
    requires order: order < NUM_BLOCK_ORDERS;
    assigns  PAGE_HEAP_TABLES, QUEUE_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok;
    ensures  range: \result <= NUM_CHUNKS;
    ensures  live:  \result < NUM_CHUNKS ==> block_state[\result] == BLOCK_STACK && block_order[\result] == order &&
                      \old(block_state[\at(\result, Post)]) != BLOCK_STACK;
    ensures  queue: \old(set_size[QUEUED_STACKS(order)]) > 0 ==>
                      \result == \old(set_permutation[QUEUED_STACKS(order)].at[set_size[QUEUED_STACKS(order)] - 1]);
    ensures  none:  \result == NUM_CHUNKS ==> exhausted(order);
    ensures  size:  \result < NUM_CHUNKS && \old(block_state[\at(\result, Post)]) == BLOCK_QUEUED ==>
                      \old(block_order[\at(\result, Post)]) == order;
    ensures  kept:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS && chunk != \result &&
                      \old(block_state[chunk]) == BLOCK_QUEUED ==>
                        block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == \old(block_order[chunk]);
    ensures  spans: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
                      (block_state[chunk] == BLOCK_SPAN <==> \old(block_state[chunk]) == BLOCK_SPAN) &&
                      (block_state[chunk] == BLOCK_SPAN ==> block_order[chunk] == \old(block_order[chunk]));
    ensures  others: live_blocks_same_but{Pre, Post}(\result); */
uint32_t stack_large_alloc(uint32_t order);

/* LARGE-4: a large stack is freed; while a GC runs, into the queue. */
/*@ requires heap:  page_heap_ok;
    requires live:  chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK;
    assigns  BLOCK_TABLES, QUEUE_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok;
    ensures  freed: stack_gc_running ? block_state[chunk] == BLOCK_QUEUED : block_state[chunk] < BLOCK_SPAN;
    ensures  last:  stack_gc_running ==>
                      set_permutation[QUEUED_STACKS(block_order[chunk])]
                        .at[set_size[QUEUED_STACKS(block_order[chunk])] - 1] == chunk;
    ensures  spans: \forall integer other; 0 <= other < NUM_CHUNKS ==>
                      (block_state[other] == BLOCK_SPAN <==> \old(block_state[other]) == BLOCK_SPAN) &&
                      (block_state[other] == BLOCK_SPAN ==> block_order[other] == \old(block_order[other]));
    ensures  others: live_blocks_same_but{Pre, Post}(chunk); */
void stack_large_free(uint32_t chunk);

/* LARGE-5, the large half of Go's freeStackSpans: the queues are emptied into the page heap. */
/*@ requires heap:  page_heap_ok;
    assigns  BLOCK_TABLES, QUEUE_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok;
    ensures  empty: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==> block_state[chunk] != BLOCK_QUEUED;
    ensures  spans: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
                      (block_state[chunk] == BLOCK_SPAN <==> \old(block_state[chunk]) == BLOCK_SPAN) &&
                      (block_state[chunk] == BLOCK_SPAN ==> block_order[chunk] == \old(block_order[chunk]));
    ensures  others: live_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
void stack_large_drain(void);

#endif
