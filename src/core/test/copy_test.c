/* copy_test.c: the copy side against a naive model that is written without it.
 *
 * Random site tables, stacks built from them by a generator that knows where each pointer is, and the same
 * stacks with one word spoilt.  Prints one line; the exit status says whether everything agreed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "src/core/move/growstack.h"
#include "src/core/move/stack_check.h"
#include "src/core/heap/stackalloc.h"

_Static_assert(LARGEST_STACK_BYTES == CHUNK_BYTES << (NUM_BLOCK_ORDERS - 1),
               "the largest block of the page heap");
_Static_assert(LARGEST_STACK_WORDS == LARGEST_STACK_BYTES / 8, "words of eight bytes");
_Static_assert(ARENA_WORDS == (uint64_t)NUM_CHUNKS * (CHUNK_BYTES / 8), "the arena is all chunks");
_Static_assert(SITE_SLOTS == SITE_HOMES + SITES_MAX + 1,
               "homes, overflow, one slot that stays empty");
_Static_assert(sizeof(struct site) == 32, "two sites in a cache line");

#define MODEL_WORDS 65536
#define MODEL_SITES 40
#define ARENA_BYTES (1u << 30)

static uint64_t random_state = 0x9e3779b97f4a7c15u;
static uint64_t *arena;
static uint32_t *marks;
static struct site table[MODEL_SITES];
static int32_t maps[4096];
static uint64_t text_base = 0x400000;
static uint64_t checks;

/* Of each word of the stack that was generated last, counted from lo: 0 plain, 1 live, 2 object only. */
static uint8_t model_kind[MODEL_WORDS];
static uint64_t snapshot[MODEL_WORDS];

/* May words be one past the end?  Such a word stays, and may by chance be an address in the next stack. */
static int past_the_end = 1;

