/* laws_copy.c: what follows from the contracts of the copy side, each law a function whose contract is the theorem.
 *
 * Nothing here runs: the functions are proved, and compiled so that they stay C. */
#include "src/core/move/growstack.h"
#include "src/core/move/outside.h"
#include "src/core/move/stack_check.h"

/* ---- Sizes */

/* What a prologue compares (PROLOGUE-1, PROLOGUE-2): a frame of at most 128 bytes counts as one of 128, and the
 * stack must be left with more than the guard less 128. */
/*@ logic integer reach(integer frame) = frame < STACK_SMALL_BYTES ? STACK_SMALL_BYTES : frame;

    predicate needs_growth(integer size, integer used, integer frame) =
      size - used - reach(frame) <= STACK_GUARD_BYTES - STACK_SMALL_BYTES; */

/*@ ghost
    /@ requires times:    0 <= times <= 64;
       assigns  \nothing;
          ensures  power:    doubled(size, times) == size * power_of_two(times);
       ensures  positive: power_of_two(times) >= 1; @/
    void law_doubling_is_a_power_of_two(uint64_t size, uint32_t times)
    {
      uint32_t k = 0;
      /@ loop invariant power: 0 <= k <= times && doubled(size, k) == size * power_of_two(k) && power_of_two(k) >= 1;
         loop assigns k;
         loop variant times - k; @/
      while (k < times) k++;
    } */

/*@ ghost
    /@ assigns  \nothing;
          ensures  twice: \forall integer k; 1 <= k <= 64 ==> doubled(size, k) >= 2 * size; @/
    void law_a_doubling_is_twice_or_more(uint64_t size)
    {
      uint32_t k = 1;
      /@ loop invariant twice: 1 <= k <= 64 && \forall integer j; 1 <= j <= k ==> doubled(size, j) >= 2 * size;
         loop assigns k;
         loop variant 64 - k; @/
      while (k < 64) {
        k++;
        /@ assert next: doubled(size, k) == 2 * doubled(size, k - 1); @/
      }
    } */

/* GROW-2: a stack grows by a power of two, and what asked then fits. */
/*@ requires size:  0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns  \nothing;
    ensures  power: \result != 0 ==> \exists integer times; 1 <= times <= 64 &&
                      \result == old_size * power_of_two(times);
    ensures  room:  \result != 0 ==> has_room(\result, used, frame); */
uint64_t law_growth_by_a_power_of_two(uint64_t old_size, uint64_t used, uint64_t frame,
                                      uint64_t maximum);

uint64_t law_growth_by_a_power_of_two(uint64_t old_size, uint64_t used, uint64_t frame,
                                      uint64_t maximum)
{
    uint64_t size = newstack_size(old_size, used, frame, maximum);
    /*@ ghost
        uint32_t k = 1;
        /@ loop invariant power: 1 <= k <= 65 && \forall integer j; 1 <= j < k ==>
             doubled(old_size, j) == old_size * power_of_two(j);
           loop assigns k;
           loop variant 65 - k; @/
        while (k <= 64) {
          law_doubling_is_a_power_of_two(old_size, k);
          k++;
        } */
    return size;
}

/* GROW-7, the step: if no more was copied up to a size than that size, this is so after a growth. */
/*@ requires size:   0 < old_size <= LARGEST_STACK_BYTES && used <= old_size;
    assigns  \nothing;
    ensures  copied: \result != 0 ==> \forall integer copied; copied <= old_size ==> copied + used <= \result;
    ensures  twice:  \result != 0 ==> 2 * old_size <= \result <= LARGEST_STACK_BYTES; */
uint64_t law_growth_step(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum);

uint64_t law_growth_step(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum)
{
    //@ ghost law_a_doubling_is_twice_or_more(old_size);
    return newstack_size(old_size, used, frame, maximum);
}

/* GROW-7: all growths of a stack, whatever it uses at each and whatever frames ask, copy at most twice the bytes of
 * the size that they end with; indeed no more than that size. */
/*@ requires size:   0 < size <= LARGEST_STACK_BYTES;
    requires calls:  \valid_read(used + (0 .. count - 1)) && \valid_read(frames + (0 .. count - 1));
    requires result: \valid(copied) && \separated(copied, used + (0 .. count - 1)) &&
                       \separated(copied, frames + (0 .. count - 1));
    assigns  *copied;
    ensures  copied: *copied <= \result;
    ensures  twice:  *copied <= 2 * \result; */
