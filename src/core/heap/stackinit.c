/* stackinit.c: an empty heap over an arena.
 *
 * Everything but the arena's place is right when it is zero, so that no table is touched.  Keeps: ALLOC-1. */
#include "src/core/heap/stackalloc.h"

/*@ requires p:     p < NUM_P;
    assigns  stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
    exits    \false;
    ensures  empty: \forall integer order; 0 <= order < NUM_STACK_ORDERS ==> stackcache[p].count[order] == 0; */
static void empty_cache(uint32_t p)
{
    /*@ loop invariant done: 0 <= order <= NUM_STACK_ORDERS && \forall integer k; 0 <= k < order ==>
          stackcache[p].count[k] == 0;
        loop assigns order, stackcache[p].count[0 .. NUM_STACK_ORDERS - 1];
        loop variant NUM_STACK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        stackcache[p].count[order] = 0;
}

/*@ ghost
    /@ assigns  unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
       exits    \false;
       ensures  live:  \forall integer unit; 0 <= unit < NUM_UNITS ==> unit_live[unit] == 0;
       ensures  below: \forall integer unit; 0 <= unit <= NUM_UNITS ==> units_below[unit] == 0; @/
    static void empty_units(void)
    {
      uint32_t unit = 0;
      units_below[0] = 0;
      /@ loop invariant done: 0 <= unit <= NUM_UNITS &&
           (\forall integer k; 0 <= k < unit ==> unit_live[k] == 0) &&
           \forall integer k; 0 <= k <= unit ==> units_below[k] == 0;
         loop assigns unit, unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
         loop variant NUM_UNITS - unit; @/
      while (unit < NUM_UNITS) {
        unit_live[unit] = 0;
        units_below[unit + 1] = 0;
        unit++;
      }
    } */

void stackreset(void)
{
    uint32_t end = grown_chunks;
    /*@ assert above: \forall integer k; end <= k < NUM_CHUNKS ==>
          span_linked(k) && span_shape(k) && (block(k) ==> k + block_chunks(block_order[k]) <= end); */
    /*@ loop invariant rest: \forall integer k; end <= k < NUM_CHUNKS ==>
          block_state[k] == BLOCK_NONE && span_slots[k] == 0 && span_free[k] == 0;
        loop invariant done: 0 <= chunk <= end && \forall integer k; 0 <= k < chunk ==>
          block_state[k] == BLOCK_NONE && span_slots[k] == 0 && span_free[k] == 0;
        loop assigns chunk, block_state[0 .. NUM_CHUNKS - 1], span_slots[0 .. NUM_CHUNKS - 1],
                       span_free[0 .. NUM_CHUNKS - 1];
        loop variant end - chunk; */
    for (uint32_t chunk = 0; chunk < end; chunk++) {
        block_state[chunk] = BLOCK_NONE;
        span_slots[chunk] = 0;
        span_free[chunk] = 0;
    }
    /*@ loop invariant done: 0 <= row <= NUM_CHUNK_SETS && \forall integer k; 0 <= k < row ==> set_size[k] == 0;
        loop assigns row, set_size[0 .. NUM_CHUNK_SETS - 1];
        loop variant NUM_CHUNK_SETS - row; */
    for (uint32_t row = 0; row < NUM_CHUNK_SETS; row++)
        set_size[row] = 0;
    /*@ loop invariant done: 0 <= p <= NUM_P && \forall integer k, order; 0 <= k < p &&
                               0 <= order < NUM_STACK_ORDERS ==>
          stackcache[k].count[order] == 0;
        loop assigns p, stackcache[0 .. NUM_P - 1];
        loop variant NUM_P - p; */
    for (uint32_t p = 0; p < NUM_P; p++)
        empty_cache(p);
    //@ ghost empty_units();
    grown_chunks = 0;
    /*@ loop invariant done: 0 <= p <= NUM_P + 1 && \forall integer k; 0 <= k < p ==> stack_units_of[k] == 0;
        loop assigns p, stack_units_of[0 .. NUM_P];
        loop variant NUM_P + 1 - p; */
    for (uint32_t p = 0; p <= NUM_P; p++)
        stack_units_of[p] = 0;
    stack_gc_running = false;
}

/*@ ghost
    /@ requires zero:  \forall integer p; 0 <= p <= NUM_P ==> stack_units_of[p] == 0;
       assigns  \nothing;
       exits    \false;
       ensures  count: stack_units_in_use == 0; @/
    static void no_units_are_counted(void)
    {
      uint32_t p = 0;
      /@ loop invariant none: 0 <= p <= NUM_P + 1 && units_counted_below(p) == 0;
         loop assigns p;
         loop variant NUM_P + 1 - p; @/
      while (p <= NUM_P) {
        p++;
      }
    } */

enum stack_status stackinit(uint64_t base, uint64_t bytes)
{
    if (bytes == 0 || bytes % CHUNK_BYTES != 0)
        return STACK_BAD_SIZE;
    if (bytes / CHUNK_BYTES > NUM_CHUNKS)
        return STACK_BAD_SIZE;
    if (base % CHUNK_BYTES != 0 || base > ADDRESSES_END - bytes)
        return STACK_BAD_ADDRESS;
    //@ ghost no_units_are_counted();
    arena_base = base;
    page_heap_init((uint32_t)(bytes / CHUNK_BYTES));
    return STACK_OK;
}
