/* function.h: the functions of a script, and the one that is being compiled.
 *
 * Changed by function.c and compile.c; read by slots.c, maps.c and body.c, too. */
#ifndef CONTIG_FRAMES_FUNCTION_H
#define CONTIG_FRAMES_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/operations.h"

struct function {
    uint32_t words; /* of locals, a multiple of two; the topmost holds the context */
    uint32_t arguments, argument_pointers;
    uint32_t first, end; /* operations of the body */
    uint64_t entry;
};

extern struct function frames_functions[SCRIPT_FUNCTIONS_MAX];
extern uint32_t frames_script_functions;

/* Where the compiler is. */
struct compiled {
    struct function *function;
    uint32_t number, operation;
};
extern struct compiled frames_now;

/* Finds all of them first, so that calls forwards know their arguments. */
void frames_functions_find(const struct script *script);

/* Slots that hold what a script says: all but the topmost. */
static inline uint32_t usable_slots(void)
{
    return frames_now.function->words - 1;
}

/* Bytes from slot 0 to a slot. */
static inline int32_t offset_of(uint32_t slot)
{
    return (int32_t)(8 * slot);
}

/* Bytes below the return address. */
static inline uint32_t frame_bytes_of(const struct function *function)
{
    return 8 * function->words + 8;
}

static inline bool argument_is_pointer(const struct function *function, uint32_t argument)
{
    return (function->argument_pointers >> argument & 1) != 0;
}

#endif