uint64_t law_amortised_growth(uint64_t size, uint64_t maximum, const uint64_t *used,
                              const uint64_t *frames, uint32_t count, uint64_t *copied);

uint64_t law_amortised_growth(uint64_t size, uint64_t maximum, const uint64_t *used,
                              const uint64_t *frames, uint32_t count, uint64_t *copied)
{
    *copied = 0;
    /*@ loop invariant copied: *copied <= size && 0 < size <= LARGEST_STACK_BYTES;
        loop invariant calls:  0 <= i <= count;
        loop assigns i, size, *copied;
        loop variant count - i; */
    for (uint32_t i = 0; i < count; i++) {
        if (used[i] > size)
            return size;
        uint64_t next = law_growth_step(size, used[i], frames[i], maximum);
        if (next == 0)
            return size;
        *copied += used[i];
        size = next;
    }
    return size;
}

/* GROW-8: after a growth for a call, neither this call nor the same call after its return needs another; and the
 * quarter rule halves the stack neither in the call, nor after the return if the frame is no large part of it. */
/*@ requires size:    FIXED_STACK_BYTES <= old_size <= LARGEST_STACK_BYTES && used <= old_size;
    requires frame:   0 < frame;
    requires needed:  needs_growth(old_size, used, frame);
    assigns  \nothing;
    ensures  again:   \result != 0 ==> !needs_growth(\result, used, frame);
    ensures  in_call: \result != 0 ==> !shrink_due(\result, used + frame);
    ensures  after:   \result != 0 && frame + STACK_GUARD_BYTES - STACK_NOSPLIT_BYTES <= \result / 4 ==>
                        !shrink_due(\result, used); */
uint64_t law_no_hot_split(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum);

uint64_t law_no_hot_split(uint64_t old_size, uint64_t used, uint64_t frame, uint64_t maximum)
{
    uint64_t size = newstack_size(old_size, used, frame, maximum);
    //@ ghost law_a_doubling_is_twice_or_more(old_size);
    /*@ assert halves: size != 0 ==> \forall integer times; 1 <= times <= 64 && size == doubled(old_size, times) ==>
          size == 2 * doubled(old_size, times - 1); */
    /*@ assert half: size != 0 ==> size / 2 == old_size || !has_room(size / 2, used, frame); */
    //@ assert full: size != 0 ==> used + frame + STACK_GUARD_BYTES >= size / 2;
    return size;
}

/* SHRINK-2: after a shrink, a call that needs a growth reaches more than a quarter of the former size deeper into the
 * stack than what was in use; a frame of less than 128 bytes reaches as deep as one of 128. */
/*@ requires size:   0 < size <= LARGEST_STACK_BYTES && used <= size;
    assigns  \nothing;
    ensures  deeper: \result != size ==> \forall integer then, frame; needs_growth(\result, then, frame) ==>
                       then + reach(frame) + STACK_SYSTEM_BYTES > used + size / 4; */
uint64_t law_shrink_leaves_a_quarter(uint64_t size, uint64_t used);

uint64_t law_shrink_leaves_a_quarter(uint64_t size, uint64_t used)
{
    return shrinkstack_size(size, used);
}

/* GROW-2, SHRINK-1: a stack that was halved and must hold what fitted before gets its former size. */
/*@ requires size:   0 < size <= LARGEST_STACK_BYTES && size <= maximum && size % 2 == 0;
    requires used:   used <= size / 2;
    requires fitted: has_room(size, used, frame);
    assigns  \nothing;
    ensures  former: \result == size; */
uint64_t law_growth_undoes_shrink(uint64_t size, uint64_t used, uint64_t frame, uint64_t maximum);

uint64_t law_growth_undoes_shrink(uint64_t size, uint64_t used, uint64_t frame, uint64_t maximum)
{
    //@ ghost law_a_doubling_is_twice_or_more(size / 2);
    //@ assert once: doubled(size / 2, 1) == 2 * (size / 2) == size;
    return newstack_size(size / 2, used, frame, maximum);
}

/* ---- Places */

/* COPY-1, COPY-2: two addresses of the used part keep their distance, and so their order and their alignment to
 * each other. */
/*@ requires move:     move_possible(move);
    requires used:     moves(lower, move) && moves(upper, move) && lower <= upper;
    assigns  \nothing;
    ensures  distance: \result == upper - lower; */
uint64_t law_distance_is_kept(uint64_t lower, uint64_t upper, struct stack_move move);

