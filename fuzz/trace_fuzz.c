/* trace_fuzz.c: any bytes as a trace.
 *
 * Oracles: the replayer ends, within its memory, with a verdict that is complete; and what conforms to Go's own order
 * conforms also where any permitted choice may be made. */
#include <string.h>

#include "fuzz/target.h"
#include "src/conform/replay.h"

#define MEMORY_BYTES (4u << 20)

/* Replays the lines; returns how many were read before the end or the verdict. */
static struct replay_verdict replay(const char *text, size_t size, bool exact, uint64_t *lines)
{
    struct replay *state = replay_new(NULL, exact, MEMORY_BYTES);
    const char *end = text + size;
    bool going = true;

    require(state != NULL, "memory", "no replay could be made");
    while (going && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline == NULL ? end : newline) - text);
        going = replay_line(state, text, length);
        text += newline == NULL ? length : length + 1;
    }
    struct replay_verdict verdict = replay_verdict(state);
    *lines = replay_counts(state).lines;
    require(going == (verdict.status == REPLAY_CONFORMS), "verdict", "a replay that stopped has none");
    require(verdict.status != REPLAY_DEVIATES || (verdict.requirement != NULL && strlen(verdict.expected) > 0 &&
                                                  strlen(verdict.found) > 0), "verdict", "a deviation lacks a part");
    require(verdict.status != REPLAY_UNREADABLE || verdict.expected != NULL, "verdict", "an unreadable trace without a reason");
    require(verdict.status == REPLAY_CONFORMS || verdict.line == *lines, "verdict", "a verdict on another line");
    replay_free(state);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint64_t exact_lines;
    uint64_t lines;
    enum replay_status exact = replay((const char *)bytes, size, true, &exact_lines).status;
    enum replay_status any = replay((const char *)bytes, size, false, &lines).status;

    require(exact != REPLAY_CONFORMS || any == REPLAY_CONFORMS, "order", "Go's own order conforms, and is not permitted");
    require(exact == REPLAY_CONFORMS || any == REPLAY_CONFORMS || lines >= exact_lines,
            "order", "a permitted choice deviates earlier than Go's own order");
    return 0;
}
