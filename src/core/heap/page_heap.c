/* page_heap.c: the buddy heap.  What it is for: page_heap.h.
 *
 * halve and join change the block map alone, split and merge the free sets with it; each transition keeps the
 * whole invariant but for one block that may stand next to a free buddy while it is being cut or joined. */
#include "src/core/heap/page_heap.h"

uint32_t arena_chunks;
uint32_t grown_chunks;
uint8_t block_state[NUM_CHUNKS];
uint8_t block_order[NUM_CHUNKS];
/*@ ghost uint32_t block_owner[NUM_CHUNKS]; */

/*@ ghost
    /@ requires range: first <= end <= NUM_CHUNKS;
       assigns  block_owner[first .. end - 1];
       exits    \false;
       ensures  owned: \forall integer chunk; first <= chunk < end ==> block_owner[chunk] == owner; @/
    void own_chunks(uint32_t first, uint32_t end, uint32_t owner)
    {
      uint32_t chunk = first;
      /@ loop invariant range: first <= chunk <= end;
         loop invariant owned: \forall integer done; first <= done < chunk ==> block_owner[done] == owner;
         loop assigns chunk, block_owner[first .. end - 1];
         loop variant end - chunk; @/
      while (chunk < end) {
        block_owner[chunk] = owner;
        chunk++;
      }
    } */

uint32_t chunks_of_order(uint32_t order)
{
    switch (order) {
    case 0: return 1;
    case 1: return 2;
    case 2: return 4;
    case 3: return 8;
    case 4: return 16;
    case 5: return 32;
    case 6: return 64;
    case 7: return 128;
    case 8: return 256;
    case 9: return 512;
    case 10: return 1024;
    case 11: return 2048;
    case 12: return 4096;
    case 13: return 8192;
    default: return 16384;
    }
}

/* The lower half of the buddy pair that a block of that order belongs to. */
/*@ requires order:   order + 1 < NUM_BLOCK_ORDERS;
    requires aligned: chunk < NUM_CHUNKS && aligned(chunk, order);
    assigns  \nothing;
    exits    \false;
    ensures  lower:   aligned(\result, order + 1);
    ensures  pair:    \result == chunk || \result + block_chunks(order) == chunk; */
static uint32_t lower_buddy(uint32_t chunk, uint32_t order)
{
    switch (order) {
    case 0: return chunk - chunk % 2;
    case 1: return chunk - chunk % 4;
    case 2: return chunk - chunk % 8;
    case 3: return chunk - chunk % 16;
    case 4: return chunk - chunk % 32;
    case 5: return chunk - chunk % 64;
    case 6: return chunk - chunk % 128;
    case 7: return chunk - chunk % 256;
    case 8: return chunk - chunk % 512;
    case 9: return chunk - chunk % 1024;
    case 10: return chunk - chunk % 2048;
    case 11: return chunk - chunk % 4096;
    case 12: return chunk - chunk % 8192;
    default: return chunk - chunk % 16384;
    }
}

/* Block map only: a free block becomes two halves. */
/*@ requires map:    block_map_ok;
    requires block:  chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_FREE && block_order[chunk] == order + 1;
    requires half:   order + 1 < NUM_BLOCK_ORDERS && half == block_chunks(order);
    assigns  block_state[chunk + half], block_order[chunk], block_order[chunk + half],
             block_owner[chunk + half .. chunk + 2 * half - 1];
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  was:     chunk + half < NUM_CHUNKS && \old(block_state[chunk + half]) == BLOCK_NONE;
    ensures  halves:  block_order[chunk] == order && block_state[chunk + half] == BLOCK_FREE &&
                        block_order[chunk + half] == order; */
static void halve(uint32_t chunk, uint32_t order, uint32_t half)
{
    uint32_t upper = chunk + half;
    //@ assert twice: block(chunk) && block_chunks(order + 1) == 2 * half;
    //@ assert fit: chunk + 2 * half <= grown_chunks;
    //@ assert inside: \forall integer c; chunk < c < chunk + 2 * half ==> block_owner[c] == chunk && !block(c);
    //@ assert aligned: aligned(chunk, order) && aligned(upper, order);
    block_order[chunk] = (uint8_t)order;
    block_state[upper] = BLOCK_FREE;
    block_order[upper] = (uint8_t)order;
    //@ ghost own_chunks(upper, upper + half, upper);
}

