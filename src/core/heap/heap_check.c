/* heap_check.c: the checkers.  What each of them decides: heap_check.h. */
#include "src/core/heap/heap_check.h"

/*@ requires row:     row < NUM_CHUNK_SETS && chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> member_of(row, chunk); */
static bool is_member(uint32_t row, uint32_t chunk)
{
    if (set_size[row] == 0)
        return false;
    uint32_t rank = set_rank[row].at[chunk];
    return rank < set_size[row] && rank < NUM_CHUNKS && set_member[row].at[rank] == chunk;
}

/*@ requires row:     row < NUM_CHUNK_SETS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> set_checked(row); */
static bool set_ok(uint32_t row)
{
    if (set_size[row] > NUM_CHUNKS || grown_chunks > NUM_CHUNKS)
        return false;
    /*@ loop invariant range: 0 <= rank <= set_size[row];
        loop invariant good:  \forall integer k; 0 <= k < rank ==>
                                set_member[row].at[k] < grown_chunks && set_rank[row].at[set_member[row].at[k]] == k;
        loop assigns rank;
        loop variant set_size[row] - rank; */
    for (uint32_t rank = 0; rank < set_size[row]; rank++) {
        if (set_member[row].at[rank] >= grown_chunks)
            return false;
        if (set_rank[row].at[set_member[row].at[rank]] != rank)
            return false;
    }
    return true;
}

/*@ requires slot:    chunk < NUM_CHUNKS && index < span_slots[chunk] <= MAX_SPAN_SLOTS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> slot_checked(chunk, index); */
static bool slot_ok(uint32_t chunk, uint32_t index)
{
    uint32_t slots = span_slots[chunk];
    uint32_t at_index = slot_stack[chunk].at[index];
    uint32_t place = slot_place[chunk].at[index];
    uint32_t owner = slot_owner[chunk].at[index];
    if (at_index >= slots || slot_place[chunk].at[at_index] != index)
        return false;
    if (place >= slots || slot_stack[chunk].at[place] != index)
        return false;
    return owner < SLOT_CACHED + NUM_P && (owner == SLOT_FREE) == (place < span_free[chunk]);
}

/*@ requires slot:    chunk < NUM_CHUNKS && index < MAX_SPAN_SLOTS && span_order[chunk] < NUM_STACK_ORDERS &&
                        slot_owner[chunk].at[index] < SLOT_CACHED + NUM_P;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> slot_entered(chunk, index); */
static bool has_entry(uint32_t chunk, uint32_t index)
{
    uint32_t order = span_order[chunk];
    uint32_t p, k;
    if (slot_owner[chunk].at[index] < SLOT_CACHED)
        return true;
    p = (uint32_t)slot_owner[chunk].at[index] - SLOT_CACHED;
    /*@ loop invariant range: 0 <= k <= MAX_SPAN_SLOTS && k <= stackcache[p].count[order];
        loop invariant none:  \forall integer other; 0 <= other < k ==> !entry_of(p, order, other, chunk, index);
        loop assigns k;
        loop variant MAX_SPAN_SLOTS - k; */
    for (k = 0; k < stackcache[p].count[order] && k < MAX_SPAN_SLOTS; k++) {
        if (stackcache[p].chunk[order][k] == chunk && stackcache[p].index[order][k] == index)
            return true;
    }
    return false;
}

/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> span_pooled(chunk); */
static bool pooled_ok(uint32_t chunk)
{
    /*@ loop invariant range: 0 <= order <= NUM_STACK_ORDERS;
        loop invariant good:  \forall integer done; 0 <= done < order ==>
                                (member_of(STACKPOOL(done), chunk) <==> has_free_slot(done, chunk));
        loop assigns order;
        loop variant NUM_STACK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++) {
        bool has_free =
            span_slots[chunk] != 0 && span_order[chunk] == order && span_free[chunk] > 0;
        if (is_member(STACKPOOL(order), chunk) != has_free)
            return false;
    }
    return true;
}

bool span_ok(uint32_t chunk)
{
    uint32_t slots = span_slots[chunk];
    if (slots != 0) {
        if (span_order[chunk] >= NUM_STACK_ORDERS)
            return false;
        if (slots != span_capacity_of(span_order[chunk]))
            return false;
    }
    if (span_free[chunk] > slots || !pooled_ok(chunk))
        return false;
    /*@ loop invariant range: 0 <= index <= slots;
        loop invariant good:  \forall integer done; 0 <= done < index ==>
                                slot_checked(chunk, done) && slot_entered(chunk, done);
        loop assigns index;
        loop variant slots - index; */
    for (uint32_t index = 0; index < slots; index++) {
        if (!slot_ok(chunk, index))
            return false;
        if (!has_entry(chunk, index))
            return false;
    }
    return true;
}

