/* moves.c: the judge of moves: which line belongs to which move, and what is kept from one to the next.
 *
 * Keeps: each thread has one move that is open at most; all memory is within the budget.  Called by a replay. */
#define _DEFAULT_SOURCE

#include "src/conform/moves/move.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_THREADS 4096

const char *const word_class_names[NUM_WORD_CLASSES] = {
    "copied", "relocated", "unwritten", "inward",  "elsewhere", "dead_frame",
    "stale",  "record",    "slot",      "program", "other_map",
};

bool no_memory(struct replay *replay)
{
    return replay_unreadable(replay, "a move that needs more memory than is allowed for");
}

static bool array_grow(struct moves *moves, struct array *array, size_t count, size_t item_bytes)
{
    if (count <= array->capacity)
        return true;
    size_t capacity = array->capacity < 16 ? 16 : array->capacity;
    while (capacity < count)
        capacity *= 2;
    uint64_t more = (uint64_t)(capacity - array->capacity) * item_bytes;
    void *items = more > moves->bytes_left ? NULL : realloc(array->items, capacity * item_bytes);
    if (items == NULL)
        return false;
    moves->bytes_left -= more;
    array->items = items;
    array->capacity = capacity;
    return true;
}

void *array_add(struct moves *moves, struct array *array, size_t item_bytes)
{
    if (!array_grow(moves, array, array->count + 1, item_bytes))
        return NULL;
    char *item = (char *)array->items + array->count++ * item_bytes;
    memset(item, 0, item_bytes);
    return item;
}

bool array_reset(struct moves *moves, struct array *array, size_t count, size_t item_bytes)
{
    if (!array_grow(moves, array, count == 0 ? 1 : count, item_bytes))
        return false;
    array->count = count;
    memset(array->items, 0, count * item_bytes);
    return true;
}

/* The arrays of a move; the pointers are to be used at once. */
#define NUM_MOVE_ARRAYS 13
static void arrays_of(struct move *move, struct array *arrays[NUM_MOVE_ARRAYS])
{
    struct array *const all[NUM_MOVE_ARRAYS] = {
        &move->frames,      &move->maps,      &move->bytes,       &move->words_before,
        &move->words_after, &move->unwritten, &move->words_lines, &move->defers[0],
        &move->defers[1],   &move->sudogs[0], &move->sudogs[1],   &move->classes,
        &move->instead,
    };
    memcpy(arrays, all, sizeof all);
}

static void clear_move(struct move *move)
{
    struct array *arrays[NUM_MOVE_ARRAYS];
    arrays_of(move, arrays);
    for (size_t k = 0; k < NUM_MOVE_ARRAYS; k++)
        arrays[k]->count = 0;
    move->map_open = false;
}

static void free_move(struct move *move)
{
    struct array *arrays[NUM_MOVE_ARRAYS];
    arrays_of(move, arrays);
    for (size_t k = 0; k < NUM_MOVE_ARRAYS; k++)
        free(arrays[k]->items);
    free(move);
}

struct moves *moves_new(uint64_t memory_bytes)
{
    struct moves *moves = calloc(1, sizeof *moves);
    if (moves == NULL)
        return NULL;
    moves->bytes_left = memory_bytes;
    moves->marks = calloc(MARK_WORDS, sizeof *moves->marks);
    void *arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    moves->arena = arena == MAP_FAILED ? NULL : arena;
    moves->threads = calloc(MOST_THREADS, sizeof *moves->threads);
    if (moves->marks != NULL && moves->arena != NULL && moves->threads != NULL)
        return moves;
    moves_free(moves);
    return NULL;
}

void moves_free(struct moves *moves)
{
    if (moves->heap_ready)
        stackreset();
    sites_truncate(0);
    for (size_t k = 0; k < moves->num_threads; k++)
        free_move(moves->threads[k]);
    free(moves->threads);
    free(moves->places);
    struct array *const all[] = {&moves->sites, &moves->masks, &moves->site_index, &moves->defers,
                                 &moves->sudogs};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]->items);
    if (moves->arena != NULL)
        munmap(moves->arena, ARENA_BYTES);
    free(moves->marks);
    free(moves);
}

