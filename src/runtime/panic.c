/* panic.c: deferred calls, panics and what recovers from them, on the system stack.
 *
 *   g->stack.outside      first_defer --> record --> record --> 0       youngest first
 *                         panic ------> record --> record --> 0         innermost first
 *
 * The record of a deferred call lies in the frame that defers, or in memory; that of a panic in the frame of
 * contig_panic or contig_quit (arch/x86_64/panic.S).  A record below the stack pointer is never on a list.
 * PANIC-1..PANIC-5; Go 1.19 runtime/panic.go. */
#include "src/runtime/panic.h"

#include <stdlib.h>
#include <string.h>

/* Of a deferred call: what a move relocates, and where the function goes on after a recovery. */
struct defer_record {
    struct defer moved;
    uint64_t pc;
};

struct panic_record {
    uint64_t value, link, recovered, quits;
    uint64_t target_sp, target_bp, target_pc;
};

_Static_assert(sizeof(struct defer_record) == CONTIG_DEFER_BYTES, "contig.h");

/* A panic's record is slot 1 of a frame of 64 bytes. */
#define PANIC_FRAME_BYTES 64u
#define PANIC_RECORD_OFFSET 8u

struct outside *contig_outside_own(struct g *g)
{
    if (g->own == NULL)
        g->own = calloc(1, sizeof *g->own);
    if (g->stack.outside == NULL && g->own != NULL) {
        g->own->outside = (struct outside){.defers = g->own->defers, .stktopsp = g->stack.hi - 32};
        g->stack.outside = &g->own->outside;
    }
    return contig_outside_is_own(g) ? g->stack.outside : NULL;
}

void contig_outside_release(struct g *g)
{
    const struct outside *outside = g->stack.outside;
    if (contig_outside_is_own(g) && outside->first_defer == 0 && outside->panic == 0 &&
        outside->sudogs_count == 0)
        g->stack.outside = NULL;
}

void contig_outside_free(struct g *g)
{
    if (g->own != NULL) {
        free(g->own->defers);
        free(g->own->defer_pcs);
    }
    free(g->own);
    g->own = NULL;
}

static struct defer *defer_at(uint64_t address)
{
    return (struct defer *)(uintptr_t)address;
}

static struct panic_record *panic_at(uint64_t address)
{
    return (struct panic_record *)(uintptr_t)address;
}

static bool in_memory(const struct g *g, uint64_t record)
{
    uint64_t first = (uint64_t)(uintptr_t)g->own->defers;
    return record >= first && record < first + g->own->defers_room * sizeof *g->own->defers;
}

static uint64_t *pc_of(const struct g *g, uint64_t record)
{
    if (in_memory(g, record))
        return &g->own->defer_pcs[defer_at(record) - g->own->defers];
    return &((struct defer_record *)(uintptr_t)record)->pc;
}

/* The record becomes the youngest: the caller of the runtime is the function that defers. */
static void push(struct g *g, struct outside *outside, uint64_t record)
{
    struct defer *defer = defer_at(record);
    defer->sp = g->stack.sched.sp;
    defer->varp = g->stack.sched.bp - 8;
    defer->panic = 0;
    defer->link = outside->first_defer;
    *pc_of(g, record) = g->stack.sched.pc;
    outside->first_defer = record;
    g->ret = 0;
}

/* Addresses of records in memory change: those on the list follow. */
static void relink(struct outside *outside, const struct defer *before)
{
    uint64_t old = (uint64_t)(uintptr_t)before, bytes = outside->defers_count * sizeof *before;
    for (uint64_t *at = &outside->first_defer; *at != 0; at = &defer_at(*at)->link)
        if (*at >= old && *at < old + bytes)
            *at += (uint64_t)(uintptr_t)outside->defers - old;
}

static bool room_make(struct g_own *own)
{
    if (own->outside.defers_count < own->defers_room)
        return true;
    uint32_t room = own->defers_room == 0 ? 8 : 2 * own->defers_room;
    struct defer *defers = calloc(room, sizeof *defers), *before = own->defers;
    uint64_t *pcs = realloc(own->defer_pcs, room * sizeof *pcs);
    if (pcs != NULL)
        own->defer_pcs = pcs;
    if (defers == NULL || pcs == NULL) {
        free(defers);
        return false;
    }
    if (before != NULL)
        memcpy(defers, before, own->outside.defers_count * sizeof *defers);
    own->defers = own->outside.defers = defers;
    own->defers_room = room;
    relink(&own->outside, before);
    free(before);
    return true;
}

static bool throws(struct g *g, const char *sentence)
{
    contig_report_error(g, CONTIG_THROWN, NULL, sentence);
    contig_g_end(g, CONTIG_THROWN);
    return false;
}

bool contig_defer_in_memory(struct g *g, uint64_t function, uint64_t data)
{
    struct outside *outside = contig_outside_own(g);
    if (outside == NULL || function == 0)
        return throws(g, "contig_deferproc without a function, or without memory for it");
    if (!room_make(g->own))
        return throws(g, "no memory for a deferred call");
    struct defer *record = &outside->defers[outside->defers_count++];
    *record = (struct defer){.function = function, .function_data = data};
    push(g, outside, (uint64_t)(uintptr_t)record);
    return true;
}

