/* stack_find.h: the order of a size, and the live stack at an address.
 *
 * An address from outside is compared with the arena and with the tables before anything is believed of it: only a live
 * stack of the size is found.
 * Serves ALLOC-2, ALLOC-3, ALLOC-5.  Called by stackalloc.c. */
#ifndef CONTIG_CORE_HEAP_STACK_FIND_H
#define CONTIG_CORE_HEAP_STACK_FIND_H

#include "src/core/heap/stackalloc.h"

/* The first of the units that a slot covers. */
/*@ ghost
    /@ requires slot:   chunk < NUM_CHUNKS && order < NUM_STACK_ORDERS && index < span_capacity(order);
       requires units:  units * FIXED_STACK_BYTES == pooled_bytes(order);
       assigns  \nothing;
       exits    \false;
       ensures  range:  \result + units <= NUM_UNITS;
       ensures  inside: \forall integer unit; 0 <= unit ==> (\result <= unit < \result + units <==>
                          unit / MAX_SPAN_SLOTS == chunk &&
                          slot_of_unit(order, unit - MAX_SPAN_SLOTS * (unit / MAX_SPAN_SLOTS)) == index); @/
    uint32_t first_unit(uint32_t chunk, uint32_t index, uint32_t order, uint32_t units); */

/* The order of a pooled stack of that size, or NUM_STACK_ORDERS. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  range: \result <= NUM_STACK_ORDERS;
    ensures  found: \result < NUM_STACK_ORDERS ==> bytes == pooled_bytes(\result);
    ensures  none:  \result == NUM_STACK_ORDERS ==>
                      \forall integer order; 0 <= order < NUM_STACK_ORDERS ==> bytes != pooled_bytes(order); */
static inline uint32_t pooled_order(uint64_t bytes)
{
    if (bytes == FIXED_STACK_BYTES)
        return 0;
    if (bytes == FIXED_STACK_BYTES * 2)
        return 1;
#if NUM_STACK_ORDERS > 2
    if (bytes == FIXED_STACK_BYTES * 4)
        return 2;
#endif
#if NUM_STACK_ORDERS > 3
    if (bytes == FIXED_STACK_BYTES * 8)
        return 3;
#endif
    return NUM_STACK_ORDERS;
}

/* The order of a large stack of that size, or NUM_BLOCK_ORDERS. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  range: \result <= NUM_BLOCK_ORDERS;
    ensures  found: \result < NUM_BLOCK_ORDERS ==> bytes == large_bytes(\result);
    ensures  none:  \result == NUM_BLOCK_ORDERS ==>
                      \forall integer order; 0 <= order < NUM_BLOCK_ORDERS ==> bytes != large_bytes(order); */
static inline uint32_t large_order(uint64_t bytes)
{
    switch (bytes) {
    case CHUNK_BYTES: return 0;
    case CHUNK_BYTES * 2: return 1;
    case CHUNK_BYTES * 4: return 2;
    case CHUNK_BYTES * 8: return 3;
    case CHUNK_BYTES * 16: return 4;
    case CHUNK_BYTES * 32: return 5;
    case CHUNK_BYTES * 64: return 6;
    case CHUNK_BYTES * 128: return 7;
    case CHUNK_BYTES * 256: return 8;
    case CHUNK_BYTES * 512: return 9;
    case CHUNK_BYTES * 1024: return 10;
    case CHUNK_BYTES * 2048: return 11;
    case CHUNK_BYTES * 4096: return 12;
    case CHUNK_BYTES * 8192: return 13;
    case CHUNK_BYTES * 16384: return 14;
    default: return NUM_BLOCK_ORDERS;
    }
}

/* The chunk that an address lies in, or NUM_CHUNKS if it is not in the arena. */
/*@ requires placed:  arena_placed;
    assigns  \nothing;
    exits    \false;
    ensures  range:   \result <= NUM_CHUNKS;
    ensures  inside:  \result < NUM_CHUNKS ==> \result < arena_chunks &&
                        block_address(\result) <= address < block_address(\result) + CHUNK_BYTES;
    ensures  outside: \result == NUM_CHUNKS ==> address < arena_base || block_address(arena_chunks) <= address; */
static inline uint32_t chunk_of(uint64_t address)
{
    if (address < arena_base)
        return NUM_CHUNKS;
    if (address - arena_base >= (uint64_t)arena_chunks * CHUNK_BYTES)
        return NUM_CHUNKS;
    return (uint32_t)((address - arena_base) / CHUNK_BYTES);
}

