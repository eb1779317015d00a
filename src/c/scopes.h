/* scopes.h: where a goroutine's deferred calls and panics are, for goroutine/defer.c and runtime/go.c. */
#ifndef CONTIG_C_SCOPES_H
#define CONTIG_C_SCOPES_H

#include <stdbool.h>

struct c_scope;
struct c_panic;

struct c_deferred {
    struct c_deferred *next;
    void (*function)(void *);
    void *argument;
    struct c_deferred *before; /* of a record of malloc's: the one that was made before it */
};

struct c_scopes {
    struct c_scope *innermost; /* on the side stack, as all others; NULL: none */
    struct c_panic *panic;     /* the innermost one; NULL: none */
    struct c_deferred *made;   /* the youngest record of malloc's; the goroutine's end frees them */
    const char *sentence;      /* why an operation on a channel panics */
    bool quits;                /* contig_c_quit was called */
};

/* Those of the running goroutine, or, where none runs, of the thread's own C. */
struct c_scopes *contig_c_scopes(void);

/* Ends the goroutine: nothing recovered from its panic.  Elsewhere the program is aborted. */
_Noreturn void contig_c_panicked(const char *message);

#endif
