/* stackalloc.h: stacks for goroutines, from 2 KiB to 512 MiB.
 *
 * A stack is a power of two of bytes in the arena.  Small ones come from the cache of a P or the global pool,
 * larger ones from the page heap.  Sizes and addresses are checked: what is no live stack cannot be freed, and an error
 * changes nothing.  The caller answers for the rest: p is at most NUM_P, stackinit comes first, and once only unless
 * stackreset came between.  Nothing here reads or writes the memory of a stack.
 * Keeps: ALLOC-1..ALLOC-7, COUNT-1, COUNT-2 (spec/stack_addresses.acsl, spec/conservation.acsl).  Called by the
 * runtime and by copystack. */
#ifndef CONTIG_CORE_HEAP_STACKALLOC_H
#define CONTIG_CORE_HEAP_STACKALLOC_H

#include "src/core/status.h"
#include "src/core/heap/unit_count.h"

extern uint64_t arena_base;
/*@ ghost extern uint32_t stack_chunk; */ /* where the stack is that was allocated or freed last */
/*@ ghost extern uint32_t stack_index; */

/* The arena ends at most here: user addresses of the platforms have at most 48 bits, so that no sum wraps around. */
#define ADDRESSES_END UINT64_C(281474976710656)

#include "spec/stack_addresses.acsl"
#include "spec/zero_heap.acsl"

/* clang-format off */
#define STACK_CACHES stackcache[0 .. NUM_P - 1], cache_place[0 .. NUM_CHUNKS - 1]
/* clang-format on */
#define STACK_HEAP \
    PAGE_HEAP_TABLES, QUEUE_TABLES, SPAN_TABLES, STACK_CACHES, UNIT_TABLES, stack_chunk, stack_index

struct stack_alloc_result {
    enum stack_status status;
    uint64_t lo; /* 0 unless the status is STACK_OK */
};

/* ALLOC-1: from zero memory, an empty heap over the arena; no table is touched.  The base is a multiple of
 * CHUNK_BYTES, the size a positive multiple of it, at most NUM_CHUNKS chunks, and the end is at most ADDRESSES_END:
 * this is checked.  That the tables are zero is not: a second call without stackreset spoils the heap. */
/*@ requires zero:      heap_is_zero;
    assigns  arena_base, arena_chunks, grown_chunks, set_permutation[0 .. NUM_CHUNK_SETS - 1],
             set_place[0 .. NUM_CHUNK_SETS - 1];
    exits    \false;
    behavior bad_size:
      assumes !arena_size(bytes);
      assigns \nothing;
      ensures status:   \result == STACK_BAD_SIZE;
    behavior bad_base:
      assumes arena_size(bytes) && !arena_fits(base, bytes);
      assigns \nothing;
      ensures status:   \result == STACK_BAD_ADDRESS;
    behavior good:
      assumes arena_size(bytes) && arena_fits(base, bytes);
      ensures status:   \result == STACK_OK;
      ensures arena:    arena_base == base && arena_chunks * CHUNK_BYTES == bytes;
      ensures page_heap: page_heap_ok;
      ensures shaped:   spans_shaped;
      ensures permute:  spans_permute;
      ensures owned:    slots_owned;
      ensures pool:     stackpool_ok;
      ensures bounded:  caches_bounded;
      ensures entries:  entries_own_slots;
      ensures have:     slots_have_entry;
      ensures link:     spans_linked;
      ensures placed:   arena_placed;
      ensures marked:   units_marked;
      ensures counted:  units_counted;
      ensures empty:    \forall integer lo, size; !live_stack(lo, size); */
enum stack_status stackinit(uint64_t base, uint64_t bytes);

/* ALLOC-1: the tables as they were before the first stackinit, which may follow; all stacks are gone.  For whoever runs
 * many heaps in one process, as fuzzers do.  Touches the tables in proportion to the memory that was in use. */
/*@ requires stacks:    stacks_sound;
    assigns  grown_chunks, block_state[0 .. NUM_CHUNKS - 1], span_slots[0 .. NUM_CHUNKS - 1],
             span_free[0 .. NUM_CHUNKS - 1], set_size[0 .. NUM_CHUNK_SETS - 1], stackcache[0 .. NUM_P - 1],
             stack_gc_running, UNIT_TABLES;
    exits    \false;
    ensures  zero:      heap_is_zero;
    ensures  gc:        !stack_gc_running; */
void stackreset(void);

