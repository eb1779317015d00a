/* stack_local.c: stacks from a cache and back.  What they are for: stack_local.h. */
#include "src/core/heap/stack_local.h"
#include "src/core/heap/stack_find.h"

/* A pooled stack of that order, in units of FIXED_STACK_BYTES. */
/*@ requires order: order < NUM_STACK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  units: \result * FIXED_STACK_BYTES == pooled_bytes(order) && 1 <= \result <= 8; */
static inline uint32_t units_of(uint32_t order)
{
    switch (order) {
    case 0: return 1;
    case 1: return 2;
    case 2: return 4;
    default: return 8;
    }
}

/* The stack that was cached last becomes live. */
/*@ requires stacks:    stacks_sound;
    requires cache:     p < NUM_P && order < NUM_STACK_ORDERS && stackcache[p].count[order] > 0;
    assigns  LOCAL_TABLES(p);
    exits    \false;
    ensures  pool:      pool_ok;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  live:      live_small_stack(\result, pooled_bytes(order), stack_chunk, stack_index) &&
                          cached_by{Pre}(p, stack_chunk, stack_index);
    ensures  others:    owners_same_but{Pre, Post}(stack_chunk, stack_index);
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) + pooled_bytes(order) / FIXED_STACK_BYTES; */
static uint64_t alloc_cached(uint32_t p, uint32_t order)
{
    struct slot_ref stack = stackcache_pop(p, order);
    uint32_t offset = offset_of_slot(order, stack.index);
    uint32_t units = units_of(order);
    //@ assert large: \forall integer chunk; chunk_in_large_stack{Pre}(chunk) <==> chunk_in_large_stack(chunk);
    //@ assert span: stack.chunk < grown_chunks && !chunk_in_large_stack(stack.chunk);
    /*@ assert small: \forall integer chunk, unit; 0 <= unit < MAX_SPAN_SLOTS ==>
          (unit_in_small_stack(chunk, unit) <==> unit_in_small_stack{Pre}(chunk, unit) ||
            (chunk == stack.chunk && slot_of_unit(order, unit) == stack.index)); */
    /*@ ghost
        mark_units(first_unit(stack.chunk, stack.index, order, units), units, 1);
        stack_chunk = stack.chunk;
        stack_index = stack.index; */
    count_units(p, units);
    return arena_base + (uint64_t)stack.chunk * CHUNK_BYTES + offset;
}

struct stack_alloc_result stackalloc_local(uint32_t p, uint64_t size_bytes)
{
    struct stack_alloc_result result = {STACK_NO_MEMORY, 0};
    uint32_t order = pooled_order(size_bytes);
    if (order == NUM_STACK_ORDERS || stackcache[p].count[order] == 0)
        return result;
    result.status = STACK_OK;
    result.lo = alloc_cached(p, order);
    return result;
}

/* A live stack is cached. */
/*@ requires stacks:    stacks_sound;
    requires live:      live_slot(chunk, index) && span_order[chunk] == order;
    requires room:      p < NUM_P && stackcache[p].count[order] < span_capacity(order);
    assigns  LOCAL_TABLES(p);
    exits    \false;
    ensures  pool:      pool_ok;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  freed:     stack_chunk == chunk && stack_index == index && cached_by(p, chunk, index);
    ensures  others:    owners_same_but{Pre, Post}(chunk, index);
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) - pooled_bytes(order) / FIXED_STACK_BYTES; */
static void free_cached(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index)
{
    uint32_t units = units_of(order);
    //@ assert span: !chunk_in_large_stack(chunk);
    /*@ ghost
        mark_units(first_unit(chunk, index, order, units), units, 0);
        stack_chunk = chunk;
        stack_index = index; */
    count_units(p, UINT32_MAX - units + 1u);
    stackcache_push(p, order, chunk, index);
    //@ assert large: \forall integer other; chunk_in_large_stack{Pre}(other) <==> chunk_in_large_stack(other);
    /*@ assert small: \forall integer other, unit; 0 <= unit < MAX_SPAN_SLOTS ==>
          (unit_in_small_stack(other, unit) <==> unit_in_small_stack{Pre}(other, unit) &&
            !(other == chunk && slot_of_unit(order, unit) == index)); */
}

enum stack_status stackfree_local(uint32_t p, uint64_t lo, uint64_t size_bytes)
{
    uint32_t order = pooled_order(size_bytes);
    if (order == NUM_STACK_ORDERS || stackcache[p].count[order] == span_capacity_of(order))
        return STACK_NO_MEMORY;
    struct slot_ref stack = find_small_stack(lo, order);
    if (stack.chunk == NUM_CHUNKS)
        return STACK_NO_MEMORY;
    free_cached(p, order, stack.chunk, stack.index);
    return STACK_OK;
}

bool move_is_local(uint32_t p, uint64_t old_bytes, uint64_t new_bytes)
{
    uint32_t from = pooled_order(old_bytes), to = pooled_order(new_bytes);
    if (from == NUM_STACK_ORDERS || to == NUM_STACK_ORDERS)
        return false;
    return stackcache[p].count[to] != 0 && stackcache[p].count[from] != span_capacity_of(from);
}
