/* body.h: the instructions of a body's operations, and what the code around a body shares with them.
 *
 * An operation that has no meaning for the frame is left out.  Called by compile.c. */
#ifndef CONTIG_FRAMES_BODY_H
#define CONTIG_FRAMES_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/operations.h"

/* Before the first function; `host` does what the scheduler does, too (frames_compile). */
void frames_bodies_begin(uint64_t (*host)(uint64_t packed));

/* When the frame is made: the context and the shadow are in their registers. */
void frames_body_begin(void);

void frames_operation_compile(struct operation operation);

/* Did the body defer a call? */
bool frames_body_defers(void);

/* Loads the context and the shadow into their registers, if they are not there. */
void frames_load(void);
/* They may not be there any more. */
void frames_registers_lost(void);

/* The code leaves the body if its last comparison found a difference. */
void frames_fail_unless_equal(void);
/* Here it goes on then; false: nothing leaves the body. */
bool frames_failures_land(void);

/* Calls one of records.c's functions on the system stack. */
void frames_call_system(uint64_t (*function)(uint64_t), uint64_t argument);
void frames_call(void (*target)(void));

/* Ends the goroutine with an error. */
void frames_throw_here(const char *text);

/* When all functions are compiled: lets the calls of those that came later lead to them. */
void frames_calls_resolve(void);

#endif
