/* verdict.c: how a replay ends: with a deviation, or with a line that cannot be read.
 *
 * Keeps: the verdict is set at most once, since whoever sets it returns false and nothing is judged behind that.
 * Called by the rules, by replay.c and by those who judge moves. */
#include "src/conform/state.h"

#include <stdarg.h>
#include <stdio.h>

const char *expected_text(struct replay *replay, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(replay->expected, sizeof replay->expected, format, arguments);
    va_end(arguments);
    return replay->expected;
}

const char *found_text(struct replay *replay, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(replay->found, sizeof replay->found, format, arguments);
    va_end(arguments);
    return replay->found;
}

bool deviates(struct replay *replay, const char *requirement, const char *expected,
              const char *found)
{
    replay->verdict.status = REPLAY_DEVIATES;
    replay->verdict.requirement = requirement;
    replay->verdict.expected = expected;
    replay->verdict.found = found;
    replay->stopped = true;
    return false;
}

bool deviates_at(struct replay *replay, uint64_t line, const char *requirement,
                 const char *expected, const char *found)
{
    replay->verdict.line = line;
    return deviates(replay, requirement, expected, found);
}

bool replay_unreadable(struct replay *replay, const char *error)
{
    replay->verdict.status = REPLAY_UNREADABLE;
    replay->verdict.expected = error;
    replay->stopped = true;
    return false;
}

struct replay_verdict replay_verdict(const struct replay *replay)
{
    return replay->verdict;
}
