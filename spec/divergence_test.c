/* divergence_test.c: where contig differs from Go on purpose, each with the case in which the two differ; and an
 * example of each requirement on the runtime that no other test singles out.
 *
 * The rows of spec/go.md but GO-1, which is in outside_examples_test.c.  One process for each. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/core/move/growth.h"
#include "src/core/heap/heap_check.h"
#include "src/testing/started.h"

#define KIB UINT64_C(1024)

static void start(uint64_t arena_bytes)
{
    start_with((struct contig_options){.arena_bytes = arena_bytes});
}

/* GO-2 */
static void zero_is_no_size(void)
{
    start(1 << 20);
    EXPECT(stackalloc(0, 0).status == STACK_BAD_SIZE &&
           stackalloc(NUM_P, 0).status == STACK_BAD_SIZE);
    EXPECT(stackfree(0, arena_base, 0) == STACK_BAD_SIZE && stack_bytes_in_use() == 0);
}

/* GO-3, GO-4, GC-6: a goroutine seems to use nearly all of the largest stack when it is scanned. */
static void starting_sizes_are_bounded(void)
{
    struct body body = {.argument = 10};
    start(UINT64_C(2) << 30);
    contig_set_maximum_stack(UINT64_C(1) << 40);
    uint64_t id = go(body_park, &body);
    contig_run();
    struct g *g = contig_g_by_id(id);
    uint64_t lo = g->stack.lo, hi = g->stack.hi, sp = g->stack.sched.sp;
    g->in_system_call = true;
    g->stack.hi = sp + (UINT64_C(3) << 30);
    contig_gc();
    EXPECT(statistics().starting_size == 512 * KIB * KIB);
    contig_set_maximum_stack(3 * KIB);
    contig_gc();
    EXPECT(statistics().starting_size == 2 * KIB);
    contig_set_maximum_stack(100 * KIB);
    contig_gc();
    EXPECT(statistics().starting_size == 64 * KIB);
    g->stack.hi = hi;
    EXPECT(g->stack.lo == lo && g->stack.sched.sp == sp);
}

/* GO-5, GROW-9: sizes whose low 32 bits would be good. */
static void sizes_are_not_cut_off(void)
{
    start(1 << 20);
    EXPECT(stackalloc(0, (UINT64_C(1) << 32) + 4096).status == STACK_BAD_SIZE);
    EXPECT(newstack_size(512 * KIB * KIB, 400 * KIB * KIB, 200 * KIB * KIB, UINT64_MAX) == 0);
    EXPECT(newstack_size(2048, 100, (UINT64_C(1) << 32) + 8, UINT64_MAX) == 0);
    EXPECT(newstack_size(2048, 100, UINT64_MAX, UINT64_MAX) == 0);
}

/* GO-6, GO-11 */
static void only_a_live_stack_is_freed(void)
{
    start(1 << 20);
    uint64_t lo = stackalloc(0, 4096).lo;
    EXPECT(stackfree(0, lo, 2048) == STACK_BAD_ADDRESS &&
           stackfree(0, lo, 8192) == STACK_BAD_ADDRESS);
    EXPECT(stackfree(0, lo, 4096) == STACK_OK);
    EXPECT(stackfree(0, lo, 4096) == STACK_BAD_ADDRESS);
    EXPECT(stackalloc(0, 4096).lo == lo);
    EXPECT(stackalloc(0, 4096).lo != lo && heap_ok());
}

/* GO-7 */
static void a_queue_holds_one_size(void)
{
    start(1 << 20);
    uint64_t lo = stackalloc(0, 64 * KIB).lo;
    stack_gc_begin();
    EXPECT(stackfree(0, lo, 64 * KIB) == STACK_OK);
    EXPECT(stackalloc(0, 32 * KIB).lo != lo && stackalloc(0, 128 * KIB).lo != lo &&
           stackalloc(0, 64 * KIB).lo == lo);
}

/* GO-8 */
static void blocks_are_aligned_to_their_length(void)
{
    start(4 << 20);
    for (uint64_t bytes = 32 * KIB; bytes <= 1024 * KIB; bytes *= 2)
        EXPECT((stackalloc(0, bytes).lo - arena_base) % bytes == 0);
    EXPECT(stackalloc(NUM_P, 16 * KIB).lo % (32 * KIB) == 16 * KIB);
}

/* GO-9, GO-16: endless recursion with no limit but the largest block. */
static void overflow_ends_one_goroutine_at_512_mib(void)
{
    struct body endless = {0}, other = {.argument = 5};
    uint64_t ended;
    start(UINT64_C(2) << 30);
    contig_set_maximum_stack(UINT64_MAX);
    uint64_t id = go(body_overflow, &endless);
    go(body_deep, &other);
    contig_run();
    EXPECT(contig_last_error(&ended) == CONTIG_STACK_OVERFLOW && ended == id && other.result == 6);
    EXPECT(statistics().growths == 18 && contig_stop() == CONTIG_OK);
}

