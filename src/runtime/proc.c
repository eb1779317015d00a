/* proc.c: goroutines from birth to death, and the loop that runs them.
 *
 * Keeps the invariant of records.c.  LIFE-1..LIFE-11; Go 1.19 runtime/proc.go. */
#include <stdlib.h>
#include <string.h>

#include "src/core/heap/stackcache.h"
#include "src/runtime/chan.h"
#include "src/runtime/panic.h"
#include "src/runtime/runtime.h"

struct scheduler contig_sched;
struct p contig_all_p[NUM_P];

/* All goroutine records, G_SLAB_COUNT in each; a goroutine's number follows from its place. */
static struct g *slabs[G_SLABS_MAX];

void (*contig_g_c_over)(struct g *g, enum contig_error error);
void (*contig_g_c_panics)(struct g *g, const char *sentence);
uint64_t *contig_c_kept;

/* Where a poisoned guard is set next; 0: nowhere. */
static uint64_t next_guard;

/* A goroutine's number is its record's index plus 1 and, when the record is used again, plus this much. */
#define ID_STEP ((uint64_t)G_SLABS_MAX * G_SLAB_COUNT)

struct g *contig_g_at(uint64_t index)
{
    return &slabs[index / G_SLAB_COUNT][index % G_SLAB_COUNT];
}

/* The record that has or had this number, or NULL. */
static struct g *record_of(uint64_t id)
{
    if (id == 0 || (id - 1) % ID_STEP >= SYNC_READ(&contig_sched.g_count))
        return NULL;
    return contig_g_at((id - 1) % ID_STEP);
}

struct g *contig_g_by_id(uint64_t id)
{
    struct g *g = record_of(id);
    uint8_t status = g == NULL ? (uint8_t)G_IDLE : SYNC_PEEK(&g->status);
    return status != G_DEAD && status != G_IDLE && g->id == id ? g : NULL;
}

/* All of a list, whose last is given, come before those of another. */
static void join(struct g_list *list, const struct g_list *more, struct g *last)
{
    if (last == NULL)
        return;
    last->next = list->first;
    list->first = more->first;
    list->count += more->count;
}

/* LIFE-3, LIFE-7 (gfput): a dead goroutine keeps its stack only if that has the size that new ones get. */
static void gfput(struct p *p, struct g *g)
{
    if (g->stack.lo != 0 && g->stack.hi - g->stack.lo != contig_sched.starting_stack_size)
        contig_g_stack_free(g);
    g_list_push(&p->dead, g);
    if (p->dead.count < P_DEAD_GOROUTINES_MAX)
        return;
    struct g_list with = {0}, without = {0};
    struct g *last_with = NULL, *last_without = NULL;
    while (p->dead.count >= P_DEAD_GOROUTINES_LEFT) {
        struct g *moved = g_list_pop(&p->dead);
        bool has_stack = moved->stack.lo != 0;
        struct g **last = has_stack ? &last_with : &last_without;
        *last = *last == NULL ? moved : *last;
        g_list_push(has_stack ? &with : &without, moved);
    }
    contig_lock_acquire(&contig_sched.lock);
    join(&contig_sched.dead_with_stack, &with, last_with);
    join(&contig_sched.dead_without_stack, &without, last_without);
    contig_lock_release(&contig_sched.lock);
}

/* LIFE-2 (gfget): a dead goroutine to use again, those with a stack first; NULL: there is none.  It may have no
 * stack; one of another size than new goroutines get is freed. */
static struct g *gfget(struct p *p)
{
    if (p->dead.first == NULL) {
        contig_lock_acquire(&contig_sched.lock);
        while (p->dead.count < P_DEAD_GOROUTINES_LEFT) {
            struct g *g = g_list_pop(&contig_sched.dead_with_stack);
            if (g == NULL)
                g = g_list_pop(&contig_sched.dead_without_stack);
            if (g == NULL)
                break;
            g_list_push(&p->dead, g);
        }
        contig_lock_release(&contig_sched.lock);
    }
    struct g *g = g_list_pop(&p->dead);
    if (g != NULL && g->stack.lo != 0 &&
        g->stack.hi - g->stack.lo != contig_sched.starting_stack_size)
        contig_g_stack_free(g);
    return g;
}

