/* page_heap.h: the arena in blocks of 2^order chunks (a buddy heap).
 *
 * Chunks above the mark grown_chunks were never handed out: the heap grows block by block, as large as fits, so
 * that starting up and running touch tables in proportion to the memory in use.
 * Keeps: HEAP-1..HEAP-7 (spec/blocks.acsl).  allocmanual and freemanual bear the names of Go's mheap methods;
 * called by stackpool.c for spans and by stack_large.c for large stacks. */
#ifndef CONTIG_CORE_HEAP_PAGE_HEAP_H
#define CONTIG_CORE_HEAP_PAGE_HEAP_H

#include "src/core/heap/chunk_set.h"

/* What the block is that begins at a chunk. */
enum {
    BLOCK_NONE = 0, /* no block begins here: inside of one, or above the mark */
    BLOCK_FREE,
    BLOCK_SPAN,  /* one chunk, cut into small stacks */
    BLOCK_STACK, /* a large stack in use */
    BLOCK_QUEUED /* a large stack freed while a GC runs */
};

extern uint32_t arena_chunks; /* chunks of the arena, at most NUM_CHUNKS */
extern uint32_t grown_chunks;
extern uint8_t block_state[NUM_CHUNKS];
extern uint8_t block_order[NUM_CHUNKS];
/*@ ghost extern uint32_t block_owner[NUM_CHUNKS]; */

#include "spec/blocks.acsl"

/* clang-format off */
#define BLOCK_TABLES                                                                  \
    block_state[0 .. NUM_CHUNKS - 1], block_order[0 .. NUM_CHUNKS - 1],               \
        block_owner[0 .. NUM_CHUNKS - 1], SET_TABLES(0, NUM_BLOCK_ORDERS - 1)
#define QUEUE_TABLES block_state[0 .. NUM_CHUNKS - 1], SET_TABLES(NUM_BLOCK_ORDERS, 2 * NUM_BLOCK_ORDERS - 1)
/* clang-format on */
#define PAGE_HEAP_TABLES grown_chunks, BLOCK_TABLES

/* How many chunks a block of that order has. */
/*@ requires order:  order < NUM_BLOCK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  chunks: \result == block_chunks(order) && 1 <= \result <= 16384; */
uint32_t chunks_of_order(uint32_t order);

/*@ ghost
    /@ requires aligned: order < NUM_BLOCK_ORDERS && aligned(chunk, order);
       assigns  \nothing;
       exits    \false;
       ensures  down:    \forall integer less; 0 <= less <= order ==> aligned(chunk, less); @/
    void align_down(uint32_t chunk, uint32_t order); */

/* HEAP-2, SPAN-1: a block of 2^order chunks for a span or a stack, or NUM_CHUNKS if there is none.  It is cut from a
 * least free block that holds it; the mark rises only if there is none. */
/*@ requires heap:  page_heap_ok;
    requires order: order < NUM_BLOCK_ORDERS;
    requires state: state == BLOCK_SPAN || state == BLOCK_STACK;
    assigns  PAGE_HEAP_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok;
    ensures  range: \result <= NUM_CHUNKS;
    ensures  block: \result < NUM_CHUNKS ==> block_state[\result] == state && block_order[\result] == order &&
                      \old(block_state[\at(\result, Post)]) < BLOCK_SPAN;
    ensures  none:  \result == NUM_CHUNKS ==> exhausted(order);
    ensures  fit:   \forall integer chunk; free_block{Pre}(chunk, order) ==> free_block{Pre}(\result, order) &&
                      \old(block_order[\at(\result, Post)]) <= \old(block_order[chunk]) &&
                      grown_chunks == \old(grown_chunks);
    ensures  used:  used_blocks_same_but{Pre, Post}(\result); */
uint32_t allocmanual(uint32_t order, uint8_t state);

/* HEAP-3: a span or large stack becomes free and joins its free buddies, as far as possible. */
/*@ requires heap:  page_heap_ok;
    requires block: chunk < NUM_CHUNKS && (block_state[chunk] == BLOCK_SPAN || block_state[chunk] == BLOCK_STACK);
    assigns  BLOCK_TABLES;
    exits    \false;
    ensures  heap:  page_heap_ok;
    ensures  gone:  block_state[chunk] < BLOCK_SPAN;
    ensures  used:  used_blocks_same_but{Pre, Post}(chunk); */
void freemanual(uint32_t chunk);

/* HEAP-1: from zero memory, a heap of so many chunks; no table is touched. */
/*@ requires chunks: chunks <= NUM_CHUNKS;
    requires states: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==> block_state[chunk] == BLOCK_NONE;
    requires sets:   \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_size[row] == 0;
    assigns  arena_chunks, grown_chunks, set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1];
    exits    \false;
    ensures  heap:   page_heap_ok;
    ensures  chunks: arena_chunks == chunks && grown_chunks == 0; */
void page_heap_init(uint32_t chunks);

#endif
