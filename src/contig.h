/* contig.h: goroutines on contiguous stacks that grow by copying.  The public interface of the runtime.
 *
 * A goroutine runs functions whose stack check, frame and pointer maps the runtime knows: assembly written with
 * src/runtime/arch/x86_64/frame.h.  Its stack begins at 2 KiB, doubles (and moves) when a prologue finds it too
 * short, and is halved by the garbage collection cycle when little of it is used.  C functions always run on the
 * system stack.
 *
 * One thread calls all of this; none of it may be called from a signal handler.  The program's own handlers need
 * SA_ONSTACK and an alternate stack (sigaltstack): a handler's frame has 3 KiB and more, a goroutine's stack may have
 * less.  Each goroutine has its own control modes of floating point (rounding, masks); the flags of exceptions are the
 * thread's (SWITCH-2).  Sizes are bytes. */
#ifndef CONTIG_CONTIG_H
#define CONTIG_CONTIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Why a goroutine was ended, or a call refused. */
enum contig_error {
    CONTIG_OK = 0,
    CONTIG_OUT_OF_STACK_MEMORY, /* the arena has no stack of the size needed */
    CONTIG_STACK_OVERFLOW,      /* no size up to the maximum holds the frame and the guard */
    CONTIG_BAD_FRAME,           /* a frame of the stack is malformed: it cannot be moved */
    CONTIG_STALE_POINTER,       /* a live slot points below the stack pointer of its own stack */
    CONTIG_UNKNOWN_FUNCTION,    /* more stack was asked for by code that has no row in the function table */
    CONTIG_THROWN,              /* contig_throw */
    CONTIG_OUT_OF_MEMORY,       /* the system has no memory for the runtime's own structures */
    CONTIG_BAD_OPTION,          /* an option is out of range */
    CONTIG_BAD_SITE_TABLE,      /* the site table that the program was linked with is malformed */
    CONTIG_NOT_FOUND,           /* no such goroutine, or it is not in the state that the call needs */
    CONTIG_INVARIANT,           /* with `check`: an invariant checker said no */
};

/* Why a goroutine waits; stack traces show it in brackets. */
enum contig_wait_reason {
    CONTIG_WAIT_NONE = 0,
    CONTIG_WAIT_PARKED,
    CONTIG_WAIT_CHAN_RECEIVE,
    CONTIG_WAIT_CHAN_SEND,
    CONTIG_WAIT_SELECT,
    CONTIG_WAIT_SLEEP,
};

struct contig_options {
    uint64_t arena_bytes;         /* addresses to reserve for stacks; a multiple of 32 KiB; 0: $CONTIG_ARENA or 64 GiB */
    uint64_t maximum_stack_bytes; /* 0: 1,000,000,000, as Go's default on 64-bit machines */
    bool check;                   /* run the invariant checkers after every operation on stacks */
    bool quiet;                   /* no report on `report` when a goroutine is ended by an error */
    bool fixed_starting_size;     /* new stacks always have the fixed size (Go: GODEBUG=adaptivestackstart=0) */
    bool never_shrink;            /* Go: GODEBUG=gcshrinkstackoff=1 */
    FILE *trace;                  /* one line per event (spec/trace.md), or NULL */
    FILE *report;                 /* where errors and their stack traces go; NULL: stderr */
    void (*moving)(uint64_t id); /* before each move, with the stack as it is: fuzzers take a snapshot; or NULL */
    void (*moved)(uint64_t id, uint64_t old_bytes, uint64_t new_bytes, uint64_t used_bytes); /* after each move, or NULL */
    void (*ended)(uint64_t id, enum contig_error error); /* when a goroutine is ended by an error, or NULL */
    void (*taken)(uint64_t low, uint64_t bytes); /* a stack for a new goroutine, before its first word; or NULL */
    void (*given)(uint64_t low, uint64_t bytes); /* a stack that its goroutine has no more use for; or NULL */
};

