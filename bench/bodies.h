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
#define BENCH_CHANNELS 40

/* When a recursion parks. */
#define BENCH_PARK_NEVER 0
#define BENCH_PARK_DEEPEST 1 /* with all its frames on the stack */
#define BENCH_PARK_LAST 2    /* when they have returned: a large stack, little of it used */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* In a cache line of its own: another thread may run its neighbour. */
struct bench_body {
    uint64_t levels; /* of recursion; fib: n */
    uint64_t rounds; /* how often to recurse, or to call `call` and yield */
    /* levels that returned; goroutines that ran; fib: fib(n) */
    uint64_t result;
    uint64_t park;                         /* BENCH_PARK_* */
    uint64_t (*call)(uint64_t bench_body); /* spawn: what it does between two yields */
    uint64_t channels[2];
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct bench_body, levels) == BENCH_LEVELS, "bodies.h");
_Static_assert(offsetof(struct bench_body, rounds) == BENCH_ROUNDS, "bodies.h");
_Static_assert(offsetof(struct bench_body, result) == BENCH_RESULT, "bodies.h");
_Static_assert(offsetof(struct bench_body, park) == BENCH_PARK, "bodies.h");
_Static_assert(offsetof(struct bench_body, call) == BENCH_CALL, "bodies.h");
_Static_assert(offsetof(struct bench_body, channels) == BENCH_CHANNELS, "bodies.h");

/* Adds 1 to `result`. */
void bench_count(void);
/* `rounds` times: `call` on the system stack, then a yield. */
void bench_spawn(void);

/* Sends rounds, rounds - 1, ..., 1 on channel `channels`[0], or on both in turns; receives as many words, from the
 * first channel, or by a select over both, and adds them up in `result`. */
void bench_send(void);
void bench_send_both(void);
void bench_receive(void);
void bench_select(void);

/* Recursion through frames of 12 or 40 words, `levels` deep, `rounds` times.  A frame holds two pointers: its
 * caller's saved frame pointer, and one to its own slot, as the argument of the callee. */
void bench_12(void);
void bench_40(void);
/* The same with 16 functions that call each other in turn, so that look-ups of return addresses are not all one. */
void bench_12_turns(void);
/* Frames with 20 more pointers. */
void bench_40_dense(void);
/* Frames of other sizes; those of 4 words hold no pointer but the saved frame pointer. */
#define BENCH_SIZES(X) \
    X(words_4, 4)      \
    X(words_8, 8)      \
    X(words_16, 16)    \
    X(words_32, 32) X(words_64, 64) X(words_128, 128) X(words_256, 256) X(words_512, 512)
/* Frames of 64 words of which 2, 16, 32, 48 or 58 are pointers. */
#define BENCH_POINTERS(X) \
    X(pointers_2, 64) X(pointers_16, 64) X(pointers_32, 64) X(pointers_48, 64) X(pointers_58, 64)
#define BENCH_DECLARE(name, words) void bench_##name(void);
BENCH_SIZES(BENCH_DECLARE)
BENCH_POINTERS(BENCH_DECLARE)
#undef BENCH_DECLARE

/* Parks under so many frames of 80 bytes, which are as compiled C has them; each adds 1 to `result` in the end. */
#define BENCH_BARE_FRAMES 17
void bench_bare(void);

/* `levels` of frames of 64 bytes, and at the deepest `rounds` calls of a leaf that has 272. */
void bench_hot(void);

/* fib(levels), each call with its prologue; and the same instructions without the check, called from C, on the system
 * stack.  Each is there four times, so many bytes after a cache line begins. */
#define BENCH_PLACES(X) X(0) X(16) X(32) X(48)
#define BENCH_DECLARE_FIB(place)  \
    void bench_fib_##place(void); \
    uint64_t bench_fib_unchecked_##place(uint64_t n);
BENCH_PLACES(BENCH_DECLARE_FIB)
#undef BENCH_DECLARE_FIB
#endif

#endif
