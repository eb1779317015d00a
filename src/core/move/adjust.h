/* adjust.h: pass 2 of a move, on the new stack's copy of the words.
 *
 * Words without a mark stay as they were copied, marked ones are relocated.  Values are read from the old
 * stack, which stays as it is.  COPY-4.  Called by copystack.c. */
#ifndef CONTIG_CORE_MOVE_ADJUST_H
#define CONTIG_CORE_MOVE_ADJUST_H

#include <stdint.h>
#include "src/core/move/bits.h"
#include "src/core/move/relocate.h"

#include "spec/words.acsl"

/* COPY-1, COPY-4: count words from old_word on to new_word on; bit k of the marks says that word k holds a pointer.
 * The move is given by its four numbers, which pass in registers. */
/*@ requires words:  places_apart(arena, count, old_word, new_word) &&
                       \object_pointer(arena + old_word) && \object_pointer(arena + new_word);
    requires marks:  \valid_read(marks + (0 .. (count + 31) / 32 - 1)) &&
                       \separated(marks + (0 .. (count + 31) / 32 - 1), arena + (new_word .. new_word + count - 1));
    requires beyond: \forall integer k; count <= k < 32 * ((count + 31) / 32) ==> !marked(marks, k);
    requires move:   old_lo <= old_sp <= old_hi && old_hi - old_sp <= new_hi;
    assigns  arena[new_word .. new_word + count - 1];
    ensures  moved:  \forall integer k; new_word <= k < new_word + count && marked(marks, k - new_word) ==>
                       arena[k] == moved_value(\old(arena[k - new_word + old_word]), old_lo, old_sp, old_hi, new_hi);
    ensures  copied: \forall integer k; new_word <= k < new_word + count && !marked(marks, k - new_word) ==>
                       arena[k] == \old(arena[k - new_word + old_word]); */
void words_move(uint64_t *arena, const uint32_t *marks, uint64_t count, uint64_t old_word,
                uint64_t new_word, uint64_t old_lo, uint64_t old_sp, uint64_t old_hi,
                uint64_t new_hi);

#endif