/* GO-10, ALLOC-7 */
static void writing_into_free_stacks_harms_no_list(void)
{
    uint64_t lo[20];
    start(1 << 20);
    for (int i = 0; i < 20; i++)
        lo[i] = stackalloc(0, 2048).lo;
    for (int i = 0; i < 20; i++)
        EXPECT(stackfree(0, lo[i], 2048) == STACK_OK);
    memset((void *)(uintptr_t)arena_base, 0xfc, 1 << 20);
    EXPECT(heap_ok());
    for (int i = 0; i < 20; i++)
        EXPECT(stackalloc(0, 2048).status == STACK_OK && heap_ok());
}

/* The word of a parked goroutine's slot 0, which is a live pointer to itself. */
static uint64_t *live_slot_of(struct g *g)
{
    return &contig_sched.arena[(g->stack.sched.sp - arena_base) / 8];
}

/* GO-12, COPY-8 */
static void a_pointer_below_the_stack_pointer_is_an_error(void)
{
    struct body body = {0};
    struct stack_fault fault;
    start(1 << 20);
    struct g *g = contig_g_by_id(go(body_park, &body));
    contig_run();
    struct goroutine_stack before = g->stack;
    uint64_t in_use = stack_bytes_in_use(), word = *live_slot_of(g);
    *live_slot_of(g) = g->stack.sched.sp - 64;
    EXPECT(copystack(contig_sched.arena, contig_all_p[0].marks, 0, &g->stack, 4096, &fault) ==
           STACK_STALE_POINTER);
    EXPECT(memcmp(&before, &g->stack, sizeof before) == 0 && stack_bytes_in_use() == in_use);
    *live_slot_of(g) = word;
    EXPECT(copystack(contig_sched.arena, contig_all_p[0].marks, 0, &g->stack, 4096, &fault) ==
           STACK_OK);
}

/* GO-13 */
static void a_small_number_in_a_live_slot_is_no_error(void)
{
    struct body body = {0};
    struct stack_fault fault;
    start(1 << 20);
    struct g *g = contig_g_by_id(go(body_park, &body));
    contig_run();
    *live_slot_of(g) = 42;
    EXPECT(copystack(contig_sched.arena, contig_all_p[0].marks, 0, &g->stack, 4096, &fault) ==
               STACK_OK &&
           *live_slot_of(g) == 42);
}

/* GO-14, COPY-6, UNWIND-1 */
static void a_malformed_frame_is_found_before_the_copy(void)
{
    struct body body = {.argument = 20};
    struct stack_fault fault;
    start(1 << 20);
    struct g *g = contig_g_by_id(go(body_shrink, &body));
    contig_run();
    uint64_t pc = g->stack.sched.pc, in_use = stack_bytes_in_use();
    static uint64_t words[1 << 16];
    uint64_t count = (g->stack.hi - g->stack.lo) / 8, first = (g->stack.lo - arena_base) / 8;
    g->stack.sched.pc = 12345;
    memcpy(words, contig_sched.arena + first, count * 8);
    EXPECT(copystack(contig_sched.arena, contig_all_p[0].marks, 0, &g->stack, 64 * KIB, &fault) ==
           STACK_BAD_FRAME);
    EXPECT(fault.pc == 12345 && fault.frame == 0 && stack_bytes_in_use() == in_use);
    EXPECT(memcmp(words, contig_sched.arena + first, count * 8) == 0);
    g->stack.sched.pc = pc;
    EXPECT(copystack(contig_sched.arena, contig_all_p[0].marks, 0, &g->stack, 64 * KIB, &fault) ==
           STACK_OK);
}

/* A copy of [sp, hi) in memory that may only be read, with a page before and behind it that may not be touched; at
 * the end of the readable part, or at its beginning. */
static uint64_t *fenced_copy(const struct g *g, bool at_end)
{
    size_t used = g->stack.hi - g->stack.sched.sp, page = 4096,
           room = (used + page - 1) / page * page;
    char *fenced =
        mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(fenced != MAP_FAILED);
    char *copy = fenced + page + (at_end ? room - used : 0);
    memcpy(copy, contig_sched.arena + (g->stack.sched.sp - arena_base) / 8, used);
    EXPECT(mprotect(fenced, page, PROT_NONE) == 0 && mprotect(fenced + page, room, PROT_READ) == 0);
    EXPECT(mprotect(fenced + page + room, page, PROT_NONE) == 0);
    return (uint64_t *)(void *)copy;
}