/*@ requires entry:   p < NUM_P && order < NUM_STACK_ORDERS && k < MAX_SPAN_SLOTS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> stackcache[p].index[order][k] < MAX_SPAN_SLOTS && cache_entry(p, order, k); */
static bool owns_entry(uint32_t p, uint32_t order, uint32_t k)
{
    uint32_t chunk = stackcache[p].chunk[order][k];
    uint32_t index = stackcache[p].index[order][k];
    if (chunk >= NUM_CHUNKS || index >= MAX_SPAN_SLOTS)
        return false;
    return index < span_slots[chunk] && span_order[chunk] == order &&
           slot_owner[chunk].at[index] == SLOT_CACHED + p;
}

/*@ requires entry:   p < NUM_P && order < NUM_STACK_ORDERS && k < MAX_SPAN_SLOTS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> entry_checked(p, order, k); */
static bool entry_ok(uint32_t p, uint32_t order, uint32_t k)
{
    if (!owns_entry(p, order, k))
        return false;
    /*@ loop invariant range: 0 <= other <= k;
        loop invariant good:  \forall integer done; 0 <= done < other ==>
              !entry_of(p, order, done, stackcache[p].chunk[order][k], stackcache[p].index[order][k]);
        loop assigns other;
        loop variant k - other; */
    for (uint32_t other = 0; other < k; other++) {
        if (stackcache[p].chunk[order][other] == stackcache[p].chunk[order][k] &&
            stackcache[p].index[order][other] == stackcache[p].index[order][k]) {
            return false;
        }
    }
    return true;
}

/*@ requires cache:   p < NUM_P && order < NUM_STACK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> cache_order_checked(p, order); */
static bool cache_order_ok(uint32_t p, uint32_t order)
{
    if (stackcache[p].count[order] > span_capacity_of(order))
        return false;
    /*@ loop invariant range: 0 <= k <= stackcache[p].count[order];
        loop invariant good:  \forall integer done; 0 <= done < k ==> entry_checked(p, order, done);
        loop assigns k;
        loop variant stackcache[p].count[order] - k; */
    for (uint32_t k = 0; k < stackcache[p].count[order]; k++) {
        if (!entry_ok(p, order, k))
            return false;
    }
    return true;
}

