/* script_fuzz.c: random scripts of spawn, recursion, yield, parking, preemption, GC and failing allocations on real
 * stacks.  Oracles: the frames' own checks, the core's checkers, accounting at rest. */
#include <stdio.h>
#include <stdlib.h>

#include "src/script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct script_result result = script_run(bytes, size, NULL, NULL);
    if (result.violation != NULL) {
        fprintf(stderr, "script_fuzz: %s; to see it: bazel run //src/cli:contig -- replay FILE\n", result.violation);
        abort();
    }
    return 0;
}
