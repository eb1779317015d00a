/* go.c: a goroutine that runs C, from birth to death, and what it asks the runtime.  CGO-3, CGO-7. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/c/runtime/c_runtime.h"

/* For src/c/contig_gdb.py: a number, and a type that gdb must know. */
const struct c_for_gdb contig_c_for_gdb = {G_SLAB_COUNT, G_IDLE};
const enum g_status contig_c_status_of_the_dead = G_DEAD;

uint64_t contig_c_forced_guard;

/* What the program wants called after a move, and when a stack was freed, besides what is done here. */
static void (*program_moved)(uint64_t, uint64_t, uint64_t, uint64_t);
static void (*program_given)(uint64_t, uint64_t);

/* A goroutine that is stopped in a C function finds its guard poisoned when it goes on; in an assembly function, which
 * makes its check again, it would never go on. */
void contig_c_go_on_forced(struct g *g)
{
    int32_t site = site_find(g->stack.sched.pc);
    if (contig_c_forced_guard != 0 && site >= 0 && sites[site].bare != 0)
        g->stackguard = contig_c_forced_guard;
}

/* Who moves the goroutine that runs answers for its guard. */
static void moved(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes)
{
    bool running = contig_m != NULL && contig_m->curg != NULL && contig_m->curg->id == id;
    struct g *g = contig_c_forced_guard != 0 && !running ? contig_g_by_id(id) : NULL;
    if (g != NULL)
        contig_c_go_on_forced(g);
    if (program_moved != NULL)
        program_moved(id, old_bytes, new_bytes, used_bytes);
}

/* No pointer into the old stack reads what was there. */
static void given(uint64_t low, uint64_t bytes)
{
    if (contig_c_forced_guard != 0)
        memset((void *)(uintptr_t)low, 0xfc, bytes);
    if (program_given != NULL)
        program_given(low, bytes);
}

static void over(struct g *g, enum contig_error error)
{
    struct c_goroutine *c = g->c;
    if (!contig_c_side_intact(c)) {
        error = error == CONTIG_OK ? CONTIG_STACK_OVERFLOW : error;
        if (!contig_sched.options.quiet)
            fprintf(contig_sched.options.report,
                    "runtime: side stack of goroutine %" PRIu64 " has overflowed\n", g->id);
    }
    if (c->ended != NULL)
        *c->ended = error;
    while (c->scopes.made != NULL) {
        struct c_deferred *record = c->scopes.made;
        c->scopes.made = record->before;
        free(record);
    }
    g->c = NULL;
    contig_c_side_give(c);
}

static void panics(struct g *g, const char *sentence)
{
    g->c->scopes.sentence = sentence;
    g->ret = CONTIG_C_PANICS;
}

/* Once for each contig_start, which sets the options anew. */
static void begin(void)
{
    const char *text = getenv("CONTIG_FORCE_MOVES");
    struct contig_options *options = &contig_sched.options;
    contig_g_c_over = over;
    contig_g_c_panics = panics;
    contig_c_kept = &contig_c_system_side;
    contig_c_faults_start();
    if (options->moved == moved)
        return;
    if (text != NULL && strcmp(text, "1") == 0)
        contig_c_force_moves(true);
    program_moved = options->moved;
    program_given = options->given;
    options->moved = moved;
    options->given = given;
}

void contig_c_force_moves(bool force)
{
    contig_c_forced_guard = force ? STACK_FORCE_MOVE : 0;
}

enum contig_error contig_go_c(void (*function)(void *), void *argument,
                              const struct contig_c_options *options, uint64_t *id)
{
    uint64_t number;
    if (!contig_call_allowed(CALL_CHANGES) || contig_threads)
        return CONTIG_BAD_STATE;
    if (function == NULL)
        return CONTIG_BAD_OPTION;
    if (options == NULL)
        options = contig_c_defaults(function);
    begin();
    struct c_goroutine *c = contig_c_side_take();
    if (c == NULL)
        return CONTIG_OUT_OF_MEMORY;
    enum contig_error error = contig_go(contig_c_entry, (uint64_t)(uintptr_t)c, &number);
    if (error != CONTIG_OK) {
        contig_c_side_give(c);
        return error;
    }
    c->function = function;
    c->argument = argument;
    c->reserve_bytes = options->reserve_bytes;
    c->maximum_stack_bytes = options->maximum_stack_bytes;
    c->ended = options->ended;
    struct g *g = contig_g_by_id(number);
    g->c = c;
    if (id != NULL)
        *id = number;
    return CONTIG_OK;
}

