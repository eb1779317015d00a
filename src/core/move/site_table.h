/* site_table.h: what a return address says about the frame that it returns to.
 *
 * A site is a call (or a point where a prologue may stop): the size of the frame there, and which of its words
 * hold pointers.  Sites are found by return address in constant time: site_index is an open-addressing hash table
 * without wrap-around, with more slots than sites can fill, so that every probe ends at an empty slot.  Removal is
 * last in, first out, which leaves the index exactly as it was before.
 * Keeps: SITE-1 (every site is well formed), SITE-2 (no two sites have one pc), SITE-3 (the index finds each).
 * Called at start-up, by whoever makes frames at run time, and by unwind.c for each frame. */
#ifndef CONTIG_CORE_MOVE_SITE_TABLE_H
#define CONTIG_CORE_MOVE_SITE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/core/move/bits.h"
#include "src/core/move/relocate.h"
#include "src/core/status.h"

struct site {
    int32_t pc; /* return address - sites_text_base */
    /* from sp to the saved frame pointer, or to the word in its place; the return address is the word above it */
    int32_t frame_words;
    /* words from sp that the maps cover: locals, saved pair, incoming arguments */
    int32_t span_words;
    int16_t bottom; /* not 0: the goroutine's first frame; its span ends exactly at hi */
    int16_t
        bare; /* not 0: no saved frame pointer; the word below the return address is one like any other */
    /* live pointer slots: words 0..31, the saved frame pointer's bit included */
    int32_t pointers_low;
    int32_t pointers_high; /* words 32..63 */
    int32_t pointers_more; /* index in site_maps of the masks of words 64.. */
    /* index in site_maps of the stack objects' pointer masks over the span, or -1 */
    int32_t objects;
};

#define SITES_MAX 262144u
#define SITE_MAP_WORDS 1048576u
#define SITE_HOMES 1048576u
/* Home slots, room for a run at the end, and one slot that always stays empty. */
#define SITE_SLOTS 1310721u
/* No two calls are nearer to each other, as a rule. */
#define SITE_HOME_BYTES 4u
/* The homes of one stretch of SITE_HOMES * SITE_HOME_BYTES bytes of text are shifted by so much against those of the
 * stretch before, so that calls at even distances meet in few of them (SITE-6). */
#define SITE_HOME_SHIFT 324027u

extern struct site sites[SITES_MAX];
extern int32_t site_map_ends[SITES_MAX]; /* site_maps words in use once this site was added */
extern int32_t site_maps[SITE_MAP_WORDS];
extern int32_t site_index[SITE_SLOTS]; /* 0: empty, otherwise a site's number + 1 */
extern uint32_t sites_count;
extern uint32_t site_map_count;
extern uint64_t sites_text_base;
//@ ghost extern int32_t site_place[SITES_MAX];

#include "spec/sites.acsl"

/* clang-format off */
#define SITE_TABLE                                                                                     \
    sites[0 .. SITES_MAX - 1], site_map_ends[0 .. SITES_MAX - 1], site_maps[0 .. SITE_MAP_WORDS - 1],       \
    site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count, site_place[0 .. SITES_MAX - 1]
/* clang-format on */

/* Where the table stands: no array that is given to the core may lie there. */
/* clang-format off */
#define SITE_TABLE_PLACES                                                                              \
    sites + (..), site_map_ends + (..), site_maps + (..), site_index + (..), &sites_count, &site_map_count, \
        &sites_text_base
/* clang-format on */

/* SITE-1: is the site well formed, its maps standing in site_maps below map_end? */
/*@ requires site:    0 <= site < SITES_MAX && map_end <= SITE_MAP_WORDS;
    assigns  \nothing;
    ensures  decides: \result <==> site_sound(sites[site], map_end); */
bool site_well_formed(int32_t site, uint32_t map_end);

/* SITE-4: adds the given rows to the table, all of them or none; their map indices count from the first word of maps.
 * STACK_BAD_SITE, with nothing changed, exactly if one is malformed, has a pc that is taken, or there is no room. */
/*@ requires table:   site_table_ok;
    requires input:   \valid_read(table + (0 .. count - 1)) && \valid_read(maps + (0 .. map_words - 1));
    requires apart:   \separated(table + (..), SITE_TABLE_PLACES) && \separated(maps + (..), SITE_TABLE_PLACES);
    assigns  SITE_TABLE;
    ensures  table:   site_table_ok;
    ensures  status:  \result == STACK_OK || \result == STACK_BAD_SITE;
    ensures  decides: \result == STACK_OK <==> table_acceptable{Pre}(table, count, maps, map_words);
    ensures  added:   \result == STACK_OK ==> sites_count == \old(sites_count) + count &&
                        (count > 0 ==> site_map_count == \old(site_map_count) + map_words);
    ensures  rows:    \result == STACK_OK ==> \forall integer site; \old(sites_count) <= site < sites_count ==>
                        row_stored(sites[site], table[site - \old(sites_count)], \old(site_map_count));
    ensures  maps:    \result == STACK_OK ==> \forall integer k; 0 <= k < map_words ==>
                        site_maps[\old(site_map_count) + k] == maps[k];
    ensures  failed:  \result != STACK_OK ==> table_size_same{Pre, Post};
    ensures  kept:    sites_kept{Pre, Post}(\old(sites_count)) && maps_kept{Pre, Post}(\old(site_map_count)); */
