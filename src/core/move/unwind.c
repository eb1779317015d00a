/* unwind.c: the walk over the frames of a stopped stack. */
#include "src/core/move/unwind.h"

/*@ requires stack:   words_readable(words, at) && at.top <= word <= at.end && base == at.base && end == at.end;
    requires table:   site_table_ok && -1 <= site < sites_count;
    requires apart:   \separated(words + (..), SITE_TABLE_PLACES);
    assigns  \nothing;
    ensures  decides: \result <==> frame_fits(words, at.base, at.end, site, word); */
static inline bool frame_well_formed(const uint64_t *words, uint64_t base, uint64_t end,
                                     int32_t site, uint64_t word)
/*@ ghost (struct stack_words at) */ {
    if (site < 0)
        return false;
    uint64_t span = (uint64_t)sites[site].span_words;
    if (span > end - word)
        return false;
    if (sites[site].bottom != 0)
        return span == end - word;
    if (sites[site].bare != 0)
        return true;
    uint64_t place = word + (uint64_t)sites[site].frame_words;
    uint64_t saved = words[place];
    return saved == 0 || (base + 8 * place < saved && saved < base + 8 * end);
}

/*@ requires table:  site_table_ok;
    requires stack:  words_readable(arena, at) && at.base == arena_base;
    requires apart:  \separated(arena + (..), SITE_TABLE_PLACES, &arena_base);
    assigns  \nothing;
    ensures  place:  \result.sp == word_address(at.base, at.top) && \result.pc == pc;
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME;
    ensures  sound:  \result.status == STACK_OK ==> 0 <= \result.site < sites_count &&
                       frame_fits_at(arena, word_address(at.base, at.end), \result.site, \result.sp) &&
                       (\result.last != 0 <==> sites[\result.site].bottom != 0);
    ensures  bad:    \result.status != STACK_OK ==> !frame_fits(arena, at.base, at.end, site_at(pc), at.top); */
static struct unwound unwind_at(const uint64_t *arena, struct stack_words at, uint64_t pc)
{
    int32_t site = site_find(pc);
    struct unwound frame = {STACK_OK, site, 0, at.base + 8 * at.top, pc};
    if (!frame_well_formed(arena, at.base, at.end, site, at.top) /*@ ghost (at) */) {
        frame.status = STACK_BAD_FRAME;
        return frame;
    }
    frame.last = sites[site].bottom != 0;
    //@ assert end: (word_address(at.base, at.end) - arena_base) / 8 == at.end;
    //@ assert sp: (frame.sp - arena_base) / 8 == at.top;
    return frame;
}

struct unwound unwind_first(const uint64_t *arena, uint64_t lo, uint64_t hi, uint64_t sp,
                            uint64_t pc)
{
    if (sp < lo || sp > hi || (hi - sp) % 8 != 0) {
        struct unwound bad = {STACK_BAD_FRAME, -1, 0, sp, pc};
        return bad;
    }
    uint64_t word = (sp - arena_base) / 8;
    struct stack_words at = {arena_base, word, word, (hi - arena_base) / 8};
    //@ assert place: 8 * word == sp - arena_base && 8 * at.end == hi - arena_base;
    struct unwound frame = unwind_at(arena, at, pc);
    //@ assert hi: word_address(at.base, at.end) == hi && (hi - frame.sp) % 8 == 0;
    //@ assert sp: frame.sp - arena_base == 8 * at.top && (frame.sp - arena_base) / 8 == at.top;
    return frame;
}

struct unwound unwind_next(const uint64_t *arena, uint64_t hi, struct unwound frame)
{
    uint64_t saved = (frame.sp - arena_base) / 8 + (uint64_t)sites[frame.site].frame_words;
    struct stack_words at = {arena_base, saved + 2, saved + 2, (hi - arena_base) / 8};
    /*@ assert place: 8 * at.end == hi - arena_base &&
                      8 * saved == frame.sp - arena_base + 8 * sites[frame.site].frame_words; */
    struct unwound caller = unwind_at(arena, at, arena[saved + 1]);
    //@ assert hi: word_address(at.base, at.end) == hi;
    //@ assert sp: caller.sp - arena_base == 8 * at.top && (caller.sp - arena_base) / 8 == at.top;
    return caller;
}

