/* stack_check.c: checkers that decide the specification's predicates. */
#include "src/core/move/stack_check.h"

/* The slot at which a look-up of this site ends, or SITE_SLOTS if it ends elsewhere. */
/*@ requires site:  site < sites_count <= SITES_MAX && 0 <= sites[site].pc;
    requires index: \forall integer slot; 0 <= slot < SITE_SLOTS ==> 0 <= site_index[slot] <= sites_count;
    assigns  \nothing;
    ensures  range: \result <= SITE_SLOTS;
    ensures  found: \result < SITE_SLOTS ==> site_found_at(site, \result);
    ensures  only:  \forall integer slot; site_found_at(site, slot) ==> slot == \result; */
static uint32_t slot_of_site(uint32_t site)
{
    int32_t pc = sites[site].pc;
    uint32_t slot = site_home_of(pc);
    /*@ loop invariant bound:  site_home(pc) <= slot <= SITE_SLOTS;
        loop invariant before: \forall integer k; site_home(pc) <= k < slot ==>
                                 1 <= site_index[k] <= site && sites[site_index[k] - 1].pc != pc;
        loop assigns slot;
        loop variant SITE_SLOTS - slot; */
    while (slot < SITE_SLOTS && site_index[slot] != (int32_t)(site + 1)) {
        int32_t other = site_index[slot];
        if (other == 0 || other > (int32_t)site || sites[other - 1].pc == pc)
            return SITE_SLOTS;
        slot++;
    }
    return slot;
}

/* Are the numbers in the index those of sites? */
/*@ requires count:   sites_count <= SITES_MAX;
    assigns  \nothing;
    ensures  decides: \result <==> \forall integer slot; 0 <= slot < SITE_SLOTS ==>
                        0 <= site_index[slot] <= sites_count; */
static bool index_in_range(void)
{
    /*@ loop invariant range: 0 <= slot <= SITE_SLOTS && \forall integer k; 0 <= k < slot ==>
                                0 <= site_index[k] <= sites_count;
        loop assigns slot;
        loop variant SITE_SLOTS - slot; */
    for (uint32_t slot = 0; slot < SITE_SLOTS; slot++) {
        if (site_index[slot] < 0 || site_index[slot] > (int32_t)sites_count)
            return false;
    }
    return true;
}

/*@ requires site:    site < sites_count <= SITES_MAX && site_map_count <= SITE_MAP_WORDS;
    requires index:   \forall integer slot; 0 <= slot < SITE_SLOTS ==> 0 <= site_index[slot] <= sites_count;
    assigns  \nothing;
    ensures  decides: \result <==> site_checked(site); */
static bool site_ok(uint32_t site)
{
    int32_t end = site_map_ends[site];
    if (end < 0 || (uint32_t)end > site_map_count)
        return false;
    if (site > 0 && site_map_ends[site - 1] > end)
        return false;
    if (!site_well_formed((int32_t)site, (uint32_t)end))
        return false;
    return slot_of_site(site) < SITE_SLOTS;
}

/*@ requires slot:    slot < SITE_SLOTS && sites_count <= SITES_MAX;
    requires index:   \forall integer k; 0 <= k < SITE_SLOTS ==> 0 <= site_index[k] <= sites_count;
    requires sites:   \forall integer site; 0 <= site < sites_count ==> 0 <= sites[site].pc;
    assigns  \nothing;
    ensures  decides: \result <==> slot_of_index_checked(slot); */
static bool index_slot_ok(uint32_t slot)
{
    uint32_t number = (uint32_t)site_index[slot];
    if (number == 0)
        return true;
    return slot < SITE_HOMES + number && slot_of_site(number - 1) == slot;
}

bool sites_ok(void)
{
    if (sites_count > SITES_MAX || site_map_count > SITE_MAP_WORDS || !index_in_range())
        return false;
    /*@ loop invariant sites: 0 <= site <= sites_count && \forall integer k; 0 <= k < site ==> site_checked(k);
        loop assigns site;
        loop variant sites_count - site; */
    for (uint32_t site = 0; site < sites_count; site++) {
        if (!site_ok(site))
            return false;
    }
    /*@ loop invariant slots: 0 <= slot <= SITE_SLOTS && \forall integer k; 0 <= k < slot ==> slot_of_index_checked(k);
        loop assigns slot;
        loop variant SITE_SLOTS - slot; */
    for (uint32_t slot = 0; slot < SITE_SLOTS; slot++) {
        if (!index_slot_ok(slot))
            return false;
    }
    return site_map_count == (sites_count == 0 ? 0 : (uint32_t)site_map_ends[sites_count - 1]);
}

bool stack_ok(const uint64_t *arena, const struct goroutine_stack *g)
{
    if (check_registers(g).status != STACK_OK)
        return false;
    if (g->outside != NULL && !outside_ok(g->outside, g->lo, g->sched.sp, g->hi))
        return false;
    struct stack_words at = words_of_stack(arena_base, g->lo, g->sched.sp, g->hi);
    return check_frames(arena, at, g->sched.pc).status == STACK_OK;
}

