/* trace.c: one line per event, in the format of spec/trace.md.
 *
 * The core knows nothing of traces.  What happened inside an operation (a cache refilled, a span that came or
 * went) is told from the core's tables as they were before and are after it; `seen` remembers what each chunk was
 * when the last line about it was written.  Without options.trace nothing here does anything. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/heap/stackcache.h"
#include "src/core/heap/stack_large.h"
#include "src/runtime/runtime.h"

enum chunk_seen { SEEN_NOTHING = 0, SEEN_SPAN, SEEN_LARGE, SEEN_QUEUED };

static uint8_t *seen;     /* of each chunk of the arena */
static uint32_t seen_end; /* above every chunk that is not SEEN_NOTHING */
static struct stack_cache cache_before;
static uint8_t *queued_order; /* of a chunk seen as queued: a drained block may have been merged */
/* The spans of the pools and the queued stacks as a sweep finds them: by size, the last of each list first. */
static uint32_t swept[NUM_CHUNKS];
static uint32_t swept_count;

#define PAGE_BYTES 8192u
#define TRACE(...) fprintf(contig_sched.options.trace, __VA_ARGS__)

static uint64_t chunk_address(uint32_t chunk)
{
    return arena_base + (uint64_t)chunk * CHUNK_BYTES;
}

static uint32_t chunk_number(uint64_t address)
{
    return (uint32_t)((address - arena_base) / CHUNK_BYTES);
}

static uint64_t slot_address(uint32_t chunk, uint32_t index, uint32_t order)
{
    return chunk_address(chunk) + ((uint64_t)index * FIXED_STACK_BYTES << order);
}

static uint32_t order_of(uint64_t size_bytes)
{
    uint32_t order = 0;
    while ((uint64_t)FIXED_STACK_BYTES << order < size_bytes)
        order++;
    return order;
}

static uint8_t block_order_of(uint64_t size_bytes)
{
    uint8_t order = 0;
    while ((uint64_t)CHUNK_BYTES << order < size_bytes)
        order++;
    return order;
}

static bool is_pooled(uint64_t size_bytes)
{
    return size_bytes < STACK_CACHE_BYTES && order_of(size_bytes) < NUM_STACK_ORDERS;
}

/* A cache is named by its P's number plus 1: 0 stands for the pool itself. */
static uint32_t cache_name(uint32_t p)
{
    return p == NUM_P ? 0 : p + 1;
}

void contig_trace_stop(void)
{
    free(seen);
    free(queued_order);
    seen = queued_order = NULL;
    seen_end = 0;
    contig_trace_moves_stop();
}

enum contig_error contig_trace_start(char *message)
{
    if (!contig_tracing())
        return CONTIG_OK;
    seen = calloc(contig_sched.arena_bytes / CHUNK_BYTES, sizeof *seen);
    queued_order = calloc(contig_sched.arena_bytes / CHUNK_BYTES, sizeof *queued_order);
    if (seen == NULL || queued_order == NULL) {
        contig_trace_stop();
        strcpy(message, "no memory for what a trace remembers");
        return CONTIG_OUT_OF_MEMORY;
    }
    TRACE("@trace 1%s profile=contig runtime=contig max=%" PRIu64 "\n",
          contig_sched.options.trace_moves ? " minor=1" : "", contig_sched.maximum_stack_bytes);
    return CONTIG_OK;
}

void contig_trace_before(void)
{
    if (contig_tracing())
        cache_before = stackcache[contig_all_p[0].id];
}

static void see(uint32_t chunk, enum chunk_seen what)
{
    seen[chunk] = (uint8_t)what;
    if (chunk >= seen_end)
        seen_end = chunk + 1;
}

static void pool_gave(uint32_t order, uint32_t chunk, uint32_t index)
{
    if (seen[chunk] != SEEN_SPAN)
        TRACE("@span+ %u 0x%" PRIx64 " m=0\n", order, chunk_address(chunk));
    see(chunk, SEEN_SPAN);
    TRACE("@pool- %u 0x%" PRIx64 " m=0\n", order, slot_address(chunk, index, order));
}

/* Slots [keep, count) of what the cache held before went to the pool, the last one first. */
static void pool_took(uint32_t order, uint32_t keep)
{
    for (uint32_t i = cache_before.count[order]; i-- > keep;) {
        uint32_t chunk = cache_before.chunk[order][i];
        bool again = false;
        TRACE("@pool+ %u 0x%" PRIx64 " ph=%d m=0\n", order,
              slot_address(chunk, cache_before.index[order][i], order), contig_sched.gc_running);
        for (uint32_t j = keep; j < i; j++)
            again = again || cache_before.chunk[order][j] == chunk;
        if (!again && span_slots[chunk] == 0) {
            TRACE("@span- %u 0x%" PRIx64 " m=0\n", order, chunk_address(chunk));
            seen[chunk] = SEEN_NOTHING;
        }
    }
}

