/* kept_register.c: CFRAME-8.  An element of an array stays in a register over calls: all its accesses are in
 * bounds.
 *
 * refused: keeps: r13 keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep
 *   it on the system stack
 * refused: keeps: r13 keeps an address of the stack over a call; compile it with the plugin of contig-cc, or keep
 *   it on the system stack */
#include "src/c/check/test/cases/cases.h"

struct part {
    long a, b, c, d[4];
};

long keeps(long count)
{
    struct part parts[4];
    long best = 0, sum = 0;
#pragma clang loop unroll(disable)
    for (int i = 0; i < 4; i++) {
        struct part *part = &parts[i];
        part->a = part->b = part->c = 0;
        for (long k = 0; k < count; k++) {
            long result = outside(k + i);
            if (result > best || (k & 1) != 0) {
                part->a = result;
                part->b = outside(result);
                part->c += part->a;
                best = result;
            }
        }
    }
    for (int i = 0; i < 4; i++)
        sum = sum * 31 + parts[i].a + parts[i].b * 7 + parts[i].c;
    return sum;
}
