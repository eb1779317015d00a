/* stackalloc.c: stacks by size and address.  What it is for: stackalloc.h. */
#include "src/core/heap/stackalloc.h"
#include "src/core/heap/stack_find.h"

uint64_t arena_base;
/*@ ghost uint32_t stack_chunk; */
/*@ ghost uint32_t stack_index; */

/* take_small for no P, and for a P whose cache is empty. */
/*@ requires heap:      heap_sound;
    requires order:     order < NUM_STACK_ORDERS && p <= NUM_P;
    requires empty:     p < NUM_P ==> stackcache[p].count[order] == 0;
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
    ensures  others:    live_slots_same_but{Pre, Post}(\result.chunk, \result.index);
    ensures  large:     large_blocks_same{Pre, Post}; */
static struct slot_ref take_pooled(uint32_t p, uint32_t order)
{
    if (p == NUM_P)
        return stackpoolalloc(order);
    stackcacherefill(p, order);
    if (stackcache[p].count[order] == 0) {
        struct slot_ref none = {NUM_CHUNKS, 0};
        return none;
    }
    //@ assert heap: heap_sound;
    //@ assert live: live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
    return stackcache_pop(p, order);
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
static inline struct slot_ref take_small(uint32_t p, uint32_t order)
{
    if (p == NUM_P || stackcache[p].count[order] == 0)
        return take_pooled(p, order);
    return stackcache_pop(p, order);
}

/* put_small for no P, and for a P whose cache is full. */
/*@ requires heap:      heap_sound;
    requires live:      live_slot(chunk, index) && span_order[chunk] == order && p <= NUM_P;
    requires full:      p < NUM_P ==> stackcache[p].count[order] == span_capacity(order);
    assigns  BLOCK_TABLES, SPAN_TABLES, STACK_CACHES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  fill:      p < NUM_P ==> stackcache[p].count[order] == 1 + span_capacity(order) / 2;
    ensures  freed:     !live_slot(chunk, index);
    ensures  others:    live_slots_same_but{Pre, Post}(chunk, index);
    ensures  large:     large_blocks_same{Pre, Post}; */
static void put_pooled(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index)
{
    if (p == NUM_P) {
        stackpoolfree(chunk, index);
        return;
    }
    stackcacherelease(p, order);
    //@ assert heap: heap_sound;
    /*@ assert live: live_slots_same_but{Pre, Here}(NUM_CHUNKS, 0) && live_slot(chunk, index) &&
          span_order[chunk] == order; */
    stackcache_push(p, order, chunk, index);
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
static inline void put_small(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index)
{
    //@ assert capacity: span_slots[chunk] == span_capacity(order);
    if (p == NUM_P || stackcache[p].count[order] == span_slots[chunk])
        put_pooled(p, order, chunk, index);
    else
        stackcache_push(p, order, chunk, index);
}

/*@ ghost
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
static inline struct stack_alloc_result alloc_small(uint32_t p, uint32_t order, uint32_t units)
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
    count_units(p, units);
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
    count_units(NUM_P, units);
    result.status = STACK_OK;
    result.lo = arena_base + (uint64_t)chunk * CHUNK_BYTES;
    return result;
}

struct stack_alloc_result stackalloc(uint32_t p, uint64_t size_bytes)
{
    struct stack_alloc_result bad_size = {STACK_BAD_SIZE, 0};
    uint32_t order = pooled_order(size_bytes);
    //@ assert pooled: order < NUM_STACK_ORDERS ==> stack_size(size_bytes);
    switch (order) {
    case 0: return alloc_small(p, 0, 1);
    case 1: return alloc_small(p, 1, 2);
#if NUM_STACK_ORDERS > 2
    case 2: return alloc_small(p, 2, 4);
#endif
#if NUM_STACK_ORDERS > 3
    case 3: return alloc_small(p, 3, 8);
#endif
    default: break;
    }
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
static inline void free_small(uint32_t p, uint32_t order, uint32_t chunk, uint32_t index,
                              uint32_t units)
{
    /*@ ghost
        mark_units(first_unit(chunk, index, order, units), units, 0);
        stack_chunk = chunk;
        stack_index = index; */
    count_units(p, UINT32_MAX - units + 1u);
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
    count_units(NUM_P, UINT32_MAX - units + 1u);
    stack_large_free(chunk);
    //@ assert pool: pool_ok && spans_linked;
    /*@ assert large: \forall integer other; chunk_in_large_stack(other) <==> chunk_in_large_stack{Pre}(other) &&
          !(chunk <= other < chunk + block_chunks(\at(block_order[\at(chunk, Here)], Pre))); */
}

enum stack_status stackfree(uint32_t p, uint64_t lo, uint64_t size_bytes)
{
    struct slot_ref stack;
    switch (pooled_order(size_bytes)) {
    case 0:
        stack = find_small_stack(lo, 0);
        if (stack.chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_small(p, 0, stack.chunk, stack.index, 1);
        return STACK_OK;
    case 1:
        stack = find_small_stack(lo, 1);
        if (stack.chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_small(p, 1, stack.chunk, stack.index, 2);
        return STACK_OK;
#if NUM_STACK_ORDERS > 2
    case 2:
        stack = find_small_stack(lo, 2);
        if (stack.chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_small(p, 2, stack.chunk, stack.index, 4);
        return STACK_OK;
#endif
#if NUM_STACK_ORDERS > 3
    case 3:
        stack = find_small_stack(lo, 3);
        if (stack.chunk == NUM_CHUNKS)
            return STACK_BAD_ADDRESS;
        free_small(p, 3, stack.chunk, stack.index, 8);
        return STACK_OK;
#endif
    default: break;
    }
    uint32_t order = large_order(size_bytes);
    if (order == NUM_BLOCK_ORDERS)
        return STACK_BAD_SIZE;
    uint32_t chunk = find_large_stack(lo, order);
    if (chunk == NUM_CHUNKS)
        return STACK_BAD_ADDRESS;
    free_large(chunk, (uint32_t)(size_bytes / FIXED_STACK_BYTES));
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
