/* oracles.c: see oracles.h. */
#define _DEFAULT_SOURCE /* mprotect of part of a mapping */
#include "src/harness/oracles.h"

#include <string.h>
#include <sys/mman.h>

#include "src/core/heap/heap_check.h"
#include "src/core/move/stack_check.h"
#include "src/core/heap/stackcache.h"

#define UNIT_BYTES FIXED_STACK_BYTES
#define UNITS (SCRIPT_ARENA_BYTES / UNIT_BYTES)
#define PAGE_BYTES UINT64_C(4096)
#define NEW_BYTE 0xfd
#define FREED_BYTE 0xfc
/* Filling a megabyte at each growth would cost more than the rest of a script: of large stacks, the ends. */
#define FILL_WHOLE_BYTES 4096u
/* What the two oracles that look at every word and every chunk may cost a script, so that it stays fast. */
#define WORDS_COMPARED_MAX (UINT64_C(1) << 12)
#define HEAP_CHECKS_MAX 2u

const char *oracle_name;
uint64_t script_moves_seen[SCRIPT_SIZE_CLASSES][SCRIPT_STATES];

static uint32_t in_use;
static bool unmapping;
static uint64_t snapshot[SCRIPT_ARENA_BYTES / 8];
static struct g_seen before;
static uint32_t marks[MARK_WORDS];
static uint64_t words_compared;
static uint32_t heap_checks;
static bool freed[UNITS];               /* filled with FREED_BYTE, and not given out since */
static uint64_t first_freed, end_freed; /* no other units are */

static const char *found(const char *name, const char *what)
{
    oracle_name = name;
    return what;
}

