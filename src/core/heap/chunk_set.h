/* chunk_set.h: sets of chunks, with insertion, removal and choice in constant time.
 *
 * The page heap keeps its free blocks in one set per order, freed large stacks that wait for the end of a GC in
 * another, and stackpool[order] is the set of spans with a free stack.  A set is a list of its members and the
 * rank of each; both are read only below the set's size, so that zero memory is the empty set and starting up
 * touches none of it.  The last member plays the part of the head of Go's span list.
 * Keeps: POOL-7 (spec/chunk_sets.acsl).  Called by page_heap.c, stack_large.c, span.c. */
#ifndef CONTIG_CORE_HEAP_CHUNK_SET_H
#define CONTIG_CORE_HEAP_CHUNK_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/platform.h"

#define FREE_BLOCKS(order) (order)
#define QUEUED_STACKS(order) (NUM_BLOCK_ORDERS + (order))
#define STACKPOOL(order) (2u * NUM_BLOCK_ORDERS + (order))
#define NUM_CHUNK_SETS (2u * NUM_BLOCK_ORDERS + NUM_STACK_ORDERS)

struct chunk_row {
    uint32_t at[NUM_CHUNKS];
};

extern struct chunk_row set_member[NUM_CHUNK_SETS];
extern struct chunk_row set_rank[NUM_CHUNK_SETS];
extern uint32_t set_size[NUM_CHUNK_SETS];
/*@ ghost extern struct chunk_row set_permutation[NUM_CHUNK_SETS]; */
/*@ ghost extern struct chunk_row set_place[NUM_CHUNK_SETS]; */

#include "spec/chunk_sets.acsl"

/* The tables of the sets first .. last. */
/* clang-format off */
#define SET_TABLES(first, last)                                                                        \
    set_member[(first) .. (last)], set_rank[(first) .. (last)], set_permutation[(first) .. (last)],    \
        set_place[(first) .. (last)], set_size[(first) .. (last)]
/* clang-format on */

/* Adds a chunk as the last member. */
/*@ requires row:     row < NUM_CHUNK_SETS && chunk < NUM_CHUNKS;
    requires ok:      chunk_sets_ok;
    requires absent:  !in_set(row, chunk);
    assigns  SET_TABLES(row, row);
    exits    \false;
    ensures  ok:      chunk_sets_ok;
    ensures  size:    set_size[row] == \old(set_size[row]) + 1;
    ensures  present: in_set(row, chunk);
    ensures  last:    set_permutation[row].at[set_size[row] - 1] == chunk;
    ensures  others:  \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                        (in_set(row, other) <==> in_set{Pre}(row, other)); */
void chunk_set_insert(uint32_t row, uint32_t chunk);

/* Removes a chunk; the last member takes its rank. */
/*@ requires row:     row < NUM_CHUNK_SETS && chunk < NUM_CHUNKS;
    requires ok:      chunk_sets_ok;
    requires present: in_set(row, chunk);
    assigns  SET_TABLES(row, row);
    exits    \false;
    ensures  ok:      chunk_sets_ok;
    ensures  size:    set_size[row] == \old(set_size[row]) - 1;
    ensures  absent:  !in_set(row, chunk);
    ensures  others:  \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                        (in_set(row, other) <==> in_set{Pre}(row, other));
    ensures  moved:   \forall integer other; 0 <= other < NUM_CHUNKS && other != chunk ==>
                        set_place[row].at[other] == \old(set_place[row].at[other]) ||
                        (set_place[row].at[other] == \old(set_place[row].at[chunk]) &&
                         \old(set_place[row].at[other]) == set_size[row]); */
void chunk_set_remove(uint32_t row, uint32_t chunk);

/* The last member of a set that is not empty. */
/*@ requires row:    row < NUM_CHUNK_SETS && set_size[row] > 0;
    requires ok:     chunk_sets_ok;
    assigns  \nothing;
    exits    \false;
    ensures  member: \result < NUM_CHUNKS && in_set(row, \result);
    ensures  last:   \result == set_permutation[row].at[set_size[row] - 1]; */
uint32_t chunk_set_last(uint32_t row);

#endif
