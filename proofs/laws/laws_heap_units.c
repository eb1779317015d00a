/* laws_heap_units.c: the checker's sum over slots and blocks is the number of marked units.  CHECK-4, COUNT-1.
 *
 * The checker adds up all units of a block at its first chunk; the marks of the later chunks are owed until then. */
#include "proofs/laws/laws_heap.h"

/*@ ghost
    void lemma_nothing_is_above_mark(void)
    {
      /@ assert below: \forall integer chunk; block(chunk) ==> chunk < grown_chunks; @/
    } */

/* So many units, all marked or all not. */
/*@ ghost
    /@ requires summed:  units_summed;
       requires range:   first + units <= NUM_UNITS && live <= 1;
       requires same:    \forall integer unit; first <= unit < first + units ==> (unit_live[unit] == 1 <==> live == 1);
       assigns  \nothing;
       exits    \false;
       ensures  sum:     units_below[first + units] == units_below[first] + (live == 1 ? units : 0); @/
    void lemma_run_is_summed(uint32_t first, uint32_t units, uint32_t live)
    {
      uint32_t unit = first;
      /@ loop invariant range: first <= unit <= first + units;
         loop invariant sum:   units_below[unit] == units_below[first] + (live == 1 ? unit - first : 0);
         loop assigns unit;
         loop variant first + units - unit; @/
      while (unit < first + units) {
        unit++;
      }
    } */

/* The marks of one chunk. */
/*@ ghost
    /@ requires marked:  units_marked;
       requires chunk:   chunk < NUM_CHUNKS;
       assigns  \nothing;
       exits    \false;
       ensures  marks:   \forall integer unit;
                           MAX_SPAN_SLOTS * chunk <= unit < MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS ==>
                           (unit_live[unit] == 1 <==>
                            unit_in_small_stack(chunk, unit - MAX_SPAN_SLOTS * chunk) ||
                            chunk_in_large_stack(chunk)); @/
    void lemma_marks_of_chunk(uint32_t chunk)
    {
      /@ assert chunk: \forall integer unit;
           MAX_SPAN_SLOTS * chunk <= unit < MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS ==>
           unit / MAX_SPAN_SLOTS == chunk; @/
    } */

/* The slot at an index has the units from index * width on. */
/*@ ghost
    /@ requires slot:    order < NUM_STACK_ORDERS && index < span_capacity(order);
       assigns  \nothing;
       exits    \false;
       ensures  width:   \result == MAX_SPAN_SLOTS / span_capacity(order) && 1 <= \result <= MAX_SPAN_SLOTS;
       ensures  end:     (index + 1) * \result <= MAX_SPAN_SLOTS;
       ensures  all:     span_capacity(order) * \result == MAX_SPAN_SLOTS;
       ensures  units:   \forall integer unit; index * \result <= unit < (index + 1) * \result ==>
                           slot_of_unit(order, unit) == index; @/
    uint32_t lemma_units_of_slot(uint32_t order, uint32_t index)
    {
      if (order == 0) return 1;
      if (order == 1) return 2;
      if (order == 2) return 4;
      return 8;
    } */

/* One slot more. */
/*@ ghost
    /@ requires summed:  units_summed && units_marked;
       requires span:    chunk < NUM_CHUNKS && span_shape(chunk) && !chunk_in_large_stack(chunk);
       requires slot:    index < span_slots[chunk] && width == MAX_SPAN_SLOTS / span_capacity(span_order[chunk]);
       requires first:   first == MAX_SPAN_SLOTS * chunk + index * width;
       assigns  \nothing;
       exits    \false;
       ensures  sum:     units_below[first + width] ==
                           units_below[first] + (slot_owner[chunk].at[index] == SLOT_LIVE ? width : 0);
       ensures  next:    first + width == MAX_SPAN_SLOTS * chunk + (index + 1) * width; @/
    void lemma_slot_is_summed(uint32_t chunk, uint32_t index, uint32_t width, uint32_t first)
    {
      lemma_units_of_slot(span_order[chunk], index);
      lemma_marks_of_chunk(chunk);
      /@ assert slot: \forall integer unit; first <= unit < first + width ==>
           slot_of_unit(span_order[chunk], unit - MAX_SPAN_SLOTS * chunk) == index; @/
      lemma_run_is_summed(first, width, slot_owner[chunk].at[index] == SLOT_LIVE ? 1 : 0);
    } */

