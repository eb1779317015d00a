/* site_table.c: registration of sites, and their index. */
#include "src/core/move/site_table.h"

struct site sites[SITES_MAX];
int32_t site_map_ends[SITES_MAX];
int32_t site_maps[SITE_MAP_WORDS];
int32_t site_index[SITE_SLOTS];
uint32_t sites_count;
uint32_t site_map_count;
uint64_t sites_text_base;
//@ ghost int32_t site_place[SITES_MAX];

/*@ requires span:  0 <= span <= LARGEST_STACK_WORDS;
    assigns  \nothing;
    ensures  parts: \result == mask_parts(span); */
static uint32_t site_parts(int32_t span)
{
    return ((uint32_t)span + 31u) / 32u;
}

/*@ requires site:    0 <= site < SITES_MAX;
    assigns  \nothing;
    ensures  decides: \result <==> site_fields(sites[site]); */
static bool site_fields_ok(int32_t site)
{
    int32_t span = sites[site].span_words;
    int32_t frame = sites[site].frame_words;
    if (sites[site].pc < 0 || frame < 0 || span < 0 || span > (int32_t)LARGEST_STACK_WORDS)
        return false;
    if (sites[site].pointers_more < 0 || sites[site].objects < -1)
        return false;
    if (sites[site].bottom != 0 && sites[site].bare != 0)
        return false;
    return sites[site].bottom != 0 ? frame <= span : frame <= span - 2;
}

/*@ requires site:    0 <= site < SITES_MAX && site_fields(sites[site]) && map_end <= SITE_MAP_WORDS;
    assigns  \nothing;
    ensures  decides: \result <==> site_maps_inside(sites[site], map_end); */
static bool site_maps_ok(int32_t site, uint32_t map_end)
{
    uint32_t parts = site_parts(sites[site].span_words);
    if (parts > 2 && (uint32_t)sites[site].pointers_more + (parts - 2) > map_end)
        return false;
    return sites[site].objects < 0 || (uint32_t)sites[site].objects + parts <= map_end;
}

/* Does this part of a map name no word beyond the span? */
/*@ requires span:  span < 32 * part + 32 <= LARGEST_STACK_WORDS + 96;
    assigns  \nothing;
    ensures  clear: \result <==> \forall integer k; 0 <= k <= 31 && span <= 32 * part + k ==> !bit_of(mask, k); */
static bool mask_ends_with_span(uint32_t mask, uint32_t span, uint32_t part)
{
    uint32_t begin = 32 * part;
    return bits_are_clear_from(mask, begin < span ? span - begin : 0);
}

/*@ requires site:    0 <= site < SITES_MAX && site_fields(sites[site]) &&
                      site_maps_inside(sites[site], SITE_MAP_WORDS);
    assigns  \nothing;
    ensures  decides: \result <==> site_masks_clear(sites[site]); */
static bool site_masks_ok(int32_t site)
{
    uint32_t span = (uint32_t)sites[site].span_words;
    uint32_t parts = site_parts(sites[site].span_words);
    uint32_t live_parts = parts < 2 ? 2 : parts;
    /*@ loop invariant clear: span / 32 <= part && \forall integer k; span <= k < 32 * part ==>
                                !live_bit(sites[site], k);
        loop assigns part;
        loop variant live_parts - part; */
    for (uint32_t part = span / 32; part < live_parts; part++) {
        uint32_t live = site_live_mask(site, part);
        /*@ assert live: \forall integer k; 0 <= k <= 31 ==>
              (live_bit(sites[site], 32 * part + k) <==> bit_of(live, k)); */
        if (!mask_ends_with_span(live, span, part))
            return false;
    }
    /*@ loop invariant clear: span / 32 <= part && \forall integer k; span <= k < 32 * part ==>
                                !object_bit(sites[site], k);
        loop assigns part;
        loop variant parts - part; */
    for (uint32_t part = span / 32; part < parts; part++) {
        uint32_t object = site_object_mask(site, part);
        /*@ assert object: \forall integer k; 0 <= k <= 31 ==>
              (object_bit(sites[site], 32 * part + k) <==> bit_of(object, k)); */
        if (!mask_ends_with_span(object, span, part))
            return false;
    }
    return true;
}

