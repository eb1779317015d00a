/* state.h: what a replay knows: blocks, caches, threads, goroutines, the collector.
 *
 * Private to src/conform: replay.c owns it, the rules (rules.h) and what they share (shared.h) read and change it.
 * Also declares what they all stand on: verdict.c, objects.c and threads.c. */
#ifndef CONTIG_CONFORM_STATE_H
#define CONTIG_CONFORM_STATE_H

#include "src/conform/event.h"
#include "src/conform/index.h"
#include "src/conform/profile.h"
#include "src/conform/replay.h"

#define MAX_SLOTS (TRACE_SPAN_BYTES / TRACE_MIN_FIXED_BYTES)
#define NUM_SIZE_CLASSES 64u
#define LARGE_ORDER UINT32_MAX

/* Where a stack is.  HELD: between two lines of the thread that moves it. */
enum whereabouts { PLACE_POOLED, PLACE_CACHED, PLACE_HELD, PLACE_LIVE };

/* A doubly linked list of blocks, and a block's place in one. */
struct list {
    uint32_t first;
    uint32_t last;
};
struct link {
    uint32_t previous;
    uint32_t next;
};

/* A span (num_slots stacks) or a large stack (one slot, order LARGE_ORDER).
 * A span is in its pool's list iff num_pooled > 0; its free stacks are pooled[0 .. num_pooled - 1], the last of
 * which is given first.  It is in the list of empty spans iff all of its stacks are pooled. */
struct block {
    uint64_t base;
    uint64_t bytes;
    uint64_t listed_at;  /* event number at which it came into the pool's list or the queue */
    uint64_t emptied_at; /* event number at which its last stack came back */
    uint32_t order;
    uint32_t num_slots;
    uint32_t num_pooled;
    bool fresh;  /* none of its stacks has been given out yet */
    bool queued; /* a large stack in the queue */
    struct link link;
    struct link empty_link;
    uint8_t pooled[MAX_SLOTS];
    uint8_t state[MAX_SLOTS];
    /* of a live stack: a goroutine, or owner_thread(thread) that allocated it */
    uint32_t owner[MAX_SLOTS];
};

/* The stack at one address. */
struct stack_at {
    uint32_t block;
    uint32_t slot;
};

/* A cache's stacks per order; the last one is given first. */
struct cache {
    uint64_t name;
    uint64_t used_since; /* event number of the first use since it was cleared; 0: none */
    struct link used_link;
    uint32_t count[TRACE_MAX_ORDERS];
    uint64_t stacks[TRACE_MAX_ORDERS][MAX_SLOTS + 1]; /* one more while a release makes room */
};

/* What a thread is in the middle of in the allocator ... */
enum step {
    STEP_NONE,
    STEP_REFILL,      /* filling a cache; the allocation that it serves must follow */
    STEP_POOL_TAKEN,  /* has a stack from the pool; its allocation must follow */
    STEP_LARGE_TAKEN, /* has pages; the allocation of a large stack must follow */
    STEP_CACHE_FULL,  /* frees into a full cache; a release must follow */
    STEP_RELEASE,
    STEP_FREE_POOL,  /* frees without a cache; the pool must take the stack */
    STEP_FREE_LARGE, /* frees a large stack; heap or queue must take it */
    STEP_CLEAR,
    STEP_FREESPANS,
};

/* ... and for a goroutine. */
enum intent {
    INTENT_NONE,
    INTENT_DECIDE, /* a decision on shrinking must follow */
    INTENT_GROW,   /* the allocation of `size` must follow */
    INTENT_SHRINK,
    INTENT_COPY, /* allocated; the copy must follow */
    INTENT_FREE, /* copied, or died with a stack that is not kept; the free must follow */
};

struct thread {
    uint64_t name;
    uint64_t last_event; /* number of its event before this one */
    enum step step;
    uint32_t cache; /* of the step */
    uint32_t order;
    uint32_t taken;   /* stacks that a refill took */
    uint64_t address; /* of the step: the stack or pages that it moves */
    uint64_t bytes;
    uint64_t sweep_cycle; /* of STEP_FREESPANS: the collection that it follows ... */
    uint32_t sweep_order; /* ... and how far it has come: order, and place in that list */
    uint64_t sweep_listed_at;
    uint32_t span_due; /* a span that must go back next, or NO_ID */
    uint32_t span_new; /* a span that must serve a request next, or NO_ID */
    enum intent intent;
    bool growing; /* INTENT_COPY comes from a growth */
    uint32_t goroutine;
    uint64_t intent_bytes;   /* size to allocate or to free */
    uint64_t intent_address; /* stack to free */
    uint64_t intent_sp;
    uint64_t alloc_cache; /* the cache that its last allocation named */
    bool checks_cache;    /* INTENT_FREE is the end of a move: the free must name the same cache */
    bool counted_busy;
    uint64_t unclaimed; /* the stack that it allocated last, until a goroutine has it; 0: none */
    const char *intent_requirement;
};

