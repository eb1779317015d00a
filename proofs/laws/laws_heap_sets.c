/* laws_heap_sets.c: a set that the checker accepts has its ghost tables: a permutation of all chunks that begins with
 * the members, and its inverse.  CHECK-4, POOL-7. */
#include "proofs/laws/laws_heap.h"

/*@ ghost
    void lemma_members_are_in_sets(void)
    {
      /@ assert place: \forall integer row, chunk; 0 <= row < NUM_CHUNK_SETS && 0 <= chunk < NUM_CHUNKS &&
           in_set(row, chunk) ==>
             set_member[row].at[set_place[row].at[chunk]] == chunk &&
             set_rank[row].at[chunk] == set_place[row].at[chunk]; @/
    } */

/* The permutation that moves nothing. */
/*@ ghost
    /@ requires row:      row < NUM_CHUNK_SETS;
       assigns  set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  identity: \forall integer k; 0 <= k < NUM_CHUNKS ==>
                            set_permutation[row].at[k] == k && set_place[row].at[k] == k; @/
    void lemma_set_begins_as_identity(uint32_t row)
    {
      uint32_t at = 0;
      /@ loop invariant range:    0 <= at <= NUM_CHUNKS;
         loop invariant identity: \forall integer k; 0 <= k < at ==>
                                    set_permutation[row].at[k] == k && set_place[row].at[k] == k;
         loop assigns at, set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
         loop variant NUM_CHUNKS - at; @/
      while (at < NUM_CHUNKS) {
        set_permutation[row].at[at] = at;
        set_place[row].at[at] = at;
        at++;
      }
    } */

/* The member at a rank takes the place of its rank. */
/*@ ghost
    /@ requires row:      row < NUM_CHUNK_SETS && set_checked(row) && set_permutes(row);
       requires rank:     rank < set_size[row];
       requires before:   \forall integer k; 0 <= k < rank ==> set_permutation[row].at[k] == set_member[row].at[k];
       assigns  set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  permutes: set_permutes(row);
       ensures  upto:     \forall integer k; 0 <= k <= rank ==> set_permutation[row].at[k] == set_member[row].at[k]; @/
    void lemma_member_is_placed(uint32_t row, uint32_t rank)
    {
      uint32_t member = set_member[row].at[rank];
      uint32_t place = set_place[row].at[member];
      uint32_t other = set_permutation[row].at[rank];
      /@ assert later: place >= rank; @/
      set_permutation[row].at[place] = other;
      set_place[row].at[other] = place;
      set_permutation[row].at[rank] = member;
      set_place[row].at[member] = rank;
    } */

/*@ ghost
    /@ requires row:      row < NUM_CHUNK_SETS && set_checked(row);
       assigns  set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
       exits    \false;
       ensures  permutes: set_permutes(row);
       ensures  records:  set_records(row); @/
    void lemma_checked_set_is_sound(uint32_t row)
    {
      uint32_t rank = 0;
      lemma_set_begins_as_identity(row);
      /@ loop invariant range:    0 <= rank <= set_size[row];
         loop invariant permutes: set_permutes(row);
         loop invariant before:   \forall integer k; 0 <= k < rank ==>
                                    set_permutation[row].at[k] == set_member[row].at[k];
         loop assigns rank, set_permutation[row].at[0 .. NUM_CHUNKS - 1], set_place[row].at[0 .. NUM_CHUNKS - 1];
         loop variant set_size[row] - rank; @/
      while (rank < set_size[row]) {
        lemma_member_is_placed(row, rank);
        rank++;
      }
    } */

/*@ ghost
    void lemma_checked_sets_are_sound(void)
    {
      uint32_t row = 0;
      /@ loop invariant range: 0 <= row <= NUM_CHUNK_SETS;
         loop invariant good:  \forall integer done; 0 <= done < row ==> set_permutes(done) && set_records(done);
         loop assigns row, set_permutation[0 .. NUM_CHUNK_SETS - 1], set_place[0 .. NUM_CHUNK_SETS - 1];
         loop variant NUM_CHUNK_SETS - row; @/
      while (row < NUM_CHUNK_SETS) {
        lemma_checked_set_is_sound(row);
        row++;
      }
    } */