/* Are no bits set beyond the span, and is the saved frame pointer marked? */
/*@ requires site:    0 <= site < SITES_MAX && site_fields(sites[site]) &&
                      site_maps_inside(sites[site], SITE_MAP_WORDS);
    assigns  \nothing;
    ensures  decides: \result <==> site_masks_clear(sites[site]) &&
                        (saves_frame_pointer(sites[site]) ==> live_bit(sites[site], sites[site].frame_words)); */
static bool site_bits_ok(int32_t site)
{
    if (!site_masks_ok(site))
        return false;
    if (sites[site].bottom != 0 || sites[site].bare != 0)
        return true;
    uint32_t frame = (uint32_t)sites[site].frame_words;
    return bit_is_set(site_live_mask(site, frame / 32), frame % 32);
}

bool site_well_formed(int32_t site, uint32_t map_end)
{
    return site_fields_ok(site) && site_maps_ok(site, map_end) && site_bits_ok(site);
}

/* Puts the next site into the index; 0 if its pc is taken. */
/*@ requires site:     site == sites_count && site < SITES_MAX && 0 <= sites[site].pc;
    requires index:    index_bounded(site) && index_complete(site);
    assigns  site_index[0 .. SITE_SLOTS - 1], site_place[site];
    ensures  fresh:    \result ==> \forall integer s; 0 <= s < site ==> sites[s].pc != sites[site].pc;
    ensures  bounded:  \result ==> index_bounded(site + 1);
    ensures  complete: \result ==> index_complete(site + 1);
    ensures  taken:    !\result ==> \exists integer s; 0 <= s < site && sites[s].pc == sites[site].pc;
    ensures  failed:   !\result ==> index_bounded(site) && index_complete(site); */
static bool site_insert(uint32_t site)
{
    int32_t pc = sites[site].pc;
    uint32_t slot = site_probe(pc) /*@ ghost (site) */;
    if (site_index[slot] != 0) {
        return false;
    }
    /*@ assert past: \forall integer s; 0 <= s < site && sites[s].pc == pc ==>
          site_home(pc) <= site_place[s] && site_place[s] < slot && site_index[site_place[s]] == s + 1; */
    //@ assert fresh: \forall integer s; 0 <= s < site ==> sites[s].pc != pc;
    site_index[slot] = (int32_t)(site + 1);
    //@ ghost site_place[site] = (int32_t)slot;
    //@ assert kept: \forall integer s; 0 <= s < site ==> site_placed(s, sites[s].pc);
    //@ assert placed: site_placed(site, pc);
    return true;
}

/* Takes the last site out of the index. */
/*@ requires some:     0 < sites_count;
    requires table:    site_table_ok;
    assigns  site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count;
    ensures  table:    site_table_ok;
    ensures  count:    sites_count == \old(sites_count) - 1; */
static void site_remove_last(void)
{
    uint32_t last = sites_count - 1;
    uint32_t slot = site_probe(sites[last].pc) /*@ ghost (sites_count) */;
    //@ assert place: site_place[last] == slot;
    //@ assert only: \forall integer k; 0 <= k < SITE_SLOTS && site_index[k] == last + 1 ==> k == slot;
    site_index[slot] = 0;
    //@ assert kept: \forall integer s; 0 <= s < last ==> site_placed(s, sites[s].pc);
    //@ assert bounded: index_bounded(last);
    sites_count = last;
    site_map_count = last == 0 ? 0 : (uint32_t)site_map_ends[last - 1];
}

void sites_truncate(uint32_t count)
{
    /*@ loop invariant table: site_table_ok;
        loop invariant count: sites_count <= \at(sites_count, Pre) &&
                              (sites_count == \at(sites_count, Pre) || sites_count >= count);
        loop assigns site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count;
        loop variant sites_count; */
    while (sites_count > count) {
        site_remove_last();
    }
}

