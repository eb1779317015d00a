/* port_core.c: the core in C as a port of itself.
 *
 * The checker reaches src/core through this file only.  Each vector runs in a process of its own, because the core's
 * tables begin as zero memory. */
/* For fork and waitpid. */
#define _POSIX_C_SOURCE 200809L

#include "spec/vectors/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/core/move/growstack.h"
#include "src/core/heap/stackalloc.h"

#define TEXT_BASE 4194304u
#define SITE_PARTS (PORT_MOST_SPAN_WORDS / 32u)

static uint64_t words[PORT_MOST_CHUNKS * CHUNK_BYTES / 8];
static uint32_t marks[MARK_WORDS];

static const char *const status_names[] = {
    [STACK_OK] = "OK",
    [STACK_BAD_SIZE] = "BAD_SIZE",
    [STACK_NO_MEMORY] = "NO_MEMORY",
    [STACK_BAD_ADDRESS] = "BAD_ADDRESS",
    [STACK_BAD_FRAME] = "BAD_FRAME",
    [STACK_STALE_POINTER] = "STALE_POINTER",
    [STACK_TOO_LARGE] = "TOO_LARGE",
    [STACK_BAD_SITE] = "BAD_SITE",
    [STACK_BAD_OUTSIDE] = "BAD_OUTSIDE",
};

