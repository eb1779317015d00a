/* site_table.c: registration of sites, and their index. */
#include "src/core/site_table.h"

struct site sites[SITES_MAX];
int32_t site_map_ends[SITES_MAX];
int32_t site_maps[SITE_MAP_WORDS];
uint16_t site_index[SITE_SLOTS];
uint32_t sites_count;
uint32_t site_map_count;
uint64_t sites_text_base;
//@ ghost int32_t site_place[SITES_MAX];

static uint32_t site_parts(int32_t span) {
    return ((uint32_t)span + 31u) / 32u;
}

/* The fields that do not depend on masks. */
static int site_shape_ok(int32_t site, uint32_t map_end) {
    int32_t span = sites[site].span_words;
    int32_t frame = sites[site].frame_words;
    if (sites[site].pc < 0 || frame < 0 || span < 0 || span > (int32_t)LARGEST_STACK_WORDS) return 0;
    if (sites[site].bottom != 0 ? frame > span : frame > span - 2) return 0;
    if (sites[site].pointers_more < 0 || sites[site].objects < -1) return 0;
    uint32_t parts = site_parts(span);
    if (parts > 2 && (uint32_t)sites[site].pointers_more + (parts - 2) > map_end) return 0;
    return sites[site].objects < 0 || (uint32_t)sites[site].objects + parts <= map_end;
}

/* No bit at or above the span, in the masks that the span reaches into and in both that every site has. */
static int site_masks_ok(int32_t site) {
    uint32_t span = (uint32_t)sites[site].span_words;
    uint32_t parts = site_parts(sites[site].span_words);
    for (uint32_t k = span; k < 32 * parts || k < 64; k++) {
        if (bit_is_set(site_live_mask(site, k / 32), k % 32)) return 0;
    }
    for (uint32_t k = span; k < 32 * parts; k++) {
        if (bit_is_set(site_object_mask(site, k / 32), k % 32)) return 0;
    }
    return 1;
}

int site_well_formed(int32_t site, uint32_t map_end) {
    if (!site_shape_ok(site, map_end) || !site_masks_ok(site)) return 0;
    uint32_t frame = (uint32_t)sites[site].frame_words;
    return sites[site].bottom != 0 || bit_is_set(site_live_mask(site, frame / 32), frame % 32);
}

/* Puts the next site into the index; 0 if its pc is taken. */
static int site_insert(uint32_t site) {
    uint32_t slot = site_probe(sites[site].pc);
    if (site_index[slot] != 0) return 0;
    site_index[slot] = (uint16_t)(site + 1);
    return 1;
}

/* Takes the last site out of the index. */
static void site_remove_last(void) {
    uint32_t slot = site_probe(sites[sites_count - 1].pc);
    site_index[slot] = 0;
    sites_count = sites_count - 1;
    site_map_count = sites_count == 0 ? 0 : (uint32_t)site_map_ends[sites_count - 1];
}

void sites_truncate(uint32_t count) {
    while (sites_count > count) {
        site_remove_last();
    }
}

/* Copies one site to the end of the table, its maps shifted by base; 0 if it cannot be there. */
static int site_add(struct site site, uint32_t base, uint32_t map_end) {
    if (site.pointers_more < 0 || site.pointers_more > (int32_t)SITE_MAP_WORDS) return 0;
    if (site.objects < -1 || site.objects > (int32_t)SITE_MAP_WORDS) return 0;
    site.pointers_more += (int32_t)base;
    if (site.objects >= 0) site.objects += (int32_t)base;
    sites[sites_count] = site;
    site_map_ends[sites_count] = (int32_t)map_end;
    if (!site_well_formed((int32_t)sites_count, map_end) || !site_insert(sites_count)) return 0;
    sites_count = sites_count + 1;
    site_map_count = map_end;
    return 1;
}

static void site_maps_add(const int32_t *maps, uint32_t map_words) {
    for (uint32_t k = 0; k < map_words; k++) {
        site_maps[site_map_count + k] = maps[k];
    }
}

enum stack_status sites_append(const struct site *table, uint32_t count, const int32_t *maps, uint32_t map_words) {
    uint32_t old_count = sites_count;
    uint32_t base = site_map_count;
    if (count > SITES_MAX - old_count || map_words > SITE_MAP_WORDS - base) return STACK_BAD_SITE;
    site_maps_add(maps, map_words);
    for (uint32_t k = 0; k < count; k++) {
        if (!site_add(table[k], base, base + map_words)) {
            sites_truncate(old_count);
            return STACK_BAD_SITE;
        }
    }
    return STACK_OK;
}

enum stack_status sites_register(const struct site *table, uint32_t count, const int32_t *maps, uint32_t map_words,
                                 uint64_t text_base) {
    sites_truncate(0);
    sites_text_base = text_base;
    return sites_append(table, count, maps, map_words);
}