/* Writes a site beyond the end of the table, where nobody looks yet. */
/*@ requires table:    site_table_ok && sites_count < SITES_MAX;
    requires maps:     site_map_count <= map_end <= SITE_MAP_WORDS;
    assigns  sites[sites_count], site_map_ends[sites_count];
    ensures  written:  sites[sites_count] == site && site_map_ends[sites_count] == map_end;
    ensures  kept:     sites_kept{Pre, Post}(sites_count);
    ensures  sound:    sites_sound(sites_count);
    ensures  ends:     map_ends_grow(sites_count, site_map_count);
    ensures  distinct: sites_distinct(sites_count);
    ensures  bounded:  index_bounded(sites_count);
    ensures  complete: index_complete(sites_count); */
static void site_put(struct site site, uint32_t map_end)
{
    sites[sites_count] = site;
    site_map_ends[sites_count] = (int32_t)map_end;
}

/* Copies one row to the end of the table, its maps counted from base on; 0 if it cannot stand there. */
/*@ requires table:   site_table_ok && sites_count < SITES_MAX;
    requires maps:    base + map_words <= SITE_MAP_WORDS && site_map_count <= base + map_words;
    requires given:   \valid_read(maps + (0 .. map_words - 1)) && \separated(maps + (..), SITE_TABLE_PLACES) &&
                        \forall integer k; 0 <= k < map_words ==> site_maps[base + k] == maps[k];
    assigns  sites[sites_count], site_map_ends[sites_count], site_index[0 .. SITE_SLOTS - 1],
             site_place[sites_count], sites_count, site_map_count;
    ensures  table:   site_table_ok;
    ensures  decides: \result <==> row_sound{Pre}(row, maps, map_words) && pc_is_new{Pre}(row.pc, \old(sites_count));
    ensures  added:   \result ==> sites_count == \old(sites_count) + 1 && site_map_count == base + map_words;
    ensures  row:     \result ==> row_stored(sites[\old(sites_count)], row, base);
    ensures  failed:  !\result ==> table_size_same{Pre, Post};
    ensures  kept:    sites_kept{Pre, Post}(\old(sites_count)); */
static bool site_add(struct site row, uint32_t base,
                     uint32_t map_words) /*@ ghost (const int32_t *maps) */
{
    if (row.pointers_more < 0 || row.pointers_more > (int32_t)SITE_MAP_WORDS)
        return false;
    if (row.objects < -1 || row.objects > (int32_t)SITE_MAP_WORDS)
        return false;
    struct site site = row;
    site.pointers_more += (int32_t)base;
    if (site.objects >= 0)
        site.objects += (int32_t)base;
    site_put(site, base + map_words);
    //@ assert fields: site_fields(sites[sites_count]) <==> site_fields(row);
    /*@ assert inside: site_fields(row) ==>
          (site_maps_inside(sites[sites_count], base + map_words) <==> site_maps_inside(row, map_words)); */
    if (!site_fields_ok((int32_t)sites_count) ||
        !site_maps_ok((int32_t)sites_count, base + map_words))
        return false;
    //@ ghost stored_masks_are_given(sites[sites_count], row, maps, base, map_words);
    if (!site_bits_ok((int32_t)sites_count))
        return false;
    if (!site_insert(sites_count))
        return false;
    sites_count = sites_count + 1;
    site_map_count = base + map_words;
    return true;
}

/*@ requires table: site_table_ok && map_words <= SITE_MAP_WORDS - site_map_count;
    requires input: \valid_read(maps + (0 .. map_words - 1)) && \separated(maps + (..), SITE_TABLE_PLACES);
    assigns  site_maps[0 .. SITE_MAP_WORDS - 1];
    ensures  table: site_table_ok;
    ensures  kept:  \forall integer k; 0 <= k < site_map_count ==> site_maps[k] == \old(site_maps[k]);
    ensures  added: \forall integer k; site_map_count <= k < site_map_count + map_words ==>
                      site_maps[k] == maps[k - site_map_count]; */