/* `left`: how many stacks of the order the cache held after the allocation. */
static void traced_small_allocation(uint32_t order, uint64_t lo, uint32_t left)
{
    const struct stack_cache *cache = &stackcache[contig_all_p[0].id];
    if (cache_before.count[order] != 0)
        return;
    TRACE("@refill %u c=0x%x m=0\n", order, cache_name(contig_all_p[0].id));
    for (uint32_t i = 0; i < left; i++)
        pool_gave(order, cache->chunk[order][i], cache->index[order][i]);
    pool_gave(order, chunk_number(lo),
              (uint32_t)((lo - chunk_address(chunk_number(lo))) /
                         ((uint64_t)FIXED_STACK_BYTES << order)));
}

static void traced_large_allocation(uint64_t size_bytes, uint64_t lo)
{
    const char *event = seen[chunk_number(lo)] == SEEN_QUEUED ? "@largehit" : "@large+";
    TRACE("%s %" PRIu64 " 0x%" PRIx64 " m=0\n", event, size_bytes / PAGE_BYTES, lo);
    see(chunk_number(lo), SEEN_LARGE);
}

static void traced_allocation(uint64_t size_bytes, uint64_t lo, uint32_t left)
{
    if (is_pooled(size_bytes))
        traced_small_allocation(order_of(size_bytes), lo, left);
    else
        traced_large_allocation(size_bytes, lo);
    TRACE("@alloc %" PRIu64 " 0x%" PRIx64 " c=0x%x m=0\n", size_bytes, lo,
          cache_name(contig_all_p[0].id));
}

void contig_trace_allocate(uint64_t size_bytes, uint64_t lo)
{
    if (contig_tracing())
        traced_allocation(
            size_bytes, lo,
            is_pooled(size_bytes) ? stackcache[contig_all_p[0].id].count[order_of(size_bytes)] : 0);
}

static void traced_large_free(uint64_t lo, uint64_t size_bytes)
{
    const char *event = contig_sched.gc_running ? "@largeq" : "@large-";
    TRACE("%s %" PRIu64 " 0x%" PRIx64 " m=0\n", event, size_bytes / PAGE_BYTES, lo);
    see(chunk_number(lo), contig_sched.gc_running ? SEEN_QUEUED : SEEN_NOTHING);
    queued_order[chunk_number(lo)] = block_order_of(size_bytes);
}

void contig_trace_free(uint64_t lo, uint64_t size_bytes)
{
    uint32_t order;
    if (!contig_tracing())
        return;
    TRACE("@free %" PRIu64 " 0x%" PRIx64 " c=0x%x ph=%d m=0\n", size_bytes, lo,
          cache_name(contig_all_p[0].id), contig_sched.gc_running);
    if (!is_pooled(size_bytes)) {
        traced_large_free(lo, size_bytes);
        return;
    }
    order = order_of(size_bytes);
    if (cache_before.count[order] * size_bytes < STACK_CACHE_BYTES)
        return;
    TRACE("@release %u c=0x%x m=0\n", order, cache_name(contig_all_p[0].id));
    pool_took(order, stackcache[contig_all_p[0].id].count[order] - 1u);
}

void contig_trace_phase(int phase)
{
    if (contig_tracing())
        TRACE("@phase %d\n", phase);
}

void contig_trace_clear(uint32_t p)
{
    if (contig_tracing())
        TRACE("@clear c=0x%x m=0\n", cache_name(p));
}

void contig_trace_after_clear(void)
{
    if (!contig_tracing())
        return;
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        pool_took(order, 0);
}

static void sweep_finds(uint32_t row)
{
    for (uint32_t rank = set_size[row]; rank-- > 0;)
        swept[swept_count++] = set_member[row].at[rank];
}

void contig_trace_free_spans(void)
{
    if (!contig_tracing())
        return;
    TRACE("@freespans ph=0 m=0\n");
    swept_count = 0;
    for (uint32_t order = 0; order < NUM_STACK_ORDERS; order++)
        sweep_finds(STACKPOOL(order));
    for (uint32_t order = 0; order < NUM_BLOCK_ORDERS; order++)
        sweep_finds(QUEUED_STACKS(order));
}

static void traced_gone(uint32_t chunk)
{
    if (seen[chunk] == SEEN_SPAN && span_slots[chunk] == 0)
        TRACE("@span- %u 0x%" PRIx64 " m=0\n", span_order[chunk], chunk_address(chunk));
    else if (seen[chunk] == SEEN_QUEUED && block_state[chunk] != BLOCK_QUEUED)
        TRACE("@large- %" PRIu64 " 0x%" PRIx64 " m=0\n",
              ((uint64_t)CHUNK_BYTES << queued_order[chunk]) / PAGE_BYTES, chunk_address(chunk));
    else
        return;
    seen[chunk] = SEEN_NOTHING;
}

void contig_trace_after_free_spans(void)
{
    if (!contig_tracing())
        return;
    for (uint32_t i = 0; i < swept_count; i++)
        traced_gone(swept[i]);
}

static uint64_t g_name(const struct g *g)
{
    return (uint64_t)(uintptr_t)g;
}