/* The slot that begins at an offset in a span, or MAX_SPAN_SLOTS. */
/*@ requires offset: offset < CHUNK_BYTES && order < NUM_STACK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  range:  \result <= MAX_SPAN_SLOTS;
    ensures  found:  \result < MAX_SPAN_SLOTS ==>
                       \result < span_capacity(order) && offset == slot_offset(order, \result);
    ensures  none:   \result == MAX_SPAN_SLOTS ==> \forall integer index; offset != slot_offset(order, index); */
static inline uint32_t slot_at(uint32_t offset, uint32_t order)
{
    uint32_t index = MAX_SPAN_SLOTS;
    switch (order) {
    case 0:
        if (offset % FIXED_STACK_BYTES == 0)
            index = offset / FIXED_STACK_BYTES;
        break;
    case 1:
        if (offset % (FIXED_STACK_BYTES * 2) == 0)
            index = offset / (FIXED_STACK_BYTES * 2);
        break;
    case 2:
        if (offset % (FIXED_STACK_BYTES * 4) == 0)
            index = offset / (FIXED_STACK_BYTES * 4);
        break;
    default:
        if (offset % (FIXED_STACK_BYTES * 8) == 0)
            index = offset / (FIXED_STACK_BYTES * 8);
        break;
    }
    return index;
}

/* Where a slot begins in its span. */
/*@ requires slot:   order < NUM_STACK_ORDERS && index < span_capacity(order);
    assigns  \nothing;
    exits    \false;
    ensures  offset: \result == slot_offset(order, index) && \result < CHUNK_BYTES; */
static inline uint32_t offset_of_slot(uint32_t order, uint32_t index)
{
    switch (order) {
    case 0: return FIXED_STACK_BYTES * index;
    case 1: return FIXED_STACK_BYTES * 2 * index;
    case 2: return FIXED_STACK_BYTES * 4 * index;
    default: return FIXED_STACK_BYTES * 8 * index;
    }
}

/* The live small stack of that order that begins at an address; its chunk is NUM_CHUNKS if there is none. */
/*@ requires heap:  heap_sound && arena_placed;
    requires order: order < NUM_STACK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  range: \result.chunk <= NUM_CHUNKS;
    ensures  found: \result.chunk < NUM_CHUNKS ==>
                      live_small_stack(lo, pooled_bytes(order), \result.chunk, \result.index) &&
                      span_order[\result.chunk] == order;
    ensures  none:  \result.chunk == NUM_CHUNKS ==>
                      \forall integer chunk, index; !live_small_stack(lo, pooled_bytes(order), chunk, index); */
static inline struct slot_ref find_small_stack(uint64_t lo, uint32_t order)
{
    struct slot_ref none = {NUM_CHUNKS, 0};
    struct slot_ref stack = none;
    uint32_t chunk = chunk_of(lo);
    if (chunk == NUM_CHUNKS)
        return none;
    uint32_t offset = (uint32_t)((lo - arena_base) % CHUNK_BYTES);
    //@ assert offset: lo == block_address(chunk) + offset;
    /*@ assert chunk: \forall integer other, index; live_small_stack(lo, pooled_bytes(order), other, index) ==>
          other == chunk; */
    /*@ assert order: \forall integer index; live_small_stack(lo, pooled_bytes(order), chunk, index) ==>
          span_order[chunk] == order; */
    /*@ assert index: \forall integer index; live_small_stack(lo, pooled_bytes(order), chunk, index) ==>
          offset == slot_offset(order, index); */
    if (span_order[chunk] != order)
        return none;
    stack.index = slot_at(offset, order);
    if (stack.index >= span_slots[chunk])
        return none;
    if (slot_owner[chunk].at[stack.index] != SLOT_LIVE)
        return none;
    stack.chunk = chunk;
    return stack;
}

/* The live large stack of that order that begins at an address, or NUM_CHUNKS. */
/*@ requires heap:  heap_sound && arena_placed;
    requires order: order < NUM_BLOCK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  range: \result <= NUM_CHUNKS;
    ensures  found: \result < NUM_CHUNKS ==> live_large_stack(lo, large_bytes(order), \result) &&
                      block_order[\result] == order;
    ensures  none:  \result == NUM_CHUNKS ==> \forall integer chunk; !live_large_stack(lo, large_bytes(order), chunk);
                      */
static inline uint32_t find_large_stack(uint64_t lo, uint32_t order)
{
    uint32_t chunk = chunk_of(lo);
    if (chunk == NUM_CHUNKS || (lo - arena_base) % CHUNK_BYTES != 0)
        return NUM_CHUNKS;
    if (block_state[chunk] != BLOCK_STACK || block_order[chunk] != order)
        return NUM_CHUNKS;
    return chunk;
}

#endif