static void site_maps_add(const int32_t *maps, uint32_t map_words)
{
    /*@ loop invariant bound: 0 <= k <= map_words;
        loop invariant kept:  \forall integer j; 0 <= j < site_map_count ==>
                                site_maps[j] == \at(site_maps[j], LoopEntry);
        loop invariant added: \forall integer j; site_map_count <= j < site_map_count + k ==>
                                site_maps[j] == maps[j - site_map_count];
        loop assigns k, site_maps[0 .. SITE_MAP_WORDS - 1];
        loop variant map_words - k; */
    for (uint32_t k = 0; k < map_words; k++) {
        site_maps[site_map_count + k] = maps[k];
    }
}

/* One row is enough for a table to be refused. */
/*@ ghost
    /@ requires row:       k < count && row == table[k];
       assigns  \nothing;
       ensures  malformed: !row_sound(row, maps, map_words) ==> !table_sound(table, count, maps, map_words);
       ensures  twice:     (\exists integer j; 0 <= j < k && table[j].pc == row.pc) ==>
                             !table_distinct(table, count); @/
    static void row_spoils_table(const struct site *table, uint32_t count, const int32_t *maps, uint32_t map_words,
                                 struct site row, uint32_t k) {
    }
*/

enum stack_status sites_append(const struct site *table, uint32_t count, const int32_t *maps,
                               uint32_t map_words)
{
    uint32_t old_count = sites_count;
    uint32_t base = site_map_count;
    if (count > SITES_MAX - old_count || map_words > SITE_MAP_WORDS - base)
        return STACK_BAD_SITE;
    site_maps_add(maps, map_words);
    /*@ loop invariant table: site_table_ok;
        loop invariant count: 0 <= k <= count && sites_count == old_count + k;
        loop invariant ends:  site_map_count == (k == 0 ? base : base + map_words);
        loop invariant kept:  sites_kept{Pre, Here}(old_count);
        loop invariant given: given_same{Pre, Here}(table, maps);
        loop invariant rows:  \forall integer site; old_count <= site < old_count + k ==>
                                row_stored(sites[site], table[site - old_count], base);
        loop invariant pcs:   \forall integer j; 0 <= j < k ==> sites[old_count + j].pc == \at(table[j].pc, Pre);
        loop invariant sound: table_sound{Pre}(table, k, maps, map_words);
        loop invariant new:   \forall integer j; 0 <= j < k ==> pc_is_new{Pre}(table[j].pc, old_count);
        loop assigns k, sites[0 .. SITES_MAX - 1], site_map_ends[0 .. SITES_MAX - 1],
                     site_index[0 .. SITE_SLOTS - 1], sites_count, site_map_count, site_place[0 .. SITES_MAX - 1];
        loop variant count - k; */
    for (uint32_t k = 0; k < count; k++) {
        struct site row = table[k];
        //@ assert same: row_sound{Pre}(row, maps, map_words) <==> row_sound(row, maps, map_words);
        if (!site_add(row, base, map_words) /*@ ghost (maps) */) {
            /*@ assert refused: !row_sound{Pre}(row, maps, map_words) || !pc_is_new{Pre}(row.pc, old_count) ||
                  \exists integer j; 0 <= j < k && \at(table[j].pc, Pre) == row.pc; */
            //@ ghost row_spoils_table(table, count, maps, map_words, row, k);
            sites_truncate(old_count);
            return STACK_BAD_SITE;
        }
        //@ assert here: row_sound{Pre}(\at(table[\at(k, Here)], Pre), maps, map_words);
    }
    //@ assert distinct: table_distinct{Pre}(table, count) && table_new{Pre}(table, count);
    return STACK_OK;
}

enum stack_status sites_register(const struct site *table, uint32_t count, const int32_t *maps,
                                 uint32_t map_words, uint64_t text_base)
{
    sites_truncate(0);
    sites_text_base = text_base;
    //@ assert empty: sites_count == 0 && site_map_count == 0;
    return sites_append(table, count, maps, map_words);
}
