/* index.c: hash and ordered index of a replay.
 *
 * Keeps: a probe of the hash ends at the first free place, since at most half of the places are taken; a leaf of
 * the order has 1..LEAF_ENTRIES entries.  Called by replay.c and its rules. */
#include "src/conform/index.h"

#include <stdlib.h>
#include <string.h>

void *budget_grow(struct budget *budget, void *array, uint32_t *capacity, uint32_t count,
                  size_t element_bytes)
{
    uint32_t wanted = *capacity < 16 ? 16 : *capacity;

    while (wanted < count)
        wanted *= 2;
    uint64_t more = (uint64_t)(wanted - *capacity) * element_bytes;
    void *grown = more > budget->bytes_left ? NULL : realloc(array, wanted * element_bytes);
    if (grown == NULL) {
        budget->exhausted = true;
        return NULL;
    }
    budget->bytes_left -= more;
    *capacity = wanted;
    return grown;
}

static uint32_t home_of(const struct name_index *index, uint64_t name)
{
    uint64_t mixed = name ^ index->seed;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(mixed >> 32) & (index->capacity - 1);
}

void name_index_init(struct name_index *index, uint64_t seed)
{
    memset(index, 0, sizeof *index);
    index->seed = seed;
}

void name_index_free(struct name_index *index)
{
    free(index->names);
    free(index->ids);
}

/* Where the name stands, or the free place at which it would. */
static uint32_t place_of(const struct name_index *index, uint64_t name)
{
    uint32_t place = home_of(index, name);
    while (index->ids[place] != NO_ID && index->names[place] != name)
        place = (place + 1) & (index->capacity - 1);
    return place;
}

uint32_t name_index_find(const struct name_index *index, uint64_t name)
{
    return index->capacity == 0 ? NO_ID : index->ids[place_of(index, name)];
}

static bool name_index_grow(struct name_index *index, struct budget *budget)
{
    struct name_index old = *index;
    uint32_t capacity = old.capacity == 0 ? 64 : old.capacity * 2;
    uint64_t bytes = (uint64_t)capacity * (sizeof *old.names + sizeof *old.ids);

    if (bytes > budget->bytes_left || capacity < old.capacity) {
        budget->exhausted = true;
        return false;
    }
    index->names = malloc(capacity * sizeof *index->names);
    index->ids = malloc(capacity * sizeof *index->ids);
    if (index->names == NULL || index->ids == NULL) {
        name_index_free(index);
        *index = old;
        budget->exhausted = true;
        return false;
    }
    budget->bytes_left -= bytes;
    budget->bytes_left += (uint64_t)old.capacity * (sizeof *old.names + sizeof *old.ids);
    index->capacity = capacity;
    memset(index->ids, 0xff, capacity * sizeof *index->ids);
    for (uint32_t place = 0; place < old.capacity; place++) {
        if (old.ids[place] != NO_ID) {
            uint32_t new_place = place_of(index, old.names[place]);
            index->names[new_place] = old.names[place];
            index->ids[new_place] = old.ids[place];
        }
    }
    name_index_free(&old);
    return true;
}

bool name_index_add(struct name_index *index, struct budget *budget, uint64_t name, uint32_t id)
{
    if (index->count >= index->capacity / 2 && !name_index_grow(index, budget))
        return false;
    uint32_t place = place_of(index, name);
    index->names[place] = name;
    index->ids[place] = id;
    index->count++;
    return true;
}

void name_index_remove(struct name_index *index, uint64_t name)
{
    uint32_t mask = index->capacity - 1;
    uint32_t hole = place_of(index, name);

    index->count--;
    /* Entries behind the hole move into it, unless that would put them before their home. */
    for (uint32_t place = (hole + 1) & mask; index->ids[place] != NO_ID;
         place = (place + 1) & mask) {
        uint32_t home = home_of(index, index->names[place]);
        if (((place - home) & mask) >= ((place - hole) & mask)) {
            index->names[hole] = index->names[place];
            index->ids[hole] = index->ids[place];
            hole = place;
        }
    }
    index->ids[hole] = NO_ID;
}

