/* reduce.c: makes a script smaller that shows something.
 *
 * First runs of operations are left out, long ones first, then operands are replaced by smaller ones, until
 * nothing more can be done.  What `wrong` answers decides alone.  Called by `contig replay --reduce`. */
#include <string.h>

#include "src/harness/script.h"

/* The script in its canonical form: leaving out `func` can make what follows meaningless. */
static void canonical(struct script *script)
{
    static uint8_t bytes[OPERATION_BYTES * SCRIPT_OPERATIONS_MAX];
    script_from_bytes(script, bytes, script_to_bytes(script, bytes));
}

static bool try_without(struct script *script, uint32_t first, uint32_t count,
                        bool (*wrong)(const struct script *, void *), void *context)
{
    static struct script smaller;
    memcpy(&smaller, script, sizeof smaller);
    memmove(smaller.operations + first, smaller.operations + first + count,
            (smaller.count - first - count) * sizeof *smaller.operations);
    smaller.count -= count;
    canonical(&smaller);
    if (!wrong(&smaller, context))
        return false;
    memcpy(script, &smaller, sizeof smaller);
    return true;
}

static bool leave_out(struct script *script, bool (*wrong)(const struct script *, void *),
                      void *context)
{
    bool any = false;
    for (uint32_t run = script->count / 2 + 1; run != 0; run /= 2)
        for (uint32_t first = 0; first + run <= script->count;)
            if (try_without(script, first, run, wrong, context))
                any = true;
            else
                first += run;
    return any;
}

static bool try_operand(struct script *script, uint32_t i, uint32_t operand, uint8_t value,
                        bool (*wrong)(const struct script *, void *), void *context)
{
    static struct script smaller;
    memcpy(&smaller, script, sizeof smaller);
    smaller.operations[i].operands[operand] = value;
    canonical(&smaller);
    if (smaller.count != script->count || memcmp(&smaller, script, sizeof smaller) == 0 ||
        !wrong(&smaller, context))
        return false;
    memcpy(script, &smaller, sizeof smaller);
    return true;
}

static bool make_smaller(struct script *script, bool (*wrong)(const struct script *, void *),
                         void *context)
{
    bool any = false;
    for (uint32_t i = 0; i < script->count; i++)
        for (uint32_t operand = 0; operand < OPERATION_OPERANDS; operand++) {
            uint8_t value = script->operations[i].operands[operand];
            if (value != 0)
                any = try_operand(script, i, operand, 0, wrong, context) ||
                      try_operand(script, i, operand, value / 2, wrong, context) ||
                      try_operand(script, i, operand, value - 1, wrong, context) || any;
        }
    return any;
}

void script_reduce(struct script *script, bool (*wrong)(const struct script *, void *),
                   void *context)
{
    while (leave_out(script, wrong, context) || make_smaller(script, wrong, context))
        ;
}
