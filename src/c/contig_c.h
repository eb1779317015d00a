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

/* Channels of contig.h (contig_chan_make, _close, _free).  An element is read and written where the pointers say; NULL:
 * a zero is sent, what is received is dropped.  A send on a closed channel ends the goroutine: CONTIG_PANICKED. */
enum contig_error contig_c_send(uint64_t channel, const void *element);
/* 1; 0, and a zero: the channel is closed and empty; -1: as CONTIG_BAD_STATE of contig_c_yield. */
int contig_c_receive(uint64_t channel, void *element);
/* Waits for one of `count` cases, whose slots are addresses; with CONTIG_SELECT_DEFAULT added to the count it does not
 * wait.  The number of the case that proceeded, plus 2^32 if it sent, or received what was sent; CONTIG_SELECT_DEFAULT;
 * UINT64_MAX: as CONTIG_BAD_STATE of contig_c_yield. */
uint64_t contig_c_select(struct contig_select_case *cases, uint64_t count);

/* Ends the goroutine; _throw with CONTIG_THROWN and a stack trace in the report.  Elsewhere the program is aborted. */
_Noreturn void contig_c_exit(void);
_Noreturn void contig_c_throw(const char *message);

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
