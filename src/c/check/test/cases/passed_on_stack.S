/* passed_on_stack.S: CFRAME-11.  The seventh argument is an address of the stack.
 *
 * refused: pushes: it passes an address of the stack at 0(%rsp) to outside; compile it with the plugin of
 *   contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION pushes
    CHECK pushes
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    lea 16(%rsp), %rax
    mov %rax, (%rsp)
    call outside
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW pushes, 24
    END pushes
