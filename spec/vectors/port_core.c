/* port_core.c: the core in C as a port of itself.
 *
 * The generator and the checker reach src/core through this file only.  Each vector runs in a process of its own,
 * because the core's tables begin as zero memory. */
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
    if (child < 0 || waitpid(child, &status, 0) != child)
        exit(2);
    return status;
}

static uint32_t chunk_at(uint64_t base)
{
    return (uint32_t)((base - PORT_BASE) / CHUNK_BYTES);
}

static uint32_t core_p(int p)
{
    return p == PORT_NO_P ? NUM_P : (uint32_t)p;
}

void port_start(uint64_t chunks)
{
    if (stackinit(PORT_BASE, chunks * CHUNK_BYTES) != STACK_OK)
        abort();
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

uint64_t port_cached(int p, int order, unsigned n)
{
    const struct stack_cache *cache = &stackcache[p];
    if (n >= cache->count[order])
        return 0;
    return PORT_BASE + (uint64_t)cache->chunk[order][n] * CHUNK_BYTES +
           ((uint64_t)cache->index[order][n] * FIXED_STACK_BYTES << order);
}

int port_span(uint64_t base, unsigned *order, unsigned *free_stacks)
{
    uint32_t chunk = chunk_at(base);
    *order = span_order[chunk];
    *free_stacks = span_free[chunk];
    return span_slots[chunk] != 0;
}

uint64_t port_queued(uint64_t base)
{
    uint32_t chunk = chunk_at(base);
    return block_state[chunk] == BLOCK_QUEUED ? (uint64_t)CHUNK_BYTES << block_order[chunk] : 0;
}

uint64_t port_grown(uint64_t old, uint64_t used, uint64_t frame, uint64_t maximum)
{
    return newstack_size(old, used, frame, maximum);
}

uint64_t port_shrunk(uint64_t old, uint64_t used)
{
    return shrinkstack_size(old, used);
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

void port_sites(const struct port_site *given, uint32_t count)
{
    static struct site table[64];
    static int32_t maps[64 * 8];
    int32_t used = 0;

    for (uint32_t s = 0; s < count; s++) {
        const struct port_site *from = &given[s];
        uint32_t parts = (from->span_words + 31) / 32;
        table[s] = (struct site){.pc = (int32_t)(from->pc - TEXT_BASE), .frame_words = (int32_t)from->frame_words,
                                 .span_words = (int32_t)from->span_words, .bottom = from->bottom,
                                 .pointers_low = mask_of(from->live, 0), .pointers_high = mask_of(from->live, 1),
                                 .pointers_more = used, .objects = -1};
        for (uint32_t part = 2; part < parts; part++)
            maps[used++] = mask_of(from->live, part);
        if (!from->has_objects)
            continue;
        table[s].objects = used;
        for (uint32_t part = 0; part < parts; part++)
            maps[used++] = mask_of(from->object, part);
    }
    if (sites_register(table, count, maps, (uint32_t)used, TEXT_BASE) != STACK_OK)
        abort();
}

uint64_t port_word(uint64_t address)
{
    return words[(address - PORT_BASE) / 8];
}

void port_set_word(uint64_t address, uint64_t value)
{
    words[(address - PORT_BASE) / 8] = value;
}

const char *port_copy(struct port_goroutine *g, uint64_t new_bytes)
{
    struct goroutine_stack stack = {g->lo, g->hi, {g->sp, g->pc, g->bp, g->ctxt}, NULL};
    struct stack_fault fault;
    enum stack_status status = copystack(words, marks, 0, &stack, new_bytes, &fault);

    *g = (struct port_goroutine){stack.lo, stack.hi, stack.sched.sp, stack.sched.pc, stack.sched.bp, stack.sched.ctxt};
    return status_names[status];
}
