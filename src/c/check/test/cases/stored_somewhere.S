/* stored_somewhere.S: CFRAME-14.  An address of the stack goes to an element of an array on the stack.
 *
 * refused: scatters: it stores an address of the stack at a place of the stack that is not known; compile it with
 *   the plugin of contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION scatters
    CHECK scatters
    sub $72, %rsp
    .cfi_adjust_cfa_offset 72
    and $7, %edi
    mov %rsp, (%rsp, %rdi, 8)
    add $72, %rsp
    .cfi_adjust_cfa_offset -72
    xor %eax, %eax
    ret
    SLOW scatters, 72
    END scatters
