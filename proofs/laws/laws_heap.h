/* laws_heap.h: what the files of laws of the heap's checker ask of each other.  CHECK-4. */
#ifndef CONTIG_PROOFS_LAWS_LAWS_HEAP_H
#define CONTIG_PROOFS_LAWS_LAWS_HEAP_H

#include "src/core/heap/heap_check.h"

/* The checker sees the same members as the ghost tables. */
/*@ ghost
    /@ requires sets:    chunk_sets_ok;
       assigns  \nothing;
       exits    \false;
       ensures  same:    \forall integer row, chunk; 0 <= row < NUM_CHUNK_SETS && 0 <= chunk < NUM_CHUNKS ==>
                           (member_of(row, chunk) <==> in_set(row, chunk)); @/
    void lemma_members_are_in_sets(void); */

/* CHECK-4, POOL-7: sets that the checker accepts get ghost tables with which they are well formed. */
/*@ ghost
    /@ requires checked: \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row);
       assigns  set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1];
       exits    \false;
       ensures  sets:    chunk_sets_ok; @/
    void lemma_checked_sets_are_sound(void); */

/* HEAP-4: blocks that the checker accepts get an owner for each chunk. */
/*@ ghost
    /@ requires mark:    grown_chunks <= arena_chunks <= NUM_CHUNKS &&
                         (grown_chunks > 0 ==> block_state[0] != BLOCK_NONE);
       requires checked: \forall integer chunk; 0 <= chunk < grown_chunks ==> block_checked(chunk);
       requires unused:  heap_unused_checked;
       assigns  block_owner[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  map:     block_map_ok;
       ensures  apart:   coalesced_but(NUM_CHUNKS); @/
    void lemma_checked_blocks_are_sound(void); */

/* CACHE-7: caches and spans that the checker accepts get, for each cached slot, its place in the cache. */
/*@ ghost
    /@ requires mark:    grown_chunks <= NUM_CHUNKS;
       requires caches:  \forall integer p; 0 <= p < NUM_P ==> cache_checked(p);
       requires spans:   \forall integer chunk; 0 <= chunk < grown_chunks ==> span_checked(chunk);
       requires unused:  heap_unused_checked;
       assigns  cache_place[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  bounded: caches_bounded;
       ensures  entries: entries_own_slots;
       ensures  have:    slots_have_entry; @/
    void lemma_checked_caches_are_sound(void); */

/* COUNT-1: the units of live stacks, marked and added up. */
/*@ ghost
    /@ requires map:     block_map_ok;
       requires shaped:  spans_shaped;
       assigns  unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
       exits    \false;
       ensures  marked:  units_marked;
       ensures  summed:  units_summed;
       ensures  bounded: units_bounded; @/
    void lemma_units_are_marked(void); */

/* HEAP-4: no block and no span stands above the mark. */
/*@ ghost
    /@ requires heap:    blocks_fit && spans_linked && spans_shaped;
       assigns  \nothing;
       exits    \false;
       ensures  blocks:  \forall integer chunk; block(chunk) ==> chunk < grown_chunks;
       ensures  unused:  heap_unused_checked; @/
    void lemma_nothing_is_above_mark(void); */

/* COUNT-1: the marks of the units are as many as the units of the slots and blocks in use. */
/*@ ghost
    /@ requires map:     block_map_ok;
       requires shaped:  spans_shaped;
       requires linked:  spans_linked;
       requires marked:  units_marked && units_summed;
       assigns  \nothing;
       exits    \false;
       ensures  sum:     units_below[NUM_UNITS] == chunk_units_below(grown_chunks); @/
    void lemma_units_are_the_sum(void); */

#endif