/* Go's counters of stack memory and of the work done on it, since contig_start. */
struct contig_statistics {
    uint64_t goroutines;             /* alive */
    uint64_t goroutine_records;      /* made so far; dead ones are reused */
    uint64_t stack_bytes_in_use;     /* live stacks and stacks of dead goroutines that keep one */
    uint64_t starting_size;          /* bytes a new goroutine's stack has */
    uint64_t spawned;
    uint64_t growths;
    uint64_t shrinks;
    uint64_t copied_bytes;           /* by growth and shrinking */
    uint64_t switches;
    uint64_t cycles;                 /* garbage collection cycles */
    uint64_t errors;                 /* goroutines ended by an error */
    uint64_t checks;                 /* invariant checks run */
};

typedef void contig_function(void);   /* a goroutine function: assembly, never called from C */

/* Reserves the arena and prepares the runtime; once per process until contig_stop.  NULL: all defaults.
 * On an error nothing is kept, and `message` (if not NULL, 200 bytes) holds one sentence. */
enum contig_error contig_start(const struct contig_options *options, char *message);

/* Ends every goroutine, frees every stack and the arena.  Returns CONTIG_INVARIANT if a byte was not owned by
 * what should own it. */
enum contig_error contig_stop(void);

/* Makes a goroutine that begins in `function` with `context` in its context register; *id (if not NULL) gets its
 * number.  Runs it when contig_run comes to it.  CONTIG_OUT_OF_STACK_MEMORY: nothing has changed. */
enum contig_error contig_go(contig_function *function, uint64_t context, uint64_t *id);

/* Runs goroutines until none is runnable; returns how many wait. */
uint64_t contig_run(void);

/* Runs the first runnable goroutine until it yields, waits or ends; false if there is none. */
bool contig_step(void);

/* Makes a waiting goroutine runnable.  CONTIG_NOT_FOUND: it is not waiting. */
enum contig_error contig_ready(uint64_t id);

/* One garbage collection cycle over the stacks: shrinks each goroutine's stack that is safe to move, frees the
 * stacks of dead goroutines, empties the caches, returns free spans, and adapts the starting size. */
void contig_gc(void);

/* Sets the largest size a stack may grow to, for future growth of all goroutines; returns the old one.
 * Go: runtime/debug.SetMaxStack. */
uint64_t contig_set_maximum_stack(uint64_t bytes);

/* A stack trace in Go's form of goroutine `id` (0: of all), truncated to `size` bytes with the terminating 0;
 * returns the length written.  Go: runtime.Stack. */
size_t contig_stack(uint64_t id, char *buffer, size_t size);

/* The stack [*low, *high) of a goroutine and its stack pointer.  CONTIG_NOT_FOUND: dead or unknown. */
enum contig_error contig_stack_bounds(uint64_t id, uint64_t *low, uint64_t *high, uint64_t *pointer);

void contig_read_statistics(struct contig_statistics *statistics);

/* The last error that ended a goroutine, and its number; CONTIG_OK if there was none. */
enum contig_error contig_last_error(uint64_t *id);

const char *contig_error_name(enum contig_error error);

/* For tests and fuzzers: the next `after` stack allocations succeed and all later ones fail; UINT64_MAX: none fails. */
void contig_fail_allocations_after(uint64_t after);

/* The next prologue of the goroutine that runs next finds its guard poisoned: `move` false asks it to yield
 * (Go's stackPreempt), true moves its stack to one of the same size (Go's stackForceMove). */
void contig_poison_next_prologue(bool move);

/* All caches, spans and blocks satisfy their invariants, and every live goroutine's stack is a live stack of the
 * core whose frames are well formed. */
bool contig_check_all(void);

/* Called by goroutine functions only (never from C): see src/runtime/arch/x86_64/entry.S. */
void contig_yield(void);
void contig_park(void);       /* rdi: an enum contig_wait_reason */
void contig_exit(void);
void contig_systemstack(void); /* rdi: uint64_t (*)(uint64_t), rsi: its argument; result in rax */
void contig_throw(void);      /* rdi: a string that outlives the goroutine */

#endif
