/* script_fuzz.c: scripts on real stacks: the input's functions become machine code, its schedule runs them. */
#define _DEFAULT_SOURCE /* sigaltstack */
#include "fuzz/script_start.h"

/* LIFE-9, SITE-7, COPY-1..COPY-4, OUTSIDE-1, OUTSIDE-2, OUTSIDE-4, CHECK-2..CHECK-4: what the oracles of scripts
 * judge. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct script script;
    static const struct script_options options = {0};
    script_from_bytes(&script, bytes, size);
    handlers_on_their_own_stack();
    struct script_result result = script_run(&script, &options);
    require(result.violation == NULL, result.oracle, result.violation);
    return 0;
}
