/* laws_heap.c: what the checker of the heap accepts is sound, and it accepts every sound heap.
 *
 * The invariant, stacks_sound, speaks of ghost tables that the checker cannot see.  law_sound_heap_is_checked says
 * that the checker accepts every heap for which good ghost tables are there.  law_checked_heap_is_sound makes them for
 * a heap that the checker accepts, with laws_heap_sets.c, laws_heap_tables.c and laws_heap_units.c.
 * Nothing here runs: the functions are proved, and compiled so that they stay C. */
#include "proofs/laws/laws_heap.h"

/* ---- Every sound heap is checked */

/*@ ghost
    /@ requires heap:    blocks_fit && free_sets_ok && queued_sets_ok;
       requires order:   order < NUM_BLOCK_ORDERS;
       assigns  \nothing;
       exits    \false;
       ensures  free:    \forall integer chunk; 0 <= chunk < NUM_CHUNKS && in_set(FREE_BLOCKS(order), chunk) ==>
                           chunk < grown_chunks;
       ensures  queued:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS && in_set(QUEUED_STACKS(order), chunk) ==>
                           chunk < grown_chunks; @/
    void lemma_blocks_of_sets_are_below_mark(uint32_t order)
    {
    } */

/*@ ghost
    /@ requires heap:    blocks_fit && spans_linked && stackpool_ok;
       requires order:   order < NUM_STACK_ORDERS;
       assigns  \nothing;
       exits    \false;
       ensures  pooled:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS && in_set(STACKPOOL(order), chunk) ==>
                           chunk < grown_chunks; @/
    void lemma_pooled_spans_are_below_mark(uint32_t order)
    {
    } */

/* A set of a sound heap has members below the mark only, each at the rank that it says. */
/*@ ghost
    /@ requires heap:    page_heap_ok && spans_linked && stackpool_ok;
       requires row:     row < NUM_CHUNK_SETS;
       assigns  \nothing;
       exits    \false;
       ensures  checked: set_checked(row); @/
    void lemma_sound_set_is_checked(uint32_t row)
    {
      if (row < NUM_BLOCK_ORDERS) lemma_blocks_of_sets_are_below_mark(row);
      else if (row < 2 * NUM_BLOCK_ORDERS) lemma_blocks_of_sets_are_below_mark(row - NUM_BLOCK_ORDERS);
      else lemma_pooled_spans_are_below_mark(row - 2 * NUM_BLOCK_ORDERS);
      /@ assert members: \forall integer k; 0 <= k < set_size[row] ==> in_set(row, set_permutation[row].at[k]); @/
    } */

/* Nothing begins inside of a block of a sound heap, and the next one begins where it ends. */
/*@ ghost
    /@ requires heap:    page_heap_ok;
       requires block:   block(chunk);
       assigns  \nothing;
       exits    \false;
       ensures  shape:   block_shape(chunk);
       ensures  alone:   block_alone(chunk);
       ensures  apart:   !buddies_apart(chunk); @/
    void lemma_sound_block_is_checked(uint32_t chunk)
    {
      /@ assert heads: \forall integer head; block(head) ==> block_owner[head] == head; @/
      /@ assert inside: \forall integer inside; block(inside) && chunk < inside ==>
           inside >= chunk + block_chunks(block_order[chunk]); @/
      /@ assert before: \forall integer head; block(head) && head < chunk ==>
           head + block_chunks(block_order[head]) <= chunk; @/
      /@ assert next: \forall integer next; next == chunk + block_chunks(block_order[chunk]) && next < grown_chunks ==>
           block_owner[next] == next; @/
    } */