enum stack_status sites_append(const struct site *table, uint32_t count, const int32_t *maps,
                               uint32_t map_words);

/* SITE-5: removes the sites that were added last, and gives their map words back. */
/*@ requires table:   site_table_ok;
    assigns  site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count;
    ensures  table:   site_table_ok;
    ensures  count:   sites_count == (\old(sites_count) < count ? \old(sites_count) : count);
    ensures  maps:    site_map_count == maps_end(sites_count); */
void sites_truncate(uint32_t count);

/* SITE-4: the given table in place of the old one.  STACK_BAD_SITE leaves no site at all: every look-up says so. */
/*@ requires table:   site_table_ok;
    requires input:   \valid_read(table + (0 .. count - 1)) && \valid_read(maps + (0 .. map_words - 1));
    requires apart:   \separated(table + (..), SITE_TABLE_PLACES) && \separated(maps + (..), SITE_TABLE_PLACES);
    assigns  SITE_TABLE, sites_text_base;
    ensures  table:   site_table_ok;
    ensures  status:  \result == STACK_OK || \result == STACK_BAD_SITE;
    ensures  decides: \result == STACK_OK <==> count <= SITES_MAX && map_words <= SITE_MAP_WORDS &&
                        table_sound{Pre}(table, count, maps, map_words) && table_distinct{Pre}(table, count);
    ensures  added:   \result == STACK_OK ==> sites_count == count && (count > 0 ==> site_map_count == map_words);
    ensures  rows:    \result == STACK_OK ==> \forall integer k; 0 <= k < count ==> row_stored(sites[k], table[k], 0);
    ensures  maps:    \result == STACK_OK ==> \forall integer k; 0 <= k < map_words ==> site_maps[k] == maps[k];
    ensures  failed:  \result != STACK_OK ==> sites_count == 0 && site_map_count == 0;
    ensures  base:    sites_text_base == text_base; */
enum stack_status sites_register(const struct site *table, uint32_t count, const int32_t *maps,
                                 uint32_t map_words, uint64_t text_base);

/* Where the probe for this pc begins.  Neighbours in the text are neighbours in the index: a program whose sites stand
 * in little text touches little of the index. */
/*@ requires pc:   0 <= pc;
    assigns  \nothing;
    ensures  home: \result == site_home(pc) && \result < SITE_HOMES; */
static inline uint32_t site_home_of(int32_t pc)
{
    uint32_t home = (uint32_t)pc / SITE_HOME_BYTES;
    return (home + home / SITE_HOMES * SITE_HOME_SHIFT) % SITE_HOMES;
}

/* The first slot from the pc's home on that is empty or holds it. */
/*@ requires pc:    0 <= pc;
    requires index: count <= SITES_MAX && index_bounded(count);
    assigns  \nothing;
    ensures  bound: site_home(pc) <= \result <= SITE_HOMES + count;
    ensures  full:  \forall integer slot; site_home(pc) <= slot < \result ==> site_index[slot] != 0;
    ensures  other: \forall integer slot; site_home(pc) <= slot < \result ==> sites[site_index[slot] - 1].pc != pc;
    ensures  stop:  site_index[\result] == 0 || sites[site_index[\result] - 1].pc == pc; */
static inline uint32_t site_probe(int32_t pc) /*@ ghost (uint32_t count) */
{
    uint32_t slot = site_home_of(pc);
    /*@ loop invariant bound: site_home(pc) <= slot <= SITE_HOMES + count;
        loop invariant full:  \forall integer k; site_home(pc) <= k < slot ==> site_index[k] != 0;
        loop invariant other: \forall integer k; site_home(pc) <= k < slot ==> sites[site_index[k] - 1].pc != pc;
        loop assigns slot;
        loop variant SITE_HOMES + count - slot; */
    while (site_index[slot] != 0 && sites[site_index[slot] - 1].pc != pc) {
        slot++;
    }
    return slot;
}

