/* stackpool.c: the global pool of small stacks.  What it is for: stackpool.h.
 *
 * span_new and span_drop are the only two places where chunks pass between page heap and pool; while one of them
 * works, the link between the two is open at that chunk. */
#include "src/core/heap/stackpool.h"

bool stack_gc_running;

/* A chunk of the page heap becomes a span of that order, or NUM_CHUNKS. */
/*@ requires heap:      heap_sound;
    requires order:     order < NUM_STACK_ORDERS;
    assigns  PAGE_HEAP_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  range:     \result <= NUM_CHUNKS;
    ensures  none:      \result == NUM_CHUNKS ==> exhausted(0);
    ensures  span:      \result < NUM_CHUNKS ==> has_free_slot(order, \result);
    ensures  spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS && chunk != \result ==>
                          span_slots[chunk] == \old(span_slots[chunk]);
    ensures  others:    used_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
static uint32_t span_new(uint32_t order)
{
    uint32_t chunk = allocmanual(0, BLOCK_SPAN);
    //@ assert large: large_blocks_same{Pre, Here};
    if (chunk == NUM_CHUNKS) {
        //@ assert link: spans_linked;
        return NUM_CHUNKS;
    }
    //@ assert unused: span_slots[chunk] == 0;
    //@ assert link: spans_linked_but(chunk);
    span_init(chunk, order);
    return chunk;
}

/* A wholly free span goes back to the page heap. */
/*@ requires heap:      heap_sound;
    requires span:      chunk < NUM_CHUNKS && span_slots[chunk] != 0 && span_free[chunk] == span_slots[chunk];
    assigns  BLOCK_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  gone:      span_slots[chunk] == 0;
    ensures  others:    used_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post};
    ensures  spans:     \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                          span_slots[other] == \old(span_slots[other]) && span_free[other] == \old(span_free[other]) &&
                          span_order[other] == \old(span_order[other]);
    ensures  removed:   set_size[STACKPOOL(\old(span_order[chunk]))] ==
                          \old(set_size[STACKPOOL(span_order[chunk])]) - 1;
    ensures  moved:     \let row = STACKPOOL(\old(span_order[chunk]));
                          \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                            set_place[row].at[other] == \at(set_place[STACKPOOL(span_order[chunk])].at[other], Pre) ||
                            (set_place[row].at[other] == \at(set_place[STACKPOOL(span_order[chunk])].at[chunk], Pre) &&
                             \at(set_place[STACKPOOL(span_order[chunk])].at[other], Pre) == set_size[row]); */
static void span_drop(uint32_t chunk)
{
    //@ assert span: block_state[chunk] == BLOCK_SPAN;
    span_retire(chunk);
    //@ assert link: spans_linked_but(chunk);
    freemanual(chunk);
}

struct slot_ref stackpoolalloc(uint32_t order)
{
    struct slot_ref stack = {NUM_CHUNKS, 0};
    uint32_t chunk;
    if (set_size[STACKPOOL(order)] == 0) {
        chunk = span_new(order);
        if (chunk == NUM_CHUNKS)
            return stack;
    } else {
        chunk = chunk_set_last(STACKPOOL(order));
    }
    //@ assert span: chunk < NUM_CHUNKS && has_free_slot(order, chunk);
    //@ assert heap: heap_sound;
    //@ assert others: used_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
    stack.index = span_take(chunk, order);
    stack.chunk = chunk;
    return stack;
}

void stackpoolfree(uint32_t chunk, uint32_t index)
{
    span_put(chunk, index);
    //@ assert heap: heap_sound;
    //@ assert others: used_slots_same_but{Pre, Here}(chunk, index);
    if (span_free[chunk] == span_slots[chunk] && !stack_gc_running)
        span_drop(chunk);
}

