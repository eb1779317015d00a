/* laws_pool.c: what follows from the contracts of the pool side, each law a function whose contract is the theorem.
 *
 * Nothing here runs: the functions are proved, and compiled so that they stay C. */
#include "src/core/heap_check.h"

/* ALLOC-2: two live small stacks do not overlap. */
/*@ requires stacks: heap_sound;
    requires live:   live_slot(chunk, index) && live_slot(other, place) && !(chunk == other && index == place);
    assigns  \nothing;
    exits    \false;
    ensures  apart:  slot_address(chunk, index) + pooled_bytes(span_order[chunk]) <= slot_address(other, place) ||
                       slot_address(other, place) + pooled_bytes(span_order[other]) <= slot_address(chunk, index); */
void law_small_stacks_apart(uint32_t chunk, uint32_t index, uint32_t other, uint32_t place);

void law_small_stacks_apart(uint32_t chunk, uint32_t index, uint32_t other, uint32_t place)
{
    (void)chunk, (void)index, (void)other, (void)place;
    //@ assert shape: span_shape(chunk) && span_shape(other);
}

/* ALLOC-2: a live small stack and a live large one do not overlap. */
/*@ requires stacks: heap_sound;
    requires live:   live_slot(chunk, index) && large < NUM_CHUNKS && block_state[large] == BLOCK_STACK;
    assigns  \nothing;
    exits    \false;
    ensures  apart:  slot_address(chunk, index) + pooled_bytes(span_order[chunk]) <= block_address(large) ||
                       block_address(large) + large_bytes(block_order[large]) <= slot_address(chunk, index); */
void law_small_and_large_apart(uint32_t chunk, uint32_t index, uint32_t large);

void law_small_and_large_apart(uint32_t chunk, uint32_t index, uint32_t large)
{
    (void)chunk, (void)index, (void)large;
    //@ assert shape: span_shape(chunk) && span_linked(chunk) && block(large);
    //@ assert owner: block_owner[chunk] == chunk;
    //@ assert other: large <= chunk < large + block_chunks(block_order[large]) ==> block_owner[chunk] == large;
}

/* ALLOC-2: two live large stacks do not overlap. */
/*@ requires stacks: heap_sound;
    requires live:   chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_STACK && other < NUM_CHUNKS &&
                       block_state[other] == BLOCK_STACK && chunk != other;
    assigns  \nothing;
    exits    \false;
    ensures  apart:  block_address(chunk) + large_bytes(block_order[chunk]) <= block_address(other) ||
                       block_address(other) + large_bytes(block_order[other]) <= block_address(chunk); */
void law_large_stacks_apart(uint32_t chunk, uint32_t other);

void law_large_stacks_apart(uint32_t chunk, uint32_t other)
{
    (void)chunk, (void)other;
    //@ assert owner: block_owner[chunk] == chunk && block_owner[other] == other;
    //@ assert below: chunk <= other < chunk + block_chunks(block_order[chunk]) ==> block_owner[other] == chunk;
    //@ assert above: other <= chunk < other + block_chunks(block_order[other]) ==> block_owner[chunk] == other;
}

/* COUNT-1: what keeps the live stacks keeps the count of their bytes. */
/*@ requires stacks: stacks_sound;
    requires p:      p < NUM_P;
    assigns  BLOCK_TABLES, SPAN_TABLES, stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
    exits    \false;
    ensures  heap:   page_heap_ok && pool_ok && spans_linked && arena_placed;
    ensures  marked: units_marked;
    ensures  count:  units_counted;
    ensures  clear:  \forall integer chunk, index; slot(chunk, index) ==> slot_owner[chunk].at[index] != SLOT_CACHED + p; */
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
