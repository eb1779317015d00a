/* body.h: the instructions of a body's operations, and what the code around a body shares with them.
 *
 * An operation that has no meaning for the frame is left out.  Called by compile.c. */
#ifndef CONTIG_FRAMES_BODY_H
#define CONTIG_FRAMES_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/operations.h"

/* Before the first function; `host` does what the scheduler does, too (frames_compile). */
void bodies_begin(uint64_t (*host)(uint64_t packed));

/* When the frame is made: the context and the shadow are in their registers. */
void body_begin(void);

void operation_compile(struct operation operation);

/* Did the body defer a call? */
bool body_defers(void);

/* The context and the shadow into their registers, if they are not there; and when a body may not have them there. */
void load(void);
void registers_lost(void);

/* The last comparison says whether all is well; where the code goes on if not is said by failures_land: false if
 * nowhere does. */
void fail_unless_equal(void);
bool failures_land(void);

/* Calls one of records.c's functions on the system stack. */
void call_system(uint64_t (*function)(uint64_t), uint64_t argument);
void call(void (*target)(void));

/* Ends the goroutine with an error. */
void throw_here(const char *text);

/* When all functions are compiled: the calls of those that came later. */
void calls_resolve(void);

#endif