/*@ ghost
    /@ requires here:  site < sites_count <= SITES_MAX && sites_distinct(sites_count);
       assigns  \nothing;
       ensures  found: site_with_pc(sites_count, sites[site].pc) == site; @/
    static inline void site_is_found(uint32_t site) {
        uint32_t k = sites_count;
        /@ loop invariant same: site + 1 <= k <= sites_count &&
             site_with_pc(sites_count, sites[site].pc) == site_with_pc(k, sites[site].pc);
           loop assigns k; loop variant k; @/
        while (k > site + 1) k--;
    }
*/
/*@ ghost
    /@ requires none:  sites_count <= SITES_MAX &&
                         \forall integer site; 0 <= site < sites_count ==> sites[site].pc != pc - sites_text_base;
       assigns  \nothing;
       ensures  found: site_at(pc) == -1; @/
    static inline void site_is_absent(uint64_t pc) {
        uint32_t k = sites_count;
        /@ loop invariant same: 0 <= k <= sites_count &&
             site_at(pc) == site_with_pc(k, pc - sites_text_base);
           loop assigns k; loop variant k; @/
        while (k > 0) k--;
    }
*/

/* The masks of a row in the table are those that the caller gave with it. */
/*@ ghost
    /@ requires stored: row_stored(site, row, base);
       requires maps:   base + map_words <= SITE_MAP_WORDS &&
                          \forall integer k; 0 <= k < map_words ==> site_maps[base + k] == maps[k];
       requires fields: site_fields(row) && site_maps_inside(row, map_words);
       assigns  \nothing;
       ensures  live:   \forall integer word; 0 <= word && (word < 64 || word < 32 * mask_parts(row.span_words)) ==>
                          (live_bit(site, word) <==> given_live_bit(row, maps, word));
       ensures  object: \forall integer word; 0 <= word < 32 * mask_parts(row.span_words) ==>
                          (object_bit(site, word) <==> given_object_bit(row, maps, word));
       ensures  clear:  site_masks_clear(site) <==> given_masks_clear(row, maps); @/
    static inline void stored_masks_are_given(struct site site, struct site row, const int32_t *maps, uint32_t base,
                                              uint32_t map_words) {
      /@ assert live: \forall integer part; 0 <= part && (part < 2 || part < mask_parts(row.span_words)) ==>
           live_mask(site, part) == given_live_mask(row, maps, part); @/
      /@ assert object: \forall integer part; 0 <= part < mask_parts(row.span_words) ==>
           object_mask(site, part) == given_object_mask(row, maps, part); @/
    }
*/

/* SITE-3: the site whose pc this is, or -1. */
/*@ requires table: site_table_ok;
    assigns  \nothing;
    ensures  range: -1 <= \result < sites_count;
    ensures  found: \result == site_at(pc);
    ensures  hit:   \result >= 0 ==> sites[\result].pc == pc - sites_text_base;
    ensures  miss:  \result == -1 ==>
                      \forall integer site; 0 <= site < sites_count ==> sites[site].pc != pc - sites_text_base; */
static inline int32_t site_find(uint64_t pc)
{
    if (pc < sites_text_base || pc - sites_text_base > 2147483647u) {
        //@ ghost site_is_absent(pc);
        return -1;
    }
    int32_t offset = (int32_t)(pc - sites_text_base);
    uint32_t slot = site_probe(offset) /*@ ghost (sites_count) */;
    int32_t site = site_index[slot] - 1;
    if (site >= 0) {
        //@ ghost site_is_found((uint32_t)site);
        return site;
    }
    /*@ assert past: \forall integer s; 0 <= s < sites_count && sites[s].pc == offset ==>
          site_home(offset) <= site_place[s] && site_place[s] < slot && site_index[site_place[s]] == s + 1; */
    //@ assert none: \forall integer s; 0 <= s < sites_count ==> sites[s].pc != offset;
    //@ ghost site_is_absent(pc);
    return -1;
}

/* Mask of the live pointer slots among words 32 * part .. 32 * part + 31 of a site's frame. */
/*@ requires site: 0 <= site < SITES_MAX && site_fields(sites[site]) && site_maps_inside(sites[site], SITE_MAP_WORDS);
    requires part: part < 2 || part < mask_parts(sites[site].span_words);
    assigns  \nothing;
    ensures  mask: \result == live_mask(sites[site], part); */
static inline uint32_t site_live_mask(int32_t site, uint32_t part)
{
    if (part == 0)
        return unsigned_bits(sites[site].pointers_low);
    if (part == 1)
        return unsigned_bits(sites[site].pointers_high);
    return unsigned_bits(site_maps[sites[site].pointers_more + (int32_t)(part - 2)]);
}

/* The same for stack objects, which are adjusted live or not. */
/*@ requires site: 0 <= site < SITES_MAX && site_fields(sites[site]) && site_maps_inside(sites[site], SITE_MAP_WORDS);
    requires part: part < mask_parts(sites[site].span_words);
    assigns  \nothing;
    ensures  mask: \result == object_mask(sites[site], part); */
static inline uint32_t site_object_mask(int32_t site, uint32_t part)
{
    return sites[site].objects < 0 ? 0
                                   : unsigned_bits(site_maps[sites[site].objects + (int32_t)part]);
}

#endif