void address_index_free(struct address_index *index)
{
    for (uint32_t i = 0; i < index->num_leaves; i++)
        free(index->leaves[i]);
    free(index->leaves);
}

/* The leaf in which the address stands, or belongs. */
static uint32_t leaf_of(const struct address_index *index, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = index->num_leaves;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (index->leaves[middle]->addresses[0] <= address)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* How many entries of the leaf are <= address. */
static uint32_t rank_in(const struct address_leaf *leaf, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = leaf->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (leaf->addresses[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t address_index_floor(const struct address_index *index, uint64_t address)
{
    if (index->num_leaves == 0)
        return NO_ID;
    const struct address_leaf *leaf = index->leaves[leaf_of(index, address)];
    uint32_t rank = rank_in(leaf, address);
    return rank == 0 ? NO_ID : leaf->ids[rank - 1];
}

/* Puts a new, empty leaf at `position`. */
static struct address_leaf *insert_leaf(struct address_index *index, struct budget *budget,
                                        uint32_t position)
{
    if (index->num_leaves == index->capacity) {
        void *grown = budget_grow(budget, index->leaves, &index->capacity, index->num_leaves + 1,
                                  sizeof *index->leaves);
        if (grown == NULL)
            return NULL;
        index->leaves = grown;
    }
    struct address_leaf *leaf = budget->bytes_left < sizeof *leaf ? NULL : malloc(sizeof *leaf);
    if (leaf == NULL) {
        budget->exhausted = true;
        return NULL;
    }
    budget->bytes_left -= sizeof *leaf;
    leaf->count = 0;
    memmove(&index->leaves[position + 1], &index->leaves[position],
            (index->num_leaves - position) * sizeof *index->leaves);
    index->leaves[position] = leaf;
    index->num_leaves++;
    return leaf;
}

static bool split_leaf(struct address_index *index, struct budget *budget, uint32_t position)
{
    struct address_leaf *full = index->leaves[position];
    struct address_leaf *upper = insert_leaf(index, budget, position + 1);
    uint32_t half = LEAF_ENTRIES / 2;

    if (upper == NULL)
        return false;
    memcpy(upper->ids, &full->ids[half], half * sizeof full->ids[0]);
    memcpy(upper->addresses, &full->addresses[half], half * sizeof full->addresses[0]);
    upper->count = half;
    full->count = half;
    return true;
}

bool address_index_add(struct address_index *index, struct budget *budget, uint64_t address,
                       uint32_t id)
{
    if (index->num_leaves == 0 && insert_leaf(index, budget, 0) == NULL)
        return false;
    uint32_t position = leaf_of(index, address);
    if (index->leaves[position]->count == LEAF_ENTRIES) {
        if (!split_leaf(index, budget, position))
            return false;
        position = leaf_of(index, address);
    }
    struct address_leaf *leaf = index->leaves[position];
    uint32_t rank = rank_in(leaf, address);
    uint32_t behind = leaf->count - rank;
    memmove(&leaf->ids[rank + 1], &leaf->ids[rank], behind * sizeof leaf->ids[0]);
    memmove(&leaf->addresses[rank + 1], &leaf->addresses[rank], behind * sizeof leaf->addresses[0]);
    leaf->ids[rank] = id;
    leaf->addresses[rank] = address;
    leaf->count++;
    return true;
}

void address_index_remove(struct address_index *index, struct budget *budget, uint64_t address)
{
    uint32_t position = leaf_of(index, address);
    struct address_leaf *leaf = index->leaves[position];
    uint32_t rank = rank_in(leaf, address) - 1;
    uint32_t behind = leaf->count - rank - 1;

    memmove(&leaf->ids[rank], &leaf->ids[rank + 1], behind * sizeof leaf->ids[0]);
    memmove(&leaf->addresses[rank], &leaf->addresses[rank + 1], behind * sizeof leaf->addresses[0]);
    leaf->count--;
    if (leaf->count != 0)
        return;
    free(leaf);
    budget->bytes_left += sizeof *leaf;
    index->num_leaves--;
    memmove(&index->leaves[position], &index->leaves[position + 1],
            (index->num_leaves - position) * sizeof *index->leaves);
}