/* ALLOC-2 (Go stackalloc): a stack of exactly that size, for P p; NUM_P stands for no P, and no cache. */
/*@ requires stacks:    stacks_sound;
    requires p:         p <= NUM_P;
    assigns  STACK_HEAP;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) +
                          (\result.status == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0);
    ensures  status:    \result.status == STACK_OK || \result.status == STACK_BAD_SIZE ||
                          \result.status == STACK_NO_MEMORY;
    ensures  small:     \result.status == STACK_OK && size_bytes < CHUNK_BYTES ==>
                          live_small_stack(\result.lo, size_bytes, stack_chunk, stack_index) &&
                          !live_slot{Pre}(stack_chunk, stack_index) &&
                          live_slots_same_but{Pre, Post}(stack_chunk, stack_index) &&
                          live_blocks_same_but{Pre, Post}(NUM_CHUNKS);
    ensures  large:     \result.status == STACK_OK && size_bytes >= CHUNK_BYTES ==>
                          live_large_stack(\result.lo, size_bytes, stack_chunk) &&
                          \old(block_state[\at(stack_chunk, Post)]) != BLOCK_STACK &&
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) &&
                          live_blocks_same_but{Pre, Post}(stack_chunk);
    ensures  no_memory: \result.status == STACK_NO_MEMORY ==> no_room_for(size_bytes);
    ensures  failed:    \result.status != STACK_OK ==>
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) &&
                          live_blocks_same_but{Pre, Post}(NUM_CHUNKS);
    behavior bad_size:
      assumes !stack_size(size_bytes);
      assigns \nothing;
      ensures status:   \result.status == STACK_BAD_SIZE;
    behavior good_size:
      assumes stack_size(size_bytes);
      ensures status:   \result.status != STACK_BAD_SIZE; */
struct stack_alloc_result stackalloc(uint32_t p, uint64_t size_bytes);

/* ALLOC-3 (Go stackfree): a live stack of exactly that size is free from now on; anything else is an error. */
/*@ requires stacks:    stacks_sound;
    requires p:         p <= NUM_P;
    assigns  BLOCK_TABLES, QUEUE_TABLES, SPAN_TABLES, STACK_CACHES, UNIT_TABLES, stack_chunk, stack_index;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  counted:   units_counted;
    ensures  count:     stack_units_in_use == \old(stack_units_in_use) -
                          (\result == STACK_OK ? size_bytes / FIXED_STACK_BYTES : 0);
    ensures  status:    \result == STACK_OK || \result == STACK_BAD_SIZE || \result == STACK_BAD_ADDRESS;
    ensures  small:     \result == STACK_OK && size_bytes < CHUNK_BYTES ==>
                          live_small_stack{Pre}(lo, size_bytes, stack_chunk, stack_index) &&
                          !live_slot(stack_chunk, stack_index) &&
                          live_slots_same_but{Pre, Post}(stack_chunk, stack_index) &&
                          live_blocks_same_but{Pre, Post}(NUM_CHUNKS);
    ensures  large:     \result == STACK_OK && size_bytes >= CHUNK_BYTES ==>
                          live_large_stack{Pre}(lo, size_bytes, stack_chunk) &&
                          block_state[stack_chunk] != BLOCK_STACK &&
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) &&
                          live_blocks_same_but{Pre, Post}(stack_chunk);
    ensures  failed:    \result != STACK_OK ==>
                          live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0) &&
                          live_blocks_same_but{Pre, Post}(NUM_CHUNKS);
    behavior not_live:
      assumes !live_stack(lo, size_bytes);
      assigns \nothing;
      ensures size:     !stack_size(size_bytes) ==> \result == STACK_BAD_SIZE;
      ensures address:  stack_size(size_bytes) ==> \result == STACK_BAD_ADDRESS;
    behavior live:
      assumes live_stack(lo, size_bytes);
      ensures status:   \result == STACK_OK; */
enum stack_status stackfree(uint32_t p, uint64_t lo, uint64_t size_bytes);

/* ALLOC-4 (Go freeStackSpans): wholly free spans and queued large stacks go back to the page heap. */
/*@ requires stacks:    stacks_sound;
    assigns  BLOCK_TABLES, QUEUE_TABLES, SPAN_TABLES;
    exits    \false;
    ensures  page_heap: page_heap_ok;
    ensures  pool:      pool_ok;
    ensures  link:      spans_linked;
    ensures  marked:    units_marked;
    ensures  spans:     \forall integer chunk; 0 <= chunk < NUM_CHUNKS && span_slots[chunk] != 0 ==>
                          span_free[chunk] < span_slots[chunk];
    ensures  queues:    \forall integer chunk; 0 <= chunk < NUM_CHUNKS ==> block_state[chunk] != BLOCK_QUEUED;
    ensures  small:     live_slots_same_but{Pre, Post}(NUM_CHUNKS, 0);
    ensures  large:     live_blocks_same_but{Pre, Post}(NUM_CHUNKS); */
void freestackspans(void);

/* Between these two, wholly free spans and freed large stacks stay where they are. */
/*@ assigns  stack_gc_running;
    exits    \false;
    ensures  running: stack_gc_running; */
void stack_gc_begin(void);

/*@ assigns  stack_gc_running;
    exits    \false;
    ensures  running: !stack_gc_running; */
void stack_gc_end(void);

/* ALLOC-5: a stack of that size is live at that address. */
/*@ requires stacks:    stacks_sound;
    assigns  \nothing;
    exits    \false;
    ensures  live:      \result <==> live_stack(lo, size_bytes); */
bool is_live_stack(uint64_t lo, uint64_t size_bytes);

#endif
