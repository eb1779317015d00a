/* chunk_set.c: sets of chunks.  What they are for: chunk_set.h. */
#include "src/core/heap/chunk_set.h"

struct chunk_row set_member[NUM_CHUNK_SETS];
struct chunk_row set_rank[NUM_CHUNK_SETS];
uint32_t set_size[NUM_CHUNK_SETS];
/*@ ghost struct chunk_row set_permutation[NUM_CHUNK_SETS]; */
/*@ ghost struct chunk_row set_place[NUM_CHUNK_SETS]; */

void chunk_set_insert(uint32_t row, uint32_t chunk)
{
    uint32_t end = set_size[row];
    /*@ ghost uint32_t place = set_place[row].at[chunk];
        uint32_t first_absent = set_permutation[row].at[end];
        set_permutation[row].at[place] = first_absent;
        set_place[row].at[first_absent] = place;
        set_permutation[row].at[end] = chunk;
        set_place[row].at[chunk] = end; */
    set_member[row].at[end] = chunk;
    set_rank[row].at[chunk] = end;
    set_size[row] = end + 1;
}

void chunk_set_remove(uint32_t row, uint32_t chunk)
{
    uint32_t end = set_size[row] - 1;
    uint32_t rank = set_rank[row].at[chunk];
    uint32_t last = set_member[row].at[end];
    /*@ ghost set_permutation[row].at[rank] = last;
        set_place[row].at[last] = rank;
        set_permutation[row].at[end] = chunk;
        set_place[row].at[chunk] = end; */
    set_member[row].at[rank] = last;
    set_rank[row].at[last] = rank;
    set_size[row] = end;
}

uint32_t chunk_set_last(uint32_t row)
{
    return set_member[row].at[set_size[row] - 1];
}
