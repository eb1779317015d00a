/* trace_fuzz.c: any bytes as a trace.
 *
 * Oracles: the replayer ends, within its memory, with a verdict that is complete; what conforms to Go's own order
 * conforms also where any permitted choice may be made; and what conforms with its moves judged conforms without. */
#include <string.h>

#include "fuzz/target.h"
#include "src/conform/moves/moves.h"
#include "src/conform/replay.h"

#define MEMORY_BYTES (4u << 20)

/* Replays the lines, with a judge of moves or NULL; returns how many were read before the end or the verdict. */
static struct replay_verdict replay(const char *text, size_t size, bool exact, struct moves *moves,
                                    uint64_t *lines)
{
    struct replay *state = replay_new(NULL, exact, MEMORY_BYTES);
    const char *end = text + size;
    bool going = true;

    require(state != NULL, "memory", "no replay could be made");
    if (moves != NULL)
        replay_judge_moves(state, moves_judge, moves);
    while (going && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline == NULL ? end : newline) - text);
        going = replay_line(state, text, length);
        text += newline == NULL ? length : length + 1;
    }
    struct replay_verdict verdict = replay_verdict(state);
    *lines = replay_counts(state).lines;
    require(going == (verdict.status == REPLAY_CONFORMS), "verdict",
            "a replay that stopped has none");
    require(verdict.status != REPLAY_DEVIATES ||
                (verdict.requirement != NULL && strlen(verdict.expected) > 0 &&
                 strlen(verdict.found) > 0),
            "verdict", "a deviation lacks a part");
    require(verdict.status != REPLAY_UNREADABLE || verdict.expected != NULL, "verdict",
            "an unreadable trace without a reason");
    require(verdict.status == REPLAY_CONFORMS || verdict.line == *lines ||
                (moves != NULL && verdict.line < *lines),
            "verdict", "a verdict on another line");
    replay_free(state);
    return verdict;
}

/* COPY-1: the moves of a trace that begins with its version. */
static enum replay_status replay_moves(const char *text, size_t size)
{
    struct moves *moves = moves_new(MEMORY_BYTES);
    uint64_t lines;

    require(moves != NULL, "memory", "no judge could be made");
    enum replay_status status = replay(text, size, true, moves, &lines).status;
    moves_free(moves);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char moves_header[] = "@trace 1 minor=1";
    uint64_t exact_lines;
    uint64_t lines;
    enum replay_status exact = replay((const char *)bytes, size, true, NULL, &exact_lines).status;
    enum replay_status any = replay((const char *)bytes, size, false, NULL, &lines).status;

    if (size > sizeof moves_header && memcmp(bytes, moves_header, sizeof moves_header - 1) == 0)
        require(replay_moves((const char *)bytes, size) != REPLAY_CONFORMS ||
                    exact == REPLAY_CONFORMS,
                "moves", "a trace conforms with its moves and not without");

    require(exact != REPLAY_CONFORMS || any == REPLAY_CONFORMS, "order",
            "Go's own order conforms, and is not permitted");
    require(exact == REPLAY_CONFORMS || any == REPLAY_CONFORMS || lines >= exact_lines, "order",
            "a permitted choice deviates earlier than Go's own order");
    return 0;
}
