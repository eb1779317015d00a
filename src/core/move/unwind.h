/* unwind.h: from a stopped goroutine's registers through its frames to the first one.
 *
 *      hi   ------------------------
 *           arguments of the next     | words of the caller's frame: described by both maps
 *           frame inwards             |
 *      sp'  ------------------------  <- caller's sp
 *           return address            | looked up for the caller's site
 *           saved frame pointer       | 0, or above its own address and below hi; any word in a bare frame
 *           locals, frame_words       |
 *      sp   ------------------------
 *
 * Unwinding is total: on any content of the stack it ends, reads only [sp, hi), and returns a frame or an error.
 * UNWIND-1..4.  mark_stack is pass 1 of a move: it walks all frames, and marks the words that hold pointers.
 * unwind_first and unwind_next are the same walk by single steps, for traces. */
#ifndef CONTIG_CORE_MOVE_UNWIND_H
#define CONTIG_CORE_MOVE_UNWIND_H

#include "src/core/move/site_table.h"

extern uint64_t arena_base;

/* The scratch memory of moves, in 32-bit words, one per P.  First the bitmap of one move: a bit for each word of the
 * largest stack, and slack for whole-word writes beyond the end; only what the moved words need is touched.  Then
 * hints, which outlive a move: which site was found last as the caller of another.  They may hold anything. */
#define MARK_HINTS (LARGEST_STACK_WORDS / 32u + 8u)
#define MARK_HINT_WORDS 4096u
#define MARK_WORDS (MARK_HINTS + MARK_HINT_WORDS)

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

#include "spec/frames.acsl"

/* The words of a stack [lo, hi) that is in use from sp on. */
/*@ requires stack: base <= lo <= sp <= hi && (lo - base) % 8 == 0 && (hi - base) % 8 == 0 && (hi - sp) % 8 == 0;
    assigns  \nothing;
    ensures  base:  \result.base == base;
    ensures  low:   \result.low == (lo - base) / 8 && word_address(base, \result.low) == lo;
    ensures  top:   \result.top == (sp - base) / 8 && word_address(base, \result.top) == sp;
    ensures  end:   \result.end == (hi - base) / 8 && word_address(base, \result.end) == hi; */
static inline struct stack_words words_of_stack(uint64_t base, uint64_t lo, uint64_t sp,
                                                uint64_t hi)
{
    struct stack_words words = {base, (lo - base) / 8, (sp - base) / 8, (hi - base) / 8};
    return words;
}

/* One frame of a trace. */
struct unwound {
    /* STACK_OK, or STACK_BAD_FRAME: then site may be -1 and there is no next frame */
    enum stack_status status;
    int32_t site;
    uint32_t last; /* not 0: the goroutine's first frame */
    uint64_t sp;
    uint64_t pc;
};

/*@ predicate frame_fits_at{L}(uint64_t *arena, integer hi, integer site, integer sp) =
      frame_fits(arena, arena_base, (hi - arena_base) / 8, site, (sp - arena_base) / 8);

    predicate unwound_sound{L}(uint64_t *arena, integer hi, struct unwound frame) =
      arena_base <= frame.sp <= hi && (hi - frame.sp) % 8 == 0 &&
      frame_fits_at(arena, hi, frame.site, frame.sp) &&
      (frame.last != 0 <==> sites[frame.site].bottom != 0); */

/* UNWIND-1: the innermost frame of a goroutine that stopped with this sp and pc, its stack being [lo, hi). */
/*@ requires table:  site_table_ok;
    requires stack:  arena_base <= lo <= hi && (hi - arena_base) % 8 == 0 &&
                     hi - lo <= LARGEST_STACK_BYTES &&
                     (lo <= sp <= hi ==>
                        \valid_read(arena + ((sp - arena_base) / 8 .. (hi - arena_base) / 8 - 1)));
    requires apart:  \separated(arena + (..), SITE_TABLE_PLACES, &arena_base);
    terminates \true;
    assigns  \nothing;
    ensures  place:  \result.sp == sp && \result.pc == pc;
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME;
    ensures  sound:  \result.status == STACK_OK ==> lo <= sp <= hi && unwound_sound(arena, hi, \result);
    ensures  bad:    \result.status != STACK_OK && lo <= sp <= hi && (hi - sp) % 8 == 0 ==>
                       !frame_fits_at(arena, hi, site_at(pc), sp); */
struct unwound unwind_first(const uint64_t *arena, uint64_t lo, uint64_t hi, uint64_t sp,
                            uint64_t pc);

/* UNWIND-1: the caller of a frame that is well formed and not the last. */
/*@ requires table:  site_table_ok;
    requires stack:  arena_base <= hi && (hi - arena_base) % 8 == 0 && hi - frame.sp <= LARGEST_STACK_BYTES &&
                     \valid_read(arena + ((frame.sp - arena_base) / 8 .. (hi - arena_base) / 8 - 1));
    requires apart:  \separated(arena + (..), SITE_TABLE_PLACES, &arena_base);
    requires frame:  unwound_sound(arena, hi, frame) && frame.last == 0;
    terminates \true;
    assigns  \nothing;
    ensures  place:  \result.sp == frame.sp + 8 * sites[frame.site].frame_words + 16 && frame.sp < \result.sp <= hi;
    ensures  pc:     \result.pc == arena[(frame.sp - arena_base) / 8 + sites[frame.site].frame_words + 1];
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME;
    ensures  sound:  \result.status == STACK_OK ==> unwound_sound(arena, hi, \result);
    ensures  bad:    \result.status != STACK_OK ==>
                       !frame_fits_at(arena, hi, site_at(\result.pc), \result.sp); */
