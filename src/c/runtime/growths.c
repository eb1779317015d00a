/* growths.c: how often the prologue of each function asked for growth, and how many bytes that copied.
 *
 * Counted by the prologue's return address, of which a function has one, and named when somebody asks: a growth must
 * not search the function table. */
#include "src/c/runtime/c_runtime.h"

#define FUNCTIONS_MAX 1024u

static struct {
    uint64_t pc, growths, copied_bytes;
} functions[FUNCTIONS_MAX];

/* The prologue's slot, or an empty one: those after the first by linear search.  Full: the last one counts them all. */
static uint64_t slot_of(uint64_t pc)
{
    uint64_t slot = pc / 16 % FUNCTIONS_MAX;
    for (uint64_t i = 0; i < FUNCTIONS_MAX - 1; i++) {
        if (functions[slot].pc == 0 || functions[slot].pc == pc)
            return slot;
        slot = (slot + 1) % FUNCTIONS_MAX;
    }
    return slot;
}

void contig_c_count_growth(uint64_t pc, uint64_t copied_bytes)
{
    uint64_t slot = slot_of(pc);
    if (functions[slot].pc == 0)
        functions[slot].pc = pc;
    functions[slot].growths++;
    functions[slot].copied_bytes += copied_bytes;
}

bool contig_c_read_function(uint64_t index, struct contig_c_function *function)
{
    struct source_position position;
    for (uint64_t slot = 0; slot < FUNCTIONS_MAX; slot++) {
        if (functions[slot].pc == 0 || !contig_sites_position(functions[slot].pc, &position) ||
            index-- != 0)
            continue;
        function->name = position.function;
        function->file = position.file;
        function->growths = functions[slot].growths;
        function->copied_bytes = functions[slot].copied_bytes;
        return true;
    }
    return false;
}
