/* stackalloc.c: stacks by size and address.  What it is for: stackalloc.h. */
#include "src/core/heap/stackalloc.h"

uint64_t arena_base;
/*@ ghost uint32_t stack_chunk; */
/*@ ghost uint32_t stack_index; */

/* The order of a pooled stack of that size, or NUM_STACK_ORDERS. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  range: \result <= NUM_STACK_ORDERS;
    ensures  found: \result < NUM_STACK_ORDERS ==> bytes == pooled_bytes(\result);
    ensures  none:  \result == NUM_STACK_ORDERS ==>
                      \forall integer order; 0 <= order < NUM_STACK_ORDERS ==> bytes != pooled_bytes(order); */
static uint32_t pooled_order(uint64_t bytes)
{
    switch (bytes) {
    case FIXED_STACK_BYTES: return 0;
    case FIXED_STACK_BYTES * 2: return 1;
#if NUM_STACK_ORDERS > 2
    case FIXED_STACK_BYTES * 4: return 2;
#endif
#if NUM_STACK_ORDERS > 3
    case FIXED_STACK_BYTES * 8: return 3;
#endif
    default: return NUM_STACK_ORDERS;
    }
}

/* The order of a large stack of that size, or NUM_BLOCK_ORDERS. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  range: \result <= NUM_BLOCK_ORDERS;
    ensures  found: \result < NUM_BLOCK_ORDERS ==> bytes == large_bytes(\result);
    ensures  none:  \result == NUM_BLOCK_ORDERS ==>
                      \forall integer order; 0 <= order < NUM_BLOCK_ORDERS ==> bytes != large_bytes(order); */
static uint32_t large_order(uint64_t bytes)
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
static uint32_t chunk_of(uint64_t address)
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
static uint32_t slot_at(uint32_t offset, uint32_t order)
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
static uint32_t offset_of_slot(uint32_t order, uint32_t index)
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
static struct slot_ref find_small_stack(uint64_t lo, uint32_t order)
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
    if (span_slots[chunk] == 0 || span_order[chunk] != order)
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
static uint32_t find_large_stack(uint64_t lo, uint32_t order)
{
    uint32_t chunk = chunk_of(lo);
    if (chunk == NUM_CHUNKS || (lo - arena_base) % CHUNK_BYTES != 0)
        return NUM_CHUNKS;
    if (block_state[chunk] != BLOCK_STACK || block_order[chunk] != order)
        return NUM_CHUNKS;
    return chunk;
}

/* A small stack becomes live; its chunk is NUM_CHUNKS if there is no memory. */
/*@ requires heap:      heap_sound;
    requires order:     order < NUM_STACK_ORDERS && p <= NUM_P;
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES, STACK_CACHES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  range:     \result.chunk <= NUM_CHUNKS;
    ensures  none:      \result.chunk == NUM_CHUNKS ==> exhausted(0);
    ensures  live:      \result.chunk < NUM_CHUNKS ==>
                          live_slot(\result.chunk, \result.index) && span_order[\result.chunk] == order &&
                          !live_slot{Pre}(\result.chunk, \result.index);
    ensures  cached:    p < NUM_P && \old(stackcache[p].count[order]) > 0 ==>
                          \result.chunk == \old(stackcache[p].chunk[order][stackcache[p].count[order] - 1]) &&
                          \result.index == \old(stackcache[p].index[order][stackcache[p].count[order] - 1]) &&
                          stackcache[p].count[order] == \old(stackcache[p].count[order]) - 1;
    ensures  others:    live_slots_same_but{Pre, Post}(\result.chunk, \result.index);
    ensures  large:     large_blocks_same{Pre, Post}; */
static struct slot_ref take_small(uint32_t p, uint32_t order)
{
    if (p == NUM_P)
        return stackpoolalloc(order);
    if (stackcache[p].count[order] == 0) {
        stackcacherefill(p, order);
        if (stackcache[p].count[order] == 0) {
            struct slot_ref none = {NUM_CHUNKS, 0};
            return none;
        }
    }
    //@ assert heap: heap_sound;
    //@ assert live: live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
    return stackcache_pop(p, order);
}

