/* loop_counter.S: CFRAME-14.  loop counts an address of the stack down: it is not at the place that it was at.
 *
 * refused: counts: it stores an address of the stack at a place of the stack that is not known; compile it with the
 *   plugin of contig-cc, or keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION counts
    CHECK counts
    sub $40, %rsp
    .cfi_adjust_cfa_offset 40
    lea 32(%rsp), %rcx
    loop 1f
1:  mov %rsp, (%rcx)
    xor %ecx, %ecx
    call outside
    add $40, %rsp
    .cfi_adjust_cfa_offset -40
    xor %eax, %eax
    ret
    SLOW counts, 40
    END counts
