/* laws_heap_tables.c: a heap that the checker accepts has its ghost tables: the owner of each chunk, the place of each
 * cached slot in its cache, and the marks of the units in use.  CHECK-4, HEAP-4, CACHE-7, COUNT-1. */
#include "proofs/laws/laws_heap.h"

/* ---- Blocks */

/* Each chunk belongs to the last block that begins at it or below it. */
/*@ ghost
    /@ requires mark:    grown_chunks <= NUM_CHUNKS && (grown_chunks > 0 ==> block_state[0] != BLOCK_NONE);
       requires checked: \forall integer chunk; 0 <= chunk < grown_chunks ==> block_checked(chunk);
       requires unused:  heap_unused_checked;
       assigns  block_owner[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  own:     blocks_own_chunks;
       ensures  owner:   chunks_have_owner; @/
    void lemma_chunks_get_an_owner(void)
    {
      uint32_t chunk = 0;
      uint32_t head = 0;
      /@ loop invariant range: 0 <= chunk <= grown_chunks && (chunk > 0 ==> head == block_owner[chunk - 1]);
         loop invariant owner: \forall integer c; 0 <= c < chunk ==>
                                 block_owner[c] <= c && block(block_owner[c]) &&
                                 c < block_owner[c] + block_chunks(block_order[block_owner[c]]);
         loop invariant own:   \forall integer h, c; block(h) && h <= c < h + block_chunks(block_order[h]) &&
                                 c < chunk ==>
                                 block_owner[c] == h;
         loop assigns chunk, head, block_owner[0 .. NUM_CHUNKS - 1];
         loop variant grown_chunks - chunk; @/
      while (chunk < grown_chunks) {
        if (block_state[chunk] != BLOCK_NONE) head = chunk;
        /@ assert inside: head <= chunk < head + block_chunks(block_order[head]) && block(head); @/
        /@ assert alone: \forall integer h; block(h) && h <= chunk < h + block_chunks(block_order[h]) ==> h == head; @/
        block_owner[chunk] = head;
        chunk++;
      }
      /@ assert end: \forall integer h; block(h) ==> h + block_chunks(block_order[h]) <= grown_chunks; @/
    } */

/*@ ghost
    void lemma_checked_blocks_are_sound(void)
    {
      /@ assert blocks: \forall integer chunk; block(chunk) ==>
           chunk < grown_chunks && block_shape(chunk) && !buddies_apart(chunk); @/
      lemma_chunks_get_an_owner();
    } */

/* ---- Caches */

/*@
  // where the ghost table says that a cached slot is entered, it is
  predicate slot_placed(integer chunk, integer index) =
    slot_owner[chunk].at[index] >= SLOT_CACHED ==>
      cache_place[chunk].at[index] < stackcache[slot_owner[chunk].at[index] - SLOT_CACHED].count[span_order[chunk]] &&
      entry_of(slot_owner[chunk].at[index] - SLOT_CACHED, span_order[chunk],
               cache_place[chunk].at[index], chunk, index);
*/

/* The place of a cached slot in the cache of its P. */
/*@ ghost
    /@ requires slot:    slot(chunk, index) && span_checked(chunk) && slot_owner[chunk].at[index] >= SLOT_CACHED;
       assigns  \nothing;
       exits    \false;
       ensures  place:   \result < MAX_SPAN_SLOTS &&
                           \result < stackcache[slot_owner[chunk].at[index] - SLOT_CACHED].count[span_order[chunk]];
       ensures  entry:   entry_of(slot_owner[chunk].at[index] - SLOT_CACHED, span_order[chunk],
                                  \result, chunk, index); @/
    uint8_t lemma_entry_of_slot(uint32_t chunk, uint32_t index)
    {
      uint32_t p = (uint32_t)slot_owner[chunk].at[index] - SLOT_CACHED;
      uint32_t order = span_order[chunk];
      uint8_t k = 0;
      /@ assert entered: slot_entered(chunk, index) && slot_checked(chunk, index) && span_shape(chunk); @/
      /@ loop invariant range: 0 <= k <= MAX_SPAN_SLOTS && k <= stackcache[p].count[order];
         loop invariant none:  \forall integer other; 0 <= other < k ==> !entry_of(p, order, other, chunk, index);
         loop assigns k;
         loop variant MAX_SPAN_SLOTS - k; @/
      while (k < stackcache[p].count[order] && k < MAX_SPAN_SLOTS) {
        if (stackcache[p].chunk[order][k] == chunk && stackcache[p].index[order][k] == index) return k;
        k++;
      }
      return 0;
    } */