/* A live small stack is freed, into the cache of P p unless that is NUM_P. */
/*@ requires heap:      heap_sound;
    requires live:      live_slot(chunk, index) && span_order[chunk] == order && p <= NUM_P;
    assigns  BLOCK_TABLES, SPAN_TABLES, STACK_CACHES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  fill:      p < NUM_P ==> stackcache[p].count[order] == 1 +
                          (\old(stackcache[p].count[order]) == span_capacity(order)
                             ? span_capacity(order) / 2
                             : \old(stackcache[p].count[order]));
    ensures  freed:     !live_slot(chunk, index);
    ensures  others:    live_slots_same_but{Pre, Post}(chunk, index);
    ensures  large:     large_blocks_same{Pre, Post}; */
static void put_small(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index)
{
    if (p == NUM_P) {
        stackpoolfree(chunk, index);
        return;
    }
    if (stackcache[p].count[order] == span_capacity_of(order))
        stackcacherelease(p, order);
    //@ assert heap: heap_sound;
    /*@ assert live: live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0) && live_slot(chunk, index) &&
          span_order[chunk] == order; */
    stackcache_push(p, order, chunk, index);
}

/*@ ghost
    /@ requires slot:   chunk < NUM_CHUNKS && order < NUM_STACK_ORDERS && index < span_capacity(order);
       requires units:  units * FIXED_STACK_BYTES == pooled_bytes(order);
       assigns  \nothing;
       exits    \false;
       ensures  range:  \result + units <= NUM_UNITS;
       ensures  inside: \forall integer unit; 0 <= unit ==> (\result <= unit < \result + units <==>
                          unit / MAX_SPAN_SLOTS == chunk &&
                          slot_of_unit(order, unit - MAX_SPAN_SLOTS * (unit / MAX_SPAN_SLOTS)) == index); @/
    uint32_t first_unit(uint32_t chunk, uint32_t index, uint32_t order, uint32_t units)
    {
      switch (order) {
      case 0: return MAX_SPAN_SLOTS * chunk + index;
      case 1: return MAX_SPAN_SLOTS * chunk + 2 * index;
      case 2: return MAX_SPAN_SLOTS * chunk + 4 * index;
      default: return MAX_SPAN_SLOTS * chunk + 8 * index;
      }
    } */

/*@ ghost
    /@ requires chunks: first <= end <= NUM_CHUNKS;
       assigns  \nothing;
       exits    \false;
       ensures  inside: \forall integer unit; 0 <= unit ==>
                          (first * MAX_SPAN_SLOTS <= unit < end * MAX_SPAN_SLOTS <==>
                           first <= unit / MAX_SPAN_SLOTS < end); @/
    void units_in_chunks(uint32_t first, uint32_t end)
    {
    } */

/*@ ghost
    /@ requires heap:   page_heap_ok && pool_ok && spans_linked;
       requires block:  chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK;
       requires units:  units * FIXED_STACK_BYTES == large_bytes(block_order[chunk]);
       assigns  \nothing;
       exits    \false;
       ensures  block:  block(chunk) && chunk + block_chunks(block_order[chunk]) <= grown_chunks <= arena_chunks;
       ensures  units:  units == MAX_SPAN_SLOTS * block_chunks(block_order[chunk]);
       ensures  owner:  \forall integer other; chunk <= other < chunk + block_chunks(block_order[chunk]) ==>
                          block_owner[other] == chunk;
       ensures  heads:  \forall integer other; block(other) ==> block_owner[other] == other;
       ensures  inside: \forall integer other; chunk <= other < chunk + block_chunks(block_order[chunk]) ==>
                          other == chunk || !block(other);
       ensures  slots:  \forall integer other; chunk <= other < chunk + block_chunks(block_order[chunk]) ==>
                          span_slots[other] == 0;
       ensures  places: \forall integer unit; 0 <= unit ==>
                          (chunk * MAX_SPAN_SLOTS <= unit < chunk * MAX_SPAN_SLOTS + units <==>
                           chunk <= unit / MAX_SPAN_SLOTS < chunk + block_chunks(block_order[chunk])); @/
    void units_of_large_stack(uint32_t chunk, uint32_t units)
    {
      /@ assert block: block(chunk) && chunk + block_chunks(block_order[chunk]) <= grown_chunks; @/
      /@ assert heads: \forall integer other; block(other) ==> block_owner[other] == other; @/
      /@ assert inside: \forall integer other; chunk <= other < chunk + block_chunks(block_order[chunk]) ==>
           other == chunk || !block(other); @/
      units_in_chunks(chunk, chunk + units / MAX_SPAN_SLOTS);
    } */

