/* sizes.h: scripts with a function for every size of frame that a script can name, sixteen a script. */
#ifndef CONTIG_FRAMES_TEST_SIZES_H
#define CONTIG_FRAMES_TEST_SIZES_H

#include "src/frames/frames.h"

#define SIZES (9u * 256)

/* Makes the script of the sizes from `first` on, all of one kind, and compiles it. */
static inline bool sizes_compile(struct script *script, enum operation_code code, uint32_t first)
{
    static const struct frame_hooks hooks = {NULL, NULL, NULL};
    script->count = 0;
    for (uint32_t i = first; i < first + SCRIPT_FUNCTIONS_MAX; i++)
        script->operations[script->count++] =
            (struct operation){(uint8_t)code, {(uint8_t)i, (uint8_t)(i >> 8), 0}};
    return frames_compile(script, &hooks);
}

#endif