bool contig_defer_in_frame(struct g *g, uint64_t record)
{
    struct outside *outside = contig_outside_own(g);
    uint64_t sp = g->stack.sched.sp, hi = g->stack.hi;
    if (outside == NULL || record < sp || record >= hi || hi - record < CONTIG_DEFER_BYTES ||
        defer_at(record)->function == 0)
        return throws(g, "contig_deferprocstack with a record outside of the used stack");
    push(g, outside, record);
    return true;
}

/* The youngest deferred call leaves the list; g goes on in its function. */
static struct defer pop(struct g *g, struct outside *outside)
{
    uint64_t record = outside->first_defer;
    struct defer defer = *defer_at(record);
    outside->first_defer = defer.link;
    if (in_memory(g, record))
        outside->defers_count--;
    g->ret = defer.function;
    g->stack.sched.ctxt = defer.function_data;
    return defer;
}

/* PANIC-1 (deferreturn): the youngest deferred call of the running function, or 0. */
bool contig_defer_return(struct g *g)
{
    struct outside *outside = g->stack.outside;
    g->ret = 0;
    if (contig_outside_is_own(g) && outside->first_defer != 0 &&
        defer_at(outside->first_defer)->sp == g->stack.sched.sp)
        pop(g, outside);
    contig_outside_release(g);
    return true;
}

bool contig_panic_start(struct g *g, uint64_t record)
{
    struct outside *outside = contig_outside_own(g);
    if (outside != NULL) {
        panic_at(record)->link = outside->panic;
        outside->panic = record;
    }
    return true;
}

/* Nothing recovered: g is over. */
static bool fatal(struct g *g, const struct panic_record *panic)
{
    enum contig_error error = panic->quits ? CONTIG_OK : CONTIG_PANICKED;
    if (error != CONTIG_OK)
        contig_report_error(g, error, NULL, (const char *)(uintptr_t)panic->value);
    contig_g_end(g, error);
    return false;
}

/* PANIC-2 (gopanic): the next deferred call of g runs in the frame of the panic; nobody recovers if there is none. */
static bool run_next(struct g *g, struct outside *outside, struct panic_record *panic)
{
    if (outside == NULL || outside->first_defer == 0)
        return fatal(g, panic);
    panic->target_pc = *pc_of(g, outside->first_defer);
    struct defer defer = pop(g, outside);
    panic->target_sp = defer.sp;
    panic->target_bp = defer.varp + 8;
    return true;
}

/* PANIC-4: the frames of the panic's record and all below it are gone.  A goroutine that quits goes on quitting. */
static bool recovered(struct g *g, struct outside *outside, const struct panic_record *panic)
{
    struct gobuf *sched = &g->stack.sched;
    uint64_t target = panic->target_sp;
    sched->bp = panic->target_bp;
    sched->pc = panic->target_pc;
    while (outside->panic != 0 && outside->panic < target) {
        struct panic_record *dropped = panic_at(outside->panic);
        if (dropped->quits) {
            sched->sp = outside->panic - PANIC_RECORD_OFFSET;
            sched->bp = sched->sp + PANIC_FRAME_BYTES;
            sched->pc = (uint64_t)(uintptr_t)contig_quit_goes_on;
            return run_next(g, outside, dropped);
        }
        outside->panic = dropped->link;
    }
    sched->sp = target;
    g->ret = 1;
    contig_outside_release(g);
    return true;
}

bool contig_panic_proceed(struct g *g)
{
    struct outside *outside = contig_outside_own(g);
    struct panic_record *panic = panic_at(g->stack.sched.sp + PANIC_RECORD_OFFSET);
    if (outside != NULL && panic->recovered)
        return recovered(g, outside, panic);
    return run_next(g, outside, panic);
}

/* PANIC-3 (gorecover): only a function that the innermost panic called itself recovers from it. */
bool contig_panic_recover(struct g *g, uint64_t slot)
{
    struct outside *outside = g->stack.outside;
    uint64_t bp = g->stack.sched.bp;
    g->ret = 0;
    if (!contig_outside_is_own(g) || outside->panic == 0)
        return true;
    struct panic_record *panic = panic_at(outside->panic);
    const uint64_t *caller = (const uint64_t *)(uintptr_t)bp;
    if (panic->quits || panic->recovered || outside->panic != bp + 16 + PANIC_RECORD_OFFSET ||
        caller[1] != (uint64_t)(uintptr_t)contig_panic_called)
        return true;
    panic->recovered = 1;
    g->ret = 1;
    if (slot != 0)
        *(uint64_t *)(uintptr_t)slot = panic->value;
    return true;
}

bool contig_panic_inject(struct g *g, const char *sentence)
{
    struct gobuf *sched = &g->stack.sched;
    if (g->c != NULL && sched->bp == 0) {
        contig_g_c_panics(g, sentence);
        return true;
    }
    if (!contig_outside_is_own(g) || g->stack.outside->first_defer == 0)
        return fatal(g, &(struct panic_record){.value = (uint64_t)(uintptr_t)sentence});
    sched->sp -= 8;
    *(uint64_t *)(uintptr_t)sched->sp = sched->pc;
    sched->pc = (uint64_t)(uintptr_t)contig_panic_injected;
    sched->ctxt = 0;
    g->ret = (uint64_t)(uintptr_t)sentence;
    return true;
}