/* Bit by bit, for any mask: is a pointer among these words stale?  Not inlined, so that the
 * walk keeps its registers. */
/*@ requires words: length <= 32 && word + length <= WORD_LIMIT &&
                    \valid_read(words + (word .. word + length - 1));
    requires mask:  \forall integer k; 0 <= k <= 31 && bit_of(mask, k) ==> k < length;
    assigns  \nothing;
    ensures  found: \result <==> \exists integer place; word <= place < word + 32 &&
                      bit_of(mask, place - word) && stale(words[place], lo, sp); */
__attribute__((noinline)) static bool words_stale_plain(const uint64_t *words, uint64_t word,
                                                        uint32_t mask, uint64_t lo, uint64_t sp)
/*@ ghost (uint32_t length) */ {
    /*@ loop invariant none: 0 <= k <= 32 && \forall integer place; word <= place < word + k &&
          bit_of(mask, place - word) ==> !stale(words[place], lo, sp);
        loop assigns k;
        loop variant 32 - k; */
    for (uint32_t k = 0; k < 32; k++) {
        if (bit_is_set(mask, k) && lo <= words[word + k] && words[word + k] < sp)
            return true;
    }
    return false;
}

/* The same, touching only the bits that are set. */
/*@ requires words: length <= 32 && word + length <= WORD_LIMIT &&
                    \valid_read(words + (word .. word + length - 1));
    requires mask:  \forall integer k; 0 <= k <= 31 && bit_of(mask, k) ==> k < length;
    assigns  \nothing;
    ensures  found: \result <==> \exists integer place; word <= place < word + 32 &&
                      bit_of(mask, place - word) && stale(words[place], lo, sp); */
static inline bool words_stale(const uint64_t *words, uint64_t word, uint32_t mask, uint64_t lo,
                               uint64_t sp)
/*@ ghost (uint32_t length) */ {
    uint32_t rest = mask;
    //@ assert zero: \forall integer k; 0 <= k <= 31 ==> !bit_of(0, k);
    /*@ loop invariant part: \forall integer k; 0 <= k <= 31 && bit_of(rest, k) ==> bit_of(mask, k);
        loop invariant none: \forall integer place; word <= place < word + 32 && bit_of(mask, place - word) &&
                               !bit_of(rest, place - word) ==> !stale(words[place], lo, sp);
        loop assigns rest;
        loop variant bits_below(rest, 32); */
    while (rest != 0) {
        uint32_t k = likely_set_bit(rest);
        if (!bit_is_set(rest, k))
            return words_stale_plain(words, word, mask, lo, sp) /*@ ghost (length) */;
        uint64_t value = words[word + k];
        if (lo <= value && value < sp)
            return true;
        rest = without_bit(rest, k);
    }
    return false;
}

/* ORs one word into the bitmap. */
/*@ requires marks: count <= MARK_WORDS && \valid(marks + (0 .. count - 1)) && at < count;
    assigns  marks[at];
    ensures  or:    \forall integer k; 0 <= k < 32 * count ==>
                      (marked(marks, k) <==>
                       \old(marked(marks, k)) || (32 * at <= k < 32 * at + 32 && bit_of(mask, k - 32 * at))); */
static inline void mark_word(uint32_t *marks, uint64_t at,
                             uint32_t mask) /*@ ghost (uint64_t count) */
{
    marks[at] |= mask;
}

/* ORs a mask into the bitmap from bit position on. */
/*@ requires marks: 1 <= count <= MARK_WORDS && \valid(marks + (0 .. count - 1)) && position + 64 <= 32 * count;
    assigns  marks[0 .. count - 1];
    ensures  or:    \forall integer k; 0 <= k < 32 * count ==>
                      (marked(marks, k) <==> \old(marked(marks, k)) || mask_covers(mask, position, k)); */