/* A record that was never used, or NULL.  With the lock. */
static struct g *g_next_record(void)
{
    uint64_t slab = contig_sched.g_count / G_SLAB_COUNT;
    if (slab >= G_SLABS_MAX)
        return NULL;
    if (slabs[slab] == NULL) {
        slabs[slab] = calloc(G_SLAB_COUNT, sizeof **slabs);
        if (slabs[slab] == NULL)
            return NULL;
    }
    struct g *g = contig_g_at(contig_sched.g_count);
    g->id = contig_sched.g_count + 1;
    g->status = G_DEAD;
    g->held = true;
    SYNC_WRITE(&contig_sched.g_count, g->id);
    return g;
}

static struct g *g_new_record(void)
{
    contig_lock_acquire(&contig_sched.lock);
    struct g *g = g_next_record();
    contig_lock_release(&contig_sched.lock);
    return g;
}

/* LIFE-11: the words of a fresh stack, and a record of which nothing is left but its number and its stack; see
 * arch/x86_64/entry.S. */
static void g_prepare(struct g *g, contig_function *function, uint64_t context)
{
    uint64_t low = g->stack.lo, high = g->stack.hi;
    uint64_t *top = contig_sched.arena + (high - arena_base) / 8;
    memset(top - 6, 0, 6 * sizeof *top);
    top[-5] = (uint64_t)(uintptr_t)contig_goexit_return;
    g->stack.sched.sp = high - 48;
    g->stack.sched.pc = (uint64_t)(uintptr_t)contig_gostart_resume;
    g->stack.sched.bp = high - 48;
    g->stack.sched.ctxt = context;
    g->stack.outside = NULL;
    g->stackguard = stackguard_of(low, high - low);
    g->ret = (uint64_t)(uintptr_t)function;
    g->function = function;
    g->c = NULL;
    g->next = NULL;
    g->mxcsr = 0x1f80;
    g->fpu_control = 0x37f;
    contig_g_status(g, G_DEAD);
    g->wait_reason = CONTIG_WAIT_NONE;
    g->preempt_shrink = false;
    g->in_system_call = false;
    g->async_safe_point = false;
    g->parking_on_channel = false;
    g->active_stack_chans = false;
    g->offers = false;
    g->timed = false;
    g->held = true;
    g->scanned = contig_sched.gc_number;
}

/* LIFE-2 (newproc1): a new record always gets a stack of the fixed size, a used one of the starting size. */
enum contig_error contig_go(contig_function *function, uint64_t context, uint64_t *id)
{
    if (!contig_call_allowed(CALL_CHANGES))
        return CONTIG_BAD_STATE;
    if (function == NULL)
        return CONTIG_BAD_OPTION;
    struct p *p = contig_p();
    struct g *g = gfget(p);
    uint64_t size_bytes = contig_sched.starting_stack_size;
    if (g == NULL) {
        g = g_new_record();
        size_bytes = FIXED_STACK_BYTES;
        if (g == NULL)
            return CONTIG_OUT_OF_MEMORY;
    }
    if (g->stack.lo == 0) {
        enum contig_error error = contig_g_stack_allocate(g, size_bytes);
        if (error != CONTIG_OK) {
            g_list_push(&p->dead, g);
            return error;
        }
    }
    g_prepare(g, function, context);
    contig_trace_go(g);
    p->alive++;
    p->statistics.spawned++;
    if (id != NULL)
        *id = g->id;
    contig_runq_put(p, g);
    contig_check_after_operation(g, "go");
    return CONTIG_OK;
}

/* The running goroutine g is over (LIFE-3, goexit0). */
void contig_g_end(struct g *g, enum contig_error error)
{
    if (error != CONTIG_OK) {
        contig_lock_acquire(&contig_sched.lock);
        contig_sched.last_error = error;
        contig_sched.last_error_id = g->id;
        contig_lock_release(&contig_sched.lock);
        contig_counts()->errors++;
        if (contig_sched.options.ended != NULL)
            contig_sched.options.ended(g->id, error);
    }
    if (g->c != NULL)
        contig_g_c_over(g, error);
    contig_g_status(g, G_DEAD);
    g->held = true;
    contig_p()->alive--;
    contig_trace_dead(g);
    g->stack.outside = NULL;
    g->id += ID_STEP;
    gfput(contig_p(), g);
    contig_check_after_operation(NULL, "exit");
}

