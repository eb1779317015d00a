/* sizes.c: which sizes stacks have, and where a block may be.
 *
 * Keeps: SIZE of spec/trace.md, and that no two blocks overlap (SPAN-1).  Called by the rules. */
#include "src/conform/shared.h"

#include <inttypes.h>

bool is_pooled_size(const struct replay *replay, uint64_t bytes)
{
    return bytes < TRACE_SPAN_BYTES && bytes < replay->profile.fixed_bytes
                                                   << replay->profile.num_orders;
}

uint64_t order_bytes(const struct replay *replay, uint32_t order)
{
    return replay->profile.fixed_bytes << order;
}

bool valid_size(struct replay *replay, uint64_t bytes)
{
    bool pools = replay->profile.pools;
    if (bytes >= replay->profile.fixed_bytes && (!pools || is_power_of_two(bytes)))
        return true;
    return deviates(replay, "SIZE-1",
                    expected_text(replay, "%sat least %" PRIu64 " bytes",
                                  pools ? "a power of two, " : "", replay->profile.fixed_bytes),
                    found_text(replay, "%" PRIu64, bytes));
}

bool valid_order(struct replay *replay, uint64_t order)
{
    if (order < replay->profile.num_orders &&
        is_pooled_size(replay, order_bytes(replay, (uint32_t)order)))
        return true;
    return deviates(replay, "SIZE-2", "an order of a pooled size",
                    found_text(replay, "order %" PRIu64, order));
}

bool block_may_come(struct replay *replay, uint64_t base, uint64_t bytes, const char *requirement)
{
    if (base % replay->profile.alignment_bytes != 0 || base == 0)
        return deviates(
            replay, requirement,
            expected_text(replay, "a multiple of %" PRIu64, replay->profile.alignment_bytes),
            found_text(replay, "address 0x%" PRIx64, base));
    if (bytes > UINT64_MAX - base)
        return deviates(replay, requirement,
                        expected_text(replay, "%" PRIu64 " bytes within the address space", bytes),
                        found_text(replay, "address 0x%" PRIx64, base));
    uint32_t other = block_over(replay, base, bytes);
    if (other != NO_ID)
        return deviates(
            replay, "SPAN-1", "memory that is not in use",
            found_text(replay,
                       "0x%" PRIx64 ", %" PRIu64 " bytes, over 0x%" PRIx64 ", %" PRIu64 " bytes",
                       base, bytes, replay->blocks[other].base, replay->blocks[other].bytes));
    return true;
}
