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
    bool bare;
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

/* The topmost local, which holds the context. */
static inline uint32_t context_slot(void)
{
    return frames_now.function->words - 1;
}

/* What stands in the place of a saved frame pointer: in a bare frame the caller's rbp, which is data. */
static inline uint32_t saved_slot(void)
{
    return frames_now.function->words;
}

/* Of a bare frame: the word that rbp holds, too, wherever nothing else says. */
static inline uint32_t register_slot(void)
{
    return frames_now.function->words - 2;
}

/* Where the shadow keeps how deep the function's calls may nest: no word of the stack's is compared with it. */
static inline uint32_t depth_slot(void)
{
    return frames_now.function->bare ? context_slot() : saved_slot();
}

/* Locals that a bare frame has besides those of the script: the second one keeps the stack pointer aligned. */
#define BARE_WORDS 2u

/* Slots that hold what a script says. */
static inline uint32_t usable_slots(void)
{
    return context_slot() - (frames_now.function->bare ? BARE_WORDS : 0);
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
