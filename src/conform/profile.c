/* profile.c: the table of runtimes that can be replayed.  Called by replay.c and by the options of conform. */
#include "src/conform/profile.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What the versions of Go have in common. */
#define GO                                                                                  \
    .fixed_bytes = 2048, .num_orders = 4, .alignment_bytes = 8192, .max_bytes = 1000000000, \
    .pools = true, .size_decides = true, .stale_follow = true, .descriptors_stay = true
#define SINCE_1_13 .guard_bytes = 928, .nosplit_bytes = 800

static const struct profile profiles[] = {
    {.name = "1.12", GO, .guard_bytes = 880, .nosplit_bytes = 752, .dead_frames_stay = true},
    {.name = "1.19",
     GO,
     SINCE_1_13,
     .growth_fits_frame = true,
     .start_size_adapts = true,
     .dead_frames_stay = true},
    {.name = "1.27", GO, SINCE_1_13, .growth_fits_frame = true, .start_size_adapts = true},
    {.name = "contig",
     .fixed_bytes = 2048,
     .num_orders = 4,
     SINCE_1_13,
     .alignment_bytes = 32768,
     .max_bytes = 1000000000,
     .pools = true,
     .size_decides = true,
     .growth_fits_frame = true,
     .start_size_adapts = true,
     .moves_above_limit = true,
     .shrinks_on_request = true,
     .first_fills_gap = true,
     .bare_frames = true},
    {.name = "plain",
     .fixed_bytes = 1,
     .alignment_bytes = 8,
     .max_bytes = UINT64_MAX,
     .stale_follow = true,
     .growth_fits_frame = true,
     .moves_above_limit = true,
     .shrinks_on_request = true},
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
    for (size_t i = 0;
         i < sizeof profiles / sizeof profiles[0] && length < TRACE_PROFILE_NAMES_BYTES; i++)
        length += (size_t)snprintf(text + length, TRACE_PROFILE_NAMES_BYTES - length, "%s%s",
                                   i == 0 ? "" : ", ", profiles[i].name);
}
