/* stored_vector.S: CFRAME-13.  Two words of the frame, one of them an address of the stack, go to a global
 * variable at once.
 *
 * refused: stores_both: it stores an address of the stack to memory; compile it with the plugin of contig-cc, or
 *   keep it on the system stack */
#include "src/c/check/test/cases/cases.h"

    FUNCTION stores_both
    CHECK stores_both
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
    mov %rsp, 8(%rsp)
    movups (%rsp), %xmm3
    movups %xmm3, kept(%rip)
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    ret
    SLOW stores_both, 24
    END stores_both
    .comm kept, 16, 16