/* Block map only: two free buddies become one block. */
/*@ requires map:    block_map_ok;
    requires half:   order + 1 < NUM_BLOCK_ORDERS && half == block_chunks(order);
    requires lower:  chunk + half < NUM_CHUNKS && block_state[chunk] == BLOCK_FREE && block_order[chunk] == order &&
                       aligned(chunk, order + 1);
    requires upper:  block_state[chunk + half] == BLOCK_FREE && block_order[chunk + half] == order;
    assigns  block_state[chunk + half], block_order[chunk], block_owner[chunk + half .. chunk + 2 * half - 1];
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  joined:  block_state[chunk + half] == BLOCK_NONE && block_order[chunk] == order + 1; */
static void join(uint32_t chunk, uint32_t order, uint32_t half)
{
    uint32_t upper = chunk + half;
    //@ assert twice: block(chunk) && block(upper) && block_chunks(order + 1) == 2 * half;
    //@ assert fit: upper + half <= grown_chunks;
    //@ assert lower: \forall integer c; chunk <= c < upper ==> block_owner[c] == chunk;
    //@ assert upper: \forall integer c; upper <= c < upper + half ==> block_owner[c] == upper;
    block_state[upper] = BLOCK_NONE;
    block_order[chunk] = (uint8_t)(order + 1);
    //@ ghost own_chunks(upper, upper + half, chunk);
}

/* Splits a free block into two halves, both free. */
/*@ requires heap:    page_heap_ok_but(chunk);
    requires block:   chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_FREE && block_order[chunk] >= 1;
    assigns  BLOCK_TABLES;
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(chunk);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  halved:  block_state[chunk] == BLOCK_FREE && block_order[chunk] == \old(block_order[chunk]) - 1;
    ensures  used:    used_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static void split(uint32_t chunk)
{
    uint32_t order = block_order[chunk] - 1u;
    uint32_t half = chunks_of_order(order);
    //@ assert block: block(chunk) && order + 1 == block_order[chunk] && order + 1 < NUM_BLOCK_ORDERS;
    chunk_set_remove(FREE_BLOCKS(order + 1), chunk);
    halve(chunk, order, half);
    chunk_set_insert(FREE_BLOCKS(order), chunk);
    chunk_set_insert(FREE_BLOCKS(order), chunk + half);
}

/* Merges two free buddies; below is the lower one, and except one of the two. */
/*@ requires heap:    page_heap_ok_but(except);
    requires order:   order + 1 < NUM_BLOCK_ORDERS && chunk + block_chunks(order) < NUM_CHUNKS;
    requires lower:   block_state[chunk] == BLOCK_FREE && block_order[chunk] == order && aligned(chunk, order + 1);
    requires upper:   block_state[chunk + block_chunks(order)] == BLOCK_FREE &&
                        block_order[chunk + block_chunks(order)] == order;
    requires except:  except == chunk || except == chunk + block_chunks(order);
    assigns  BLOCK_TABLES;
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(chunk);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  merged:  block_state[chunk] == BLOCK_FREE && block_order[chunk] == order + 1;
    ensures  used:    used_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static void merge(uint32_t chunk, uint32_t order) /*@ ghost (uint32_t except) */
{
    uint32_t half = chunks_of_order(order);
    chunk_set_remove(FREE_BLOCKS(order), chunk);
    chunk_set_remove(FREE_BLOCKS(order), chunk + half);
    join(chunk, order, half);
    chunk_set_insert(FREE_BLOCKS(order + 1), chunk);
}

/* The largest order of which a block has room. */
/*@ requires room:    1 <= room <= NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  order:   \result < NUM_BLOCK_ORDERS && block_chunks(\result) <= room;
    ensures  largest: \result + 1 < NUM_BLOCK_ORDERS ==> room < block_chunks(\result + 1); */
static uint32_t largest_order_within(uint32_t room)
{
    uint32_t order = NUM_BLOCK_ORDERS - 1;
    /*@ loop invariant order:   0 <= order < NUM_BLOCK_ORDERS;
        loop invariant largest: order + 1 < NUM_BLOCK_ORDERS ==> room < block_chunks(order + 1);
        loop assigns order;
        loop variant order; */
    while (order > 0 && chunks_of_order(order) > room)
        order--;
    return order;
}

/*@ ghost
    void align_down(uint32_t chunk, uint32_t order)
    {
      uint32_t least = order;
      /@ loop invariant range: 0 <= least <= order;
         loop invariant down:  \forall integer less; least <= less <= order ==> aligned(chunk, less);
         loop assigns least;
         loop variant least; @/
      while (least > 0) least--;
    } */