/* A goroutine that began in assembly calls C for the first time. */
void contig_c_adopt(void);
void contig_c_adopt(void)
{
    struct g *g = contig_m->curg;
    begin();
    if (!contig_threads)
        g->c = contig_c_side_take();
}

static struct g *running(void)
{
    struct g *g = contig_m == NULL ? NULL : contig_m->curg;
    return g != NULL && g->c != NULL ? g : NULL;
}

uint64_t contig_c_self(void)
{
    struct g *g = running();
    return g == NULL ? 0 : g->id;
}

void **contig_c_local(void)
{
    struct g *g = running();
    return g == NULL ? NULL : &g->c->local;
}

struct c_scopes *contig_c_scopes(void)
{
    static _Thread_local struct c_scopes of_the_thread;
    struct g *g = running();
    return g == NULL ? &of_the_thread : &g->c->scopes;
}

enum contig_error contig_c_read_statistics(uint64_t id, struct contig_c_statistics *statistics)
{
    struct g *g = contig_g_by_id(id);
    if (g == NULL || g->c == NULL || statistics == NULL)
        return CONTIG_NOT_FOUND;
    uint64_t used = g->stack.hi - g->stack.sched.sp;
    *statistics = (struct contig_c_statistics){
        .stack_bytes = g->stack.hi - g->stack.lo,
        .high_water_bytes = used > g->c->high_water_bytes ? used : g->c->high_water_bytes,
        .growths = g->c->growths,
        .copied_bytes = g->c->copied_bytes,
    };
    return CONTIG_OK;
}

/* Called on the system stack by C that only a goroutine's stack may run. */
static void refused(const char *call)
{
    bool started = contig_sched.started;
    fprintf(started ? contig_sched.options.report : stderr,
            "contig: %s was called outside of a goroutine's stack (by main before contig_start, a "
            "signal "
            "handler, or a function that a library called back): nothing is done\n",
            call);
}

enum contig_error contig_c_refuse_yield(void);
enum contig_error contig_c_refuse_yield(void)
{
    refused("contig_c_yield");
    return CONTIG_BAD_STATE;
}

enum contig_error contig_c_refuse_park(void);
enum contig_error contig_c_refuse_park(void)
{
    refused("contig_c_park");
    return CONTIG_BAD_STATE;
}

enum contig_error contig_c_refuse_sleep(void);
enum contig_error contig_c_refuse_sleep(void)
{
    refused("contig_c_sleep");
    return CONTIG_BAD_STATE;
}

uint64_t contig_c_refuse_send(void);
uint64_t contig_c_refuse_send(void)
{
    refused("contig_c_send");
    return CONTIG_C_REFUSED;
}

uint64_t contig_c_refuse_receive(void);
uint64_t contig_c_refuse_receive(void)
{
    refused("contig_c_receive");
    return CONTIG_C_REFUSED;
}

uint64_t contig_c_refuse_select(void);
uint64_t contig_c_refuse_select(void)
{
    refused("contig_c_select");
    return CONTIG_C_REFUSED;
}

_Noreturn void contig_c_refuse_exit(void);
_Noreturn void contig_c_refuse_exit(void)
{
    refused("contig_c_exit");
    abort();
}

_Noreturn void contig_c_refuse_throw(const char *message);
_Noreturn void contig_c_refuse_throw(const char *message)
{
    refused("contig_c_throw");
    fprintf(stderr, "contig: %s\n", message);
    abort();
}

_Noreturn void contig_c_refuse_panic(const char *message);
_Noreturn void contig_c_refuse_panic(const char *message)
{
    fprintf(stderr, "contig: panic outside of a goroutine's stack: %s\n", message);
    abort();
}

_Noreturn void contig_c_longjmp_refused(void);
_Noreturn void contig_c_longjmp_refused(void)
{
    fputs("contig: longjmp to another stack than setjmp was called on\n", stderr);
    abort();
}
