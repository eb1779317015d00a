/* defer.c: deferred calls, panics and what recovers from them, for C.  On goroutine stacks.  CGO-9, CGO-10.
 *
 *      c_scopes.innermost --> scope --> the scope around it --> NULL      a scope is a call of contig_c_call
 *                               `--> deferred --> deferred --> NULL       youngest first
 *
 * The first records of a scope lie in it, others in memory.  They come and go youngest first, in all scopes together.
 *
 * A panic runs the deferred calls of all scopes, innermost first, on top of the frames that panicked: a trace shows
 * these.  Each deferred call has a scope of its own, which knows the panic that it was called by.  Where that has been
 * recovered from, a longjmp leaves all frames below the scope.  Go 1.19 runtime/panic.go. */
#include <setjmp.h>
#include <stdlib.h>

#include "src/c/contig_c.h"
#include "src/c/scopes.h"

#define OWN_RECORDS 4u

struct c_scope {
    struct c_scope *outer;
    struct c_deferred *first;
    struct c_deferred own[OWN_RECORDS];
    unsigned owned; /* own records that were given out: once it runs them a scope defers nothing */
    struct c_panic *caller; /* the panic that calls this scope's function, or NULL */
    struct c_panic *before; /* the innermost panic when the scope began */
    jmp_buf end;
};

struct c_panic {
    struct c_panic *outer;
    const char *message;
    bool recovered, quits;
};

static bool is_quitting(const struct c_panic *panic)
{
    while (panic != NULL && !panic->quits)
        panic = panic->outer;
    return panic != NULL;
}

static enum contig_error call_in_scope(struct c_scopes *scopes, void (*function)(void *),
                                       void *argument, struct c_panic *caller);

/* A record for one more deferred call of a scope; NULL: there is no memory. */
static struct c_deferred *record_make(struct c_scopes *scopes, struct c_scope *scope)
{
    if (scope->owned < OWN_RECORDS)
        return &scope->own[scope->owned++];
    struct c_deferred *record = malloc(sizeof *record);
    if (record != NULL) {
        record->before = scopes->made;
        scopes->made = record;
    }
    return record;
}

/* The youngest deferred call of a scope leaves its list, and runs. */
static void run_youngest(struct c_scopes *scopes, struct c_scope *scope, struct c_panic *caller)
{
    struct c_deferred *record = scope->first, deferred = *record;
    scope->first = deferred.next;
    if (record == scopes->made) {
        scopes->made = deferred.before;
        free(record);
    }
    (void)call_in_scope(scopes, deferred.function, deferred.argument, caller);
}

static enum contig_error call_in_scope(struct c_scopes *scopes, void (*function)(void *),
                                       void *argument, struct c_panic *caller)
{
    struct c_scope scope = {.outer = scopes->innermost, .caller = caller, .before = scopes->panic};
    enum contig_error ended = CONTIG_OK;
    scopes->innermost = &scope;
    if (setjmp(scope.end) == 0)
        function(argument);
    else
        ended = CONTIG_PANICKED;
    while (scope.first != NULL)
        run_youngest(scopes, &scope, NULL);
    scopes->innermost = scope.outer;
    /* The frames of contig_c_quit may be among those that the recovery left. */
    if (ended != CONTIG_OK && scopes->quits && !is_quitting(scopes->panic))
        contig_c_quit();
    return ended;
}

/* Runs what is deferred until somebody recovers; comes back if nobody does. */
static void unwind(struct c_scopes *scopes, struct c_panic *panic)
{
    panic->outer = scopes->panic;
    scopes->panic = panic;
    while (scopes->innermost != NULL) {
        struct c_scope *scope = scopes->innermost;
        if (scope->first == NULL) {
            scopes->innermost = scope->outer;
            continue;
        }
        run_youngest(scopes, scope, panic);
        if (panic->recovered) {
            scopes->panic = scope->before;
            longjmp(scope->end, 1);
        }
    }
}

enum contig_error contig_c_call(void (*function)(void *), void *argument)
{
    return call_in_scope(contig_c_scopes(), function, argument, NULL);
}

enum contig_error contig_c_defer(void (*function)(void *), void *argument)
{
    struct c_scopes *scopes = contig_c_scopes();
    struct c_scope *scope = scopes->innermost;
    if (function == NULL)
        return CONTIG_BAD_OPTION;
    if (scope == NULL)
        return CONTIG_BAD_STATE;
    struct c_deferred *record = record_make(scopes, scope);
    if (record == NULL)
        return CONTIG_OUT_OF_MEMORY;
    record->next = scope->first;
    record->function = function;
    record->argument = argument;
    scope->first = record;
    return CONTIG_OK;
}

void contig_c_panic(const char *message)
{
    struct c_panic panic = {.message = message == NULL ? "panic without a message" : message};
    unwind(contig_c_scopes(), &panic);
    contig_c_panicked(panic.message);
}

enum contig_error contig_c_fail(uint64_t answer)
{
    if (answer == CONTIG_C_PANICS)
        contig_c_panic(contig_c_scopes()->sentence);
    return CONTIG_BAD_STATE;
}

const char *contig_c_recover(void)
{
    struct c_scopes *scopes = contig_c_scopes();
    struct c_panic *panic = scopes->innermost == NULL ? NULL : scopes->innermost->caller;
    if (panic == NULL || panic->recovered || panic->quits)
        return NULL;
    panic->recovered = true;
    return panic->message;
}

void contig_c_quit(void)
{
    struct c_scopes *scopes = contig_c_scopes();
    struct c_panic panic = {.quits = true};
    scopes->quits = true;
    unwind(scopes, &panic);
    contig_c_exit();
}