bool cache_ok(uint32_t p)
{
    /*@ loop invariant range: 0 <= order <= NUM_STACK_ORDERS;
        loop invariant good:  \forall integer done; 0 <= done < order ==> cache_order_checked(p, done);
        loop assigns order;
        loop variant NUM_STACK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++) {
        if (!cache_order_ok(p, order))
            return false;
    }
    return true;
}

/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> block_in_sets(chunk); */
static bool in_right_sets(uint32_t chunk)
{
    /*@ loop invariant range:  0 <= order <= NUM_BLOCK_ORDERS;
        loop invariant free:   \forall integer done; 0 <= done < order ==>
              (member_of(FREE_BLOCKS(done), chunk) <==> block_state[chunk] == BLOCK_FREE && block_order[chunk] == done);
        loop invariant queued: \forall integer done; 0 <= done < order ==>
              (member_of(QUEUED_STACKS(done), chunk) <==>
               block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == done);
        loop assigns order;
        loop variant NUM_BLOCK_ORDERS - order; */
    for (uint32_t order = 0; order < NUM_BLOCK_ORDERS; order++) {
        bool is_free = block_state[chunk] == BLOCK_FREE && block_order[chunk] == order;
        bool is_queued = block_state[chunk] == BLOCK_QUEUED && block_order[chunk] == order;
        if (is_member(FREE_BLOCKS(order), chunk) != is_free)
            return false;
        if (is_member(QUEUED_STACKS(order), chunk) != is_queued)
            return false;
    }
    return true;
}

/*@ requires order:   order < NUM_BLOCK_ORDERS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> aligned(chunk, order); */
static bool is_aligned(uint32_t chunk, uint32_t order)
{
    switch (order) {
    case 0: return true;
    case 1: return chunk % 2 == 0;
    case 2: return chunk % 4 == 0;
    case 3: return chunk % 8 == 0;
    case 4: return chunk % 16 == 0;
    case 5: return chunk % 32 == 0;
    case 6: return chunk % 64 == 0;
    case 7: return chunk % 128 == 0;
    case 8: return chunk % 256 == 0;
    case 9: return chunk % 512 == 0;
    case 10: return chunk % 1024 == 0;
    case 11: return chunk % 2048 == 0;
    case 12: return chunk % 4096 == 0;
    case 13: return chunk % 8192 == 0;
    default: return chunk % 16384 == 0;
    }
}

/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> block_shape(chunk); */
static bool shape_ok(uint32_t chunk)
{
    if (block_state[chunk] > BLOCK_QUEUED || block_order[chunk] >= NUM_BLOCK_ORDERS)
        return false;
    if (grown_chunks > NUM_CHUNKS || chunk + chunks_of_order(block_order[chunk]) > grown_chunks)
        return false;
    return is_aligned(chunk, block_order[chunk]);
}

/*@ requires shape:   chunk < NUM_CHUNKS && block_shape(chunk);
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> block_alone(chunk); */
static bool is_alone(uint32_t chunk)
{
    uint32_t end = chunk + chunks_of_order(block_order[chunk]);
    /*@ loop invariant range: chunk < inside <= end;
        loop invariant none:  \forall integer done; chunk < done < inside ==> block_state[done] == BLOCK_NONE;
        loop assigns inside;
        loop variant end - inside; */
    for (uint32_t inside = chunk + 1; inside < end; inside++) {
        if (block_state[inside] != BLOCK_NONE)
            return false;
    }
    return end == grown_chunks || block_state[end] != BLOCK_NONE;
}

/*@ requires shape:   chunk < NUM_CHUNKS && block_shape(chunk);
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> buddies_apart(chunk); */
static bool has_buddy_apart(uint32_t chunk)
{
    uint32_t order = block_order[chunk];
    if (block_state[chunk] != BLOCK_FREE || order + 1 == NUM_BLOCK_ORDERS)
        return false;
    if (!is_aligned(chunk, order + 1))
        return false;
    uint32_t buddy = chunk + chunks_of_order(order);
    return block_state[buddy] == BLOCK_FREE && block_order[buddy] == order;
}

bool block_ok(uint32_t chunk)
{
    if (!in_right_sets(chunk))
        return false;
    if (block_state[chunk] == BLOCK_NONE)
        return true;
    return shape_ok(chunk) && is_alone(chunk) && !has_buddy_apart(chunk);
}

/*@ requires chunk:   chunk < NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> span_linked(chunk); */
static bool is_linked(uint32_t chunk)
{
    bool span = block_state[chunk] == BLOCK_SPAN;
    return (span_slots[chunk] != 0) == span && (!span || block_order[chunk] == 0);
}

/*@ assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> \forall integer row; 0 <= row < NUM_CHUNK_SETS ==> set_checked(row); */
static bool all_sets_ok(void)
{
    /*@ loop invariant range: 0 <= row <= NUM_CHUNK_SETS;
        loop invariant good:  \forall integer done; 0 <= done < row ==> set_checked(done);
        loop assigns row;
        loop variant NUM_CHUNK_SETS - row; */
    for (uint32_t row = 0; row < NUM_CHUNK_SETS; row++) {
        if (!set_ok(row))
            return false;
    }
    return true;
}

/*@ assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> \forall integer p; 0 <= p < NUM_P ==> cache_checked(p); */
static bool all_caches_ok(void)
{
    /*@ loop invariant range: 0 <= p <= NUM_P;
        loop invariant good:  \forall integer done; 0 <= done < p ==> cache_checked(done);
        loop assigns p;
        loop variant NUM_P - p; */
    for (uint32_t p = 0; p < NUM_P; p++) {
        if (!cache_ok(p))
            return false;
    }
    return true;
}

/*@ requires grown:   grown_chunks <= NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> \forall integer chunk; 0 <= chunk < grown_chunks ==> chunk_checked(chunk); */
static bool all_chunks_ok(void)
{
    /*@ loop invariant range: 0 <= chunk <= grown_chunks;
        loop invariant good:  \forall integer done; 0 <= done < chunk ==> chunk_checked(done);
        loop assigns chunk;
        loop variant grown_chunks - chunk; */
    for (uint32_t chunk = 0; chunk < grown_chunks; chunk++) {
        if (!block_ok(chunk) || !is_linked(chunk) || !span_ok(chunk))
            return false;
    }
    return true;
}

/*@ requires span:  chunk < NUM_CHUNKS && span_shape(chunk);
    assigns  \nothing;
    exits    \false;
    ensures  units: \result == slot_units_below(chunk, span_slots[chunk]) && \result <= 65536; */
static uint32_t units_of_slots(uint32_t chunk)
{
    uint32_t index, slot_units = 0, units = 0;
    if (span_slots[chunk] != 0)
        slot_units = MAX_SPAN_SLOTS / span_capacity_of(span_order[chunk]);
    /*@ loop invariant range: 0 <= index <= span_slots[chunk];
        loop invariant units: units == slot_units_below(chunk, index) && units <= index * MAX_SPAN_SLOTS;
        loop assigns index, units;
        loop variant span_slots[chunk] - index; */
    for (index = 0; index < span_slots[chunk]; index++) {
        if (slot_owner[chunk].at[index] == SLOT_LIVE)
            units += slot_units;
    }
    return units;
}

/*@ requires chunk: chunk < NUM_CHUNKS && chunk_checked(chunk);
    assigns  \nothing;
    exits    \false;
    ensures  units: \result == chunk_units(chunk) && \result <= 262144; */
static uint32_t units_of_chunk(uint32_t chunk)
{
    if (block_state[chunk] == BLOCK_STACK)
        return MAX_SPAN_SLOTS * chunks_of_order(block_order[chunk]);
    return units_of_slots(chunk);
}

/*@ requires grown: grown_chunks <= NUM_CHUNKS;
    requires good:  \forall integer chunk; 0 <= chunk < grown_chunks ==> chunk_checked(chunk);
    assigns  \nothing;
    exits    \false;
    ensures  sum:   \result == chunk_units_below(grown_chunks); */
static uint64_t units_of_heap(void)
{
    uint64_t units = 0;
    /*@ loop invariant range: 0 <= chunk <= grown_chunks;
        loop invariant units: units == chunk_units_below(chunk) && units <= chunk * 262144;
        loop assigns chunk, units;
        loop variant grown_chunks - chunk; */
    for (uint32_t chunk = 0; chunk < grown_chunks; chunk++)
        units += units_of_chunk(chunk);
    return units;
}

/*@ requires grown: grown_chunks <= NUM_CHUNKS && arena_chunks <= NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> mark_aligned; */
static bool mark_ok(void)
{
    /*@ loop invariant range: 0 <= order < NUM_BLOCK_ORDERS;
        loop invariant good:  \forall integer done; 0 <= done < order ==>
              (grown_chunks + block_chunks(done) <= arena_chunks ==> aligned(grown_chunks, done + 1));
        loop assigns order;
        loop variant NUM_BLOCK_ORDERS - order; */
    for (uint32_t order = 0; order + 1 < NUM_BLOCK_ORDERS; order++) {
        bool fits = grown_chunks + chunks_of_order(order) <= arena_chunks;
        if (fits && !is_aligned(grown_chunks, order + 1))
            return false;
    }
    return true;
}

/*@ assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> arena_placed; */
static bool arena_ok(void)
{
    if (arena_base % CHUNK_BYTES != 0 || arena_chunks > NUM_CHUNKS)
        return false;
    return arena_base <= UINT64_MAX - (uint64_t)arena_chunks * CHUNK_BYTES;
}

/*@ requires grown: grown_chunks <= NUM_CHUNKS;
    assigns  \nothing;
    exits    \false;
    ensures  decides: \result <==> heap_unused_checked; */
static bool unused_ok(void)
{
    /*@ loop invariant range: grown_chunks <= chunk <= NUM_CHUNKS;
        loop invariant none:  \forall integer done; grown_chunks <= done < chunk ==> chunk_unused(done);
        loop assigns chunk;
        loop variant NUM_CHUNKS - chunk; */
    for (uint32_t chunk = grown_chunks; chunk < NUM_CHUNKS; chunk++) {
        if (block_state[chunk] != BLOCK_NONE || span_slots[chunk] != 0 || span_free[chunk] != 0)
            return false;
    }
    return true;
}

bool heap_used_ok(void)
{
    if (grown_chunks > arena_chunks || !arena_ok() || !mark_ok())
        return false;
    if (grown_chunks > 0 && block_state[0] == BLOCK_NONE)
        return false;
    if (!all_sets_ok() || !all_caches_ok() || !all_chunks_ok())
        return false;
    return units_of_heap() == stack_bytes_in_use() / FIXED_STACK_BYTES;
}

bool heap_ok(void)
{
    return heap_used_ok() && unused_ok();
}
