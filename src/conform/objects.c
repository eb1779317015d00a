/* objects.c: the lists and objects of a replay.
 *
 * Keeps: ids are stable; every block in use stands in block_at under its base, and no two overlap.  Called by the
 * rules. */
#include "src/conform/state.h"

#include <string.h>

typedef struct link *link_of(struct replay *replay, uint32_t id);

static struct link *block_link(struct replay *replay, uint32_t id)
{
    return &replay->blocks[id].link;
}

static struct link *empty_link(struct replay *replay, uint32_t id)
{
    return &replay->blocks[id].empty_link;
}

static struct link *used_link(struct replay *replay, uint32_t id)
{
    return &replay->caches[id].used_link;
}

static void insert_first(struct replay *replay, struct list *list, uint32_t id, link_of *link)
{
    link(replay, id)->previous = NO_ID;
    link(replay, id)->next = list->first;
    if (list->first == NO_ID)
        list->last = id;
    else
        link(replay, list->first)->previous = id;
    list->first = id;
}

static void append(struct replay *replay, struct list *list, uint32_t id, link_of *link)
{
    link(replay, id)->previous = list->last;
    link(replay, id)->next = NO_ID;
    if (list->last == NO_ID)
        list->first = id;
    else
        link(replay, list->last)->next = id;
    list->last = id;
}

static void remove_from(struct replay *replay, struct list *list, uint32_t id, link_of *link)
{
    struct link at = *link(replay, id);
    if (at.previous == NO_ID)
        list->first = at.next;
    else
        link(replay, at.previous)->next = at.next;
    if (at.next == NO_ID)
        list->last = at.previous;
    else
        link(replay, at.next)->previous = at.previous;
}

void list_init(struct list *list)
{
    list->first = NO_ID;
    list->last = NO_ID;
}

void pool_list_insert(struct replay *replay, struct list *list, uint32_t block)
{
    replay->blocks[block].listed_at = event_number(replay);
    insert_first(replay, list, block, block_link);
}

/* The first of the list goes to the place of a block that left it, which `gap` was the link of. */
static void first_fills_gap(struct replay *replay, struct list *list, struct link gap)
{
    uint32_t first = list->first;

    if (first == gap.previous)
        return;
    remove_from(replay, list, first, block_link);
    *block_link(replay, first) = gap;
    block_link(replay, gap.previous)->next = first;
    if (gap.next == NO_ID)
        list->last = first;
    else
        block_link(replay, gap.next)->previous = first;
}

void pool_list_remove(struct replay *replay, struct list *list, uint32_t block)
{
    struct link gap = *block_link(replay, block);

    remove_from(replay, list, block, block_link);
    if (!replay->profile.first_fills_gap || gap.previous == NO_ID)
        return;
    replay->blocks[list->first].listed_at = replay->blocks[block].listed_at;
    first_fills_gap(replay, list, gap);
}

void empty_list_append(struct replay *replay, struct list *list, uint32_t block)
{
    replay->blocks[block].emptied_at = event_number(replay);
    append(replay, list, block, empty_link);
}

void empty_list_remove(struct replay *replay, struct list *list, uint32_t block)
{
    remove_from(replay, list, block, empty_link);
}

void used_list_append(struct replay *replay, uint32_t cache)
{
    append(replay, &replay->used_caches, cache, used_link);
}

void used_list_remove(struct replay *replay, uint32_t cache)
{
    remove_from(replay, &replay->used_caches, cache, used_link);
}

uint32_t find_thread(struct replay *replay, uint64_t name)
{
    uint32_t id = name_index_find(&replay->thread_named, name);
    if (id != NO_ID)
        return id;
    if (replay->num_threads == replay->threads_capacity) {
        void *grown = budget_grow(&replay->budget, replay->threads, &replay->threads_capacity,
                                  replay->num_threads + 1, sizeof *replay->threads);
        if (grown == NULL)
            return NO_ID;
        replay->threads = grown;
    }
    if (!name_index_add(&replay->thread_named, &replay->budget, name, replay->num_threads))
        return NO_ID;
    struct thread *thread = &replay->threads[replay->num_threads];
    memset(thread, 0, sizeof *thread);
    thread->name = name;
    thread->span_due = NO_ID;
    thread->span_new = NO_ID;
    return replay->num_threads++;
}

