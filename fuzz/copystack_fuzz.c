/* copystack_fuzz.c: moves of stacks with arbitrary words, maps and registers, to arbitrary sizes.
 *
 * A move that fails has changed nothing; one that succeeds has moved each word as a model says that is written down
 * here without the core, and as the proved checker says. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include <sys/mman.h>

#include "fuzz/outside_input.h"
#include "fuzz/stack_input.h"
#include "src/core/heap/heap_check.h"
#include "src/core/move/stack_check.h"
#include "src/harness/fresh_heap.h"

#define ARENA_BYTES (UINT64_C(1) << 20)

static uint64_t *arena;
/* A stack that grew is moved again: it may be as large as the arena. */
#define MOVED_WORDS (ARENA_BYTES / 8)

static uint64_t before_words[MOVED_WORDS];
static bool is_pointer[MOVED_WORDS], is_live[MOVED_WORDS];
static struct outside outside;
static uint32_t marks[MARK_WORDS], check_marks[MARK_WORDS];

static void start(void)
{
    if (arena != NULL)
        return;
    char *mapping = mmap(NULL, ARENA_BYTES + CHUNK_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(mapping != MAP_FAILED, "start", "no memory for the arena");
    arena = (uint64_t *)(((uintptr_t)mapping + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
}

static bool live_bit_of(int32_t site, uint32_t bit)
{
    return bit_is_set(site_live_mask(site, bit / 32), bit % 32) != 0;
}

static bool object_bit_of(int32_t site, uint32_t bit)
{
    return bit_is_set(site_object_mask(site, bit / 32), bit % 32) != 0;
}

/* Marks from the sites alone; the walk is known to succeed. */
static void model_marks(const uint64_t *words, uint64_t top, uint64_t end, uint64_t pc)
{
    memset(is_pointer + top, 0, (end - top) * sizeof *is_pointer);
    memset(is_live + top, 0, (end - top) * sizeof *is_live);
    for (uint64_t word = top;;) {
        int32_t site = site_find(pc);
        for (uint32_t k = 0; k < (uint32_t)sites[site].span_words; k++) {
            is_live[word + k] |= live_bit_of(site, k);
            is_pointer[word + k] |= live_bit_of(site, k) || object_bit_of(site, k);
        }
        if (sites[site].bottom != 0)
            return;
        word += (uint64_t)sites[site].frame_words + 2;
        require(word <= end, "model", "a frame past the end was accepted");
        pc = words[word - 1];
    }
}

static uint64_t model_word(uint64_t value, bool pointer, const struct goroutine_stack *old,
                           uint64_t new_hi)
{
    if (!pointer || value < old->lo || value >= old->hi)
        return value;
    return value < old->sched.sp ? 0 : value - old->hi + new_hi;
}

/* COPY-1..COPY-5, COPY-7, COPY-11: each word and register against the model. */
static void moved_as_the_model_says(const struct goroutine_stack *old,
                                    const struct goroutine_stack *now)
{
    uint64_t top = (old->sched.sp - old->lo) / 8, end = (old->hi - old->lo) / 8;
    model_marks(before_words, top, end, old->sched.pc);
    for (uint64_t k = top; k < end; k++) {
        require(!is_live[k] || before_words[k] < old->lo || before_words[k] >= old->sched.sp,
                "model", "a stack with a stale live word was moved");
        uint64_t found = arena[(now->hi - arena_base) / 8 - (end - k)];
        require(found == model_word(before_words[k], is_pointer[k], old, now->hi), "model",
                "a word was not moved as it should be");
    }
    require(now->sched.pc == old->sched.pc && now->sched.sp == now->hi - (old->hi - old->sched.sp),
            "model", "pc or sp is wrong after a move");
    require(now->sched.bp == model_word(old->sched.bp, true, old, now->hi), "model",
            "the frame pointer register was not moved");
    require(now->sched.ctxt == model_word(old->sched.ctxt, true, old, now->hi), "model",
            "the context register was not moved");
}

/* SHRINK-1, SHRINK-2: shrinkstack is copystack to half the size, if that is due, and nothing at all otherwise. */
static enum stack_status shrink(struct goroutine_stack *g, uint64_t *new_size,
                                struct stack_fault *fault)
{
    uint64_t size = g->hi - g->lo, used = g->hi - g->sched.sp;
    bool due =
        g->sched.sp >= g->lo && g->sched.sp <= g->hi && size >= 4096 && used + 800 < size / 4;
    *new_size = due ? size / 2 : size;
    return shrinkstack(arena, marks, 0, g, fault);
}

/* GROW-2, GROW-3, OWN-4: growstack is copystack to the least doubling that holds a frame and the guard, and says if
 * there is none. */
static enum stack_status grow(struct goroutine_stack *g, uint64_t frame, uint64_t *new_size,
                              struct stack_fault *fault)
{
    uint64_t used = g->hi - g->sched.sp;
    *new_size = g->hi - g->lo;
    do
        *new_size *= 2;
    while (*new_size <= ARENA_BYTES && *new_size < used + frame + 928);
    bool inside = g->sched.sp >= g->lo && g->sched.sp <= g->hi;
    bool local = growth_is_local(0, g, frame, ARENA_BYTES, false);
    (void)growth_is_local(0, g, frame, ARENA_BYTES, true);
    require(!growth_is_local(0, g, frame, 0, false), "local", "a growth beyond the limit is local");
    enum stack_status status = growstack(arena, marks, 0, g, frame, ARENA_BYTES, false, fault);
    require(!local || (status != STACK_NO_MEMORY && status != STACK_TOO_LARGE), "local",
            "a growth that is local has no stack to go to");
    require(status != STACK_TOO_LARGE || !inside || *new_size > ARENA_BYTES, "model",
            "a stack that fits was called too large");
    return status;
}

/* COPY-6, ERR-1, OUTSIDE-4: a failed move changed no record, no word, and nothing of the heap. */
static void nothing_changed(const struct goroutine_stack *old, const struct goroutine_stack *g,
                            const struct outside *old_outside, uint64_t in_use)
{
    require(memcmp(old_outside, &outside, sizeof outside) == 0 &&
                memcmp(old_defers, defers, sizeof defers) == 0 &&
                memcmp(old_sudogs, sudogs, sizeof sudogs) == 0,
            "model", "a failed move changed a record outside");
    require(memcmp(old, g, sizeof *old) == 0 && stack_bytes_in_use() == in_use, "model",
            "a failed move changed something");
    require(memcmp(before_words, arena + (old->lo - arena_base) / 8, old->hi - old->lo) == 0,
            "model", "a failed move changed a word");
}

/* COPY-1, COPY-6, COPY-8, CHECK-2, CHECK-3, ERR-1, OUTSIDE-1, OUTSIDE-3, OUTSIDE-4:
 * new_size 0: shrinkstack; 1: growstack; else copystack. */
static void move(struct goroutine_stack *g, uint64_t new_size, uint64_t frame)
{
    struct goroutine_stack old = *g;
    struct stack_fault fault;
    struct outside old_outside = outside;
    memcpy(old_defers, defers, sizeof defers);
    memcpy(old_sudogs, sudogs, sizeof sudogs);
    uint64_t in_use = stack_bytes_in_use(), old_size = old.hi - old.lo;
    memcpy(before_words, arena + (g->lo - arena_base) / 8, old_size);
    struct stack_move between = {old.lo, old.sched.sp, old.hi, old.hi};
    bool records_fit = g->outside == NULL || old.sched.sp < old.lo || old.sched.sp > old.hi ||
                       records_good(&outside, &between);
    bool good = stack_ok(arena, g) != 0;
    enum stack_status status = new_size == 0   ? shrink(g, &new_size, &fault)
                               : new_size == 1 ? grow(g, frame, &new_size, &fault)
                                               : copystack(arena, marks, 0, g, new_size, &fault);
    if (status == STACK_OK && new_size == old_size && memcmp(&old, g, sizeof old) == 0)
        return;
    between.new_hi = g->hi;
    if (status != STACK_OK) {
        nothing_changed(&old, g, &old_outside, in_use);
        require(status != STACK_BAD_OUTSIDE || !records_fit, "model",
                "good records outside were refused");
        require(!good || status == STACK_BAD_SIZE || status == STACK_NO_MEMORY ||
                    status == STACK_TOO_LARGE,
                "model", "a well-formed stack was refused");
        return;
    }
    require(good && records_fit, "model", "a malformed stack was moved");
    if (g->outside != NULL)
        records_moved_as_the_model_says(&outside, &old_outside, &between);
    require(g->hi - g->lo == new_size && stack_bytes_in_use() == in_use - old_size + new_size,
            "model", "the new stack has another size");
    require(is_live_stack(g->lo, new_size) && !is_live_stack(old.lo, old_size), "model",
            "the wrong stack is live after a move");
    require(stack_same_after_move(before_words, arena, arena_base, check_marks, &old, g) != 0,
            "move", "the move checker says no");
    moved_as_the_model_says(&old, g);
}

/* Well-formed frames, and registers that fit. */
static void fill(struct input *input, struct goroutine_stack *g, uint32_t words)
{
    static uint64_t built[INPUT_WORDS];
    uint32_t used = stack_build(input, built, words, g->hi, &g->sched.pc);
    g->sched.sp = g->hi - 8 * (uint64_t)used;
    memcpy(arena + (g->sched.sp - arena_base) / 8, built, 8 * (size_t)used);
    uint32_t bp = (uint32_t)input_take(input, 1);
    g->sched.bp = bp % 2 == 0 || bp >= used ? 0 : g->sched.sp + 8 * (uint64_t)bp;
    g->sched.ctxt = word_take(input, g->sched.sp, used);
}

/* Records outside in one of four stacks; stktopsp is the high end as a runtime sets it, or any word. */
static void fill_outside(struct input *input, struct goroutine_stack *g)
{
    if (input_take(input, 1) % 4 != 3)
        return;
    struct stack_move here = {g->lo, g->sched.sp, g->hi, g->hi};
    outside = outside_take(input, &here);
    if (input_take(input, 1) % 8 != 7)
        outside.stktopsp = g->hi;
    g->outside = &outside;
}

/* Up to three changes to what was well formed. */
static void spoil(struct input *input, struct goroutine_stack *g, uint32_t words)
{
    for (uint32_t changes = (uint32_t)input_take(input, 1) % 4; changes != 0; changes--) {
        uint64_t value = word_take(input, g->lo, words), place = input_take(input, 2);
        switch (input_take(input, 1) % 8) {
        case 0: g->sched.pc = value; break;
        case 1: g->sched.bp = value; break;
        case 2: g->sched.ctxt = value; break;
        case 3: g->sched.sp = g->lo - 64 + place % (8 * (uint64_t)words + 128); break;
        default: arena[(g->lo - arena_base) / 8 + place % words] = value; break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, bytes + size};
    start();
    require(arena_base == (uint64_t)(uintptr_t)arena ||
                stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES) == STACK_OK,
            "start", "the arena was refused");
    table_take(&input);
    struct stack_alloc_result stack = stackalloc(0, input_take(&input, 1) % 2 ? 4096 : 2048);
    require(stack.status == STACK_OK, "start", "an empty arena has no stack");
    uint64_t bytes_of_stack = is_live_stack(stack.lo, 4096) ? 4096 : 2048;
    uint32_t words = (uint32_t)(bytes_of_stack / 8);
    struct goroutine_stack g = {.lo = stack.lo, .hi = stack.lo + bytes_of_stack};
    fill(&input, &g, words);
    fill_outside(&input, &g);
    spoil(&input, &g, words);
    for (uint32_t moves = 0; moves < 3; moves++) {
        uint64_t choice = input_take(&input, 1);
        uint64_t new_size = choice % 8 < 2        ? choice % 8
                            : g.hi - g.lo <= 4096 ? (uint64_t)1024 << choice % 5
                                                  : 2048;
        move(&g, new_size, choice / 8 << choice % 16);
    }
    require(stackfree(0, g.lo, g.hi - g.lo) == STACK_OK, "rest", "the stack cannot be freed");
    stackcache_clear(0);
    freestackspans();
    require(stack_bytes_in_use() == 0 && heap_used_ok(), "heap",
            "the heap is not well formed at rest");
    fresh_heap();
    return 0;
}
