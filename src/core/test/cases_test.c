/* cases_test.c: single cases that random calls do not meet, each with numbers that a reader can check.
 *
 * Which block and which span serve an allocation, what an appended site refers to, what a walk reads and reports, which
 * size a move has and when it frees the old stack.  The heap begins anew for each. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, sigaction */
#include <signal.h>
#include <sys/mman.h>

#include "src/core/heap/stackalloc.h"
#include "src/core/move/growstack.h"
#include "src/testing/expect.h"

#define ARENA_CHUNKS 64u
#define PAGE_BYTES 4096u
#define TEXT UINT64_C(0x400000)
#define MAXIMUM UINT64_C(1000000000)

static uint64_t *arena;
static uint32_t *marks;

static void *mapped(uint64_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT(memory != MAP_FAILED);
    return memory;
}

static void begin(uint64_t base, uint64_t chunks)
{
    stackreset();
    EXPECT(stackinit(base, chunks * CHUNK_BYTES) == STACK_OK);
}

static uint64_t allocated(uint32_t p, uint64_t bytes)
{
    struct stack_alloc_result result = stackalloc(p, bytes);
    EXPECT(result.status == STACK_OK);
    return result.lo;
}

/* HEAP-8: of a free block of one chunk and one of 2^14 chunks, the small one is taken. */
static void the_smallest_block_is_cut(void)
{
    begin(0x700000000000u, NUM_CHUNKS);
    uint64_t large = allocated(0, LARGEST_STACK_BYTES), small = allocated(0, CHUNK_BYTES);
    EXPECT(stackfree(0, large, LARGEST_STACK_BYTES) == STACK_OK);
    EXPECT(allocated(0, CHUNK_BYTES) == small + CHUNK_BYTES);
}

/* POOL-2: of two spans with a free slot, the one that had none until last. */
static void the_last_span_serves(void)
{
    uint64_t first[2] = {0, 0};
    begin(0x700000000000u, NUM_CHUNKS);
    for (uint32_t span = 0; span < 2; span++)
        for (uint32_t slot = 0; slot < MAX_SPAN_SLOTS; slot++) {
            uint64_t lo = allocated(NUM_P, FIXED_STACK_BYTES);
            first[span] = slot == 0 ? lo : first[span];
        }
    EXPECT(first[0] / CHUNK_BYTES != first[1] / CHUNK_BYTES);
    EXPECT(stackfree(NUM_P, first[0], FIXED_STACK_BYTES) == STACK_OK);
    EXPECT(stackfree(NUM_P, first[1], FIXED_STACK_BYTES) == STACK_OK);
    EXPECT(allocated(NUM_P, FIXED_STACK_BYTES) == first[1]);
    EXPECT(allocated(NUM_P, FIXED_STACK_BYTES) == first[0]);
}

/* SITE-7: the maps of a site that is added are counted from where the table's maps ended. */
static void added_maps_are_counted_from_the_end(void)
{
    static const int32_t maps[] = {1, 2, 4};
    struct site site = {.pc = 8, .span_words = 96, .frame_words = 96, .bottom = 1, .objects = 0};
    EXPECT(sites_register(&site, 1, maps, 3, TEXT) == STACK_OK);
    site.pc = 16;
    EXPECT(sites_append(&site, 1, maps, 3) == STACK_OK);
    EXPECT(sites[0].objects == 0 && sites[0].pointers_more == 0);
    EXPECT(sites[1].objects == 3 && sites[1].pointers_more == 3);
}

/* Two functions: the caller keeps two words, the first a pointer; the other keeps one.  Its stack, from sp on:
 *   local, saved frame pointer, return address; pointer, word of the caller */
enum { USED_WORDS = 5, CALLER_WORD = 3 };
static const struct site two_sites[] = {
    {.pc = 64, .frame_words = 2, .span_words = 2, .pointers_low = 1, .objects = -1, .bottom = 1},
    {.pc = 128, .frame_words = 1, .span_words = 3, .pointers_low = 2, .objects = -1},
};

static void two_frames_make(uint64_t *used, uint64_t pointer)
{
    static const int32_t no_maps[1];
    const uint64_t words[USED_WORDS] = {7, 0, TEXT + 64, pointer, 7};
    EXPECT(sites_register(two_sites, 2, no_maps, 0, TEXT) == STACK_OK);
    for (int i = 0; i < USED_WORDS; i++)
        used[i] = words[i];
}

/* UNWIND-3, UNWIND-4: the fault names the frame that is wrong; the words below sp, which cannot be read here, are
 * not. */
