/* adjust.h: pass 2 of a move, on the new stack's copy of the words.
 *
 * Words without a mark stay as they were copied, marked ones are relocated.  Values are read from the old
 * stack, which stays as it is.  COPY-4.  Called by copystack.c. */
#ifndef CONTIG_CORE_ADJUST_H
#define CONTIG_CORE_ADJUST_H

#include <stdint.h>
#include "src/core/relocate.h"

/* COPY-1: count words from old_word on to new_word on; the two do not overlap. */
void words_copy(uint64_t *arena, uint64_t count, uint64_t old_word, uint64_t new_word);

void adjust_words(uint64_t *arena, const uint32_t *marks, uint64_t count, uint64_t old_word, uint64_t new_word,
                  struct stack_move move);

#endif
