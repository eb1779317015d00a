/* event.h: one line of a trace, read.
 *
 * The format is spec/trace.md.  Reading never fails on length or content: a line is an event, is to be skipped,
 * or is malformed, with a sentence that says how.  Called by replay.c for each line. */
#ifndef CONTIG_CONFORM_EVENT_H
#define CONTIG_CONFORM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest event line.  Go's longest is 150 bytes; a limit keeps the memory of a reader bounded. */
#define EVENT_LINE_BYTES 1000

enum event_kind {
    EVENT_TRACE,
    EVENT_ALLOC,
    EVENT_FREE,
    EVENT_REFILL,
    EVENT_RELEASE,
    EVENT_CLEAR,
    EVENT_POOL_GIVES,
    EVENT_POOL_TAKES,
    EVENT_SPAN_COMES,
    EVENT_SPAN_GOES,
    EVENT_LARGE_COMES,
    EVENT_LARGE_GOES,
    EVENT_LARGE_QUEUED,
    EVENT_LARGE_HIT,
    EVENT_PHASE,
    EVENT_SCAN,
    EVENT_FREESPANS,
    EVENT_STARTSIZE,
    EVENT_GO,
    EVENT_DEAD,
    EVENT_GROW,
    EVENT_OVERFLOW,
    EVENT_PREEMPT,
    EVENT_SHRINK,
    EVENT_NOSHRINK,
    EVENT_COPY,
    EVENT_MAXSTACK,
    /* Version 1.1: what a move writes. */
    EVENT_MOVE,
    EVENT_DEFER_BEFORE,
    EVENT_SUDOG_BEFORE,
    EVENT_FRAME,
    EVENT_MAP,
    EVENT_WORDS,
    EVENT_DEFER_AFTER,
    EVENT_SUDOG_AFTER,
    EVENT_MOVED,
    NUM_EVENT_KINDS
};

enum event_field {
    FIELD_CACHE,
    FIELD_THREAD,
    FIELD_PHASE,
    FIELD_GP,
    FIELD_GOID,
    FIELD_OLD,
    FIELD_SP,
    FIELD_MAX,
    FIELD_NEW,
    FIELD_FORCE,
    FIELD_START,
    FIELD_USED,
    FIELD_SAFE,
    FIELD_SHRINK,
    FIELD_LIMIT,
    FIELD_FIXED,
    FIELD_ORDERS,
    FIELD_GUARD,
    FIELD_NOSPLIT,
    FIELD_PAGE,
    FIELD_PC,
    FIELD_BP,
    FIELD_CTXT,
    FIELD_DEFER,
    FIELD_PANIC,
    FIELD_TOP,
    FIELD_CHANS,
    FIELD_VARP,
    FIELD_CLOSURE,
    FIELD_LINK,
    FIELD_FD,
    FIELD_ELEM,
    FIELD_VP,
    FIELD_SIZE,
    FIELD_FRAMES,
    FIELD_WRITTEN,
    FIELD_CONT,
    FIELD_BARE,
    FIELD_DYNAMIC,
    FIELD_MINOR,
    NUM_EVENT_FIELDS
};

/* The bare words of @noshrink. */
enum event_word { WORD_NONE, WORD_MIN, WORD_WORKER, WORD_OFF, WORD_MEMORY, WORD_LATER };

#define EVENT_MAX_VALUES 8

struct event {
    enum event_kind kind;
    enum event_word word;
    uint64_t present; /* bit f: field f stands in the line */
    uint32_t num_values;
    uint64_t value[EVENT_MAX_VALUES]; /* positional numbers, those of [A B] included, in order */
    uint64_t field[NUM_EVENT_FIELDS];
    char profile[16]; /* of @trace; empty if it names none */
};

enum event_status { EVENT_READ, EVENT_SKIPPED, EVENT_MALFORMED };

/* Reads one line, given without its newline.  On EVENT_MALFORMED, *error is a sentence. */
enum event_status event_read(const char *line, size_t length, struct event *event,
                             const char **error);

/* Whether an event is part of a move as version 1.1 writes it.  Of @map and @words only the name is read. */
static inline bool event_of_move(enum event_kind kind)
{
    return kind >= EVENT_MOVE && kind <= EVENT_MOVED;
}

/* Whether an event says how pools, caches and the queue of large stacks change. */
static inline bool event_of_pools(enum event_kind kind)
{
    return (kind >= EVENT_REFILL && kind <= EVENT_LARGE_HIT) || kind == EVENT_FREESPANS;
}

/* Whether a line that begins with this byte can be an event. */
bool event_may_begin(char first);

/* The name of a kind as it stands in a trace, without '@'. */
const char *event_name(enum event_kind kind);

static inline bool event_has(const struct event *event, enum event_field field)
{
    return (event->present >> field & 1u) != 0;
}

#endif
