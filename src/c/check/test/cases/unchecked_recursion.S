/* unchecked_recursion.S: CFRAME-19.  A function without a check calls itself.
 *
 * refused: recurs: it has no check of the stack, and with what it calls it takes more than the 672 bytes that a
 *   checked caller leaves; compile it with -fsplit-stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION recurs
    test %edi, %edi
    je 1f
    push %rax
    .cfi_adjust_cfa_offset 8
    dec %edi
    call recurs
    pop %rcx
    .cfi_adjust_cfa_offset -8
1:  ret
    END recurs
