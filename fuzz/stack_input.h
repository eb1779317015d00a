/* stack_input.h: a site table and a stack, taken off the input word by word, for the targets that give them to the
 * core as they are.
 *
 * The input wins against the format: any bytes make a table and a stack; half of the words can be named by a short
 * code (an address in the stack, a site's pc), so that walks get further than the first frame. */
#ifndef CONTIG_FUZZ_STACK_INPUT_H
#define CONTIG_FUZZ_STACK_INPUT_H

#include "fuzz/target.h"
#include "src/core/move/growstack.h"

#define TEXT_BASE UINT64_C(0x400000)
#define INPUT_SITES 12u
#define INPUT_MAPS 64u
#define INPUT_WORDS 512u
#define BOTTOM_WORDS 4u

static struct site input_table[INPUT_SITES];
static int32_t input_maps[INPUT_MAPS];

static inline uint32_t maps_take(struct input *input)
{
    uint32_t count = (uint32_t)input_take(input, 1) % (INPUT_MAPS + 1);
    for (uint32_t i = 0; i < count; i++)
        input_maps[i] = (int32_t)input_take(input, i % 4 == 0 ? 4 : 1);
    return count;
}

/* A site that may be well formed: bit 7 of the first byte says that some fields, which the next byte names, hold
 * anything. */
static inline struct site site_take(struct input *input)
{
    uint8_t shape = (uint8_t)input_take(input, 1),
            any = shape & 128 ? (uint8_t)input_take(input, 1) : 0;
    struct site site = {.objects = -1};
    site.pc = (int32_t)input_take(input, shape & 64 ? 4 : 1);
    site.frame_words = any & 1 ? (int32_t)input_take(input, 4)
                               : (int32_t)input_take(input, shape & 32 ? 2 : 1) % 160;
    site.span_words = any & 2 ? (int32_t)input_take(input, any & 16 ? 4 : 1)
                              : (int32_t)((uint32_t)site.frame_words + 2 + (shape & 3));
    site.bottom = (shape & 28) == 28 ? 1 : 0;
    site.bare = (any & 32) != 0 || (shape & 28) == 4 || (shape & 28) == 12 ? 1 : 0;
    site.pointers_low = (int32_t)input_take(input, 4);
    site.pointers_high = (int32_t)input_take(input, shape & 16 ? 4 : 0);
    site.pointers_more = any & 4 ? (int32_t)input_take(input, 4) : (int32_t)input_take(input, 1);
    if (shape & 8)
        site.objects = any & 8 ? (int32_t)input_take(input, 4) : (int32_t)input_take(input, 1);
    if ((shape & 128) == 0 && site.bottom == 0 && site.bare == 0 && site.frame_words < 32)
        site.pointers_low =
            (int32_t)((uint32_t)site.pointers_low | UINT32_C(1) << site.frame_words);
    if ((shape & 128) == 0 && site.span_words < 32)
        site.pointers_low =
            (int32_t)((uint32_t)site.pointers_low & ((UINT32_C(1) << site.span_words) - 1));
    return site;
}

/* Another pc whose probe begins where that of `pc` does, in any of the stretches of text that share the index. */
static inline int32_t colliding_pc(int32_t pc, uint32_t bits)
{
    uint32_t stretch = bits / SITE_HOME_BYTES % (INT32_MAX / SITE_HOMES / SITE_HOME_BYTES + 1),
             home = (site_home_of(pc) - stretch * SITE_HOME_SHIFT) % SITE_HOMES;
    return (int32_t)((stretch * SITE_HOMES + home) * SITE_HOME_BYTES + bits % SITE_HOME_BYTES);
}

