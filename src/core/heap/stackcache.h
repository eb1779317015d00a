/* stackcache.h: the free stacks that a P keeps for itself.
 *
 * stackalloc and stackfree usually end here, without a lock.  A cache holds at most 32 KiB worth of stacks of
 * each order; refill and release move half of that, so that alternating calls at a boundary stay cheap.  What takes or
 * adds one stack is here, and not in the .c file, so that stackalloc needs no call for it.
 * Keeps: CACHE-1..CACHE-5, CACHE-7 (spec/caches.acsl).  Called by stackalloc.c and by the GC cycle. */
#ifndef CONTIG_CORE_HEAP_STACKCACHE_H
#define CONTIG_CORE_HEAP_STACKCACHE_H

#include "src/core/heap/stackpool.h"

/* CACHE-2, CACHE-7: a live stack of that order goes to the cache of P p, which has room for it. */
/*@ requires pool:    pool_ok;
    requires p:       p < NUM_P;
    requires live:    live_slot(chunk, index) && span_order[chunk] == order;
    requires room:    stackcache[p].count[order] < span_capacity(order);
    assigns  slot_owner[chunk].at[index], CACHE_TABLES(p, order);
    exits    \false;
    ensures  owned:   slots_owned;
    ensures  bounded: caches_bounded;
    ensures  entries: entries_own_slots;
    ensures  have:    slots_have_entry;
    ensures  last:    stackcache[p].chunk[order][\old(stackcache[p].count[order])] == chunk &&
                        stackcache[p].index[order][\old(stackcache[p].count[order])] == index;
    ensures  below:   \forall integer k; 0 <= k < \old(stackcache[p].count[order]) ==>
                        stackcache[p].chunk[order][k] == \old(stackcache[p].chunk[order][k]) &&
                        stackcache[p].index[order][k] == \old(stackcache[p].index[order][k]);
    ensures  cached:  slot_owner[chunk].at[index] == SLOT_CACHED + p &&
                        stackcache[p].count[order] == \old(stackcache[p].count[order]) + 1; */
static inline void stackcache_push(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index)
{
    uint32_t end = stackcache[p].count[order];
    stackcache[p].chunk[order][end] = chunk;
    stackcache[p].index[order][end] = (uint8_t)index;
    stackcache[p].count[order] = (uint8_t)(end + 1);
    slot_owner[chunk].at[index] = (uint8_t)(SLOT_CACHED + p);
    //@ ghost cache_place[chunk].at[index] = (uint8_t)end;
}

/* CACHE-1, CACHE-7: the stack that was cached last becomes live. */
/*@ requires pool:    pool_ok;
    requires cache:   p < NUM_P && order < NUM_STACK_ORDERS && stackcache[p].count[order] > 0;
    assigns  slot_owner[0 .. NUM_CHUNKS - 1], stackcache[p].count[order];
    exits    \false;
    ensures  owned:   slots_owned;
    ensures  bounded: caches_bounded;
    ensures  entries: entries_own_slots;
    ensures  have:    slots_have_entry;
    ensures  live:    live_slot(\result.chunk, \result.index) && span_order[\result.chunk] == order &&
                        \at(slot_owner[\at(\result.chunk, Post)].at[\at(\result.index, Post)], Pre) == SLOT_CACHED + p;
    ensures  last:    \result.chunk == \old(stackcache[p].chunk[order][stackcache[p].count[order] - 1]) &&
                        \result.index == \old(stackcache[p].index[order][stackcache[p].count[order] - 1]);
    ensures  count:   stackcache[p].count[order] == \old(stackcache[p].count[order]) - 1;
    ensures  others:  \forall integer chunk, index; slot(chunk, index) &&
                        !(chunk == \result.chunk && index == \result.index) ==>
                          slot_owner[chunk].at[index] == \old(slot_owner[chunk].at[index]); */
static inline struct slot_ref stackcache_pop(uint32_t p, uint32_t order)
{
    struct slot_ref stack;
    uint32_t end = stackcache[p].count[order] - 1u;
    stack.chunk = stackcache[p].chunk[order][end];
    stack.index = stackcache[p].index[order][end];
    //@ assert entry: cache_entry(p, order, end) && cache_place[stack.chunk].at[stack.index] == end;
    /*@ assert only: \forall integer chunk, index; slot(chunk, index) &&
                       slot_owner[chunk].at[index] == SLOT_CACHED + p &&
          span_order[chunk] == order && cache_place[chunk].at[index] == end ==>
            chunk == stack.chunk && index == stack.index; */
    stackcache[p].count[order] = (uint8_t)end;
    slot_owner[stack.chunk].at[stack.index] = SLOT_LIVE;
    return stack;
}

/* CACHE-3 (Go stackcacherefill): brings an empty cache to half its capacity, or to what memory is left for. */
/*@ requires heap:      heap_sound;
    requires empty:     p < NUM_P && order < NUM_STACK_ORDERS && stackcache[p].count[order] == 0;
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES, CACHE_TABLES(p, order);
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  half:      stackcache[p].count[order] == span_capacity(order) / 2 ||
                          (stackcache[p].count[order] < span_capacity(order) / 2 && exhausted(0));
    ensures  live:      live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
void stackcacherefill(uint32_t p, uint32_t order);

/* CACHE-4 (Go stackcacherelease): gives stacks back to the pool until only half the capacity is left. */
/*@ requires heap:      heap_sound;
    requires cache:     p < NUM_P && order < NUM_STACK_ORDERS;
    assigns  BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[order];
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  half:      stackcache[p].count[order] ==
                          (\old(stackcache[p].count[order]) < span_capacity(order) / 2 ?
                             \old(stackcache[p].count[order]) : span_capacity(order) / 2);
    ensures  live:      live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
void stackcacherelease(uint32_t p, uint32_t order);

/* CACHE-5 (Go stackcache_clear): gives all stacks of a P back to the pool. */
/*@ requires heap:      heap_sound;
    requires p:         p < NUM_P;
    assigns  BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  empty:     \forall integer order; 0 <= order < NUM_STACK_ORDERS ==> stackcache[p].count[order] == 0;
    ensures  live:      live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
void stackcache_clear(uint32_t p);

#endif
