/* adjust.c: pass 2: copy, then relocate what is marked. */
#include "src/core/move/adjust.h"

/* The loop that compilers turn into memcpy: they must know that the two runs are apart. */
/*@ requires words:  places_apart(arena, count, old_word, new_word);
    requires runs:   to == arena + new_word && from == arena + old_word;
    assigns  arena[new_word .. new_word + count - 1];
    ensures  copied: \forall integer k; new_word <= k < new_word + count ==>
                       arena[k] == \old(arena[k - new_word + old_word]); */
static inline void copy_apart(uint64_t *restrict to, const uint64_t *restrict from, uint64_t count)
/*@ ghost (uint64_t *arena, uint64_t old_word, uint64_t new_word) */ {
    /*@ loop invariant copied: 0 <= n <= count && \forall integer k; new_word <= k < new_word + n ==>
                                 arena[k] == \at(arena[k - new_word + old_word], Pre);
        loop invariant kept:   \forall integer k; old_word <= k < old_word + count ==> arena[k] == \at(arena[k], Pre);
        loop assigns n, arena[new_word .. new_word + count - 1];
        loop variant count - n; */
    for (uint64_t n = 0; n < count; n++) {
        to[n] = from[n];
    }
}

/* Bit by bit, for any mask. */
/*@ requires words: length <= 32 && places_apart(arena, length, old_word, new_word) && move_possible(move);
    requires mask:  \forall integer k; 0 <= k <= 31 && bit_of(mask, k) ==> k < length;
    assigns  arena[new_word .. new_word + length - 1];
    ensures  moved: \forall integer k; new_word <= k < new_word + length && bit_of(mask, k - new_word) ==>
                      arena[k] == relocated(\old(arena[k - new_word + old_word]), move);
    ensures  kept:  \forall integer k; new_word <= k < new_word + length && !bit_of(mask, k - new_word) ==>
                      arena[k] == \old(arena[k]); */
static void adjust_part_plain(uint64_t *arena, uint32_t mask, uint64_t old_word, uint64_t new_word,
                              struct stack_move move) /*@ ghost (uint32_t length) */
{
    /*@ loop invariant count: 0 <= n <= 32;
        loop invariant moved: \forall integer k; new_word <= k < new_word + length && bit_of(mask, k - new_word) &&
                                k < new_word + n ==> arena[k] == relocated(\at(arena[k - new_word + old_word], Pre),
                                move);
        loop invariant kept:  \forall integer k; new_word <= k < new_word + length && !bit_of(mask, k - new_word) ==>
                                arena[k] == \at(arena[k], Pre);
        loop invariant old:   \forall integer k; old_word <= k < old_word + length ==> arena[k] == \at(arena[k], Pre);
        loop assigns n, arena[new_word .. new_word + length - 1];
        loop variant 32 - n; */
    for (uint32_t n = 0; n < 32; n++) {
        if (bit_is_set(mask, n)) {
            //@ assert inside: n < length;
            //@ assert old: arena[old_word + n] == \at(arena[old_word + \at(n, Here)], Pre);
            arena[new_word + n] = relocate(arena[old_word + n], move);
            //@ assert here: arena[new_word + n] == relocated(\at(arena[old_word + \at(n, Here)], Pre), move);
        }
    }
}

/* The same, touching only the words whose bit is set. */
/*@ requires words: length <= 32 && places_apart(arena, length, old_word, new_word) && move_possible(move);
    requires mask:  \forall integer k; 0 <= k <= 31 && bit_of(mask, k) ==> k < length;
    assigns  arena[new_word .. new_word + length - 1];
    ensures  moved: \forall integer k; new_word <= k < new_word + length && bit_of(mask, k - new_word) ==>
                      arena[k] == relocated(\old(arena[k - new_word + old_word]), move);
    ensures  kept:  \forall integer k; new_word <= k < new_word + length && !bit_of(mask, k - new_word) ==>
                      arena[k] == \old(arena[k]); */
static inline void adjust_part(uint64_t *arena, uint32_t mask, uint64_t old_word, uint64_t new_word,
                               struct stack_move move) /*@ ghost (uint32_t length) */
{
    uint32_t rest = mask;
    //@ assert zero: \forall integer k; 0 <= k <= 31 ==> !bit_of(0, k);
    /*@ loop invariant part:  \forall integer k; 0 <= k <= 31 && bit_of(rest, k) ==> bit_of(mask, k);
        loop invariant moved: \forall integer k; new_word <= k < new_word + length && bit_of(mask, k - new_word) &&
                                !bit_of(rest, k - new_word) ==>
                                arena[k] == relocated(\at(arena[k - new_word + old_word], Pre), move);
        loop invariant kept:  \forall integer k; new_word <= k < new_word + length && !bit_of(mask, k - new_word) ==>
                                arena[k] == \at(arena[k], Pre);
        loop invariant old:   \forall integer k; old_word <= k < old_word + length ==> arena[k] == \at(arena[k], Pre);
        loop assigns rest, arena[new_word .. new_word + length - 1];
        loop variant bits_below(rest, 32); */
    while (rest != 0) {
        uint32_t k = likely_set_bit(rest);
        if (!bit_is_set(rest, k)) {
            adjust_part_plain(arena, mask, old_word, new_word, move) /*@ ghost (length) */;
            return;
        }
        //@ assert inside: k < length;
        //@ assert old: arena[old_word + k] == \at(arena[old_word + \at(k, Here)], Pre);
        arena[new_word + k] = relocate(arena[old_word + k], move);
        /*@ assert moved: \forall integer j; new_word <= j < new_word + length && bit_of(mask, j - new_word) &&
              (!bit_of(rest, j - new_word) || j == new_word + k) ==>
              arena[j] == relocated(\at(arena[j - new_word + old_word], Pre), move); */
        rest = without_bit(rest, k);
    }
}

