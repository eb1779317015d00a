/* adjust.c: pass 2: copy, then relocate what is marked. */
#include "src/core/adjust.h"
#include "src/core/bits.h"

void words_copy(uint64_t *arena, uint64_t count, uint64_t old_word, uint64_t new_word) {
    const uint64_t *from = arena + old_word;
    uint64_t *restrict to = arena + new_word;
    for (uint64_t k = 0; k < count; k++) {
        to[k] = from[k];
    }
}

/* Bit by bit, for any mask. */
static void adjust_part_plain(uint64_t *arena, uint32_t mask, uint64_t old_word, uint64_t new_word,
                              struct stack_move move) {
    for (uint32_t k = 0; k < 32; k++) {
        if (bit_is_set(mask, k)) {
            arena[new_word + k] = relocate(arena[old_word + k], move);
        }
    }
}

/* The same, touching only the words whose bit is set. */
static inline void adjust_part(uint64_t *arena, uint32_t mask, uint64_t old_word, uint64_t new_word,
                               struct stack_move move) {
    uint32_t rest = mask;
    for (uint32_t n = 0; n < 32 && rest != 0; n++) {
        uint32_t k = likely_set_bit(rest);
        if (!bit_is_set(rest, k)) break;
        arena[new_word + k] = relocate(arena[old_word + k], move);
        rest = without_bit(rest, k);
    }
    if (rest != 0) adjust_part_plain(arena, rest, old_word, new_word, move);
}

void adjust_words(uint64_t *arena, const uint32_t *marks, uint64_t count, uint64_t old_word, uint64_t new_word,
                  struct stack_move move) {
    uint64_t parts = (count + 31) / 32;
    for (uint64_t part = 0; part < parts; part++) {
        if (marks[part] != 0) {
            adjust_part(arena, marks[part], old_word + 32 * part, new_word + 32 * part, move);
        }
    }
}