/* HEAP-6: raises the mark by one free block, as large as fits. */
/*@ requires heap:    page_heap_ok;
    requires room:    grown_chunks < arena_chunks;
    assigns  PAGE_HEAP_TABLES;
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(NUM_CHUNKS);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  grown:   \old(grown_chunks) < grown_chunks;
    ensures  block:   block_state[\old(grown_chunks)] == BLOCK_FREE &&
                        grown_chunks == \old(grown_chunks) + block_chunks(block_order[\old(grown_chunks)]);
    ensures  largest: block_order[\old(grown_chunks)] + 1 < NUM_BLOCK_ORDERS ==>
                        arena_chunks < \old(grown_chunks) + block_chunks(block_order[\old(grown_chunks)] + 1);
    ensures  used:    used_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static void grow(void)
{
    uint32_t chunk = grown_chunks;
    uint32_t order = largest_order_within(arena_chunks - chunk);
    uint32_t end = chunk + chunks_of_order(order);
    //@ assert fresh: \forall integer other; block(other) ==> other + block_chunks(block_order[other]) <= chunk;
    //@ assert below: order > 0 ==> chunk + block_chunks(order - 1) <= arena_chunks;
    //@ assert aligned: aligned(chunk, order) && aligned(end, order);
    //@ ghost align_down(end, order);
    /*@ assert rest: \forall integer less; 0 <= less && less + 1 < NUM_BLOCK_ORDERS &&
          end + block_chunks(less) <= arena_chunks ==> less < order; */
    block_state[chunk] = BLOCK_FREE;
    block_order[chunk] = (uint8_t)order;
    grown_chunks = end;
    //@ ghost own_chunks(chunk, end, chunk);
    chunk_set_insert(FREE_BLOCKS(order), chunk);
}

/* The least order from there on with a free block, or NUM_BLOCK_ORDERS. */
/*@ requires order: order < NUM_BLOCK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  range: order <= \result <= NUM_BLOCK_ORDERS;
    ensures  found: \result < NUM_BLOCK_ORDERS ==> set_size[FREE_BLOCKS(\result)] > 0;
    ensures  least: \forall integer less; order <= less < \result ==> set_size[FREE_BLOCKS(less)] == 0; */
static uint32_t least_free_order(uint32_t order)
{
    /*@ loop invariant range: order <= next <= NUM_BLOCK_ORDERS;
        loop invariant least: \forall integer less; order <= less < next ==> set_size[FREE_BLOCKS(less)] == 0;
        loop assigns next;
        loop variant NUM_BLOCK_ORDERS - next; */
    for (uint32_t next = order; next < NUM_BLOCK_ORDERS; next++) {
        if (set_size[FREE_BLOCKS(next)] != 0)
            return next;
    }
    return NUM_BLOCK_ORDERS;
}

/* Splits a free block until it has that order. */
/*@ requires heap:  page_heap_ok;
    requires block: chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_FREE && order <= block_order[chunk];
    assigns  BLOCK_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok_but(chunk);
    ensures  block: block_state[chunk] == BLOCK_FREE && block_order[chunk] == order;
    ensures  used:  used_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
static void carve(uint32_t chunk, uint32_t order)
{
    /*@ loop invariant heap:  page_heap_ok_but(chunk);
        loop invariant block: block_state[chunk] == BLOCK_FREE && order <= block_order[chunk];
        loop invariant used:  used_blocks_same_but{Pre, Here}(NUM_CHUNKS);
        loop assigns BLOCK_TABLES;
        loop variant block_order[chunk]; */
    while (block_order[chunk] > order)
        split(chunk);
}

/* A free block is in use from now on. */
/*@ requires heap:    page_heap_ok_but(chunk);
    requires block:   chunk < NUM_CHUNKS && block_state[chunk] == BLOCK_FREE;
    requires state:   state == BLOCK_SPAN || state == BLOCK_STACK;
    assigns  block_state[chunk], SET_TABLES(FREE_BLOCKS(block_order[chunk]), FREE_BLOCKS(block_order[chunk]));
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(NUM_CHUNKS);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  state:   block_state[chunk] == state; */
static void take_block(uint32_t chunk, uint8_t state)
{
    chunk_set_remove(FREE_BLOCKS(block_order[chunk]), chunk);
    block_state[chunk] = state;
}

/* A block is no longer in use; its buddy may be free. */
/*@ requires heap:    page_heap_ok;
    requires block:   chunk < NUM_CHUNKS && (block_state[chunk] == BLOCK_SPAN || block_state[chunk] == BLOCK_STACK);
    assigns  block_state[chunk], SET_TABLES(FREE_BLOCKS(block_order[chunk]), FREE_BLOCKS(block_order[chunk]));
    exits    \false;
    ensures  fit:     blocks_fit;
    ensures  aligned: blocks_aligned;
    ensures  own:     blocks_own_chunks;
    ensures  owner:   chunks_have_owner;
    ensures  mark:    mark_aligned;
    ensures  apart:   coalesced_but(chunk);
    ensures  sets:    chunk_sets_ok;
    ensures  free:    free_sets_ok;
    ensures  queued:  queued_sets_ok;
    ensures  state:   block_state[chunk] == BLOCK_FREE; */
static void give_block(uint32_t chunk)
{
    //@ assert order: block(chunk) && block_order[chunk] < NUM_BLOCK_ORDERS;
    chunk_set_insert(FREE_BLOCKS(block_order[chunk]), chunk);
    block_state[chunk] = BLOCK_FREE;
}