/* The words, by the marks. */
/*@ requires words:   count <= LARGEST_STACK_WORDS && old_word + count <= WORD_LIMIT &&
                      new_word + count <= WORD_LIMIT &&
                        \valid_read(copy + (old_word .. old_word + count - 1)) &&
                        \valid_read(words + (new_word .. new_word + count - 1));
    requires move:    move_possible(move);
    requires marks:   \valid_read(marks + (0 .. MARK_WORDS - 1));
    assigns  \nothing;
    ensures  decides: \result <==> \forall integer word; new_word <= word < new_word + count ==>
                        (marked(marks, word - new_word) ==>
                           words[word] == relocated(copy[old_place(word, old_word, new_word)], move)) &&
                        (!marked(marks, word - new_word) ==>
                           words[word] == copy[old_place(word, old_word, new_word)]); */
static bool words_same(const uint64_t *copy, const uint64_t *words, const uint32_t *marks,
                       struct stack_move move, uint64_t count, uint64_t old_word, uint64_t new_word)
{
    /*@ loop invariant same: 0 <= k <= count && \forall integer word; new_word <= word < new_word + k ==>
                               (marked(marks, word - new_word) ==>
                                  words[word] == relocated(copy[old_place(word, old_word, new_word)], move)) &&
                               (!marked(marks, word - new_word) ==>
                                  words[word] == copy[old_place(word, old_word, new_word)]);
        loop assigns k;
        loop variant count - k; */
    for (uint64_t k = 0; k < count; k++) {
        uint64_t value = copy[old_word + k];
        uint64_t wanted =
            bit_is_set(marks[k / 32], (uint32_t)(k % 32)) ? relocate(value, move) : value;
        //@ assert here: old_place(new_word + k, old_word, new_word) == old_word + k;
        if (words[new_word + k] != wanted)
            return false;
    }
    return true;
}

/* The words, by the frames that pass 1 marked. */
/*@ requires words:   count <= LARGEST_STACK_WORDS && old_word + count <= WORD_LIMIT &&
                      new_word + count <= WORD_LIMIT &&
                        \valid_read(copy + (old_word .. old_word + count - 1)) &&
                        \valid_read(words + (new_word .. new_word + count - 1));
    requires move:    move_possible(move);
    requires marks:   \valid_read(marks + (0 .. MARK_WORDS - 1));
    requires marked:  \forall integer word; old_word <= word < old_word + count ==>
                        (marked(marks, word - old_word) <==> copy_holds_pointer(copy, old, word));
    requires apart:   \separated(copy + (..), SITE_TABLE_PLACES) && \separated(words + (..), SITE_TABLE_PLACES) &&
                        \separated(marks + (..), SITE_TABLE_PLACES) && \separated(old + (..), SITE_TABLE_PLACES);
    assigns  \nothing;
    ensures  decides: \result <==> pointers_seen_moved(copy, words, old, move, old_word, new_word, count) &&
                        others_seen_copied(copy, words, old, old_word, new_word, count); */
static bool words_moved_ok(const uint64_t *copy, const uint64_t *words, const uint32_t *marks,
                           struct stack_move move, uint64_t count, uint64_t old_word,
                           uint64_t new_word)
/*@ ghost (const struct goroutine_stack *old) */ {
    /*@ assert bits: \forall integer word; new_word <= word < new_word + count ==>
          (marked(marks, word - new_word) <==> copy_holds_pointer(copy, old, old_place(word, old_word, new_word))); */
    return words_same(copy, words, marks, move, count, old_word, new_word);
}

bool stack_same_after_move(const uint64_t *copy, const uint64_t *words, uint64_t base,
                           uint32_t *marks, const struct goroutine_stack *old,
                           const struct goroutine_stack *now)
{
    if (check_registers(old).status != STACK_OK || now->hi - now->lo < old->hi - old->sched.sp)
        return false;
    struct stack_words at = words_of_stack(old->lo, old->lo, old->sched.sp, old->hi);
    struct stack_move move = {old->lo, old->sched.sp, old->hi, now->hi};
    struct stack_fault found = mark_frames(copy, marks, at, old->sched.pc);
    //@ assert sound: found.status == STACK_OK <==> copy_sound{Pre}(copy, old);
    if (found.status != STACK_OK)
        return false;
    /*@ assert marks: \forall integer word; at.top <= word < at.end ==>
          (marked(marks, word - at.top) <==> copy_holds_pointer(copy, old, word)); */
    if (now->sched.sp != now->hi - (old->hi - old->sched.sp))
        return false;
    if (now->sched.pc != old->sched.pc || now->sched.bp != relocate(old->sched.bp, move))
        return false;
    if (now->sched.ctxt != relocate(old->sched.ctxt, move))
        return false;
    uint64_t count = at.end - at.top;
    uint64_t new_word = (now->sched.sp - base) / 8;
    int same = words_moved_ok(copy, words, marks, move, count, at.top, new_word) /*@ ghost (old) */;
    /*@ assert this: \forall struct stack_move other, integer from, integer to, integer run;
          old_as_moved(old, now, other) && old_places(old, now, base, from, to, run) ==>
          other == move && from == at.top && to == new_word && run == count; */
    //@ assert all: same != 0 <==> words_seen_moved(copy, words, base, old, now);
    return same;
}