void contig_trace_go_line(const struct g *g)
{
    TRACE("@go gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 "] m=0\n", g_name(g), g->stack.lo,
          g->stack.hi);
}

void contig_trace_dead_line(const struct g *g)
{
    TRACE("@dead gp=0x%" PRIx64 " goid=%" PRIu64 " [0x%" PRIx64 " 0x%" PRIx64 "] start=%" PRIu64
          " m=0\n",
          g_name(g), g->id, g->stack.lo, g->stack.hi, contig_sched.starting_stack_size);
}

void contig_trace_maximum(void)
{
    if (contig_tracing())
        TRACE("@maxstack %" PRIu64 "\n", contig_sched.maximum_stack_bytes);
}

void contig_trace_starting_size(void)
{
    if (contig_tracing())
        TRACE("@startsize %" PRIu64 "\n", contig_sched.starting_stack_size);
}

void contig_trace_overflow(const struct g *g, uint32_t frame_bytes)
{
    if (contig_tracing())
        TRACE("@overflow gp=0x%" PRIx64 " goid=%" PRIu64 " old=%" PRIu64 " sp=0x%" PRIx64
              " max=%u limit=%" PRIu64 " m=0\n",
              g_name(g), g->id, g->stack.hi - g->stack.lo, g->stack.sched.sp, frame_bytes,
              contig_sched.maximum_stack_bytes);
}

void contig_trace_preempt(const struct g *g, bool shrink)
{
    if (contig_tracing())
        TRACE("@preempt gp=0x%" PRIx64 " shrink=%s m=0\n", g_name(g), shrink ? "true" : "false");
}

/* A move that has been made.  The old stack of a forced move went to the cache that the new one came from: it was
 * not there yet when the new one was allocated. */
static void traced_copy(const struct g *g, const struct goroutine_stack *before)
{
    uint64_t size = g->stack.hi - g->stack.lo;
    uint32_t order = is_pooled(size) ? order_of(size) : 0,
             left = stackcache[contig_all_p[0].id].count[order];
    bool same_size = size == before->hi - before->lo && is_pooled(size);
    traced_allocation(size, g->stack.lo, same_size ? left - 1 : left);
    if (same_size)
        cache_before.count[order] = (uint8_t)(left - 1);
    TRACE("@copy gp=0x%" PRIx64 " [0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "] -> [0x%" PRIx64
          " 0x%" PRIx64 " 0x%" PRIx64 "] m=0\n",
          g_name(g), before->lo, before->sched.sp, before->hi, g->stack.lo, g->stack.sched.sp,
          g->stack.hi);
    contig_trace_move(g, before);
    contig_trace_free(before->lo, before->hi - before->lo);
}

void contig_trace_grow(const struct g *g, const struct goroutine_stack *before,
                       uint32_t frame_bytes, bool forced)
{
    if (!contig_tracing())
        return;
    TRACE("@grow gp=0x%" PRIx64 " goid=%" PRIu64 " old=%" PRIu64 " sp=0x%" PRIx64
          " max=%u new=%" PRIu64 " force=%s m=0\n",
          g_name(g), g->id, before->hi - before->lo, before->sched.sp, frame_bytes,
          g->stack.hi - g->stack.lo, forced ? "true" : "false");
    traced_copy(g, before);
}

/* A shrink that is due neither to a scan nor to a preemption was asked for by the program. */
static const char *forced(const struct g *g)
{
    bool preemption = contig_m->curg == g && contig_m->request == REQUEST_MORESTACK;
    return contig_sched.gc_running || preemption ? "" : " force=true";
}

void contig_trace_shrink(const struct g *g, const struct goroutine_stack *before)
{
    if (!contig_tracing())
        return;
    TRACE("@shrink gp=0x%" PRIx64 " old=%" PRIu64 " new=%" PRIu64 "%s m=0\n", g_name(g),
          before->hi - before->lo, g->stack.hi - g->stack.lo, forced(g));
    traced_copy(g, before);
}

void contig_trace_scan(const struct g *g)
{
    TRACE("@scan gp=0x%" PRIx64 " used=%" PRIu64 " safe=%s m=0\n", g_name(g),
          g->stack.hi - g->stack.sched.sp, g_pinned(g) ? "false" : "true");
}

void contig_trace_shrink_refused(const struct g *g, const char *reason)
{
    if (contig_tracing())
        TRACE("@noshrink gp=0x%" PRIx64 " old=%" PRIu64 " %s%s m=0\n", g_name(g),
              g->stack.hi - g->stack.lo, reason, forced(g));
}

void contig_trace_no_shrink(const struct g *g)
{
    uint64_t size = g->stack.hi - g->stack.lo, used = g->stack.hi - g->stack.sched.sp;
    char reason[40];
    snprintf(reason, sizeof reason, "used=%" PRIu64, used + STACK_NOSPLIT_BYTES);
    contig_trace_shrink_refused(g, size / 2 < FIXED_STACK_BYTES ? "min" : reason);
}
