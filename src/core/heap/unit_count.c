/* unit_count.c: the count of units in live stacks.  What it is for: unit_count.h. */
#include "src/core/heap/unit_count.h"

uint32_t stack_units_in_use;
/*@ ghost uint8_t unit_live[NUM_UNITS]; */
/*@ ghost uint32_t units_below[NUM_UNITS + 1]; */

/*@ ghost
    void mark_units(uint32_t first, uint32_t units, uint8_t live)
    {
      uint32_t unit = first;
      uint32_t end = first + units;
      /@ loop invariant range:   first <= unit <= end;
         loop invariant marked:  \forall integer u; 0 <= u < NUM_UNITS ==>
                                   unit_live[u] == (first <= u < unit ? live : \at(unit_live[u], Pre));
         loop invariant below:   \forall integer u; 0 <= u <= unit ==>
                                   units_below[u] == \at(units_below[u], Pre) +
                                     (u <= first ? 0 : live == 1 ? u - first : first - u);
         loop invariant above:   \forall integer u; unit < u <= NUM_UNITS ==>
                                   units_below[u] == \at(units_below[u], Pre);
         loop invariant bounded: \forall integer u; 0 <= u <= unit ==> units_below[u] <= u;
         loop assigns unit, unit_live[0 .. NUM_UNITS - 1], units_below[0 .. NUM_UNITS];
         loop variant end - unit; @/
      while (unit < end) {
        unit_live[unit] = live;
        units_below[unit + 1] = units_below[unit] + live;
        unit++;
      }
      /@ loop invariant range:   end <= unit <= NUM_UNITS;
         loop invariant below:   \forall integer u; 0 <= u <= unit ==>
                                   units_below[u] == \at(units_below[u], Pre) +
                                     (u <= first ? 0 : live == 1 ? (u < end ? u - first : units)
                                                                 : (u < end ? first - u : - units));
         loop invariant above:   \forall integer u; unit < u <= NUM_UNITS ==>
                                   units_below[u] == \at(units_below[u], Pre);
         loop invariant bounded: \forall integer u; 0 <= u <= unit ==> units_below[u] <= u;
         loop assigns unit, units_below[0 .. NUM_UNITS];
         loop variant NUM_UNITS - unit; @/
      while (unit < NUM_UNITS) {
        units_below[unit + 1] = units_below[unit] + unit_live[unit];
        unit++;
      }
    } */

uint64_t stack_bytes_in_use(void)
{
    return (uint64_t)stack_units_in_use * FIXED_STACK_BYTES;
}
