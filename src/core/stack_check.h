/* stack_check.h: the predicates of the copy side as functions that decide them: the fuzzers' oracle.
 *
 * Nothing here trusts what it checks.  CHECK-1..CHECK-3.  Called by fuzzing, by `contig demo --check`, by tests. */
#ifndef CONTIG_CORE_STACK_CHECK_H
#define CONTIG_CORE_STACK_CHECK_H

#include "src/core/copystack.h"

/* CHECK-1: every site is well formed and found by its pc. */
int sites_ok(void);

/* CHECK-2: the goroutine's registers and frames are well formed, and no live slot is stale. */
int stack_ok(const uint64_t *arena, const struct goroutine_stack *g);

/* CHECK-3: is the stack after a move what it was before, relocated word by word?  snapshot is a copy of the old
 * stack's words from old.lo on, now the array in which the new stack's words are: word 0 of it has the address
 * now_base.  The marks are scratch. */
int stack_same_after_move(const uint64_t *snapshot, const uint64_t *now, uint64_t now_base, uint32_t *marks,
                          const struct goroutine_stack *old, const struct goroutine_stack *new_stack);

#endif
