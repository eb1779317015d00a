/* span.c: the slots of a span.  What they are for: span.h. */
#include "src/core/heap/span.h"

uint8_t span_slots[NUM_CHUNKS];
uint8_t span_order[NUM_CHUNKS];
uint8_t span_free[NUM_CHUNKS];
struct slot_row slot_stack[NUM_CHUNKS];
struct slot_row slot_place[NUM_CHUNKS];
struct slot_row slot_owner[NUM_CHUNKS];

uint32_t span_capacity_of(uint32_t order)
{
    switch (order) {
    case 0: return MAX_SPAN_SLOTS;
    case 1: return MAX_SPAN_SLOTS / 2;
#if NUM_STACK_ORDERS > 2
    case 2: return MAX_SPAN_SLOTS / 4;
#endif
    default: return CHUNK_BYTES / (FIXED_STACK_BYTES << (NUM_STACK_ORDERS - 1));
    }
}

/* The slots of a new span: all free, the highest address next to go. */
/*@ requires chunk: chunk < NUM_CHUNKS && slots <= MAX_SPAN_SLOTS;
    assigns  slot_stack[chunk].at[0 .. MAX_SPAN_SLOTS - 1], slot_place[chunk].at[0 .. MAX_SPAN_SLOTS - 1],
             slot_owner[chunk].at[0 .. MAX_SPAN_SLOTS - 1];
    exits    \false;
    ensures  free:  \forall integer k; 0 <= k < slots ==>
                      slot_stack[chunk].at[k] == k && slot_place[chunk].at[k] == k &&
                      slot_owner[chunk].at[k] == SLOT_FREE; */
static void slots_init(uint32_t chunk, uint32_t slots)
{
    /*@ loop invariant range: 0 <= index <= slots;
        loop invariant free:  \forall integer k; 0 <= k < index ==>
              slot_stack[chunk].at[k] == k && slot_place[chunk].at[k] == k && slot_owner[chunk].at[k] == SLOT_FREE;
        loop assigns index, slot_stack[chunk].at[0 .. MAX_SPAN_SLOTS - 1],
              slot_place[chunk].at[0 .. MAX_SPAN_SLOTS - 1], slot_owner[chunk].at[0 .. MAX_SPAN_SLOTS - 1];
        loop variant slots - index; */
    for (uint32_t index = 0; index < slots; index++) {
        slot_stack[chunk].at[index] = (uint8_t)index;
        slot_place[chunk].at[index] = (uint8_t)index;
        slot_owner[chunk].at[index] = SLOT_FREE;
    }
}

void span_init(uint32_t chunk, uint32_t order)
{
    uint32_t slots = span_capacity_of(order);
    slots_init(chunk, slots);
    span_slots[chunk] = (uint8_t)slots;
    span_order[chunk] = (uint8_t)order;
    span_free[chunk] = (uint8_t)slots;
    chunk_set_insert(STACKPOOL(order), chunk);
}

void span_retire(uint32_t chunk)
{
    /*@ assert free: \forall integer index; 0 <= index < span_slots[chunk] ==>
          slot_owner[chunk].at[index] == SLOT_FREE; */
    chunk_set_remove(STACKPOOL(span_order[chunk]), chunk);
    /*@ assert left: \forall integer order, other; 0 <= order < NUM_STACK_ORDERS && 0 <= other < NUM_CHUNKS ==>
          (in_set(STACKPOOL(order), other) <==>
             \at(in_set(STACKPOOL(order), other), Pre) && !(other == chunk && order == span_order[chunk])); */
    span_slots[chunk] = 0;
    span_free[chunk] = 0;
}
