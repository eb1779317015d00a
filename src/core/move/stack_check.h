/* stack_check.h: the predicates of the copy side as functions that decide them: the fuzzers' oracle.
 *
 * Nothing here trusts what it checks.  CHECK-1..CHECK-3.  Called by fuzzing, by `contig demo --check`, by tests. */
#ifndef CONTIG_CORE_MOVE_STACK_CHECK_H
#define CONTIG_CORE_MOVE_STACK_CHECK_H

#include "src/core/move/copystack.h"

#include "spec/checked_moves.acsl"

/* CHECK-1: every site is well formed and found by its pc, and the index holds nothing else; whatever the tables
 * hold. */
/*@ assigns  \nothing;
    ensures  decides: \result <==> sites_checked; */
bool sites_ok(void);

/* CHECK-2: the goroutine's registers and frames are well formed, no live slot is stale, and no record outside. */
/*@ requires table:   site_table_ok;
    requires memory:  goroutine_readable(g) && bounds_placed(arena, g->lo, g->hi);
    requires apart:   \separated(arena + (..), SITE_TABLE_PLACES, &arena_base) &&
                        \separated(g + (..), SITE_TABLE_PLACES, &arena_base);
    assigns  \nothing;
    ensures  decides: \result <==> stack_sound(arena, g); */
bool stack_ok(const uint64_t *arena, const struct goroutine_stack *g);

/* CHECK-3: is the stack after a move what it was before, relocated word by word?  copy has the old stack's words from
 * old->lo on, words is the array in which the new stack's words are: word 0 of it has the address base.  The marks are
 * scratch. */
/*@ requires table:   site_table_ok;
    requires memory:  \valid_read(old) && \valid_read(now) && \valid(marks + (0 .. MARK_WORDS - 1));
    requires copy:    bounds_readable(copy, old->lo, old);
    requires words:   bounds_readable(words, base, now);
    requires apart:   \separated(copy + (..), SITE_TABLE_PLACES) && \separated(marks + (..), SITE_TABLE_PLACES) &&
                        \separated(old + (..), SITE_TABLE_PLACES) && \separated(now + (..), SITE_TABLE_PLACES) &&
                        \separated(words + (..), SITE_TABLE_PLACES);
    requires marks:   \separated(marks + (0 .. MARK_WORDS - 1), copy + (..)) &&
                        \separated(marks + (0 .. MARK_WORDS - 1), words + (..)) &&
                        \separated(marks + (0 .. MARK_WORDS - 1), old, now);
    assigns  marks[0 .. MARK_WORDS - 1];
    ensures  decides: \result <==> seen_moved{Pre}(copy, words, base, old, now); */
bool stack_same_after_move(const uint64_t *copy, const uint64_t *words, uint64_t base,
                           uint32_t *marks, const struct goroutine_stack *old,
                           const struct goroutine_stack *now);

#endif
