/* contig_c.h: goroutines that run ordinary C, compiled and linked by contig-cc.
 *
 *      contig-cc -O2 -c sieve.c
 *      contig-cc sieve.o -o sieve
 *
 * main is a goroutine, too.  Each goroutine's stack begins at 2 KiB, and grows and moves when a function's prologue
 * finds it too short.  No pointer to a local variable breaks by that: a variable whose address is taken, a variable
 * array and alloca live on the goroutine's side stack, which does not move.  The side stack holds 256 KiB, of which
 * memory is what was touched; CONTIG_SIDE_STACK (bytes, in the environment) makes all of them larger or smaller.
 *
 * One thread runs all of them (contig_options.procs is 1): compilers keep addresses that are a thread's own, such as
 * errno's, over calls.
 *
 * A function of a library that was not compiled by contig-cc runs on the thread's own stack, the system stack.  What it
 * calls back (qsort's comparison) runs there, too, and cannot yield or park: CONTIG_BAD_STATE.
 *
 * What is not here is in contig.h: contig_ready, contig_stack, contig_gc and the statistics may be called by C on
 * goroutine stacks, too.  What it has for goroutine functions is for assembly only. */
#ifndef CONTIG_C_CONTIG_C_H
#define CONTIG_C_CONTIG_C_H

#include "src/contig.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All may be 0. */
struct contig_c_options {
    /* The stack begins with this much room, instead of growing to it. */
    uint64_t reserve_bytes;
    /* The largest size that this goroutine's stack may grow to; 0: contig_set_maximum_stack's. */
    uint64_t maximum_stack_bytes;
    /* Gets how the goroutine ended: CONTIG_OK if its function returned or called contig_c_exit.  Until then it keeps
     * what it held.  Or NULL. */
    enum contig_error *ended;
};

/* What one goroutine's stack needed so far. */
struct contig_c_statistics {
    uint64_t stack_bytes; /* now */
    uint64_t
        high_water_bytes; /* the most that was in use when it was looked at: at growth, and now */
    uint64_t growths;
    uint64_t copied_bytes;
};

/* What one function's calls cost: growths that its prologue asked for. */
struct contig_c_function {
    const char *name, *file;
    uint64_t growths, copied_bytes;
};

/* Makes a goroutine that calls function(argument).  `options` and `id` may be NULL.  CONTIG_OUT_OF_MEMORY: as of
 * contig_go, or there is no side stack left.  CONTIG_BAD_STATE: as of contig_go, or the runtime has several threads. */
enum contig_error contig_go_c(void (*function)(void *), void *argument,
                              const struct contig_c_options *options, uint64_t *id);

/* The options of goroutines that begin with this function and are made with `options` NULL, from now on; `ended` must
 * be NULL.  CONTIG_BAD_OPTION: it is not, or an argument is NULL.  CONTIG_OUT_OF_MEMORY: 1,023 functions have some. */
enum contig_error contig_c_set_defaults(void (*function)(void *),
                                        const struct contig_c_options *options);

/* Lets others run.  CONTIG_BAD_STATE, and a line in the report: not on a goroutine's stack. */
enum contig_error contig_c_yield(void);

/* Waits until contig_ready(contig_c_self()).  CONTIG_BAD_STATE: as of contig_c_yield. */
enum contig_error contig_c_park(enum contig_wait_reason reason);

/* Waits so many nanoseconds, while others run; 0: as contig_c_yield.  CONTIG_BAD_STATE: as of contig_c_yield. */
enum contig_error contig_c_sleep(uint64_t nanoseconds);

/* In line, and on the line of the call: a goroutine that waits there is shown at its own line. */
#ifdef __clang__
#define CONTIG_C_IN_LINE static inline __attribute__((always_inline, nodebug))
#else
#define CONTIG_C_IN_LINE static inline
#endif

/* Of the runtime: an operation that panics, or was called where no goroutine's stack is in use.  Else what contig.h
 * says of contig_chansend, _chanrecv and _selectgo. */
#define CONTIG_C_PANICS (UINT64_MAX - 1)
#define CONTIG_C_REFUSED UINT64_MAX
uint64_t contig_c_chansend(uint64_t channel, const void *element);
uint64_t contig_c_chanrecv(uint64_t channel, void *element);
uint64_t contig_c_selectgo(struct contig_select_case *cases, uint64_t count);
/* Panics, or returns CONTIG_BAD_STATE. */
enum contig_error contig_c_fail(uint64_t answer);