uint32_t find_cache(struct replay *replay, uint64_t name)
{
    uint32_t id = name_index_find(&replay->cache_named, name);
    if (id != NO_ID)
        return id;
    if (replay->num_caches == replay->caches_capacity) {
        void *grown = budget_grow(&replay->budget, replay->caches, &replay->caches_capacity,
                                  replay->num_caches + 1, sizeof *replay->caches);
        if (grown == NULL)
            return NO_ID;
        replay->caches = grown;
    }
    if (!name_index_add(&replay->cache_named, &replay->budget, name, replay->num_caches))
        return NO_ID;
    memset(&replay->caches[replay->num_caches], 0, sizeof *replay->caches);
    replay->caches[replay->num_caches].name = name;
    return replay->num_caches++;
}

uint32_t find_goroutine(const struct replay *replay, uint64_t gp)
{
    return name_index_find(&replay->goroutine_named, gp);
}

uint32_t make_goroutine(struct replay *replay, uint64_t gp)
{
    uint32_t id = replay->free_goroutines;

    if (id == NO_ID) {
        if (replay->num_goroutines == replay->goroutines_capacity) {
            void *grown =
                budget_grow(&replay->budget, replay->goroutines, &replay->goroutines_capacity,
                            replay->num_goroutines + 1, sizeof *replay->goroutines);
            if (grown == NULL)
                return NO_ID;
            replay->goroutines = grown;
        }
        id = replay->num_goroutines;
    }
    if (!name_index_add(&replay->goroutine_named, &replay->budget, gp, id))
        return NO_ID;
    if (id == replay->num_goroutines)
        replay->num_goroutines++;
    else
        replay->free_goroutines = (uint32_t)replay->goroutines[id].low;
    memset(&replay->goroutines[id], 0, sizeof *replay->goroutines);
    replay->goroutines[id].gp = gp;
    replay->goroutines[id].decider = NO_ID;
    return id;
}

void forget_goroutine(struct replay *replay, uint32_t goroutine)
{
    name_index_remove(&replay->goroutine_named, replay->goroutines[goroutine].gp);
    replay->goroutines[goroutine].low = replay->free_goroutines;
    replay->free_goroutines = goroutine;
}

/* The place of a new block: one that was forgotten, or the next. */
static uint32_t block_place(struct replay *replay)
{
    if (replay->free_blocks != NO_ID)
        return replay->free_blocks;
    if (replay->num_blocks == replay->blocks_capacity) {
        void *grown = budget_grow(&replay->budget, replay->blocks, &replay->blocks_capacity,
                                  replay->num_blocks + 1, sizeof *replay->blocks);
        if (grown == NULL)
            return NO_ID;
        replay->blocks = grown;
    }
    return replay->num_blocks;
}

uint32_t make_block(struct replay *replay, uint64_t base, uint64_t bytes, uint32_t order)
{
    uint32_t id = block_place(replay);

    if (id == NO_ID || !address_index_add(&replay->block_at, &replay->budget, base, id))
        return NO_ID;
    if (id == replay->num_blocks)
        replay->num_blocks++;
    else
        replay->free_blocks = replay->blocks[id].link.next;
    struct block *block = &replay->blocks[id];
    memset(block, 0, sizeof *block);
    block->base = base;
    block->bytes = bytes;
    block->order = order;
    block->num_slots =
        order == LARGE_ORDER ? 1 : (uint32_t)(bytes / (replay->profile.fixed_bytes << order));
    return id;
}

void forget_block(struct replay *replay, uint32_t block)
{
    address_index_remove(&replay->block_at, &replay->budget, replay->blocks[block].base);
    replay->blocks[block].link.next = replay->free_blocks;
    replay->free_blocks = block;
}

uint32_t block_over(const struct replay *replay, uint64_t base, uint64_t bytes)
{
    uint32_t id = address_index_floor(&replay->block_at, base + bytes - 1);
    if (id == NO_ID || replay->blocks[id].base + replay->blocks[id].bytes <= base)
        return NO_ID;
    return id;
}

uint64_t slot_bytes(const struct replay *replay, const struct block *block)
{
    return block->order == LARGE_ORDER ? block->bytes : replay->profile.fixed_bytes << block->order;
}

bool find_stack(const struct replay *replay, uint64_t address, struct stack_at *stack)
{
    uint32_t id = address_index_floor(&replay->block_at, address);
    if (id == NO_ID)
        return false;
    const struct block *block = &replay->blocks[id];
    uint64_t offset = address - block->base;
    if (offset >= block->bytes || offset % slot_bytes(replay, block) != 0)
        return false;
    stack->block = id;
    stack->slot = (uint32_t)(offset / slot_bytes(replay, block));
    return true;
}
