/* stackcache.c: the caches of the Ps.  What they are for: stackcache.h. */
#include "src/core/heap/stackcache.h"

struct stack_cache stackcache[NUM_P];
/*@ ghost struct slot_row cache_place[NUM_CHUNKS]; */

void stackcacherefill(uint32_t p, uint32_t order)
{
    uint32_t half = span_capacity_of(order) / 2;
    /*@ loop invariant count:     0 <= count <= half && stackcache[p].count[order] == count;
        loop invariant page_heap: page_heap_ok;
        loop invariant pool:      pool_ok;
        loop invariant link:      spans_linked;
        loop invariant live:      live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
        loop invariant large:     large_blocks_same{Pre, Here};
        loop assigns count, PAGE_HEAP_TABLES, SPAN_TABLES, CACHE_TABLES(p, order);
        loop variant half - count; */
    for (uint32_t count = 0; count < half; count++) {
        struct slot_ref stack = stackpoolalloc(order);
        if (stack.chunk == NUM_CHUNKS)
            return;
        //@ assert live: live_slots_same_but{Pre, Here}(stack.chunk, stack.index);
        //@ assert new: !live_slot{Pre}(stack.chunk, stack.index);
        stackcache_push(p, order, stack.chunk, stack.index);
    }
}

/* Gives stacks back to the pool, the last cached first, until only so many are left. */
/*@ requires heap:      heap_sound;
    requires cache:     p < NUM_P && order < NUM_STACK_ORDERS;
    assigns  BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[order];
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  left:      stackcache[p].count[order] ==
                          (\old(stackcache[p].count[order]) < left ? \old(stackcache[p].count[order]) : left);
    ensures  live:      live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
static void release_down_to(uint32_t p, uint32_t order, uint32_t left)
{
    /*@ loop invariant left:      stackcache[p].count[order] == \at(stackcache[p].count[order], Pre) ||
                                    left <= stackcache[p].count[order] < \at(stackcache[p].count[order], Pre);
        loop invariant page_heap: page_heap_ok;
        loop invariant pool:      pool_ok;
        loop invariant link:      spans_linked;
        loop invariant live:      live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
        loop invariant large:     large_blocks_same{Pre, Here};
        loop assigns BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[order];
        loop variant stackcache[p].count[order]; */
    while (stackcache[p].count[order] > left) {
        struct slot_ref stack = stackcache_pop(p, order);
        //@ assert heap: heap_sound;
        //@ assert live: live_slots_same_but{Pre, Here}(stack.chunk, stack.index);
        //@ assert new: !live_slot{Pre}(stack.chunk, stack.index);
        stackpoolfree(stack.chunk, stack.index);
    }
}

void stackcacherelease(uint32_t p, uint32_t order)
{
    release_down_to(p, order, span_capacity_of(order) / 2);
}

void stackcache_clear(uint32_t p)
{
    /*@ loop invariant order:     0 <= order <= NUM_STACK_ORDERS &&
                                    \forall integer done; 0 <= done < order ==> stackcache[p].count[done] == 0;
        loop invariant page_heap: page_heap_ok;
        loop invariant pool:      pool_ok;
        loop invariant link:      spans_linked;
        loop invariant live:      live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
        loop invariant large:     large_blocks_same{Pre, Here};
        loop assigns order, BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
        loop variant NUM_STACK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        release_down_to(p, order, 0);
}
