/* profile.c: the table of runtimes that can be replayed.  Called by replay.c and by the options of conform. */
#include "src/conform/profile.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct profile profiles[] = {
    /* name   fixed orders guard nosplit alignment  max         pools  size   fits   adapts moves  request gap    dead   stay */
    {"1.12",   2048, 4,     880, 752,     8192,     1000000000, true,  true,  false, false, false, false,  false, true,  true},
    {"1.19",   2048, 4,     928, 800,     8192,     1000000000, true,  true,  true,  true,  false, false,  false, true,  true},
    {"1.27",   2048, 4,     928, 800,     8192,     1000000000, true,  true,  true,  true,  false, false,  false, false, true},
    {"contig", 2048, 4,     928, 800,    32768,     1000000000, true,  true,  true,  true,  true,  true,   true,  false, false},
    {"plain",  1,    0,     0,   0,          8,     UINT64_MAX, false, false, true,  false, true,  true,   false, false, false},
};

const struct profile *profile_named(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

void profile_names(char text[TRACE_PROFILE_NAMES_BYTES])
{
    size_t length = 0;
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0] && length < TRACE_PROFILE_NAMES_BYTES; i++)
        length += (size_t)snprintf(text + length, TRACE_PROFILE_NAMES_BYTES - length, "%s%s", i == 0 ? "" : ", ",
                                   profiles[i].name);
}
