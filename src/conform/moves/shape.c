/* shape.c: whether the lines of a move fit together, before anything is made of them.
 *
 * Frames adjoin from the stack pointer on, each return address is the next frame's pc, all words are there, each record
 * stands before and after, and a place in the program has the same maps wherever it is met.  Called by moves.c. */
#include "src/conform/moves/move.h"

#include <inttypes.h>
#include <stdlib.h>

static bool same_range(struct range a, struct range b)
{
    return a.lo == b.lo && a.sp == b.sp && a.hi == b.hi;
}

static bool range_sound(struct range range)
{
    return range.lo <= range.sp && range.sp < range.hi && (range.hi - range.sp) % 8 == 0 &&
           range.lo % 8 == 0 && range.hi % 8 == 0;
}

/* COPY-1: the two stacks. */
static bool check_stacks(struct replay *replay, const struct move *move)
{
    if (!move->copied || move->copy_gp != move->gp || !same_range(move->copy_old, move->old) ||
        !same_range(move->copy_new, move->new))
        return deviates_at(replay, move->line, "COPY-1",
                           expected_text(replay,
                                         "the move that the last @copy of thread %" PRIu64 " named",
                                         move->thread),
                           "another one");
    if (!range_sound(move->old) || !range_sound(move->new))
        return deviates_at(replay, move->line, "COPY-1", "stack pointers within their stacks",
                           "one outside");
    if (move->old.hi - move->old.sp != move->new.hi - move->new.sp)
        return deviates_at(
            replay, move->line, "COPY-1",
            expected_text(replay, "0x%" PRIx64 " bytes in use", move->old.hi - move->old.sp),
            found_text(replay, "0x%" PRIx64, move->new.hi - move->new.sp));
    return true;
}

static bool check_numbers(struct replay *replay, const struct move *move)
{
    if (move->frames_said != move->frames.count || (move->written && move->frames.count == 0))
        return deviates_at(replay, move->line, "UNWIND-1",
                           expected_text(replay, "%" PRIu64 " frames", move->frames_said),
                           found_text(replay, "%zu", move->frames.count));
    if (move->written && number_of_words(move) != move->words_before.count)
        return deviates_at(replay, move->line, "COPY-1",
                           expected_text(replay, "%" PRIu64 " words", number_of_words(move)),
                           found_text(replay, "%zu", move->words_before.count));
    if (move->defers[0].count != move->defers[1].count)
        return deviates_at(
            replay, move->line, "OUTSIDE-2",
            expected_text(replay, "%zu deferred calls after the move", move->defers[0].count),
            found_text(replay, "%zu", move->defers[1].count));
    if (move->sudogs[0].count != move->sudogs[1].count)
        return deviates_at(
            replay, move->line, "OUTSIDE-4",
            expected_text(replay, "%zu channel operations after the move", move->sudogs[0].count),
            found_text(replay, "%zu", move->sudogs[1].count));
    return true;
}

/* The return address of a frame that is not the innermost is the frame's pc.  One that was not written is it, too. */
static bool check_return(struct replay *replay, struct move *move, const struct frame *frame)
{
    uint64_t word = (frame->sp - move->old.sp) / 8 - 1;
    if (*ITEM(uint8_t, move->unwritten, word) != 0) {
        *ITEM(uint64_t, move->words_before, word) = frame->pc;
        *ITEM(uint64_t, move->words_after, word) = frame->pc;
    }
    return word_before(move, word) == frame->pc ||
           deviates_at(replay, frame->line, "UNWIND-1",
                       expected_text(replay,
                                     "a frame with the pc 0x%" PRIx64 ", its return address",
                                     word_before(move, word)),
                       found_text(replay, "0x%" PRIx64, frame->pc));
}

/* UNWIND-1: a frame begins where the one before it ends; its locals end below its return address, or below the saved
 * frame pointer, if it has one. */