/* stackalloc for a size that is pooled. */
/*@ requires stacks:    stacks_sound;
    requires size:      p <= NUM_P && order < NUM_STACK_ORDERS && units * FIXED_STACK_BYTES == pooled_bytes(order);
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES, STACK_CACHES, UNIT_TABLES, stack_chunk, stack_index;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) + (\result.status == STACK_OK ? units : 0);
    ensures  status:    \result.status == STACK_OK || \result.status == STACK_NO_MEMORY;
    ensures  live:      \result.status == STACK_OK ==>
                          live_small_stack(\result.lo, pooled_bytes(order), stack_chunk, stack_index) &&
                          !live_slot{Pre}(stack_chunk, stack_index) &&
                          live_slots_same_but{Pre, Post}(stack_chunk, stack_index);
    ensures  failed:    \result.status != STACK_OK ==>
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) && exhausted(0);
    ensures  large:     live_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static struct stack_alloc_result alloc_small(uint32_t p, uint32_t order, uint32_t units)
{
    struct stack_alloc_result result = {STACK_NO_MEMORY, 0};
    struct slot_ref stack = take_small(p, order);
    //@ assert large: \forall integer chunk; chunk_in_large_stack{Pre}(chunk) <==> chunk_in_large_stack(chunk);
    if (stack.chunk == NUM_CHUNKS) {
        //@ assert marked: units_marked;
        return result;
    }
    uint32_t offset = offset_of_slot(order, stack.index);
    //@ assert span: stack.chunk < grown_chunks && !chunk_in_large_stack(stack.chunk);
    /*@ assert small: \forall integer chunk, unit; 0 <= unit < MAX_SPAN_SLOTS ==>
          (unit_in_small_stack(chunk, unit) <==> unit_in_small_stack{Pre}(chunk, unit) ||
            (chunk == stack.chunk && slot_of_unit(order, unit) == stack.index)); */
    /*@ ghost
        mark_units(first_unit(stack.chunk, stack.index, order, units), units, 1);
        stack_chunk = stack.chunk;
        stack_index = stack.index; */
    stack_units_in_use += units;
    result.status = STACK_OK;
    result.lo = arena_base + (uint64_t)stack.chunk * CHUNK_BYTES + offset;
    return result;
}

/* stackalloc for a size of the page heap. */
/*@ requires stacks:    stacks_sound;
    requires size:      order < NUM_BLOCK_ORDERS && units * FIXED_STACK_BYTES == large_bytes(order);
    assigns  PAGE_HEAP_TABLES, QUEUE_TABLES, UNIT_TABLES, stack_chunk;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) + (\result.status == STACK_OK ? units : 0);
    ensures  status:    \result.status == STACK_OK || \result.status == STACK_NO_MEMORY;
    ensures  live:      \result.status == STACK_OK ==>
                          live_large_stack(\result.lo, large_bytes(order), stack_chunk) &&
                          \old(block_state[\at(stack_chunk, Post)]) != BLOCK_STACK &&
                          live_blocks_same_but{Pre, Post}(stack_chunk);
    ensures  failed:    \result.status != STACK_OK ==>
                          live_blocks_same_but{Pre, Post}(NUM_CHUNKS) && exhausted(order); */
static struct stack_alloc_result alloc_large(uint32_t order, uint32_t units)
{
    struct stack_alloc_result result = {STACK_NO_MEMORY, 0};
    uint32_t chunk = stack_large_alloc(order);
    //@ assert pool: pool_ok && spans_linked;
    /*@ assert large: \forall integer other; chunk_in_large_stack(other) <==> chunk_in_large_stack{Pre}(other) ||
          (chunk < NUM_CHUNKS && chunk <= other < chunk + block_chunks(order)); */
    if (chunk == NUM_CHUNKS) {
        //@ assert marked: units_marked;
        return result;
    }
    //@ ghost units_of_large_stack(chunk, units);
    /*@ assert old: \forall integer other; chunk_in_large_stack{Pre}(other) ==>
          block_owner[other] != chunk && !(chunk <= other < chunk + block_chunks(order)); */
    /*@ ghost
        mark_units(chunk * MAX_SPAN_SLOTS, units, 1);
        stack_chunk = chunk; */
    stack_units_in_use += units;
    result.status = STACK_OK;
    result.lo = arena_base + (uint64_t)chunk * CHUNK_BYTES;
    return result;
}