struct unwound unwind_next(const uint64_t *arena, uint64_t hi, struct unwound frame);

/* UNWIND-3: are all frames from pc on well formed and without a stale live word?  The fault names the first that is
 * not, or the last frame. */
/*@ requires table:  site_table_ok;
    requires stack:  words_readable(words, at);
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES);
    terminates \true;
    assigns  \nothing;
    ensures  sound:  \result.status == STACK_OK <==> frames_sound(words, at, site_at(pc), at.top);
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                       \result.status == STACK_STALE_POINTER;
    ensures  place:  word_address(at.base, at.top) <= \result.frame_sp <= word_address(at.base, at.end);
    ensures  first:  fault_of_stack(words, at, pc, \result); */
struct stack_fault check_frames(const uint64_t *words, struct stack_words at, uint64_t pc);

/* COPY-4, pass 1: the same, and a mark for each word that holds a pointer, live or in a stack object. */
/*@ requires table:  site_table_ok;
    requires stack:  words_readable(words, at);
    requires marks:  \valid(marks + (0 .. MARK_WORDS - 1));
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES) && \separated(marks + (..), SITE_TABLE_PLACES) &&
                       \separated(words + (at.top .. at.end - 1), marks + (0 .. MARK_WORDS - 1));
    terminates \true;
    assigns  marks[0 .. MARK_WORDS - 1];
    ensures  sound:  \result.status == STACK_OK <==> frames_sound{Pre}(words, at, site_at(pc), at.top);
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                       \result.status == STACK_STALE_POINTER;
    ensures  place:  word_address(at.base, at.top) <= \result.frame_sp <= word_address(at.base, at.end);
    ensures  first:  fault_of_stack{Pre}(words, at, pc, \result);
    ensures  marked: \result.status == STACK_OK ==> \forall integer place; at.top <= place < at.end ==>
                       (marked(marks, place - at.top) <==>
                        pointer_word{Pre}(words, at, site_at(pc), at.top, place));
    ensures  clean:  \result.status == STACK_OK ==> \forall integer place;
                       live_pointer{Pre}(words, at, site_at(pc), at.top, place) ==>
                       at.top <= place < at.end && marked(marks, place - at.top) && !stale_word{Pre}(words, at, place);
    ensures  beyond: \result.status == STACK_OK ==> \forall integer place;
                       at.end - at.top <= place < at.end - at.top + 32 ==> !marked(marks, place); */
struct stack_fault mark_frames(const uint64_t *words, uint32_t *marks, struct stack_words at,
                               uint64_t pc);

/* The same for a caller that has the place in registers: at says it again. */
/*@ requires place:  at.base == base && at.low == low && at.top == top && at.end == end;
    requires table:  site_table_ok;
    requires stack:  words_readable(words, at);
    requires marks:  \valid(marks + (0 .. MARK_WORDS - 1));
    requires apart:  \separated(words + (..), SITE_TABLE_PLACES) && \separated(marks + (..), SITE_TABLE_PLACES) &&
                       \separated(words + (at.top .. at.end - 1), marks + (0 .. MARK_WORDS - 1));
    terminates \true;
    assigns  marks[0 .. MARK_WORDS - 1];
    ensures  sound:  \result.status == STACK_OK <==> frames_sound{Pre}(words, at, site_at(pc), at.top);
    ensures  status: \result.status == STACK_OK || \result.status == STACK_BAD_FRAME ||
                       \result.status == STACK_STALE_POINTER;
    ensures  place:  word_address(at.base, at.top) <= \result.frame_sp <= word_address(at.base, at.end);
    ensures  first:  fault_of_stack{Pre}(words, at, pc, \result);
    ensures  marked: \result.status == STACK_OK ==> \forall integer place; at.top <= place < at.end ==>
                       (marked(marks, place - at.top) <==>
                        pointer_word{Pre}(words, at, site_at(pc), at.top, place));
    ensures  clean:  \result.status == STACK_OK ==> \forall integer place;
                       live_pointer{Pre}(words, at, site_at(pc), at.top, place) ==>
                       at.top <= place < at.end && marked(marks, place - at.top) && !stale_word{Pre}(words, at, place);
    ensures  beyond: \result.status == STACK_OK ==> \forall integer place;
                       at.end - at.top <= place < at.end - at.top + 32 ==> !marked(marks, place); */
struct stack_fault mark_frames_at(const uint64_t *words, uint32_t *marks, uint64_t base,
                                  uint64_t low, uint64_t top, uint64_t end, uint64_t pc)
    /*@ ghost (struct stack_words at) */;

#endif