static void a_walk_names_the_frame_and_reads_no_more(void)
{
    uint64_t *words = mapped(2 * PAGE_BYTES), sp = (uint64_t)(uintptr_t)words + PAGE_BYTES;
    uint64_t top = PAGE_BYTES / 8;
    struct stack_words at = {(uint64_t)(uintptr_t)words, 0, top, top + USED_WORDS};
    EXPECT(mprotect(words, PAGE_BYTES, PROT_NONE) == 0);
    two_frames_make(words + top, sp);
    EXPECT(check_frames(words, at, TEXT + 128).status == STACK_OK);
    words[top + CALLER_WORD] = sp - 8;
    struct stack_fault fault = check_frames(words, at, TEXT + 128);
    EXPECT(fault.status == STACK_STALE_POINTER && fault.frame == 1);
    EXPECT(fault.frame_sp == sp + 8 * CALLER_WORD && fault.pc == TEXT + 64);
    fault = check_frames(words, at, TEXT);
    EXPECT(fault.status == STACK_BAD_FRAME && fault.frame == 0 && fault.pc == TEXT);
    EXPECT(munmap(words, 2 * PAGE_BYTES) == 0);
}

static struct goroutine_stack two_frames_stack(uint64_t bytes)
{
    uint64_t lo = allocated(0, bytes), hi = lo + bytes, sp = hi - 8 * USED_WORDS;
    two_frames_make(arena + (sp - arena_base) / 8, hi - 8);
    return (struct goroutine_stack){lo, hi, {sp, TEXT + 128, 0, 0}, NULL};
}

/* GROW-2: a move that is forced keeps the size, one for a small frame doubles it. */
static void a_forced_move_keeps_the_size(void)
{
    const uint64_t bytes = 2 * FIXED_STACK_BYTES;
    struct stack_fault fault;
    begin((uint64_t)(uintptr_t)arena, ARENA_CHUNKS);
    struct goroutine_stack g = two_frames_stack(bytes), before = g;
    EXPECT(growstack(arena, marks, 0, &g, 64, MAXIMUM, true, &fault) == STACK_OK);
    EXPECT(g.hi - g.lo == bytes && g.lo != before.lo);
    EXPECT(growstack(arena, marks, 0, &g, 64, MAXIMUM, false, &fault) == STACK_OK);
    EXPECT(g.hi - g.lo == 2 * bytes);
}

/* SHRINK-1: a size whose half is below the fixed one stays. */
static void no_shrink_goes_below_the_fixed_size(void)
{
    EXPECT(shrinkstack_size(4 * FIXED_STACK_BYTES, 0) == 2 * FIXED_STACK_BYTES);
    EXPECT(shrinkstack_size(2 * FIXED_STACK_BYTES - 4, 0) == 2 * FIXED_STACK_BYTES - 4);
}

/* The first write to the new stack, whose pages are closed until then. */
static struct {
    uint64_t old_lo, old_bytes, new_lo, new_bytes;
    volatile sig_atomic_t writes, live;
} watched;

static void *new_stack(void)
{
    return arena + (watched.new_lo - arena_base) / 8;
}

static void first_write(int number)
{
    (void)number;
    if (watched.writes++ > 0)
        _Exit(2);
    watched.live = is_live_stack(watched.old_lo, watched.old_bytes);
    mprotect(new_stack(), watched.new_bytes, PROT_READ | PROT_WRITE);
}

/* COPY-9: while its words are copied, nobody else can get the old stack. */
static void the_old_stack_is_freed_last(void)
{
    const uint64_t bytes = 2 * CHUNK_BYTES;
    const struct sigaction action = {.sa_handler = first_write};
    struct stack_fault fault;
    begin((uint64_t)(uintptr_t)arena, ARENA_CHUNKS);
    struct goroutine_stack g = two_frames_stack(bytes);
    uint64_t next = allocated(0, 2 * bytes);
    EXPECT(stackfree(0, next, 2 * bytes) == STACK_OK);
    watched.old_lo = g.lo, watched.old_bytes = bytes;
    watched.new_lo = next, watched.new_bytes = 2 * bytes;
    EXPECT(mprotect(new_stack(), 2 * bytes, PROT_NONE) == 0);
    EXPECT(sigaction(SIGSEGV, &action, NULL) == 0);
    EXPECT(copystack(arena, marks, 0, &g, 2 * bytes, &fault) == STACK_OK);
    EXPECT(signal(SIGSEGV, SIG_DFL) != SIG_ERR);
    EXPECT(g.lo == next && watched.writes == 1 && watched.live);
    EXPECT(!is_live_stack(watched.old_lo, bytes));
}

int main(void)
{
    arena = mapped((ARENA_CHUNKS + 1) * (uint64_t)CHUNK_BYTES);
    arena = (uint64_t *)(((uintptr_t)arena + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
    marks = mapped(MARK_WORDS * UINT64_C(4));
    the_smallest_block_is_cut();
    the_last_span_serves();
    added_maps_are_counted_from_the_end();
    a_walk_names_the_frame_and_reads_no_more();
    a_forced_move_keeps_the_size();
    no_shrink_goes_below_the_fixed_size();
    the_old_stack_is_freed_last();
    printf("cases_test: ok\n");
    return 0;
}