uint64_t law_distance_is_kept(uint64_t lower, uint64_t upper, struct stack_move move)
{
    return relocate(upper, move) - relocate(lower, move);
}

/* COPY-2: a moved address lies in the used part of the new stack. */
/*@ requires move:   move_possible(move);
    requires used:   moves(value, move);
    assigns  \nothing;
    ensures  placed: move.new_hi - (move.old_hi - move.old_sp) <= \result < move.new_hi; */
uint64_t law_moved_is_in_the_new_stack(uint64_t value, struct stack_move move);

uint64_t law_moved_is_in_the_new_stack(uint64_t value, struct stack_move move)
{
    return relocate(value, move);
}

/* COPY-2: an address that is moved there and back is the same. */
/*@ requires move: move_possible(move);
    requires used: moves(value, move);
    requires low:  new_lo <= move.new_hi - (move.old_hi - move.old_sp);
    assigns  \nothing;
    ensures  same: \result == value; */
uint64_t law_move_back_undoes_move(uint64_t value, uint64_t new_lo, struct stack_move move);

uint64_t law_move_back_undoes_move(uint64_t value, uint64_t new_lo, struct stack_move move)
{
    struct stack_move back = {new_lo, move.new_hi - (move.old_hi - move.old_sp), move.new_hi,
                              move.old_hi};
    return relocate(relocate(value, move), back);
}

/* COPY-2: two moves are one: from the first stack to the third. */
/*@ requires first:  move_possible(first);
    requires second: move_possible(second) && second.old_hi == first.new_hi &&
                       second.old_sp == first.new_hi - (first.old_hi - first.old_sp);
    requires used:   moves(value, first);
    assigns  \nothing;
    ensures  one:    \result == second.new_hi - (first.old_hi - value); */
uint64_t law_two_moves_are_one(uint64_t value, struct stack_move first, struct stack_move second);

uint64_t law_two_moves_are_one(uint64_t value, struct stack_move first, struct stack_move second)
{
    return relocate(relocate(value, first), second);
}

/* COPY-3: one past the end, and every value outside of the old stack, stays; the end itself is outside. */
/*@ requires move:    move_possible(move);
    requires outside: value < move.old_lo || value >= move.old_hi;
    assigns  \nothing;
    ensures  same:    \result == value; */
uint64_t law_outside_value_stays(uint64_t value, struct stack_move move);

uint64_t law_outside_value_stays(uint64_t value, struct stack_move move)
{
    return relocate(value, move);
}

/* COPY-3: one past the end of the stack stays. */
/*@ requires move: move_possible(move);
    assigns  \nothing;
    ensures  same: \result == move.old_hi; */
uint64_t law_one_past_the_end_stays(struct stack_move move);

uint64_t law_one_past_the_end_stays(struct stack_move move)
{
    return law_outside_value_stays(move.old_hi, move);
}

/* COPY-11: no value but one past the end, whatever it was, refers to the old stack after a move to another. */
/*@ requires move: move_possible(move) && stacks_apart(move) && move.old_lo > 0;
    assigns  \nothing;
    ensures  left: !refers(\result, move.old_lo, move.old_hi); */
uint64_t law_none_refers_to_the_old_stack(uint64_t value, struct stack_move move);

uint64_t law_none_refers_to_the_old_stack(uint64_t value, struct stack_move move)
{
    return relocate(value, move);
}

/* ---- Sites */

/*@ ghost
    /@ requires checked: sites_checked;
       assigns  site_place[0 .. SITES_MAX - 1];
       exits    \false;
       ensures  placed:  \forall integer slot; 0 <= slot < SITE_SLOTS && site_index[slot] != 0 ==>
                           site_place[site_index[slot] - 1] == slot; @/
    void sites_get_places(void)
    {
      uint32_t slot = 0;
      /@ loop invariant bound:  0 <= slot <= SITE_SLOTS;
         loop invariant placed: \forall integer k; 0 <= k < slot && site_index[k] != 0 ==>
                                  site_place[site_index[k] - 1] == k;
         loop assigns slot, site_place[0 .. SITES_MAX - 1];
         loop variant SITE_SLOTS - slot; @/
      while (slot < SITE_SLOTS) {
        int32_t number = site_index[slot];
        if (number != 0) {
          /@ assert alone: \forall integer k; 0 <= k < slot ==> site_index[k] != number; @/
          site_place[number - 1] = (int32_t)slot;
        }
        slot++;
      }
    } */