/* The words under one word of the bitmap. */
/*@ requires words:  places_apart(arena, count, old_word, new_word) && 32 * part < count && move_possible(move);
    requires marks:  \valid_read(marks + (0 .. (count + 31) / 32 - 1)) &&
                       \separated(marks + (0 .. (count + 31) / 32 - 1), arena + (new_word .. new_word + count - 1));
    requires beyond: \forall integer k; count <= k < 32 * ((count + 31) / 32) ==> !marked(marks, k);
    assigns  arena[new_word + 32 * part .. new_word + count - 1];
    ensures  moved:  \forall integer k; new_word + 32 * part <= k < new_word + count &&
                       k < new_word + 32 * part + 32 && marked(marks, k - new_word) ==>
                       arena[k] == relocated(\old(arena[k - new_word + old_word]), move);
    ensures  kept:   \forall integer k; new_word + 32 * part <= k < new_word + count &&
                       (k >= new_word + 32 * part + 32 || !marked(marks, k - new_word)) ==>
                       arena[k] == \old(arena[k]); */
static inline void adjust_at(uint64_t *arena, const uint32_t *marks, uint64_t old_word,
                             uint64_t new_word, struct stack_move move,
                             uint64_t part) /*@ ghost (uint64_t count) */
{
    uint32_t mask = marks[part];
    //@ assert place: \forall integer k; 0 <= k <= 31 ==> (32 * part + k) / 32 == part && (32 * part + k) % 32 == k;
    //@ assert bits: \forall integer k; 0 <= k <= 31 ==> (marked(marks, 32 * part + k) <==> bit_of(mask, k));
    /*@ assert words: \forall integer k; new_word + 32 * part <= k < new_word + 32 * part + 32 ==>
          (marked(marks, k - new_word) <==> bit_of(mask, k - new_word - 32 * part)); */
    //@ ghost uint64_t left = count - 32 * part;
    //@ ghost uint32_t length = left < 32 ? (uint32_t)left : 32;
    //@ assert inside: \forall integer k; 0 <= k <= 31 && bit_of(mask, k) ==> k < length;
    adjust_part(arena, mask, old_word + 32 * part, new_word + 32 * part,
                move) /*@ ghost (length) */;
}

/* COPY-4: what is marked is relocated, the rest stays as it was copied. */
/*@ requires words:  places_apart(arena, count, old_word, new_word);
    requires marks:  \valid_read(marks + (0 .. (count + 31) / 32 - 1)) &&
                       \separated(marks + (0 .. (count + 31) / 32 - 1), arena + (new_word .. new_word + count - 1));
    requires beyond: \forall integer k; count <= k < 32 * ((count + 31) / 32) ==> !marked(marks, k);
    requires move:   move_possible(move);
    assigns  arena[new_word .. new_word + count - 1];
    ensures  moved:  \forall integer k; new_word <= k < new_word + count && marked(marks, k - new_word) ==>
                       arena[k] == relocated(\old(arena[k - new_word + old_word]), move);
    ensures  kept:   \forall integer k; new_word <= k < new_word + count && !marked(marks, k - new_word) ==>
                       arena[k] == \old(arena[k]); */
static void adjust_words(uint64_t *arena, const uint32_t *marks, uint64_t count, uint64_t old_word,
                         uint64_t new_word, struct stack_move move)
{
    uint64_t parts = (count + 31) / 32;
    /*@ loop invariant bound: 0 <= part <= parts;
        loop invariant moved: \forall integer k; new_word <= k < new_word + count && k < new_word + 32 * part &&
                                marked(marks, k - new_word) ==>
                                arena[k] == relocated(\at(arena[k - new_word + old_word], Pre), move);
        loop invariant kept:  \forall integer k; new_word <= k < new_word + count && k < new_word + 32 * part &&
                                !marked(marks, k - new_word) ==> arena[k] == \at(arena[k], Pre);
        loop invariant later: \forall integer k; new_word + 32 * part <= k < new_word + count ==>
                                arena[k] == \at(arena[k], Pre);
        loop invariant old:   \forall integer k; old_word <= k < old_word + count ==> arena[k] == \at(arena[k], Pre);
        loop assigns part, arena[new_word .. new_word + count - 1];
        loop variant parts - part; */
    for (uint64_t part = 0; part < parts; part++) {
        adjust_at(arena, marks, old_word, new_word, move, part) /*@ ghost (count) */;
    }
}

void words_move(uint64_t *arena, const uint32_t *marks, uint64_t count, uint64_t old_word,
                uint64_t new_word, uint64_t old_lo, uint64_t old_sp, uint64_t old_hi,
                uint64_t new_hi)
{
    struct stack_move move = {old_lo, old_sp, old_hi, new_hi};
    copy_apart(arena + new_word, arena + old_word, count) /*@ ghost (arena, old_word, new_word) */;
    //@ assert stay: \forall integer k; old_word <= k < old_word + count ==> arena[k] == \at(arena[k], Pre);
    adjust_words(arena, marks, count, old_word, new_word, move);
}