struct moves_counts moves_counts(const struct moves *moves)
{
    return moves->counts;
}

bool moves_end(const struct moves *moves, struct replay *replay)
{
    return moves->counts.moves > 0 ||
           replay_unreadable(replay, "there is no move in it as --moves needs it (version 1.1)");
}

/* The move of a thread, the one that was asked for last being first; NULL if there are too many. */
static struct move *move_of_thread(struct moves *moves, uint64_t thread)
{
    size_t k = 0;
    while (k < moves->num_threads && moves->threads[k]->thread != thread)
        k++;
    if (k == MOST_THREADS)
        return NULL;
    if (k == moves->num_threads) {
        moves->threads[k] = calloc(1, sizeof *moves->threads[k]);
        if (moves->threads[k] == NULL)
            return NULL;
        moves->threads[k]->thread = thread;
        moves->num_threads++;
    }
    struct move *move = moves->threads[k];
    moves->threads[k] = moves->threads[0];
    moves->threads[0] = move;
    return move;
}

static struct saved saved_of(const struct event *event)
{
    return (struct saved){event->field[FIELD_PC],    event->field[FIELD_BP],
                          event->field[FIELD_CTXT],  event->field[FIELD_DEFER],
                          event->field[FIELD_PANIC], event->field[FIELD_TOP]};
}

static struct range range_of(const uint64_t *value)
{
    return (struct range){value[0], value[1], value[2]};
}

static void note_copy(struct move *move, const struct event *event)
{
    move->copied = true;
    move->copy_gp = event->field[FIELD_GP];
    move->copy_old = range_of(event->value);
    move->copy_new = range_of(event->value + 3);
}

static bool begin_move(struct replay *replay, struct move *move, const struct event *event)
{
    uint64_t line = replay_counts(replay).lines;
    if (move->open)
        return deviates_at(replay, line, "COPY-1", "the end of the move that the thread is in",
                           "another move");
    clear_move(move);
    move->open = true;
    move->line = line;
    move->gp = event->field[FIELD_GP];
    move->old = range_of(event->value);
    move->new = range_of(event->value + 3);
    move->before = saved_of(event);
    move->chans = event->field[FIELD_CHANS] != 0;
    return move->old.sp <= move->old.hi ||
           replay_unreadable(replay, "a stack pointer above its stack");
}

static bool add_frame(struct moves *moves, struct replay *replay, struct move *move,
                      const struct event *event)
{
    struct frame *frame = array_add(moves, &move->frames, sizeof *frame);
    if (frame == NULL)
        return no_memory(replay);
    if (move->map_open)
        return replay_unreadable(replay, "a map whose end is missing");
    *frame = (struct frame){
        .pc = event->value[0],
        .sp = event->value[1],
        .varp = event->value[2],
        .argp = event->value[3],
        .continues = event->field[FIELD_CONT],
        .bare = event_has(event, FIELD_BARE) && event->field[FIELD_BARE] != 0,
        .dynamic = event_has(event, FIELD_DYNAMIC) && event->field[FIELD_DYNAMIC] != 0,
        .line = replay_counts(replay).lines,
        .first_map = (uint32_t)move->maps.count,
    };
    return true;
}

