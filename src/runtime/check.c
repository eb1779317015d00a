/* check.c: with options.check, the core's checkers run after every operation on stacks.
 *
 * After each operation: the frames of the goroutine concerned, its span or block, the P's cache.  All of the heap
 * below its mark (heap_used_ok) as often as its cost allows: after each operation while few chunks are in use, and
 * else each time the number of operations has grown by an eighth, so that a run stays linear.  At the end,
 * contig_stop looks above the mark, too (heap_ok).  After each move: the whole stack is compared with a snapshot
 * taken before it.  CHECK-1..CHECK-4. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/heap/heap_check.h"
#include "src/core/heap/page_heap.h"
#include "src/core/heap/stackcache.h"
#include "src/core/move/stack_check.h"
#include "src/runtime/chan.h"
#include "src/runtime/runtime.h"

/* Up to this many chunks in use all that was ever in use is checked after every operation. */
#define WHOLE_HEAP_CHUNKS 64u

static uint64_t next_whole_check;
static uint64_t *snapshot;
static uint64_t snapshot_words;

void contig_check_stop(void)
{
    free(snapshot);
    snapshot = NULL;
    snapshot_words = 0;
    next_whole_check = 0;
}

/* Each operation on a damaged heap is damaged as well: the first reports say what happened. */
#define REPORTS_MAX 8u

/* CHECK-5: reports, remembers, and goes on. */
static void violated(const char *what, const char *operation, const struct g *g)
{
    contig_sched.last_error = CONTIG_INVARIANT;
    contig_sched.last_error_id = g == NULL ? 0 : g->id;
    if (contig_counts()->violations++ < REPORTS_MAX)
        fprintf(contig_sched.options.report, "contig: after %s of goroutine %" PRIu64 ": %s\n",
                operation, contig_sched.last_error_id, what);
}

bool contig_g_stack_ok(const struct g *g)
{
    return is_live_stack(g->stack.lo, g->stack.hi - g->stack.lo) &&
           stack_ok(contig_sched.arena, &g->stack);
}

static bool place_ok(const struct g *g)
{
    uint32_t chunk = (uint32_t)((g->stack.lo - arena_base) / CHUNK_BYTES);
    return span_slots[chunk] != 0 ? span_ok(chunk) : block_ok(chunk);
}

/* True each time the number of operations has grown by an eighth, or while the heap is small. */
static bool whole_check_due(void)
{
    bool small = stack_bytes_in_use() <= (uint64_t)WHOLE_HEAP_CHUNKS * CHUNK_BYTES;
    if (!small && contig_counts()->checks < next_whole_check)
        return false;
    next_whole_check = contig_counts()->checks + contig_counts()->checks / 8 + 1;
    return true;
}

/* What is wrong after an operation on g, or NULL. */
static const char *operation_wrong(const struct g *g)
{
    if (g != NULL && !contig_g_stack_ok(g))
        return "its frames or its stack are not well formed";
    if (g != NULL && !place_ok(g))
        return "the span or block of its stack is not well formed";
    if (!cache_ok(contig_all_p[0].id))
        return "the stack cache is not well formed";
    if (!whole_check_due())
        return NULL;
    if (!heap_used_ok())
        return "the heap of stacks is not well formed";
    if (!contig_chan_ok())
        return "the channels, or who waits for them, are not well formed";
    return NULL;
}

void contig_check_operation(const struct g *g, const char *operation)
{
    contig_counts()->checks++;
    const char *wrong = operation_wrong(g);
    if (wrong != NULL)
        violated(wrong, operation, g);
}

static bool all_ok(void)
{
    bool good = heap_used_ok() && contig_records_ok() && contig_chan_ok();
    for (uint64_t i = 0; i < contig_sched.g_count && good; i++) {
        const struct g *g = contig_g_at(i);
        if (g->held)
            continue;
        if (g->status != G_DEAD && g->status != G_IDLE)
            good = contig_g_stack_ok(g);
        else if (g->stack.lo != 0)
            good = is_live_stack(g->stack.lo, g->stack.hi - g->stack.lo);
    }
    return good;
}

bool contig_check_all(void)
{
    if (!contig_sched.started || contig_sched.stopping)
        return true;
    if (!contig_look_begin("contig_check_all", 0))
        return true;
    bool good = all_ok();
    contig_look_end();
    return good;
}

/* The used words of the stack that is about to move, at the same distance from the low end.  A stack whose registers
 * are wrong has none: the core refuses to move it. */
bool contig_check_before_move(const struct g *g)
{
    uint64_t unused = (g->stack.sched.sp - g->stack.lo) / 8,
             words = (g->stack.hi - g->stack.lo) / 8;
    if (!contig_sched.options.check || check_registers(&g->stack).status != STACK_OK)
        return true;
    if (words > snapshot_words) {
        free(snapshot);
        snapshot = malloc(words * sizeof *snapshot);
        snapshot_words = snapshot == NULL ? 0 : words;
    }
    if (snapshot == NULL)
        return false;
    memcpy(snapshot + unused, contig_sched.arena + (g->stack.sched.sp - arena_base) / 8,
           (words - unused) * sizeof *snapshot);
    return true;
}

void contig_check_after_move(const struct g *g, const struct goroutine_stack *before)
{
    if (!contig_sched.options.check)
        return;
    contig_counts()->checks++;
    if (!stack_same_after_move(snapshot, contig_sched.arena, arena_base, contig_all_p[0].marks,
                               before, &g->stack))
        violated("its stack is not what it was before, relocated", "a move", g);
}