static inline void mark_mask(uint32_t *marks, uint64_t position,
                             uint32_t mask) /*@ ghost (uint64_t count) */
{
    uint64_t at = position / 32;
    uint32_t shift = (uint32_t)(position % 32);
    uint32_t low = shifted_low(mask, shift);
    uint32_t high = shifted_high(mask, shift);
    mark_word(marks, at, low) /*@ ghost (count) */;
    mark_word(marks, at + 1, high) /*@ ghost (count) */;
    /*@ assert low: \forall integer k; 32 * at <= k < 32 * at + 32 ==>
          (bit_of(low, k - 32 * at) <==> position <= k && bit_of(mask, k - position)); */
    /*@ assert high: \forall integer k; 32 * at + 32 <= k < 32 * at + 64 ==>
          (bit_of(high, k - 32 * at - 32) <==> k < position + 32 && bit_of(mask, k - position)); */
}

/* One mask word of a frame: 0 if a live word is stale, otherwise live and object words are marked. */
/*@ requires table:  site_table_ok && 0 <= site < sites_count;
    requires stack:  words_readable(words, at) && top <= word && word + sites[site].span_words <= at.end;
    requires at:     top == at.top && lo == word_address(at.base, at.low) && sp == word_address(at.base, at.top);
    requires part:   32 * part < sites[site].span_words;
    requires marks:  count <= MARK_WORDS && \valid(marks + (0 .. count - 1)) && at.end - at.top + 96 <= 32 * count;
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES) && \separated(marks + (..), SITE_TABLE_PLACES) &&
                       \separated(words + (at.top .. at.end - 1), marks + (0 .. count - 1));
    assigns  marks[0 .. count - 1];
    ensures  clean:  \result <==> \forall integer place; word + 32 * part <= place < word + 32 * part + 32 &&
                       live_word(site, word, place) ==> !stale_word(words, at, place);
    ensures  marked: \result ==> \forall integer k; 0 <= k < 32 * count ==>
                       (marked(marks, k) <==> \old(marked(marks, k)) ||
                          (word - at.top + 32 * part <= k < word - at.top + 32 * part + 32 &&
                           (live_word(site, word, k + at.top) || object_word(site, word, k + at.top)))); */
static inline bool mark_part(const uint64_t *words, uint32_t *marks, int32_t site, uint64_t word,
                             uint64_t lo, uint64_t sp, uint64_t top, uint32_t part)
/*@ ghost (struct stack_words at, uint64_t count) */ {
    uint32_t live = site_live_mask(site, part);
    uint32_t object = site_object_mask(site, part);
    uint64_t first = word + 32 * part;
    //@ ghost uint32_t left = (uint32_t)sites[site].span_words - 32 * part;
    //@ ghost uint32_t length = left < 32 ? left : 32;
    //@ assert live: \forall integer k; 0 <= k <= 31 ==> (live_bit(sites[site], 32 * part + k) <==> bit_of(live, k));
    /*@ assert object: \forall integer k; 0 <= k <= 31 ==> (object_bit(sites[site], 32 * part + k) <==>
                         bit_of(object, k)); */
    //@ assert inside: \forall integer k; 0 <= k <= 31 && (bit_of(live, k) || bit_of(object, k)) ==> k < length;
    /*@ assert words: \forall integer place; first <= place < first + 32 ==>
          (live_word(site, word, place) <==> bit_of(live, place - first)) &&
          (object_word(site, word, place) <==> bit_of(object, place - first)); */
    if (words_stale(words, first, live, lo, sp) /*@ ghost (length) */)
        return false;
    mark_mask(marks, first - top, live | object) /*@ ghost (count) */;
    return true;
}

/* Marks the pointer words of one frame; 0 if a live one is stale.  Not inlined, so that the walk over frames without
 * pointers keeps its registers. */
