/* bodies.h: goroutine functions that check themselves, for demonstrations, tests, fuzz targets and benchmarks.
 *
 * Each keeps pointers into its own and its callers' frames and reads through them after every call that may have
 * moved the stack; what does not match ends the goroutine with an error.  Written in assembly (x86_64/): never
 * call them from C. */
#ifndef CONTIG_BODIES_BODIES_H
#define CONTIG_BODIES_BODIES_H

#include <stddef.h>
#include <stdint.h>

#include "src/bodies/offsets.h"

/* What the context of a body points to; offsets.h tells the assembly where its fields are. */
struct body {
    uint64_t argument; /* fib: n; deep, list: levels; mixed: levels */
    /* fib: fib(n); list: sum over the frames; others: levels that returned */
    uint64_t result;
    /* called on the system stack where the body says so, or null */
    uint64_t (*call)(uint64_t body);
    uint64_t levels;   /* script: depth of recursion now; hotsplit: rounds */
    uint64_t identity; /* script: mixed into the magic numbers of the frames */
    /* deep: set to make the next frame walk the list of all frames */
    uint64_t moved;
    uint64_t walks; /* deep: such walks that found every value in its place */
};

_Static_assert(offsetof(struct body, argument) == BODY_ARGUMENT, "offsets.h");
_Static_assert(offsetof(struct body, result) == BODY_RESULT, "offsets.h");
_Static_assert(offsetof(struct body, call) == BODY_CALL, "offsets.h");
_Static_assert(offsetof(struct body, levels) == BODY_LEVELS, "offsets.h");
_Static_assert(offsetof(struct body, identity) == BODY_IDENTITY, "offsets.h");
_Static_assert(offsetof(struct body, moved) == BODY_MOVED, "offsets.h");
_Static_assert(offsetof(struct body, walks) == BODY_WALKS, "offsets.h");

/* The Fibonacci number of `argument`, by double recursion. */
void body_fib(void);
/* `argument` levels of 112-byte frames; each holds a pointer to its own slot, and gets one to its caller's.
 * `call` is made at the deepest point. */
void body_deep(void);
/* The same, then parks once. */
void body_shrink(void);
/* The same, `levels` times over: growth must happen in the first round only. */
void body_hotsplit(void);
/* A list through `argument` frames; the deepest frame sums it up, following pointers to all its callers. */
void body_list(void);
/* Recursion through frames of 16 bytes to 1 MiB in turn. */
void body_mixed(void);
/* Odd values in slots that are pointers and in slots that are not; `argument` levels. */
void body_odd(void);
/* Parks once with a pointer to its own slot, then reads through it. */
void body_park(void);
/* Yields `argument` times; nothing else. */
void body_yield(void);
/* Returns at once. */
void body_return(void);
/* Calls a function again and again, and asks for nothing, until somebody else makes `argument` 0. */
void body_busy(void);
/* Recursion that never ends. */
void body_overflow(void);
/* Overwrites the return address of the caller's caller, then asks for more stack; `argument` is the value. */
void body_corrupt(void);
/* Does what `call` tells it, one operation after the other: see enum script_operation. */
void body_script(void);

/* Does the operation whose address `call` returns, one after the other; 0: ends. */
void body_channels(void);

#define CHANNELS_CASES_MAX 4u
struct channel_operation {
    uint64_t kind; /* CHANNELS_SEND, ... */
    uint64_t channel;
    uint64_t value;  /* what is sent, or was received */
    uint64_t result; /* of the call */
    uint64_t count;  /* select: cases and flags; recurse: levels */
    struct {
        uint64_t channel, value, sends;
    } cases[CHANNELS_CASES_MAX];
};

_Static_assert(offsetof(struct channel_operation, channel) == CHANNELS_CHANNEL, "offsets.h");
_Static_assert(offsetof(struct channel_operation, value) == CHANNELS_VALUE, "offsets.h");
_Static_assert(offsetof(struct channel_operation, result) == CHANNELS_RESULT, "offsets.h");
_Static_assert(offsetof(struct channel_operation, count) == CHANNELS_COUNT, "offsets.h");
_Static_assert(offsetof(struct channel_operation, cases) == CHANNELS_CASES, "offsets.h");

/* What `call` of body_script returns: an operation, and for SCRIPT_CALL the class of the frame. */
enum script_operation {
    SCRIPT_RETURN = 0, /* from this frame; from the first one: the goroutine ends */
    SCRIPT_CALL,       /* a new frame of class (value >> 8) % SCRIPT_FRAME_CLASSES */
    SCRIPT_YIELD,
    SCRIPT_PARK,
    SCRIPT_EXIT, /* the goroutine ends with all its frames */
    SCRIPT_NOTHING,
};
#define SCRIPT_FRAME_CLASSES 8u

#endif