struct goroutine {
    uint64_t gp;
    uint64_t goid; /* 0: not known yet */
    uint64_t low;  /* its stack, also the one kept after death; bytes 0: none */
    uint64_t bytes;
    uint64_t born;    /* event number */
    uint64_t scanned; /* cycle of its last scan, and of its last decision on shrinking */
    uint64_t decided;
    uint64_t scan_used;
    bool alive;
    uint32_t decider;     /* thread whose decision on shrinking must follow, or NO_ID */
    bool decided_by_scan; /* that decision follows its scan, not a preemption */
    bool shrink_later;    /* its scan put the decision off */
};

struct collector {
    uint64_t phase;
    uint64_t cycle;    /* number of @phase 1 so far */
    uint64_t ended_at; /* event number of the last @phase 0 behind a cycle; 0: none */
    uint64_t marking_since;
    uint64_t freespans_at; /* event number of @freespans since ended_at; 0: none */
    bool scans_traced;
    bool start_sizes_traced;
    bool start_size_set; /* in this cycle */
    /* living goroutines that were there at @phase 1 and are not scanned yet */
    uint64_t num_unscanned;
    uint64_t num_scanned;
    uint64_t scanned_bytes;
    uint64_t start_bytes;
};

struct replay {
    struct profile profile;
    const struct profile *wanted_profile;
    bool exact;
    bool stopped;
    judge_of_moves *judge; /* NULL: events of moves are skipped */
    void *judge_context;
    struct budget budget;
    struct replay_counts counts;
    struct replay_verdict verdict;
    char expected[320];
    char found[320];

    struct block *blocks;
    uint32_t blocks_capacity;
    uint32_t num_blocks;
    uint32_t free_blocks; /* linked by link.next */
    struct address_index block_at;
    struct list pool[TRACE_MAX_ORDERS];
    struct list empty[TRACE_MAX_ORDERS]; /* spans with all stacks in the pool, oldest first */
    struct list queue[NUM_SIZE_CLASSES];
    uint64_t queue_since[NUM_SIZE_CLASSES]; /* event number since which it is not empty */

    struct cache *caches;
    uint32_t caches_capacity;
    uint32_t num_caches;
    struct name_index cache_named;
    struct list used_caches; /* oldest first */

    struct thread *threads;
    uint32_t threads_capacity;
    uint32_t num_threads;
    uint32_t num_busy; /* threads in the middle of something */
    struct name_index thread_named;

    struct goroutine *goroutines;
    uint32_t goroutines_capacity;
    uint32_t num_goroutines;
    uint32_t num_alive;
    uint32_t free_goroutines; /* linked by low */
    struct name_index goroutine_named;

    /* shrinks by log2 of the old size, from lines that name no thread */
    uint64_t announced[NUM_SIZE_CLASSES];
    struct collector collector;
};

/* Owner of a live stack that no goroutine has: the thread that allocated it. */
#define OWNER_THREAD_BIT 0x80000000u
static inline uint32_t owner_thread(uint32_t thread)
{
    return thread | OWNER_THREAD_BIT;
}

/* verdict.c: ends the replay at the line that it is at.  False. */
bool deviates(struct replay *replay, const char *requirement, const char *expected,
              const char *found);

static inline bool is_power_of_two(uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static inline uint32_t log2_of(uint64_t power)
{
    return (uint32_t)__builtin_ctzll(power);
}

static inline uint64_t event_number(const struct replay *replay)
{
    return replay->counts.events;
}

/* objects.c: lists over one kind of link, and finding and making objects.  Making returns NO_ID when memory ran out. */
void list_init(struct list *list);
void pool_list_insert(struct replay *replay, struct list *list, uint32_t block);
void pool_list_remove(struct replay *replay, struct list *list, uint32_t block);
void empty_list_append(struct replay *replay, struct list *list, uint32_t block);
void empty_list_remove(struct replay *replay, struct list *list, uint32_t block);
void used_list_append(struct replay *replay, uint32_t cache);
void used_list_remove(struct replay *replay, uint32_t cache);

uint32_t find_thread(struct replay *replay, uint64_t name);
uint32_t find_cache(struct replay *replay, uint64_t name);
uint32_t find_goroutine(const struct replay *replay, uint64_t gp);
uint32_t make_goroutine(struct replay *replay, uint64_t gp);
void forget_goroutine(struct replay *replay, uint32_t goroutine);
uint32_t make_block(struct replay *replay, uint64_t base, uint64_t bytes, uint32_t order);
void forget_block(struct replay *replay, uint32_t block);
uint32_t block_over(const struct replay *replay, uint64_t base, uint64_t bytes);
bool find_stack(const struct replay *replay, uint64_t address, struct stack_at *stack);
uint64_t slot_bytes(const struct replay *replay, const struct block *block);

/* threads.c: counts the thread as busy or idle, after its state has changed. */
void recount_busy(struct replay *replay, uint32_t id);

#endif