/*@ ghost
    /@ requires summed:  units_summed && units_marked;
       requires span:    chunk < NUM_CHUNKS && span_shape(chunk) && !chunk_in_large_stack(chunk);
       requires slots:   span_slots[chunk] != 0;
       assigns  \nothing;
       exits    \false;
       ensures  sum:     units_below[MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS] ==
                           units_below[MAX_SPAN_SLOTS * chunk] + slot_units_below(chunk, span_slots[chunk]); @/
    void lemma_span_is_summed(uint32_t chunk)
    {
      uint32_t index = 0;
      uint32_t first = MAX_SPAN_SLOTS * chunk;
      uint32_t width = lemma_units_of_slot(span_order[chunk], 0);
      /@ assert all: span_slots[chunk] * width == MAX_SPAN_SLOTS; @/
      /@ loop invariant range: 0 <= index <= span_slots[chunk] && first == MAX_SPAN_SLOTS * chunk + index * width;
         loop invariant sum:   units_below[first] ==
                                 units_below[MAX_SPAN_SLOTS * chunk] + slot_units_below(chunk, index);
         loop assigns index, first;
         loop variant span_slots[chunk] - index; @/
      while (index < span_slots[chunk]) {
        lemma_slot_is_summed(chunk, index, width, first);
        first += width;
        index++;
      }
      /@ assert end: index == span_slots[chunk] && index * width == MAX_SPAN_SLOTS; @/
    } */

/*@ ghost
    /@ requires map:     chunks_have_owner;
       requires summed:  units_summed && units_marked;
       requires span:    chunk < NUM_CHUNKS && span_shape(chunk);
       assigns  \nothing;
       exits    \false;
       ensures  large:   chunk_in_large_stack(chunk) ==>
                           units_below[MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS] ==
                             units_below[MAX_SPAN_SLOTS * chunk] + MAX_SPAN_SLOTS;
       ensures  small:   !chunk_in_large_stack(chunk) ==>
                           units_below[MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS] ==
                             units_below[MAX_SPAN_SLOTS * chunk] + slot_units_below(chunk, span_slots[chunk]); @/
    void lemma_chunk_is_summed(uint32_t chunk)
    {
      lemma_marks_of_chunk(chunk);
      if (chunk < grown_chunks && block_state[block_owner[chunk]] == BLOCK_STACK)
        lemma_run_is_summed(MAX_SPAN_SLOTS * chunk, MAX_SPAN_SLOTS, 1);
      else if (span_slots[chunk] == 0)
        lemma_run_is_summed(MAX_SPAN_SLOTS * chunk, MAX_SPAN_SLOTS, 0);
      else
        lemma_span_is_summed(chunk);
    } */

/*@
  // the units of chunks from this one on that the checker has added up before it comes to them
  logic integer owed_units(integer chunk) =
    chunk <= 0 || block_state[block_owner[chunk - 1]] != BLOCK_STACK ? 0 :
    MAX_SPAN_SLOTS * (block_owner[chunk - 1] + block_chunks(block_order[block_owner[chunk - 1]]) - chunk);
*/

/* One chunk more: what the checker adds is what is marked there, and what it owes afterwards and not before. */
/*@ ghost
    /@ requires map:     block_map_ok;
       requires linked:  spans_linked && spans_shaped;
       requires summed:  units_summed && units_marked;
       requires chunk:   chunk < grown_chunks;
       assigns  \nothing;
       exits    \false;
       ensures  sum:     chunk_units(chunk) + owed_units(chunk) ==
                           owed_units(chunk + 1) + units_below[MAX_SPAN_SLOTS * chunk + MAX_SPAN_SLOTS] -
                             units_below[MAX_SPAN_SLOTS * chunk]; @/
    void lemma_chunk_is_owed(uint32_t chunk)
    {
      lemma_chunk_is_summed(chunk);
      /@ assert heads: \forall integer head; block(head) ==> block_owner[head] == head; @/
      if (block_state[chunk] != BLOCK_NONE) {
        /@ assert paid: owed_units(chunk) == 0; @/
      } else {
        /@ assert empty: chunk_units(chunk) == 0; @/
        /@ assert same: chunk > 0 && block_owner[chunk - 1] == block_owner[chunk]; @/
      }
    } */

/*@ ghost
    /@ requires map:     block_map_ok;
       requires linked:  spans_linked && spans_shaped;
       requires summed:  units_summed && units_marked;
       assigns  \nothing;
       exits    \false;
       ensures  sum:     units_below[NUM_UNITS] == units_below[MAX_SPAN_SLOTS * grown_chunks]; @/
    void lemma_no_unit_is_above_mark(void)
    {
      lemma_nothing_is_above_mark();
      /@ assert none: \forall integer unit; MAX_SPAN_SLOTS * grown_chunks <= unit < NUM_UNITS ==>
           !unit_covered(unit); @/
      lemma_run_is_summed(MAX_SPAN_SLOTS * grown_chunks, NUM_UNITS - MAX_SPAN_SLOTS * grown_chunks, 0);
    } */

/*@ ghost
    void lemma_units_are_the_sum(void)
    {
      uint32_t chunk = 0;
      /@ loop invariant range: 0 <= chunk <= grown_chunks;
         loop invariant sum:   chunk_units_below(chunk) == units_below[MAX_SPAN_SLOTS * chunk] + owed_units(chunk);
         loop assigns chunk;
         loop variant grown_chunks - chunk; @/
      while (chunk < grown_chunks) {
        lemma_chunk_is_owed(chunk);
        chunk++;
      }
      /@ assert paid: owed_units(grown_chunks) == 0; @/
      lemma_no_unit_is_above_mark();
    } */