static bool add_record(struct moves *moves, struct replay *replay, struct array *records,
                       const struct event *event)
{
    struct record *record = array_add(moves, records, sizeof *record);
    if (record == NULL)
        return no_memory(replay);
    record->address = event->value[0];
    record->line = replay_counts(replay).lines;
    record->size = event->field[FIELD_SIZE];
    if (event->kind == EVENT_SUDOG_BEFORE || event->kind == EVENT_SUDOG_AFTER) {
        record->value[SUDOG_ELEMENT] = event->field[FIELD_ELEM];
        record->value[SUDOG_COPY] = event_has(event, FIELD_VP) ? event->field[FIELD_VP] : 0;
        return true;
    }
    record->value[DEFER_SP] = event->field[FIELD_SP];
    record->value[DEFER_VARP] = event->field[FIELD_VARP];
    record->value[DEFER_FUNCTION] = event->field[FIELD_CLOSURE];
    record->value[DEFER_PANIC] = event->field[FIELD_PANIC];
    record->value[DEFER_LINK] = event->field[FIELD_LINK];
    record->value[DEFER_DATA] = event->field[FIELD_FD];
    return true;
}

/* A move is complete: the verdict on it. */
static bool end_move(struct moves *moves, struct replay *replay, struct move *move,
                     const struct event *event)
{
    move->open = false;
    move->after = saved_of(event);
    move->after_sp = event->field[FIELD_SP];
    move->frames_said = event->field[FIELD_FRAMES];
    move->written = event->field[FIELD_WRITTEN] != 0;
    if (event->field[FIELD_GP] != move->gp)
        return deviates_at(replay, replay_counts(replay).lines, "COPY-1",
                           "the goroutine of the move", "another one");
    if (move->map_open)
        return replay_unreadable(replay, "a map whose end is missing");
    if (!check_shape(moves, replay, move))
        return false;
    move->copied = false;
    moves->counts.moves++;
    moves->counts.frames += move->frames.count;
    if (!move->written || move->new.hi - move->new.lo > LARGEST_STACK_BYTES ||
        move->old.hi - move->old.lo > LARGEST_STACK_BYTES) {
        moves->counts.named++;
        return true;
    }
    return build_sites(moves, replay, move) && run_move(moves, replay, move);
}

/* A line of the move that the thread is in. */
static bool continue_move(struct moves *moves, struct replay *replay, struct move *move,
                          const struct event *event, const char *line, size_t length)
{
    if (!move->open)
        return replay_unreadable(replay, "a part of a move that has not begun");
    switch (event->kind) {
    case EVENT_FRAME: return add_frame(moves, replay, move, event);
    case EVENT_MAP: return read_map(moves, replay, move, line, length);
    case EVENT_WORDS: return read_words(moves, replay, move, line, length);
    case EVENT_DEFER_BEFORE: return add_record(moves, replay, &move->defers[0], event);
    case EVENT_DEFER_AFTER: return add_record(moves, replay, &move->defers[1], event);
    case EVENT_SUDOG_BEFORE: return add_record(moves, replay, &move->sudogs[0], event);
    case EVENT_SUDOG_AFTER: return add_record(moves, replay, &move->sudogs[1], event);
    default: return end_move(moves, replay, move, event);
    }
}

bool moves_judge(void *context, struct replay *replay, const struct event *event, const char *line,
                 size_t length)
{
    struct moves *moves = context;
    uint64_t thread = event->field[FIELD_THREAD];
    if (event->kind == EVENT_TRACE ||
        (event->kind == EVENT_COPY && !event_has(event, FIELD_THREAD)))
        return true;
    if ((event->kind == EVENT_MAP || event->kind == EVENT_WORDS) &&
        !read_thread(line, length, &thread))
        return replay_unreadable(replay, "words or maps of a move without a thread at the end");
    struct move *move = move_of_thread(moves, thread);
    if (move == NULL)
        return replay_unreadable(replay, "moves of more threads than there can be");
    if (event->kind != EVENT_COPY)
        return event->kind == EVENT_MOVE ? begin_move(replay, move, event)
                                         : continue_move(moves, replay, move, event, line, length);
    if (move->copied)
        return deviates_at(replay, replay_counts(replay).lines, "COPY-1",
                           "the @move of the copy before", "another copy");
    note_copy(move, event);
    return true;
}
