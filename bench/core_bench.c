/* core_bench.c: copystack alone, on the stack of a goroutine that is parked at its deepest frame; and a whole move.
 *
 * The assembly of bodies.h has built the frames, so that the measure knows neither how a site table looks nor how a
 * stack is walked.  Back and forth between two sizes: the bytes in use, and so the work, are the same both ways.
 * At the end the goroutine runs on, and finds every pointer in its place or says which it lost. */
#include "bench/bench.h"
#include "bench/bodies.h"
#include "src/runtime/runtime.h"

static void move(struct g *g, uint64_t size_bytes)
{
    struct stack_fault fault;
    if (copystack(contig_sched.arena, contig_all_p[0].marks, contig_all_p[0].id, &g->stack,
                  size_bytes, &fault) != STACK_OK)
        fail("a stack cannot be moved");
}

static void move_back_and_forth(struct g *g, uint64_t size_bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        move(g, 2 * size_bytes);
        move(g, size_bytes);
    }
}

/* The goroutine is parked `levels` deep; on a stack of so many bytes, unless that is 0. */
static void measure(const struct frames *frames, uint64_t levels, uint64_t stack_bytes,
                    uint64_t count)
{
    uint64_t id;
    struct bench_body body = {.levels = levels, .rounds = 1, .park = BENCH_PARK_DEEPEST};
    runtime_begin();
    if (contig_go(frames->body, (uint64_t)(uintptr_t)&body, &id) != CONTIG_OK)
        fail("a goroutine cannot be made");
    if (contig_run() != 1)
        fail("the goroutine did not park");
    struct g *g = contig_g_by_id(id);
    uint64_t size_bytes = g->stack.hi - g->stack.lo;
    if (stack_bytes != 0 && size_bytes != stack_bytes)
        fail("the goroutine has not the stack that is to be moved");
    move_back_and_forth(g, size_bytes, 1 + count / 10);
    double begin = processor_time();
    move_back_and_forth(g, size_bytes, count);
    result("ns", (processor_time() - begin) / (2 * (double)count));
    result("bytes", (double)(g->stack.hi - g->stack.sched.sp));
    result("frame_bytes", 8 * (double)frames->words);
    g->stackguard = g->stack.lo + STACK_GUARD_BYTES;
    contig_ready(id);
    contig_run();
    if (body.result != levels + 1)
        fail("a level of recursion did not return");
    runtime_finish();
}

/* As deep as a stack of so many bytes allows. */
void measure_core(char **arguments)
{
    const struct frames *frames = frames_find(arguments[0]);
    uint64_t stack_bytes = number(arguments[1]);
    uint64_t levels = (stack_bytes - STACK_GUARD_BYTES - 128) / (8 * frames->words) - 2;
    measure(frames, levels, stack_bytes, number(arguments[2]));
}

void measure_core_levels(char **arguments)
{
    measure(frames_find(arguments[0]), number(arguments[1]), 0, number(arguments[2]));
}

static void move_by_force(struct g *g, uint64_t count)
{
    struct stack_fault fault;
    for (uint64_t i = 0; i < count; i++)
        if (contig_g_grow(g, 0, true, &fault) != CONTIG_OK)
            fail("a stack cannot be moved");
}

/* Frames as compiled C has them, moved as a prologue with a poisoned guard asks for it. */
void measure_forced(char **arguments)
{
    uint64_t count = number(arguments[0]), id;
    struct bench_body body = {0};
    runtime_begin();
    if (contig_go(bench_bare, (uint64_t)(uintptr_t)&body, &id) != CONTIG_OK)
        fail("a goroutine cannot be made");
    if (contig_run() != 1)
        fail("the goroutine did not park");
    struct g *g = contig_g_by_id(id);
    move_by_force(g, 1 + count / 10);
    double begin = processor_time();
    move_by_force(g, count);
    result("ns", (processor_time() - begin) / (double)count);
    result("bytes", (double)(g->stack.hi - g->stack.sched.sp));
    contig_g_status(g, G_WAITING);
    contig_ready(id);
    contig_run();
    if (body.result != BENCH_BARE_FRAMES)
        fail("a frame did not return");
    runtime_finish();
}
