/* rules.h: the requirements of spec/trace.md, a file for each of their prefixes.
 *
 * Private to src/conform: replay.c calls the rules, and no rule calls one of another file.  Every rule returns false
 * after a deviation, with the verdict set, or when memory ran out. */
#ifndef CONTIG_CONFORM_RULES_H
#define CONTIG_CONFORM_RULES_H

#include "src/conform/state.h"

/* plain_rules.c: where the profile has no pools. */
bool rule_plain_alloc(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_plain_free(struct replay *replay, uint32_t thread, const struct event *event);

/* cache_rules.c: CACHE. */
bool rule_cache_alloc(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_cache_free(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_refill(struct replay *replay, uint32_t id, const struct event *event);
/* The pool gives to a cache that is being filled. */
bool rule_refill_takes(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_release(struct replay *replay, uint32_t id, const struct event *event);
bool rule_clear(struct replay *replay, uint32_t id, const struct event *event);
/* The pool takes from a cache that makes room or is cleared. */
bool rule_cache_gives_back(struct replay *replay, uint32_t thread, const struct event *event);

/* pool_rules.c: POOL. */
bool rule_pool_alloc(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_pool_free(struct replay *replay, uint32_t id, const struct event *event);
bool rule_pool_gives(struct replay *replay, uint32_t id, const struct event *event);
bool rule_pool_takes(struct replay *replay, uint32_t thread, const struct event *event);

/* span_rules.c: SPAN. */
bool rule_span_comes(struct replay *replay, uint32_t id, const struct event *event);
bool rule_span_goes(struct replay *replay, uint32_t id, const struct event *event);

/* large_rules.c: LARGE. */
bool rule_large_alloc(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_large_free(struct replay *replay, uint32_t id, const struct event *event);
bool rule_large_comes(struct replay *replay, uint32_t id, const struct event *event);
bool rule_large_goes(struct replay *replay, uint32_t id, const struct event *event);
bool rule_large_queued(struct replay *replay, uint32_t id, const struct event *event);
bool rule_large_hit(struct replay *replay, uint32_t id, const struct event *event);

/* life_rules.c: LIFE. */
bool rule_go(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_dead(struct replay *replay, uint32_t thread, const struct event *event);

/* growth_rules.c: GROW. */
bool rule_grow(struct replay *replay, uint32_t id, const struct event *event);
bool rule_overflow(struct replay *replay, uint32_t thread, const struct event *event);

/* shrink_rules.c: SHRINK. */
bool rule_preempt(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_shrink(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_noshrink(struct replay *replay, uint32_t thread, const struct event *event);

/* copy_rules.c: COPY. */
/* A copy that names no thread is made by the one that allocated the new stack. */
bool rule_copy(struct replay *replay, uint32_t named, const struct event *event);

/* collector_rules.c: GC. */
bool rule_phase(struct replay *replay, const struct event *event);
bool rule_scan(struct replay *replay, uint32_t thread, const struct event *event);
bool rule_freespans(struct replay *replay, uint32_t id, const struct event *event);
bool rule_startsize(struct replay *replay, const struct event *event);

/* order_rules.c: what a thread that is in the middle of something may do next. */
bool rule_next(struct replay *replay, uint32_t id, enum event_kind kind);

#endif
