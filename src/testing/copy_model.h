/* copy_model.h: random site tables, stacks whose pointers are known since they were generated with them, and the walk
 * over a stack that reads one bit at a time.
 *
 * Written without the copy side, which it is the model of.  Called by src/core/test/copy_test.c. */
#ifndef CONTIG_TESTING_COPY_MODEL_H
#define CONTIG_TESTING_COPY_MODEL_H

#include <stdint.h>
#include <string.h>

#include "src/core/heap/stackalloc.h"
#include "src/core/move/stack_check.h"

#define MODEL_WORDS 65536
#define MODEL_SITES 40
#define MODEL_FRAMES 2048
#define ARENA_BYTES (1u << 30)

static uint64_t random_state = 0x9e3779b97f4a7c15u;
static uint64_t *arena;
static uint32_t *marks;
static struct site table[MODEL_SITES];
static int32_t maps[4096];
static uint64_t text_base = 0x400000;

/* Of each word of the stack that was generated last, counted from lo: 0 plain, 1 live, 2 object only. */
static uint8_t model_kind[MODEL_WORDS];
static uint64_t snapshot[MODEL_WORDS];

/* May words be one past the end?  Such a word stays, and may by chance be an address in the next stack. */
static int past_the_end = 1;

static uint64_t draw(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

/* A power of two, as all sizes of stacks are. */
static uint64_t size_between(uint64_t least, uint64_t most)
{
    uint64_t doublings = 1;
    while (least << doublings <= most)
        doublings++;
    return least << draw(doublings);
}

static int map_bit(const int32_t *map, int k)
{
    return (int)(((uint32_t)map[k / 32] >> (k % 32)) & 1u);
}

static void map_set(int32_t *map, int k)
{
    map[k / 32] = (int32_t)((uint32_t)map[k / 32] | 1u << (k % 32));
}

static int live_bit(const struct site *site, int k)
{
    if (k < 32)
        return map_bit(&site->pointers_low, k);
    if (k < 64)
        return map_bit(&site->pointers_high, k - 32);
    return map_bit(maps + site->pointers_more, k - 64);
}

static void set_live_bit(struct site *site, int k)
{
    if (k < 32)
        map_set(&site->pointers_low, k);
    else if (k < 64)
        map_set(&site->pointers_high, k - 32);
    else
        map_set(maps + site->pointers_more, k - 64);
}

static uint32_t make_table(void)
{
    int32_t used = 0;
    memset(maps, 0, sizeof maps);
    memset(table, 0, sizeof table);
    for (int s = 0; s < MODEL_SITES; s++) {
        struct site *site = &table[s];
        site->pc = (int32_t)(s * 64 + (int)draw(64));
        site->bottom = s < 4 ? 1 : 0;
        site->bare = !site->bottom && draw(3) == 0 ? 1 : 0;
        site->frame_words = (int32_t)draw(draw(3) == 0 ? 150 : 14);
        site->span_words =
            site->bottom ? site->frame_words : site->frame_words + 2 + (int32_t)draw(5);
        site->pointers_more = used;
        int parts = (site->span_words + 31) / 32;
        if (parts > 2)
            used += parts - 2;
        site->objects = -1;
        if (draw(3) == 0) {
            site->objects = used;
            used += parts;
            for (int k = 0; k < site->span_words; k++)
                if (draw(4) == 0)
                    map_set(maps + site->objects, k);
        }
        for (int k = 0; k < site->span_words; k++)
            if (draw(3) == 0)
                set_live_bit(site, k);
        if (!site->bottom && !site->bare)
            set_live_bit(site, site->frame_words);
    }
    return (uint32_t)used;
}

static uint64_t any_word(uint64_t lo, uint64_t sp, uint64_t hi, int stale)
{
    switch (draw(6)) {
    case 0: return 0;
    case 1: return past_the_end ? hi : 1;
    case 2: return arena_base - 8;
    case 3: return draw(2) ? arena_base + ARENA_BYTES : draw(1u << 20);
    case 4:
        if (stale && sp > lo)
            return lo + draw(sp - lo); /* fall through */
    default: return sp < hi ? sp + draw(hi - sp) : 0;
    }
}

/* The frames of a stack, from its oldest on: the word that each begins at, counted from lo, and its site. */
struct frames {
    uint64_t at[MODEL_FRAMES];
    int site[MODEL_FRAMES];
    int count;
};

/* A site that the frame above, which begins at word `top`, may have been called from; -1 if none was found. */
static int draw_caller(uint64_t top, uint64_t words)
{
    for (int tries = 0; tries <= 100; tries++) {
        int s = 4 + (int)draw(MODEL_SITES - 4);
        if (top + (uint64_t)(table[s].span_words - table[s].frame_words - 2) <= words)
            return tries < 100 ? s : -1;
    }
    return -1;
}

/* Frames that fit, from hi downwards, until `wanted` words are in use. */
static void draw_frames(struct frames *frames, uint64_t words, uint64_t wanted)
{
    uint64_t top = words;
    frames->count = 0;
    for (int s = (int)draw(4); s >= 0; s = draw_caller(top, words)) {
        const struct site *site = &table[s];
        uint64_t size = (uint64_t)(site->bottom ? site->span_words : site->frame_words + 2);
        if (top < size + 16)
            break;
        top -= size;
        frames->at[frames->count] = top;
        frames->site[frames->count++] = s;
        if (frames->count == MODEL_FRAMES || words - top >= wanted)
            break;
    }
    while (frames->count > 1 &&
           frames->at[frames->count - 1] +
                   (uint64_t)table[frames->site[frames->count - 1]].span_words >
               words)
        frames->count--;
}

/* Tells model_kind what the maps say of each word. */
static void note_kinds(const struct frames *frames, uint64_t words)
{
    memset(model_kind, 0, words);
    for (int f = 0; f < frames->count; f++) {
        const struct site *site = &table[frames->site[f]];
        for (int k = 0; k < site->span_words; k++) {
            uint8_t *kind = &model_kind[frames->at[f] + (uint64_t)k];
            if (site->objects >= 0 && map_bit(maps + site->objects, k) && *kind == 0)
                *kind = 2;
            if (live_bit(site, k))
                *kind = 1;
        }
    }
}

/* Return addresses, and saved frame pointers; a bare frame keeps the word that was drawn. */
static void link_frames(const struct frames *frames, uint64_t lo, uint64_t words)
{
    uint64_t base = (lo - arena_base) / 8;
    for (int f = 0; f < frames->count; f++) {
        const struct site *site = &table[frames->site[f]];
        if (site->bottom)
            continue;
        uint64_t saved = frames->at[f] + (uint64_t)site->frame_words;
        if (!site->bare)
            arena[base + saved] = draw(3) == 0 || saved + 1 >= words
                                      ? 0
                                      : lo + 8 * (saved + 1 + draw(words - saved - 1));
        arena[base + saved + 1] = text_base + (uint64_t)table[frames->site[f - 1]].pc;
    }
}

/* A random stack of well-formed frames, from hi downwards; returns the index of its sp, counted from lo. */
static uint64_t make_stack(struct goroutine_stack *g, uint64_t lo, uint64_t words, uint64_t wanted)
{
    struct frames frames;
    draw_frames(&frames, words, wanted);
    uint64_t top = frames.at[frames.count - 1], hi = lo + 8 * words, sp = lo + 8 * top;
    note_kinds(&frames, words);
    for (uint64_t k = top; k < words; k++)
        arena[(lo - arena_base) / 8 + k] = any_word(lo, sp, hi, model_kind[k] != 1);
    link_frames(&frames, lo, words);
    g->outside = NULL;
    g->lo = lo;
    g->hi = hi;
    g->sched.sp = sp;
    g->sched.pc = text_base + (uint64_t)table[frames.site[frames.count - 1]].pc;
    g->sched.bp = draw(2) && sp < hi ? sp + draw(hi - sp) : 0;
    g->sched.ctxt = draw(2) && sp < hi ? sp + draw(hi - sp) : draw(100);
    return top;
}

static uint64_t model_relocated(uint64_t value, uint64_t lo, uint64_t sp, uint64_t hi,
                                uint64_t new_hi, int kind)
{
    if (kind == 0)
        return value;
    if (sp <= value && value < hi)
        return value + (new_hi - hi);
    if (kind == 2 && lo <= value && value < sp)
        return 0;
    return value;
}

/* 0: sound, otherwise the status that a move must return.  The naive walk: linear search, one bit at a time. */
static enum stack_status model_check(const struct goroutine_stack *g)
{
    uint64_t lo = g->lo, sp = g->sched.sp, hi = g->hi, pc = g->sched.pc;
    uint64_t word = (sp - arena_base) / 8, end = (hi - arena_base) / 8;
    for (;;) {
        const struct site *site = NULL;
        for (int s = 0; s < MODEL_SITES; s++)
            if (text_base + (uint64_t)table[s].pc == pc)
                site = &table[s];
        if (site == NULL || word + (uint64_t)site->span_words > end)
            return STACK_BAD_FRAME;
        if (site->bottom && word + (uint64_t)site->span_words != end)
            return STACK_BAD_FRAME;
        uint64_t saved = word + (uint64_t)site->frame_words;
        if (!site->bottom && !site->bare && arena[saved] != 0 &&
            (arena[saved] <= arena_base + 8 * saved || arena[saved] >= hi))
            return STACK_BAD_FRAME;
        for (int k = 0; k < site->span_words; k++) {
            uint64_t value = arena[word + (uint64_t)k];
            if (live_bit(site, k) && lo <= value && value < sp)
                return STACK_STALE_POINTER;
        }
        if (site->bottom)
            return STACK_OK;
        pc = arena[saved + 1];
        word = saved + 2;
    }
}

#endif
