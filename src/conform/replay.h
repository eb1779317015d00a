/* replay.h: replaying a trace against the specification, line by line.
 *
 * A replay predicts what each line must say and compares.  It stops at the first deviation.  Its memory grows with
 * what lives (stacks, goroutines, caches, threads), not with the number of lines.  Requirements: spec/trace.md.
 * Called by conform.c, by the tests and by the fuzz target. */
#ifndef CONTIG_CONFORM_REPLAY_H
#define CONTIG_CONFORM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/conform/profile.h"

/* What the live state of a trace may take unless the caller says otherwise: a million goroutines take 200 MiB. */
#define REPLAY_MEMORY_MIB 4096u

struct replay;
struct event;

enum replay_status { REPLAY_CONFORMS, REPLAY_DEVIATES, REPLAY_UNREADABLE };

struct replay_counts {
    uint64_t lines;
    uint64_t events;
    uint64_t headers;
    uint64_t allocations;
    uint64_t growths;
    uint64_t shrinks;
};

/* How a replay ended: for a deviation all of it, for an unreadable trace line and text[0]. */
struct replay_verdict {
    enum replay_status status;
    uint64_t line;
    const char *requirement;
    const char *expected; /* or the error */
    const char *found;
};

/* profile NULL: the one that the trace's header names, or else 1.19.  NULL if there is no memory. */
struct replay *replay_new(const struct profile *profile, bool exact, uint64_t memory_bytes);
void replay_free(struct replay *replay);

/* Judges the events of moves, and the headers and copies that they must agree with: true, or what deviates_at or
 * replay_unreadable return.  Without a judge they are skipped. */
typedef bool judge_of_moves(void *context, struct replay *replay, const struct event *event,
                            const char *line, size_t length);
void replay_judge_moves(struct replay *replay, judge_of_moves *judge, void *context);

/* The two halves of a deviation: text that the replay keeps, one of each. */
__attribute__((format(printf, 2, 3))) const char *expected_text(struct replay *replay,
                                                                const char *format, ...);
__attribute__((format(printf, 2, 3))) const char *found_text(struct replay *replay,
                                                             const char *format, ...);

/* Ends the replay at that line, with two halves that outlive it.  False. */
bool deviates_at(struct replay *replay, uint64_t line, const char *requirement,
                 const char *expected, const char *found);

/* Replays one line, given without its newline.  After the first false, the verdict stands.  Of a line that is longer
 * than an event can be, only the first byte is looked at. */
bool replay_line(struct replay *replay, const char *line, size_t length);

/* Counts a line that cannot be an event. */
void replay_skip_line(struct replay *replay);

/* The trace ends here: without an event besides its header it is unreadable. */
bool replay_end(struct replay *replay);

/* Ends the replay because the trace cannot be read. */
bool replay_unreadable(struct replay *replay, const char *error);

struct replay_verdict replay_verdict(const struct replay *replay);
struct replay_counts replay_counts(const struct replay *replay);
const struct profile *replay_profile(const struct replay *replay);

#endif