/* The slots of a span of a sound heap. */
/*@ ghost
    /@ requires pool:    pool_ok;
       requires chunk:   chunk < NUM_CHUNKS;
       assigns  \nothing;
       exits    \false;
       ensures  shape:   span_shape(chunk);
       ensures  slots:   \forall integer index; 0 <= index < span_slots[chunk] ==> slot_checked(chunk, index);
       ensures  entered: \forall integer index; 0 <= index < span_slots[chunk] ==> slot_entered(chunk, index); @/
    void lemma_sound_slots_are_checked(uint32_t chunk)
    {
      /@ assert place: \forall integer index; slot(chunk, index) && slot_owner[chunk].at[index] >= SLOT_CACHED ==>
           cache_place[chunk].at[index] <
             stackcache[slot_owner[chunk].at[index] - SLOT_CACHED].count[span_order[chunk]] &&
           cache_place[chunk].at[index] < MAX_SPAN_SLOTS &&
           entry_of(slot_owner[chunk].at[index] - SLOT_CACHED, span_order[chunk],
                    cache_place[chunk].at[index], chunk, index); @/
    } */

/* The cache of a P of a sound heap. */
/*@ ghost
    /@ requires pool:    pool_ok;
       requires p:       p < NUM_P;
       assigns  \nothing;
       exits    \false;
       ensures  checked: cache_checked(p); @/
    void lemma_sound_cache_is_checked(uint32_t p)
    {
      /@ assert entries: \forall integer order, k; 0 <= order < NUM_STACK_ORDERS &&
           0 <= k < stackcache[p].count[order] ==>
           cache_entry(p, order, k) && span_shape(stackcache[p].chunk[order][k]); @/
    } */

/* A chunk stands in the sets that the checker looks for. */
/*@ ghost
    /@ requires sets:    chunk_sets_ok && free_sets_ok && queued_sets_ok && stackpool_ok;
       requires chunk:   chunk < NUM_CHUNKS;
       assigns  \nothing;
       exits    \false;
       ensures  blocks:  block_in_sets(chunk);
       ensures  pooled:  span_pooled(chunk); @/
    void lemma_sound_chunk_is_in_sets(uint32_t chunk)
    {
      lemma_members_are_in_sets();
    } */

/*@ ghost
    /@ requires sound:   stacks_sound;
       assigns  \nothing;
       exits    \false;
       ensures  sets:    \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row); @/
    void lemma_sound_sets_are_checked(void)
    {
      uint32_t row = 0;
      /@ loop invariant range: 0 <= row <= NUM_CHUNK_SETS;
         loop invariant good:  \forall integer done; 0 <= done < row ==> set_checked(done);
         loop assigns row;
         loop variant NUM_CHUNK_SETS - row; @/
      while (row < NUM_CHUNK_SETS) {
        lemma_sound_set_is_checked(row);
        row++;
      }
    } */

/*@ ghost
    /@ requires sound:   stacks_sound;
       assigns  \nothing;
       exits    \false;
       ensures  caches:  \forall integer p; 0 <= p < NUM_P ==> cache_checked(p); @/
    void lemma_sound_caches_are_checked(void)
    {
      uint32_t p = 0;
      /@ loop invariant range: 0 <= p <= NUM_P;
         loop invariant good:  \forall integer done; 0 <= done < p ==> cache_checked(done);
         loop assigns p;
         loop variant NUM_P - p; @/
      while (p < NUM_P) {
        lemma_sound_cache_is_checked(p);
        p++;
      }
    } */

/*@ ghost
    /@ requires sound:   stacks_sound;
       requires chunk:   chunk < NUM_CHUNKS;
       assigns  \nothing;
       exits    \false;
       ensures  checked: chunk_checked(chunk); @/
    void lemma_sound_chunk_is_checked(uint32_t chunk)
    {
      lemma_sound_chunk_is_in_sets(chunk);
      lemma_sound_slots_are_checked(chunk);
      if (block_state[chunk] != BLOCK_NONE) lemma_sound_block_is_checked(chunk);
    } */

/*@ ghost
    /@ requires sound:   stacks_sound;
       assigns  \nothing;
       exits    \false;
       ensures  chunks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> chunk_checked(chunk); @/
    void lemma_sound_chunks_are_checked(void)
    {
      uint32_t chunk = 0;
      /@ loop invariant range: 0 <= chunk <= grown_chunks;
         loop invariant good:  \forall integer done; 0 <= done < chunk ==> chunk_checked(done);
         loop assigns chunk;
         loop variant grown_chunks - chunk; @/
      while (chunk < grown_chunks) {
        lemma_sound_chunk_is_checked(chunk);
        chunk++;
      }
    } */

