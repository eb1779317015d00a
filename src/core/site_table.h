/* site_table.h: what a return address says about the frame that it returns to.
 *
 * A site is a call (or a point where a prologue may stop): the size of the frame there, and which of its words
 * hold pointers.  Sites are found by return address in constant time: site_index is an open-addressing hash table without
 * wrap-around, with more slots than sites can fill, so that every probe ends at an empty slot.  Removal is
 * last in, first out, which leaves the index exactly as it was before.
 * Keeps: SITE-1 (every site is well formed), SITE-2 (no two sites have one pc), SITE-3 (the index finds each).
 * Called at start-up, by whoever makes frames at run time, and by unwind.c for each frame. */
#ifndef CONTIG_CORE_SITE_TABLE_H
#define CONTIG_CORE_SITE_TABLE_H

#include <stdint.h>
#include "src/core/bits.h"
#include "src/core/relocate.h"
#include "src/core/status.h"

struct site {
    int32_t pc;            /* return address - sites_text_base */
    int32_t frame_words;   /* from sp to the saved frame pointer; the return address is the word above it */
    int32_t span_words;    /* words from sp that the maps cover: locals, saved pair, incoming arguments */
    int32_t bottom;        /* not 0: the goroutine's first frame; its span ends exactly at hi */
    int32_t pointers_low;  /* live pointer slots: words 0..31, the saved frame pointer's bit included */
    int32_t pointers_high; /* words 32..63 */
    int32_t pointers_more; /* index in site_maps of the masks of words 64.. */
    int32_t objects;       /* index in site_maps of the stack objects' pointer masks over the span, or -1 */
};

#define SITES_MAX 65535u
#define SITE_MAP_WORDS 1048576u
#define SITE_HOMES 131072u
/* Home slots, room for a run at the end, and one slot that always stays empty. */
#define SITE_SLOTS 196608u

extern struct site sites[SITES_MAX];
extern int32_t site_map_ends[SITES_MAX]; /* site_maps words in use once this site was added */
extern int32_t site_maps[SITE_MAP_WORDS];
extern uint16_t site_index[SITE_SLOTS]; /* 0: empty, otherwise a site's number + 1 */
extern uint32_t sites_count;
extern uint32_t site_map_count;
extern uint64_t sites_text_base;
//@ ghost extern int32_t site_place[SITES_MAX];

#include "spec/sites.acsl"

/* 0 only for a table that may be walked with: every site well formed, no pc twice, every one in the index. */
/*@ requires table: site_table_ok;
    assigns sites[0 .. SITES_MAX - 1], site_map_ends[0 .. SITES_MAX - 1], site_maps[0 .. SITE_MAP_WORDS - 1],
            site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count, sites_text_base,
            site_place[0 .. SITES_MAX - 1];
    ensures table: site_table_ok; */
enum stack_status sites_register(const struct site *table, uint32_t count, const int32_t *maps, uint32_t map_words,
                                 uint64_t text_base);

enum stack_status sites_append(const struct site *table, uint32_t count, const int32_t *maps, uint32_t map_words);

void sites_truncate(uint32_t count);

/* Where the probe for this pc begins. */
/*@ requires pc: 0 <= pc;
    assigns \nothing;
    ensures home: \result == site_home(pc) && \result < SITE_HOMES; */
static inline uint32_t site_home_of(int32_t pc) {
    return (uint32_t)(((uint64_t)pc * 2654435769u % 4294967296u) / 32768u);
}

/* The first slot from the pc's home on that is empty or holds it. */
static inline uint32_t site_probe(int32_t pc) {
    uint32_t slot = site_home_of(pc);
    while (site_index[slot] != 0 && sites[site_index[slot] - 1].pc != pc) {
        slot++;
    }
    return slot;
}

/* SITE-3: the site whose pc this is, or -1. */
static inline int32_t site_find(uint64_t pc) {
    if (pc < sites_text_base || pc - sites_text_base > 2147483647u) {
        return -1;
    }
    uint32_t slot = site_probe((int32_t)(pc - sites_text_base));
    return (int32_t)site_index[slot] - 1;
}

/* Mask of the live pointer slots among words 32 * part .. 32 * part + 31 of a site's frame. */
static inline uint32_t site_live_mask(int32_t site, uint32_t part) {
    if (part == 0) return unsigned_bits(sites[site].pointers_low);
    if (part == 1) return unsigned_bits(sites[site].pointers_high);
    return unsigned_bits(site_maps[sites[site].pointers_more + (int32_t)(part - 2)]);
}

/* The same for stack objects, which are adjusted live or not. */
static inline uint32_t site_object_mask(int32_t site, uint32_t part) {
    return sites[site].objects < 0 ? 0 : unsigned_bits(site_maps[sites[site].objects + (int32_t)part]);
}

/* SITE-1 for one site whose maps stand in site_maps below map_end. */
int site_well_formed(int32_t site, uint32_t map_end);

#endif
