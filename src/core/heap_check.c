/* heap_check.c: the checkers.  What each of them decides: heap_check.h. */
#include "src/core/heap_check.h"

static bool is_member(uint32_t row, uint32_t chunk)
{
    uint32_t rank = set_rank[row].at[chunk];
    return rank < set_size[row] && set_member[row].at[rank] == chunk;
}

static bool slot_ok(uint32_t chunk, uint32_t index)
{
    uint32_t slots = span_slots[chunk];
    uint32_t at_index = slot_stack[chunk].at[index];
    uint32_t place = slot_place[chunk].at[index];
    uint32_t owner = slot_owner[chunk].at[index];
    if (at_index >= slots || slot_place[chunk].at[at_index] != index) return false;
    if (place >= slots || slot_stack[chunk].at[place] != index) return false;
    return owner < SLOT_CACHED + NUM_P && (owner == SLOT_FREE) == (place < span_free[chunk]);
}

static bool pool_sets_ok(uint32_t chunk)
{
    uint32_t order;
    for (order = 0; order < NUM_STACK_ORDERS; order++) {
        bool has_free = span_slots[chunk] != 0u && span_order[chunk] == order && span_free[chunk] > 0u;
        if (is_member(STACKPOOL(order), chunk) != has_free) return false;
    }
    return true;
}

bool span_ok(uint32_t chunk)
{
    uint32_t slots = span_slots[chunk];
    uint32_t index;
    if (slots != 0u) {
        if (span_order[chunk] >= NUM_STACK_ORDERS) return false;
        if (slots != span_capacity_of(span_order[chunk])) return false;
    }
    if (span_free[chunk] > slots) return false;
    for (index = 0; index < slots; index++) {
        if (!slot_ok(chunk, index)) return false;
    }
    return pool_sets_ok(chunk);
}

static bool entry_ok(uint32_t p, uint32_t order, uint32_t k)
{
    uint32_t chunk = stackcache[p].chunk[order][k];
    uint32_t index = stackcache[p].index[order][k];
    uint32_t other;
    if (chunk >= NUM_CHUNKS || index >= span_slots[chunk]) return false;
    if (span_order[chunk] != order || slot_owner[chunk].at[index] != SLOT_CACHED + p) return false;
    for (other = 0; other < k; other++) {
        if (stackcache[p].chunk[order][other] == chunk && stackcache[p].index[order][other] == index) return false;
    }
    return true;
}

bool cache_ok(uint32_t p)
{
    uint32_t order, k;
    for (order = 0; order < NUM_STACK_ORDERS; order++) {
        if (stackcache[p].count[order] > span_capacity_of(order)) return false;
        for (k = 0; k < stackcache[p].count[order]; k++) {
            if (!entry_ok(p, order, k)) return false;
        }
    }
    return true;
}

static bool block_sets_ok(uint32_t chunk)
{
    uint32_t order;
    for (order = 0; order < NUM_BLOCK_ORDERS; order++) {
        bool is_order = block_order[chunk] == order;
        if (is_member(FREE_BLOCKS(order), chunk) != (is_order && block_state[chunk] == BLOCK_FREE)) return false;
        if (is_member(QUEUED_STACKS(order), chunk) != (is_order && block_state[chunk] == BLOCK_QUEUED)) return false;
    }
    return true;
}

bool block_ok(uint32_t chunk)
{
    uint32_t chunks, inside;
    if (block_state[chunk] == BLOCK_NONE) return block_sets_ok(chunk);
    if (block_state[chunk] > BLOCK_QUEUED || block_order[chunk] >= NUM_BLOCK_ORDERS) return false;
    chunks = 1u << block_order[chunk];
    if (chunk % chunks != 0u || chunk >= grown_chunks || grown_chunks - chunk < chunks) return false;
    for (inside = chunk + 1u; inside < chunk + chunks; inside++) {
        if (block_state[inside] != BLOCK_NONE) return false;
    }
    if (block_state[chunk] == BLOCK_FREE && block_order[chunk] + 1u < NUM_BLOCK_ORDERS) {
        uint32_t buddy = chunk ^ chunks;
        if (buddy < grown_chunks && block_state[buddy] == BLOCK_FREE && block_order[buddy] == block_order[chunk]) {
            return false;
        }
    }
    return block_sets_ok(chunk);
}

static bool set_ok(uint32_t row)
{
    uint32_t rank;
    if (set_size[row] > grown_chunks) return false;
    for (rank = 0; rank < set_size[row]; rank++) {
        if (set_member[row].at[rank] >= grown_chunks) return false;
        if (set_rank[row].at[set_member[row].at[rank]] != rank) return false;
    }
    return true;
}

static bool link_ok(uint32_t chunk)
{
    bool span = block_state[chunk] == BLOCK_SPAN;
    return (span_slots[chunk] != 0u) == span && (!span || block_order[chunk] == 0u);
}

static bool cached_slots_have_entry(uint32_t chunk)
{
    uint32_t index, k;
    uint32_t order = span_order[chunk];
    for (index = 0; index < span_slots[chunk]; index++) {
        uint32_t owner = slot_owner[chunk].at[index];
        if (owner < SLOT_CACHED) continue;
        for (k = 0; k < stackcache[owner - SLOT_CACHED].count[order]; k++) {
            if (stackcache[owner - SLOT_CACHED].chunk[order][k] == chunk &&
                stackcache[owner - SLOT_CACHED].index[order][k] == index) {
                break;
            }
        }
        if (k == stackcache[owner - SLOT_CACHED].count[order]) return false;
    }
    return true;
}

static uint32_t units_at(uint32_t chunk)
{
    uint32_t index, units = 0;
    if (block_state[chunk] == BLOCK_STACK) return MAX_SPAN_SLOTS << block_order[chunk];
    for (index = 0; index < span_slots[chunk]; index++) {
        if (slot_owner[chunk].at[index] == SLOT_LIVE) units += 1u << span_order[chunk];
    }
    return units;
}

bool heap_ok(void)
{
    uint32_t chunk, row, p;
    uint32_t covered = 0, units = 0;
    if (grown_chunks > arena_chunks || arena_chunks > NUM_CHUNKS) return false;
    for (row = 0; row < NUM_CHUNK_SETS; row++) {
        if (!set_ok(row)) return false;
    }
    for (p = 0; p < NUM_P; p++) {
        if (!cache_ok(p)) return false;
    }
    for (chunk = 0; chunk < grown_chunks; chunk++) {
        if (!block_ok(chunk) || !link_ok(chunk) || !span_ok(chunk) || !cached_slots_have_entry(chunk)) return false;
        if ((block_state[chunk] != BLOCK_NONE) != (chunk == covered)) return false;
        if (chunk == covered) covered += 1u << block_order[chunk];
        units += units_at(chunk);
    }
    return covered == grown_chunks && units == stack_units_in_use;
}
