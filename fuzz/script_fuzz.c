/* script_fuzz.c: scripts on real stacks: the input's functions become machine code, its schedule runs them. */
#include <stdio.h>
#include <stdlib.h>

#include "src/script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct script script;
    static const struct script_options options = {0};
    script_from_bytes(&script, bytes, size);
    struct script_result result = script_run(&script, &options);
    if (result.violation != NULL) {
        fprintf(stderr, "script_fuzz: oracle %s: %s\n", result.oracle, result.violation);
        abort();
    }
    return 0;
}
