/* shared.h: what several rules do with sizes, pools, goroutines, allocations and frees.
 *
 * Private to src/conform: the rules call these; none of these calls a rule.  Like a rule, each that returns bool is
 * false after a deviation, with the verdict set, unless its comment says otherwise. */
#ifndef CONTIG_CONFORM_SHARED_H
#define CONTIG_CONFORM_SHARED_H

#include "src/conform/state.h"

/* ---- sizes.c: which sizes stacks have, and where a block may be. */

bool is_pooled_size(const struct replay *replay, uint64_t bytes);
uint64_t order_bytes(const struct replay *replay, uint32_t order);
bool valid_size(struct replay *replay, uint64_t bytes);
bool valid_order(struct replay *replay, uint64_t order);
/* A block that comes from the heap: aligned, within the address space, over no other one. */
bool block_may_come(struct replay *replay, uint64_t base, uint64_t bytes, const char *requirement);

/* ---- sweep.c: what a sweep leaves. */

/* Whether what was idle at event `began` is gone: spans of orders below `orders_below`, and large stacks. */
bool freespans_complete(struct replay *replay, uint64_t began, uint32_t orders_below, bool large);

/* ---- pools.c: a stack leaves its pool, or comes back. */

/* The thread takes that stack out of the pool of the order, which may have to be this very one. */
bool pool_gives(struct replay *replay, uint32_t thread, uint64_t order, uint64_t address);
/* The thread puts the stack back. */
bool pool_takes(struct replay *replay, uint32_t id, uint32_t order, uint64_t address);

/* ---- goroutines.c: goroutines, and decisions on shrinking them. */

/* The size that a reused descriptor starts with, and that a dead goroutine's stack must have to be kept. */
uint64_t start_bytes(const struct replay *replay);
void give_stack_to(struct replay *replay, uint64_t address, uint32_t owner);
/* The goroutine that the event names. */
bool live_goroutine(struct replay *replay, const struct event *event, uint32_t *found);
/* The program asked for it, not the runtime. */
bool is_forced(const struct event *event);
/* The decision on shrinking that must follow is due to a scan. */
bool by_scan(const struct goroutine *goroutine);
/* The thread must decide next whether the goroutine shrinks. */
void expect_decision(struct replay *replay, uint32_t thread, uint32_t id, bool scanned);
/* A decision on shrinking is made: is this the time for it?  `thread` may be NO_ID, if the line names none.  One that a
 * program asked for may come at any time; with --exact only where the runtime has such a request, which Go has not. */
bool decide(struct replay *replay, uint32_t thread, uint32_t id, bool forced);
/* The bytes in use are those that the scan saw, if the decision follows one. */
bool used_as_scanned(struct replay *replay, const struct goroutine *goroutine, bool scanned,
                     uint64_t used);
/* The sizes of a shrink. */
bool halves(struct replay *replay, uint64_t old, uint64_t halved);

/* ---- requests.c: what every allocation and every free has in common. */

/* A thread asks for a stack of that size: is that what its growth or shrink needs? */
bool request_fits(struct replay *replay, uint32_t id, uint64_t bytes);
/* It asks for it by an allocation: the size is one that stacks have, too. */
bool may_alloc(struct replay *replay, uint32_t thread, uint64_t bytes);
/* The stack is the thread's from now on. */
void stack_allocated(struct replay *replay, uint32_t thread, struct stack_at stack,
                     const struct event *event);
/* The same for the stack that the allocation names, which a pool or the heap gave before. */
bool alloc_found(struct replay *replay, uint32_t thread, const struct event *event);
/* A whole allocation: it gets the stack, or the pages, that the thread took just before. */
bool alloc_taken(struct replay *replay, uint32_t id, enum step wanted, const char *requirement,
                 const struct event *event);
/* Makes the thread expect the free of a stack that a goroutine has left. */
void expect_free(struct replay *replay, uint32_t id, uint64_t address, uint64_t bytes,
                 const char *requirement);
/* The thread frees a stack that is in use, with its size, as it may: the stack is in nobody's hands then. */
bool stack_freed(struct replay *replay, uint32_t thread, const struct event *event,
                 struct stack_at *stack);
/* The same, after a check of the size.  The thread is at `step` then: its next lines say where the stack goes. */
bool free_begins(struct replay *replay, uint32_t id, const struct event *event, enum step step,
                 struct stack_at *stack);

#endif