/* Channels of contig.h (contig_chan_make, _close, _free).  An element is read and written where the pointers say; NULL:
 * a zero is sent, what is received is dropped.  A send on a closed channel panics, and so does an operation on a number
 * that is no channel.  CONTIG_BAD_STATE: as of contig_c_yield. */
CONTIG_C_IN_LINE enum contig_error contig_c_send(uint64_t channel, const void *element)
{
    uint64_t answer = contig_c_chansend(channel, element);
    return answer == 1 ? CONTIG_OK : contig_c_fail(answer);
}

/* 1; 0, and a zero: the channel is closed and empty; -1: as CONTIG_BAD_STATE of contig_c_yield. */
CONTIG_C_IN_LINE int contig_c_receive(uint64_t channel, void *element)
{
    uint64_t answer = contig_c_chanrecv(channel, element);
    if (answer > 1)
        contig_c_fail(answer);
    return answer > 1 ? -1 : (int)answer;
}

/* Waits for one of `count` cases, whose slots are addresses; with CONTIG_SELECT_DEFAULT added to the count it does not
 * wait.  The number of the case that proceeded, plus 2^32 if it sent, or received what was sent; CONTIG_SELECT_DEFAULT;
 * UINT64_MAX: as CONTIG_BAD_STATE of contig_c_yield. */
CONTIG_C_IN_LINE uint64_t contig_c_select(struct contig_select_case *cases, uint64_t count)
{
    uint64_t answer = contig_c_selectgo(cases, count);
    if (answer >= CONTIG_C_PANICS)
        contig_c_fail(answer);
    return answer;
}

/* Ends the goroutine at once, whatever was deferred; _throw with CONTIG_THROWN and a stack trace in the report.
 * Elsewhere the program is aborted. */
_Noreturn void contig_c_exit(void);
_Noreturn void contig_c_throw(const char *message);

/* Calls function(argument) in a scope of its own, and then what was deferred in the scope, youngest first: C does not
 * say when a function ends.  CONTIG_PANICKED: it panicked, and a deferred call recovered.  No longjmp may leave the
 * scope. */
enum contig_error contig_c_call(void (*function)(void *), void *argument);

/* function(argument) is called when the innermost scope ends, or is left by a panic.  Each deferred call has a scope of
 * its own.  CONTIG_BAD_STATE: there is no scope.  CONTIG_BAD_OPTION: the function is NULL.  CONTIG_OUT_OF_MEMORY: only
 * where a scope has deferred four already. */
enum contig_error contig_c_defer(void (*function)(void *), void *argument);

/* Calls what was deferred in all scopes, innermost first.  Where a call recovers, its scope ends; if none does the
 * goroutine ends with CONTIG_PANICKED, and the report has the message and a trace.  In a library's callback, and where
 * no goroutine runs, the program is aborted then. */
_Noreturn void contig_c_panic(const char *message);

/* Stops the panic that has called the running deferred function, and gives its message.  NULL: it was not called by a
 * panic, or has recovered before.  What it calls may recover for it, but not from a scope of its own. */
const char *contig_c_recover(void);

/* Ends the goroutine as contig_c_exit does, after what was deferred in all scopes; nothing recovers from it. */
_Noreturn void contig_c_quit(void);

/* The running goroutine's number; 0: none. */
uint64_t contig_c_self(void);

/* A pointer of the running goroutine's own, NULL at first; NULL if none runs. */
void **contig_c_local(void);

/* Makes room for `bytes` more on the running goroutine's stack.  Errors leave it as it is. */
enum contig_error contig_c_reserve(uint64_t bytes);

/* CONTIG_NOT_FOUND: no goroutine that runs C has this number. */
enum contig_error contig_c_read_statistics(uint64_t id, struct contig_c_statistics *statistics);

/* Functions whose prologues asked for growth, from 0 on; false: there is none with that index. */
bool contig_c_read_function(uint64_t index, struct contig_c_function *function);

/* For tests: every prologue of C moves its stack, and memory of freed stacks is overwritten.  Also by
 * CONTIG_FORCE_MOVES=1 in the environment.  Holds for goroutines that are made from now on. */
void contig_c_force_moves(bool force);

#ifdef __cplusplus
}
#endif

#endif
