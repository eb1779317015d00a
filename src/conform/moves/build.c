/* build.c: from a move's frames and maps the rows of a site table, and what copystack cannot say of some words.
 *
 *      Go's frames                       our frame
 *      argp  ----------------            ----------------
 *            return address              return address       a frame of Go without a saved frame pointer (a function
 *      varp  saved frame pointer         saved frame pointer  at its entry, an assembly routine) is one with its
 *            locals of the caller        locals               caller's, under the inner one's pc
 *      sp    ----------------
 *            return address
 *      sp    ----------------            ----------------
 *
 * Keeps: each used word has one class; a word that the core would refuse is 0 for it, and `instead` says what Go makes
 * of it.  Called by moves.c. */
#include "src/conform/moves/move.h"

#include <inttypes.h>
#include <string.h>

/* Offsets from the lowest pc from here on are no real ones: numbers for sites whose pc has other maps, too. */
#define FIRST_SUBSTITUTE 0x70000000u

/* One of our frames: Go's frames first..last, and its words. */
struct joined {
    size_t first, last;
    uint64_t word, end; /* the last one's end */
    bool bottom;
};

static void set_class(struct move *move, uint64_t word, enum word_class class, uint64_t instead)
{
    *ITEM(uint8_t, move->classes, word) = (uint8_t) class;
    *ITEM(uint64_t, move->instead, word) = instead;
}

static uint64_t delta_of(const struct move *move)
{
    return move->new.hi - move->old.hi;
}

/* GO-12: a pointer below the stack pointer, which Go relocates all the same. */
static void note_stale(struct move *move, uint64_t word)
{
    uint64_t value = word_before(move, word);
    if (in_range(value, move->old.lo, move->old.sp))
        set_class(move, word, WORD_STALE, value + delta_of(move));
}

/* The word of the saved frame pointer at the end of a frame; false if copystack is not to see it as one. */
static bool note_frame_pointer(struct move *move, const struct frame *frame,
                               const struct profile *profile)
{
    uint64_t word = (frame->varp - move->old.sp) / 8;
    uint64_t value = word_before(move, word);
    if (value == 0)
        return true;
    if ((frame->continues == 0 && profile->dead_frames_stay) || frame->bare)
        set_class(move, word, WORD_DEAD_FRAME, value);
    else if (!in_range(value, move->old.lo, move->old.hi))
        set_class(move, word, WORD_ELSEWHERE, value);
    else if (value <= frame->varp)
        set_class(move, word, WORD_INWARD, value + delta_of(move));
    else
        return true;
    return false;
}

/* Called for each word that a map names. */
typedef void each_word(struct move *move, const struct map *map, uint64_t word, void *context);

static bool map_counts(const struct map *map, const struct frame *frame)
{
    bool object = map->kind == MAP_OBJECT || map->kind == MAP_PROGRAM;
    return !frame->bare && frame->continues != 0 && !(object && map->address < frame->sp);
}

/* The words of one map, low ones first; false if one lies outside of the frame or the stack. */
static bool each_of_map(struct move *move, const struct map *map, uint64_t low, each_word *call,
                        void *context)
{
    for (uint64_t k = 0; k < map->words; k++) {
        if (map->kind != MAP_PROGRAM && k / 8 >= map->num_bytes)
            break;
        uint64_t address = map->address + 8 * k;
        if (map->kind != MAP_PROGRAM && !map_bit(move, map, k))
            continue;
        if (address < low || address >= move->old.hi)
            return false;
        call(move, map, (address - move->old.sp) / 8, context);
    }
    return true;
}

static bool each_of_frame(struct move *move, const struct joined *joined, each_word *call,
                          void *context)
{
    for (size_t k = joined->first; k <= joined->last; k++) {
        const struct frame *frame = ITEM(struct frame, move->frames, k);
        for (uint32_t m = 0; m < frame->num_maps; m++) {
            const struct map *map = ITEM(struct map, move->maps, frame->first_map + m);
            if (map_counts(map, frame) && !each_of_map(move, map, frame->sp, call, context))
                return false;
        }
    }
    return true;
}

static void widen(struct move *move, const struct map *map, uint64_t word, void *context)
{
    uint64_t *end = context;
    (void)move;
    if (map->kind != MAP_PROGRAM && word >= *end)
        *end = word + 1;
}

