/* stack_large.c: stacks of 32 KiB and more.  What they are for: stack_large.h. */
#include "src/core/heap/stack_large.h"

/* A stack in use goes to the queue of its order. */
/*@ requires heap:    page_heap_ok;
    requires live:    chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK;
    assigns  block_state[chunk], SET_TABLES(QUEUED_STACKS(block_order[chunk]), QUEUED_STACKS(block_order[chunk]));
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(NUM_CHUNKS);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  last:    set_permutation[QUEUED_STACKS(block_order[chunk])]
                          .at[set_size[QUEUED_STACKS(block_order[chunk])] - 1] == chunk;
    ensures  state:   block_state[chunk] == BLOCK_QUEUED; */
static void queue_stack(uint32_t chunk)
{
    //@ assert order: block(chunk) && block_order[chunk] < NUM_BLOCK_ORDERS;
    chunk_set_insert(QUEUED_STACKS(block_order[chunk]), chunk);
    block_state[chunk] = BLOCK_QUEUED;
}

/* The stack that was queued last is in use again, or NUM_CHUNKS if the queue of that order is empty. */
/*@ requires heap:    page_heap_ok;
    requires order:   order < NUM_BLOCK_ORDERS;
    assigns  block_state[0 .. NUM_CHUNKS - 1], SET_TABLES(QUEUED_STACKS(order), QUEUED_STACKS(order));
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(NUM_CHUNKS);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  range:   \result <= NUM_CHUNKS;
    ensures  live:    \result < NUM_CHUNKS ==> block_state[\result] == BLOCK_STACK && block_order[\result] == order &&
                        \old(block_state[\at(\result, Post)]) == BLOCK_QUEUED &&
                        set_size[QUEUED_STACKS(order)] == \old(set_size[QUEUED_STACKS(order)]) - 1;
    ensures  last:    \old(set_size[QUEUED_STACKS(order)]) > 0 ==> \result ==
                        \old(set_permutation[QUEUED_STACKS(order)].at[set_size[QUEUED_STACKS(order)] - 1]);
    ensures  none:    \result == NUM_CHUNKS ==> \old(set_size[QUEUED_STACKS(order)]) == 0 &&
                        \forall integer chunk; 0 <= chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_QUEUED ==>
                          block_order[chunk] != order;
    ensures  others:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS && chunk != \result ==>
                        block_state[chunk] == \old(block_state[chunk]); */
static uint32_t reuse_queued(uint32_t order)
{
    if (set_size[QUEUED_STACKS(order)] == 0) {
        /*@ assert none: \forall integer other; 0 <= other < NUM_CHUNKS && block_state[other] == BLOCK_QUEUED ==>
              block(other) && in_set(QUEUED_STACKS(block_order[other]), other); */
        return NUM_CHUNKS;
    }
    uint32_t chunk = chunk_set_last(QUEUED_STACKS(order));
    //@ assert queued: block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == order;
    chunk_set_remove(QUEUED_STACKS(order), chunk);
    block_state[chunk] = BLOCK_STACK;
    return chunk;
}

uint32_t stack_large_alloc(uint32_t order)
{
    uint32_t chunk = reuse_queued(order);
    if (chunk < NUM_CHUNKS)
        return chunk;
    return allocmanual(order, BLOCK_STACK);
}

void stack_large_free(uint32_t chunk)
{
    if (stack_gc_running)
        queue_stack(chunk);
    else
        freemanual(chunk);
}

/* The queue of one order is emptied. */
/*@ requires heap:   page_heap_ok;
    requires order:  order < NUM_BLOCK_ORDERS;
    assigns  BLOCK_TABLES, QUEUE_TABLES;
    exits    \false;
    ensures  heap:   page_heap_ok;
    ensures  empty:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_QUEUED ==>
                       block_order[chunk] != order;
    ensures  kept:   \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                       (\old(block_state[chunk]) == BLOCK_SPAN || \old(block_state[chunk]) == BLOCK_STACK) ==>
                         block_state[chunk] == \old(block_state[chunk]) &&
                         block_order[chunk] == \old(block_order[chunk]);
    ensures  new:    used_blocks_kept_but{Post, Pre}(NUM_CHUNKS); */
static void drain_order(uint32_t order)
{
    uint32_t chunk = reuse_queued(order);
    /*@ loop invariant heap:  page_heap_ok;
        loop invariant chunk: chunk <= NUM_CHUNKS &&
                                (chunk < NUM_CHUNKS ==> block_state[chunk] == BLOCK_STACK &&
                                 \at(block_state[\at(chunk, Here)], Pre) == BLOCK_QUEUED);
        loop invariant empty: chunk == NUM_CHUNKS ==>
                                \forall integer other; 0 <= other < NUM_CHUNKS && block_state[other] == BLOCK_QUEUED ==>
                                  block_order[other] != order;
        loop invariant kept:  \forall integer other; 0 <= other < NUM_CHUNKS &&
                                (\at(block_state[other], Pre) == BLOCK_SPAN ||
                                 \at(block_state[other], Pre) == BLOCK_STACK) ==>
                                  block_state[other] == \at(block_state[other], Pre) &&
                                  block_order[other] == \at(block_order[other], Pre);
        loop invariant new:   used_blocks_kept_but{Here, Pre}(chunk);
        loop assigns chunk, BLOCK_TABLES, QUEUE_TABLES;
        loop variant chunk < NUM_CHUNKS ? set_size[QUEUED_STACKS(order)] + 1 : 0; */
    while (chunk < NUM_CHUNKS) {
        freemanual(chunk);
        chunk = reuse_queued(order);
    }
}

void stack_large_drain(void)
{
    /*@ loop invariant order: 0 <= order <= NUM_BLOCK_ORDERS;
        loop invariant heap:  page_heap_ok;
        loop invariant empty: \forall integer chunk; 0 <= chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_QUEUED ==>
                                block_order[chunk] >= order;
        loop invariant kept:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                                (\at(block_state[chunk], Pre) == BLOCK_SPAN ||
                                 \at(block_state[chunk], Pre) == BLOCK_STACK) ==>
                                  block_state[chunk] == \at(block_state[chunk], Pre) &&
                                  block_order[chunk] == \at(block_order[chunk], Pre);
        loop invariant new:   used_blocks_kept_but{Here, Pre}(NUM_CHUNKS);
        loop assigns order, BLOCK_TABLES, QUEUE_TABLES;
        loop variant NUM_BLOCK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_BLOCK_ORDERS; order++)
        drain_order(order);
}