/* CHECK-4: the checker accepts every sound heap. */
/*@ ghost
    /@ requires sound:   stacks_sound;
       assigns  \nothing;
       exits    \false;
       ensures  checked: heap_checked; @/
    void law_sound_heap_is_checked(void)
    {
      lemma_sound_sets_are_checked();
      lemma_sound_caches_are_checked();
      lemma_sound_chunks_are_checked();
      lemma_units_are_the_sum();
      /@ assert first: grown_chunks > 0 ==> block_owner[0] == 0 && block(0); @/
      lemma_nothing_is_above_mark();
    } */

/* ---- Every checked heap is sound */

/* The sets of blocks of an order hold exactly those blocks, above the mark, too. */
/*@ ghost
    /@ requires checked: \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row);
       requires chunks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> block_in_sets(chunk);
       requires unused:  heap_unused_checked;
       requires sets:    chunk_sets_ok;
       requires order:   order < NUM_BLOCK_ORDERS;
       assigns  \nothing;
       exits    \false;
       ensures  free:    \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
                           (in_set(FREE_BLOCKS(order), chunk) <==>
                            block_state[chunk] == BLOCK_FREE && block_order[chunk] == order);
       ensures  queued:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
                           (in_set(QUEUED_STACKS(order), chunk) <==>
                            block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == order); @/
    void lemma_checked_blocks_are_in_sets(uint32_t order)
    {
      lemma_members_are_in_sets();
      /@ assert free: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
           (in_set(FREE_BLOCKS(order), chunk) <==> member_of(FREE_BLOCKS(order), chunk)); @/
      /@ assert queued: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
           (in_set(QUEUED_STACKS(order), chunk) <==> member_of(QUEUED_STACKS(order), chunk)); @/
      /@ assert rows: set_checked(FREE_BLOCKS(order)) && set_checked(QUEUED_STACKS(order)); @/
    } */

/* The same of the spans of an order with a free stack. */
/*@ ghost
    /@ requires checked: \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row);
       requires chunks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> span_pooled(chunk);
       requires unused:  heap_unused_checked;
       requires sets:    chunk_sets_ok;
       requires order:   order < NUM_STACK_ORDERS;
       assigns  \nothing;
       exits    \false;
       ensures  pooled:  \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
                           (in_set(STACKPOOL(order), chunk) <==> has_free_slot(order, chunk)); @/
    void lemma_checked_spans_are_in_sets(uint32_t order)
    {
      lemma_members_are_in_sets();
      /@ assert pooled: \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==>
           (in_set(STACKPOOL(order), chunk) <==> member_of(STACKPOOL(order), chunk)); @/
      /@ assert row: set_checked(STACKPOOL(order)); @/
    } */

/*@ ghost
    /@ requires checked: \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row);
       requires blocks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> block_in_sets(chunk);
       requires spans:   \forall integer chunk; 0 <= chunk < grown_chunks ==> span_pooled(chunk);
       requires unused:  heap_unused_checked;
       requires sets:    chunk_sets_ok;
       assigns  \nothing;
       exits    \false;
       ensures  free:    free_sets_ok;
       ensures  queued:  queued_sets_ok;
       ensures  pooled:  stackpool_ok; @/
    void lemma_checked_chunks_are_in_sets(void)
    {
      uint32_t order = 0;
      /@ loop invariant range:  0 <= order <= NUM_BLOCK_ORDERS;
         loop invariant free:   \forall integer done, chunk; 0 <= done < order && 0 <= chunk < NUM_CHUNKS ==>
                                  (in_set(FREE_BLOCKS(done), chunk) <==>
                                   block_state[chunk] == BLOCK_FREE && block_order[chunk] == done);
         loop invariant queued: \forall integer done, chunk; 0 <= done < order && 0 <= chunk < NUM_CHUNKS ==>
                                  (in_set(QUEUED_STACKS(done), chunk) <==>
                                   block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == done);
         loop invariant pooled: \forall integer done, chunk; 0 <= done < order && done < NUM_STACK_ORDERS &&
                                  0 <= chunk < NUM_CHUNKS ==>
                                    (in_set(STACKPOOL(done), chunk) <==> has_free_slot(done, chunk));
         loop assigns order;
         loop variant NUM_BLOCK_ORDERS - order; @/
      while (order < NUM_BLOCK_ORDERS) {
        lemma_checked_blocks_are_in_sets(order);
        if (order < NUM_STACK_ORDERS) lemma_checked_spans_are_in_sets(order);
        order++;
      }
    } */