static void *memory(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

/* --- poison --- */

/* Pages that lie wholly in a freed stack are closed, those that a new one touches are opened. */
static void pages_close(uint64_t low, uint64_t bytes)
{
    uint64_t first = (low + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES,
             end = (low + bytes) / PAGE_BYTES * PAGE_BYTES;
    if (unmapping && first < end)
        mprotect(memory(first), end - first, PROT_NONE);
}

static void pages_open(uint64_t low, uint64_t bytes)
{
    uint64_t first = low / PAGE_BYTES * PAGE_BYTES,
             end = (low + bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    if (unmapping)
        mprotect(memory(first), end - first, PROT_READ | PROT_WRITE);
}

static void fill_ends(uint64_t low, uint64_t high, int byte)
{
    if (high - low <= 2 * FILL_WHOLE_BYTES) {
        memset(memory(low), byte, high - low);
        return;
    }
    memset(memory(low), byte, FILL_WHOLE_BYTES);
    memset(memory(high - FILL_WHOLE_BYTES), byte, FILL_WHOLE_BYTES);
}

static void units_mark(uint64_t low, uint64_t bytes, bool is_freed)
{
    uint64_t first = (low - arena_base) / UNIT_BYTES, end = first + bytes / UNIT_BYTES;
    if (is_freed) {
        first_freed = first < first_freed ? first : first_freed;
        end_freed = end > end_freed ? end : end_freed;
    }
    memset(freed + first, is_freed, end - first);
}

void oracle_taken(uint64_t low, uint64_t bytes)
{
    if ((in_use & ORACLE_POISON) == 0)
        return;
    pages_open(low, bytes);
    units_mark(low, bytes, false);
    fill_ends(low, low + bytes, NEW_BYTE);
}

void oracle_given(uint64_t low, uint64_t bytes)
{
    if ((in_use & ORACLE_POISON) == 0)
        return;
    fill_ends(low, low + bytes, FREED_BYTE);
    if (bytes <= 2 * FILL_WHOLE_BYTES)
        units_mark(low, bytes, true);
    pages_close(low, bytes);
}

/* Memory that went back to the system reads as zero. */
static void gave_back(uint64_t low, uint64_t bytes)
{
    units_mark(low, bytes, false);
}

/* ALLOC-7, COPY-11: the first and the last word of each unit that was freed and not given out. */
static bool freed_untouched(void)
{
    const uint64_t *arena = contig_runtime_see().arena;
    uint64_t poison;
    memset(&poison, FREED_BYTE, sizeof poison);
    for (uint64_t unit = first_freed; unit < end_freed && !unmapping; unit++) {
        const uint64_t *words = arena + unit * UNIT_BYTES / 8;
        if (freed[unit] && (words[0] != poison || words[UNIT_BYTES / 8 - 1] != poison ||
                            words[UNIT_BYTES / 16] != poison))
            return false;
    }
    return true;
}

/* --- moves --- */

static uint64_t used_of(const struct goroutine_stack *stack)
{
    return stack->hi - stack->sched.sp;
}

static uint64_t size_of(const struct goroutine_stack *stack)
{
    return stack->hi - stack->lo;
}

static bool compares(const struct goroutine_stack *stack)
{
    return (in_use & ORACLE_MOVE) &&
           (words_compared < WORDS_COMPARED_MAX || used_of(stack) <= FILL_WHOLE_BYTES);
}

void oracle_before_move(const struct g *g)
{
    before = contig_g_see(g);
    const struct goroutine_stack *stack = &before.stack;
    if (compares(stack))
        memcpy((char *)snapshot + (stack->sched.sp - stack->lo), memory(stack->sched.sp),
               used_of(stack));
    pages_open(arena_base, SCRIPT_ARENA_BYTES);
}

/* Written down again, not taken from growth.c: the least doubling of the old size with room for frame and guard. */
static uint64_t growth_wanted(uint64_t size, uint64_t used, uint64_t frame)
{
    do
        size *= 2;
    while (size < used + frame + 928);
    return size;
}

static bool shrink_due(const struct goroutine_stack *stack)
{
    return size_of(stack) >= 4096 && used_of(stack) + 800 < size_of(stack) / 4;
}

/* The prologue's comparison once more: the stopped function's stack pointer was one word above sched.sp. */
static bool has_room(const struct goroutine_stack *stack, uint64_t frame)
{
    return stack->sched.sp + 8 > stack->lo + 928 + (frame > 128 ? frame - 128 : 0);
}

/* GROW-2, GROW-3, GROW-8: did the stack have to grow, and to this size? */
static const char *policy_of_growth(uint64_t new_size)
{
    const struct goroutine_stack *old = &before.stack;
    uint64_t frame = frames_frame_bytes(old->sched.pc);
    if (before.status != G_COPYSTACK)
        return "a stack grew that did not ask for it";
    if (has_room(old, frame))
        return "a stack grew though the frame had room";
    if (new_size > contig_runtime_see().maximum_stack_bytes)
        return "a stack grew above the maximum";
    return new_size == growth_wanted(size_of(old), used_of(old), frame)
               ? NULL
               : "a stack did not grow to the least size that fits";
}

/* SHRINK-1, SHRINK-2, SHRINK-6: the same of a stack that shrank, or was forced to move. */
static const char *policy_of_move(const struct goroutine_stack *stack)
{
    uint64_t old_size = size_of(&before.stack), new_size = size_of(stack);
    if (before.status == G_COPYSTACK && before.stackguard == STACK_FORCE_MOVE)
        return new_size == old_size ? NULL : "a forced move changed the size of a stack";
    if (new_size == old_size)
        return "a stack moved to one of the same size";
    if (new_size > old_size)
        return policy_of_growth(new_size);
    if (before.pinned)
        return "a stack was shrunk that must not move";
    return new_size == old_size / 2 && shrink_due(&before.stack)
               ? NULL
               : "a stack was shrunk that was not due";
}

static void move_seen(void)
{
    uint32_t size_class = 0;
    while (size_class + 1 < SCRIPT_SIZE_CLASSES && size_of(&before.stack) > UINT64_C(2048)
                                                                                << size_class)
        size_class++;
    script_moves_seen[size_class][before.status < SCRIPT_STATES ? before.status : 0]++;
}

static void poison_move(const struct goroutine_stack *stack)
{
    units_mark(stack->lo, size_of(stack), false);
    fill_ends(stack->lo, stack->sched.sp, NEW_BYTE);
    fill_ends(before.stack.sched.sp, before.stack.hi, FREED_BYTE);
    oracle_given(before.stack.lo, size_of(&before.stack));
    for (uint64_t unit = 0; unmapping && unit < UNITS; unit += PAGE_BYTES / UNIT_BYTES)
        if (freed[unit] && freed[unit + 1])
            pages_close(arena_base + unit * UNIT_BYTES, PAGE_BYTES);
}

/* COPY-1..COPY-5, COPY-7, COPY-11, CHECK-3: a stack is what it was before its move, relocated. */
const char *oracle_after_move(const struct g *g, uint32_t number)
{
    const struct goroutine_stack *old = &before.stack, *new = contig_g_stack(g);
    const char *wrong;
    move_seen();
    if (compares(old) &&
        !stack_same_after_move(snapshot, contig_runtime_see().arena, arena_base, marks, old, new))
        return found("move", "a stack is not what it was before its move, relocated");
    words_compared += used_of(old) / 8;
    if ((in_use & ORACLE_POLICY) && (wrong = policy_of_move(new)) != NULL)
        return found("policy", wrong);
    if (in_use & ORACLE_POISON)
        poison_move(new);
    return oracle_model(g, number);
}

/* GROW-3, GROW-9: a goroutine is ended for want of stack only if no size within the limit fits. */
const char *oracle_overflow(const struct g *g)
{
    const struct goroutine_stack *stack = contig_g_stack(g);
    uint64_t maximum = contig_runtime_see().maximum_stack_bytes;
    uint64_t limit = maximum < LARGEST_STACK_BYTES ? maximum : LARGEST_STACK_BYTES;
    uint64_t frame = frames_frame_bytes(stack->sched.pc);
    if ((in_use & ORACLE_POLICY) && frame <= limit &&
        growth_wanted(size_of(stack), used_of(stack), frame) <= limit)
        return found("policy", "a goroutine was ended though a larger stack was allowed");
    return NULL;
}

/* --- whenever all is quiet --- */

/* CHECK-2, CHECK-4, CHECK-6, HEAP-4, SPAN-6, COUNT-1: the whole heap, every stack and all channels. */
const char *oracle_heap(void)
{
    if ((in_use & ORACLE_HEAP) && heap_checks++ < HEAP_CHECKS_MAX && !contig_check_all())
        return found("heap", "an invariant of the heap or of a stack does not hold");
    return NULL;
}

const char *oracle_freed(void)
{
    if ((in_use & ORACLE_POISON) && !freed_untouched())
        return found("poison", "memory of a freed stack was written to");
    return NULL;
}

const char *oracle_model(const struct g *g, uint32_t number)
{
    const char *wrong = (in_use & ORACLE_MODEL) ? frames_model(g, number) : NULL;
    return wrong == NULL ? NULL : found("model", wrong);
}

/* A stack of less than a chunk can be had in a GC cycle as long as this little is in use. */
#define MEMORY_IS_PLENTY (UINT64_C(256) << 10)
#define FEW_GOROUTINES 8u

struct oracle_gc oracle_before_gc(const struct g *g)
{
    struct g_seen seen = contig_g_see(g);
    struct runtime_seen runtime = contig_runtime_see();
    uint64_t bytes = size_of(&seen.stack);
    bool plenty = !runtime.allocations_fail && stack_bytes_in_use() < MEMORY_IS_PLENTY &&
                  runtime.g_count <= FEW_GOROUTINES && bytes <= CHUNK_BYTES;
    return (struct oracle_gc){seen.stack.lo, bytes, seen.pinned,
                              plenty && shrink_due(&seen.stack) && !seen.pinned};
}

/* GC-6: the average of what is in use and the guard, rounded up; never above the maximum. */
const char *oracle_starting_size(uint64_t used, uint64_t goroutines)
{
    struct runtime_seen runtime = contig_runtime_see();
    uint64_t size = 2048, bytes = goroutines == 0 ? 0 : used / goroutines + 928;
    while (size < bytes && size * 2 <= runtime.maximum_stack_bytes)
        size *= 2;
    if ((in_use & ORACLE_POLICY) && size != runtime.starting_stack_size)
        return found("policy", "the starting size is not the average of what was scanned");
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        if ((in_use & ORACLE_POLICY) && stackcache[0].count[order] != 0)
            return found("policy", "a cache was not emptied at the end of a cycle");
    return NULL;
}

/* LIFE-2: a goroutine begins with a stack of the fixed or of the starting size. */
const char *oracle_after_go(const struct g *g)
{
    uint64_t size = size_of(contig_g_stack(g));
    if ((in_use & ORACLE_POLICY) && size != FIXED_STACK_BYTES &&
        size != contig_runtime_see().starting_stack_size)
        return found("policy", "a goroutine begins with a stack of a wrong size");
    return NULL;
}

/* SHRINK-3, SHRINK-5, SHRINK-6: a stack shrinks exactly if it is due and may move. */
const char *oracle_after_gc(const struct g *g, struct oracle_gc was)
{
    if ((in_use & ORACLE_POLICY) == 0)
        return NULL;
    if (was.pinned && was.low != contig_g_stack(g)->lo)
        return found("policy", "a stack was moved that must not move");
    if (was.must_shrink && size_of(contig_g_stack(g)) != was.bytes / 2)
        return found("policy", "a stack was not shrunk that was due");
    return NULL;
}

void oracles_begin(uint32_t oracles, bool unmap)
{
    in_use = oracles;
    unmapping = unmap;
    oracle_name = NULL;
    words_compared = heap_checks = 0;
    memset(freed, 0, sizeof freed);
    first_freed = UNITS;
    end_freed = 0;
    contig_arena_gave_back = (oracles & ORACLE_POISON) ? gave_back : NULL;
    pages_open(arena_base, SCRIPT_ARENA_BYTES);
}

void oracles_end(void)
{
    contig_arena_gave_back = NULL;
    pages_open(arena_base, SCRIPT_ARENA_BYTES);
}