/* The span of that rank goes back if it is wholly free; those of higher rank were looked at before. */
/*@ requires heap:      heap_sound;
    requires rank:      order < NUM_STACK_ORDERS && rank < set_size[STACKPOOL(order)];
    requires above:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                          rank < set_place[STACKPOOL(order)].at[chunk] < set_size[STACKPOOL(order)] ==>
                            span_free[chunk] < span_slots[chunk];
    assigns  BLOCK_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  rank:      rank <= set_size[STACKPOOL(order)];
    ensures  none:      \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                          rank <= set_place[STACKPOOL(order)].at[chunk] < set_size[STACKPOOL(order)] ==>
                            span_free[chunk] < span_slots[chunk];
    ensures  spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 ==>
                          \old(span_slots[chunk]) == span_slots[chunk] && \old(span_free[chunk]) == span_free[chunk] &&
                          \old(span_order[chunk]) == span_order[chunk];
    ensures  others:    used_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
static void sweep_rank(uint32_t order, uint32_t rank)
{
    uint32_t chunk = set_member[STACKPOOL(order)].at[rank];
    /*@ assert span: chunk < NUM_CHUNKS && set_place[STACKPOOL(order)].at[chunk] == rank &&
                     has_free_slot(order, chunk); */
    /*@ assert only: \forall integer other; 0 <= other < NUM_CHUNKS && set_place[STACKPOOL(order)].at[other] == rank ==>
                     other == chunk; */
    if (span_free[chunk] == span_slots[chunk]) {
        span_drop(chunk);
        /*@ assert moved: \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
              set_place[STACKPOOL(order)].at[other] == \at(set_place[STACKPOOL(\at(order, Here))].at[other], Pre) ||
              (set_place[STACKPOOL(order)].at[other] == rank &&
               \at(set_place[STACKPOOL(\at(order, Here))].at[other], Pre) == set_size[STACKPOOL(order)]); */
        /*@ assert above: \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk &&
              rank <= set_place[STACKPOOL(order)].at[other] < set_size[STACKPOOL(order)] ==>
                rank < \at(set_place[STACKPOOL(\at(order, Here))].at[other], Pre) < set_size[STACKPOOL(order)] + 1; */
    }
}

/* Every wholly free span of that order goes back. */
/*@ requires heap:      heap_sound;
    requires order:     order < NUM_STACK_ORDERS;
    assigns  BLOCK_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  none:      \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 &&
                          span_order[chunk] == order ==> span_free[chunk] < span_slots[chunk];
    ensures  spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 ==>
                          \old(span_slots[chunk]) == span_slots[chunk] && \old(span_free[chunk]) == span_free[chunk] &&
                          \old(span_order[chunk]) == span_order[chunk];
    ensures  others:    used_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     large_blocks_same{Pre, Post}; */
static void sweep_order(uint32_t order)
{
    uint32_t rank = set_size[STACKPOOL(order)];
    /*@ loop invariant page_heap: page_heap_ok;
        loop invariant pool:      pool_ok;
        loop invariant link:      spans_linked;
        loop invariant rank:      0 <= rank <= set_size[STACKPOOL(order)];
        loop invariant none:      \forall integer chunk; 0 <= chunk < NUM_CHUNKS &&
                                    rank <= set_place[STACKPOOL(order)].at[chunk] < set_size[STACKPOOL(order)] ==>
                                      span_free[chunk] < span_slots[chunk];
        loop invariant spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 ==>
                                    \at(span_slots[chunk], Pre) == span_slots[chunk] &&
                                    \at(span_free[chunk], Pre) == span_free[chunk] &&
                                    \at(span_order[chunk], Pre) == span_order[chunk];
        loop invariant others:    used_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
        loop invariant large:     large_blocks_same{Pre, Here};
        loop assigns rank, BLOCK_TABLES, SPAN_TABLES;
        loop variant rank; */
    while (rank > 0) {
        rank--;
        sweep_rank(order, rank);
    }
}

void stackpool_sweep(void)
{
    /*@ loop invariant page_heap: page_heap_ok;
        loop invariant pool:      pool_ok;
        loop invariant link:      spans_linked;
        loop invariant order:     0 <= order <= NUM_STACK_ORDERS;
        loop invariant none:      \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 &&
                                    span_order[chunk] < order ==> span_free[chunk] < span_slots[chunk];
        loop invariant others:    used_slots_same_but{Pre, Here}(NUM_CHUNKS, 0);
        loop invariant large:     large_blocks_same{Pre, Here};
        loop assigns order, BLOCK_TABLES, SPAN_TABLES;
        loop variant NUM_STACK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        sweep_order(order);
}