/* Masks of a frame while it is made: live words, then objects. */
struct masks {
    int32_t *live, *object;
    uint64_t word;
    bool stale_follow;
};

static void set_bit(int32_t *mask, uint64_t bit)
{
    mask[bit / 32] = (int32_t)((uint32_t)mask[bit / 32] | UINT32_C(1) << bit % 32);
}

static void mark(struct move *move, const struct map *map, uint64_t word, void *context)
{
    struct masks *masks = context;
    if (map->kind == MAP_PROGRAM) {
        set_class(move, word, WORD_PROGRAM, 0);
        return;
    }
    set_bit(map->kind == MAP_OBJECT ? masks->object : masks->live, word - masks->word);
    if (masks->stale_follow)
        note_stale(move, word);
}

/* Room for `count` masks behind those that are there; the index of the first one, or SIZE_MAX. */
static size_t add_masks(struct moves *moves, size_t count)
{
    size_t first = moves->masks.count;
    for (size_t k = 0; k < count; k++)
        if (array_add(moves, &moves->masks, sizeof(int32_t)) == NULL)
            return SIZE_MAX;
    return first;
}

/* The row of a frame, its masks behind those of the rows before it. */
static bool make_row(struct moves *moves, struct replay *replay, struct move *move,
                     const struct joined *joined, struct site *row)
{
    const struct frame *first = ITEM(struct frame, move->frames, joined->first);
    const struct frame *last = ITEM(struct frame, move->frames, joined->last);
    uint64_t end = joined->end, saved = (last->varp - move->old.sp) / 8;
    if (!each_of_frame(move, joined, widen, &end))
        return deviates_at(replay, first->line, "SITE-1", "maps of words of the frame or above it",
                           "one of others");
    uint64_t span = end - joined->word, parts = span / 32 + 2;
    size_t at = add_masks(moves, 2 * parts);
    if (at == SIZE_MAX)
        return no_memory(replay);
    int32_t *live = ITEM(int32_t, moves->masks, at);
    const struct profile *profile = replay_profile(replay);
    struct masks masks = {live, live + parts, joined->word, profile->stale_follow};
    each_of_frame(move, joined, mark, &masks);
    bool adjusted = saves_frame_pointer(last) && note_frame_pointer(move, last, profile);
    if (!joined->bottom || adjusted)
        set_bit(live, saved - joined->word);
    *row = (struct site){
        .frame_words = joined->bottom ? 0 : (int32_t)(saved - joined->word),
        .span_words = (int32_t)span,
        .bottom = joined->bottom,
        .pointers_low = live[0],
        .pointers_high = live[1],
        .pointers_more = (int32_t)at + 2,
        .objects = (int32_t)(at + parts),
    };
    return true;
}

static bool same_masks(const struct moves *moves, const struct site *a, const struct site *b)
{
    size_t parts = (size_t)a->span_words / 32 + 2;
    return a->frame_words == b->frame_words && a->span_words == b->span_words &&
           a->bottom == b->bottom &&
           memcmp(ITEM(int32_t, moves->masks, a->pointers_more - 2),
                  ITEM(int32_t, moves->masks, b->pointers_more - 2),
                  2 * parts * sizeof(int32_t)) == 0;
}

/* The row with that pc, or the free place for its number. */
static uint32_t *find_row(struct moves *moves, int32_t pc)
{
    size_t capacity = moves->site_index.count;
    size_t at = (size_t)((uint32_t)pc * UINT32_C(2654435769) >> 7) & (capacity - 1);
    uint32_t *place;
    while (*(place = ITEM(uint32_t, moves->site_index, at)) != 0 &&
           ITEM(struct site, moves->sites, *place - 1)->pc != pc)
        at = (at + 1) & (capacity - 1);
    return place;
}

/* SITE-2: a pc that has other maps in this stack, too, gets another number: in the arena its return address is that. */
static void substitute(struct moves *moves, struct move *move, const struct joined *joined,
                       struct site *row)
{
    row->pc = (int32_t)(FIRST_SUBSTITUTE + moves->next_substitute++);
    uint64_t pc = moves->text_base + (uint64_t)row->pc;
    if (joined->first == 0)
        moves->first_pc = pc;
    else
        set_class(move, joined->word - 1, WORD_OTHER_MAP, pc);
}

