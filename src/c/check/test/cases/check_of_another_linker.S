/* check_of_another_linker.S: CFRAME-18.  gold and lld replace the comparison when they see code without a
 * check.
 *
 * refused: replaced: it calls __morestack without a check of the stack; compile it with contig-cc, and link it
 *   with GNU ld */
#include "src/c/check/test/cases/cases.h"

    FUNCTION replaced
    stc
    nopl 0(%rax, %rax, 1)
    jbe .Lslow_replaced
.Lbody_replaced:
    xor %eax, %eax
    ret
    SLOW replaced, 8
    END replaced