/*@ requires table:  site_table_ok && 0 <= site < sites_count;
    requires stack:  words_readable(words, at) && top <= word && word + sites[site].span_words <= at.end;
    requires at:     top == at.top && lo == word_address(at.base, at.low) && sp == word_address(at.base, at.top);
    requires marks:  count <= MARK_WORDS && \valid(marks + (0 .. count - 1)) && at.end - at.top + 96 <= 32 * count;
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES) && \separated(marks + (..), SITE_TABLE_PLACES) &&
                       \separated(words + (at.top .. at.end - 1), marks + (0 .. count - 1));
    assigns  marks[0 .. count - 1];
    ensures  clean:  \result <==> frame_clean(words, at, site, word);
    ensures  marked: \result ==> \forall integer k; 0 <= k < 32 * count ==>
                       (marked(marks, k) <==> \old(marked(marks, k)) ||
                          live_word(site, word, k + at.top) || object_word(site, word, k + at.top)); */
static inline bool mark_frame(const uint64_t *words, uint32_t *marks, int32_t site, uint64_t word,
                              uint64_t lo, uint64_t sp, uint64_t top)
/*@ ghost (struct stack_words at, uint64_t count) */ {
    uint32_t span = (uint32_t)sites[site].span_words;
    if (span == 0)
        return true;
    if (!mark_part(words, marks, site, word, lo, sp, top, 0) /*@ ghost (at, count) */)
        return false;
    /*@ loop invariant bound:  0 <= part && 32 * part < span + 32;
        loop invariant clean:  \forall integer place; word <= place < word + 32 * part &&
                                 live_word(site, word, place) ==> !stale_word(words, at, place);
        loop invariant marked: \forall integer k; 0 <= k < 32 * count ==>
                                 (marked(marks, k) <==> \at(marked(marks, k), Pre) ||
                                    (k < word - at.top + 32 * part &&
                                     (live_word(site, word, k + at.top) || object_word(site, word, k + at.top))));
        loop assigns part, marks[0 .. count - 1];
        loop variant span - 32 * part; */
    for (uint32_t part = 1; 32 * part < span; part++) {
        if (!mark_part(words, marks, site, word, lo, sp, top, part) /*@ ghost (at, count) */)
            return false;
    }
    return true;
}

/* Is the frame one of C without pointers, and well formed?  Of a large one this says no, and others tell. */
/*@ requires stack:   words_readable(words, at) && at.top <= word <= at.end && end == at.end;
    requires table:   site_table_ok && -1 <= site < sites_count;
    assigns  \nothing;
    ensures  fits:    \result ==> frame_fits(words, at.base, at.end, site, word) && sites[site].bottom == 0;
    ensures  none:    \result ==> \forall integer place; !live_word(site, word, place) &&
                        !object_word(site, word, place); */
static inline bool frame_passes(uint64_t end, int32_t site, uint64_t word)
/*@ ghost (const uint64_t *words, struct stack_words at) */ {
    //@ assert zero: \forall integer k; 0 <= k <= 31 ==> !bit_of(0, k);
    if (site < 0 || sites[site].bare == 0 || sites[site].objects >= 0)
        return false;
    if (sites[site].pointers_low != 0 || sites[site].pointers_high != 0)
        return false;
    uint64_t span = (uint64_t)sites[site].span_words;
    return span <= 64 && span <= end - word;
}

/* 0 if one mask word of a frame says that a stale word is live. */
/*@ requires table:  site_table_ok && 0 <= site < sites_count;
    requires stack:  words_readable(words, at) && at.top <= word && word + sites[site].span_words <= at.end;
    requires part:   32 * part < sites[site].span_words;
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES);
    assigns  \nothing;
    ensures  clean:  \result <==> \forall integer place; word + 32 * part <= place < word + 32 * part + 32 &&
                       live_word(site, word, place) ==> !stale_word(words, at, place); */
