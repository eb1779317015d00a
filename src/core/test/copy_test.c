/* copy_test.c: the copy side against a naive model that is written without it.
 *
 * Random site tables, stacks built from them by a generator that knows where each pointer is, and the same
 * stacks with one word spoilt.  Prints one line; the exit status says whether everything agreed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "src/core/move/growstack.h"
#include "src/core/move/stack_check.h"
#include "src/core/heap/stackalloc.h"
#include "src/testing/copy_model.h"
#include "src/testing/expect.h"

_Static_assert(LARGEST_STACK_BYTES == CHUNK_BYTES << (NUM_BLOCK_ORDERS - 1),
               "the largest block of the page heap");
_Static_assert(LARGEST_STACK_WORDS == LARGEST_STACK_BYTES / 8, "words of eight bytes");
_Static_assert(ARENA_WORDS == (uint64_t)NUM_CHUNKS * (CHUNK_BYTES / 8), "the arena is all chunks");
_Static_assert(SITE_SLOTS == SITE_HOMES + SITES_MAX + 1,
               "homes, overflow, one slot that stays empty");
_Static_assert(sizeof(struct site) == 32, "two sites in a cache line");

/* UNWIND-1, UNWIND-2 */
static void check_trace(const struct goroutine_stack *g, enum stack_status expected)
{
    struct unwound frame = unwind_first(arena, g->lo, g->hi, g->sched.sp, g->sched.pc);
    while (frame.status == STACK_OK && !frame.last)
        frame = unwind_next(arena, g->hi, frame);
    if (expected != STACK_STALE_POINTER)
        require(frame.status == expected, "the unwinder's last status");
}

/* A stack, and what a move of it to `new_bytes` must do. */
struct moving {
    struct goroutine_stack g, before;
    uint64_t old_bytes, new_bytes;
    uint64_t words, top,
        first; /* of the old stack: its words, the index of its sp, its place in the arena */
    uint64_t in_use;
    enum stack_status expected;
    int spoil;
};

/* COPY-6, ERR-1 */
static void check_failed_move(const struct moving *m, enum stack_status status,
                              struct stack_fault fault)
{
    require(memcmp(&m->g, &m->before, sizeof m->g) == 0, "a failed move changes nothing");
    require(stack_bytes_in_use() == m->in_use, "a failed move leaks nothing");
    require(status == STACK_BAD_SIZE ||
                (fault.status == status && fault.frame_sp >= m->g.sched.sp &&
                 fault.frame_sp <= m->g.hi),
            "the fault's frame");
    require(stackfree(0, m->before.lo, m->old_bytes) == STACK_OK,
            "the stack of a failed move is still live");
}

/* COPY-1, COPY-2, COPY-3, COPY-4, COPY-5: every word of the new stack, and the registers. */
static void check_words(const struct moving *m)
{
    uint64_t lo = m->before.lo, sp = m->before.sched.sp, hi = m->before.hi, end = m->g.hi;
    for (uint64_t k = m->top; k < m->words && !m->spoil; k++)
        require(arena[(end - arena_base) / 8 - (m->words - k)] ==
                    model_relocated(snapshot[k], lo, sp, hi, end, model_kind[k]),
                "a word of the new stack");
    require(m->g.sched.bp == model_relocated(m->before.sched.bp, lo, sp, hi, end, 1), "bp");
    require(m->g.sched.ctxt == model_relocated(m->before.sched.ctxt, lo, sp, hi, end, 1), "ctxt");
    require(m->g.sched.pc == m->before.sched.pc, "pc");
}

/* CHECK-2, CHECK-3 */
static void check_oracles(const struct moving *m)
{
    require(stack_ok(arena, &m->g) == (model_check(&m->g) == STACK_OK),
            "stack_ok on the new stack");
    require(stack_same_after_move(snapshot, arena, arena_base, marks, &m->before, &m->g),
            "the oracle agrees");
    uint64_t word = (m->g.sched.sp - arena_base) / 8 + draw((m->g.hi - m->g.sched.sp) / 8);
    arena[word] ^= 8;
    require(!stack_same_after_move(snapshot, arena, arena_base, marks, &m->before, &m->g),
            "the oracle sees one wrong bit");
}

/* Draws the stack, with one word spoilt if that is wanted, and decides what its move must return. */
static void draw_stack(struct moving *m, uint64_t lo)
{
    uint64_t least = m->new_bytes < m->old_bytes ? m->new_bytes : m->old_bytes;
    m->words = m->old_bytes / 8;
    m->first = (lo - arena_base) / 8;
    m->top = make_stack(&m->g, lo, m->words, 8 + draw(least / 8 - 8));
    if (m->spoil) {
        uint64_t place = m->first + m->top + draw(m->words - m->top);
        arena[place] = any_word(m->g.lo, m->g.sched.sp, m->g.hi, 1);
    }
    m->expected = model_check(&m->g);
    require(m->spoil || m->expected == STACK_OK, "the generator makes sound stacks");
    require(stack_ok(arena, &m->g) == (m->expected == STACK_OK), "stack_ok");
    check_trace(&m->g, m->expected);
    if (m->expected == STACK_OK && m->g.hi - m->g.sched.sp > m->new_bytes)
        m->expected = STACK_BAD_SIZE;
}

