/* read.c: the two kinds of lines whose parts are no numbers and fields: maps and words.
 *
 * Keeps: every byte is looked at once, nothing outside of the line is read.  Called by moves.c. */
#include "src/conform/moves/move.h"

#include <string.h>

/* What is left of a line. */
struct cursor {
    const char *at, *end;
};

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : 16;
}

/* Digits of that base, at least one; what fits into 64 bits. */
static bool take_number(struct cursor *cursor, uint64_t base, uint64_t *number)
{
    const char *first = cursor->at;
    uint64_t value = 0;
    for (; cursor->at < cursor->end && (uint64_t)hex_digit(*cursor->at) < base; cursor->at++) {
        uint64_t digit = (uint64_t)hex_digit(*cursor->at);
        if (value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *number = value;
    return cursor->at > first;
}

static bool take(struct cursor *cursor, char wanted)
{
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* The parts between the name of the event and its thread, which stands last. */
static struct cursor parts_of(const char *line, size_t length)
{
    struct cursor cursor = {line, line + length};
    if (length > 0 && line[length - 1] == '\r')
        cursor.end--;
    while (cursor.at < cursor.end && *cursor.at != ' ')
        cursor.at++;
    const char *last = cursor.end;
    while (last > cursor.at && last[-1] != ' ')
        last--;
    if (last > cursor.at && *last == 'm')
        cursor.end = last - 1;
    return cursor;
}

bool read_thread(const char *line, size_t length, uint64_t *thread)
{
    struct cursor parts = parts_of(line, length);
    struct cursor cursor = {parts.end, line + length};
    if (length > 0 && line[length - 1] == '\r')
        cursor.end--;
    return take(&cursor, ' ') && take(&cursor, 'm') && take(&cursor, '=') &&
           take_number(&cursor, 10, thread) && cursor.at == cursor.end;
}

/* The bytes of a map, two digits each. */
static bool read_bits(struct moves *moves, struct replay *replay, struct move *move,
                      struct map *map, struct cursor *cursor)
{
    while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '+') {
        int high = hex_digit(*cursor->at++);
        int low = cursor->at < cursor->end ? hex_digit(*cursor->at++) : 16;
        if (high > 15 || low > 15 || map->num_bytes * 8 >= map->words)
            return replay_unreadable(replay, "the bits of a map are malformed");
        uint8_t *byte = array_add(moves, &move->bytes, 1);
        if (byte == NULL)
            return no_memory(replay);
        *byte = (uint8_t)(high << 4 | low);
        map->num_bytes++;
    }
    move->map_open = take(cursor, '+');
    return true;
}

static bool read_one_map(struct moves *moves, struct replay *replay, struct move *move,
                         struct cursor *cursor)
{
    static const char letters[] = "laog";
    struct frame *frame = ITEM(struct frame, move->frames, move->frames.count - 1);
    struct map *map = array_add(moves, &move->maps, sizeof *map);
    if (map == NULL)
        return no_memory(replay);
    const char *letter = cursor->at < cursor->end ? strchr(letters, *cursor->at) : NULL;
    if (letter == NULL || *letter == 0)
        return replay_unreadable(replay, "a map is neither of locals, arguments nor an object");
    cursor->at++;
    map->kind = (enum map_kind)(letter - letters);
    if (!take(cursor, ':') || !take_number(cursor, 16, &map->address) || !take(cursor, ':') ||
        !take_number(cursor, 10, &map->words) || !take(cursor, ':'))
        return replay_unreadable(replay, "a map has no address and number of words");
    if (map->address % 8 != 0 || map->words > UINT32_MAX)
        return replay_unreadable(replay, "a map of words that are none");
    map->first_byte = move->bytes.count;
    frame->num_maps++;
    return read_bits(moves, replay, move, map, cursor);
}

bool read_map(struct moves *moves, struct replay *replay, struct move *move, const char *line,
              size_t length)
{
    struct cursor cursor = parts_of(line, length);
    if (move->frames.count == 0)
        return replay_unreadable(replay, "maps without a frame");
    while (cursor.at < cursor.end) {
        if (!take(&cursor, ' '))
            return replay_unreadable(replay, "a map does not end where it should");
        if (move->map_open) {
            struct map *map = ITEM(struct map, move->maps, move->maps.count - 1);
            if (!read_bits(moves, replay, move, map, &cursor))
                return false;
        } else if (!read_one_map(moves, replay, move, &cursor)) {
            return false;
        }
    }
    return true;
}

/* count words, equal ones, or such as are not written. */
static bool add_words(struct moves *moves, struct replay *replay, struct move *move,
                      uint64_t before, uint64_t after, uint64_t count, bool unwritten)
{
    if (count == 0 || count > number_of_words(move) - move->words_before.count)
        return replay_unreadable(replay, "more words than the stack has in use");
    for (uint64_t k = 0; k < count; k++) {
        uint64_t *old = array_add(moves, &move->words_before, sizeof *old);
        uint64_t *new = array_add(moves, &move->words_after, sizeof *new);
        uint8_t *absent = array_add(moves, &move->unwritten, 1);
        if (old == NULL || new == NULL || absent == NULL)
            return no_memory(replay);
        *old = before;
        *new = after;
        *absent = unwritten;
    }
    return true;
}

/* BEFORE, BEFORE>AFTER, either with *COUNT, or +COUNT. */
static bool read_value(struct moves *moves, struct replay *replay, struct move *move,
                       struct cursor *cursor)
{
    uint64_t before, after, count = 1;
    if (take(cursor, '+')) {
        if (!take_number(cursor, 10, &count))
            return replay_unreadable(replay, "a number of words is malformed");
        return add_words(moves, replay, move, 0, 0, count, true);
    }
    bool good = take_number(cursor, 16, &before);
    after = good ? before : 0;
    if (good && take(cursor, '>'))
        good = take_number(cursor, 16, &after);
    if (good && take(cursor, '*'))
        good = take_number(cursor, 10, &count);
    if (!good)
        return replay_unreadable(replay, "a word is malformed");
    return add_words(moves, replay, move, before, after, count, false);
}

bool read_words(struct moves *moves, struct replay *replay, struct move *move, const char *line,
                size_t length)
{
    struct cursor cursor = parts_of(line, length);
    uint64_t first;
    if (!take(&cursor, ' ') || !take_number(&cursor, 10, &first))
        return replay_unreadable(replay, "words without the number of the first one");
    if (first != move->words_before.count)
        return replay_unreadable(replay, "words that do not follow the ones before them");
    struct words_line *begin = array_add(moves, &move->words_lines, sizeof *begin);
    if (begin == NULL)
        return no_memory(replay);
    *begin = (struct words_line){first, replay_counts(replay).lines};
    while (cursor.at < cursor.end) {
        if (!take(&cursor, ' '))
            return replay_unreadable(replay, "a word does not end where it should");
        if (!read_value(moves, replay, move, &cursor))
            return false;
    }
    return true;
}