static inline bool check_part(const uint64_t *words, struct stack_words at, int32_t site,
                              uint64_t word, uint32_t part)
{
    uint32_t live = site_live_mask(site, part);
    uint64_t first = word + 32 * part;
    //@ ghost uint32_t left = (uint32_t)sites[site].span_words - 32 * part;
    //@ ghost uint32_t length = left < 32 ? left : 32;
    //@ assert zero: \forall integer k; 0 <= k <= 31 ==> !bit_of(0, k);
    //@ assert live: \forall integer k; 0 <= k <= 31 ==> (live_bit(sites[site], 32 * part + k) <==> bit_of(live, k));
    /*@ assert words: \forall integer place; first <= place < first + 32 ==>
          (live_word(site, word, place) <==> bit_of(live, place - first)); */
    return live == 0 ||
           !words_stale_plain(words, first, live, at.base + 8 * at.low, at.base + 8 * at.top)
        /*@ ghost (length) */;
}

/* 0 if a live word of the frame is stale. */
/*@ requires table:  site_table_ok && 0 <= site < sites_count;
    requires stack:  words_readable(words, at) && at.top <= word && word + sites[site].span_words <= at.end;
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES);
    assigns  \nothing;
    ensures  clean:  \result <==> frame_clean(words, at, site, word); */
static bool check_frame(const uint64_t *words, struct stack_words at, int32_t site, uint64_t word)
{
    uint32_t span = (uint32_t)sites[site].span_words;
    /*@ loop invariant bound: 0 <= part && 32 * part < span + 32;
        loop invariant clean: \forall integer place; word <= place < word + 32 * part &&
                                live_word(site, word, place) ==> !stale_word(words, at, place);
        loop assigns part;
        loop variant span - 32 * part; */
    for (uint32_t part = 0; 32 * part < span; part++) {
        if (!check_part(words, at, site, word, part))
            return false;
    }
    return true;
}

/*@ ghost
    /@ requires here:  frame_fits(words, at.base, at.end, site, word) && sites[site].bottom == 0;
       requires clean: frame_clean(words, at, site, word);
       requires next:  caller == caller_site(words, site, word) && above == caller_word(site, word);
       assigns  \nothing;
       ensures  sound: frames_sound(words, at, site, word) <==> frames_sound(words, at, caller, above); @/
    static void frames_follow(const uint64_t *words, struct stack_words at, int32_t site, uint64_t word,
                              int32_t caller, uint64_t above) {
    }
*/

/*@ ghost
    /@ requires here:  word == frame_word(words, pc, top, frame) && site == site_at(frame_pc(words, pc, top, frame));
       requires next:  next == frame + 1;
       assigns  \nothing;
       ensures  word:  frame_word(words, pc, top, next) == caller_word(site, word);
       ensures  pc:    frame_pc(words, pc, top, next) == words[caller_word(site, word) - 1];
       ensures  below: \forall integer n; 0 <= n < next <==> 0 <= n < frame || n == frame; @/
    static void frame_follows(const uint64_t *words, uint64_t pc, uint64_t top, uint32_t frame, uint32_t next,
                              int32_t site, uint64_t word) {
    }
*/