/* Adds a row unless it is there. */
static bool add_row(struct moves *moves, struct replay *replay, struct move *move,
                    const struct joined *joined)
{
    struct site row;
    size_t masks_before = moves->masks.count;
    uint64_t offset = ITEM(struct frame, move->frames, joined->first)->pc - moves->text_base;
    if (!make_row(moves, replay, move, joined, &row))
        return false;
    row.pc = offset < FIRST_SUBSTITUTE ? (int32_t)offset : -1;
    uint32_t *place = row.pc < 0 ? NULL : find_row(moves, row.pc);
    if (place != NULL && *place != 0 &&
        same_masks(moves, ITEM(struct site, moves->sites, *place - 1), &row)) {
        moves->masks.count = masks_before;
        return true;
    }
    if (place == NULL || *place != 0) {
        substitute(moves, move, joined, &row);
        place = find_row(moves, row.pc);
    }
    struct site *added = array_add(moves, &moves->sites, sizeof *added);
    if (added == NULL)
        return no_memory(replay);
    *added = row;
    *place = (uint32_t)moves->sites.count;
    return true;
}

/* Go's frames from `first` on that are one of ours: up to the first that saves a frame pointer. */
static struct joined join(struct moves *moves, const struct move *move, size_t first)
{
    size_t last = first, end = move->frames.count - 1;
    while (last < end && !saves_frame_pointer(ITEM(struct frame, move->frames, last))) {
        moves->counts.joined++;
        last++;
    }
    uint64_t high = last == end ? move->old.hi : ITEM(struct frame, move->frames, last)->argp;
    uint64_t word = (ITEM(struct frame, move->frames, first)->sp - move->old.sp) / 8;
    return (struct joined){first, last, word, (high - move->old.sp) / 8, last == end};
}

/* Words of records on the stack, and of slots that another thread may fill.  A record's first word has its flags; what
 * is left of it says nothing, and may look like a pointer. */
static void note_records(struct move *move)
{
    struct range old = move->old;
    for (size_t k = 0; k < move->defers[0].count; k++) {
        const struct record *record = ITEM(struct record, move->defers[0], k);
        for (uint64_t at = record->address + 8; at - record->address < record->size; at += 8)
            if (at % 8 == 0 && in_range(at, old.sp, old.hi) &&
                *ITEM(uint8_t, move->classes, (at - old.sp) / 8) == WORD_COPIED)
                set_class(move, (at - old.sp) / 8, WORD_RECORD, 0);
    }
    for (size_t k = 0; move->chans && k < move->sudogs[0].count; k++) {
        const struct record *record = ITEM(struct record, move->sudogs[0], k);
        uint64_t slot = record->value[SUDOG_ELEMENT];
        uint64_t size =
            in_range(slot, old.sp, old.hi) && record->size < old.hi - slot ? record->size : 0;
        for (uint64_t at = slot - slot % 8; size > 0 && at < slot + size; at += 8)
            set_class(move, (at - old.sp) / 8, WORD_SLOT, 0);
    }
}

static uint64_t lowest_pc(const struct move *move)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t k = 0; k < move->frames.count; k++) {
        uint64_t pc = ITEM(struct frame, move->frames, k)->pc;
        lowest = pc < lowest ? pc : lowest;
    }
    return lowest;
}

bool build_sites(struct moves *moves, struct replay *replay, struct move *move)
{
    size_t capacity = 64;
    while (capacity < 2 * move->frames.count)
        capacity *= 2;
    if (!array_reset(moves, &move->classes, (size_t)number_of_words(move), 1) ||
        !array_reset(moves, &move->instead, (size_t)number_of_words(move), sizeof(uint64_t)) ||
        !array_reset(moves, &moves->site_index, capacity, sizeof(uint32_t)))
        return no_memory(replay);
    moves->sites.count = 0;
    moves->masks.count = 0;
    moves->next_substitute = 0;
    moves->text_base = lowest_pc(move);
    moves->first_pc = move->before.pc;
    for (size_t first = 0; first < move->frames.count;) {
        struct joined joined = join(moves, move, first);
        if (!add_row(moves, replay, move, &joined))
            return false;
        first = joined.last + 1;
    }
    note_records(move);
    return true;
}
