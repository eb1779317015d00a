/* span.h: a span is one chunk cut into small stacks of one order.
 *
 * Its free slots are a stack, as in Go: the highest address of a new span is handed out first, what was freed
 * last is taken next.  A permutation of the slots and its inverse tell in constant time whether a slot is free,
 * and no word of stack memory is needed for it.  What takes a slot, or puts one back, is here, and not in the .c file,
 * so that the pool needs no call for it.
 * Keeps: SPAN-3, SPAN-6, SPAN-7, POOL-5 (spec/spans.acsl) and the caches' correspondence.  Called by stackpool.c. */
#ifndef CONTIG_CORE_HEAP_SPAN_H
#define CONTIG_CORE_HEAP_SPAN_H

#include "src/core/heap/chunk_set.h"

/* Who owns a slot.  SLOT_CACHED + p: the cache of P p. */
enum { SLOT_FREE = 0, SLOT_LIVE = 1, SLOT_CACHED = 2 };

struct slot_row {
    uint8_t at[MAX_SPAN_SLOTS];
};

/* A small stack by its place: NUM_CHUNKS stands for none. */
struct slot_ref {
    uint32_t chunk;
    uint32_t index;
};

/* The free stacks that a P keeps for itself, the last of them the next to go. */
struct stack_cache {
    uint32_t chunk[NUM_STACK_ORDERS][MAX_SPAN_SLOTS];
    uint8_t index[NUM_STACK_ORDERS][MAX_SPAN_SLOTS];
    uint8_t count[NUM_STACK_ORDERS];
};

extern uint8_t span_slots[NUM_CHUNKS]; /* 0: the chunk is no span */
extern uint8_t span_order[NUM_CHUNKS];
extern uint8_t span_free[NUM_CHUNKS];
extern struct slot_row slot_stack[NUM_CHUNKS];
extern struct slot_row slot_place[NUM_CHUNKS];
extern struct slot_row slot_owner[NUM_CHUNKS];
extern struct stack_cache stackcache[NUM_P];
/*@ ghost extern struct slot_row cache_place[NUM_CHUNKS]; */

#include "spec/spans.acsl"
#include "spec/caches.acsl"
#include "spec/live_stacks.acsl"

/* clang-format off */
#define SPAN_TABLES                                                                            \
    span_slots[0 .. NUM_CHUNKS - 1], span_order[0 .. NUM_CHUNKS - 1],                          \
        span_free[0 .. NUM_CHUNKS - 1], slot_stack[0 .. NUM_CHUNKS - 1],                       \
        slot_place[0 .. NUM_CHUNKS - 1], slot_owner[0 .. NUM_CHUNKS - 1],                      \
        SET_TABLES(STACKPOOL(0), STACKPOOL(NUM_STACK_ORDERS - 1))
#define CACHE_TABLES(p, order)                                                                 \
    stackcache[p].chunk[order][0 .. MAX_SPAN_SLOTS - 1],                                       \
        stackcache[p].index[order][0 .. MAX_SPAN_SLOTS - 1], stackcache[p].count[order],       \
        cache_place[0 .. NUM_CHUNKS - 1]
/* clang-format on */

/* How many stacks of an order a span, and a cache, can hold. */
/*@ requires order:    order < NUM_STACK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  capacity: \result == span_capacity(order) && 2 <= \result <= MAX_SPAN_SLOTS; */
uint32_t span_capacity_of(uint32_t order);

/* SPAN-3: a chunk becomes a span, all of it free, the highest address next to go. */
/*@ requires pool:      pool_ok;
    requires chunk:     order < NUM_STACK_ORDERS && chunk < NUM_CHUNKS && span_slots[chunk] == 0;
    assigns  span_slots[chunk], span_order[chunk], span_free[chunk], slot_stack[chunk].at[0 .. MAX_SPAN_SLOTS - 1],
             slot_place[chunk].at[0 .. MAX_SPAN_SLOTS - 1], slot_owner[chunk].at[0 .. MAX_SPAN_SLOTS - 1],
             SET_TABLES(STACKPOOL(order), STACKPOOL(order));
    exits    \false;
    ensures  shaped:    spans_shaped;
    ensures  permute:   spans_permute;
    ensures  owned:     slots_owned;
    ensures  sets:      chunk_sets_ok;
    ensures  stackpool: stackpool_ok;
    ensures  bounded:   caches_bounded;
    ensures  entries:   entries_own_slots;
    ensures  have:      slots_have_entry;
    ensures  span:      span_slots[chunk] == span_capacity(order) && span_order[chunk] == order &&
                          span_free[chunk] == span_slots[chunk];
    ensures  free:      \forall integer index; 0 <= index < span_slots[chunk] ==>
                          slot_owner[chunk].at[index] == SLOT_FREE && slot_stack[chunk].at[index] == index; */
void span_init(uint32_t chunk, uint32_t order);

