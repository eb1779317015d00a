/* red_zone.c: CFRAME-16.  A leaf keeps something below the stack pointer.
 *
 * compiled: -fno-split-stack -fno-sanitize=safe-stack
 *
 * refused: below: it uses memory below the stack pointer; compile it with contig-cc, or with -mno-red-zone
 * refused: below: it uses memory below the stack pointer; compile it with contig-cc, or with -mno-red-zone */
#include "src/c/check/test/cases/cases.h"

long below(long a)
{
    volatile long kept = a;
    return kept;
}
