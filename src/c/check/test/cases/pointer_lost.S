/* pointer_lost.S: CFRAME-7.  A function that takes its argument off the stack.
 *
 * refused: pops: it ends with another stack pointer than it began with; keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION pops
    pop %rcx
    .cfi_adjust_cfa_offset -8
    push %rax
    push %rcx
    .cfi_adjust_cfa_offset 16
    xor %eax, %eax
    ret
    END pops
