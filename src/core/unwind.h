/* unwind.h: from a stopped goroutine's registers through its frames to the first one.
 *
 *      hi   ------------------------
 *           arguments of the next     | words of the caller's frame: described by both maps
 *           frame inwards             |
 *      sp'  ------------------------  <- caller's sp
 *           return address            | looked up for the caller's site
 *           saved frame pointer       | 0, or above its own address and below hi
 *           locals, frame_words       |
 *      sp   ------------------------
 *
 * Unwinding is total: on any content of the stack it ends, reads only [sp, hi), and returns a frame or an error.
 * UNWIND-1..4.  mark_stack is pass 1 of a move: it walks all frames, and marks the words that hold pointers.
 * unwind_first and unwind_next are the same walk by single steps, for traces. */
#ifndef CONTIG_CORE_UNWIND_H
#define CONTIG_CORE_UNWIND_H

#include "src/core/site_table.h"

/* The bitmap of one move, in 32-bit words: a bit for each word of the largest stack, and slack for whole-word
 * writes beyond the end.  Only what the moved words need is touched.  One per P. */
#define MARK_WORDS (LARGEST_STACK_WORDS / 32u + 8u)

/* Where a stack stands in an array of words, in words; base is the address of word 0.  In the arena, base is
 * arena_base; in a copy of a stack made for checking, the address of the stack that was copied. */
struct stack_words {
    uint64_t base;
    uint64_t low;
    uint64_t top; /* the word at sp */
    uint64_t end;
};

/* Which frame, for the report: 0 is the innermost. */
struct stack_fault {
    uint64_t frame_sp;
    uint64_t pc;
    uint32_t frame;
    enum stack_status status;
};

/* One frame of a trace. */
struct unwound {
    enum stack_status status; /* STACK_OK, or STACK_BAD_FRAME: then site may be -1 and there is no next frame */
    int32_t site;
    uint32_t last;            /* not 0: the goroutine's first frame */
    uint64_t sp;
    uint64_t pc;
};

/* UNWIND-1: the innermost frame of a goroutine that stopped with this sp and pc, its stack being [lo, hi). */
struct unwound unwind_first(const uint64_t *arena, uint64_t lo, uint64_t hi, uint64_t sp, uint64_t pc);

/* UNWIND-1: the caller of a frame that is well formed and not the last. */
struct unwound unwind_next(const uint64_t *arena, uint64_t hi, struct unwound frame);

/* UNWIND-3: all frames from pc on, well formed and without a stale live slot? */
struct stack_fault check_frames(const uint64_t *words, struct stack_words at, uint64_t pc);

/* COPY-4, pass 1: the same, and a mark for each word that holds a pointer, live or in a stack object. */
struct stack_fault mark_frames(const uint64_t *words, uint32_t *marks, struct stack_words at, uint64_t pc);

#endif
