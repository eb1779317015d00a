/* memory_test.c: what the system's memory holds: the guarded arena, guarded stacks, and what goes back after a peak.
 *
 * MEMORY-1..MEMORY-3. */
#define _DEFAULT_SOURCE /* mincore */
#include <fcntl.h>
#include <sys/mman.h>

#include "src/testing/started.h"

#define PAGE_BYTES 4096u

/* MEMORY-2: both ends of the arena, and what lies beyond, fault. */
static void the_arena_is_guarded(void)
{
    start_with((struct contig_options){.arena_bytes = 1 << 20});
    volatile char *low = (char *)contig_sched.arena, *high = low + contig_sched.arena_bytes;
    volatile char *const places[] = {low - 1, low - 2000000, high, high + 2000000};
    EXPECT(low[0] == 0 && high[-1] == 0);
    fflush(NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            EXPECT(freopen("/dev/null", "w", stderr) != NULL);
            *places[i] = 1;
            _exit(0);
        }
        EXPECT(child > 0 && waitpid(child, &status, 0) == child && status != 0);
    }
    stop();
}

/* Whether a byte of the arena can be written, in a child. */
static bool writable(uint64_t address)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        EXPECT(freopen("/dev/null", "w", stderr) != NULL);
        *(volatile char *)(uintptr_t)address = 1;
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static uint32_t guarded_moves;

/* The stack that a goroutine has got: a guard page exactly if it is large. */
static void look_at_guard(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    uint64_t low = contig_g_by_id(id)->stack.lo;
    bool large = new_bytes >= 32768;
    EXPECT(old_bytes != 0 && used_bytes <= new_bytes);
    EXPECT(contig_g_by_id(id)->stackguard == low + STACK_GUARD_BYTES + (large ? PAGE_BYTES : 0));
    EXPECT(writable(low) == !large && writable(low + PAGE_BYTES - 1) == !large &&
           writable(low + new_bytes - 1));
    EXPECT(!large || writable(low + PAGE_BYTES));
    guarded_moves += large;
}

/* MEMORY-3: growing and shrinking; afterwards every byte can be written again. */
static void large_stacks_are_guarded(void)
{
    struct body deep = {.argument = 3000}, shrinks = {.argument = 2000};
    start_with((struct contig_options){.check = true, .guard_pages = true, .moved = look_at_guard});
    uint64_t id = go(body_shrink, &shrinks);
    go(body_deep, &deep);
    contig_run();
    for (int cycle = 0; cycle < 6; cycle++)
        EXPECT(contig_gc() == CONTIG_OK);
    EXPECT(contig_ready(id) == CONTIG_OK && contig_run() == 0);
    EXPECT(deep.result == 3001 && shrinks.result == 2002 && statistics().shrinks >= 3 &&
           guarded_moves >= 6);
    EXPECT(statistics().errors == 0 && statistics().violations == 0);
    stop();
    for (uint64_t low = arena_base; low < arena_base + (1 << 20); low += 32768)
        EXPECT(writable(low));
}

/* Pages of the arena that hold memory. */
static uint64_t resident_bytes(void)
{
    static unsigned char pages[(1 << 30) / PAGE_BYTES];
    uint64_t bytes = 0;
    EXPECT(contig_sched.arena_bytes <= sizeof pages * PAGE_BYTES);
    EXPECT(mincore(contig_sched.arena, contig_sched.arena_bytes, pages) == 0);
    for (uint64_t i = 0; i < contig_sched.arena_bytes / PAGE_BYTES; i++)
        bytes += (pages[i] & 1) * PAGE_BYTES;
    return bytes;
}

/* MEMORY-1: two cycles after a peak the stacks hold little more memory than those that live need. */
static void memory_goes_back_after_a_peak(void)
{
    enum { COUNT = 60000 };
    static uint64_t ids[COUNT];
    struct body parked = {0};
    start_with((struct contig_options){.arena_bytes = 1 << 30});
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++)
            ids[i] = go(body_park, &parked);
        EXPECT(contig_run() == COUNT && resident_bytes() >= (uint64_t)COUNT * 2048);
        for (uint32_t i = 0; i < COUNT; i++)
            EXPECT(contig_ready(ids[i]) == CONTIG_OK);
        EXPECT(contig_run() == 0 && contig_gc() == CONTIG_OK && contig_gc() == CONTIG_OK);
        EXPECT(5 * resident_bytes() <= 6 * statistics().stack_bytes_in_use + 5 * (2 << 20));
        EXPECT(contig_check_all());
    }
    stop();
    EXPECT(mincore(contig_sched.arena, PAGE_BYTES, (unsigned char[1]){0}) == 0);
    EXPECT(resident_bytes() < 2 << 20);
}

/* A word for each place, so that a page that was given back, or another stack's, is told at once. */
static uint64_t pattern(uint64_t address)
{
    return address * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static void fill(uint64_t id, uint64_t *low, uint64_t *pointer)
{
    EXPECT(contig_stack_bounds(id, low, NULL, pointer) == CONTIG_OK);
    for (uint64_t at = *low; at < *pointer; at += 8)
        *(uint64_t *)(uintptr_t)at = pattern(at);
}

static bool filled(uint64_t low, uint64_t pointer)
{
    for (uint64_t at = low; at < pointer; at += 8)
        if (*(uint64_t *)(uintptr_t)at != pattern(at))
            return false;
    return true;
}

/* MEMORY-1: what lives keeps every word, while every second stack of 128 KiB goes back. */
static void live_stacks_keep_their_memory(void)
{
    enum { COUNT = 600 };
    struct body bodies[COUNT];
    uint64_t ids[COUNT], low[COUNT], pointer[COUNT];
    start_with((struct contig_options){.arena_bytes = 256 << 20, .never_shrink = true});
    for (uint32_t i = 0; i < COUNT; i++) {
        bodies[i] = (struct body){.argument = 700};
        ids[i] = go(body_shrink, &bodies[i]);
    }
    EXPECT(contig_run() == COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        fill(ids[i], &low[i], &pointer[i]);
    uint64_t peak = resident_bytes();
    for (uint32_t i = 0; i < COUNT; i += 2)
        EXPECT(contig_ready(ids[i]) == CONTIG_OK);
    EXPECT(contig_run() == COUNT / 2);
    for (uint32_t cycle = 0; cycle < 3; cycle++) {
        EXPECT(contig_gc() == CONTIG_OK);
        for (uint32_t i = 1; i < COUNT; i += 2)
            EXPECT(filled(low[i], pointer[i]));
    }
    EXPECT(resident_bytes() < peak * 6 / 10);
    for (uint32_t i = 1; i < COUNT; i += 2)
        EXPECT(contig_ready(ids[i]) == CONTIG_OK && bodies[i - 1].result == 702);
    EXPECT(contig_run() == 0 && statistics().errors == 0);
    stop();
}

static const struct test tests[] = {
    TEST(the_arena_is_guarded),
    TEST(large_stacks_are_guarded),
    TEST(memory_goes_back_after_a_peak),
    TEST(live_stacks_keep_their_memory),
};

int main(void)
{
    return tests_run("memory_test", tests, sizeof tests / sizeof *tests);
}