struct stack_alloc_result stackalloc(uint32_t p, uint64_t size_bytes)
{
    struct stack_alloc_result bad_size = {STACK_BAD_SIZE, 0};
    uint32_t order = pooled_order(size_bytes);
    if (order < NUM_STACK_ORDERS)
        return alloc_small(p, order, (uint32_t)(size_bytes / FIXED_STACK_BYTES));
    order = large_order(size_bytes);
    if (order < NUM_BLOCK_ORDERS)
        return alloc_large(order, (uint32_t)(size_bytes / FIXED_STACK_BYTES));
    return bad_size;
}

/* stackfree of a live small stack. */
/*@ requires stacks:    stacks_sound;
    requires live:      p <= NUM_P && live_slot(chunk, index) && span_order[chunk] == order &&
                          units * FIXED_STACK_BYTES == pooled_bytes(order);
    assigns  BLOCK_TABLES, SPAN_TABLES, STACK_CACHES, UNIT_TABLES, stack_chunk, stack_index;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) - units;
    ensures  place:     stack_chunk == chunk && stack_index == index;
    ensures  freed:     !live_slot(chunk, index) && live_slots_same_but{Pre, Post}(chunk, index);
    ensures  large:     live_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static void free_small(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index, uint32_t units)
{
    /*@ ghost
        mark_units(first_unit(chunk, index, order, units), units, 0);
        stack_chunk = chunk;
        stack_index = index; */
    stack_units_in_use -= units;
    put_small(p, order, chunk, index);
    //@ assert span: !chunk_in_large_stack{Pre}(chunk);
    //@ assert large: \forall integer other; chunk_in_large_stack{Pre}(other) <==> chunk_in_large_stack(other);
    /*@ assert small: \forall integer other, unit; 0 <= unit < MAX_SPAN_SLOTS ==>
          (unit_in_small_stack(other, unit) <==> unit_in_small_stack{Pre}(other, unit) &&
            !(other == chunk && slot_of_unit(order, unit) == index)); */
}

/* stackfree of a live large stack. */
/*@ requires stacks:    stacks_sound;
    requires live:      chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK &&
                          units * FIXED_STACK_BYTES == large_bytes(block_order[chunk]);
    assigns  BLOCK_TABLES, QUEUE_TABLES, UNIT_TABLES, stack_chunk;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) - units;
    ensures  place:     stack_chunk == chunk;
    ensures  freed:     block_state[chunk] != BLOCK_STACK && live_blocks_same_but{Pre, Post}(chunk); */
static void free_large(uint32_t chunk, uint32_t units)
{
    //@ ghost units_of_large_stack(chunk, units);
    /*@ ghost
        mark_units(chunk * MAX_SPAN_SLOTS, units, 0);
        stack_chunk = chunk; */
    stack_units_in_use -= units;
    stack_large_free(chunk);
    //@ assert pool: pool_ok && spans_linked;
    /*@ assert large: \forall integer other; chunk_in_large_stack(other) <==> chunk_in_large_stack{Pre}(other) &&
          !(chunk <= other < chunk + block_chunks(\at(block_order[\at(chunk, Here)], Pre))); */
}

enum stack_status stackfree(uint32_t p, uint64_t lo, uint64_t size_bytes)
{
    uint32_t order = pooled_order(size_bytes);
    if (order < NUM_STACK_ORDERS) {
        struct slot_ref stack = find_small_stack(lo, order);
        if (stack.chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_small(p, order, stack.chunk, stack.index, (uint32_t)(size_bytes / FIXED_STACK_BYTES));
    } else {
        order = large_order(size_bytes);
        if (order == NUM_BLOCK_ORDERS)
            return STACK_BAD_SIZE;
        uint32_t chunk = find_large_stack(lo, order);
        if (chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_large(chunk, (uint32_t)(size_bytes / FIXED_STACK_BYTES));
    }
    return STACK_OK;
}

void freestackspans(void)
{
    stackpool_sweep();
    //@ assert small: live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
    //@ assert large: live_blocks_same_but{Pre, Here}(NUM_CHUNKS);
    stack_large_drain();
}

void stack_gc_begin(void)
{
    stack_gc_running = true;
}

void stack_gc_end(void)
{
    stack_gc_running = false;
}

bool is_live_stack(uint64_t lo, uint64_t size_bytes)
{
    uint32_t order = pooled_order(size_bytes);
    if (order < NUM_STACK_ORDERS)
        return find_small_stack(lo, order).chunk < NUM_CHUNKS;
    order = large_order(size_bytes);
    return order < NUM_BLOCK_ORDERS && find_large_stack(lo, order) < NUM_CHUNKS;
}
