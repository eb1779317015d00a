/* index.h: finding the objects of a replay: by name (hash) and by address (ordered).
 *
 * Both hold 32-bit ids of objects that stand in arrays elsewhere.  Their cost does not depend on what a trace
 * names: the hash is seeded per run, the order is kept in leaves of bounded size.  Used by replay.c. */
#ifndef CONTIG_CONFORM_INDEX_H
#define CONTIG_CONFORM_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_ID UINT32_MAX

/* Memory that a replay may use, and whether it ran out.  Shared by all of its containers. */
struct budget {
    uint64_t bytes_left;
    bool exhausted;
};

/* array, grown to hold at least `count` elements of `element_bytes`; NULL, with the budget marked, if it cannot. */
void *budget_grow(struct budget *budget, void *array, uint32_t *capacity, uint32_t count,
                  size_t element_bytes);

struct name_index {
    uint64_t *names;
    uint32_t *ids;     /* NO_ID: free */
    uint32_t capacity; /* 0 or a power of two */
    uint32_t count;
    uint64_t seed;
};

void name_index_init(struct name_index *index, uint64_t seed);
void name_index_free(struct name_index *index);
uint32_t name_index_find(const struct name_index *index, uint64_t name);
bool name_index_add(struct name_index *index, struct budget *budget, uint64_t name, uint32_t id);
void name_index_remove(struct name_index *index, uint64_t name);

#define LEAF_ENTRIES 256u

struct address_leaf {
    uint32_t count;
    uint32_t ids[LEAF_ENTRIES];
    uint64_t addresses[LEAF_ENTRIES];
};

struct address_index {
    /* none is empty; addresses rise within a leaf and from leaf to leaf */
    struct address_leaf **leaves;
    uint32_t num_leaves;
    uint32_t capacity;
};

void address_index_free(struct address_index *index);
/* The id with the greatest address that is <= address, or NO_ID. */
uint32_t address_index_floor(const struct address_index *index, uint64_t address);
bool address_index_add(struct address_index *index, struct budget *budget, uint64_t address,
                       uint32_t id);
void address_index_remove(struct address_index *index, struct budget *budget, uint64_t address);

#endif
