/* unit_count.h: how many bytes are in live stacks, and the proof that the count is their sum.
 *
 * Each P counts for itself, so that nobody writes what another P's thread writes: what it allocated less what it freed,
 * modulo 2^32, since a stack can be freed by another P.  Only these counters exist at run time.  The ghost map of the
 * arena and its running sums are what their sum is proved to agree with.
 * Keeps: COUNT-1, COUNT-2 (spec/conservation.acsl).  Called by stackalloc.c. */
#ifndef CONTIG_CORE_HEAP_UNIT_COUNT_H
#define CONTIG_CORE_HEAP_UNIT_COUNT_H

#include "src/core/heap/stack_large.h"
#include "src/core/heap/stackcache.h"

#define NUM_UNITS (NUM_CHUNKS * MAX_SPAN_SLOTS)

extern uint32_t
    stack_units_of[NUM_P + 1]; /* live stacks, in units of FIXED_STACK_BYTES; the last: of no P */
/*@ ghost extern uint8_t unit_live[NUM_UNITS]; */        /* 1: a live stack covers the unit */
/*@ ghost extern uint32_t units_below[NUM_UNITS + 1]; */ /* how many of the units below are marked */

#include "spec/conservation.acsl"

/* clang-format off */
#define UNIT_TABLES stack_units_of[0 .. NUM_P], unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS]
/* clang-format on */

/*@ ghost
    /@ requires summed:  units_summed && units_bounded;
       requires range:   first + units <= NUM_UNITS && live <= 1;
       requires other:   \forall integer unit; first <= unit < first + units ==> unit_live[unit] == 1 - live;
       assigns  unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
       exits    \false;
       ensures  summed:  units_summed;
       ensures  bounded: units_bounded;
       ensures  sum:     units_below[NUM_UNITS] == \old(units_below[NUM_UNITS]) + (live == 1 ? units : - units);
       ensures  marked:  \forall integer unit; 0 <= unit < NUM_UNITS ==>
                           unit_live[unit] == (first <= unit < first + units ? live : \old(unit_live[unit])); @/
    void mark_units(uint32_t first, uint32_t units, uint8_t live); */

/*@ assigns  \nothing;
    exits    \false;
    ensures  sum: \result == sum_modulo(one, other); */
static inline uint32_t add_modulo(uint32_t one, uint32_t other)
{
    return one <= UINT32_MAX - other ? one + other : one - (UINT32_MAX - other) - 1u;
}

/* COUNT-2: P p, or none, has `units` more; to have less, their negative modulo 2^32. */
/*@ requires p:      p <= NUM_P;
    assigns  stack_units_of[p];
    exits    \false;
    ensures  counted: stack_units_in_use == sum_modulo(\old(stack_units_in_use), units); */
void count_units(uint32_t p, uint32_t units);

/* COUNT-1.  While no P allocates or frees. */
/*@ assigns  \nothing;
    exits    \false;
    ensures  bytes: \result == stack_units_in_use * FIXED_STACK_BYTES; */
uint64_t stack_bytes_in_use(void);

#endif