/*@ ghost
    /@ requires span:    chunk < NUM_CHUNKS && span_checked(chunk);
       assigns  cache_place[chunk].at[0 .. MAX_SPAN_SLOTS - 1];
       exits    \false;
       ensures  placed:  \forall integer index; 0 <= index < span_slots[chunk] ==> slot_placed(chunk, index); @/
    void lemma_slots_of_span_are_placed(uint32_t chunk)
    {
      uint32_t index = 0;
      /@ loop invariant range:  0 <= index <= span_slots[chunk] <= MAX_SPAN_SLOTS;
         loop invariant placed: \forall integer done; 0 <= done < index ==> slot_placed(chunk, done);
         loop assigns index, cache_place[chunk].at[0 .. MAX_SPAN_SLOTS - 1];
         loop variant span_slots[chunk] - index; @/
      while (index < span_slots[chunk]) {
        if (slot_owner[chunk].at[index] >= SLOT_CACHED)
            cache_place[chunk].at[index] = lemma_entry_of_slot(chunk, index);
        index++;
      }
    } */

/*@ ghost
    /@ requires mark:    grown_chunks <= NUM_CHUNKS;
       requires spans:   \forall integer chunk; 0 <= chunk < grown_chunks ==> span_checked(chunk);
       requires unused:  heap_unused_checked;
       assigns  cache_place[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  placed:  \forall integer chunk, index; slot(chunk, index) ==> slot_placed(chunk, index); @/
    void lemma_slots_are_placed(void)
    {
      uint32_t chunk = 0;
      /@ loop invariant range:  0 <= chunk <= grown_chunks;
         loop invariant placed: \forall integer done, index; 0 <= done < chunk && slot(done, index) ==>
                                  slot_placed(done, index);
         loop assigns chunk, cache_place[0 .. NUM_CHUNKS - 1];
         loop variant grown_chunks - chunk; @/
      while (chunk < grown_chunks) {
        lemma_slots_of_span_are_placed(chunk);
        chunk++;
      }
    } */

/*@ ghost
    void lemma_checked_caches_are_sound(void)
    {
      lemma_slots_are_placed();
      /@ assert checked: \forall integer p, order; 0 <= p < NUM_P && 0 <= order < NUM_STACK_ORDERS ==>
           cache_order_checked(p, order); @/
      /@ assert alone: \forall integer p, order, k, other; 0 <= p < NUM_P && 0 <= order < NUM_STACK_ORDERS &&
           0 <= k < stackcache[p].count[order] && 0 <= other < stackcache[p].count[order] &&
           entry_of(p, order, other, stackcache[p].chunk[order][k], stackcache[p].index[order][k]) ==> other == k; @/
      /@ assert entries: \forall integer p, order, k; 0 <= p < NUM_P && 0 <= order < NUM_STACK_ORDERS &&
           0 <= k < stackcache[p].count[order] ==>
             cache_entry(p, order, k) && slot_placed(stackcache[p].chunk[order][k], stackcache[p].index[order][k]); @/
    } */

/* ---- Units */

/* 1: a live stack covers the unit. */
/*@ ghost
    /@ requires map:     block_map_ok;
       requires shaped:  spans_shaped;
       requires unit:    unit < NUM_UNITS;
       assigns  \nothing;
       exits    \false;
       ensures  covered: \result <= 1 && (\result == 1 <==> unit_covered(unit)); @/
    uint8_t lemma_unit_is_covered(uint32_t unit)
    {
      uint32_t chunk = unit / MAX_SPAN_SLOTS;
      uint32_t index = unit - MAX_SPAN_SLOTS * chunk;
      uint32_t order = span_order[chunk];
      if (chunk < grown_chunks && block_state[block_owner[chunk]] == BLOCK_STACK) return 1;
      if (order == 1) index = index / 2;
      else if (order == 2) index = index / 4;
      else if (order > 2) index = index / 8;
      return index < span_slots[chunk] && slot_owner[chunk].at[index] == SLOT_LIVE ? 1 : 0;
    } */

/*@ ghost
    void lemma_units_are_marked(void)
    {
      uint32_t unit = 0;
      units_below[0] = 0;
      /@ loop invariant range:   0 <= unit <= NUM_UNITS && units_below[0] == 0;
         loop invariant marked:  \forall integer u; 0 <= u < unit ==> (unit_live[u] == 1 <==> unit_covered(u));
         loop invariant summed:  \forall integer u; 0 <= u < unit ==>
                                   unit_live[u] <= 1 && units_below[u + 1] == units_below[u] + unit_live[u];
         loop invariant bounded: \forall integer u; 0 <= u <= unit ==> units_below[u] <= u;
         loop assigns unit, unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
         loop variant NUM_UNITS - unit; @/
      while (unit < NUM_UNITS) {
        unit_live[unit] = lemma_unit_is_covered(unit);
        units_below[unit + 1] = units_below[unit] + unit_live[unit];
        unit++;
      }
    } */
