/* move.h: one move as a trace tells it, and the steps from its lines to a verdict.
 *
 * Invariant: the arrays hold what the lines of the open move of one thread said; a move is judged at its @moved.
 * Order of the steps: read.c, shape.c, build.c, run.c; moves.c calls them. */
#ifndef CONTIG_CONFORM_MOVES_MOVE_H
#define CONTIG_CONFORM_MOVES_MOVE_H

#include "src/conform/moves/moves.h"
#include "src/core/move/copystack.h"

/* Of the arena in which copystack makes a move: the largest stack, twice, and room beside it. */
#define ARENA_BYTES (UINT64_C(1) << 31)

struct range {
    uint64_t lo, sp, hi;
};

/* The goroutine's registers and the heads of its lists. */
struct saved {
    uint64_t pc, bp, ctxt, first_defer, panic, top;
};

/* A frame: [sp, argp), its saved frame pointer at varp if argp is two words above. */
struct frame {
    uint64_t pc, sp, varp, argp, continues;
    uint64_t line;
    uint32_t first_map, num_maps;
    bool bare;    /* adjusted by nobody: it has no maps */
    bool dynamic; /* its arguments' map depends on the call */
};

enum map_kind { MAP_LOCALS, MAP_ARGUMENTS, MAP_OBJECT, MAP_PROGRAM };

/* Which of the words from an address on hold pointers. */
struct map {
    enum map_kind kind;
    uint64_t address;
    uint64_t words;
    size_t first_byte, num_bytes; /* in the move's bytes; what is missing is zero */
};

/* A record that refers to the stack: a deferred call's, which may itself lie on the stack, or a channel operation's,
 * whose size is that of the element. */
struct record {
    uint64_t address, line, size;
    uint64_t value[6];
};

/* A channel operation's values: the element's address, and the collector's copy of it, 0 if it has none. */
enum { SUDOG_ELEMENT, SUDOG_COPY };

/* A deferred call's values, in the order of the core's struct defer. */
enum {
    DEFER_SP,
    DEFER_VARP,
    DEFER_FUNCTION,
    DEFER_PANIC,
    DEFER_LINK,
    DEFER_DATA,
    NUM_DEFER_VALUES
};

/* Where a line of words begins. */
struct words_line {
    uint64_t first, line;
};

/* A growing array, within the budget of all moves. */
struct array {
    void *items;
    size_t count, capacity;
};

struct move {
    uint64_t thread, gp, line;
    bool open, chans, copied;
    bool map_open; /* the last map goes on in the next line */
    struct range old, new;
    struct range copy_old, copy_new; /* of the last @copy of this thread */
    uint64_t copy_gp;
    struct saved before, after;
    uint64_t after_sp, frames_said;
    bool written;
    struct array frames, maps, bytes, words_before, words_after, unwritten, words_lines;
    struct array defers[2], sudogs[2]; /* before, after */
    /* made by build.c: a class for each word, and what it must be where copystack does not say */
    struct array classes, instead;
};

#define ITEM(type, array, index) (&((type *)(array).items)[index])

/* A place in the program: a hash of its maps, and the line that first said so. */
struct place {
    uint64_t key, hash, line;
};

struct moves {
    uint64_t bytes_left;
    struct move **threads;
    size_t num_threads;
    struct place *places;
    size_t places_capacity;
    struct moves_counts counts;
    /* the arena, where it stands in addresses, and the bitmap of a move */
    uint64_t *arena;
    uint64_t base;
    uint32_t *marks;
    bool heap_ready;
    /* the site table of one move */
    struct array sites, masks, site_index, defers, sudogs;
    uint64_t text_base;
    uint64_t next_substitute;
    uint64_t first_pc;
};

/* A new last item of an array, zero; NULL if the budget is used up. */
void *array_add(struct moves *moves, struct array *array, size_t item_bytes);
/* Room for count zero items in place of what was there. */
bool array_reset(struct moves *moves, struct array *array, size_t count, size_t item_bytes);

/* read.c: the lines whose parts are no numbers. */
bool read_map(struct moves *moves, struct replay *replay, struct move *move, const char *line,
              size_t length);
bool read_words(struct moves *moves, struct replay *replay, struct move *move, const char *line,
                size_t length);
/* The thread that such a line names last; false if it names none. */
bool read_thread(const char *line, size_t length, uint64_t *thread);

/* shape.c: whether the lines are those of one move: frames adjoin, words are complete, places keep their maps. */
bool check_shape(struct moves *moves, struct replay *replay, struct move *move);

/* build.c: classes, site table. */
bool build_sites(struct moves *moves, struct replay *replay, struct move *move);

/* run.c: the arena, the move, the comparison. */
bool run_move(struct moves *moves, struct replay *replay, struct move *move);

static inline bool in_range(uint64_t value, uint64_t lo, uint64_t hi)
{
    return lo <= value && value < hi;
}

static inline bool saves_frame_pointer(const struct frame *frame)
{
    return frame->argp - frame->varp == 16;
}

/* Whether bit k of a map is set. */
static inline bool map_bit(const struct move *move, const struct map *map, uint64_t k)
{
    return k / 8 < map->num_bytes &&
           (*ITEM(uint8_t, move->bytes, map->first_byte + k / 8) >> k % 8 & 1) != 0;
}

static inline uint64_t word_before(const struct move *move, uint64_t word)
{
    return *ITEM(uint64_t, move->words_before, word);
}

static inline uint64_t number_of_words(const struct move *move)
{
    return (move->old.hi - move->old.sp) / 8;
}

bool no_memory(struct replay *replay);

#endif