uint32_t allocmanual(uint32_t order, uint8_t state)
{
    uint32_t found = least_free_order(order);
    /*@ assert held: \forall integer other; free_block(other, order) ==>
          block(other) && block_order[other] < NUM_BLOCK_ORDERS && in_set(FREE_BLOCKS(block_order[other]), other); */
    //@ assert fit: \forall integer other; free_block(other, order) ==> found <= block_order[other];
    /*@ loop invariant fit:   \forall integer other; free_block{Pre}(other, order) ==>
                                found <= \at(block_order[other], Pre) && free_block(other, order) &&
                                grown_chunks == \at(grown_chunks, Pre);
        loop invariant same:  \forall integer other, k; free_block{Pre}(other, order) && 0 <= k < NUM_CHUNKS ==>
                                block_state[k] == \at(block_state[k], Pre) &&
                                block_order[k] == \at(block_order[k], Pre);
        loop invariant heap:  page_heap_ok;
        loop invariant found: order <= found <= NUM_BLOCK_ORDERS &&
                                (found < NUM_BLOCK_ORDERS ==> set_size[FREE_BLOCKS(found)] > 0);
        loop invariant least: \forall integer less; order <= less < found ==> set_size[FREE_BLOCKS(less)] == 0;
        loop invariant used:  used_blocks_same_but{Pre, Here}(NUM_CHUNKS);
        loop assigns found, PAGE_HEAP_TABLES;
        loop variant arena_chunks - grown_chunks; */
    while (found == NUM_BLOCK_ORDERS) {
        if (grown_chunks == arena_chunks) {
            /*@ assert none: \forall integer other; 0 <= other < NUM_CHUNKS && block_state[other] == BLOCK_FREE ==>
                  block(other) && in_set(FREE_BLOCKS(block_order[other]), other); */
            return NUM_CHUNKS;
        }
        grow();
        found = least_free_order(order);
    }
    uint32_t chunk = chunk_set_last(FREE_BLOCKS(found));
    //@ assert found: block_state[chunk] == BLOCK_FREE && block_order[chunk] == found;
    carve(chunk, order);
    take_block(chunk, state);
    return chunk;
}

void freemanual(uint32_t chunk)
{
    uint32_t order = block_order[chunk];
    uint32_t block = chunk;
    give_block(chunk);
    /*@ loop invariant heap:  page_heap_ok_but(block);
        loop invariant block: block < NUM_CHUNKS && order < NUM_BLOCK_ORDERS &&
                                block_state[block] == BLOCK_FREE && block_order[block] == order;
        loop invariant gone:  block_state[chunk] < BLOCK_SPAN;
        loop invariant used:  used_blocks_same_but{Pre, Here}(chunk);
        loop assigns block, order, BLOCK_TABLES;
        loop variant NUM_BLOCK_ORDERS - order; */
    while (order + 1 < NUM_BLOCK_ORDERS) {
        uint32_t lower = lower_buddy(block, order);
        uint32_t upper = lower + chunks_of_order(order);
        if (upper >= grown_chunks)
            break;
        if (block_state[lower] != BLOCK_FREE || block_order[lower] != order)
            break;
        if (block_state[upper] != BLOCK_FREE || block_order[upper] != order)
            break;
        merge(lower, order) /*@ ghost (block) */;
        block = lower;
        order = order + 1;
    }
    /*@ assert settled: \forall integer other; 0 <= other < NUM_CHUNKS && buddies_apart(other) ==>
          other != block && other + block_chunks(block_order[other]) != block; */
}

void page_heap_init(uint32_t chunks)
{
    arena_chunks = chunks;
    grown_chunks = 0;
    /*@ ghost
        uint32_t row = 0;
        /@ loop invariant rows: 0 <= row <= NUM_CHUNK_SETS;
           loop invariant done: \forall integer r, k; 0 <= r < row && 0 <= k < NUM_CHUNKS ==>
                                  set_permutation[r].at[k] == k && set_place[r].at[k] == k;
           loop assigns row, set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1];
           loop variant NUM_CHUNK_SETS - row; @/
        while (row < NUM_CHUNK_SETS) {
          uint32_t chunk = 0;
          /@ loop invariant chunks: 0 <= chunk <= NUM_CHUNKS;
             loop invariant done:   \forall integer k; 0 <= k < chunk ==>
                                      set_permutation[row].at[k] == k && set_place[row].at[k] == k;
             loop assigns chunk, set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
             loop variant NUM_CHUNKS - chunk; @/
          while (chunk < NUM_CHUNKS) {
            set_permutation[row].at[chunk] = chunk;
            set_place[row].at[chunk] = chunk;
            chunk++;
          }
          row++;
        } */
}