static bool check_frame(struct replay *replay, struct move *move, size_t number)
{
    const struct frame *frame = ITEM(struct frame, move->frames, number);
    uint64_t sp = number == 0 ? move->old.sp : ITEM(struct frame, move->frames, number - 1)->argp;
    if (frame->sp != sp)
        return deviates_at(replay, frame->line, "UNWIND-1",
                           expected_text(replay, "a frame that begins at 0x%" PRIx64, sp),
                           found_text(replay, "0x%" PRIx64, frame->sp));
    if (frame->argp <= sp || frame->argp > move->old.hi || frame->argp % 8 != 0)
        return deviates_at(replay, frame->line, "UNWIND-1", "a frame that ends within the stack",
                           found_text(replay, "0x%" PRIx64, frame->argp));
    uint64_t end = frame->argp - 8, varp = frame->argp - sp > 8 ? end - 8 : end;
    bool bare = frame->varp == end && replay_profile(replay)->bare_frames;
    if (frame->varp != varp && !bare)
        return deviates_at(replay, frame->line, "UNWIND-1",
                           expected_text(replay, "locals that end at 0x%" PRIx64, varp),
                           found_text(replay, "0x%" PRIx64, frame->varp));
    if (number == 0)
        return frame->pc == move->before.pc ||
               deviates_at(replay, frame->line, "UNWIND-1",
                           expected_text(replay, "the saved pc 0x%" PRIx64, move->before.pc),
                           found_text(replay, "0x%" PRIx64, frame->pc));
    return check_return(replay, move, frame);
}

static void mix(uint64_t *hash, uint64_t value)
{
    *hash = (*hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    *hash ^= *hash >> 29;
}

/* All that a place says about its frames, counted from the frame's start. */
static uint64_t hash_of_frame(const struct move *move, const struct frame *frame)
{
    uint64_t hash = 1;
    mix(&hash, frame->argp - frame->sp);
    mix(&hash, frame->bare);
    for (uint32_t k = 0; k < frame->num_maps; k++) {
        const struct map *map = ITEM(struct map, move->maps, frame->first_map + k);
        mix(&hash, map->kind);
        mix(&hash, map->address - frame->sp);
        mix(&hash, map->words);
        mix(&hash, map->num_bytes);
        for (size_t byte = 0; byte < map->num_bytes; byte++)
            mix(&hash, *ITEM(uint8_t, move->bytes, map->first_byte + byte));
    }
    return hash;
}

static struct place *find_place(struct place *places, size_t capacity, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (capacity - 1);
    while (places[at].key != 0 && places[at].key != key)
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

/* Twice the room for places. */
static bool grow_places(struct moves *moves)
{
    struct array larger = {0};
    size_t capacity = moves->places_capacity == 0 ? 1024 : 2 * moves->places_capacity;
    if (!array_reset(moves, &larger, capacity, sizeof *moves->places))
        return false;
    for (size_t k = 0; k < moves->places_capacity; k++)
        if (moves->places[k].key != 0)
            *find_place(larger.items, capacity, moves->places[k].key) = moves->places[k];
    free(moves->places);
    moves->places = larger.items;
    moves->places_capacity = capacity;
    return true;
}

/* SITE-2: a return address has one set of maps.  A frame that was cut short by a panic goes on somewhere else, which is
 * a place of its own. */
static bool check_place(struct moves *moves, struct replay *replay, const struct move *move,
                        const struct frame *frame)
{
    if (frame->dynamic)
        return true;
    if (2 * moves->counts.places >= moves->places_capacity && !grow_places(moves))
        return no_memory(replay);
    uint64_t key = frame->pc * 2 + 1;
    mix(&key, frame->continues);
    key |= 1;
    uint64_t hash = hash_of_frame(move, frame);
    struct place *place = find_place(moves->places, moves->places_capacity, key);
    if (place->key == 0) {
        *place = (struct place){key, hash, frame->line};
        moves->counts.places++;
    }
    return place->hash == hash ||
           deviates_at(replay, frame->line, "SITE-2",
                       expected_text(replay,
                                     "the maps that the pc 0x%" PRIx64 " has in line %" PRIu64,
                                     frame->pc, place->line),
                       "others");
}

bool check_shape(struct moves *moves, struct replay *replay, struct move *move)
{
    if (!check_stacks(replay, move) || !check_numbers(replay, move))
        return false;
    for (size_t k = 0; k < move->frames.count; k++) {
        const struct frame *frame = ITEM(struct frame, move->frames, k);
        if (!check_frame(replay, move, k) || !check_place(moves, replay, move, frame))
            return false;
    }
    return true;
}
