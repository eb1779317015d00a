/* bits.h: the few operations on bitmap words that the copy side is built from.
 *
 * Every one is stated bit by bit, so that callers never reason about shifts.  __builtin_ctz serves only as a
 * hint: the bit that it names is tested before it is used, so that nothing here trusts it.
 * Serves COPY-4.  Called by unwind.c (marking) and adjust.c (relocating marked words). */
#ifndef CONTIG_CORE_MOVE_BITS_H
#define CONTIG_CORE_MOVE_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include "spec/bits.acsl"

/*@ ghost
    /@ requires shift: shift <= 31;
       assigns \nothing;
       ensures bound: 0 <= (word << shift) <= 4294967295 * 2147483648;
       ensures power: (word << shift) == word * power_of_two(shift);
       ensures small: 1 <= power_of_two(shift) <= 2147483648; @/
    static inline void shift_is_bounded(uint32_t word, uint32_t shift) {
        uint32_t k = 0;
        /@ loop invariant grow: 0 <= k <= 31 && powers_grow(k) && 1 <= power_of_two(k);
           loop assigns k; loop variant 31 - k; @/
        while (k < 31) k++;
        /@ assert top: power_of_two(31) == 2147483648; @/
        k = 0;
        /@ loop invariant product: 0 <= k <= shift && (word << k) == word * power_of_two(k);
           loop assigns k; loop variant shift - k; @/
        while (k < shift) {
            /@ assert next: (word << (k + 1)) == ((word << k) << 1); @/
            k++;
        }
        /@ assert small: 1 <= power_of_two(shift) <= 2147483648; @/
        /@ assert bound: word * power_of_two(shift) <= word * 2147483648; @/
    }
*/

/* A map word as it stands in a site table, where C wants it signed, read as 32 bits. */
/*@ terminates \true;
    exits \false;
    assigns \nothing;
    ensures bits: \result == (word < 0 ? word + 4294967296 : word); */
static inline uint32_t unsigned_bits(int32_t word)
{
    return word < 0 ? (uint32_t)((int64_t)word + 4294967296) : (uint32_t)word;
}

/*@ requires position: position <= 31;
    assigns \nothing;
    ensures bit: \result <==> bit_of(word, position); */
static inline bool bit_is_set(uint32_t word, uint32_t position)
{
    return ((word >> position) & 1u) != 0;
}

/*@ ghost
    /@ requires set:   position <= 31 && bit_of(word, position);
       requires rest:  \forall integer k; 0 <= k <= 31 ==> (bit_of(rest, k) <==> bit_of(word, k) && k != position);
       assigns  \nothing;
       ensures  fewer: 0 <= bits_below(rest, 32) < bits_below(word, 32); @/
    static inline void bits_become_fewer(uint32_t word, uint32_t rest, uint32_t position) {
        uint32_t k = 0;
        /@ loop invariant below: 0 <= k <= 32 && 0 <= bits_below(rest, k) &&
             bits_below(word, k) == bits_below(rest, k) + (position < k ? 1 : 0);
           loop assigns k; loop variant 32 - k; @/
        while (k < 32) {
            /@ assert one: k != position ==> (bit_of(rest, k) <==> bit_of(word, k)); @/
            k++;
        }
    }
*/

/* Without a bit that is set: a loop that takes one bit after the other ends. */
/*@ requires set:     position <= 31 && bit_of(word, position);
    assigns \nothing;
    ensures  without: \forall integer k; 0 <= k <= 31 ==> (bit_of(\result, k) <==> bit_of(word, k) && k != position);
    ensures  fewer:   0 <= bits_below(\result, 32) < bits_below(word, 32); */
static inline uint32_t without_bit(uint32_t word, uint32_t position)
{
    //@ ghost shift_is_bounded(1, position);
    uint32_t rest = word ^ (1u << position);
    //@ ghost bits_become_fewer(word, rest, position);
    return rest;
}