/* SPAN-6, SPAN-7: the free slot that is next to go becomes live. */
/*@ requires pool:      pool_ok;
    requires span:      order < NUM_STACK_ORDERS && chunk < NUM_CHUNKS && has_free_slot(order, chunk);
    assigns  span_free[chunk], slot_owner[chunk].at[0 .. MAX_SPAN_SLOTS - 1],
             SET_TABLES(STACKPOOL(order), STACKPOOL(order));
    exits    \false;
    ensures  shaped:    spans_shaped;
    ensures  permute:   spans_permute;
    ensures  owned:     slots_owned;
    ensures  sets:      chunk_sets_ok;
    ensures  stackpool: stackpool_ok;
    ensures  bounded:   caches_bounded;
    ensures  entries:   entries_own_slots;
    ensures  have:      slots_have_entry;
    ensures  last:      \result == \old(slot_stack[chunk].at[span_free[chunk] - 1]);
    ensures  taken:     slot(chunk, \result) && slot_owner[chunk].at[\result] == SLOT_LIVE &&
                          \old(slot_owner[chunk].at[\result]) == SLOT_FREE;
    ensures  others:    \forall integer index; 0 <= index < MAX_SPAN_SLOTS && index != \result ==>
                          slot_owner[chunk].at[index] == \old(slot_owner[chunk].at[index]); */
static inline uint32_t span_take(uint32_t chunk, uint32_t order)
{
    uint32_t left = span_free[chunk] - 1u;
    uint32_t index = slot_stack[chunk].at[left];
    /*@ assert place: \forall integer other; 0 <= other < span_slots[chunk] ==>
          (slot_place[chunk].at[other] == left <==> other == index); */
    span_free[chunk] = (uint8_t)left;
    slot_owner[chunk].at[index] = SLOT_LIVE;
    if (left == 0)
        chunk_set_remove(STACKPOOL(order), chunk);
    return index;
}

/* SPAN-6, SPAN-7: a live slot becomes free, and the next to go. */
/*@ requires pool:      pool_ok;
    requires live:      live_slot(chunk, index);
    assigns  span_free[chunk], slot_stack[chunk], slot_place[chunk], slot_owner[chunk].at[index],
             SET_TABLES(STACKPOOL(span_order[chunk]), STACKPOOL(span_order[chunk]));
    exits    \false;
    ensures  shaped:    spans_shaped;
    ensures  permute:   spans_permute;
    ensures  owned:     slots_owned;
    ensures  sets:      chunk_sets_ok;
    ensures  stackpool: stackpool_ok;
    ensures  bounded:   caches_bounded;
    ensures  entries:   entries_own_slots;
    ensures  have:      slots_have_entry;
    ensures  freed:     slot_owner[chunk].at[index] == SLOT_FREE && span_free[chunk] == \old(span_free[chunk]) + 1;
    ensures  last:      slot_stack[chunk].at[span_free[chunk] - 1] == index &&
                          \forall integer k; 0 <= k < \old(span_free[chunk]) ==>
                            slot_stack[chunk].at[k] == \old(slot_stack[chunk].at[k]); */
static inline void span_put(uint32_t chunk, uint32_t index)
{
    //@ assert used: span_free[chunk] <= slot_place[chunk].at[index] < span_slots[chunk] <= MAX_SPAN_SLOTS;
    uint32_t free = span_free[chunk];
    uint32_t place = slot_place[chunk].at[index];
    uint32_t first_used = slot_stack[chunk].at[free];
    slot_stack[chunk].at[free] = (uint8_t)index;
    slot_place[chunk].at[index] = (uint8_t)free;
    slot_stack[chunk].at[place] = (uint8_t)first_used;
    slot_place[chunk].at[first_used] = (uint8_t)place;
    slot_owner[chunk].at[index] = SLOT_FREE;
    span_free[chunk] = (uint8_t)(free + 1);
    if (free == 0)
        chunk_set_insert(STACKPOOL(span_order[chunk]), chunk);
}

/* SPAN-4: a wholly free span is a span no more. */
/*@ requires pool:      pool_ok;
    requires span:      chunk < NUM_CHUNKS && span_slots[chunk] != 0 && span_free[chunk] == span_slots[chunk];
    assigns  span_slots[chunk], span_free[chunk],
             SET_TABLES(STACKPOOL(span_order[chunk]), STACKPOOL(span_order[chunk]));
    exits    \false;
    ensures  shaped:    spans_shaped;
    ensures  permute:   spans_permute;
    ensures  owned:     slots_owned;
    ensures  sets:      chunk_sets_ok;
    ensures  stackpool: stackpool_ok;
    ensures  bounded:   caches_bounded;
    ensures  entries:   entries_own_slots;
    ensures  have:      slots_have_entry;
    ensures  gone:      span_slots[chunk] == 0;
    ensures  free:      \forall integer index; 0 <= index < \old(span_slots[chunk]) ==>
                          slot_owner[chunk].at[index] == SLOT_FREE;
    ensures  removed:   set_size[STACKPOOL(\old(span_order[chunk]))] ==
                          \old(set_size[STACKPOOL(span_order[chunk])]) - 1;
    ensures  moved:     \let row = STACKPOOL(\old(span_order[chunk]));
                          \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                            set_place[row].at[other] == \at(set_place[STACKPOOL(span_order[chunk])].at[other], Pre) ||
                            (set_place[row].at[other] == \at(set_place[STACKPOOL(span_order[chunk])].at[chunk], Pre) &&
                             \at(set_place[STACKPOOL(span_order[chunk])].at[other], Pre) == set_size[row]); */
void span_retire(uint32_t chunk);

#endif