/* At the deepest point of a recursion through 60 frames. */
static uint64_t unwind_fenced_copies(uint64_t body)
{
    const struct g *g = contig_m->curg;
    uint64_t used = (g->stack.hi - g->stack.sched.sp) / 8;
    struct stack_words at = {g->stack.sched.sp, 0, 0, used};
    for (int at_end = 0; at_end <= 1; at_end++) {
        uint64_t *words = fenced_copy(g, at_end != 0);
        EXPECT(used > 700 && check_frames(words, at, g->stack.sched.pc).status == STACK_OK);
        EXPECT(mark_frames(words, contig_all_p[0].marks, at, g->stack.sched.pc).status == STACK_OK);
        EXPECT(check_frames(words, at, 12345).status == STACK_BAD_FRAME);
    }
    return body;
}

/* UNWIND-4, COPY-4 */
static void unwinding_touches_only_the_used_part(void)
{
    struct body body = {.argument = 60, .call = unwind_fenced_copies};
    start(1 << 20);
    go(body_deep, &body);
    contig_run();
    EXPECT(body.result == 61);
}

static uint64_t guard_seen, guard_on_system_stack;

static uint64_t read_guard(uint64_t body)
{
    (void)body;
    __asm__("mov %%fs:%c1, %0" : "=r"(guard_on_system_stack) : "i"(GUARD_TLS_OFFSET));
    guard_seen = contig_m->curg->stackguard - contig_m->curg->stack.lo;
    return 0;
}

/* GO-15, SWITCH-5 */
static void the_guard_stands_in_the_thread(void)
{
    struct body body = {.argument = 1, .call = read_guard};
    start(1 << 20);
    go(body_deep, &body);
    guard_on_system_stack = 1;
    contig_run();
    EXPECT(body.result == 2 && guard_seen == STACK_GUARD_BYTES && guard_on_system_stack == 0);
}

/* LIFE-8 */
static void a_fresh_stack_ends_in_the_last_frame(void)
{
    struct body body = {0};
    start(1 << 20);
    struct g *g = contig_g_by_id(go(body_return, &body));
    EXPECT(g->stack.hi - g->stack.sched.sp == 48 && stack_size(g->id) == 2048);
    struct unwound frame = unwind_first(contig_sched.arena, g->stack.lo, g->stack.hi,
                                        g->stack.sched.sp, g->stack.sched.pc);
    EXPECT(frame.status == STACK_OK && !frame.last);
    frame = unwind_next(contig_sched.arena, g->stack.hi, frame);
    EXPECT(frame.status == STACK_OK && frame.last && contig_g_stack_ok(g));
    contig_run();
    EXPECT(statistics().goroutines == 0);
}

/* GROW-7: bytes copied over a growth to 16 MiB. */
static void growth_copies_less_than_the_final_size(void)
{
    struct body body = {.argument = 100000};
    start(UINT64_C(1) << 30);
    go(body_deep, &body);
    contig_run();
    EXPECT(body.result == 100001 && statistics().growths == 13 &&
           statistics().copied_bytes < UINT64_C(2048) << 13);
}

static void in_lock_order(bool wrong)
{
    struct lock low = {.rank = LOCK_RANK_SCHED}, high = {.rank = LOCK_RANK_STACK_POOL};
    contig_lock_acquire(wrong ? &high : &low);
    contig_lock_acquire(wrong ? &low : &high);
    contig_lock_release(&high);
    contig_lock_release(&low);
}

static void in_release_order(bool wrong)
{
    struct lock low = {.rank = LOCK_RANK_SCHED}, high = {.rank = LOCK_RANK_STACK_POOL};
    contig_lock_acquire(&low);
    contig_lock_acquire(&high);
    contig_lock_release(wrong ? &low : &high);
    contig_lock_release(wrong ? &high : &low);
}

/* True if the process survives. */
static bool survives(void (*run)(bool), bool wrong)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        run(wrong);
        _exit(0);
    }
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* LOCK-1, LOCK-2 */
static void locks_are_taken_and_released_in_order(void)
{
    EXPECT(survives(in_lock_order, false) && !survives(in_lock_order, true));
    EXPECT(survives(in_release_order, false) && !survives(in_release_order, true));
}

static const struct test cases[] = {
    TEST(zero_is_no_size),
    TEST(starting_sizes_are_bounded),
    TEST(sizes_are_not_cut_off),
    TEST(only_a_live_stack_is_freed),
    TEST(a_queue_holds_one_size),
    TEST(blocks_are_aligned_to_their_length),
    TEST(overflow_ends_one_goroutine_at_512_mib),
    TEST(writing_into_free_stacks_harms_no_list),
    TEST(a_pointer_below_the_stack_pointer_is_an_error),
    TEST(a_small_number_in_a_live_slot_is_no_error),
    TEST(a_malformed_frame_is_found_before_the_copy),
    TEST(unwinding_touches_only_the_used_part),
    TEST(the_guard_stands_in_the_thread),
    TEST(a_fresh_stack_ends_in_the_last_frame),
    TEST(growth_copies_less_than_the_final_size),
    TEST(locks_are_taken_and_released_in_order),
};

int main(void)
{
    return tests_run("divergence_test", cases, sizeof cases / sizeof *cases);
}