static void park(struct m *m, struct g *g)
{
    g->wait_reason =
        m->argument_0 <= CONTIG_WAIT_SLEEP ? (uint8_t)m->argument_0 : (uint8_t)CONTIG_WAIT_PARKED;
    g->timed = false;
    m->p->waiting++;
    contig_g_status(g, G_WAITING); /* from here on it belongs to who wakes it */
}

/* THREAD-7: g waits for a time; for none at all, it yields. */
static void sleep_until(struct m *m, struct g *g)
{
    static const char no_memory[] = "no memory for a goroutine that sleeps";
    if (m->argument_0 == 0) {
        contig_runq_put(m->p, g);
    } else if (!contig_timer_sleep(m, g, m->argument_0)) {
        contig_report_error(g, CONTIG_THROWN, NULL, no_memory);
        contig_g_end(g, CONTIG_THROWN);
    }
}

static void thrown(struct m *m, struct g *g)
{
    contig_report_error(g, CONTIG_THROWN, NULL, (const char *)(uintptr_t)m->argument_0);
    contig_g_end(g, CONTIG_THROWN);
}

/* Does what g asked for on the system stack; false: it asked for nothing, and is over. */
static bool call_on_system_stack(struct m *m, struct g *g)
{
    uint64_t (*function)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)m->argument_0;
    if (function == NULL) {
        contig_report_error(g, CONTIG_THROWN, NULL,
                            "contig_systemstack was called without a function");
        contig_g_end(g, CONTIG_THROWN);
        return false;
    }
    m->calling = true;
    g->ret = function(m->argument_1);
    if (m->callback == CALLBACK_AWAY)
        contig_leave_system_call();
    m->calling = false;
    return true;
}

/* Does what g asked for; true if g shall go on at once. */
static bool serve(struct m *m, struct g *g)
{
    switch (m->request) {
    case REQUEST_MORESTACK:
        return contig_newstack(g) == CONTIG_OK && SYNC_PEEK(&g->status) == G_RUNNING;
    case REQUEST_YIELD: contig_runq_put(m->p, g); return false;
    case REQUEST_PARK: park(m, g); return false;
    case REQUEST_SLEEP: sleep_until(m, g); return false;
    case REQUEST_EXIT: contig_g_end(g, CONTIG_OK); return false;
    case REQUEST_CALL: return call_on_system_stack(m, g);
    case REQUEST_THROW: thrown(m, g); return false;
    case REQUEST_SEND: return contig_chan_send(g, m->argument_0, m->argument_1);
    case REQUEST_RECEIVE: return contig_chan_receive(g, m->argument_0, m->argument_1);
    case REQUEST_SELECT: return contig_chan_select(g, m->argument_0, m->argument_1);
    case REQUEST_CLOSE: return contig_chan_close_by(g, m->argument_0);
    case REQUEST_DEFER: return contig_defer_in_memory(g, m->argument_0, m->argument_1);
    case REQUEST_DEFER_HERE: return contig_defer_in_frame(g, m->argument_0);
    case REQUEST_DEFERRED: return contig_defer_return(g);
    case REQUEST_PANIC: return contig_panic_start(g, m->argument_0);
    case REQUEST_PANIC_NEXT: return contig_panic_proceed(g);
    case REQUEST_RECOVER: return contig_panic_recover(g, m->argument_0);
    case REQUEST_SERVED: return false;
    }
    abort();
}

static inline struct g *next_g(struct m *m, struct p *p)
{
    struct g *g = contig_runq_get(p);
    if (g == NULL && contig_threads)
        return contig_find_runnable(m);
    return g != NULL ? g : contig_timers_next(p);
}

/* contig_step does not wait for a time to come. */
static struct g *next_for_step(struct p *p)
{
    contig_lock_acquire(&contig_sched.lock);
    contig_timers_fire();
    contig_lock_release(&contig_sched.lock);
    return contig_runq_get(p);
}

void contig_poison(struct g *g)
{
    contig_lock_acquire(&contig_sched.lock);
    if (next_guard != 0)
        g->stackguard = next_guard;
    next_guard = 0;
    contig_call(CALL_POISON, false);
    contig_lock_release(&contig_sched.lock);
}

/* Runs the first runnable goroutine until it does not go on, and with `all` every one after it; false if there was
 * none.  One loop, so that no function returns between two switches: the processor predicts returns by a stack of
 * its own, which a switch has just emptied. */
