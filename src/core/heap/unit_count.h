/* unit_count.h: how many bytes are in live stacks, and the proof that the count is their sum.
 *
 * Only the counter exists at run time.  The ghost map of the arena and its running sums are what the counter is
 * proved to agree with.
 * Keeps: COUNT-1, COUNT-2 (spec/conservation.acsl).  Called by stackalloc.c. */
#ifndef CONTIG_CORE_HEAP_UNIT_COUNT_H
#define CONTIG_CORE_HEAP_UNIT_COUNT_H

#include "src/core/heap/stack_large.h"
#include "src/core/heap/stackcache.h"

#define NUM_UNITS (NUM_CHUNKS * MAX_SPAN_SLOTS)

extern uint32_t stack_units_in_use;               /* live stacks, in units of FIXED_STACK_BYTES */
/*@ ghost extern uint8_t unit_live[NUM_UNITS]; */ /* 1: a live stack covers the unit */
/*@ ghost extern uint32_t units_below[NUM_UNITS + 1]; */ /* how many of the units below are marked */

#include "spec/conservation.acsl"

/* clang-format off */
#define UNIT_TABLES stack_units_in_use, unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS]
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
    ensures  bytes: \result == stack_units_in_use * FIXED_STACK_BYTES; */
uint64_t stack_bytes_in_use(void);

#endif