int port_isolated(int (*run)(const void *argument), const void *argument)
{
    int status = 0;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        status = run(argument);
        fflush(stdout);
        _exit(status);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("port_core: a process of its own for a vector");
        exit(2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static uint32_t core_p(int p)
{
    return p == PORT_NO_P ? NUM_P : (uint32_t)p;
}

const char *port_init(uint64_t base, uint64_t bytes)
{
    return status_names[stackinit(base, bytes)];
}

const char *port_alloc(int p, uint64_t bytes, uint64_t *lo)
{
    struct stack_alloc_result result = stackalloc(core_p(p), bytes);
    *lo = result.lo;
    return status_names[result.status];
}

const char *port_free(int p, uint64_t lo, uint64_t bytes)
{
    return status_names[stackfree(core_p(p), lo, bytes)];
}

int port_is_live(uint64_t lo, uint64_t bytes)
{
    return is_live_stack(lo, bytes);
}

void port_clear(int p)
{
    stackcache_clear((uint32_t)p);
}

void port_sweep(void)
{
    freestackspans();
}

void port_gc(int running)
{
    if (running)
        stack_gc_begin();
    else
        stack_gc_end();
}

uint64_t port_used(void)
{
    return stack_bytes_in_use();
}

uint64_t port_mark(void)
{
    return grown_chunks;
}

uint64_t port_cached(int p, int order, unsigned n)
{
    const struct stack_cache *cache = &stackcache[p];
    if (n >= cache->count[order])
        return 0;
    return PORT_BASE + (uint64_t)cache->chunk[order][n] * CHUNK_BYTES +
           ((uint64_t)cache->index[order][n] * FIXED_STACK_BYTES << order);
}

int port_block_at(uint64_t chunk, struct port_block *block)
{
    static const char *const names[] = {[BLOCK_FREE] = "FREE",
                                        [BLOCK_SPAN] = "SPAN",
                                        [BLOCK_STACK] = "STACK",
                                        [BLOCK_QUEUED] = "QUEUED"};
    if (block_state[chunk] == BLOCK_NONE)
        return 0;
    block->chunks = chunks_of_order(block_order[chunk]);
    block->is = names[block_state[chunk]];
    block->order = span_order[chunk];
    block->free_stacks = span_free[chunk];
    return 1;
}

uint64_t port_newstack_size(uint64_t old, uint64_t used, uint64_t frame, uint64_t maximum)
{
    return newstack_size(old, used, frame, maximum);
}

uint64_t port_shrinkstack_size(uint64_t old, uint64_t used)
{
    return shrinkstack_size(old, used);
}

uint64_t port_starting_stack_size(uint64_t scanned, uint64_t stacks, uint64_t maximum)
{
    return starting_stack_size(scanned, stacks, maximum);
}

const char *port_newstack_step(uint64_t guard, int asked)
{
    static const char *const names[] = {[NEWSTACK_GROW] = "GROW",
                                        [NEWSTACK_MOVE] = "MOVE",
                                        [NEWSTACK_YIELD] = "YIELD",
                                        [NEWSTACK_SHRINK] = "SHRINK"};
    return names[newstack_step(guard, asked != 0)];
}

const char *port_shrink_step(int off, int in_system_call, int async_safe_point,
                             int parking_on_channel, uint64_t size, uint64_t used)
{
    static const char *const names[] = {[SHRINK_OFF] = "OFF",
                                        [SHRINK_LATER] = "LATER",
                                        [SHRINK_NOT_DUE] = "NOT_DUE",
                                        [SHRINK_DUE] = "DUE"};
    return names[shrink_step(off != 0, in_system_call != 0, async_safe_point != 0,
                             parking_on_channel != 0, size, used)];
}

/* The records of a goroutine as the core has them. */
static struct defer defers[PORT_MOST_RECORDS];
static struct sudog sudogs[PORT_MOST_RECORDS];

static void sudogs_in(const struct port_sudog *given, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        sudogs[i] = (struct sudog){{given[i].vu, given[i].vp}, given[i].size};
}

uint64_t port_sgsize(const struct port_sudog *given, uint32_t count, uint64_t sp, uint64_t hi)
{
    struct outside outside = {NULL, sudogs, 0, count, 0, 0, 0};
    sudogs_in(given, count);
    return sgsize(&outside, sp, hi);
}

static struct outside outside_in(const struct port_outside *given)
{
    struct outside outside = {
        defers,       sudogs,         given->defers_count, given->sudogs_count, given->first_defer,
        given->panic, given->stktopsp};
    for (uint32_t i = 0; i < given->defers_count; i++) {
        const struct port_defer *from = &given->defers[i];
        defers[i] = (struct defer){from->sp,    from->varp, from->function,
                                   from->panic, from->link, from->function_data};
    }
    sudogs_in(given->sudogs, given->sudogs_count);
    return outside;
}

static void outside_back(struct port_outside *result, const struct outside *outside)
{
    result->first_defer = outside->first_defer;
    result->panic = outside->panic;
    result->stktopsp = outside->stktopsp;
    for (uint32_t i = 0; i < outside->defers_count; i++) {
        const struct defer *from = &defers[i];
        result->defers[i] = (struct port_defer){from->sp,    from->varp, from->function,
                                                from->panic, from->link, from->function_data};
    }
    for (uint32_t i = 0; i < outside->sudogs_count; i++)
        result->sudogs[i] =
            (struct port_sudog){sudogs[i].element.vu, sudogs[i].element.vp, sudogs[i].size};
}

/* Bits [32 * part, 32 * part + 32) of a site's map. */
static int32_t mask_of(const uint8_t *bits, uint32_t part)
{
    uint32_t mask = 0;
    for (uint32_t bit = 0; bit < 32; bit++)
        if (32 * part + bit < PORT_MOST_SPAN_WORDS && bits[32 * part + bit] != 0)
            mask |= 1u << bit;
    return (int32_t)mask;
}

const char *port_sites_append(const struct port_site *given, uint32_t count)
{
    static struct site table[PORT_MOST_SITES];
    static int32_t maps[PORT_MOST_SITES * 2 * SITE_PARTS];
    int32_t used = 0;

    for (uint32_t s = 0; s < count; s++) {
        const struct port_site *from = &given[s];
        uint32_t parts = (from->span_words + 31) / 32;
        table[s] = (struct site){.pc = (int32_t)(from->pc - TEXT_BASE),
                                 .frame_words = (int32_t)from->frame_words,
                                 .span_words = (int32_t)from->span_words,
                                 .bottom = from->bottom != 0 ? 1 : 0,
                                 .bare = from->bare != 0 ? 1 : 0,
                                 .pointers_low = mask_of(from->live, 0),
                                 .pointers_high = mask_of(from->live, 1),
                                 .pointers_more = used,
                                 .objects = -1};
        for (uint32_t part = 2; part < parts; part++)
            maps[used++] = mask_of(from->live, part);
        if (!from->has_objects)
            continue;
        table[s].objects = used;
        for (uint32_t part = 0; part < parts; part++)
            maps[used++] = mask_of(from->object, part);
    }
    if (sites_count == 0)
        return status_names[sites_register(table, count, maps, (uint32_t)used, TEXT_BASE)];
    return status_names[sites_append(table, count, maps, (uint32_t)used)];
}

void port_sites_truncate(uint32_t count)
{
    sites_truncate(count);
}

uint64_t port_site_find(uint64_t pc)
{
    int32_t site = site_find(pc);
    return site < 0 ? PORT_NO_SITE : (uint64_t)site;
}

uint64_t port_word(uint64_t address)
{
    return words[(address - PORT_BASE) / 8];
}

void port_set_word(uint64_t address, uint64_t value)
{
    words[(address - PORT_BASE) / 8] = value;
}

/* A goroutine as the core has it, with room for its records in *outside. */
static struct goroutine_stack goroutine_in(const struct port_goroutine *g, struct outside *outside)
{
    struct goroutine_stack stack = {g->lo, g->hi, {g->sp, g->pc, g->bp, g->ctxt}, NULL};
    if (g->outside != NULL) {
        *outside = outside_in(g->outside);
        stack.outside = outside;
    }
    return stack;
}

static const char *moved(struct port_goroutine *g, const struct goroutine_stack *stack,
                         enum stack_status status, const struct stack_fault *found,
                         struct port_fault *fault)
{
    g->lo = stack->lo;
    g->hi = stack->hi;
    g->sp = stack->sched.sp;
    g->pc = stack->sched.pc;
    g->bp = stack->sched.bp;
    g->ctxt = stack->sched.ctxt;
    if (stack->outside != NULL)
        outside_back(g->outside, stack->outside);
    if (found->status != STACK_OK)
        *fault = (struct port_fault){found->frame, found->frame_sp, found->pc};
    return status_names[status];
}

const char *port_copystack(struct port_goroutine *g, uint64_t new_bytes, struct port_fault *fault)
{
    struct outside outside;
    struct stack_fault found = {0, 0, 0, STACK_OK};
    struct goroutine_stack stack = goroutine_in(g, &outside);
    enum stack_status status = copystack(words, marks, 0, &stack, new_bytes, &found);
    return moved(g, &stack, status, &found, fault);
}

const char *port_growstack(struct port_goroutine *g, uint64_t frame, uint64_t maximum, int forced,
                           struct port_fault *fault)
{
    struct outside outside;
    struct stack_fault found = {0, 0, 0, STACK_OK};
    struct goroutine_stack stack = goroutine_in(g, &outside);
    enum stack_status status =
        growstack(words, marks, 0, &stack, frame, maximum, forced != 0, &found);
    return moved(g, &stack, status, &found, fault);
}

const char *port_shrinkstack(struct port_goroutine *g, struct port_fault *fault)
{
    struct outside outside;
    struct stack_fault found = {0, 0, 0, STACK_OK};
    struct goroutine_stack stack = goroutine_in(g, &outside);
    enum stack_status status = shrinkstack(words, marks, 0, &stack, &found);
    return moved(g, &stack, status, &found, fault);
}