/*@ ghost
    /@ requires checked: sites_checked;
       requires placed:  \forall integer slot; 0 <= slot < SITE_SLOTS && site_index[slot] != 0 ==>
                           site_place[site_index[slot] - 1] == slot;
       assigns  \nothing;
       exits    \false;
       ensures  each:    \forall integer site; 0 <= site < sites_count ==> site_found_at(site, site_place[site]);
       ensures  grow:    \forall integer a, b; 0 <= a <= b < sites_count ==> site_map_ends[a] <= site_map_ends[b]; @/
    void sites_are_found_in_their_places(void)
    {
      /@ assert found: \forall integer site, place; 0 <= site < sites_count && site_found_at(site, place) ==>
           site_place[site] == place; @/
      uint32_t site = 0;
      /@ loop invariant each: 0 <= site <= sites_count &&
           \forall integer k; 0 <= k < site ==> site_found_at(k, site_place[k]);
         loop invariant grow: \forall integer a, b; 0 <= a <= b < site ==> site_map_ends[a] <= site_map_ends[b];
         loop assigns site;
         loop variant sites_count - site; @/
      while (site < sites_count) {
        /@ assert checked: site_checked(site) && (site > 0 ==> site_map_ends[site - 1] <= site_map_ends[site]); @/
        /@ assert place: \exists integer place; site_found_at(site, place); @/
        /@ assert last: \forall integer a; 0 <= a < site ==> site_map_ends[a] <= site_map_ends[site]; @/
        site++;
      }
    } */

/*@ ghost
    /@ requires each:     \forall integer site; 0 <= site < sites_count ==> site_found_at(site, site_place[site]);
       assigns  \nothing;
       exits    \false;
       ensures  distinct: sites_distinct(sites_count); @/
    void found_sites_are_distinct(void)
    {
      /@ assert after: \forall integer a, b; 0 <= a < b < sites_count && sites[a].pc == sites[b].pc ==>
           !(site_place[b] < site_place[a]); @/
      /@ assert before: \forall integer a, b; 0 <= a < b < sites_count && sites[a].pc == sites[b].pc ==>
           !(site_place[a] < site_place[b]); @/
    } */

/* CHECK-1: what the checker accepts is a sound table, with each site in the slot in which a look-up ends. */
/*@ ghost
    /@ requires checked: sites_checked;
       assigns  site_place[0 .. SITES_MAX - 1];
       exits    \false;
       ensures  sound:   site_table_ok; @/
    void law_checked_sites_are_sound(void)
    {
      sites_get_places();
      sites_are_found_in_their_places();
      found_sites_are_distinct();
      /@ assert sites: sites_sound(sites_count); @/
      /@ assert ends: map_ends_grow(sites_count, site_map_count); @/
      /@ assert bounded: index_bounded(sites_count); @/
      /@ assert complete: index_complete(sites_count); @/
    } */

/* CHECK-1: and the checker accepts every sound table. */
/*@ ghost
    /@ requires sound:   site_table_ok;
       assigns  \nothing;
       exits    \false;
       ensures  checked: sites_checked; @/
    void law_sound_sites_are_checked(void)
    {
      /@ assert entries: \forall integer site, slot; 0 <= site < sites_count && site_place[site] == slot ==>
           site_found_at(site, slot); @/
    } */

/* SITE-7: after a registration each return address of the given table finds its row, and a bit of the masks that the
 * core reads is set exactly if it is set in the given maps. */
/*@ requires table:  site_table_ok;
    requires input:  \valid_read(table + (0 .. count - 1)) && \valid_read(maps + (0 .. map_words - 1));
    requires apart:  \separated(table + (..), SITE_TABLE_PLACES) && \separated(maps + (..), SITE_TABLE_PLACES);
    assigns  SITE_TABLE, sites_text_base;
    ensures  found:  \result == STACK_OK ==> \forall integer k; 0 <= k < count ==>
                       site_with_pc(sites_count, table[k].pc) == k;
    ensures  frames: \result == STACK_OK ==> \forall integer k; 0 <= k < count ==>
                       sites[k].frame_words == table[k].frame_words && sites[k].span_words == table[k].span_words &&
                       sites[k].bottom == table[k].bottom;
    ensures  live:   \result == STACK_OK ==> \forall integer k, word; 0 <= k < count &&
                       0 <= word < table[k].span_words ==>
                       (live_bit(sites[k], word) <==> given_live_bit(table[k], maps, word));
    ensures  object: \result == STACK_OK ==> \forall integer k, word; 0 <= k < count &&
                       0 <= word < table[k].span_words ==>
                       (object_bit(sites[k], word) <==> given_object_bit(table[k], maps, word)); */