/* A site like one that was accepted, with another pc, is accepted too, however full its part of the index is. */
static inline void collide(struct input *input, struct site site, uint32_t map_words)
{
    site.pc = colliding_pc(site.pc, (uint32_t)input_take(input, 2));
    for (uint32_t i = 0; i < sites_count; i++)
        if (sites[i].pc == site.pc)
            return;
    uint32_t before = sites_count;
    require(sites_append(&site, 1, input_maps, map_words) == STACK_OK, "model",
            "a well-formed site was refused");
    require(site_find(TEXT_BASE + (uint64_t)(int64_t)site.pc) == (int32_t)before, "model",
            "a site is not found by its pc");
}

/* Registers one site after the other, so that what is malformed is refused alone; returns how many there are. */
static inline uint32_t table_take(struct input *input)
{
    uint32_t count = (uint32_t)input_take(input, 1) % (INPUT_SITES + 1),
             map_words = maps_take(input);
    static const struct site first_frame = {
        .pc = 1000, .span_words = BOTTOM_WORDS, .bottom = 1, .objects = -1};
    require(sites_register(&first_frame, 1, input_maps, 0, TEXT_BASE) == STACK_OK, "model",
            "a well-formed table was refused");
    for (uint32_t i = 0; i < count; i++) {
        input_table[i] = site_take(input);
        uint32_t before = sites_count, maps_before = site_map_count;
        if (sites_append(&input_table[i], 1, input_maps, map_words) != STACK_OK)
            require(sites_count == before && site_map_count == maps_before, "model",
                    "a refused site changed the table");
        else if (input_take(input, 1) % 4 == 0)
            collide(input, input_table[i], map_words);
    }
    return sites_count;
}

/* A word of a stack [base, base + 8 * words). */
static inline uint64_t word_take(struct input *input, uint64_t base, uint32_t words)
{
    uint8_t code = (uint8_t)input_take(input, 1);
    if (code < 96)
        return code;
    if (code < 160 && sites_count != 0)
        return TEXT_BASE + (uint64_t)(int64_t)sites[code % sites_count].pc;
    if (code < 248)
        return base + 8 * (uint64_t)(input_take(input, 1) * (code % 2 + 1) % (words + 1)) +
               (code % 16 == 7 ? 3 : 0);
    return input_take(input, 8);
}

/* A stack of well-formed frames, as far as the table has any; returns how many words it uses, at most `room`, and the
 * pc.  words[0] is the word at the stack pointer; `end` is the address of the high end. */
static inline uint32_t stack_build(struct input *input, uint64_t *words, uint32_t room,
                                   uint64_t end, uint64_t *pc)
{
    int32_t chosen[32];
    uint32_t frames = 0, used = BOTTOM_WORDS, place = 0;
    for (uint32_t wanted = (uint32_t)input_take(input, 1) % 32; wanted != 0; wanted--) {
        int32_t site = (int32_t)(input_take(input, 1) % sites_count);
        uint32_t size = (uint32_t)sites[site].frame_words + 2;
        if (sites[site].bottom != 0 || size > room || used + size > room ||
            (frames == 0 && (uint32_t)sites[site].span_words > size + BOTTOM_WORDS))
            continue;
        chosen[frames++] = site;
        used += size;
    }
    *pc = TEXT_BASE + (uint64_t)sites[frames == 0 ? 0 : chosen[frames - 1]].pc;
    uint64_t base = end - 8 * (uint64_t)used;
    for (uint32_t i = 0; i < used; i++)
        words[i] = word_take(input, base, used);
    /* The innermost frame is the one that was chosen last. */
    for (uint32_t frame = frames; frame != 0; frame--) {
        uint32_t saved = place + (uint32_t)sites[chosen[frame - 1]].frame_words;
        int32_t caller = frame == 1 ? 0 : chosen[frame - 2];
        uint64_t next_saved =
            base + 8 * (uint64_t)(saved + 2 + (uint32_t)sites[caller].frame_words);
        if (sites[chosen[frame - 1]].bare == 0)
            words[saved] = frame == 1 || words[saved] % 8 == 7 ? 0 : next_saved;
        words[saved + 1] = TEXT_BASE + (uint64_t)sites[caller].pc;
        place = saved + 2;
    }
    return used;
}

#endif
