/* growths.c: how often the prologue of each function asked for growth, and how many bytes that copied. */
#include "src/c/runtime/c_runtime.h"

#define FUNCTIONS_MAX 1024u

static struct {
    uint64_t entry;
    struct contig_c_function seen;
} functions[FUNCTIONS_MAX];
static uint64_t function_count;

/* The entry's slot, or an empty one: those after the first by linear search.  Full: the last one counts them all. */
static uint64_t slot_of(uint64_t entry)
{
    uint64_t slot = entry / 16 % FUNCTIONS_MAX;
    for (uint64_t i = 0; i < FUNCTIONS_MAX - 1; i++) {
        if (functions[slot].entry == 0 || functions[slot].entry == entry)
            return slot;
        slot = (slot + 1) % FUNCTIONS_MAX;
    }
    return slot;
}

void contig_c_count_growth(uint64_t pc, uint64_t copied_bytes)
{
    struct source_position position;
    if (!contig_sites_position(pc, &position))
        return;
    uint64_t slot = slot_of(position.entry);
    if (functions[slot].entry == 0) {
        functions[slot].entry = position.entry;
        functions[slot].seen.name = position.function;
        functions[slot].seen.file = position.file;
        function_count++;
    }
    functions[slot].seen.growths++;
    functions[slot].seen.copied_bytes += copied_bytes;
}

bool contig_c_read_function(uint64_t index, struct contig_c_function *function)
{
    for (uint64_t slot = 0; slot < FUNCTIONS_MAX; slot++)
        if (functions[slot].entry != 0 && index-- == 0) {
            *function = functions[slot].seen;
            return true;
        }
    return false;
}
