/* unit_count.c: the count of units in live stacks.  What it is for: unit_count.h. */
#include "src/core/heap/unit_count.h"

uint32_t stack_units_of[NUM_P + 1];
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

void count_units(uint32_t p, uint32_t units)
{
    stack_units_of[p] = add_modulo(stack_units_of[p], units);
    /*@ ghost
        uint32_t end = 0;
        /@ loop invariant range:  0 <= end <= NUM_P + 1 && 0 <= units_counted_below(end) <= UINT32_MAX &&
                                    0 <= units_counted_below{Pre}(end) <= UINT32_MAX;
           loop invariant before: end <= p ==> units_counted_below(end) == units_counted_below{Pre}(end);
           loop invariant behind: p < end ==>
                                    units_counted_below(end) == sum_modulo(units_counted_below{Pre}(end), units);
           loop assigns end;
           loop variant NUM_P + 1 - end; @/
        while (end <= NUM_P) {
          end++;
        } */
}

uint64_t stack_bytes_in_use(void)
{
    uint32_t units = 0;
    /*@ loop invariant sum: 0 <= p <= NUM_P + 1 && units == units_counted_below(p);
        loop assigns p, units;
        loop variant NUM_P + 1 - p; */
    for (uint32_t p = 0; p <= NUM_P; p++)
        units = add_modulo(units, stack_units_of[p]);
    return (uint64_t)units * FIXED_STACK_BYTES;
}
