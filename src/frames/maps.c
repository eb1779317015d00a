/* maps.c: see maps.h. */
#include "src/frames/maps.h"

#include <string.h>

#include "src/core/move/site_table.h"
#include "src/frames/code.h"
#include "src/frames/function.h"
#include "src/frames/shadow.h"
#include "src/frames/slots.h"

#define SITES_MADE_MAX 1024u
#define MAPS_MADE_MAX 196608u
#define LISTS_MAX (SITES_MADE_MAX * (SLOTS_MAX + 1))
#define NO_COUNT UINT32_MAX

/* What is known of a site. */
struct note {
    struct made_place place;
    uint32_t slots; /* index in `lists` */
};

static struct site made[SITES_MADE_MAX];
static struct note notes[SITES_MADE_MAX];
static uint32_t made_count, linked_count;
static bool linked_known;
static int32_t maps[MAPS_MADE_MAX];
static uint32_t maps_used;
static uint32_t lists[LISTS_MAX];
static uint32_t lists_used;

/* What was made last for the function that is being compiled. */
static struct {
    uint32_t pointers, objects;       /* rows: of pointers from SLOTS_IN_SITE on, of objects */
    uint64_t pointers_at, objects_at; /* after how many changes they were made; 0: not of a body */
    uint32_t list, list_count;        /* a list, and of how many slots */
} last;

void frames_maps_begin(void)
{
    made_count = maps_used = lists_used = 0;
}

void frames_maps_begin_function(void)
{
    last.list_count = NO_COUNT;
}

static void bit_put(int32_t *words, uint32_t bit)
{
    words[bit / 32] = (int32_t)((uint32_t)words[bit / 32] | UINT32_C(1) << bit % 32);
}

/* Words of a map with a bit for each word of the site's frame. */
static uint32_t row_words(const struct site *site)
{
    return ((uint32_t)site->span_words + 31) / 32;
}

static bool row_begin(uint32_t words, uint32_t *row)
{
    if (words > MAPS_MADE_MAX - maps_used)
        return false;
    *row = maps_used;
    memset(maps + maps_used, 0, words * sizeof *maps);
    maps_used += words;
    return true;
}

/* A pointer map: the part in the site, and the row of what is above, or NULL if that is made already or not needed. */
struct pointer_map {
    int32_t low[SLOTS_IN_SITE / 32];
    int32_t *more;
};

static void pointer_put(struct pointer_map *map, uint32_t word)
{
    if (word < SLOTS_IN_SITE)
        bit_put(map->low, word);
    else if (map->more != NULL)
        bit_put(map->more, word - SLOTS_IN_SITE);
}

/* Slots, saved frame pointer, arguments. */
static void pointers_put(struct pointer_map *map, uint32_t frame, bool in_body)
{
    for (uint32_t i = 0; in_body && i < frames_slots.count; i++)
        if (frames_slots.kinds[i] == SLOT_POINTER)
            pointer_put(map, frames_slots.numbers[i]);
    if (!frames_now.function->bare)
        pointer_put(map, frame);
    for (uint32_t i = 0; i < frames_now.function->arguments; i++)
        if (argument_is_pointer(frames_now.function, i))
            pointer_put(map, frame + 2 + i);
}

/* False: no room. */
static bool pointers_fill(struct site *site, bool in_body)
{
    uint32_t words = row_words(site), in_site = SLOTS_IN_SITE / 32;
    struct pointer_map map = {{0}, NULL};
    if (words > in_site && (last.pointers_at != frames_slots.pointers_changes || !in_body)) {
        if (!row_begin(words - in_site, &last.pointers))
            return false;
        last.pointers_at = in_body ? frames_slots.pointers_changes : 0;
        map.more = maps + last.pointers;
    }
    pointers_put(&map, (uint32_t)site->frame_words, in_body);
    site->pointers_low = map.low[0];
    site->pointers_high = map.low[1];
    site->pointers_more = words > in_site ? (int32_t)last.pointers : 0;
    return true;
}

static bool some_object(void)
{
    for (uint32_t i = 0; i < frames_slots.count; i++)
        if (frames_slots.kinds[i] == SLOT_OBJECT)
            return true;
    return false;
}

static bool objects_fill(struct site *site, bool in_body)
{
    site->objects = -1;
    if (!in_body || !some_object())
        return true;
    if (last.objects_at != frames_slots.objects_changes) {
        if (!row_begin(row_words(site), &last.objects))
            return false;
        last.objects_at = frames_slots.objects_changes;
        for (uint32_t i = 0; i < frames_slots.count; i++)
            if (frames_slots.kinds[i] == SLOT_OBJECT)
                bit_put(maps + last.objects, frames_slots.numbers[i]);
    }
    site->objects = (int32_t)last.objects;
    return true;
}

/* Index in `lists` of the first `count` slots. */
static uint32_t list_make(uint32_t count)
{
    if (last.list_count == count)
        return last.list;
    last.list = lists_used;
    last.list_count = count;
    lists[lists_used++] = count;
    for (uint32_t i = 0; i < count; i++)
        lists[lists_used++] = frames_slots.numbers[i];
    return last.list;
}

const uint32_t *frames_list_of_slots(void)
{
    return &lists[list_make(frames_slots.count)];
}

/* Two of the sites and the one without a frame may each need maps of their own: the others of an operation share. */
bool frames_sites_have_room(void)
{
    uint32_t rows = 2 * ((frames_now.function->words + 2 + ARGUMENT_KINDS_MAX) / 32 + 1);
    return made_count + 6 <= SITES_MADE_MAX && maps_used + 3 * rows <= MAPS_MADE_MAX &&
           frames_code_used + 4096 <= CODE_BYTES;
}

void frames_site_here(bool in_body)
{
    struct site *site = &made[made_count];
    uint32_t frame = in_body ? frames_now.function->words : 0;
    site->pc = (int32_t)(code_here() - sites_text_base);
    site->frame_words = (int32_t)frame;
    site->span_words = (int32_t)(frame + 2 + frames_now.function->arguments);
    site->bottom = 0;
    site->bare = frames_now.function->bare;
    if (!pointers_fill(site, in_body) || !objects_fill(site, in_body)) {
        frames_code_full = true;
        return;
    }
    notes[made_count++] = (struct note){{frames_now.number, frames_now.operation},
                                        list_make(in_body ? frames_slots.count : 0)};
}

void frames_sites_linked(void)
{
    linked_count = sites_count;
    linked_known = true;
}

bool frames_sites_are_linked(void)
{
    return linked_known;
}

bool frames_sites_add_made(void)
{
    return sites_append(made, made_count, maps, maps_used) == STACK_OK;
}

void frames_sites_forget_made(void)
{
    sites_truncate(linked_count);
}

static const struct note *note_of(int32_t site)
{
    return site >= (int32_t)linked_count ? &notes[(uint32_t)site - linked_count] : NULL;
}

bool frames_made_place_of(int32_t site, struct made_place *place)
{
    const struct note *note = note_of(site);
    if (note == NULL)
        return false;
    *place = note->place;
    return true;
}

const uint32_t *frames_made_slots(int32_t site)
{
    const struct note *note = note_of(site);
    return note == NULL ? NULL : &lists[note->slots];
}
