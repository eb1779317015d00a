/* bare_test.c: frames of compiled C, which save no frame pointer below their return address, alone and between frames
 * that do.
 *
 * Whatever the word there looks like, no walk stops at it, and no move changes it unless the map names it.  Each stack
 * here has one such word in all of its bare frames, at a distance from the stack's high end. */
#include "src/core/heap/stackalloc.h"
#include "src/core/move/growstack.h"
#include "src/core/move/stack_check.h"
#include "src/testing/expect.h"

#define ARENA_BYTES (64 * (uint64_t)CHUNK_BYTES)
#define BYTES ((uint64_t)FIXED_STACK_BYTES)
#define TEXT UINT64_C(0x400000)

/* All but the first have a local, the word in question, and a return address. */
enum { FIRST, FRAMED, BARE, BARE_POINTER, SITES };
static const struct site sites_given[SITES] = {
    [FIRST] = {.pc = 10, .frame_words = 2, .span_words = 2, .bottom = 1, .objects = -1},
    [FRAMED] = {.pc = 20, .frame_words = 1, .span_words = 3, .pointers_low = 2, .objects = -1},
    [BARE] = {.pc = 30, .frame_words = 1, .span_words = 3, .bare = 1, .objects = -1},
    [BARE_POINTER] =
        {.pc = 40, .frame_words = 1, .span_words = 3, .bare = 1, .pointers_low = 2, .objects = -1},
};
static const int32_t no_maps[1];

/* The frames of a stack, innermost first, and the word of the bare ones. */
struct frames {
    int count;
    int64_t distance;
    int site[8];
};

static uint64_t *arena;
static uint32_t marks[MARK_WORDS];

static uint64_t *word_at(uint64_t address)
{
    return arena + (address - arena_base) / 8;
}

static uint64_t sp_of(const struct goroutine_stack *g, const struct frames *frames, int frame)
{
    return g->hi - 16 - 24 * (uint64_t)(frames->count - 1 - frame);
}

static uint64_t pc_of(const struct frames *frames, int frame)
{
    return TEXT + (uint64_t)sites_given[frames->site[frame]].pc;
}

static struct goroutine_stack stack_make(const struct frames *frames)
{
    struct stack_alloc_result stack = stackalloc(0, BYTES);
    EXPECT(stack.status == STACK_OK);
    struct goroutine_stack g = {.lo = stack.lo, .hi = stack.lo + BYTES};
    for (int i = 0; i < frames->count - 1; i++) {
        uint64_t *words = word_at(sp_of(&g, frames, i));
        words[0] = 7;
        words[1] = frames->site[i] == FRAMED ? 0 : g.hi + (uint64_t)frames->distance;
        words[2] = pc_of(frames, i + 1);
    }
    g.sched.sp = sp_of(&g, frames, 0);
    g.sched.pc = pc_of(frames, 0);
    return g;
}

/* UNWIND-1, UNWIND-2: the walk by single steps meets each frame. */
static void walk(const struct goroutine_stack *g, const struct frames *frames)
{
    struct unwound found = unwind_first(arena, g->lo, g->hi, g->sched.sp, g->sched.pc);
    for (int i = 0; i < frames->count; i++) {
        EXPECT(found.status == STACK_OK && found.site == frames->site[i]);
        EXPECT(found.sp == sp_of(g, frames, i) && (found.last != 0) == (i == frames->count - 1));
        if (found.last == 0)
            found = unwind_next(arena, g->hi, found);
    }
}

/* COPY-1, COPY-2, COPY-3: what a move makes of the word, if the map names it and if not. */
static void moves(struct frames frames, int64_t distance, bool pointer)
{
    frames.distance = distance;
    struct goroutine_stack g = stack_make(&frames);
    struct stack_fault fault;
    uint64_t word = g.hi + (uint64_t)distance, moved = pointer ? word - g.hi : word;
    EXPECT(stack_ok(arena, &g));
    walk(&g, &frames);
    EXPECT(copystack(arena, marks, 0, &g, 2 * BYTES, &fault) == STACK_OK);
    moved += pointer ? g.hi : 0;
    walk(&g, &frames);
    for (int i = 0; i < frames.count - 1; i++) {
        int site = frames.site[i];
        uint64_t wanted = site == FRAMED ? 0 : site == BARE ? word : moved;
        EXPECT(word_at(sp_of(&g, &frames, i))[1] == wanted);
    }
    EXPECT(stackfree(0, g.lo, 2 * BYTES) == STACK_OK);
}

/* A word within the part in use, at the word itself and inwards of it too, is a pointer where the map names it. */
static void words_follow_the_map(struct frames frames)
{
    moves(frames, -8, true);
    moves(frames, -16 - 24 * (int64_t)(frames.count - 1), true);
    moves(frames, 0, false);
    moves(frames, 8, false);
}

/* UNWIND-3: a word below the stack pointer is data, and stale where the map names it. */
static void stale_words_are_data(struct frames frames, int first_named)
{
    frames.distance = -(int64_t)BYTES;
    struct goroutine_stack g = stack_make(&frames);
    struct stack_fault fault;
    enum stack_status wanted = first_named < 0 ? STACK_OK : STACK_STALE_POINTER;
    walk(&g, &frames);
    EXPECT(copystack(arena, marks, 0, &g, 2 * BYTES, &fault) == wanted);
    if (first_named >= 0)
        EXPECT(fault.status == wanted && fault.frame == (uint32_t)first_named);
    EXPECT(stackfree(0, g.lo, g.hi - g.lo) == STACK_OK);
}

/* SITE-1: a map need not name the word of a bare frame, but a saved frame pointer; the first frame is not bare. */
static void what_a_site_may_be(void)
{
    struct site site = {.pc = 50, .span_words = 2, .objects = -1};
    EXPECT(sites_append(&site, 1, no_maps, 0) == STACK_BAD_SITE);
    site.bottom = site.bare = 1;
    EXPECT(sites_append(&site, 1, no_maps, 0) == STACK_BAD_SITE);
    site.bottom = 0;
    EXPECT(sites_append(&site, 1, no_maps, 0) == STACK_OK);
    EXPECT(sites[SITES].bare != 0 && sites[SITES].bottom == 0 && sites_ok());
    sites[SITES].bottom = 1;
    EXPECT(!sites_ok());
    sites_truncate(SITES);
}

int main(void)
{
    arena = aligned_alloc(CHUNK_BYTES, ARENA_BYTES);
    EXPECT(arena != NULL && stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES) == STACK_OK);
    EXPECT(sites_register(sites_given, SITES, no_maps, 0, TEXT) == STACK_OK);
    const struct frames alone = {4, 0, {BARE, BARE, BARE, FIRST}},
                        between = {5, 0, {FRAMED, BARE, FRAMED, BARE, FIRST}},
                        named = {5, 0, {BARE, FRAMED, BARE_POINTER, BARE_POINTER, FIRST}};
    what_a_site_may_be();
    words_follow_the_map(alone);
    words_follow_the_map(between);
    words_follow_the_map(named);
    stale_words_are_data(alone, -1);
    stale_words_are_data(between, -1);
    stale_words_are_data(named, 2);
    printf("bare_test: ok\n");
    free(arena);
    return 0;
}
