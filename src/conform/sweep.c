/* sweep.c: what must be gone by the end of a sweep: SPAN-5 and LARGE-5.  Called by the rules. */
#include "src/conform/shared.h"

#include <inttypes.h>

bool freespans_complete(struct replay *replay, uint64_t began, uint32_t orders_below, bool large)
{
    for (uint32_t order = 0; order < orders_below; order++) {
        uint32_t oldest = replay->empty[order].first;
        if (oldest != NO_ID && replay->blocks[oldest].emptied_at < began)
            return deviates(
                replay, "SPAN-5",
                expected_text(replay, "empty span 0x%" PRIx64 " of order %" PRIu32 " given back",
                              replay->blocks[oldest].base, order),
                "it kept");
    }
    for (uint32_t size_class = 0; large && size_class < NUM_SIZE_CLASSES; size_class++) {
        uint32_t first = replay->queue[size_class].first;
        if (first != NO_ID)
            return deviates(replay, "LARGE-5",
                            expected_text(replay, "queued stack 0x%" PRIx64 " given back",
                                          replay->blocks[first].base),
                            "it kept");
    }
    return true;
}
