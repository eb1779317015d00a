/* fault_fuzz.c: scripts on real stacks, with faults that the input's first four bytes choose: allocations that fail,
 * moves or preemption at every n-th call, no caches, a smaller maximum, pages of freed stacks closed, no room for those
 * who wait. */
#define _DEFAULT_SOURCE /* sigaltstack */
#include "fuzz/script_start.h"

/* ERR-3, COPY-6, LIFE-9: every fault ends in an error that changes nothing, as the oracles of scripts see it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct script script;
    struct script_options options = {0};
    struct input input = {bytes, bytes + size};
    uint8_t faults = (uint8_t)input_take(&input, 1), every = (uint8_t)input_take(&input, 1);
    uint8_t allocation = (uint8_t)input_take(&input, 1);
    options.fail_allocation = faults & 1 ? 1 + allocation % 64u : 0;
    options.move_every = faults & 2 ? 1 + every % 16u : 0;
    options.preempt_every = (faults & 6) == 4 ? 1 + every % 16u : 0;
    options.no_caches = (faults & 8) != 0;
    options.unmap = (faults & 0xf0) == 0xf0;
    options.waits = (faults & 0xf0) == 0xe0 ? 1 + every % 16u : 0;
    options.maximum_stack = UINT64_C(2048) << input_take(&input, 1) % 11;
    script_from_bytes(&script, input.at, (size_t)(input.end - input.at));
    handlers_on_their_own_stack();
    struct script_result result = script_run(&script, &options);
    require(result.violation == NULL, result.oracle, result.violation);
    return 0;
}
