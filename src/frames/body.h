/* body.h: the instructions of a body's operations, and what the code around a body shares with them.
 *
 * An operation that has no meaning for the frame is left out.  Called by compile.c. */
#ifndef CONTIG_FRAMES_BODY_H
#define CONTIG_FRAMES_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/operations.h"

/* Before the first function. */
void frames_bodies_begin(void);

/* When the frame is made: the context and the shadow are in their registers. */
void frames_body_begin(void);

void frames_operation_compile(struct operation operation);

/* Returns whether the body defers a call. */
bool frames_body_defers(void);

/* Loads the context and the shadow into their registers, if they are not there. */
void frames_load(void);
/* Called where the code may have changed those registers: the next frames_load loads them again. */
void frames_registers_lost(void);

/* The last thing that was written is a jump to where the code leaves the body. */
void frames_failure_here(void);
/* The code leaves the body if its last comparison found a difference. */
void frames_fail_unless_equal(void);
/* The code that leaves the body goes on here.  False: none does. */
bool frames_failures_land(void);

/* Calls one of records.c's functions on the system stack. */
void frames_call_system(uint64_t (*function)(uint64_t), uint64_t argument);
void frames_call(void (*target)(void));

/* What the frame holds is checked here. */
void frames_check_here(void);

/* The slot holds an integer; what it holds is kept if it is one already.  False: it cannot. */
bool frames_slot_integer(uint32_t slot);

/* Ends the goroutine with an error. */
void frames_throw_here(const char *text);

/* Called when all functions are compiled: a call of a function that came later leads to it now. */
void frames_calls_resolve(void);

#endif
