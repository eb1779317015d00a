/* defaults.c: what goroutines get that begin with a certain function, if nobody says otherwise. */
#include "src/c/runtime/c_runtime.h"

#define FUNCTIONS_MAX 1024u

static struct {
    void (*function)(void *);
    struct contig_c_options options;
} defaults[FUNCTIONS_MAX];
static uint32_t known;

/* The function's slot, or an empty one: those after the first by linear search.  One slot is always empty. */
static uint32_t slot_of(void (*function)(void *))
{
    uint32_t slot = (uint32_t)((uint64_t)(uintptr_t)function / 16 % FUNCTIONS_MAX);
    while (defaults[slot].function != NULL && defaults[slot].function != function)
        slot = (slot + 1) % FUNCTIONS_MAX;
    return slot;
}

enum contig_error contig_c_set_defaults(void (*function)(void *),
                                        const struct contig_c_options *options)
{
    if (function == NULL || options == NULL || options->ended != NULL)
        return CONTIG_BAD_OPTION;
    uint32_t slot = slot_of(function);
    if (defaults[slot].function == NULL) {
        if (known == FUNCTIONS_MAX - 1)
            return CONTIG_OUT_OF_MEMORY;
        defaults[slot].function = function;
        known++;
    }
    defaults[slot].options = *options;
    return CONTIG_OK;
}

const struct contig_c_options *contig_c_defaults(void (*function)(void *))
{
    return known == 0 ? &defaults[0].options : &defaults[slot_of(function)].options;
}