static bool run(struct m *m, bool all)
{
    struct p *p = m->p;
    struct g *g = all ? next_g(m, p) : next_for_step(p);
    bool any = g != NULL;
    while (g != NULL) {
        if (__builtin_expect(SYNC_PEEK(&contig_sched.calls) != 0, 0)) {
            g = contig_attend(m, g, all);
            if (g == NULL)
                break;
        }
        contig_g_status(g, G_RUNNING);
        p->statistics.switches++;
        bool over = g->offers && !contig_chan_resume(g);
        if (!over)
            contig_execute(m, g);
        if (!over && serve(m, g))
            continue;
        if (!all)
            break;
        g = next_g(m, p);
    }
    return any;
}

/* A goroutine may have called this, on the system stack. */
static bool run_from_here(bool all)
{
    struct m *m = contig_m;
    const struct m outer = *m;
    const uint64_t kept = contig_c_kept == NULL ? 0 : *contig_c_kept;
    contig_sched.run_depth++;
    m->calling = false;
    bool any = run(m, all);
    m->calling = outer.calling;
    contig_sched.run_depth--;
    if (contig_c_kept != NULL)
        *contig_c_kept = kept;
    m->g0_sp = outer.g0_sp;
    m->curg = outer.curg;
    m->request = outer.request;
    m->mxcsr = outer.mxcsr;
    m->fpu_control = outer.fpu_control;
    m->argument_0 = outer.argument_0;
    m->argument_1 = outer.argument_1;
    m->host_guard = outer.host_guard;
    return any;
}

void contig_thread_run(struct m *m)
{
    run(m, true);
}

bool contig_step(void)
{
    return contig_call_allowed_or_say("contig_step", CALL_RUNS) && run_from_here(false);
}

uint64_t contig_run(void)
{
    if (!contig_call_allowed_or_say("contig_run", CALL_RUNS))
        return 0;
    if (contig_threads)
        contig_threads_look(true);
    run_from_here(true);
    if (contig_threads)
        contig_threads_look(false);
    return contig_waiting();
}

enum contig_error contig_ready(uint64_t id)
{
    if (!contig_call_allowed(CALL_ANYWHERE))
        return CONTIG_BAD_STATE;
    struct g *g = record_of(id);
    if (g == NULL || !contig_g_claim(g))
        return CONTIG_NOT_FOUND;
    if (g->id != id || g->offers || g->timed) {
        contig_g_release(g);
        return CONTIG_NOT_FOUND;
    }
    contig_p()->waiting--;
    g->wait_reason = CONTIG_WAIT_NONE;
    contig_runq_put(contig_p(), g);
    return CONTIG_OK;
}

void contig_poison_next_prologue(bool move)
{
    if (!contig_call_allowed_or_say("contig_poison_next_prologue", CALL_ANYWHERE))
        return;
    contig_lock_acquire(&contig_sched.lock);
    next_guard = move ? STACK_FORCE_MOVE : STACK_PREEMPT;
    contig_call(CALL_POISON, true);
    contig_lock_release(&contig_sched.lock);
}

/* Ends every goroutine: frees the stacks and the records. */
void contig_g_discard_all(void)
{
    contig_chan_stop();
    contig_timers_stop();
    for (uint64_t i = 0; i < contig_sched.g_count; i++) {
        struct g *g = contig_g_at(i);
        if (g->status != G_DEAD && g->c != NULL)
            contig_g_c_over(g, CONTIG_OK);
        g->status = G_DEAD;
    }
    for (uint64_t i = 0; i < contig_sched.g_count; i++)
        if (contig_g_at(i)->stack.lo != 0)
            contig_g_stack_free(contig_g_at(i));
    for (uint32_t i = 0; i < contig_sched.threads; i++)
        stackcache_clear(i);
    freestackspans();
    for (uint64_t i = 0; i < G_SLABS_MAX && slabs[i] != NULL; i++) {
        for (uint32_t k = 0; k < G_SLAB_COUNT; k++)
            contig_outside_free(&slabs[i][k]);
        free(slabs[i]);
        slabs[i] = NULL;
    }
    next_guard = 0;
}

void contig_morestack_on_system_stack(void)
{
    fputs("contig: a goroutine function was called on the system stack\n", stderr);
    abort();
}