struct stack_fault check_frames(const uint64_t *words, struct stack_words at, uint64_t pc)
{
    struct stack_fault here = {at.base + 8 * at.top, pc, 0, STACK_OK};
    uint64_t word = at.top;
    int32_t site = site_find(pc);
    /*@ loop invariant place: at.top <= word <= at.end && -1 <= site < sites_count && here.status == STACK_OK;
        loop invariant count: here.frame <= word - at.top;
        loop invariant sound: frames_sound(words, at, site_at(pc), at.top) <==> frames_sound(words, at, site, word);
        loop invariant here:  word == frame_word(words, pc, at.top, here.frame) && site == site_at(here.pc) &&
                              here.pc == frame_pc(words, pc, at.top, here.frame);
        loop invariant below: frames_accepted_below(words, at.base, at.end, word_address(at.base, at.low),
                                                    word_address(at.base, at.top), pc, at.top, here.frame);
        loop assigns here, word, site;
        loop variant at.end - word; */
    for (;;) {
        if (!frame_well_formed(words, at.base, at.end, site, word) /*@ ghost (at) */) {
            here.status = STACK_BAD_FRAME;
            break;
        }
        if (!check_frame(words, at, site, word)) {
            here.status = STACK_STALE_POINTER;
            break;
        }
        if (sites[site].bottom != 0)
            break;
        uint64_t saved = word + (uint64_t)sites[site].frame_words;
        int32_t caller = site_find(words[saved + 1]);
        //@ assert fits: frame_fits(words, at.base, at.end, site, word) && frame_clean(words, at, site, word);
        //@ assert next: caller == caller_site(words, site, word) && saved + 2 == caller_word(site, word);
        //@ ghost frames_follow(words, at, site, word, caller, saved + 2);
        //@ ghost frame_follows(words, pc, at.top, here.frame, here.frame + 1, site, word);
        here.pc = words[saved + 1];
        here.frame = here.frame + 1;
        word = saved + 2;
        site = caller;
    }
    here.frame_sp = at.base + 8 * word;
    return here;
}

/* The slow part of caller_find, which leaves the hint for the next time. */
/*@ requires table: site_table_ok && 0 <= site < sites_count;
    requires marks: \valid(marks + (0 .. MARK_WORDS - 1)) && \separated(marks + (..), SITE_TABLE_PLACES);
    assigns  marks[MARK_HINTS .. MARK_WORDS - 1];
    ensures  range: -1 <= \result < sites_count;
    ensures  found: \result == site_at(pc);
    ensures  kept:  \forall integer k; 0 <= k < 32 * MARK_HINTS ==> (marked(marks, k) <==> \old(marked(marks, k))); */
__attribute__((noinline)) static int32_t caller_search(uint32_t *marks, uint64_t pc, int32_t site)
{
    int32_t found = site_find(pc);
    if (found >= 0)
        marks[MARK_HINTS + (uint32_t)site % MARK_HINT_WORDS] = (uint32_t)found;
    return found;
}

/* SITE-3: the site of a return address, which is that of the caller of a frame of the given site.  As a rule it is the
 * one that was found last: then no address depends on a load from the stack before it. */
/*@ requires table: site_table_ok && 0 <= site < sites_count;
    requires marks: \valid(marks + (0 .. MARK_WORDS - 1)) && \separated(marks + (..), SITE_TABLE_PLACES);
    assigns  marks[MARK_HINTS .. MARK_WORDS - 1];
    ensures  range: -1 <= \result < sites_count;
    ensures  found: \result == site_at(pc);
    ensures  kept:  \forall integer k; 0 <= k < 32 * MARK_HINTS ==> (marked(marks, k) <==> \old(marked(marks, k))); */
static inline int32_t caller_find(uint32_t *marks, uint64_t pc, int32_t site)
{
    uint32_t last = marks[MARK_HINTS + (uint32_t)site % MARK_HINT_WORDS];
    if (last < sites_count && pc >= sites_text_base &&
        pc - sites_text_base == (uint64_t)sites[last].pc) {
        //@ ghost site_is_found(last);
        return (int32_t)last;
    }
    return caller_search(marks, pc, site);
}

/*@ requires marks: count <= MARK_WORDS && \valid(marks + (0 .. count - 1));
    assigns  marks[0 .. count - 1];
    ensures  clear: \forall integer k; 0 <= k < 32 * count ==> !marked(marks, k); */
static void clear_marks(uint32_t *marks, uint64_t count)
{
    /*@ loop invariant clear: 0 <= k <= count && \forall integer j; 0 <= j < k ==> marks[j] == 0;
        loop assigns k, marks[0 .. count - 1];
        loop variant count - k; */
    for (uint64_t k = 0; k < count; k++) {
        marks[k] = 0;
    }
    //@ assert zero: \forall integer k; 0 <= k <= 31 ==> !bit_of(0, k);
    //@ assert words: \forall integer k; 0 <= k < 32 * count ==> marks[k / 32] == 0 && 0 <= k % 32 <= 31;
}

