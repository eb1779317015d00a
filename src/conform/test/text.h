/* text.h: a trace that is a text, for the tests of replays. */
#ifndef CONTIG_CONFORM_TEST_TEXT_H
#define CONTIG_CONFORM_TEST_TEXT_H

#include <string.h>

#include "src/conform/replay.h"

/* Replays line after line, up to one that ends the replay.  Returns what was not read. */
static inline const char *replay_text(struct replay *replay, const char *text)
{
    bool going = true;

    while (going && *text != 0) {
        size_t length = strcspn(text, "\n");
        going = replay_line(replay, text, length);
        text += length + 1;
    }
    return text;
}

#endif
