/* moves.h: every word, register and record of each move in a trace, predicted by the verified copystack and compared.
 *
 * The judge of moves is given to a replay (replay_judge_moves).  From the frames and maps of a move it makes a site
 * table by sites_append, from the words before an arena; copystack moves that; what it left is compared with what
 * the runtime wrote.  spec/trace.md, version 1.1.  Memory grows with the largest move, the number of threads and the
 * number of places in the program, not with the length of the trace.  Called by conform.c and tests. */
#ifndef CONTIG_CONFORM_MOVES_MOVES_H
#define CONTIG_CONFORM_MOVES_MOVES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/conform/event.h"
#include "src/conform/replay.h"

struct moves;

/* How a word was judged.  All but the first two are rows of spec/go.md. */
enum word_class {
    WORD_COPIED,    /* no pointer: copied */
    WORD_RELOCATED, /* a pointer: as copystack left it */
    /* equal before and after, says the runtime, and does not refer to the old stack */
    WORD_UNWRITTEN,
    /* a saved frame pointer that does not rise: relocated by Go, an error of ours */
    WORD_INWARD,
    /* a saved frame pointer that leaves the stack: kept by Go, an error of ours */
    WORD_ELSEWHERE,
    WORD_DEAD_FRAME, /* a saved frame pointer of a frame that Go does not adjust */
    /* a pointer below the stack pointer: relocated by Go, an error or 0 of ours */
    WORD_STALE,
    /* of a deferred call's record on the stack: relocated with the records outside */
    WORD_RECORD,
    /* of a channel operation's slot, which another thread may have filled meanwhile */
    WORD_SLOT,
    WORD_PROGRAM, /* of an object whose map is a program: copied or relocated */
    /* a return address that has two maps in one stack: its site has another number */
    WORD_OTHER_MAP,
    NUM_WORD_CLASSES
};

extern const char *const word_class_names[NUM_WORD_CLASSES];

struct moves_counts {
    uint64_t moves;
    uint64_t frames;
    /* frames without a saved frame pointer, which are one with their caller's */
    uint64_t joined;
    uint64_t words; /* compared: all in use but those that are not written */
    uint64_t records;
    uint64_t registers;
    uint64_t elsewhere; /* frame pointer registers outside of the stack */
    uint64_t named;     /* moves of which only the name was written, or whose size no block has */
    uint64_t places;    /* return addresses whose maps were compared through the trace */
    uint64_t class[NUM_WORD_CLASSES];
};

/* NULL if there is no memory.  One at a time: the core's tables are its own. */
struct moves *moves_new(uint64_t memory_bytes);
void moves_free(struct moves *moves);
struct moves_counts moves_counts(const struct moves *moves);

/* The trace ends here: without a move it is unreadable. */
bool moves_end(const struct moves *moves, struct replay *replay);

/* The judge; its context is a struct moves. */
judge_of_moves moves_judge;

#endif