static uint64_t draw(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

/* A power of two, as all sizes of stacks are. */
static uint64_t size_between(uint64_t least, uint64_t most)
{
    uint64_t doublings = 1;
    while (least << doublings <= most)
        doublings++;
    return least << draw(doublings);
}

static void require(int condition, const char *what)
{
    checks++;
    if (!condition) {
        printf("copy_test: FAILED: %s after %llu checks\n", what, (unsigned long long)checks);
        exit(1);
    }
}

static int map_bit(const int32_t *map, int k)
{
    return (int)(((uint32_t)map[k / 32] >> (k % 32)) & 1u);
}

static void map_set(int32_t *map, int k)
{
    map[k / 32] = (int32_t)((uint32_t)map[k / 32] | 1u << (k % 32));
}

static int live_bit(const struct site *site, int k)
{
    if (k < 32)
        return map_bit(&site->pointers_low, k);
    if (k < 64)
        return map_bit(&site->pointers_high, k - 32);
    return map_bit(maps + site->pointers_more, k - 64);
}

static void set_live_bit(struct site *site, int k)
{
    if (k < 32)
        map_set(&site->pointers_low, k);
    else if (k < 64)
        map_set(&site->pointers_high, k - 32);
    else
        map_set(maps + site->pointers_more, k - 64);
}

static uint32_t make_table(void)
{
    int32_t used = 0;
    memset(maps, 0, sizeof maps);
    memset(table, 0, sizeof table);
    for (int s = 0; s < MODEL_SITES; s++) {
        struct site *site = &table[s];
        site->pc = (int32_t)(s * 64 + (int)draw(64));
        site->bottom = s < 4;
        site->frame_words = (int32_t)draw(draw(3) == 0 ? 150 : 14);
        site->span_words =
            site->bottom ? site->frame_words : site->frame_words + 2 + (int32_t)draw(5);
        site->pointers_more = used;
        int parts = (site->span_words + 31) / 32;
        if (parts > 2)
            used += parts - 2;
        site->objects = -1;
        if (draw(3) == 0) {
            site->objects = used;
            used += parts;
            for (int k = 0; k < site->span_words; k++)
                if (draw(4) == 0)
                    map_set(maps + site->objects, k);
        }
        for (int k = 0; k < site->span_words; k++)
            if (draw(3) == 0)
                set_live_bit(site, k);
        if (!site->bottom)
            set_live_bit(site, site->frame_words);
    }
    return (uint32_t)used;
}

static uint64_t any_word(uint64_t lo, uint64_t sp, uint64_t hi, int stale)
{
    switch (draw(6)) {
    case 0: return 0;
    case 1: return past_the_end ? hi : 1;
    case 2: return arena_base - 8;
    case 3: return draw(2) ? arena_base + ARENA_BYTES : draw(1u << 20);
    case 4:
        if (stale && sp > lo)
            return lo + draw(sp - lo); /* fall through */
    default: return sp < hi ? sp + draw(hi - sp) : 0;
    }
}

/* A random stack of well-formed frames, from hi downwards; returns the index of its sp, counted from lo. */
static uint64_t make_stack(struct goroutine_stack *g, uint64_t lo, uint64_t words, uint64_t wanted)
{
    g->outside = NULL;
    uint64_t base = (lo - arena_base) / 8, top = words;
    uint64_t frame_at[2048];
    int frame_site[2048], frames = 0;
    int s = (int)draw(4);
    while (1) {
        const struct site *site = &table[s];
        uint64_t size = (uint64_t)(site->bottom ? site->span_words : site->frame_words + 2);
        if (top < size + 16)
            break;
        top -= size;
        frame_at[frames] = top;
        frame_site[frames++] = s;
        if (frames == 2048 || words - top >= wanted)
            break;
        int tries = 0;
        do
            s = 4 + (int)draw(MODEL_SITES - 4);
        while (top + (uint64_t)(table[s].span_words - table[s].frame_words - 2) > words &&
               tries++ < 100);
        if (tries >= 100)
            break;
    }
    while (frames > 1 &&
           frame_at[frames - 1] + (uint64_t)table[frame_site[frames - 1]].span_words > words)
        frames--;
    top = frame_at[frames - 1];
    uint64_t hi = lo + 8 * words, sp = lo + 8 * top;
    memset(model_kind, 0, words);
    for (int f = 0; f < frames; f++) {
        const struct site *site = &table[frame_site[f]];
        for (int k = 0; k < site->span_words; k++) {
            uint8_t *kind = &model_kind[frame_at[f] + (uint64_t)k];
            if (site->objects >= 0 && map_bit(maps + site->objects, k) && *kind == 0)
                *kind = 2;
            if (live_bit(site, k))
                *kind = 1;
        }
    }
    for (uint64_t k = top; k < words; k++)
        arena[base + k] = any_word(lo, sp, hi, model_kind[k] != 1);
    for (int f = 0; f < frames; f++) {
        const struct site *site = &table[frame_site[f]];
        if (site->bottom)
            continue;
        uint64_t saved = frame_at[f] + (uint64_t)site->frame_words;
        arena[base + saved] =
            draw(3) == 0 || saved + 1 >= words ? 0 : lo + 8 * (saved + 1 + draw(words - saved - 1));
        arena[base + saved + 1] = text_base + (uint64_t)table[frame_site[f - 1]].pc;
    }
    g->lo = lo;
    g->hi = hi;
    g->sched.sp = sp;
    g->sched.pc = text_base + (uint64_t)table[frame_site[frames - 1]].pc;
    g->sched.bp = draw(2) && sp < hi ? sp + draw(hi - sp) : 0;
    g->sched.ctxt = draw(2) && sp < hi ? sp + draw(hi - sp) : draw(100);
    return top;
}

static uint64_t model_relocated(uint64_t value, uint64_t lo, uint64_t sp, uint64_t hi,
                                uint64_t new_hi, int kind)
{
    if (kind == 0)
        return value;
    if (sp <= value && value < hi)
        return value + (new_hi - hi);
    if (kind == 2 && lo <= value && value < sp)
        return 0;
    return value;
}

/* 0: sound, otherwise the status that a move must return.  The naive walk: linear search, one bit at a time. */
static enum stack_status model_check(const struct goroutine_stack *g)
{
    uint64_t lo = g->lo, sp = g->sched.sp, hi = g->hi, pc = g->sched.pc;
    uint64_t word = (sp - arena_base) / 8, end = (hi - arena_base) / 8;
    for (;;) {
        const struct site *site = NULL;
        for (int s = 0; s < MODEL_SITES; s++)
            if (text_base + (uint64_t)table[s].pc == pc)
                site = &table[s];
        if (site == NULL || word + (uint64_t)site->span_words > end)
            return STACK_BAD_FRAME;
        if (site->bottom && word + (uint64_t)site->span_words != end)
            return STACK_BAD_FRAME;
        uint64_t saved = word + (uint64_t)site->frame_words;
        if (!site->bottom && arena[saved] != 0 &&
            (arena[saved] <= arena_base + 8 * saved || arena[saved] >= hi))
            return STACK_BAD_FRAME;
        for (int k = 0; k < site->span_words; k++) {
            uint64_t value = arena[word + (uint64_t)k];
            if (live_bit(site, k) && lo <= value && value < sp)
                return STACK_STALE_POINTER;
        }
        if (site->bottom)
            return STACK_OK;
        pc = arena[saved + 1];
        word = saved + 2;
    }
}

/* UNWIND-1, UNWIND-2 */
static void check_trace(const struct goroutine_stack *g, enum stack_status expected)
{
    struct unwound frame = unwind_first(arena, g->lo, g->hi, g->sched.sp, g->sched.pc);
    while (frame.status == STACK_OK && !frame.last)
        frame = unwind_next(arena, g->hi, frame);
    if (expected != STACK_STALE_POINTER)
        require(frame.status == expected, "the unwinder's last status");
}

/* SITE-7, COPY-1, COPY-2, COPY-3, COPY-4, COPY-5, COPY-6, COPY-7, COPY-8, COPY-9, COPY-11, CHECK-2, CHECK-3,
 * UNWIND-3, ERR-1 */
static void move_once(uint64_t old_bytes, uint64_t new_bytes, int spoil)
{
    struct stack_alloc_result old = stackalloc(0, old_bytes);
    require(old.status == STACK_OK, "allocation of the old stack");
    struct goroutine_stack g, before;
    struct stack_fault fault;
    uint64_t words = old_bytes / 8;
    uint64_t wanted = 8 + draw((new_bytes < old_bytes ? new_bytes : old_bytes) / 8 - 8);
    uint64_t top = make_stack(&g, old.lo, words, wanted), first = (old.lo - arena_base) / 8;
    if (spoil) {
        uint64_t place = first + top + draw(words - top);
        arena[place] = any_word(g.lo, g.sched.sp, g.hi, 1);
    }
    enum stack_status expected = model_check(&g);
    require(spoil || expected == STACK_OK, "the generator makes sound stacks");
    require(stack_ok(arena, &g) == (expected == STACK_OK), "stack_ok");
    check_trace(&g, expected);
    if (expected == STACK_OK && g.hi - g.sched.sp > new_bytes)
        expected = STACK_BAD_SIZE;
    before = g;
    memcpy(snapshot, arena + first, old_bytes);
    uint64_t in_use = stack_bytes_in_use();
    enum stack_status status = copystack(arena, marks, 0, &g, new_bytes, &fault);
    require(status == expected, "status of the move");
    require(memcmp(snapshot, arena + first, old_bytes) == 0, "the old stack's words stay");
    if (status != STACK_OK) {
        require(memcmp(&g, &before, sizeof g) == 0, "a failed move changes nothing");
        require(stack_bytes_in_use() == in_use, "a failed move leaks nothing");
        require(
            status == STACK_BAD_SIZE ||
                (fault.status == status && fault.frame_sp >= g.sched.sp && fault.frame_sp <= g.hi),
            "the fault's frame");
        require(stackfree(0, old.lo, old_bytes) == STACK_OK,
                "the stack of a failed move is still live");
        return;
    }
    require(stack_bytes_in_use() == in_use - old_bytes + new_bytes, "one stack for the other");
    require(!is_live_stack(old.lo, old_bytes), "the old stack is free");
    require(g.hi - g.lo == new_bytes && g.hi - g.sched.sp == before.hi - before.sched.sp,
            "the new bounds");
    for (uint64_t k = top; k < words; k++) {
        uint64_t wanted_word = model_relocated(snapshot[k], before.lo, before.sched.sp, before.hi,
                                               g.hi, model_kind[k]);
        if (!spoil)
            require(arena[(g.hi - arena_base) / 8 - (words - k)] == wanted_word,
                    "a word of the new stack");
    }
    require(g.sched.bp ==
                model_relocated(before.sched.bp, before.lo, before.sched.sp, before.hi, g.hi, 1),
            "bp");
    require(g.sched.ctxt ==
                model_relocated(before.sched.ctxt, before.lo, before.sched.sp, before.hi, g.hi, 1),
            "ctxt");
    require(g.sched.pc == before.sched.pc, "pc");
    require(stack_ok(arena, &g) == (model_check(&g) == STACK_OK), "stack_ok on the new stack");
    require(stack_same_after_move(snapshot, arena, arena_base, marks, &before, &g),
            "the oracle agrees");
    uint64_t word = (g.sched.sp - arena_base) / 8 + draw((g.hi - g.sched.sp) / 8);
    arena[word] ^= 8;
    require(!stack_same_after_move(snapshot, arena, arena_base, marks, &before, &g),
            "the oracle sees one wrong bit");
    require(stackfree(0, g.lo, new_bytes) == STACK_OK, "the new stack is live");
}

/* SITE-1, SITE-2, SITE-3, SITE-4, SITE-5, CHECK-1 */
static void check_tables(void)
{
    uint32_t map_words = make_table();
    require(sites_register(table, MODEL_SITES, maps, map_words, text_base) == STACK_OK,
            "registration");
    require(sites_ok(), "sites_ok");
    for (int pc = -64; pc < MODEL_SITES * 64 + 64; pc++) {
        int found = -1;
        for (int s = 0; s < MODEL_SITES; s++)
            if (table[s].pc == pc)
                found = s;
        require(site_find(text_base + (uint64_t)(int64_t)pc) == found, "site_find");
    }
    for (int n = 0; n < 30; n++) {
        struct site bad = table[draw(MODEL_SITES)];
        bad.pc = MODEL_SITES * 64 + 1;
        switch (draw(9)) {
        case 0: bad.pc = table[draw(MODEL_SITES)].pc; break;
        case 1: bad.pc = -1; break;
        case 2: bad.frame_words = -1; break;
        case 3: bad.span_words = bad.frame_words - 1; break;
        case 4:
            bad.pointers_high = (int32_t)0x80000000u;
            if (bad.span_words >= 64)
                bad.pc = -1;
            break;
        case 5: bad.objects = -2; break;
        case 6:
            bad.objects = (int32_t)map_words;
            if (bad.span_words == 0)
                bad.pc = -1;
            break;
        case 7:
            if (bad.bottom) {
                bad.pc = -2;
            } else if (bad.frame_words < 32) {
                bad.pointers_low &= ~(int32_t)(1u << bad.frame_words);
            } else {
                bad.span_words = (int32_t)LARGEST_STACK_WORDS + 1;
            }
            break;
        default:
            bad.pointers_more = (int32_t)map_words;
            if (bad.span_words <= 64)
                bad.pc = -5;
            break;
        }
        require(sites_append(&bad, 1, maps, map_words) == STACK_BAD_SITE || sites_count == 0,
                "a malformed site");
        require(sites_count == MODEL_SITES && sites_ok(), "a refused site changes nothing");
    }
    uint32_t keep = (uint32_t)draw(MODEL_SITES);
    sites_truncate(keep);
    require(sites_count == keep && sites_ok(), "truncation");
    for (uint32_t s = 0; s < MODEL_SITES; s++) {
        require(site_find(text_base + (uint64_t)table[s].pc) == (s < keep ? (int32_t)s : -1),
                "sites that are left");
    }
    require(sites_register(table, MODEL_SITES, maps, map_words, text_base) == STACK_OK,
            "registration again");
}

/* GROW-2, GROW-3, GROW-9, SHRINK-1, SHRINK-2, SHRINK-7, GO-17 */
static void check_growth(void)
{
    for (int n = 0; n < 20000; n++) {
        uint64_t old = size_between(FIXED_STACK_BYTES, LARGEST_STACK_BYTES), used = draw(old + 1);
        uint64_t frame = draw(3) ? draw(1ull << draw(31)) : ~draw(5000);
        uint64_t maximum = draw(2) ? 1000000000u : draw(1ull << draw(40));
        uint64_t wanted = 0;
        for (unsigned __int128 size = 2 * old; size <= maximum && size <= LARGEST_STACK_BYTES;
             size *= 2) {
            if (size - used >= (unsigned __int128)frame + STACK_GUARD_BYTES) {
                wanted = (uint64_t)size;
                break;
            }
        }
        require(newstack_size(old, used, frame, maximum) == wanted, "newstack_size");
        uint64_t smaller = used + STACK_NOSPLIT_BYTES < old / 4 &&
                                   used + STACK_GUARD_BYTES < old / 2 &&
                                   old / 2 >= FIXED_STACK_BYTES
                               ? old / 2
                               : old;
        require(shrinkstack_size(old, used) == smaller, "shrinkstack_size");
    }
}

/* SHRINK-1, SHRINK-6 */
static void check_shrink(void)
{
    struct stack_alloc_result stack = stackalloc(0, 65536);
    struct goroutine_stack g;
    struct stack_fault fault;
    past_the_end = 0;
    make_stack(&g, stack.lo, 8192, 60);
    past_the_end = 1;
    uint64_t size = 65536;
    while (shrinkstack_size(size, g.hi - g.sched.sp) != size) {
        size /= 2;
        require(shrinkstack(arena, marks, 0, &g, &fault) == STACK_OK && g.hi - g.lo == size,
                "a shrink halves");
    }
    require(shrinkstack(arena, marks, 0, &g, &fault) == STACK_OK && g.hi - g.lo == size,
            "no shrink is due");
    require(stackfree(0, g.lo, size) == STACK_OK, "the shrunk stack is live");
}

/* OUTSIDE-1, OUTSIDE-2, OUTSIDE-3, OUTSIDE-4, COPY-6: records outside follow a move, or forbid it. */
static void check_outside(void)
{
    const uint64_t small = 2 * FIXED_STACK_BYTES, large = 2 * small;
    struct stack_alloc_result stack = stackalloc(0, small);
    struct goroutine_stack g, before;
    struct stack_fault fault;
    past_the_end = 0;
    make_stack(&g, stack.lo, small / 8, 60);
    past_the_end = 1;
    uint64_t top = g.sched.sp, hi = g.hi;
    struct defer record = {top, top + 8, 7, top + 16, hi, hi - 8}, same = record;
    struct sudog waiting = {{top + 8, top + 8}, 16};
    struct outside outside = {&record, &waiting, 1, 1, top, 0, hi};
    g.outside = &outside;
    before = g;
    waiting.size = hi - top;
    require(copystack(arena, marks, 0, &g, large, &fault) == STACK_BAD_OUTSIDE,
            "a slot that ends above its stack");
    require(fault.frame_sp == top && fault.status == STACK_BAD_OUTSIDE,
            "the report on records outside");
    waiting.size = 16;
    record.link = top - 8;
    require(copystack(arena, marks, 0, &g, large, &fault) == STACK_BAD_OUTSIDE,
            "a record that refers to the unused part");
    record.link = same.link;
    outside.stktopsp = hi + 8;
    require(!stack_ok(arena, &g), "stktopsp above its stack");
    require(copystack(arena, marks, 0, &g, large, &fault) == STACK_BAD_OUTSIDE,
            "a move with stktopsp above its stack");
    outside.stktopsp = hi;
    require(memcmp(&g, &before, sizeof g) == 0 && is_live_stack(g.lo, small),
            "a refused move changes nothing");
    require(stack_ok(arena, &g) && copystack(arena, marks, 0, &g, large, &fault) == STACK_OK,
            "good records move");
    uint64_t up = g.hi - hi;
    require(record.sp == top + up && record.varp == top + 8 + up, "addresses in a deferred call");
    require(record.panic == top + 16 + up, "the panic of a deferred call");
    require(record.function == 7 && record.link == hi && record.function_data == hi - 8 + up,
            "other words of it");
    require(waiting.element.vu == top + 8 + up && waiting.element.vp == top + 8 + up,
            "the waiting slot");
    require(outside.first_defer == top + up && outside.panic == 0 && outside.stktopsp == g.hi,
            "the heads");
    require(stackfree(0, g.lo, large) == STACK_OK, "the stack with records outside is live");
}

int main(void)
{
    arena = mmap(NULL, ARENA_BYTES + CHUNK_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    marks = mmap(NULL, MARK_WORDS * 4ull, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(arena != MAP_FAILED && marks != MAP_FAILED, "memory");
    arena = (uint64_t *)(((uintptr_t)arena + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
    require(stackinit((uint64_t)(uintptr_t)arena, ARENA_BYTES) == STACK_OK, "stackinit");
    check_growth();
    for (int round = 0; round < 100; round++) {
        check_tables();
        check_shrink();
        check_outside();
        for (int n = 0; n < 60; n++) {
            uint64_t old_bytes = size_between(FIXED_STACK_BYTES, 262144);
            uint64_t new_bytes = draw(4) == 0 && old_bytes > FIXED_STACK_BYTES
                                     ? old_bytes / 2
                                     : old_bytes << (1 + draw(2));
            move_once(old_bytes, new_bytes, draw(2) == 0);
        }
    }
    printf("copy_test: ok, %llu checks\n", (unsigned long long)checks);
    return 0;
}
