/* unwind.c: the walk over the frames of a stopped stack. */
#include "src/core/unwind.h"

extern uint64_t arena_base;

static inline uint64_t word_address(struct stack_words at, uint64_t word) {
    return at.base + 8 * word;
}

/* UNWIND-2: may a frame of this site stand at this word of a stack that ends at end? */
static inline int frame_well_formed(const uint64_t *words, struct stack_words at, int32_t site, uint64_t word) {
    if (site < 0) return 0;
    uint64_t span = (uint64_t)sites[site].span_words;
    if (span > at.end - word) return 0;
    if (sites[site].bottom != 0) return span == at.end - word;
    uint64_t place = word + (uint64_t)sites[site].frame_words;
    uint64_t saved = words[place];
    return saved == 0 || (word_address(at, place) < saved && saved < word_address(at, at.end));
}

static struct unwound unwind_at(const uint64_t *arena, struct stack_words at, uint64_t pc) {
    int32_t site = site_find(pc);
    struct unwound frame = {STACK_OK, site, 0, word_address(at, at.top), pc};
    if (!frame_well_formed(arena, at, site, at.top)) {
        frame.status = STACK_BAD_FRAME;
        return frame;
    }
    frame.last = sites[site].bottom != 0;
    return frame;
}

struct unwound unwind_first(const uint64_t *arena, uint64_t lo, uint64_t hi, uint64_t sp, uint64_t pc) {
    if (sp < lo || sp > hi || (hi - sp) % 8 != 0) {
        struct unwound bad = {STACK_BAD_FRAME, -1, 0, sp, pc};
        return bad;
    }
    uint64_t word = (sp - arena_base) / 8;
    struct stack_words at = {arena_base, word, word, (hi - arena_base) / 8};
    return unwind_at(arena, at, pc);
}

struct unwound unwind_next(const uint64_t *arena, uint64_t hi, struct unwound frame) {
    uint64_t saved = (frame.sp - arena_base) / 8 + (uint64_t)sites[frame.site].frame_words;
    struct stack_words at = {arena_base, saved + 2, saved + 2, (hi - arena_base) / 8};
    return unwind_at(arena, at, arena[saved + 1]);
}

/* Bit by bit, for any mask: is a pointer among these words stale? */
static int words_stale_plain(const uint64_t *arena, uint64_t word, uint32_t mask, uint64_t lo, uint64_t sp) {
    for (uint32_t k = 0; k < 32; k++) {
        if (bit_is_set(mask, k) && lo <= arena[word + k] && arena[word + k] < sp) return 1;
    }
    return 0;
}

/* The same, touching only the bits that are set. */
static inline int words_stale(const uint64_t *arena, uint64_t word, uint32_t mask, uint64_t lo, uint64_t sp) {
    uint32_t rest = mask;
    for (uint32_t n = 0; n < 32 && rest != 0; n++) {
        uint32_t k = likely_set_bit(rest);
        if (!bit_is_set(rest, k)) break;
        uint64_t value = arena[word + k];
        if (lo <= value && value < sp) return 1;
        rest = without_bit(rest, k);
    }
    return rest != 0 && words_stale_plain(arena, word, rest, lo, sp);
}

/* ORs a mask into the bitmap from bit position on. */
static inline void mark_mask(uint32_t *marks, uint64_t position, uint32_t mask) {
    uint64_t at = position / 32;
    uint32_t shift = (uint32_t)(position % 32);
    marks[at] |= shifted_low(mask, shift);
    marks[at + 1] |= shifted_high(mask, shift);
}

/* Marks the pointer words of one frame; 0 if a live one is stale. */
static inline int mark_frame(const uint64_t *words, uint32_t *marks, struct stack_words at, int32_t site,
                             uint64_t word) {
    uint32_t span = (uint32_t)sites[site].span_words;
    for (uint32_t part = 0; 32 * part < span; part++) {
        uint32_t live = site_live_mask(site, part);
        if (words_stale(words, word + 32 * part, live, word_address(at, at.low), word_address(at, at.top))) return 0;
        mark_mask(marks, word - at.top + 32 * part, live | site_object_mask(site, part));
    }
    return 1;
}

/* 0 if a live word of the frame is stale. */
static int check_frame(const uint64_t *words, struct stack_words at, int32_t site, uint64_t word) {
    uint32_t span = (uint32_t)sites[site].span_words;
    for (uint32_t part = 0; 32 * part < span; part++) {
        if (words_stale(words, word + 32 * part, site_live_mask(site, part), word_address(at, at.low),
                        word_address(at, at.top))) return 0;
    }
    return 1;
}

static void clear_marks(uint32_t *marks, uint64_t count) {
    for (uint64_t k = 0; k < count; k++) {
        marks[k] = 0;
    }
}

struct stack_fault check_frames(const uint64_t *words, struct stack_words at, uint64_t pc) {
    struct stack_fault here = {word_address(at, at.top), pc, 0, STACK_OK};
    uint64_t word = at.top;
    int32_t site = site_find(pc);
    for (;;) {
        if (!frame_well_formed(words, at, site, word)) {
            here.status = STACK_BAD_FRAME;
            break;
        }
        if (!check_frame(words, at, site, word)) {
            here.status = STACK_STALE_POINTER;
            break;
        }
        if (sites[site].bottom != 0) break;
        uint64_t saved = word + (uint64_t)sites[site].frame_words;
        here.pc = words[saved + 1];
        here.frame = here.frame + 1;
        word = saved + 2;
        site = site_find(here.pc);
    }
    here.frame_sp = word_address(at, word);
    return here;
}

struct stack_fault mark_frames(const uint64_t *words, uint32_t *marks, struct stack_words at, uint64_t pc) {
    struct stack_fault here = {word_address(at, at.top), pc, 0, STACK_OK};
    uint64_t word = at.top;
    int32_t site = site_find(pc);
    clear_marks(marks, (at.end - at.top) / 32 + 4);
    for (;;) {
        if (!frame_well_formed(words, at, site, word)) {
            here.status = STACK_BAD_FRAME;
            break;
        }
        if (!mark_frame(words, marks, at, site, word)) {
            here.status = STACK_STALE_POINTER;
            break;
        }
        if (sites[site].bottom != 0) break;
        uint64_t saved = word + (uint64_t)sites[site].frame_words;
        here.pc = words[saved + 1];
        here.frame = here.frame + 1;
        word = saved + 2;
        site = site_find(here.pc);
    }
    here.frame_sp = word_address(at, word);
    return here;
}
