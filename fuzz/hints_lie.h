/* hints_lie.h: given to the compiler before src/core/move/bits.h: the position that likely_set_bit names is any
 * position.
 *
 * The core must move and refuse the same stacks whether its hints are right or not: it looks at each, and does the
 * slow thing if one was wrong.  Nothing else of the core uses the built-in.  For copystack_hints_test and for
 * fuzz/coverage, which without this would never see the slow thing. */
#ifndef CONTIG_FUZZ_HINTS_LIE_H
#define CONTIG_FUZZ_HINTS_LIE_H

/* Of the positions of all words, about half are not set, and most of the others are not the lowest. */
static inline unsigned hint_that_lies(unsigned word)
{
    return word * 2654435769u >> 27;
}

#define __builtin_ctz(word) hint_that_lies(word)

#endif