/* SITE-7, COPY-1, COPY-2, COPY-3, COPY-4, COPY-5, COPY-6, COPY-7, COPY-8, COPY-9, COPY-11, CHECK-2,
 * CHECK-3, UNWIND-3, ERR-1 */
static void move_once(uint64_t old_bytes, uint64_t new_bytes, int spoil)
{
    struct moving m = {.old_bytes = old_bytes, .new_bytes = new_bytes, .spoil = spoil};
    struct stack_alloc_result old = stackalloc(0, old_bytes);
    struct stack_fault fault;
    require(old.status == STACK_OK, "allocation of the old stack");
    draw_stack(&m, old.lo);
    m.before = m.g;
    memcpy(snapshot, arena + m.first, old_bytes);
    m.in_use = stack_bytes_in_use();
    enum stack_status status = copystack(arena, marks, 0, &m.g, new_bytes, &fault);
    require(status == m.expected, "status of the move");
    require(memcmp(snapshot, arena + m.first, old_bytes) == 0, "the old stack's words stay");
    if (status != STACK_OK) {
        check_failed_move(&m, status, fault);
        return;
    }
    require(stack_bytes_in_use() == m.in_use - old_bytes + new_bytes, "one stack for the other");
    require(!is_live_stack(old.lo, old_bytes), "the old stack is free");
    require(m.g.hi - m.g.lo == new_bytes &&
                m.g.hi - m.g.sched.sp == m.before.hi - m.before.sched.sp,
            "the new bounds");
    check_words(&m);
    check_oracles(&m);
    require(stackfree(0, m.g.lo, new_bytes) == STACK_OK, "the new stack is live");
}

/* A site of the table with one thing wrong. */
static struct site malformed_site(uint32_t map_words)
{
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
        if (bad.bottom || bad.bare) {
            bad.bottom = bad.bare = 1;
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
    return bad;
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
        struct site bad = malformed_site(map_words);
        require(sites_append(&bad, 1, maps, map_words) == STACK_BAD_SITE || sites_count == 0,
                "a malformed site");
        require(sites_count == MODEL_SITES && sites_ok(), "a refused site changes nothing");
    }
    uint32_t keep = draw(4) == 0 ? 0 : (uint32_t)draw(MODEL_SITES);
    sites_truncate(keep);
    require(sites_count == keep && sites_ok(), "truncation");
    require(site_map_count == (keep == 0 ? 0 : (uint32_t)site_map_ends[keep - 1]),
            "map words left");
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

/* OUTSIDE-4, COPY-6: records that refer to what is not in use, each refused. */
static void check_refused_records(struct goroutine_stack *g, uint64_t large)
{
    struct defer *record = g->outside->defers, same = *record;
    struct sudog *waiting = g->outside->sudogs;
    struct goroutine_stack before = *g;
    struct stack_fault fault;
    uint64_t top = g->sched.sp, hi = g->hi;
    waiting->size = hi - top;
    require(copystack(arena, marks, 0, g, large, &fault) == STACK_BAD_OUTSIDE,
            "a slot that ends above its stack");
    require(fault.frame_sp == top && fault.status == STACK_BAD_OUTSIDE,
            "the report on records outside");
    waiting->size = 16;
    record->link = top - 8;
    require(copystack(arena, marks, 0, g, large, &fault) == STACK_BAD_OUTSIDE,
            "a record that refers to the unused part");
    record->link = same.link;
    g->outside->stktopsp = hi + 8;
    require(!stack_ok(arena, g), "stktopsp above its stack");
    require(copystack(arena, marks, 0, g, large, &fault) == STACK_BAD_OUTSIDE,
            "a move with stktopsp above its stack");
    g->outside->stktopsp = hi;
    require(memcmp(g, &before, sizeof *g) == 0 && is_live_stack(g->lo, hi - g->lo),
            "a refused move changes nothing");
}

/* OUTSIDE-1, OUTSIDE-2, OUTSIDE-3, OUTSIDE-4, COPY-6: records outside follow a move, or forbid it. */
static void check_outside(void)
{
    const uint64_t small = 2 * FIXED_STACK_BYTES, large = 2 * small;
    struct stack_alloc_result stack = stackalloc(0, small);
    struct goroutine_stack g;
    struct stack_fault fault;
    past_the_end = 0;
    make_stack(&g, stack.lo, small / 8, 60);
    past_the_end = 1;
    uint64_t top = g.sched.sp, hi = g.hi;
    struct defer record = {top, top + 8, 7, top + 16, hi, hi - 8};
    struct sudog waiting = {{top + 8, top + 8}, 16};
    struct outside outside = {&record, &waiting, 1, 1, top, 0, hi};
    g.outside = &outside;
    check_refused_records(&g, large);
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
    printf("copy_test: ok, %llu checks\n", checks_passed);
    return 0;
}