/*@ ghost
    /@ requires chunks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> chunk_checked(chunk);
       assigns  \nothing;
       exits    \false;
       ensures  sets:    \forall integer chunk; 0 <= chunk < grown_chunks ==> block_in_sets(chunk);
       ensures  blocks:  \forall integer chunk; 0 <= chunk < grown_chunks ==> block_checked(chunk);
       ensures  spans:   \forall integer chunk; 0 <= chunk < grown_chunks ==> span_checked(chunk) &&
                           span_linked(chunk);
       ensures  pooled:  \forall integer chunk; 0 <= chunk < grown_chunks ==> span_pooled(chunk); @/
    void lemma_checked_chunks_have_checked_parts(void)
    {
    } */

/*@ ghost
    /@ requires mark:    grown_chunks <= NUM_CHUNKS;
       requires spans:   \forall integer chunk; 0 <= chunk < grown_chunks ==> span_checked(chunk);
       requires unused:  heap_unused_checked;
       assigns  \nothing;
       exits    \false;
       ensures  shaped:  spans_shaped;
       ensures  permute: spans_permute;
       ensures  owned:   slots_owned; @/
    void lemma_checked_spans_are_sound(void)
    {
      /@ assert slots: \forall integer chunk, k; 0 <= chunk < grown_chunks && 0 <= k < span_slots[chunk] ==>
           slot_checked(chunk, k); @/
      /@ assert below: \forall integer chunk; 0 <= chunk < grown_chunks ==> span_permutes(chunk); @/
      /@ assert above: \forall integer chunk; grown_chunks <= chunk < NUM_CHUNKS ==> span_permutes(chunk); @/
    } */

/*@ ghost
    /@ requires checked: heap_checked;
       assigns  block_owner[0 .. NUM_CHUNKS - 1], cache_place[0 .. NUM_CHUNKS - 1],
                set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1];
       exits    \false;
       ensures  page_heap: page_heap_ok;
       ensures  shaped:  spans_shaped;
       ensures  permute: spans_permute;
       ensures  owned:   slots_owned;
       ensures  sets:    chunk_sets_ok;
       ensures  pooled:  stackpool_ok;
       ensures  bounded: caches_bounded;
       ensures  entries: entries_own_slots;
       ensures  have:    slots_have_entry;
       ensures  linked:  spans_linked;
       ensures  placed:  arena_placed;
       ensures  units:   stack_units_in_use == chunk_units_below(grown_chunks); @/
    void lemma_checked_tables_are_sound(void)
    {
      lemma_checked_chunks_have_checked_parts();
      lemma_checked_sets_are_sound();
      lemma_checked_chunks_are_in_sets();
      lemma_checked_blocks_are_sound();
      lemma_checked_caches_are_sound();
      lemma_checked_spans_are_sound();
    } */

/* CHECK-4: what the checker accepts is sound, with the ghost tables that are made here. */
/*@ ghost
    /@ requires checked: heap_checked;
       assigns  block_owner[0 .. NUM_CHUNKS - 1], cache_place[0 .. NUM_CHUNKS - 1],
                set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1],
                unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
       exits    \false;
       ensures  sound:   stacks_sound; @/
    void law_checked_heap_is_sound(void)
    {
      lemma_checked_tables_are_sound();
      lemma_units_are_marked();
      lemma_units_are_the_sum();
    } */