struct stack_fault mark_frames_at(const uint64_t *words, uint32_t *marks, uint64_t base,
                                  uint64_t low, uint64_t top, uint64_t end, uint64_t pc)
/*@ ghost (struct stack_words at) */ {
    struct stack_fault here = {base + 8 * top, pc, 0, STACK_OK};
    uint64_t word = top;
    int32_t site = site_find(pc);
    //@ ghost int32_t first = site;
    uint64_t lo = base + 8 * low;
    uint64_t sp = base + 8 * top;
    uint64_t count = (end - top) / 32 + 4;
    clear_marks(marks, count);
    /*@ loop invariant place:  at.top <= word <= at.end && -1 <= site < sites_count && here.status == STACK_OK;
        loop invariant count:  here.frame <= word - at.top;
        loop invariant sound:  frames_sound(words, at, first, at.top) <==> frames_sound(words, at, site, word);
        loop invariant here:   word == frame_word(words, pc, at.top, here.frame) && site == site_at(here.pc) &&
                               here.pc == frame_pc(words, pc, at.top, here.frame);
        loop invariant below:  frames_accepted_below(words, at.base, at.end, word_address(at.base, at.low),
                                                     word_address(at.base, at.top), pc, at.top, here.frame);
        loop invariant marked: \forall integer place; at.top <= place < at.end ==>
                                 (pointer_word(words, at, first, at.top, place) <==>
                                  marked(marks, place - at.top) || pointer_word(words, at, site, word, place));
        loop invariant clean:  \forall integer place; live_pointer(words, at, first, at.top, place) ==>
                                 live_pointer(words, at, site, word, place) ||
                                 (at.top <= place < at.end && marked(marks, place - at.top) &&
                                  !stale_word(words, at, place));
        loop invariant beyond: \forall integer k; at.end - at.top <= k < 32 * count ==> !marked(marks, k);
        loop assigns here, word, site, marks[0 .. MARK_WORDS - 1];
        loop variant at.end - word; */
    for (;;) {
        if (!frame_passes(end, site, word) /*@ ghost (words, at) */) {
            if (!frame_well_formed(words, base, end, site, word) /*@ ghost (at) */) {
                here.status = STACK_BAD_FRAME;
                break;
            }
            if (!mark_frame(words, marks, site, word, lo, sp, top) /*@ ghost (at, count) */) {
                here.status = STACK_STALE_POINTER;
                break;
            }
            if (sites[site].bottom != 0)
                break;
        }
        uint64_t saved = word + (uint64_t)sites[site].frame_words;
        int32_t caller = caller_find(marks, words[saved + 1], site);
        //@ assert fits: frame_fits(words, at.base, at.end, site, word) && frame_clean(words, at, site, word);
        //@ assert next: caller == caller_site(words, site, word) && saved + 2 == caller_word(site, word);
        //@ ghost frames_follow(words, at, site, word, caller, saved + 2);
        //@ ghost frame_follows(words, pc, at.top, here.frame, here.frame + 1, site, word);
        /*@ assert words: \forall integer place; pointer_word(words, at, site, word, place) <==>
              live_word(site, word, place) || object_word(site, word, place) ||
              pointer_word(words, at, caller, saved + 2, place); */
        /*@ assert live: \forall integer place; live_pointer(words, at, site, word, place) <==>
              live_word(site, word, place) || live_pointer(words, at, caller, saved + 2, place); */
        here.pc = words[saved + 1];
        here.frame = here.frame + 1;
        word = saved + 2;
        site = caller;
    }
    here.frame_sp = base + 8 * word;
    return here;
}

struct stack_fault mark_frames(const uint64_t *words, uint32_t *marks, struct stack_words at,
                               uint64_t pc)
{
    return mark_frames_at(words, marks, at.base, at.low, at.top, at.end, pc) /*@ ghost (at) */;
}