enum stack_status law_registered_maps_are_given(const struct site *table, uint32_t count,
                                                const int32_t *maps, uint32_t map_words,
                                                uint64_t text_base);

enum stack_status law_registered_maps_are_given(const struct site *table, uint32_t count,
                                                const int32_t *maps, uint32_t map_words,
                                                uint64_t text_base)
{
    enum stack_status status = sites_register(table, count, maps, map_words, text_base);
    uint32_t registered = status == STACK_OK ? count : 0;
    /*@ loop invariant range:  0 <= k <= registered;
        loop invariant found:  \forall integer j; 0 <= j < k ==> site_with_pc(sites_count, table[j].pc) == j;
        loop invariant live:   \forall integer j, word; 0 <= j < k && 0 <= word < table[j].span_words ==>
                                 (live_bit(sites[j], word) <==> given_live_bit(table[j], maps, word));
        loop invariant object: \forall integer j, word; 0 <= j < k && 0 <= word < table[j].span_words ==>
                                 (object_bit(sites[j], word) <==> given_object_bit(table[j], maps, word));
        loop assigns k;
        loop variant registered - k; */
    for (uint32_t k = 0; k < registered; k++) {
        //@ assert row: row_stored(sites[k], table[k], 0) && site_sound(sites[k], site_map_ends[k]);
        //@ ghost site_is_found(k);
        //@ ghost stored_masks_are_given(sites[k], table[k], maps, 0, map_words);
    }
    return status;
}

/* ---- Slots of channel operations */

/* GO-1, OUTSIDE-5: Go 1.12 to 1.27 findsghi, for one sudog: the end of its slot if that lies in [lo, hi). */
/*@ requires end:  waiting.element.vu + waiting.size <= 18446744073709551615;
    assigns  \nothing;
    ensures  rule: lo <= waiting.element.vu + waiting.size < hi ==> \result == waiting.element.vu + waiting.size;
    ensures  none: !(lo <= waiting.element.vu + waiting.size < hi) ==> \result == 0; */
static uint64_t go_findsghi(struct sudog waiting, uint64_t lo, uint64_t hi)
{
    uint64_t end = waiting.element.vu + waiting.size;
    return lo <= end && end < hi ? end : 0;
}

/* GO-1: by Go's rule, a slot of eight bytes in the heap that ends at 0x10000, where a stack of 2 KiB with 256 bytes in
 * use begins, is waiting on that stack.  The length sghi - sp, which must be from 0 to 256, is -1792. */
/*@ assigns  \nothing;
    ensures  found:    \result != 0;
    ensures  negative: \result - 0x10700 == -1792;
    ensures  broken:   !(0 <= \result - 0x10700 <= 0x10800 - 0x10700); */
uint64_t law_go_findsghi_is_wrong(void);

uint64_t law_go_findsghi_is_wrong(void)
{
    struct sudog in_the_heap = {{0xfff8, 0xfff8}, 8};
    return go_findsghi(in_the_heap, 0x10000, 0x10800);
}

/* GO-1: so it is for every stack that does not begin at its stack pointer, and for every such slot. */
/*@ requires stack: 0 < size <= lo < hi;
    assigns  \nothing;
    ensures  found: \result != 0;
    ensures  below: \forall integer sp; lo < sp <= hi ==> \result - sp < 0; */
uint64_t law_go_findsghi_is_always_wrong(uint64_t size, uint64_t lo, uint64_t hi);

uint64_t law_go_findsghi_is_always_wrong(uint64_t size, uint64_t lo, uint64_t hi)
{
    struct sudog below = {{lo - size, lo - size}, size};
    return go_findsghi(below, lo, hi);
}

/* OUTSIDE-5: with us no slot counts that ends below the stack pointer, so not that one. */
/*@ requires records: outside_readable(outside) && outside->sudogs_count == 1;
    requires stack:   sp <= hi;
    requires below:   outside->sudogs[0].element.vu + outside->sudogs[0].size < sp;
    assigns  \nothing;
    ensures  none:    \result == 0; */
uint64_t law_slot_below_does_not_count(const struct outside *outside, uint64_t sp, uint64_t hi);

uint64_t law_slot_below_does_not_count(const struct outside *outside, uint64_t sp, uint64_t hi)
{
    return sgsize(outside, sp, hi);
}