/*@ ghost
    /@ requires position: k <= 31;
       assigns \nothing;
       ensures set: ((4294967295 >> k) & 1) == 1;
       ensures next: (word >> (k + 1)) == ((word >> k) >> 1); @/
    static inline void shifts_by_case(uint32_t word, uint32_t k) {
        if (k == 0) return; if (k == 1) return; if (k == 2) return; if (k == 3) return;
        if (k == 4) return; if (k == 5) return; if (k == 6) return; if (k == 7) return;
        if (k == 8) return; if (k == 9) return; if (k == 10) return; if (k == 11) return;
        if (k == 12) return; if (k == 13) return; if (k == 14) return; if (k == 15) return;
        if (k == 16) return; if (k == 17) return; if (k == 18) return; if (k == 19) return;
        if (k == 20) return; if (k == 21) return; if (k == 22) return; if (k == 23) return;
        if (k == 24) return; if (k == 25) return; if (k == 26) return; if (k == 27) return;
        if (k == 28) return; if (k == 29) return; if (k == 30) return; if (k == 31) return;
    }
*/

/*@ ghost
    /@ requires position: from <= 31 && (word >> from) == 0;
       assigns \nothing;
       ensures clear: \forall integer k; from <= k <= 31 ==> !bit_of(word, k); @/
    static inline void bits_end_here(uint32_t word, uint32_t from) {
        uint32_t k = from;
        /@ loop invariant clear: from <= k <= 32 && (word >> k) == 0 &&
             \forall integer j; from <= j < k ==> !bit_of(word, j);
           loop assigns k; loop variant 32 - k; @/
        while (k < 32) {
            shifts_by_case(word, k);
            k++;
        }
    }
*/

/* Are all bits from a position on 0?  Bit by bit only if they are not. */
/*@ requires position: from <= 31;
    assigns \nothing;
    ensures clear: \result <==> \forall integer k; from <= k <= 31 ==> !bit_of(word, k); */
static inline bool bits_are_clear_from(uint32_t word, uint32_t from)
{
    if (word >> from == 0) {
        //@ ghost bits_end_here(word, from);
        return true;
    }
    /*@ loop invariant clear: from <= k <= 31 && \forall integer j; from <= j < k ==> !bit_of(word, j);
        loop assigns k;
        loop variant 31 - k; */
    for (uint32_t k = from; k < 31; k++) {
        if (bit_is_set(word, k))
            return false;
    }
    return !bit_is_set(word, 31);
}

/* Any position will do; the lowest one that is set is the one that makes its callers fast. */
/*@ requires some: word != 0;
    assigns \nothing;
    ensures position: \result <= 31; */
static inline uint32_t likely_set_bit(uint32_t word)
{
    return (uint32_t)__builtin_ctz(word) & 31u;
}

/*@ assigns \nothing;
    ensures low: \forall integer k; 0 <= k <= 31 ==> (bit_of(\result, k) <==> bit_of(wide, k)); */
static inline uint32_t low_half(uint64_t wide)
{
    uint32_t low = (uint32_t)(wide & 4294967295u);
    /*@ ghost
        uint32_t k = 0;
        /@ loop invariant same: 0 <= k <= 32 && \forall integer j; 0 <= j < k ==> (bit_of(low, j) <==> bit_of(wide, j));
           loop assigns k; loop variant 32 - k; @/
        while (k < 32) {
            shifts_by_case(low, k);
            /@ assert one: bit_of(low, k) <==> bit_of(wide, k); @/
            k++;
        } */
    return low;
}

/* A word shifted up by less than 32 has a low and a high part: */
/*@ requires shift: shift <= 31;
    assigns \nothing;
    ensures part: \forall integer k; 0 <= k <= 31 ==>
                    (bit_of(\result, k) <==> shift <= k && bit_of(word, k - shift)); */
static inline uint32_t shifted_low(uint32_t word, uint32_t shift)
{
    //@ ghost shift_is_bounded(word, shift);
    return low_half((uint64_t)word << shift);
}

/*@ requires shift: shift <= 31;
    assigns \nothing;
    ensures part: \forall integer k; 0 <= k <= 31 ==>
                    (bit_of(\result, k) <==> k < shift && bit_of(word, k + 32 - shift)); */
static inline uint32_t shifted_high(uint32_t word, uint32_t shift)
{
    //@ ghost shift_is_bounded(word, shift);
    return (uint32_t)(((uint64_t)word << shift) >> 32);
}

#endif
