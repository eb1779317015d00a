/* bodies.h: the goroutine functions that only the benchmarks run.  Shared by C and assembly (bodies_x86_64.S).
 *
 * As those of src/bodies they look, after each call, whether the pointer into the caller's frame still points
 * there: a figure of a move that loses a pointer is worth nothing. */
#ifndef CONTIG_BENCH_BODIES_H
#define CONTIG_BENCH_BODIES_H

/* struct bench_body */
#define BENCH_LEVELS 0
#define BENCH_ROUNDS 8
#define BENCH_RESULT 16
#define BENCH_PARK 24
#define BENCH_CALL 32

/* When a recursion parks. */
#define BENCH_PARK_NEVER 0
#define BENCH_PARK_DEEPEST 1 /* with all its frames on the stack */
#define BENCH_PARK_LAST 2    /* when they have returned: a large stack, little of it used */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct bench_body {
    uint64_t levels; /* of recursion; fib: n */
    uint64_t rounds; /* how often to recurse, or to call `call` and yield */
    /* levels that returned; goroutines that ran; fib: fib(n) */
    uint64_t result;
    uint64_t park;                         /* BENCH_PARK_* */
    uint64_t (*call)(uint64_t bench_body); /* spawn: what it does between two yields */
};

_Static_assert(offsetof(struct bench_body, levels) == BENCH_LEVELS, "bodies.h");
_Static_assert(offsetof(struct bench_body, rounds) == BENCH_ROUNDS, "bodies.h");
_Static_assert(offsetof(struct bench_body, result) == BENCH_RESULT, "bodies.h");
_Static_assert(offsetof(struct bench_body, park) == BENCH_PARK, "bodies.h");
_Static_assert(offsetof(struct bench_body, call) == BENCH_CALL, "bodies.h");

/* Adds 1 to `result`. */
void bench_count(void);
/* `rounds` times: `call` on the system stack, then a yield. */
void bench_spawn(void);

/* Recursion through frames of 12 or 40 words, `levels` deep, `rounds` times.  A frame holds two pointers: its
 * caller's saved frame pointer, and one to its own slot, as the argument of the callee. */
void bench_12(void);
void bench_40(void);
/* The same with 16 functions that call each other in turn, so that look-ups of return addresses are not all one. */
void bench_12_turns(void);
/* Frames with 20 more pointers. */
void bench_40_dense(void);

/* fib(levels), each call with its prologue. */
void bench_fib(void);
/* The same instructions without the check.  Called from C, on the system stack. */
uint64_t bench_fib_unchecked(uint64_t n);
#endif

#endif
