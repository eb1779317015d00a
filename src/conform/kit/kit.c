/* kit.c: the functions of contig_conform.h, by the replay and the judge of moves.  Called by programs of others. */
#include "src/conform/kit/contig_conform.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/conform/moves/moves.h"
#include "src/conform/replay.h"

struct contig_conform {
    struct replay *replay;
    struct moves *moves; /* NULL: not judged */
};

/* Moves are made in the core's tables, which are there once. */
static atomic_flag core_taken = ATOMIC_FLAG_INIT;

/* False if there is no memory. */
static bool start_moves(struct contig_conform *c, uint64_t memory)
{
    if (atomic_flag_test_and_set(&core_taken)) {
        replay_unreadable(c->replay, "another trace of this process has its moves judged now");
        return true;
    }
    c->moves = moves_new(memory);
    if (c->moves == NULL) {
        atomic_flag_clear(&core_taken);
        return false;
    }
    replay_judge_moves(c->replay, moves_judge, c->moves);
    return true;
}

static void discard(struct contig_conform *c)
{
    if (c->moves != NULL) {
        moves_free(c->moves);
        atomic_flag_clear(&core_taken);
    }
    if (c->replay != NULL)
        replay_free(c->replay);
    free(c);
}

struct contig_conform *contig_conform_start(const struct contig_conform_options *options)
{
    static const struct contig_conform_options usual;
    const struct contig_conform_options *with = options == NULL ? &usual : options;
    const struct profile *profile = with->profile == NULL ? NULL : profile_named(with->profile);
    uint64_t memory =
        with->memory_bytes == 0 ? (uint64_t)REPLAY_MEMORY_MIB << 20 : with->memory_bytes;
    struct contig_conform *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->replay = replay_new(profile, with->exact, memory);
    if (c->replay == NULL || (with->moves && !start_moves(c, memory))) {
        discard(c);
        return NULL;
    }
    if (with->profile != NULL && profile == NULL)
        replay_unreadable(c->replay, "there is no profile of that name");
    return c;
}

bool contig_conform_line(struct contig_conform *c, const char *text, size_t length)
{
    return replay_line(c->replay, text, length);
}

static void fill(struct contig_conform_report *report, const struct contig_conform *c)
{
    struct replay_verdict verdict = replay_verdict(c->replay);
    struct replay_counts counts = replay_counts(c->replay);
    static const enum contig_conform_result results[] = {
        [REPLAY_CONFORMS] = CONTIG_CONFORM_CONFORMS,
        [REPLAY_DEVIATES] = CONTIG_CONFORM_DEVIATES,
        [REPLAY_UNREADABLE] = CONTIG_CONFORM_UNDECIDED,
    };
    *report = (struct contig_conform_report){
        .result = results[verdict.status],
        .line = verdict.line,
        .lines = counts.lines,
        .events = counts.events,
        .allocations = counts.allocations,
        .growths = counts.growths,
        .shrinks = counts.shrinks,
    };
    if (verdict.status == REPLAY_DEVIATES) {
        snprintf(report->requirement, sizeof report->requirement, "%s", verdict.requirement);
        snprintf(report->found, sizeof report->found, "%s", verdict.found);
    }
    if (verdict.status != REPLAY_CONFORMS)
        snprintf(report->expected, sizeof report->expected, "%s", verdict.expected);
    snprintf(report->profile, sizeof report->profile, "%s", replay_profile(c->replay)->name);
    if (c->moves != NULL) {
        report->moves = moves_counts(c->moves).moves;
        report->words = moves_counts(c->moves).words;
    }
}

enum contig_conform_result contig_conform_end(struct contig_conform *c,
                                              struct contig_conform_report *report)
{
    struct contig_conform_report own;
    struct contig_conform_report *filled = report == NULL ? &own : report;

    if (replay_end(c->replay) && c->moves != NULL)
        moves_end(c->moves, c->replay);
    fill(filled, c);
    discard(c);
    return filled->result;
}
